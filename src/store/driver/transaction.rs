//! A transaction that serves SeaORM's statements and the driver's bulk paths alike.

use sea_orm::sqlx::{self, AssertSqlSafe, Executor, Postgres, Sqlite};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use super::super::StoreError;

/// Rolled back when dropped without [`Transaction::commit`].
pub enum Transaction {
    Sqlite(Mutex<sqlx::Transaction<'static, Sqlite>>),
    Postgres(Mutex<sqlx::Transaction<'static, Postgres>>),
}

impl Transaction {
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Transaction::Sqlite(t) => t.into_inner().commit().await?,
            Transaction::Postgres(t) => t.into_inner().commit().await?,
        }
        Ok(())
    }

    pub async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Transaction::Sqlite(t) => t.into_inner().rollback().await?,
            Transaction::Postgres(t) => t.into_inner().rollback().await?,
        }
        Ok(())
    }
}

/// Runs `$call` on the inner connection with the statement as the driver's query.
macro_rules! on_connection {
    ($self:ident, $statement:ident, |$query:ident, $connection:ident| $call:expr) => {
        match $self {
            Transaction::Sqlite(inner) => {
                let $query = query::<Sqlite>($statement);
                let $connection = &mut **inner.lock().await;
                $call
            }
            Transaction::Postgres(inner) => {
                let $query = query::<Postgres>($statement);
                let $connection = &mut **inner.lock().await;
                $call
            }
        }
    };
}

fn query<DB: sqlx::Database>(statement: Statement) -> sqlx::query::Query<'static, DB, SqlxValues>
where
    SqlxValues: sqlx::IntoArguments<DB>,
{
    let values = statement.values.unwrap_or(sea_orm::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Transaction::Sqlite(_) => DbBackend::Sqlite,
            Transaction::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        on_connection!(self, statement, |query, connection| {
            Ok(query.execute(connection).await.map_err(failed)?.into())
        })
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Transaction::Sqlite(inner) => {
                let connection = &mut **inner.lock().await;
                Ok(connection.execute(sql).await.map_err(failed)?.into())
            }
            Transaction::Postgres(inner) => {
                let connection = &mut **inner.lock().await;
                Ok(connection.execute(sql).await.map_err(failed)?.into())
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on_connection!(self, statement, |query, connection| {
            let row = query.fetch_optional(connection).await.map_err(failed)?;
            Ok(row.map(Into::into))
        })
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on_connection!(self, statement, |query, connection| {
            let rows = query.fetch_all(connection).await.map_err(failed)?;
            Ok(rows.into_iter().map(Into::into).collect())
        })
    }
}
