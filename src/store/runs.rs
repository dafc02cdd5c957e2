//! Audit runs and their findings, kept for comparison with later runs.

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::bulk::{BulkInsert, statement};
use super::{Store, StoreError};

/// A run to be stored.
#[derive(Debug)]
pub struct NewRun<'a> {
    pub digest: &'a str,
    pub data_digest: &'a str,
    pub pack_digest: &'a str,
    pub as_of: NaiveDate,
    /// Which organisations it covered, joined by `,`: runs are compared within one scope.
    pub scope: &'a str,
    pub finished_at: NaiveDateTime,
    /// The outcome without its findings, as JSON.
    pub outcome: String,
}

/// A finding as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    pub fingerprint: String,
    pub content: String,
    pub number: String,
    pub rule: String,
    pub rule_version: i64,
    pub organisation: String,
    pub kind: String,
    pub severity: String,
    /// 分.
    pub amount: Option<i64>,
    /// The whole finding as JSON.
    pub payload: String,
}

/// The findings of the latest run over the same scope, with that run's digest.
pub async fn previous(
    store: &Store,
    scope: &str,
) -> Result<Option<(String, Vec<StoredFinding>)>, StoreError> {
    let db = store.db();
    let sql = "SELECT id, digest FROM audit_run WHERE scope = ? ORDER BY id DESC LIMIT 1";
    let Some(run) = db.query_one_raw(statement(db, sql, [scope.into()])).await? else {
        return Ok(None);
    };
    let (run_id, digest): (i64, String) = (run.try_get_by_index(0)?, run.try_get_by_index(1)?);
    Ok(Some((digest, findings(db, run_id).await?)))
}

/// What [`stored`] reads, in its order.
pub(super) const FINDING: &str = "fingerprint, content, number, rule, rule_version, organisation, kind, severity, amount, payload";

pub(super) fn stored(row: &QueryResult) -> Result<StoredFinding, DbErr> {
    Ok(StoredFinding {
        fingerprint: row.try_get_by_index(0)?,
        content: row.try_get_by_index(1)?,
        number: row.try_get_by_index(2)?,
        rule: row.try_get_by_index(3)?,
        rule_version: row.try_get_by_index(4)?,
        organisation: row.try_get_by_index(5)?,
        kind: row.try_get_by_index(6)?,
        severity: row.try_get_by_index(7)?,
        amount: row.try_get_by_index(8)?,
        payload: row.try_get_by_index(9)?,
    })
}

/// The findings of a run, by fingerprint.
pub async fn findings<C: ConnectionTrait>(
    connection: &C,
    run_id: i64,
) -> Result<Vec<StoredFinding>, StoreError> {
    let sql = format!("SELECT {FINDING} FROM finding WHERE run_id = ? ORDER BY fingerprint");
    let rows = connection
        .query_all_raw(statement(connection, &sql, [run_id.into()]))
        .await?;
    Ok(rows.iter().map(stored).collect::<Result<_, _>>()?)
}

/// One finding of a run.
pub async fn finding<C: ConnectionTrait>(
    connection: &C,
    run_id: i64,
    fingerprint: &str,
) -> Result<Option<StoredFinding>, StoreError> {
    let sql = format!("SELECT {FINDING} FROM finding WHERE run_id = ? AND fingerprint = ?");
    let values = [run_id.into(), fingerprint.into()];
    let row = connection
        .query_one_raw(statement(connection, &sql, values))
        .await?;
    Ok(row.as_ref().map(stored).transpose()?)
}

/// Stores a run and its findings in one transaction.
pub async fn save(
    store: &Store,
    run: NewRun<'_>,
    findings: &[StoredFinding],
) -> Result<i64, StoreError> {
    let transaction = store.begin().await?;
    let sql = "INSERT INTO audit_run (digest, data_digest, pack_digest, program, as_of, scope, finished_at, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let program = concat!("sanzi ", env!("CARGO_PKG_VERSION"));
    let values = [
        run.digest.into(),
        run.data_digest.into(),
        run.pack_digest.into(),
        program.into(),
        run.as_of.into(),
        run.scope.into(),
        run.finished_at.into(),
        run.outcome.into(),
    ];
    let row = transaction
        .query_one_raw(statement(&transaction, sql, values))
        .await?;
    let run_id: i64 = row
        .ok_or_else(|| StoreError::Database {
            reason: "run has no number".into(),
        })?
        .try_get_by_index(0)?;
    let columns = [
        "run_id",
        "fingerprint",
        "content",
        "number",
        "rule",
        "rule_version",
        "organisation",
        "kind",
        "severity",
        "amount",
        "payload",
    ];
    let mut insert = BulkInsert::new(&transaction, "finding", &columns, "");
    for f in findings {
        insert
            .push([
                run_id.into(),
                f.fingerprint.clone().into(),
                f.content.clone().into(),
                f.number.clone().into(),
                f.rule.clone().into(),
                f.rule_version.into(),
                f.organisation.clone().into(),
                f.kind.clone().into(),
                f.severity.clone().into(),
                f.amount.into(),
                f.payload.clone().into(),
            ])
            .await?;
    }
    insert.finish().await?;
    transaction.commit().await?;
    Ok(run_id)
}
