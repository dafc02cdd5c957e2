//! The driver's own connection, for the paths where an object a row is too slow: bulk writing and whole-table reading.
//! SQLite is stepped with one prepared statement and borrowed values, PostgreSQL is fed by `COPY`. Everything else goes
//! through SeaORM on the same connection.

mod cell;
mod insert;
mod scan;
mod step;
mod transaction;

pub use cell::Cell;
pub use scan::{Row, Scan};
pub use transaction::Transaction;

use rusqlite::ffi;
use sea_orm::sqlx::sqlite::LockedSqliteHandle;
use sea_orm::sqlx::{Connection as _, SqliteConnection};

use super::StoreError;

/// The SQLite handle, for as long as the driver's worker does without it.
///
/// The ping lets the worker catch up first. Each lock leaves it a command, and nothing makes it read one before the next lock is
/// taken: on a busy machine they fill its queue, and whoever then holds the lock waits for the queue, as the worker for the lock.
async fn lock(connection: &mut SqliteConnection) -> Result<LockedSqliteHandle<'_>, StoreError> {
    connection.ping().await?;
    Ok(connection.lock_handle().await?)
}

/// Runs `work` on a locked SQLite handle.
fn on_sqlite<T>(
    handle: &mut LockedSqliteHandle<'_>,
    work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    let raw = handle.as_raw_handle().as_ptr();
    // SAFETY: the lock keeps the driver's worker away from the handle while `connection` lives, and a connection made
    // from a handle does not close it.
    let connection = unsafe { rusqlite::Connection::from_handle(raw) }?;
    Ok(work(&connection)?)
}

/// Turns off SQLite's counting of its own memory: a lock at every allocation, for a number that nobody reads.
/// Only has an effect before the first connection of the process.
pub fn without_memory_statistics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    // SAFETY: the option takes one int; a refusal after the library has started is harmless and ignored.
    ONCE.call_once(|| unsafe {
        ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0);
    });
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::from_driver(&error.to_string())
    }
}

impl From<sea_orm::sqlx::Error> for StoreError {
    fn from(error: sea_orm::sqlx::Error) -> StoreError {
        StoreError::from_driver(&error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sea_orm::sqlx::ConnectOptions as _;
    use sea_orm::sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    #[tokio::test]
    async fn locks_in_quick_succession_do_not_block_the_worker() {
        let options = SqliteConnectOptions::new().in_memory(true);
        // Of one command, so that two locks in a row are enough to fill it.
        let mut connection = options.command_buffer_size(1).connect().await.unwrap();
        let many = async {
            for _ in 0..5_000 {
                let mut handle = lock(&mut connection).await.unwrap();
                on_sqlite(&mut handle, |sqlite| sqlite.execute_batch("SELECT 1")).unwrap();
            }
        };
        let limit = Duration::from_secs(60);
        tokio::time::timeout(limit, many).await.expect("blocked");
    }
}
