//! SQLite stepped with one prepared statement for many rows and values that are never copied.
//!
//! A statement of many rows keeps its cursors open from row to row, so that rows in the order of the key are appended without
//! a search; that and the work of beginning a statement are most of what a row costs.

use std::os::raw::c_int;

use rusqlite::ffi;

use super::Cell;
use crate::model::date::iso_text;

/// Rows of one statement. More save little, and their bytecode leaves the processor's cache.
const ROWS: usize = 64;

/// Writes `rows` into `columns` of `table`; the number of rows written.
///
/// # Errors
/// What SQLite says of the first statement that fails; the transaction is then good for a rollback only.
pub(super) fn insert<'r, R: AsRef<[Cell<'r>]>>(
    sqlite: &rusqlite::Connection,
    table: &str,
    columns: &[&str],
    rows: impl Iterator<Item = R>,
) -> rusqlite::Result<u64> {
    let mut rows = rows.fuse();
    let (mut many, mut written) = (None, 0);
    let mut block: Vec<R> = Vec::with_capacity(ROWS);
    loop {
        block.extend(rows.by_ref().take(ROWS));
        if block.len() < ROWS {
            break;
        }
        let statement = match &mut many {
            Some(statement) => statement,
            none => none.insert(Insert::prepare(sqlite, table, columns, ROWS)?),
        };
        statement.write(&block)?;
        written += ROWS as u64;
        block.clear();
    }
    if !block.is_empty() {
        Insert::prepare(sqlite, table, columns, block.len())?.write(&block)?;
        written += block.len() as u64;
    }
    Ok(written)
}

/// An `INSERT` of a fixed number of rows, with what is bound to it now.
struct Insert<'c, 'r> {
    sqlite: &'c rusqlite::Connection,
    statement: *mut ffi::sqlite3_stmt,
    /// SQLite keeps bindings from one step to the next: what has not changed is not bound again.
    bound: Vec<Cell<'r>>,
    width: usize,
}

impl Drop for Insert<'_, '_> {
    fn drop(&mut self) {
        // SAFETY: made by `prepare`, used by nobody else. An error was reported by the step that failed.
        unsafe { ffi::sqlite3_finalize(self.statement) };
    }
}

impl<'c, 'r> Insert<'c, 'r> {
    fn prepare(
        sqlite: &'c rusqlite::Connection,
        table: &str,
        columns: &[&str],
        rows: usize,
    ) -> rusqlite::Result<Self> {
        let names = super::insert::names(columns);
        let row = format!("({})", vec!["?"; columns.len()].join(","));
        let values = vec![row; rows].join(",");
        let sql = format!("INSERT INTO \"{table}\" ({names}) VALUES {values}");
        let length = c_int::try_from(sql.len()).unwrap_or(c_int::MAX);
        let mut statement = std::ptr::null_mut();
        // SAFETY: text and length belong together, and the connection outlives the statement.
        let code = unsafe {
            let (text, none) = (sql.as_ptr().cast(), std::ptr::null_mut());
            ffi::sqlite3_prepare_v2(sqlite.handle(), text, length, &mut statement, none)
        };
        let prepared = Insert {
            sqlite,
            statement,
            // A fresh statement's parameters are all NULL.
            bound: vec![Cell::Null; rows * columns.len()],
            width: columns.len(),
        };
        prepared.check(code)?;
        Ok(prepared)
    }

    /// Writes as many rows as the statement has.
    fn write<R: AsRef<[Cell<'r>]>>(&mut self, rows: &[R]) -> rusqlite::Result<()> {
        for (row, first) in rows.iter().zip((0..).step_by(self.width)) {
            for (cell, slot) in row.as_ref().iter().zip(first..) {
                self.bind(slot, *cell)?;
            }
        }
        // SAFETY: the statement is live, and all that is bound lives for `'r`.
        let code = unsafe {
            ffi::sqlite3_step(self.statement);
            ffi::sqlite3_reset(self.statement)
        };
        self.check(code)
    }

    fn bind(&mut self, slot: usize, cell: Cell<'r>) -> rusqlite::Result<()> {
        if self.bound.get(slot).is_some_and(|b| unchanged(*b, cell)) {
            return Ok(());
        }
        let index = c_int::try_from(slot + 1).unwrap_or(c_int::MAX);
        let s = self.statement;
        // SAFETY: texts and bytes are borrowed for `'r`, which is longer than the statement lives; dates are copied.
        let code = unsafe {
            match cell {
                Cell::Null => ffi::sqlite3_bind_null(s, index),
                Cell::Int(n) => ffi::sqlite3_bind_int64(s, index, n),
                Cell::Flag(f) => ffi::sqlite3_bind_int64(s, index, i64::from(f)),
                Cell::Text(t) => bind_text(s, index, t, ffi::SQLITE_STATIC()),
                Cell::Bytes(b) => {
                    let (bytes, length) = (b.as_ptr().cast(), b.len() as ffi::sqlite3_uint64);
                    ffi::sqlite3_bind_blob64(s, index, bytes, length, ffi::SQLITE_STATIC())
                }
                Cell::Date(d) => bind_text(s, index, iso_text(d).as_str(), ffi::SQLITE_TRANSIENT()),
                Cell::Time(t) => bind_text(s, index, &t.to_string(), ffi::SQLITE_TRANSIENT()),
            }
        };
        if let Some(bound) = self.bound.get_mut(slot) {
            *bound = cell;
        }
        self.check(code)
    }

    fn check(&self, code: c_int) -> rusqlite::Result<()> {
        if code == ffi::SQLITE_OK {
            return Ok(());
        }
        // SAFETY: the message is SQLite's own, valid until the next call, and copied here.
        let message = unsafe {
            let text = ffi::sqlite3_errmsg(self.sqlite.handle());
            std::ffi::CStr::from_ptr(text)
                .to_string_lossy()
                .into_owned()
        };
        Err(rusqlite::Error::SqliteFailure(
            ffi::Error::new(code),
            Some(message),
        ))
    }
}

/// # Safety
/// With `SQLITE_STATIC` the text must live as long as it is bound.
unsafe fn bind_text(
    statement: *mut ffi::sqlite3_stmt,
    index: c_int,
    text: &str,
    lifetime: ffi::sqlite3_destructor_type,
) -> c_int {
    let (bytes, length) = (text.as_ptr().cast(), text.len() as ffi::sqlite3_uint64);
    let encoding = ffi::SQLITE_UTF8 as u8;
    // SAFETY: the caller's.
    unsafe { ffi::sqlite3_bind_text64(statement, index, bytes, length, lifetime, encoding) }
}

/// The same value at the same place in memory: equal bytes elsewhere are bound again, which costs less than comparing them.
fn unchanged(bound: Cell<'_>, new: Cell<'_>) -> bool {
    match (bound, new) {
        (Cell::Text(a), Cell::Text(b)) => std::ptr::eq(a, b),
        (Cell::Bytes(a), Cell::Bytes(b)) => std::ptr::eq(a, b),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (i64, Option<String>, Option<Vec<u8>>, Option<String>);

    /// What is bound stays bound until it changes: every mixture of values, over several statements and a short last one.
    #[test]
    fn every_row_holds_its_own_values() {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        let create = "CREATE TABLE t (n INTEGER, t TEXT, b BLOB, d TEXT)";
        sqlite.execute(create, []).unwrap();
        let texts: Vec<String> = (0..ROWS * 2 + 7).map(|i| format!("甲{i}")).collect();
        let day = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        let rows: Vec<[Cell<'_>; 4]> = (0i64..)
            .zip(&texts)
            .map(|(i, text)| {
                let optional = |of: i64, cell| if i % of == 0 { Cell::Null } else { cell };
                let shared = if i % 3 == 1 { "" } else { "共" };
                let text = if i % 2 == 0 { shared } else { text.as_str() };
                [
                    Cell::Int(i),
                    optional(5, Cell::Text(text)),
                    optional(7, Cell::Bytes(text.as_bytes())),
                    optional(4, Cell::Date(day)),
                ]
            })
            .collect();
        let written = insert(&sqlite, "t", &["n", "t", "b", "d"], rows.iter()).unwrap();
        assert_eq!(written, rows.len() as u64);
        let mut select = sqlite
            .prepare("SELECT n, t, b, d FROM t ORDER BY n")
            .unwrap();
        let read = select
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
            .unwrap();
        let read: Vec<Read> = read.map(Result::unwrap).collect();
        let want: Vec<Read> = rows
            .iter()
            .map(|[n, t, b, d]| {
                let Cell::Int(n) = *n else { unreachable!() };
                let t = if let Cell::Text(t) = t {
                    Some((*t).to_owned())
                } else {
                    None
                };
                let b = if let Cell::Bytes(b) = b {
                    Some(b.to_vec())
                } else {
                    None
                };
                (
                    n,
                    t,
                    b,
                    matches!(d, Cell::Date(_)).then(|| "2024-02-29".to_owned()),
                )
            })
            .collect();
        assert_eq!(read, want);
    }

    #[test]
    fn a_refused_row_is_an_error_with_its_reason() {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        sqlite
            .execute("CREATE TABLE t (n INTEGER PRIMARY KEY CHECK (n < 70))", [])
            .unwrap();
        let rows = (0..80).map(|n| [Cell::Int(n)]);
        let error = insert(&sqlite, "t", &["n"], rows).unwrap_err();
        assert!(
            error.to_string().contains("CHECK constraint failed"),
            "{error}"
        );
    }
}
