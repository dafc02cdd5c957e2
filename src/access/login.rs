//! Logging in. Tries are counted by login name, whether somebody has it or not, and too many lock it for a while.

use chrono::{NaiveDateTime, TimeDelta};
use sea_orm::ConnectionTrait;

use super::log::{self, Act};
use super::password::Hasher;
use super::session::{self, Opened};
use super::{AccessError, User, user};
use crate::store::Store;
use crate::store::bulk::statement;

/// Failed tries after which a login name is locked.
pub const TRIES: i64 = 5;
/// How long it stays locked, minutes.
pub const LOCKED_MINUTES: i64 = 15;

/// Lets somebody in: the user, and a session for it.
///
/// # Errors
/// [`AccessError::WrongPassword`] (no such user, wrong password and disabled alike), [`AccessError::LockedOut`].
pub async fn log_in(
    store: &Store,
    hasher: &Hasher,
    login: &str,
    password: &str,
    now: NaiveDateTime,
) -> Result<(User, Opened), AccessError> {
    let login = login.trim();
    // A name longer than any that can be made is not worth a line in the log.
    if login.is_empty() || login.len() > 64 {
        return Err(AccessError::WrongPassword);
    }
    let failures = failures(store, login, now).await?;
    if let Some(until) = failures.locked_until.filter(|until| *until > now) {
        let minutes = ((until - now).num_seconds() + 59) / 60;
        return Err(AccessError::LockedOut { minutes });
    }
    let found = user::find(store.db(), login).await?;
    let hash = hash_of(store, login).await?;
    let right = hasher.verify(password, hash.as_deref()).await?;
    match found.filter(|u| right && !u.disabled) {
        Some(user) => {
            let transaction = store.begin().await?;
            let sql = "DELETE FROM login_failure WHERE login = ?";
            transaction
                .execute_raw(statement(&transaction, sql, [login.into()]))
                .await?;
            let opened = session::open(&transaction, login, now).await?;
            log::append_in(&transaction, &Act::new("login", login), now).await?;
            transaction.commit().await?;
            Ok((user, opened))
        }
        None => {
            note_failure(store, login, failures.failed + 1, now).await?;
            log::append(store, &Act::new("login.refused", login), now).await?;
            Err(AccessError::WrongPassword)
        }
    }
}

struct Failures {
    failed: i64,
    locked_until: Option<NaiveDateTime>,
}

/// Failed tries of a login name within the time for which they count.
async fn failures(store: &Store, login: &str, now: NaiveDateTime) -> Result<Failures, AccessError> {
    let db = store.db();
    let sql = "SELECT failed, last_at, locked_until FROM login_failure WHERE login = ?";
    let row = db.query_one_raw(statement(db, sql, [login.into()])).await?;
    let mut out = Failures {
        failed: 0,
        locked_until: None,
    };
    if let Some(row) = row {
        let last_at: NaiveDateTime = row.try_get_by_index(1)?;
        if now - last_at < TimeDelta::minutes(LOCKED_MINUTES) {
            out.failed = row.try_get_by_index(0)?;
            out.locked_until = row.try_get_by_index(2)?;
        }
    }
    Ok(out)
}

async fn note_failure(
    store: &Store,
    login: &str,
    failed: i64,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    let db = store.db();
    let locked = (failed >= TRIES).then(|| now + TimeDelta::minutes(LOCKED_MINUTES));
    let sql = "INSERT INTO login_failure (login, failed, last_at, locked_until) VALUES (?, ?, ?, ?) \
               ON CONFLICT (login) DO UPDATE SET failed = excluded.failed, last_at = excluded.last_at, locked_until = excluded.locked_until";
    let values = [login.into(), failed.into(), now.into(), locked.into()];
    db.execute_raw(statement(db, sql, values)).await?;
    // Names tried long ago are of no use to anybody.
    let sql = "DELETE FROM login_failure WHERE last_at < ?";
    let before = now - TimeDelta::days(1);
    db.execute_raw(statement(db, sql, [before.into()])).await?;
    Ok(())
}

async fn hash_of(store: &Store, login: &str) -> Result<Option<String>, AccessError> {
    let db = store.db();
    let sql = "SELECT password FROM app_user WHERE login = ?";
    let row = db.query_one_raw(statement(db, sql, [login.into()])).await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?)
}

/// Whether a password is the user's own, asked for again before it is changed.
///
/// # Errors
/// [`AccessError::WrongPassword`].
pub async fn confirm(
    store: &Store,
    hasher: &Hasher,
    login: &str,
    password: &str,
) -> Result<(), AccessError> {
    let hash = hash_of(store, login).await?;
    match hasher.verify(password, hash.as_deref()).await? {
        true => Ok(()),
        false => Err(AccessError::WrongPassword),
    }
}
