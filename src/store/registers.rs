//! Register rows: saved with their history, loaded as they stand.

use std::collections::BTreeMap;

use foldhash::HashMap;
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use super::bulk::statement;
use super::{Cell, Row, Scan, StoreError, Transaction};
use crate::model::{ColumnType, Interner, RegisterRow, Table, Text, Value, catalogue};

/// A register row with where it belongs and came from.
#[derive(Debug, Clone)]
pub struct StoredRow {
    /// Organisation code; empty for street-level tables.
    pub owner: Text,
    pub row: RegisterRow,
    pub digest: String,
    pub source_file: Text,
    pub source_sheet: Option<Text>,
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
pub async fn save(
    transaction: &Transaction,
    table: &Table,
    origin: Origin<'_>,
    rows: &[RegisterRow],
) -> Result<Saved, StoreError> {
    let mut current = current_rows(transaction, table, origin.owner).await?;
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
    retire(transaction, table, origin.batch_id, &retired).await?;
    let columns: Vec<&str> = META
        .into_iter()
        .chain(table.columns.iter().map(|c| c.name.as_str()))
        .collect();
    let rows = fresh.iter().map(|(key, ordinal, digest, row)| {
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(columns.len());
        cells.extend::<[Cell<'_>; 8]>([
            origin.owner.into(),
            key.as_str().into(),
            (*ordinal).into(),
            digest.as_str().into(),
            origin.batch_id.into(),
            origin.file.into(),
            origin.sheet.into(),
            row.source_row.into(),
        ]);
        cells.extend(row.values.iter().map(bound));
        cells
    });
    transaction.insert(&table.name, &columns, rows).await?;
    if saved.added + saved.changed > 0 {
        let sql = format!("INSERT INTO register_state (owner, batch_id) VALUES (?, ?) {LATEST}");
        let values = [origin.owner.into(), origin.batch_id.into()];
        transaction
            .execute_raw(statement(transaction, &sql, values))
            .await?;
    }
    Ok(saved)
}

/// Batches only grow, so that the one that writes is the latest.
const LATEST: &str = "ON CONFLICT (owner) DO UPDATE SET batch_id = excluded.batch_id";

/// The batch that last touched the registers of each owner (empty: those of the street).
///
/// # Errors
/// What the database says.
pub async fn states<C: ConnectionTrait>(
    connection: &C,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let sql = "SELECT owner, batch_id FROM register_state";
    let query = statement(connection, sql, []);
    let rows = connection.query_all_raw(query).await?;
    let states = rows
        .iter()
        .map(|r| Ok((r.try_get_by_index(0)?, r.try_get_by_index(1)?)));
    states.collect()
}

/// The current rows of a table, of one owner or of all, in the order of owner, then as handed in.
pub async fn load<S: Scan>(
    source: &S,
    table: &Table,
    owner: Option<&str>,
) -> Result<Vec<StoredRow>, StoreError> {
    let mut rows = Vec::new();
    let mut take = |row| {
        rows.push(row);
        Ok(())
    };
    scan(source, table, owner, "owner, row_key, ordinal", &mut take).await?;
    Ok(rows)
}

/// What is done with each stored row.
pub type EachRow<'e> = &'e mut (dyn FnMut(StoredRow) -> Result<(), StoreError> + Send);

/// Hands over the current rows of one owner in the order in which they came in, one after another.
pub async fn each_as_handed_in<S: Scan>(
    source: &S,
    table: &Table,
    owner: &str,
    each: EachRow<'_>,
) -> Result<(), StoreError> {
    scan(source, table, Some(owner), "row_id", each).await
}

/// The rows that were handed in at a place (file and row, from 1), replaced ones too: what a finding rests on stays readable after
/// another hand-in. Rows of the owner and of the street, in the order in which they came in.
pub async fn at_place<S: Scan>(
    source: &S,
    table: &Table,
    owner: &str,
    (file, source_row): (&str, u32),
) -> Result<Vec<StoredRow>, StoreError> {
    let sql = format!(
        "SELECT owner, row_digest, source_file, source_sheet, source_row, {} FROM \"{}\" \
         WHERE (owner = ? OR owner = '') AND source_file = ? AND source_row = ? ORDER BY row_id",
        own_columns(table),
        table.name
    );
    let values = [owner.into(), file.into(), source_row.into()];
    let (mut rows, mut texts) = (Vec::new(), Interner::default());
    source
        .scan(&sql, &values, &mut |row| {
            rows.push(stored_row(row, table, &mut texts)?);
            Ok(())
        })
        .await?;
    Ok(rows)
}

/// A form that a register row has or had.
#[derive(Debug, Clone)]
pub struct Form {
    pub stored: StoredRow,
    /// The batch that brought it.
    pub batch_id: i64,
    /// Tells rows of one key apart: forms of the same row have the same.
    pub ordinal: i64,
}

/// All forms of the rows of one key, oldest first; forms that were taken back with their batch are left out.
///
/// # Errors
/// What the database says.
pub async fn forms<S: Scan>(
    source: &S,
    table: &Table,
    owner: &str,
    key: &[&str],
) -> Result<Vec<Form>, StoreError> {
    let sql = format!(
        "SELECT owner, row_digest, source_file, source_sheet, source_row, {}, batch_id, ordinal FROM \"{}\" \
         WHERE owner = ? AND row_key = ? AND batch_id NOT IN (SELECT batch_id FROM batch_undo) ORDER BY ordinal, row_id",
        own_columns(table),
        table.name
    );
    let key = key.join("\u{1f}");
    let (mut texts, mut forms) = (Interner::default(), Vec::new());
    let next = 5 + table.columns.len();
    source
        .scan(&sql, &[owner.into(), key.as_str().into()], &mut |row| {
            forms.push(Form {
                stored: stored_row(row, table, &mut texts)?,
                batch_id: row.required_int(next)?,
                ordinal: row.required_int(next + 1)?,
            });
            Ok(())
        })
        .await?;
    Ok(forms)
}

/// The table's own columns, quoted.
fn own_columns(table: &Table) -> String {
    let quoted = table.columns.iter().map(|c| format!("\"{}\"", c.name));
    quoted.collect::<Vec<_>>().join(", ")
}

async fn scan<S: Scan>(
    source: &S,
    table: &Table,
    owner: Option<&str>,
    order: &str,
    each: EachRow<'_>,
) -> Result<(), StoreError> {
    let of_owner = owner.map_or("", |_| " AND owner = ?");
    let sql = format!(
        "SELECT owner, row_digest, source_file, source_sheet, source_row, {} FROM \"{}\" WHERE retired_in IS NULL{of_owner} ORDER BY {order}",
        own_columns(table),
        table.name
    );
    let mut texts = Interner::default();
    source
        .scan(&sql, owner.map(Cell::from).as_slice(), &mut |row| {
            each(stored_row(row, table, &mut texts)?)
        })
        .await
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

async fn current_rows(
    transaction: &Transaction,
    table: &Table,
    owner: &str,
) -> Result<HashMap<String, Vec<Standing>>, StoreError> {
    let sql = format!(
        "SELECT row_id, row_key, ordinal, row_digest FROM \"{}\" WHERE owner = ? AND retired_in IS NULL ORDER BY ordinal",
        table.name
    );
    let mut out: HashMap<String, Vec<Standing>> = HashMap::default();
    transaction
        .scan(&sql, &[owner.into()], &mut |row| {
            let standing = Standing {
                row_id: row.required_int(0)?,
                ordinal: row.required_int(2)?,
                digest: row.required_text(3)?.to_owned(),
                met: false,
            };
            out.entry(row.required_text(1)?.to_owned())
                .or_default()
                .push(standing);
            Ok(())
        })
        .await?;
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

/// Takes the rows of a batch out of view and brings back those that they had replaced; how many of each. The undo must be
/// recorded. Rows that a later batch has replaced are out of view already.
///
/// # Errors
/// What the database says.
pub async fn undo<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    undone_in: i64,
) -> Result<(u64, u64), StoreError> {
    let (mut removed, mut restored) = (0, 0);
    // Accounts are no register of their own here: the chart keeps them.
    for table in catalogue().registers().filter(|t| t.name != "account") {
        let name = &table.name;
        let sql = format!(
            "UPDATE \"{name}\" SET retired_in = ? WHERE retired_in IS NULL AND batch_id = ?"
        );
        let values = [undone_in.into(), batch_id.into()];
        let query = statement(connection, &sql, values);
        let rows = connection.execute_raw(query).await?.rows_affected();
        if rows == 0 {
            continue;
        }
        removed += rows;
        let sql = format!(
            "INSERT INTO register_state (owner, batch_id) SELECT DISTINCT owner, CAST(? AS BIGINT) FROM \"{name}\" \
             WHERE retired_in = ? {LATEST}"
        );
        let values = [undone_in.into(), undone_in.into()];
        let query = statement(connection, &sql, values);
        connection.execute_raw(query).await?;
        let sql = format!(
            "UPDATE \"{name}\" SET retired_in = NULL WHERE row_id IN (\
             SELECT MAX(r.row_id) FROM \"{name}\" x JOIN \"{name}\" r \
             ON r.owner = x.owner AND r.row_key = x.row_key AND r.ordinal = x.ordinal \
             WHERE x.retired_in = ? AND r.batch_id NOT IN (SELECT batch_id FROM batch_undo) \
             GROUP BY r.owner, r.row_key, r.ordinal)"
        );
        let query = statement(connection, &sql, [undone_in.into()]);
        restored += connection.execute_raw(query).await?.rows_affected();
    }
    Ok((removed, restored))
}

fn bound(value: &Value) -> Cell<'_> {
    match value {
        Value::Null => Cell::Null,
        Value::Text(t) => (&**t).into(),
        Value::Int(n) => (*n).into(),
        Value::Bool(b) => (*b).into(),
        Value::Date(d) => (*d).into(),
        Value::Time(t) => (*t).into(),
    }
}

fn stored_row(row: &Row<'_>, table: &Table, texts: &mut Interner) -> Result<StoredRow, StoreError> {
    let cells = (5..).zip(&table.columns);
    let values: Result<Vec<Value>, StoreError> = cells
        .map(|(at, column)| cell(row, at, &column.kind, texts))
        .collect();
    Ok(StoredRow {
        owner: texts.text(row.required_text(0)?),
        digest: row.required_text(1)?.to_owned(),
        source_file: texts.text(row.required_text(2)?),
        source_sheet: row.text(3)?.map(|t| texts.text(t)),
        row: RegisterRow {
            values: values?,
            source_row: u32::try_from(row.required_int(4)?).unwrap_or(0),
        },
    })
}

fn cell(
    row: &Row<'_>,
    at: usize,
    kind: &ColumnType,
    texts: &mut Interner,
) -> Result<Value, StoreError> {
    let value = match kind {
        ColumnType::Text
        | ColumnType::Id
        | ColumnType::List
        | ColumnType::Geometry
        | ColumnType::Enum { .. } => row.text(at)?.map(|t| Value::Text(texts.text(t))),
        ColumnType::Date => row.date(at)?.map(Value::Date),
        ColumnType::Time => row.time(at)?.map(Value::Time),
        ColumnType::YesNo => row.flag(at)?.map(Value::Bool),
        _ => row.int(at)?.map(Value::Int),
    };
    Ok(value.unwrap_or(Value::Null))
}
