//! Many rows in few statements: multi-row inserts whose text repeats, so that the driver prepares it once.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

/// Parameters that one statement may bind: SQLite 32 766, PostgreSQL 65 535.
const MAX_PARAMETERS: usize = 32_766;

/// Collects rows and writes them in batches.
pub struct BulkInsert<'a, C: ConnectionTrait> {
    connection: &'a C,
    head: String,
    tail: &'static str,
    columns: usize,
    values: Vec<Value>,
    written: u64,
}

impl<'a, C: ConnectionTrait> BulkInsert<'a, C> {
    /// `tail` follows the values, for `ON CONFLICT …`.
    pub fn new(connection: &'a C, table: &str, columns: &[&str], tail: &'static str) -> Self {
        let names: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
        let head = format!("INSERT INTO \"{table}\" ({}) VALUES ", names.join(", "));
        BulkInsert {
            connection,
            head,
            tail,
            columns: columns.len(),
            values: Vec::new(),
            written: 0,
        }
    }

    /// Adds a row of exactly as many values as there are columns.
    pub async fn push(&mut self, row: impl IntoIterator<Item = Value>) -> Result<(), DbErr> {
        self.values.extend(row);
        debug_assert_eq!(self.values.len() % self.columns, 0, "row width");
        if self.values.len() + self.columns > self.chunk() * self.columns {
            self.flush().await?;
        }
        Ok(())
    }

    /// Writes what is left; the number of rows written in all.
    pub async fn finish(mut self) -> Result<u64, DbErr> {
        self.flush().await?;
        Ok(self.written)
    }

    fn chunk(&self) -> usize {
        (MAX_PARAMETERS / self.columns).min(1000)
    }

    async fn flush(&mut self) -> Result<(), DbErr> {
        let rows = self.values.len() / self.columns;
        if rows == 0 {
            return Ok(());
        }
        let backend = self.connection.get_database_backend();
        let sql = self.statement_text(rows, backend);
        let values = std::mem::take(&mut self.values);
        self.connection
            .execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
        self.written += rows as u64;
        Ok(())
    }

    fn statement_text(&self, rows: usize, backend: DbBackend) -> String {
        let mut sql = String::with_capacity(self.head.len() + rows * self.columns * 4);
        sql.push_str(&self.head);
        let mut parameter = 0;
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ",(" });
            for column in 0..self.columns {
                if column > 0 {
                    sql.push(',');
                }
                if backend == DbBackend::Postgres {
                    parameter += 1;
                    sql.push('$');
                    sql.push_str(&parameter.to_string());
                } else {
                    sql.push('?');
                }
            }
            sql.push(')');
        }
        sql.push_str(self.tail);
        sql
    }
}

/// An optional text as a bound value.
pub fn text(value: Option<&str>) -> Value {
    Value::String(value.map(str::to_owned))
}

/// `?`-marked SQL in the dialect of `backend`.
pub fn placeholders(sql: &str, backend: DbBackend) -> String {
    if backend != DbBackend::Postgres {
        return sql.to_owned();
    }
    let mut out = String::with_capacity(sql.len() + 8);
    let mut parameter = 0;
    for c in sql.chars() {
        if c == '?' {
            parameter += 1;
            out.push_str(&format!("${parameter}"));
        } else {
            out.push(c);
        }
    }
    out
}

/// A statement from `?`-marked SQL.
pub fn statement<C: ConnectionTrait>(
    connection: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    let backend = connection.get_database_backend();
    Statement::from_sql_and_values(backend, placeholders(sql, backend), values)
}
