//! Requests that a program may send twice: the second time they get the answer of the first and nothing is done. A request is
//! known by the key that the program gave it.

use chrono::{NaiveDateTime, TimeDelta};
use sea_orm::ConnectionTrait;

use super::AccessError;
use crate::store::Store;
use crate::store::bulk::statement;

/// Days for which an answer is kept.
const KEPT_DAYS: i64 = 7;

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is to be done now, and [`keep`] or [`forget`] called afterwards.
    New,
    /// It was done, with this status and body.
    Done(u16, String),
    /// It came before and has no answer yet.
    Running,
    /// The key was given to another request.
    Other,
}

/// Takes a key for a request, unless it is taken. `digest` is of the request's address and body.
///
/// # Errors
/// What the database says.
pub async fn claim(
    store: &Store,
    login: &str,
    key: &str,
    digest: &str,
    now: NaiveDateTime,
) -> Result<Known, AccessError> {
    let transaction = store.begin().await?;
    let sql = "DELETE FROM api_answer WHERE asked_at < ?";
    let old = now - TimeDelta::days(KEPT_DAYS);
    let query = statement(&transaction, sql, [old.into()]);
    transaction.execute_raw(query).await?;
    let sql = "INSERT INTO api_answer (login, request_key, request_digest, asked_at) VALUES (?, ?, ?, ?) \
               ON CONFLICT (login, request_key) DO NOTHING";
    let values = [login.into(), key.into(), digest.into(), now.into()];
    let taken = transaction
        .execute_raw(statement(&transaction, sql, values))
        .await?;
    let known = match taken.rows_affected() {
        0 => known(&transaction, login, key, digest).await?,
        _ => Known::New,
    };
    transaction.commit().await?;
    Ok(known)
}

async fn known<C: ConnectionTrait>(
    connection: &C,
    login: &str,
    key: &str,
    digest: &str,
) -> Result<Known, AccessError> {
    let sql = "SELECT request_digest, CAST(status AS BIGINT), body FROM api_answer WHERE login = ? AND request_key = ?";
    let query = statement(connection, sql, [login.into(), key.into()]);
    let Some(row) = connection.query_one_raw(query).await? else {
        return Ok(Known::Running);
    };
    if row.try_get_by_index::<String>(0)? != digest {
        return Ok(Known::Other);
    }
    let status: Option<i64> = row.try_get_by_index(1)?;
    let body: Option<String> = row.try_get_by_index(2)?;
    let status = status.and_then(|s| u16::try_from(s).ok());
    Ok(status
        .zip(body)
        .map_or(Known::Running, |(s, b)| Known::Done(s, b)))
}

/// Keeps the answer of a request.
///
/// # Errors
/// What the database says.
pub async fn keep(
    store: &Store,
    login: &str,
    key: &str,
    status: u16,
    body: &str,
) -> Result<(), AccessError> {
    let sql = "UPDATE api_answer SET status = ?, body = ? WHERE login = ? AND request_key = ?";
    let values = [
        i64::from(status).into(),
        body.into(),
        login.into(),
        key.into(),
    ];
    let db = store.db();
    db.execute_raw(statement(db, sql, values)).await?;
    Ok(())
}

/// Gives a key back: the request was refused, nothing was done, and it may come again.
///
/// # Errors
/// What the database says.
pub async fn forget(store: &Store, login: &str, key: &str) -> Result<(), AccessError> {
    let sql = "DELETE FROM api_answer WHERE login = ? AND request_key = ?";
    let db = store.db();
    db.execute_raw(statement(db, sql, [login.into(), key.into()]))
        .await?;
    Ok(())
}
