//! Whole tables read row by row, in the driver's own buffers.

use chrono::{NaiveDate, NaiveDateTime};
use futures::TryStreamExt as _;
use rusqlite::types::ValueRef;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, Row as _, SqliteConnection};
use sea_orm::{DatabaseConnection, DbBackend};

use super::super::{Store, StoreError, bulk};
use super::{Cell, Transaction, lock, on_sqlite};

/// What is done with each row.
pub type Each<'e> = &'e mut (dyn FnMut(&Row<'_>) -> Result<(), StoreError> + Send);

/// Something that can be read in bulk.
#[async_trait::async_trait]
pub trait Scan: Sync {
    /// Runs a `?`-marked `SELECT` and hands over its rows, one after another.
    ///
    /// # Errors
    /// What the database says, or the first error of `each`.
    async fn scan(
        &self,
        sql: &str,
        parameters: &[Cell<'_>],
        each: Each<'_>,
    ) -> Result<(), StoreError>;
}

/// A row of the result; columns are counted from 0.
pub enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r PgRow),
}

#[async_trait::async_trait]
impl Scan for Store {
    async fn scan(
        &self,
        sql: &str,
        parameters: &[Cell<'_>],
        each: Each<'_>,
    ) -> Result<(), StoreError> {
        self.db().scan(sql, parameters, each).await
    }
}

#[async_trait::async_trait]
impl Scan for DatabaseConnection {
    async fn scan(
        &self,
        sql: &str,
        parameters: &[Cell<'_>],
        each: Each<'_>,
    ) -> Result<(), StoreError> {
        if self.get_database_backend() == DbBackend::Sqlite {
            let mut connection = self.get_sqlite_connection_pool().acquire().await?;
            scan_sqlite(&mut connection, sql, parameters, each).await
        } else {
            let mut connection = self.get_postgres_connection_pool().acquire().await?;
            scan_postgres(&mut connection, sql, parameters, each).await
        }
    }
}

#[async_trait::async_trait]
impl Scan for Transaction {
    async fn scan(
        &self,
        sql: &str,
        parameters: &[Cell<'_>],
        each: Each<'_>,
    ) -> Result<(), StoreError> {
        match self {
            Transaction::Sqlite(inner) => {
                scan_sqlite(&mut *inner.lock().await, sql, parameters, each).await
            }
            Transaction::Postgres(inner) => {
                scan_postgres(&mut *inner.lock().await, sql, parameters, each).await
            }
        }
    }
}

async fn scan_sqlite(
    connection: &mut SqliteConnection,
    sql: &str,
    parameters: &[Cell<'_>],
    each: Each<'_>,
) -> Result<(), StoreError> {
    let mut handle = lock(connection).await?;
    let mut stopped = None;
    on_sqlite(&mut handle, |sqlite| {
        let mut select = sqlite.prepare(sql)?;
        for (index, cell) in parameters.iter().enumerate() {
            select.raw_bind_parameter(index + 1, super::insert::sqlite_value(*cell))?;
        }
        let mut rows = select.raw_query();
        while let Some(row) = rows.next()? {
            if let Err(error) = each(&Row::Sqlite(row)) {
                stopped = Some(error);
                break;
            }
        }
        Ok(())
    })?;
    stopped.map_or(Ok(()), Err)
}

async fn scan_postgres(
    connection: &mut PgConnection,
    sql: &str,
    parameters: &[Cell<'_>],
    each: Each<'_>,
) -> Result<(), StoreError> {
    let sql = bulk::placeholders(sql, DbBackend::Postgres);
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for cell in parameters {
        query = match *cell {
            Cell::Null => query.bind(None::<String>),
            Cell::Int(n) => query.bind(n),
            Cell::Flag(f) => query.bind(f),
            Cell::Text(t) => query.bind(t.to_owned()),
            Cell::Bytes(b) => query.bind(b.to_vec()),
            Cell::Date(d) => query.bind(d),
            Cell::Time(t) => query.bind(t),
        };
    }
    let mut rows = query.fetch(connection);
    while let Some(row) = rows.try_next().await? {
        each(&Row::Postgres(&row))?;
    }
    Ok(())
}

/// A getter of an optional value by column number: what PostgreSQL's driver gives, and how SQLite's value is read.
macro_rules! getter {
    ($(#[$doc:meta])* $name:ident -> $type:ty, $read:expr) => {
        $(#[$doc])*
        pub fn $name(&self, column: usize) -> Result<Option<$type>, StoreError> {
            match self {
                Row::Postgres(row) => Ok(row.try_get(column)?),
                Row::Sqlite(row) => match row.get_ref(column)? {
                    ValueRef::Null => Ok(None),
                    value => {
                        let read: fn(ValueRef<'_>) -> Option<$type> = $read;
                        read(value).map(Some).ok_or_else(|| unreadable(column))
                    }
                },
            }
        }
    };
}

impl<'r> Row<'r> {
    getter!(int -> i64, |v| v.as_i64().ok());
    getter!(flag -> bool, |v| v.as_i64().ok().map(|n| n != 0));
    getter!(date -> NaiveDate, |v| crate::model::date::iso_date(v.as_str().ok()?));
    getter!(time -> NaiveDateTime, |v| v.as_str().ok()?.replace(' ', "T").parse().ok());

    pub fn text(&self, column: usize) -> Result<Option<&'r str>, StoreError> {
        match *self {
            Row::Postgres(row) => Ok(row.try_get(column)?),
            Row::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(None),
                value => Ok(Some(value.as_str().map_err(|_| unreadable(column))?)),
            },
        }
    }

    pub fn bytes(&self, column: usize) -> Result<Option<&'r [u8]>, StoreError> {
        match *self {
            Row::Postgres(row) => Ok(row.try_get(column)?),
            Row::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(None),
                value => Ok(Some(value.as_blob().map_err(|_| unreadable(column))?)),
            },
        }
    }

    /// [`Row::int`] of a column that is never empty.
    pub fn required_int(&self, column: usize) -> Result<i64, StoreError> {
        self.int(column)?.ok_or_else(|| unreadable(column))
    }

    /// [`Row::text`] of a column that is never empty.
    pub fn required_text(&self, column: usize) -> Result<&'r str, StoreError> {
        self.text(column)?.ok_or_else(|| unreadable(column))
    }

    /// [`Row::bytes`] of a column that is never empty.
    pub fn required_bytes(&self, column: usize) -> Result<&'r [u8], StoreError> {
        self.bytes(column)?.ok_or_else(|| unreadable(column))
    }

    /// [`Row::date`] of a column that is never empty.
    pub fn required_date(&self, column: usize) -> Result<NaiveDate, StoreError> {
        self.date(column)?.ok_or_else(|| unreadable(column))
    }
}

fn unreadable(column: usize) -> StoreError {
    StoreError::Database {
        reason: format!("第 {} 列的值类型不对", column + 1),
    }
}
