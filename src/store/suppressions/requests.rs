//! Requests to set a finding aside, and their answers. Rows are only added.

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{Named, named};
use crate::store::StoreError;
use crate::store::bulk::statement;

/// A request to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct NewRequest<'a> {
    pub finding: &'a Named,
    pub reason: &'a str,
    pub document: &'a str,
    pub until: NaiveDate,
    pub at: NaiveDateTime,
    pub by: &'a str,
}

/// A request as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub id: i64,
    pub finding: Named,
    pub reason: String,
    pub document: String,
    /// The last day on which it would hold.
    pub until: NaiveDate,
    pub at: NaiveDateTime,
    pub by: String,
    pub answered: Option<Answered>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// `approved`, `refused`, `withdrawn`.
    pub answer: String,
    pub at: NaiveDateTime,
    pub by: String,
    pub reason: Option<String>,
    /// What the request became.
    pub suppression: Option<i64>,
}

/// Every request, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<Asked>, StoreError> {
    let sql = "SELECT r.fingerprint, r.content, r.number, r.organisation, r.id, r.reason, r.document, r.valid_until, r.at, r.by_whom, \
         a.answer, a.at, a.by_whom, a.reason, a.suppression_id \
         FROM suppression_request r LEFT JOIN suppression_answer a ON a.request_id = r.id ORDER BY r.id";
    let rows = connection
        .query_all_raw(statement(connection, sql, []))
        .await?;
    rows.iter().map(asked).collect()
}

fn asked(row: &QueryResult) -> Result<Asked, StoreError> {
    let answer: Option<String> = row.try_get_by_index(10)?;
    let answered = match answer {
        None => None,
        Some(answer) => Some(Answered {
            answer,
            at: row.try_get_by_index(11)?,
            by: row.try_get_by_index(12)?,
            reason: row.try_get_by_index(13)?,
            suppression: row.try_get_by_index(14)?,
        }),
    };
    Ok(Asked {
        finding: named(row, 0)?,
        id: row.try_get_by_index(4)?,
        reason: row.try_get_by_index(5)?,
        document: row.try_get_by_index(6)?,
        until: row.try_get_by_index(7)?,
        at: row.try_get_by_index(8)?,
        by: row.try_get_by_index(9)?,
        answered,
    })
}

/// Records a request and returns its number.
///
/// # Errors
/// What the database says; it refuses a request without reason, document, person or a future day.
pub async fn add<C: ConnectionTrait>(
    connection: &C,
    new: NewRequest<'_>,
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO suppression_request (fingerprint, content, number, organisation, reason, document, valid_until, at, by_whom) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let finding = new.finding;
    let values = [
        finding.fingerprint.as_str().into(),
        finding.content.as_str().into(),
        finding.number.as_str().into(),
        finding.organisation.as_str().into(),
        new.reason.into(),
        new.document.into(),
        new.until.into(),
        new.at.into(),
        new.by.into(),
    ];
    let row = connection
        .query_one_raw(statement(connection, sql, values))
        .await?;
    let row = row.ok_or_else(|| StoreError::Database {
        reason: "request has no number".into(),
    })?;
    Ok(row.try_get_by_index(0)?)
}

/// Records an answer.
///
/// # Errors
/// What the database says; it refuses a second one.
pub async fn answer<C: ConnectionTrait>(
    connection: &C,
    id: i64,
    answered: &Answered,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO suppression_answer (request_id, answer, at, by_whom, reason, suppression_id) VALUES (?, ?, ?, ?, ?, ?)";
    let values = [
        id.into(),
        answered.answer.as_str().into(),
        answered.at.into(),
        answered.by.as_str().into(),
        answered.reason.clone().into(),
        answered.suppression.into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}
