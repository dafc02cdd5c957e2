//! Batches: one per hand-in that wrote something.

use chrono::NaiveDateTime;
use sea_orm::ConnectionTrait;

use super::StoreError;
use super::bulk::statement;

/// Opens a batch and returns its number. Being a write, it also takes SQLite's write lock before anything is read, so
/// that two imports at once queue instead of colliding.
pub async fn open<C: ConnectionTrait>(
    connection: &C,
    label: &str,
    received_at: NaiveDateTime,
) -> Result<i64, StoreError> {
    let program = concat!("sanzi ", env!("CARGO_PKG_VERSION"));
    let sql = "INSERT INTO batch (label, program, received_at) VALUES (?, ?, ?) RETURNING id";
    let row = connection
        .query_one_raw(statement(
            connection,
            sql,
            [label.into(), program.into(), received_at.into()],
        ))
        .await?;
    let row = row.ok_or_else(|| StoreError::Database {
        reason: "batch has no number".into(),
    })?;
    Ok(row.try_get_by_index::<i64>(0)?)
}
