//! Stored audit runs and their findings, as pages read them.

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::StoreError;
use super::bulk::statement;
use super::runs::{FINDING, StoredFinding, stored};

/// A run in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: i64,
    pub digest: String,
    pub data_digest: String,
    pub pack_digest: String,
    pub program: String,
    pub as_of: NaiveDate,
    /// Organisation codes joined by `,`.
    pub scope: String,
    pub finished_at: NaiveDateTime,
    /// Without its findings, as JSON.
    pub outcome: String,
}

const RUN: &str =
    "id, digest, data_digest, pack_digest, program, as_of, scope, finished_at, outcome";

fn run(row: &QueryResult) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.try_get_by_index(0)?,
        digest: row.try_get_by_index(1)?,
        data_digest: row.try_get_by_index(2)?,
        pack_digest: row.try_get_by_index(3)?,
        program: row.try_get_by_index(4)?,
        as_of: row.try_get_by_index(5)?,
        scope: row.try_get_by_index(6)?,
        finished_at: row.try_get_by_index(7)?,
        outcome: row.try_get_by_index(8)?,
    })
}

/// Every run, the latest first.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<Run>, StoreError> {
    let sql = format!("SELECT {RUN} FROM audit_run ORDER BY id DESC");
    let rows = connection
        .query_all_raw(statement(connection, &sql, []))
        .await?;
    rows.iter().map(run).collect()
}

/// `None`: there is no such run.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(connection: &C, id: i64) -> Result<Option<Run>, StoreError> {
    let sql = format!("SELECT {RUN} FROM audit_run WHERE id = ?");
    let row = connection
        .query_one_raw(statement(connection, &sql, [id.into()]))
        .await?;
    row.as_ref().map(run).transpose()
}

/// The latest run that covered an organisation.
///
/// # Errors
/// What the database says.
pub async fn latest_of<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<Option<Run>, StoreError> {
    // Codes hold no comma, and what LIKE takes for a wildcard is looked at again below.
    let sql =
        format!("SELECT {RUN} FROM audit_run WHERE ',' || scope || ',' LIKE ? ORDER BY id DESC");
    let values = [format!("%,{organisation},%").into()];
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    for row in &rows {
        let run = run(row)?;
        if run.scope.split(',').any(|code| code == organisation) {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// Which findings of a run; empty texts are no condition.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Only these organisations; `None`: all.
    pub organisations: Option<Vec<&'a str>>,
    pub rule: &'a str,
    pub kind: &'a str,
    pub severity: &'a str,
    /// In the payload: title, sentence, key, number.
    pub text: &'a str,
}

impl Filter<'_> {
    fn condition(&self, run_id: i64) -> (String, Vec<Value>) {
        // Findings set aside are stored with their suppression and counted by nobody; quotes within texts are escaped, so
        // that no text can look like it.
        let standing = "run_id = ? AND payload NOT LIKE '%\"suppression\":{\"id\":%'";
        let (mut sql, mut values) = (standing.to_owned(), vec![run_id.into()]);
        if let Some(codes) = &self.organisations {
            let marks = vec!["?"; codes.len().max(1)].join(",");
            sql.push_str(&format!(" AND organisation IN ({marks})"));
            match codes.is_empty() {
                // No organisation has an empty code.
                true => values.push("".into()),
                false => values.extend(codes.iter().map(|c| (*c).into())),
            }
        }
        for (column, value) in [
            ("rule", self.rule),
            ("kind", self.kind),
            ("severity", self.severity),
        ] {
            if !value.is_empty() {
                sql.push_str(&format!(" AND {column} = ?"));
                values.push(value.into());
            }
        }
        if !self.text.is_empty() {
            sql.push_str(" AND payload LIKE ? ESCAPE '!'");
            let literal = self
                .text
                .replace('!', "!!")
                .replace('%', "!%")
                .replace('_', "!_");
            values.push(format!("%{literal}%").into());
        }
        (sql, values)
    }
}

/// Number and sum of findings of one rule, kind and severity in one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub organisation: String,
    pub rule: String,
    pub kind: String,
    pub severity: String,
    pub count: i64,
    /// 分.
    pub amount: i64,
}

/// What a run found, counted.
///
/// # Errors
/// What the database says.
pub async fn tally<C: ConnectionTrait>(
    connection: &C,
    run_id: i64,
    filter: &Filter<'_>,
) -> Result<Vec<Tally>, StoreError> {
    let (condition, values) = filter.condition(run_id);
    let sql = format!(
        "SELECT organisation, rule, kind, severity, COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM finding \
         WHERE {condition} GROUP BY organisation, rule, kind, severity ORDER BY organisation, rule, kind, severity"
    );
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    let all = rows.iter().map(|row| {
        Ok(Tally {
            organisation: row.try_get_by_index(0)?,
            rule: row.try_get_by_index(1)?,
            kind: row.try_get_by_index(2)?,
            severity: row.try_get_by_index(3)?,
            count: row.try_get_by_index(4)?,
            amount: row.try_get_by_index(5)?,
        })
    });
    all.collect()
}

/// Findings of a page, the heaviest first: by severity, then by amount.
///
/// # Errors
/// What the database says.
pub async fn findings<C: ConnectionTrait>(
    connection: &C,
    run_id: i64,
    filter: &Filter<'_>,
    limit: i64,
    offset: i64,
) -> Result<Vec<StoredFinding>, StoreError> {
    let (condition, values) = filter.condition(run_id);
    let sql = format!(
        "SELECT {FINDING} FROM finding WHERE {condition} \
         ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, COALESCE(amount, 0) DESC, number LIMIT ? OFFSET ?"
    );
    let values = values.into_iter().chain([limit.into(), offset.into()]);
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    Ok(rows.iter().map(stored).collect::<Result<_, _>>()?)
}

/// Findings of a run in the order of their fingerprints, those behind `after`: for whoever walks through all of them.
///
/// # Errors
/// What the database says.
pub async fn after<C: ConnectionTrait>(
    connection: &C,
    run_id: i64,
    filter: &Filter<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<StoredFinding>, StoreError> {
    let (condition, values) = filter.condition(run_id);
    let sql = format!(
        "SELECT {FINDING} FROM finding WHERE {condition} AND fingerprint > ? ORDER BY fingerprint LIMIT ?"
    );
    let values = values.into_iter().chain([after.into(), limit.into()]);
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    Ok(rows.iter().map(stored).collect::<Result<_, _>>()?)
}

/// One finding of a run by its number.
///
/// # Errors
/// What the database says.
pub async fn finding_of<C: ConnectionTrait>(
    connection: &C,
    run_id: i64,
    number: &str,
) -> Result<Option<StoredFinding>, StoreError> {
    let sql = format!("SELECT {FINDING} FROM finding WHERE run_id = ? AND number = ?");
    let row = connection
        .query_one_raw(statement(connection, &sql, [run_id.into(), number.into()]))
        .await?;
    Ok(row.as_ref().map(stored).transpose()?)
}
