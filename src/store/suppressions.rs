//! Findings set aside for a time, and those taken back. Rows are only added.

pub mod requests;

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::{ConnectionTrait, QueryResult};

use super::StoreError;
use super::bulk::statement;

/// A finding to be set aside.
#[derive(Debug, Clone, Copy)]
pub struct NewSuppression<'a> {
    pub finding: &'a Named,
    pub reason: &'a str,
    pub document: &'a str,
    pub until: NaiveDate,
    pub at: NaiveDateTime,
    pub by: &'a str,
    pub approved_by: &'a str,
}

/// A suppression as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub id: i64,
    pub finding: Named,
    pub reason: String,
    pub document: String,
    /// The last day on which it holds.
    pub until: NaiveDate,
    pub at: NaiveDateTime,
    pub by: String,
    pub approved_by: String,
    pub lifted: Option<Lift>,
    /// The content of the finding in the latest run that found it.
    pub latest_content: Option<String>,
}

/// A suppression taken back before its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lift {
    pub at: NaiveDateTime,
    pub by: String,
    pub reason: String,
}

/// A finding by its names, with the hash of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub fingerprint: String,
    pub content: String,
    pub number: String,
    pub organisation: String,
}

/// The findings of this number or fingerprint, each as the latest run that found it has it.
///
/// # Errors
/// What the database says.
pub async fn findings<C: ConnectionTrait>(
    connection: &C,
    name: &str,
) -> Result<Vec<Named>, StoreError> {
    let sql = "SELECT f.fingerprint, f.content, f.number, f.organisation FROM finding f \
         WHERE (f.fingerprint = ? OR f.number = ?) \
         AND f.run_id = (SELECT MAX(l.run_id) FROM finding l WHERE l.fingerprint = f.fingerprint) \
         ORDER BY f.fingerprint";
    let values = [name.into(), name.into()];
    let rows = connection
        .query_all_raw(statement(connection, sql, values))
        .await?;
    rows.iter().map(|row| named(row, 0)).collect()
}

fn named(row: &QueryResult, first: usize) -> Result<Named, StoreError> {
    Ok(Named {
        fingerprint: row.try_get_by_index(first)?,
        content: row.try_get_by_index(first + 1)?,
        number: row.try_get_by_index(first + 2)?,
        organisation: row.try_get_by_index(first + 3)?,
    })
}

/// Every suppression, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<Stored>, StoreError> {
    let sql = "SELECT s.fingerprint, s.content, s.number, s.organisation, s.id, s.reason, s.document, s.valid_until, s.at, s.by_whom, \
         s.approved_by, l.at, l.by_whom, l.reason, \
         (SELECT f.content FROM finding f WHERE f.fingerprint = s.fingerprint ORDER BY f.run_id DESC LIMIT 1) \
         FROM suppression s LEFT JOIN suppression_lift l ON l.suppression_id = s.id ORDER BY s.id";
    let rows = connection
        .query_all_raw(statement(connection, sql, []))
        .await?;
    rows.iter().map(stored).collect()
}

fn stored(row: &QueryResult) -> Result<Stored, StoreError> {
    let lifted_at: Option<NaiveDateTime> = row.try_get_by_index(11)?;
    let lifted = match lifted_at {
        None => None,
        Some(at) => Some(Lift {
            at,
            by: row.try_get_by_index(12)?,
            reason: row.try_get_by_index(13)?,
        }),
    };
    Ok(Stored {
        id: row.try_get_by_index(4)?,
        finding: named(row, 0)?,
        reason: row.try_get_by_index(5)?,
        document: row.try_get_by_index(6)?,
        until: row.try_get_by_index(7)?,
        at: row.try_get_by_index(8)?,
        by: row.try_get_by_index(9)?,
        approved_by: row.try_get_by_index(10)?,
        lifted,
        latest_content: row.try_get_by_index(14)?,
    })
}

/// Sets a finding aside and returns the number of the suppression.
///
/// # Errors
/// What the database says; it refuses one person alone and a day that is not in the future.
pub async fn add<C: ConnectionTrait>(
    connection: &C,
    new: NewSuppression<'_>,
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO suppression (fingerprint, content, number, organisation, reason, document, valid_until, at, by_whom, approved_by) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
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
        new.approved_by.into(),
    ];
    let row = connection
        .query_one_raw(statement(connection, sql, values))
        .await?;
    let row = row.ok_or_else(|| StoreError::Database {
        reason: "suppression has no number".into(),
    })?;
    Ok(row.try_get_by_index(0)?)
}

/// Takes a suppression back.
///
/// # Errors
/// What the database says; it refuses a second time.
pub async fn lift<C: ConnectionTrait>(
    connection: &C,
    id: i64,
    lift: &Lift,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO suppression_lift (suppression_id, at, by_whom, reason) VALUES (?, ?, ?, ?)";
    let values = [
        id.into(),
        lift.at.into(),
        lift.by.as_str().into(),
        lift.reason.as_str().into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}
