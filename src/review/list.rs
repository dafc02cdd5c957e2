//! Items as lists: filtered, overdue, or in need of somebody's eyes. A person is only shown what the workflow lets the role
//! read.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::Serialize;

use super::dossier::kind;
use super::workflow::Reach;
use super::{Actor, Desk, ReviewError, Workflow};
use crate::audit::outcome::FindingKind;
use crate::model::Money;
use crate::store::bulk::statement;

/// Items that are set aside: findings that two persons suppressed as they read, for a time that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aside {
    /// Left out: they are nobody's work.
    #[default]
    Without,
    Only,
    With,
}

/// What to list; everything left empty lists all but what is set aside.
#[derive(Debug, Clone)]
pub struct Filter {
    pub organisations: Vec<String>,
    pub rules: Vec<String>,
    /// Codes of states.
    pub states: Vec<String>,
    /// `high`, `medium` or `low`.
    pub severity: String,
    /// In the number or in anything that the finding says.
    pub text: String,
    /// Only what was due before this day and does not rest.
    pub overdue_on: Option<NaiveDate>,
    pub aside: Aside,
    /// The day on which something is set aside or no longer.
    pub today: NaiveDate,
    pub limit: Option<u32>,
    pub offset: u32,
}

impl Default for Filter {
    fn default() -> Filter {
        Filter {
            organisations: Vec::new(),
            rules: Vec::new(),
            states: Vec::new(),
            severity: String::new(),
            text: String::new(),
            overdue_on: None,
            aside: Aside::default(),
            today: chrono::Local::now().date_naive(),
            limit: None,
            offset: 0,
        }
    }
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub number: String,
    pub organisation: String,
    pub organisation_name: String,
    pub fingerprint: String,
    pub rule: String,
    pub title: String,
    pub kind: FindingKind,
    pub severity: String,
    pub amount: Option<Money>,
    /// The fact in one sentence.
    pub message: String,
    pub state: String,
    pub state_label: String,
    pub due: Option<NaiveDate>,
    /// 暂定: the calendar does not reach that far.
    pub due_provisional: bool,
    /// Opened so many times; above 1 it came back after it was closed.
    pub cycle: i64,
    /// Whether the last run that looked finds it.
    pub present: bool,
    /// When the last thing happened to it.
    pub at: NaiveDateTime,
    /// Number of its last event.
    pub seq: i64,
    pub first_run: i64,
    /// The run whose version of the finding counts.
    pub version_run: i64,
    /// Its natural key: column and value.
    #[serde(skip)]
    pub key: Vec<(String, String)>,
    /// Register rows that it points at: table, and the values of its key joined by `|`.
    #[serde(skip)]
    pub rows: Vec<(String, String)>,
}

impl Line {
    /// Whether it was due before a day.
    pub fn overdue(&self, today: NaiveDate) -> bool {
        self.due.is_some_and(|due| due < today)
    }
}

const COLUMNS: &str = "i.number, i.organisation, i.fingerprint, i.rule, f.kind, f.severity, f.amount, f.payload, e.state, e.due, \
     e.due_provisional, e.cycle, e.present, e.at, e.seq, i.first_run, e.version_run";

const TABLES: &str = "review_item i \
     JOIN review_event e ON e.organisation = i.organisation AND e.fingerprint = i.fingerprint AND e.seq = \
       (SELECT MAX(l.seq) FROM review_event l WHERE l.organisation = i.organisation AND l.fingerprint = i.fingerprint) \
     JOIN finding f ON f.run_id = e.version_run AND f.fingerprint = i.fingerprint";

/// A condition in the making.
#[derive(Default)]
struct Condition {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Condition {
    fn one_of(&mut self, column: &str, values: impl IntoIterator<Item = String>) {
        let values: Vec<Value> = values.into_iter().map(Value::from).collect();
        let marks = vec!["?"; values.len()].join(", ");
        self.parts.push(format!("{column} IN ({marks})"));
        self.values.extend(values);
    }

    /// `None`: the person may read nothing.
    fn of(desk: &Desk, actor: &Actor, filter: &Filter) -> Option<Condition> {
        let workflow = &desk.workflow;
        let mut condition = Condition::default();
        match (
            workflow.roles.get(&actor.role)?.reach,
            actor.organisations(),
        ) {
            (Reach::None, _) | (Reach::Own, None) => return None,
            (Reach::Street, None) => {}
            (_, Some(codes)) if codes.is_empty() => return None,
            (_, Some(codes)) => condition.one_of("i.organisation", codes.iter().cloned()),
        }
        condition.readable(workflow, actor)?;
        for (column, wanted) in [
            ("i.organisation", &filter.organisations),
            ("i.rule", &filter.rules),
            ("e.state", &filter.states),
        ] {
            if !wanted.is_empty() {
                condition.one_of(column, wanted.iter().cloned());
            }
        }
        if !filter.severity.is_empty() {
            condition.one_of("f.severity", [filter.severity.clone()]);
        }
        condition.holds(&filter.text);
        condition.aside(workflow, filter);
        if let Some(day) = filter.overdue_on {
            condition.parts.push("e.due < ?".to_owned());
            condition.values.push(day.into());
        }
        Some(condition)
    }

    fn holds(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let literal = text
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_");
        let like = "(LOWER(i.number) LIKE ? ESCAPE '!' OR f.payload LIKE ? ESCAPE '!')";
        self.parts.push(like.to_owned());
        let pattern = format!("%{literal}%");
        self.values
            .extend([pattern.to_lowercase().into(), pattern.into()]);
    }

    /// With what is set aside, without, or that alone. It comes back by itself: on the day after the last, when it is lifted, or
    /// as soon as the finding says something else.
    fn aside(&mut self, workflow: &Workflow, filter: &Filter) {
        let states = workflow.states.iter().filter(|s| s.set_aside);
        let states: Vec<&str> = states.map(|s| s.code.as_str()).collect();
        let not = match (filter.aside, states.is_empty()) {
            (Aside::With, _) | (Aside::Without, true) => return,
            (Aside::Only, true) => return self.parts.push("1 = 0".to_owned()),
            (Aside::Without, false) => "NOT ",
            (Aside::Only, false) => "",
        };
        let marks = vec!["?"; states.len()].join(", ");
        self.parts.push(format!(
            "{not}(e.state IN ({marks}) AND EXISTS (SELECT 1 FROM suppression s WHERE s.fingerprint = i.fingerprint \
             AND s.organisation = i.organisation AND s.content = f.content AND s.valid_until >= ? \
             AND NOT EXISTS (SELECT 1 FROM suppression_lift x WHERE x.suppression_id = s.id)))"
        ));
        self.values.extend(states.into_iter().map(Value::from));
        self.values.push(filter.today.into());
    }

    /// The kinds and states that the role reads.
    fn readable(&mut self, workflow: &Workflow, actor: &Actor) -> Option<()> {
        let mut pairs = Vec::new();
        for kind in [
            FindingKind::Violation,
            FindingKind::RedFlag,
            FindingKind::DataQuality,
        ] {
            let states = workflow.states.iter().map(|s| s.code.as_str());
            let read: Vec<&str> = states
                .filter(|s| workflow.readable(actor.role, kind, s))
                .collect();
            if !read.is_empty() {
                let marks = vec!["?"; read.len()].join(", ");
                pairs.push(format!("(f.kind = ? AND e.state IN ({marks}))"));
                self.values.push(kind.code().into());
                self.values.extend(read.into_iter().map(Value::from));
            }
        }
        if pairs.is_empty() {
            return None;
        }
        self.parts.push(format!("({})", pairs.join(" OR ")));
        Some(())
    }

    fn text(&self) -> String {
        self.parts.join(" AND ")
    }
}

/// The items that a person may read and a filter lets through, by due day (none last), then number.
///
/// # Errors
/// What the database says.
pub async fn list<C: ConnectionTrait>(
    connection: &C,
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
) -> Result<Vec<Line>, ReviewError> {
    let Some(condition) = Condition::of(desk, actor, filter) else {
        return Ok(Vec::new());
    };
    let limit = filter.limit.map_or(i64::MAX, i64::from);
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE {} ORDER BY CASE WHEN e.due IS NULL THEN 1 ELSE 0 END, e.due, i.number LIMIT ? OFFSET ?",
        condition.text()
    );
    let mut values = condition.values;
    values.extend([limit.into(), i64::from(filter.offset).into()]);
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    rows.iter().map(|r| line(desk, r)).collect()
}

/// How many items there are, by state: code and number, in the order of the workflow.
///
/// # Errors
/// What the database says.
pub async fn count<C: ConnectionTrait>(
    connection: &C,
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
) -> Result<Vec<(String, i64)>, ReviewError> {
    let Some(condition) = Condition::of(desk, actor, filter) else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT e.state, CAST(COUNT(*) AS BIGINT) FROM {TABLES} WHERE {} GROUP BY e.state",
        condition.text()
    );
    let rows = connection
        .query_all_raw(statement(connection, &sql, condition.values))
        .await?;
    let mut counts = Vec::new();
    for row in rows {
        let (state, number): (String, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        counts.push((state, number));
    }
    counts.sort_by_key(|(state, _)| desk.workflow.state(state).map_or(u32::MAX, |s| s.order));
    Ok(counts)
}

/// Items of one organisation, rule and state, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub organisation: String,
    pub rule: String,
    /// Code.
    pub state: String,
    /// Whether the last run that looked finds them.
    pub present: bool,
    pub count: i64,
    /// Of the items that have one.
    pub amount: Money,
}

/// The items that a person may read and a filter lets through, by organisation, rule, state, and whether they are still found.
///
/// # Errors
/// What the database says.
pub async fn tally<C: ConnectionTrait>(
    connection: &C,
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
) -> Result<Vec<Tally>, ReviewError> {
    let Some(condition) = Condition::of(desk, actor, filter) else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT i.organisation, i.rule, e.state, e.present, CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(f.amount), 0) AS BIGINT) \
         FROM {TABLES} WHERE {} GROUP BY i.organisation, i.rule, e.state, e.present ORDER BY i.organisation, i.rule",
        condition.text()
    );
    let rows = connection
        .query_all_raw(statement(connection, &sql, condition.values))
        .await?;
    let tally = |row: &QueryResult| -> Result<Tally, sea_orm::DbErr> {
        Ok(Tally {
            organisation: row.try_get_by_index(0)?,
            rule: row.try_get_by_index(1)?,
            state: row.try_get_by_index(2)?,
            present: row.try_get_by_index(3)?,
            count: row.try_get_by_index(4)?,
            amount: Money(row.try_get_by_index(5)?),
        })
    };
    Ok(rows.iter().map(tally).collect::<Result<_, _>>()?)
}

fn line(desk: &Desk, row: &QueryResult) -> Result<Line, ReviewError> {
    let (organisation, state): (String, String) =
        (row.try_get_by_index(1)?, row.try_get_by_index(8)?);
    let (code, payload): (String, String) = (row.try_get_by_index(4)?, row.try_get_by_index(7)?);
    let malformed = || ReviewError::Malformed {
        organisation: organisation.clone(),
        position: 0,
    };
    let payload: serde_json::Value = serde_json::from_str(&payload).map_err(|_| malformed())?;
    let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let pairs = |name: &str, first: &'static str, second: &'static str| {
        let all = payload[name].as_array().into_iter().flatten();
        let pair = all.filter_map(|p| {
            // A tuple, or an object with these two names.
            let part = |at: usize, name| p.get(at).or(p.get(name))?.as_str().map(str::to_owned);
            Some((part(0, first)?, part(1, second)?))
        });
        pair.collect::<Vec<_>>()
    };
    Ok(Line {
        key: pairs("key", "", ""),
        rows: pairs("register_lines", "table", "key"),
        number: row.try_get_by_index(0)?,
        organisation_name: text("organisation_name"),
        fingerprint: row.try_get_by_index(2)?,
        rule: row.try_get_by_index(3)?,
        title: text("title"),
        kind: kind(&code).ok_or_else(malformed)?,
        severity: row.try_get_by_index(5)?,
        amount: row.try_get_by_index::<Option<i64>>(6)?.map(Money),
        message: text("message"),
        state_label: desk.workflow.label(&state).to_owned(),
        state,
        due: row.try_get_by_index(9)?,
        due_provisional: row.try_get_by_index(10)?,
        cycle: row.try_get_by_index(11)?,
        present: row.try_get_by_index(12)?,
        at: row.try_get_by_index(13)?,
        seq: row.try_get_by_index(14)?,
        first_run: row.try_get_by_index(15)?,
        version_run: row.try_get_by_index(16)?,
        organisation,
    })
}

/// Why an item asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The day is over.
    Overdue,
    /// The day is near.
    DueSoon,
    /// A proposal or an extension waits for a second person.
    Waiting,
    /// It rests, and what a run found has changed since.
    ChangedSince,
}

impl Why {
    pub fn label(self) -> &'static str {
        match self {
            Why::Overdue => "已逾期",
            Why::DueSoon => "即将到期",
            Why::Waiting => "待第二人批准",
            Why::ChangedSince => "了结后内容有变化",
        }
    }
}

/// A reminder: an item and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reminder {
    pub why: Why,
    pub line: Line,
}

/// Everything that asks a person's attention on a day, most pressing first.
///
/// # Errors
/// What the database says.
pub async fn reminders<C: ConnectionTrait>(
    connection: &C,
    desk: &Desk,
    actor: &Actor,
    filter: &Filter,
    today: NaiveDate,
) -> Result<Vec<Reminder>, ReviewError> {
    let soon = desk.after(today, desk.workflow.settings.reminder_days).date;
    let waiting = last_of_kind(connection, &["proposed", "extension_asked"]).await?;
    let changed = last_of_kind(connection, &["changed"]).await?;
    let mut reminders = Vec::new();
    for line in list(connection, desk, actor, filter).await? {
        let rests = desk.workflow.state(&line.state).is_some_and(|s| s.rests);
        let key = (line.organisation.clone(), line.fingerprint.clone());
        let why = if waiting.contains(&key) {
            Some(Why::Waiting)
        } else if rests && changed.contains(&key) {
            Some(Why::ChangedSince)
        } else if line.overdue(today) {
            Some(Why::Overdue)
        } else if line.due.is_some_and(|due| due <= soon) {
            Some(Why::DueSoon)
        } else {
            None
        };
        reminders.extend(why.map(|why| Reminder { why, line }));
    }
    reminders.sort_by_key(|r| r.why);
    Ok(reminders)
}

/// Items to which something of these kinds happened, and no step or answer by a person since.
async fn last_of_kind<C: ConnectionTrait>(
    connection: &C,
    kinds: &[&str],
) -> Result<BTreeSet<(String, String)>, ReviewError> {
    let marks = vec!["?"; kinds.len()].join(", ");
    let sql = format!(
        "SELECT DISTINCT e.organisation, e.fingerprint FROM review_event e WHERE e.event IN ({marks}) AND NOT EXISTS \
         (SELECT 1 FROM review_event l WHERE l.organisation = e.organisation AND l.fingerprint = e.fingerprint \
          AND l.seq > e.seq AND l.event IN ('moved', 'returned', 'extended', 'extension_refused', 'noted'))"
    );
    let values = kinds.iter().map(|k| Value::from(*k));
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    let mut found = BTreeSet::new();
    for row in rows {
        found.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
    }
    Ok(found)
}
