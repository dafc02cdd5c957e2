//! The first administrator: where there is no user yet, the program prints a code to its terminal, and whoever can read
//! that makes the account. The code works once, and only as long as there is nobody.

use chrono::NaiveDateTime;
use sea_orm::ConnectionTrait;

use super::log::{self, Act};
use super::password::Hasher;
use super::user::{self, Profile};
use super::{AccessError, secret};
use crate::store::Store;
use crate::store::bulk::statement;

const SETTING: &str = "first_code";

/// A fresh code when there is no user; an earlier one no longer works.
pub async fn offer(store: &Store) -> Result<Option<String>, AccessError> {
    let db = store.db();
    if !user::list(db).await?.is_empty() {
        return Ok(None);
    }
    let code = secret::typed_code();
    let sql = "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    let values = [SETTING.into(), secret::digest(&code).into()];
    db.execute_raw(statement(db, sql, values)).await?;
    Ok(Some(code))
}

/// Whether the workspace waits for its first administrator.
pub async fn is_open(store: &Store) -> Result<bool, AccessError> {
    Ok(user::list(store.db()).await?.is_empty())
}

/// Makes the first user with the code.
///
/// # Errors
/// [`AccessError::WrongCode`], and those of [`user::create`].
pub async fn take(
    store: &Store,
    hasher: &Hasher,
    code: &str,
    profile: &Profile,
    password: &str,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    profile.check()?;
    let hash = hasher.hash(&profile.login, password).await?;
    let transaction = store.begin().await?;
    let code = code.trim().to_uppercase();
    let sql = "DELETE FROM setting WHERE name = ? AND value = ?";
    let values = [SETTING.into(), secret::digest(&code).into()];
    let used = transaction
        .execute_raw(statement(&transaction, sql, values))
        .await?;
    if used.rows_affected() != 1 || !user::list(&transaction).await?.is_empty() {
        return Err(AccessError::WrongCode);
    }
    user::insert(&transaction, profile, &hash, false, now).await?;
    let act = Act::new("user.create", &profile.login).object(&profile.login);
    log::append_in(&transaction, &act.reason("首位系统管理员"), now).await?;
    Ok(transaction.commit().await?)
}
