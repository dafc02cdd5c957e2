//! Stored runs as absorption sees them: which come next, and what each of them looked at.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use super::ReviewError;
use crate::model::PeriodRange;
use crate::store::bulk::statement;

/// What a stored run looked at.
pub(super) struct Run {
    pub id: i64,
    pub as_of: NaiveDate,
    pub organisations: BTreeSet<String>,
    rules: BTreeSet<String>,
    /// (rule, organisation).
    not_run: BTreeSet<(String, String)>,
    failed: BTreeSet<String>,
    /// The months whose events alone were looked for; none: all.
    pub period: Option<PeriodRange>,
}

impl Run {
    /// Whether a rule ran for an organisation.
    pub fn looked(&self, rule: &str, organisation: &str) -> bool {
        let pair = (rule.to_owned(), organisation.to_owned());
        self.rules.contains(rule) && !self.failed.contains(rule) && !self.not_run.contains(&pair)
    }

    /// Whether events of a day were looked for; those without a day always are.
    pub fn looked_at(&self, day: Option<NaiveDate>) -> bool {
        let (Some(period), Some(day)) = (self.period, day) else {
            return true;
        };
        period.first.first_day() <= day && day <= period.last.last_day()
    }
}

/// The oldest stored run that was not absorbed yet.
pub(super) async fn next_run<C: ConnectionTrait>(
    connection: &C,
) -> Result<Option<Run>, ReviewError> {
    let sql = "SELECT id, as_of, outcome FROM audit_run WHERE id > (SELECT COALESCE(MAX(run_id), 0) FROM review_run) ORDER BY id LIMIT 1";
    let row = connection
        .query_one_raw(statement(connection, sql, []))
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let (id, as_of): (i64, NaiveDate) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let outcome: String = row.try_get_by_index(2)?;
    let run = parse(id, as_of, &outcome).ok_or(ReviewError::MalformedRun(id))?;
    Ok(Some(run))
}

fn parse(id: i64, as_of: NaiveDate, outcome: &str) -> Option<Run> {
    let outcome: serde_json::Value = serde_json::from_str(outcome).ok()?;
    let names = |list: &str, key: &str| -> Option<BTreeSet<String>> {
        let list = outcome[list].as_array()?.iter();
        list.map(|o| o[key].as_str().map(str::to_owned)).collect()
    };
    let pair = |n: &serde_json::Value| {
        let (rule, organisation) = (n["rule"].as_str()?, n["organisation"].as_str()?);
        Some((rule.to_owned(), organisation.to_owned()))
    };
    Some(Run {
        id,
        as_of,
        organisations: names("organisations", "code")?,
        rules: names("rules", "id")?,
        not_run: outcome["not_run"]
            .as_array()?
            .iter()
            .map(pair)
            .collect::<Option<_>>()?,
        failed: names("failed", "rule")?,
        period: match outcome["period"].as_str() {
            Some(text) => Some(PeriodRange::parse(text).ok()?),
            None => None,
        },
    })
}

/// Up to which day each organisation was audited before this run.
pub(super) async fn latest_days<C: ConnectionTrait>(
    connection: &C,
    before: i64,
) -> Result<BTreeMap<String, NaiveDate>, ReviewError> {
    let sql = "SELECT r.scope, r.as_of FROM audit_run r JOIN review_run a ON a.run_id = r.id WHERE r.id < ? ORDER BY r.as_of";
    let rows = connection
        .query_all_raw(statement(connection, sql, [before.into()]))
        .await?;
    let mut days = BTreeMap::new();
    for row in rows {
        let (scope, day): (String, NaiveDate) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        days.extend(scope.split(',').map(|code| (code.to_owned(), day)));
    }
    Ok(days)
}
