//! The tests inside a rule file: given tables as CSV, expected findings, the difference in words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::RuleTest;
use super::load::{Rule, RulePack, default_value};
use crate::audit::engine::{Database, Limits};
use crate::audit::execute::{Resolved, add_marts, add_params, resolve_all, run_rule};
use crate::audit::params::Trial;
use crate::audit::run::{default_day, load_tables};
use crate::audit::snapshot::{Snapshot, SnapshotBuilder};
use crate::audit::tables::cell::{Cell, Rows, trim_decimals};
use crate::audit::tables::csv::{TEST_ORGANISATION, parse};
use crate::audit::tables::schema;
use crate::model::{RegisterRow, Value, catalogue};

/// How one test of a rule went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    pub rule: String,
    pub test: String,
    /// Empty: passed. Else one Chinese line per difference.
    pub differences: Vec<String>,
}

impl TestOutcome {
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Runs all tests of a rule.
pub async fn run_tests(pack: &RulePack, rule: &Rule) -> Vec<TestOutcome> {
    let mut outcomes = Vec::new();
    for test in &rule.file.tests {
        let differences = match run_test(pack, rule, test).await {
            Ok(differences) => differences,
            Err(message) => vec![message],
        };
        outcomes.push(TestOutcome {
            rule: rule.id().to_owned(),
            test: test.name.clone(),
            differences,
        });
    }
    outcomes
}

async fn run_test(pack: &RulePack, rule: &Rule, test: &RuleTest) -> Result<Vec<String>, String> {
    let prepared = Prepared::new(pack, rule, test, Organisations::AsGiven).await?;
    prepared.differences(rule).await
}

/// Whether a test's tables are used as they are, or once more for a second organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Organisations {
    AsGiven,
    /// A rule judges each organisation by itself: a twin with the same rows must get the same findings.
    Doubled,
}

/// The second organisation of [`Organisations::Doubled`].
const TWIN: &str = "U";

/// A test ready to run; the rule's query may run several times.
pub(super) struct Prepared<'t> {
    test: &'t RuleTest,
    organisations: Organisations,
    loaded: Loaded,
}

/// Tables loaded, marts computed and parameters resolved.
pub(super) struct Loaded {
    snapshot: Snapshot,
    pub(super) as_of: NaiveDate,
    database: Database,
    ran: BTreeSet<String>,
}

/// The rows of a test by table.
pub(super) type Given<'t> = BTreeMap<&'t str, Vec<Vec<Value>>>;

/// What one query of a test may use: one thread, because tests run side by side.
const LIMITS: Limits = Limits {
    timeout: std::time::Duration::from_secs(60),
    memory_bytes: 1 << 30,
    max_rows: 10_000,
    partitions: 1,
};

impl<'t> Prepared<'t> {
    /// # Errors
    /// A Chinese sentence: the test's tables cannot be read, a mart cannot be computed, or a required table is missing.
    pub(super) async fn new(
        pack: &RulePack,
        rule: &Rule,
        test: &'t RuleTest,
        organisations: Organisations,
    ) -> Result<Prepared<'t>, String> {
        let given = given(test, organisations)?;
        let trial = trial(rule, test)?;
        let resolve =
            |snapshot: &Snapshot| resolve_all(rule, &snapshot.settings, &trial, &snapshot.codes());
        let loaded = Loaded::new(pack, rule, given, test.as_of, resolve).await?;
        Ok(Prepared {
            test,
            organisations,
            loaded,
        })
    }

    pub(super) fn test(&self) -> &'t RuleTest {
        self.test
    }

    /// The day of the audit.
    pub(super) fn as_of(&self) -> NaiveDate {
        self.loaded.as_of
    }

    /// Runs the rule's query and says how its rows differ from what the test expects.
    ///
    /// # Errors
    /// The query failed; a Chinese sentence says why.
    pub(super) async fn differences(&self, rule: &Rule) -> Result<Vec<String>, String> {
        let mut rows = self.loaded.rows(rule).await?;
        if self.organisations == Organisations::AsGiven {
            return Ok(compare(rule, self.test, &rows));
        }
        let Some(organisation) = rows.position("organisation") else {
            return Ok(Vec::new());
        };
        let mut twin = rows.clone();
        rows.rows.retain(|r| r[organisation].machine() != TWIN);
        twin.rows.retain(|r| r[organisation].machine() == TWIN);
        let mut differences = compare(rule, self.test, &rows);
        differences.extend(compare(rule, self.test, &twin));
        Ok(differences)
    }
}

impl Loaded {
    /// # Errors
    /// A Chinese sentence: a mart cannot be computed, or a required table is missing.
    pub(super) async fn new(
        pack: &RulePack,
        rule: &Rule,
        given: Given<'_>,
        as_of: Option<NaiveDate>,
        resolve: impl FnOnce(&Snapshot) -> Resolved,
    ) -> Result<Loaded, String> {
        let snapshot = build_snapshot(pack, given, as_of)?;
        let as_of = as_of.or(snapshot.last_day).unwrap_or_else(default_day);
        let mut calendar = pack.calendar.clone();
        for (date, off, name) in &snapshot.calendar {
            calendar.set(*date, *off, name);
        }
        let mut database = Database::new(Arc::new(calendar));
        load_tables(&mut database, &snapshot).map_err(|e| e.to_string())?;
        let failed = add_marts(
            &mut database,
            pack.marts_needed(&rule.relations),
            &LIMITS,
            |_| (),
        )
        .await
        .map_err(|e| e.to_string())?;
        if let Some((mart, error)) = failed.first_key_value() {
            return Err(format!("视图 {mart}:{error}"));
        }
        add_params(&mut database, rule, &resolve(&snapshot), as_of).map_err(|e| e.to_string())?;
        let (ran, missing) = split_by_requirements(rule, &snapshot);
        if ran.is_empty() {
            let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
            return Err(format!(
                "规则未运行:没有给出必需的表 {}",
                missing.join("、")
            ));
        }
        Ok(Loaded {
            snapshot,
            as_of,
            database,
            ran,
        })
    }

    /// What the rule finds, without organisations that it does not apply to.
    ///
    /// # Errors
    /// The query failed; a Chinese sentence says why.
    pub(super) async fn rows(&self, rule: &Rule) -> Result<Rows, String> {
        let mut rows = run_rule(&self.database, rule, &LIMITS)
            .await
            .map_err(|e| e.to_string())?;
        keep_applicable(rule, &self.snapshot, &self.ran, self.as_of, &mut rows);
        Ok(rows)
    }
}

/// The organisations that hold all required tables, and the tables that others lack.
fn split_by_requirements(rule: &Rule, snapshot: &Snapshot) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut ran, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for code in snapshot.codes() {
        let lacking = rule.file.lacking(|table| snapshot.holds(table, &code));
        if lacking.is_empty() {
            ran.insert(code);
        } else {
            missing.extend(lacking.iter().map(|group| {
                let names: Vec<&str> = group.iter().map(|t| t.name.as_str()).collect();
                names.join("或")
            }));
        }
    }
    (ran, missing)
}

/// Drops rows of organisations that the rule did not run for, and those outside its scope on the day of the event.
fn keep_applicable(
    rule: &Rule,
    snapshot: &Snapshot,
    ran: &BTreeSet<String>,
    as_of: NaiveDate,
    rows: &mut Rows,
) {
    let Some(organisation) = rows.position("organisation") else {
        return;
    };
    let occurred_on = rows.position("occurred_on");
    rows.rows.retain(|row| {
        let code = row[organisation].machine();
        let day = occurred_on.and_then(|i| row[i].date()).unwrap_or(as_of);
        ran.contains(&code) && rule.file.scope.covers(snapshot.regime(&code, day))
    });
}

pub(super) fn trial(rule: &Rule, test: &RuleTest) -> Result<Trial, String> {
    let mut trial = BTreeMap::new();
    for (name, value) in &test.params {
        let spec = rule
            .file
            .params
            .get(name)
            .ok_or_else(|| format!("规则没有参数「{name}」"))?;
        let value = default_value(spec, value).map_err(|m| format!("参数 {name} {m}"))?;
        trial.insert(name.clone(), value);
    }
    Ok(trial)
}

/// The given tables: an organisation `T` is implied, vouchers are derived unless given.
///
/// # Errors
/// A Chinese sentence: no such table, or a cell that cannot be read.
pub(super) fn given(test: &RuleTest, organisations: Organisations) -> Result<Given<'_>, String> {
    let mut given = Given::new();
    for (name, text) in &test.given {
        let spec = schema::table(name).ok_or_else(|| format!("没有名为「{name}」的表"))?;
        let mut rows = parse(spec, text)?;
        if organisations == Organisations::Doubled {
            add_twin(&mut rows, spec);
        }
        given.insert(name, rows);
    }
    if let (Some(entries), None) = (given.get("entry"), given.get("voucher")) {
        let vouchers = vouchers_of(entries);
        given.insert("voucher", vouchers);
    }
    if !given.contains_key("organisation") {
        given.insert("organisation", implied_organisations(&given));
    }
    Ok(given)
}

/// The given tables as a snapshot; `rent_due` is derived unless given.
fn build_snapshot(
    pack: &RulePack,
    given: Given<'_>,
    as_of: Option<NaiveDate>,
) -> Result<Snapshot, String> {
    let mut builder = SnapshotBuilder::new();
    builder.pack(pack);
    let last_month = last_month(&given);
    builder.until(as_of.or(last_month).unwrap_or_else(default_day));
    for (name, rows) in given {
        match catalogue()
            .table(name)
            .filter(|_| schema::table(name).is_some_and(|s| s.is_register()))
        {
            Some(table) => add_register(&mut builder, table, rows),
            None => builder.given(name, rows),
        }
    }
    let mut snapshot = builder.finish().map_err(|e| e.to_string())?;
    snapshot.last_day = snapshot.last_day.or(last_month);
    Ok(snapshot)
}

/// The last day of the last month with vouchers.
fn last_month(given: &Given<'_>) -> Option<NaiveDate> {
    let days = ["entry", "voucher"].into_iter().filter_map(|name| {
        let at = schema::table(name)?.position("date")?;
        given.get(name)?.iter().filter_map(|r| r[at].date()).max()
    });
    days.max().map(|d| crate::model::Period::of(d).last_day())
}

/// The rows of `T` once more for [`TWIN`]. Texts are shared by both, as names, contract numbers and accounts may be.
fn add_twin(rows: &mut Vec<Vec<Value>>, spec: &schema::TableSpec) {
    if spec.position("organisation") != Some(0) {
        return;
    }
    let code = spec
        .position("code")
        .filter(|_| spec.name == "organisation");
    let own = |row: &&Vec<Value>| match code {
        Some(code) => row[code].text() == Some(TEST_ORGANISATION),
        None => row[0].text() == Some(TEST_ORGANISATION),
    };
    let twins: Vec<Vec<Value>> = rows
        .iter()
        .filter(own)
        .map(|row| {
            let mut twin = row.clone();
            for at in std::iter::once(0).chain(code) {
                twin[at] = Value::Text(TWIN.into());
            }
            twin
        })
        .collect();
    rows.extend(twins);
}

/// Puts cells back into the order of the hand-in table, so that tests go the way of real registers.
fn add_register(
    builder: &mut SnapshotBuilder,
    table: &'static crate::model::Table,
    rows: Vec<Vec<Value>>,
) {
    let Some(spec) = schema::table(&table.name) else {
        return;
    };
    for (number, row) in rows.into_iter().enumerate() {
        let organisation = row.first().and_then(Value::text).map(str::to_owned);
        let mut values = vec![Value::Null; table.columns.len()];
        for (from, value) in spec.from_catalogue.iter().zip(row) {
            if let Some(i) = from
                && (!value.is_null() || values[*i].is_null())
            {
                values[*i] = value;
            }
        }
        if table.name == "organisation" && values[0].is_null() {
            values[0] = Value::Text(TEST_ORGANISATION.into());
        }
        let row = RegisterRow {
            values,
            source_row: u32::try_from(number + 2).unwrap_or(u32::MAX),
        };
        builder.register(organisation.as_deref(), table, [row], &"样例".into(), None);
    }
}

/// `T` and every other organisation that a given table names: companies under the small enterprise standard.
fn implied_organisations(given: &Given<'_>) -> Vec<Vec<Value>> {
    let mut codes: BTreeSet<String> = BTreeSet::from([TEST_ORGANISATION.to_owned()]);
    for (name, rows) in given {
        if schema::table(name).is_some_and(|s| s.columns[0].name == "organisation") {
            codes.extend(rows.iter().filter_map(|r| r[0].text().map(str::to_owned)));
        }
    }
    let Some(spec) = schema::table("organisation") else {
        return Vec::new();
    };
    let text = |t: &str| Value::Text(t.into());
    codes
        .iter()
        .map(|code| {
            let cell = |column: &str| match column {
                "organisation" | "code" | "name" => text(code),
                "kind" => text("village_company"),
                "standard" => text("small_enterprise"),
                "regime" => text("company"),
                _ => Value::Null,
            };
            spec.columns.iter().map(|c| cell(&c.name)).collect()
        })
        .collect()
}

/// One voucher row per voucher of the entries, with what entries tell of it.
fn vouchers_of(entries: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let (Some(entry), Some(voucher)) = (schema::table("entry"), schema::table("voucher")) else {
        return Vec::new();
    };
    let at = |name: &str| entry.position(name).unwrap_or(0);
    let mut groups: BTreeMap<(String, String), Vec<&Vec<Value>>> = BTreeMap::new();
    for row in entries {
        let text = |name: &str| row[at(name)].text().unwrap_or_default().to_owned();
        groups
            .entry((text("organisation"), text("voucher")))
            .or_default()
            .push(row);
    }
    let build = |rows: &Vec<&Vec<Value>>| {
        let cell = |column: &str| match column {
            "total" => Value::Int(rows.iter().filter_map(|r| r[at("debit")].int()).sum()),
            "entries" => Value::Int(i64::try_from(rows.len()).unwrap_or(i64::MAX)),
            "revision" => Value::Int(1),
            other => match entry.position(other) {
                Some(i) => rows[0][i].clone(),
                None => Value::Null,
            },
        };
        voucher.columns.iter().map(|c| cell(&c.name)).collect()
    };
    groups.values().map(build).collect()
}

pub(super) fn compare(rule: &Rule, test: &RuleTest, rows: &Rows) -> Vec<String> {
    let mut left: Vec<&Vec<Cell>> = rows.rows.iter().collect();
    let mut differences = Vec::new();
    for expected in &test.expect {
        let matches = |row: &&Vec<Cell>| {
            expected
                .iter()
                .all(|(column, value)| cell_equals(rows, row, column, value))
        };
        match left.iter().position(matches) {
            Some(found) => {
                left.remove(found);
            }
            None => {
                let unknown: Vec<&String> = expected
                    .keys()
                    .filter(|k| rows.position(k).is_none())
                    .collect();
                let hint = if unknown.is_empty() {
                    String::new()
                } else {
                    format!("(结果没有列 {unknown:?})")
                };
                let wanted: Vec<String> = expected
                    .iter()
                    .map(|(k, v)| {
                        format!("{k} = {}", super::file::plain_text(v).unwrap_or_default())
                    })
                    .collect();
                differences.push(format!("缺少:{}{hint}", wanted.join(", ")));
            }
        }
    }
    let mut shown: Vec<&str> = vec!["organisation"];
    shown.extend(rule.file.key.iter().map(String::as_str));
    shown.extend(["occurred_on", "amount", "vouchers"]);
    for row in left {
        let cells: Vec<String> = shown
            .iter()
            .filter_map(|c| Some(format!("{c} = {}", row[rows.position(c)?].machine())))
            .collect();
        differences.push(format!("多出:{}", cells.join(", ")));
    }
    differences
}

/// Equal as text, or as numbers whatever their trailing zeros.
fn cell_equals(rows: &Rows, row: &[Cell], column: &str, expected: &toml::Value) -> bool {
    let (Some(cell), Some(text)) = (
        rows.position(column).map(|i| &row[i]),
        super::file::plain_text(expected),
    ) else {
        return false;
    };
    match cell {
        Cell::Decimal { .. } | Cell::Int(_) => {
            trim_decimals(&cell.machine()) == trim_decimals(text.replace(',', "").trim())
        }
        _ => cell.machine() == text.trim(),
    }
}
