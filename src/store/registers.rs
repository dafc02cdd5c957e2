//! Register rows: saved with their history, loaded as they stand.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, QueryResult, TryGetError};
use sha2::{Digest, Sha256};

use super::StoreError;
use super::bulk::{BulkInsert, statement, text};
use crate::model::{ColumnType, RegisterRow, Table, Value};

/// A register row with where it belongs and came from.
#[derive(Debug, Clone)]
pub struct StoredRow {
    /// Organisation code; empty for street-level tables.
    pub owner: String,
    pub row: RegisterRow,
    pub digest: String,
    pub source_file: String,
    pub source_sheet: Option<String>,
}

/// What saving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Saved {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// Where the rows of one hand-in belong and came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub batch_id: i64,
    /// Organisation code; empty for street-level tables.
    pub owner: &'a str,
    pub file: &'a str,
    pub sheet: Option<&'a str>,
}

const META: [&str; 8] = [
    "owner",
    "row_key",
    "ordinal",
    "row_digest",
    "batch_id",
    "source_file",
    "source_sheet",
    "source_row",
];

/// Saves rows: equal ones are left alone, a row with a known key and other content retires the old one. Several rows of
/// one key are all kept: two receipts of one number are evidence.
/// Rows that stand in the store and not in this hand-in stay: a company may hand in one month of a register.
pub async fn save<C: ConnectionTrait>(
    connection: &C,
    table: &Table,
    origin: Origin<'_>,
    rows: &[RegisterRow],
) -> Result<Saved, StoreError> {
    let mut current = current_rows(connection, table, origin.owner).await?;
    let mut saved = Saved::default();
    let mut unknown = Vec::new();
    for (key, digest, row) in keyed(table, rows) {
        let standing = current.entry(key.clone()).or_default();
        match standing.iter_mut().find(|s| !s.met && s.digest == digest) {
            Some(same) => {
                same.met = true;
                saved.unchanged += 1;
            }
            None => unknown.push((key, digest, row)),
        }
    }
    let (mut fresh, mut retired) = (Vec::new(), Vec::new());
    for (key, digest, row) in unknown {
        let standing = current.entry(key.clone()).or_default();
        let next = standing.iter().map(|s| s.ordinal + 1).max().unwrap_or(0);
        let ordinal = match standing.iter_mut().find(|s| !s.met) {
            Some(old) => {
                old.met = true;
                retired.push(old.row_id);
                saved.changed += 1;
                old.ordinal
            }
            None => {
                saved.added += 1;
                standing.push(Standing {
                    row_id: 0,
                    ordinal: next,
                    digest: digest.clone(),
                    met: true,
                });
                next
            }
        };
        fresh.push((key, ordinal, digest, row));
    }
    retire(connection, table, origin.batch_id, &retired).await?;
    let columns: Vec<&str> = META
        .into_iter()
        .chain(table.columns.iter().map(|c| c.name.as_str()))
        .collect();
    let mut insert = BulkInsert::new(connection, &table.name, &columns, "");
    for (key, ordinal, digest, row) in fresh {
        let meta = [
            origin.owner.into(),
            key.into(),
            ordinal.into(),
            digest.into(),
            origin.batch_id.into(),
            origin.file.into(),
            text(origin.sheet),
            i64::from(row.source_row).into(),
        ];
        let own = row
            .values
            .iter()
            .zip(&table.columns)
            .map(|(value, column)| bound(value, &column.kind));
        insert.push(meta.into_iter().chain(own)).await?;
    }
    insert.finish().await?;
    Ok(saved)
}

/// All current rows of a table, in the order of owner, then as handed in.
pub async fn load<C: ConnectionTrait>(
    connection: &C,
    table: &Table,
) -> Result<Vec<StoredRow>, StoreError> {
    let own: Vec<String> = table
        .columns
        .iter()
        .map(|c| format!("\"{}\"", c.name))
        .collect();
    let sql = format!(
        "SELECT owner, row_digest, source_file, source_sheet, source_row, {} FROM \"{}\" WHERE retired_in IS NULL ORDER BY owner, row_key, ordinal",
        own.join(", "),
        table.name
    );
    let rows = connection
        .query_all_raw(statement(connection, &sql, []))
        .await?;
    rows.iter()
        .map(|row| {
            stored_row(row, table).map_err(|e| StoreError::Database {
                reason: format!("{e:?}"),
            })
        })
        .collect()
}

/// Rows with key and digest. Without a natural key the digest is the key.
fn keyed<'a>(table: &Table, rows: &'a [RegisterRow]) -> Vec<(String, String, &'a RegisterRow)> {
    let positions = table.key_positions();
    let key_of = |row: &RegisterRow| {
        let cells = positions
            .iter()
            .map(|&i| row.values[i].display(&table.columns[i].kind));
        cells.collect::<Vec<_>>().join("\u{1f}")
    };
    rows.iter()
        .map(|row| {
            let digest = digest(table, row);
            let key = if positions.is_empty() {
                digest.clone()
            } else {
                key_of(row)
            };
            (key, digest, row)
        })
        .collect()
}

/// A current row of the store.
struct Standing {
    row_id: i64,
    /// Tells rows of one key apart.
    ordinal: i64,
    digest: String,
    /// A row of the hand-in answers to it.
    met: bool,
}

/// Hex SHA-256 over the cells, each length-prefixed: the row's content without where it came from.
pub fn digest(table: &Table, row: &RegisterRow) -> String {
    let mut hash = Sha256::new();
    for (value, column) in row.values.iter().zip(&table.columns) {
        let cell = if value.is_null() {
            None
        } else {
            Some(value.display(&column.kind))
        };
        hash.update([u8::from(cell.is_some())]);
        let cell = cell.unwrap_or_default();
        hash.update((cell.len() as u64).to_be_bytes());
        hash.update(cell.as_bytes());
    }
    crate::model::hex(&hash.finalize())
}

async fn current_rows<C: ConnectionTrait>(
    connection: &C,
    table: &Table,
    owner: &str,
) -> Result<HashMap<String, Vec<Standing>>, StoreError> {
    let sql = format!(
        "SELECT row_id, row_key, ordinal, row_digest FROM \"{}\" WHERE owner = ? AND retired_in IS NULL ORDER BY ordinal",
        table.name
    );
    let rows = connection
        .query_all_raw(statement(connection, &sql, [owner.into()]))
        .await?;
    let mut out: HashMap<String, Vec<Standing>> = HashMap::with_capacity(rows.len());
    for row in rows {
        out.entry(row.try_get_by_index(1)?)
            .or_default()
            .push(Standing {
                row_id: row.try_get_by_index(0)?,
                ordinal: row.try_get_by_index(2)?,
                digest: row.try_get_by_index(3)?,
                met: false,
            });
    }
    Ok(out)
}

async fn retire<C: ConnectionTrait>(
    connection: &C,
    table: &Table,
    batch_id: i64,
    row_ids: &[i64],
) -> Result<(), StoreError> {
    for chunk in row_ids.chunks(1000) {
        let marks = vec!["?"; chunk.len()].join(",");
        let sql = format!(
            "UPDATE \"{}\" SET retired_in = ? WHERE row_id IN ({marks})",
            table.name
        );
        let values = std::iter::once(batch_id.into()).chain(chunk.iter().map(|&id| id.into()));
        connection
            .execute_raw(statement(connection, &sql, values))
            .await?;
    }
    Ok(())
}

fn bound(value: &Value, kind: &ColumnType) -> sea_orm::Value {
    match (value, kind) {
        (Value::Text(t), _) => sea_orm::Value::String(Some(t.to_string())),
        (Value::Int(n), _) => (*n).into(),
        (Value::Bool(b), _) => (*b).into(),
        (Value::Date(d), _) => (*d).into(),
        (Value::Time(t), _) => (*t).into(),
        (Value::Null, ColumnType::Date) => sea_orm::Value::ChronoDate(None),
        (Value::Null, ColumnType::Time) => sea_orm::Value::ChronoDateTime(None),
        (Value::Null, ColumnType::YesNo) => sea_orm::Value::Bool(None),
        (
            Value::Null,
            ColumnType::Text | ColumnType::Id | ColumnType::List | ColumnType::Enum { .. },
        ) => sea_orm::Value::String(None),
        (Value::Null, _) => sea_orm::Value::BigInt(None),
    }
}

fn stored_row(row: &QueryResult, table: &Table) -> Result<StoredRow, TryGetError> {
    let mut values = Vec::with_capacity(table.columns.len());
    for (i, column) in table.columns.iter().enumerate() {
        values.push(cell(row, i + 5, &column.kind)?);
    }
    let source_row: i64 = row.try_get_by_index_nullable(4)?;
    Ok(StoredRow {
        owner: row.try_get_by_index_nullable(0)?,
        digest: row.try_get_by_index_nullable(1)?,
        source_file: row.try_get_by_index_nullable(2)?,
        source_sheet: row.try_get_by_index_nullable(3)?,
        row: RegisterRow {
            values,
            source_row: u32::try_from(source_row).unwrap_or(0),
        },
    })
}

fn cell(row: &QueryResult, index: usize, kind: &ColumnType) -> Result<Value, TryGetError> {
    Ok(match kind {
        ColumnType::Text | ColumnType::Id | ColumnType::List | ColumnType::Enum { .. } => row
            .try_get_by_index_nullable::<Option<String>>(index)?
            .map_or(Value::Null, |t| Value::Text(t.into())),
        ColumnType::Date => row
            .try_get_by_index_nullable::<Option<chrono::NaiveDate>>(index)?
            .map_or(Value::Null, Value::Date),
        ColumnType::Time => row
            .try_get_by_index_nullable::<Option<chrono::NaiveDateTime>>(index)?
            .map_or(Value::Null, Value::Time),
        ColumnType::YesNo => row
            .try_get_by_index_nullable::<Option<bool>>(index)?
            .map_or(Value::Null, Value::Bool),
        _ => row
            .try_get_by_index_nullable::<Option<i64>>(index)?
            .map_or(Value::Null, Value::Int),
    })
}
