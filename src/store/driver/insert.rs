//! Many rows into one table, without an allocation a value.

use std::fmt::Write as _;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use sea_orm::sqlx::{PgConnection, SqliteConnection};

use super::super::StoreError;
use super::{Cell, Transaction, lock, on_sqlite, step};

/// Bytes collected before they are sent to PostgreSQL.
const CHUNK: usize = 1 << 20;

impl Transaction {
    /// Writes `rows` into `columns` of `table`; the number of rows written. Each row has as many cells as there are columns.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses a row; the transaction is then good for a rollback only.
    pub async fn insert<'r, R: AsRef<[Cell<'r>]>>(
        &self,
        table: &str,
        columns: &[&str],
        rows: impl IntoIterator<Item = R, IntoIter: Send> + Send,
    ) -> Result<u64, StoreError> {
        match self {
            Transaction::Sqlite(inner) => {
                step_rows(&mut *inner.lock().await, table, columns, rows.into_iter()).await
            }
            Transaction::Postgres(inner) => {
                copy_rows(&mut *inner.lock().await, table, columns, rows.into_iter()).await
            }
        }
    }
}

pub(super) fn names(columns: &[&str]) -> String {
    let quoted: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
    quoted.join(", ")
}

async fn step_rows<'r, R: AsRef<[Cell<'r>]>>(
    connection: &mut SqliteConnection,
    table: &str,
    columns: &[&str],
    rows: impl Iterator<Item = R>,
) -> Result<u64, StoreError> {
    let mut handle = lock(connection).await?;
    on_sqlite(&mut handle, |sqlite| {
        step::insert(sqlite, table, columns, rows)
    })
}

/// Dates and times are texts in SQLite, in the form in which SeaORM writes and reads them.
pub(super) fn sqlite_value(cell: Cell<'_>) -> ToSqlOutput<'_> {
    match cell {
        Cell::Null => ToSqlOutput::Borrowed(ValueRef::Null),
        Cell::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(n)),
        Cell::Flag(f) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(f))),
        Cell::Text(t) => ToSqlOutput::Borrowed(ValueRef::Text(t.as_bytes())),
        Cell::Bytes(b) => ToSqlOutput::Borrowed(ValueRef::Blob(b)),
        Cell::Date(d) => ToSqlOutput::Owned(Value::Text(d.to_string())),
        Cell::Time(t) => ToSqlOutput::Owned(Value::Text(t.to_string())),
    }
}

async fn copy_rows<'r, R: AsRef<[Cell<'r>]>>(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
    rows: impl Iterator<Item = R>,
) -> Result<u64, StoreError> {
    let sql = format!("COPY \"{table}\" ({}) FROM STDIN", names(columns));
    let mut copy = connection.copy_in_raw(&sql).await?;
    let mut text = String::with_capacity(CHUNK + 4096);
    for row in rows {
        copy_line(&mut text, row.as_ref());
        if text.len() >= CHUNK {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copy.send(text.as_bytes()).await?;
    Ok(copy.finish().await?)
}

/// One line of PostgreSQL's text format.
fn copy_line(out: &mut String, row: &[Cell<'_>]) {
    for (index, cell) in row.iter().enumerate() {
        if index > 0 {
            out.push('\t');
        }
        // Writing into a String cannot fail.
        let _ = match cell {
            Cell::Null => out.write_str("\\N"),
            Cell::Int(n) => write!(out, "{n}"),
            Cell::Flag(f) => out.write_str(if *f { "t" } else { "f" }),
            Cell::Text(t) => {
                escape(out, t);
                Ok(())
            }
            Cell::Bytes(b) => {
                out.push_str("\\\\x");
                b.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
            }
            Cell::Date(d) => write!(out, "{d}"),
            Cell::Time(t) => write!(out, "{t}"),
        };
    }
    out.push('\n');
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_line_keeps_every_character() {
        let mut line = String::new();
        let row = [
            Cell::Text("甲\\乙\t丙\n丁\r"),
            Cell::Null,
            Cell::Int(-5),
            Cell::Bytes(&[0, 255]),
            Cell::Flag(true),
        ];
        copy_line(&mut line, &row);
        assert_eq!(line, "甲\\\\乙\\t丙\\n丁\\r\t\\N\t-5\t\\\\x00ff\tt\n");
    }
}
