//! Tokens with which a program uses the API in a person's name: for reading only unless it was made for writing too, for a
//! limited time, and until it is revoked. What the person may not do, the token may not do.

use chrono::{NaiveDateTime, TimeDelta};
use sea_orm::{ConnectionTrait, QueryResult};

use super::log::{self, Act};
use super::{AccessError, User, secret, user};
use crate::store::Store;
use crate::store::bulk::statement;

/// Days that a token lives at most.
pub const LONGEST_DAYS: i64 = 366;
/// Characters of what a token is for.
const LONGEST_LABEL: usize = 60;

/// What tokens begin with, so that one left lying in a file is recognised.
const PREFIX: &str = "sanzi_";

/// What a person asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// What it is for.
    pub label: &'a str,
    pub may_write: bool,
    /// 1 to [`LONGEST_DAYS`].
    pub days: i64,
}

/// A token as its owner sees it later: what was handed out is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub label: String,
    pub may_write: bool,
    pub created_at: NaiveDateTime,
    pub ends_at: NaiveDateTime,
    pub revoked_at: Option<NaiveDateTime>,
}

impl Token {
    pub fn holds(&self, now: NaiveDateTime) -> bool {
        self.revoked_at.is_none() && now < self.ends_at
    }

    fn of(row: &QueryResult) -> Result<Token, AccessError> {
        Ok(Token {
            id: row.try_get_by_index(0)?,
            label: row.try_get_by_index(1)?,
            may_write: row.try_get_by_index::<i64>(2)? != 0,
            created_at: row.try_get_by_index(3)?,
            ends_at: row.try_get_by_index(4)?,
            revoked_at: row.try_get_by_index(5)?,
        })
    }
}

const COLUMNS: &str = "id, label, may_write, created_at, ends_at, revoked_at";

/// Makes a token; the answer is the only time that it can be read.
///
/// # Errors
/// [`AccessError::BadToken`] for a wish that cannot be fulfilled.
pub async fn make(
    store: &Store,
    login: &str,
    wish: Wish<'_>,
    now: NaiveDateTime,
) -> Result<String, AccessError> {
    let label = wish.label.trim();
    if label.is_empty() || label.chars().count() > LONGEST_LABEL {
        return Err(AccessError::BadToken("用途要写明,不超过 60 个字"));
    }
    if !(1..=LONGEST_DAYS).contains(&wish.days) {
        return Err(AccessError::BadToken("有效天数须为 1 至 366 天"));
    }
    let token = format!("{PREFIX}{}", secret::token());
    let transaction = store.begin().await?;
    let act = Act::new("token.make", login).object(label);
    log::append_in(&transaction, &act, now).await?;
    let sql = "INSERT INTO api_token (id, digest, login, label, may_write, created_at, ends_at) \
               SELECT COALESCE(MAX(id), 0) + 1, ?, ?, ?, ?, ?, ? FROM api_token";
    let values = [
        secret::digest(&token).into(),
        login.into(),
        label.into(),
        i64::from(wish.may_write).into(),
        now.into(),
        (now + TimeDelta::days(wish.days)).into(),
    ];
    transaction
        .execute_raw(statement(&transaction, sql, values))
        .await?;
    transaction.commit().await?;
    Ok(token)
}

/// A person's tokens, the latest first; those that are over too.
///
/// # Errors
/// What the database says.
pub async fn list(store: &Store, login: &str) -> Result<Vec<Token>, AccessError> {
    let sql = format!("SELECT {COLUMNS} FROM api_token WHERE login = ? ORDER BY id DESC");
    let rows = store
        .db()
        .query_all_raw(statement(store.db(), &sql, [login.into()]))
        .await?;
    rows.iter().map(Token::of).collect()
}

/// Takes a person's token back; nothing happens when it is not theirs or was taken back before.
///
/// # Errors
/// What the database says.
pub async fn revoke(
    store: &Store,
    login: &str,
    id: i64,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    let transaction = store.begin().await?;
    let sql =
        "UPDATE api_token SET revoked_at = ? WHERE login = ? AND id = ? AND revoked_at IS NULL";
    let query = statement(&transaction, sql, [now.into(), login.into(), id.into()]);
    let done = transaction.execute_raw(query).await?;
    if done.rows_affected() > 0 {
        let object = id.to_string();
        let act = Act::new("token.revoke", login).object(&object);
        log::append_in(&transaction, &act, now).await?;
    }
    Ok(transaction.commit().await?)
}

/// Whose token this is and whether it may write, if it still holds and its owner may log in.
///
/// # Errors
/// What the database says.
pub async fn find(
    store: &Store,
    token: &str,
    now: NaiveDateTime,
) -> Result<Option<(User, bool)>, AccessError> {
    let db = store.db();
    let sql = format!("SELECT {COLUMNS}, login FROM api_token WHERE digest = ?");
    let row = db
        .query_one_raw(statement(db, &sql, [secret::digest(token).into()]))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (found, login) = (Token::of(&row)?, row.try_get_by_index::<String>(6)?);
    if !found.holds(now) {
        return Ok(None);
    }
    let user = user::find(db, &login).await?;
    let user = user.filter(|u| !u.disabled && !u.must_change);
    Ok(user.map(|user| (user, found.may_write)))
}
