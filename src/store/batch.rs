//! Batches: one per hand-in that wrote something, per reversal, and per undo of another batch.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use sea_orm::{ConnectionTrait, QueryResult};

use super::StoreError;
use super::bulk::{statement, text};

/// Opens a batch and returns its number. Being a write, it also takes SQLite's write lock before anything is read, so
/// that two imports at once queue instead of colliding.
pub async fn open<C: ConnectionTrait>(
    connection: &C,
    label: &str,
    received_at: NaiveDateTime,
) -> Result<i64, StoreError> {
    open_by(connection, label, received_at, None).await
}

/// [`open`] with the name of the person who does it.
pub async fn open_by<C: ConnectionTrait>(
    connection: &C,
    label: &str,
    received_at: NaiveDateTime,
    by: Option<&str>,
) -> Result<i64, StoreError> {
    let program = concat!("sanzi ", env!("CARGO_PKG_VERSION"));
    let sql =
        "INSERT INTO batch (label, program, received_at, by_whom) VALUES (?, ?, ?, ?) RETURNING id";
    let row = connection
        .query_one_raw(statement(
            connection,
            sql,
            [label.into(), program.into(), received_at.into(), text(by)],
        ))
        .await?;
    let row = row.ok_or_else(|| StoreError::Database {
        reason: "batch has no number".into(),
    })?;
    Ok(row.try_get_by_index::<i64>(0)?)
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// What it wrote counts.
    Standing,
    /// It was taken back.
    Undone {
        undone_in: i64,
        at: NaiveDateTime,
        by: String,
        reason: String,
    },
    /// It took another batch back.
    Undo { of: i64 },
}

/// A batch with what it brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub id: i64,
    pub label: String,
    pub at: NaiveDateTime,
    pub by: Option<String>,
    /// Files or sheets, and their rows.
    pub files: i64,
    pub rows: i64,
    /// Vouchers sealed.
    pub vouchers: i64,
    pub organisations: Vec<String>,
    pub state: State,
}

/// Every batch, the latest first.
///
/// # Errors
/// What the database says.
pub async fn list<C: ConnectionTrait>(connection: &C) -> Result<Vec<Summary>, StoreError> {
    let sql = format!(
        "SELECT {STATE}, b.id, b.label, b.received_at, b.by_whom, \
         (SELECT COUNT(*) FROM batch_file f WHERE f.batch_id = b.id), \
         (SELECT CAST(COALESCE(SUM(f.\"rows\"), 0) AS BIGINT) FROM batch_file f WHERE f.batch_id = b.id), \
         (SELECT CAST(COALESCE(SUM(p.last_position - p.first_position + 1), 0) AS BIGINT) FROM batch_posting p WHERE p.batch_id = b.id) \
         FROM batch b {STATE_JOINS} ORDER BY b.id DESC"
    );
    let query = statement(connection, &sql, []);
    let mut written = organisations_by_batch(connection).await?;
    let mut out = Vec::new();
    for row in connection.query_all_raw(query).await? {
        let id = row.try_get_by_index(5)?;
        out.push(Summary {
            id,
            label: row.try_get_by_index(6)?,
            at: row.try_get_by_index(7)?,
            by: row.try_get_by_index(8)?,
            files: row.try_get_by_index(9)?,
            rows: row.try_get_by_index(10)?,
            vouchers: row.try_get_by_index(11)?,
            organisations: written.remove(&id).unwrap_or_default(),
            state: state_of(&row, id)?,
        });
    }
    Ok(out)
}

/// What a batch's state is read from, in the first columns of a row.
const STATE: &str = "u.batch_id, u.undone_in, u.by_whom, u.reason, a.received_at";
const STATE_JOINS: &str = "LEFT JOIN batch_undo u ON u.batch_id = b.id OR u.undone_in = b.id \
                           LEFT JOIN batch a ON a.id = u.undone_in";

fn state_of(row: &QueryResult, batch_id: i64) -> Result<State, StoreError> {
    Ok(match row.try_get_by_index::<Option<i64>>(0)? {
        None => State::Standing,
        Some(of) if of != batch_id => State::Undo { of },
        Some(_) => State::Undone {
            undone_in: row.try_get_by_index(1)?,
            by: row.try_get_by_index(2)?,
            reason: row.try_get_by_index(3)?,
            at: row.try_get_by_index(4)?,
        },
    })
}

/// The organisations that each batch wrote something of, in order.
async fn organisations_by_batch<C: ConnectionTrait>(
    connection: &C,
) -> Result<HashMap<i64, Vec<String>>, StoreError> {
    let sql = "SELECT batch_id, organisation FROM batch_posting \
               UNION SELECT batch_id, organisation FROM account_version ORDER BY 1, 2";
    let query = statement(connection, sql, []);
    let mut out: HashMap<i64, Vec<String>> = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        let batch = row.try_get_by_index(0)?;
        out.entry(batch).or_default().push(row.try_get_by_index(1)?);
    }
    Ok(out)
}

/// `None`: there is no such batch.
///
/// # Errors
/// What the database says.
pub async fn state<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
) -> Result<Option<State>, StoreError> {
    let sql = format!("SELECT {STATE} FROM batch b {STATE_JOINS} WHERE b.id = ?");
    let row = connection
        .query_one_raw(statement(connection, &sql, [batch_id.into()]))
        .await?;
    row.map(|row| state_of(&row, batch_id)).transpose()
}

/// The organisations that a batch wrote something of, in order.
///
/// # Errors
/// What the database says.
pub async fn organisations<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT organisation FROM batch_posting WHERE batch_id = ? \
               UNION SELECT organisation FROM account_version WHERE batch_id = ? ORDER BY 1";
    let values = [batch_id.into(), batch_id.into()];
    let rows = connection
        .query_all_raw(statement(connection, sql, values))
        .await?;
    let codes = rows.iter().map(|r| r.try_get_by_index(0));
    Ok(codes.collect::<Result<_, _>>()?)
}

/// First and last position of what a batch sealed in one chain.
///
/// # Errors
/// What the database says.
pub async fn spans<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    organisation: &str,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = "SELECT first_position, last_position FROM batch_posting WHERE batch_id = ? AND organisation = ? ORDER BY first_position";
    let values = [batch_id.into(), organisation.into()];
    let rows = connection
        .query_all_raw(statement(connection, sql, values))
        .await?;
    let spans = rows
        .iter()
        .map(|r| Ok((r.try_get_by_index(0)?, r.try_get_by_index(1)?)));
    spans.collect()
}

/// Later batches that handed in something of these organisations and were not undone.
///
/// # Errors
/// What the database says.
pub async fn later<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    organisations: &[String],
) -> Result<Vec<i64>, StoreError> {
    if organisations.is_empty() {
        return Ok(Vec::new());
    }
    let marks = vec!["?"; organisations.len()].join(",");
    let sql = format!(
        "SELECT DISTINCT batch_id FROM account_version WHERE batch_id > ? AND organisation IN ({marks}) \
         AND batch_id NOT IN (SELECT batch_id FROM batch_undo) ORDER BY batch_id"
    );
    let codes = organisations.iter().map(|o| o.as_str().into());
    let values = std::iter::once(batch_id.into()).chain(codes);
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    let ids = rows.iter().map(|r| r.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Records that a batch was taken back.
///
/// # Errors
/// What the database says.
pub async fn record_undo<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    undone_in: i64,
    by: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO batch_undo (batch_id, undone_in, by_whom, reason) VALUES (?, ?, ?, ?)";
    let values = [batch_id.into(), undone_in.into(), by.into(), reason.into()];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}
