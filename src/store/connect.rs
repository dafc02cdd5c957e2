//! Opening the store: connection settings, migrations.

use std::path::Path;
use std::time::Duration;

use sanzi_migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};

use super::{StoreError, Transaction};

/// An open store whose schema is up to date.
#[derive(Debug, Clone)]
pub struct Store {
    db: DatabaseConnection,
    /// The path of the SQLite file, or the address without a password.
    location: String,
}

impl Store {
    /// Opens `sqlite://path`, a plain path (SQLite too), or `postgres://…`; creates the SQLite file and its folder when
    /// absent, and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Store, StoreError> {
        super::driver::without_memory_statistics();
        let (full, shown) = normalise(url)?;
        let mut options = ConnectOptions::new(full);
        options
            .sqlx_logging(false)
            .connect_timeout(Duration::from_secs(20))
            .acquire_timeout(Duration::from_secs(60))
            .max_connections(8);
        // A new file has nothing that a reader could be reading: its first rows are written once, to their place. From
        // the next opening on it keeps a write-ahead log.
        let journal = match is_new_file(&shown) {
            true => SqliteJournalMode::Truncate,
            false => SqliteJournalMode::Wal,
        };
        options.map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(true)
                // Larger than the default: a page of entries holds some thirty rows, and keys lie one level higher.
                .page_size(8192)
                .journal_mode(journal)
                // FULL: a posted voucher survives a power cut.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(30))
                // REPLACE must not slip past the delete triggers.
                .pragma("recursive_triggers", "ON")
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "MEMORY")
        });
        let db = Database::connect(options)
            .await
            .map_err(|e| StoreError::Connect {
                url: shown.clone(),
                reason: e.to_string(),
            })?;
        Migrator::up(&db, None)
            .await
            .map_err(|e| StoreError::Migrate {
                reason: e.to_string(),
            })?;
        Ok(Store {
            db,
            location: shown,
        })
    }

    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Begins a transaction. On SQLite it takes the write lock at once, so that it never fails for another writer halfway.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(if self.is_sqlite() {
            let pool = self.db.get_sqlite_connection_pool();
            Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?.into())
        } else {
            Transaction::Postgres(self.db.get_postgres_connection_pool().begin().await?.into())
        })
    }

    /// The path of the SQLite file, or the address without a password.
    pub fn location(&self) -> &str {
        &self.location
    }

    pub fn is_sqlite(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Sqlite
    }

    /// Closes all connections; SQLite then folds its write-ahead log into the file.
    pub async fn close(self) -> Result<(), StoreError> {
        self.db.close().await.map_err(StoreError::from)
    }
}

fn is_new_file(path: &str) -> bool {
    std::fs::metadata(path).map_or(true, |file| file.len() == 0)
}

/// The URL for the driver, and the same without a password for messages.
fn normalise(url: &str) -> Result<(String, String), StoreError> {
    let trimmed = url.trim();
    if trimmed.starts_with("postgres://") || trimmed.starts_with("postgresql://") {
        return Ok((trimmed.to_owned(), without_password(trimmed)));
    }
    let path = trimmed
        .strip_prefix("sqlite://")
        .or_else(|| trimmed.strip_prefix("sqlite:"))
        .unwrap_or(trimmed);
    let path = path.split('?').next().unwrap_or(path);
    if path.is_empty() || path.contains("://") {
        return Err(StoreError::BadUrl {
            url: without_password(trimmed),
        });
    }
    if let Some(folder) = Path::new(path)
        .parent()
        .filter(|f| !f.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|e| StoreError::Connect {
            url: path.to_owned(),
            reason: e.to_string(),
        })?;
    }
    Ok((format!("sqlite://{path}"), path.to_owned()))
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_the_password() {
        assert_eq!(
            without_password("postgres://a:secret@host/db"),
            "postgres://***@host/db"
        );
        assert!(matches!(
            normalise("mysql://x"),
            Err(StoreError::BadUrl { .. })
        ));
    }
}
