//! Sessions: a random token in the browser, its digest in the store. A session ends when it is left idle, and at the latest
//! after a working day.

use chrono::{NaiveDateTime, TimeDelta};
use sea_orm::ConnectionTrait;

use super::log::{self, Act};
use super::{AccessError, User, secret, user};
use crate::store::Store;
use crate::store::bulk::statement;

/// Minutes without a request after which a session is over.
pub const IDLE_MINUTES: i64 = 60;
/// Hours after which it is over in any case.
pub const LONGEST_HOURS: i64 = 12;
/// The time of the last request is written at most this often: reading pages should not write.
const TOUCH_MINUTES: i64 = 2;

/// A session as handed to the browser.
#[derive(Debug, Clone)]
pub struct Opened {
    pub token: String,
    /// What every form of the session must carry.
    pub csrf: String,
}

/// A session that holds.
#[derive(Debug, Clone)]
pub struct Session {
    pub user: User,
    pub csrf: String,
}

impl Session {
    /// Whether a form carries this session's mark.
    pub fn accepts(&self, csrf: &str) -> bool {
        secret::same(&self.csrf, csrf)
    }
}

/// Opens a session; those that are over go.
pub(super) async fn open<C: ConnectionTrait>(
    connection: &C,
    login: &str,
    now: NaiveDateTime,
) -> Result<Opened, AccessError> {
    let sql = "DELETE FROM app_session WHERE ends_at < ? OR seen_at < ?";
    let idle = now - TimeDelta::minutes(IDLE_MINUTES);
    let query = statement(connection, sql, [now.into(), idle.into()]);
    connection.execute_raw(query).await?;
    let opened = Opened {
        token: secret::token(),
        csrf: secret::token(),
    };
    let sql =
        "INSERT INTO app_session (digest, login, csrf, seen_at, ends_at) VALUES (?, ?, ?, ?, ?)";
    let values = [
        secret::digest(&opened.token).into(),
        login.into(),
        opened.csrf.clone().into(),
        now.into(),
        (now + TimeDelta::hours(LONGEST_HOURS)).into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(opened)
}

/// The session of a token, if it still holds and its user may log in.
pub async fn find(
    store: &Store,
    token: &str,
    now: NaiveDateTime,
) -> Result<Option<Session>, AccessError> {
    let (db, digest) = (store.db(), secret::digest(token));
    let sql = "SELECT login, csrf, seen_at, ends_at FROM app_session WHERE digest = ?";
    let row = db
        .query_one_raw(statement(db, sql, [digest.clone().into()]))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (login, csrf): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let (seen, ends): (NaiveDateTime, NaiveDateTime) =
        (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    if now >= ends || now - seen >= TimeDelta::minutes(IDLE_MINUTES) {
        return Ok(None);
    }
    let Some(user) = user::find(db, &login).await?.filter(|u| !u.disabled) else {
        return Ok(None);
    };
    if now - seen >= TimeDelta::minutes(TOUCH_MINUTES) {
        let sql = "UPDATE app_session SET seen_at = ? WHERE digest = ?";
        let touched = db
            .execute_raw(statement(db, sql, [now.into(), digest.into()]))
            .await;
        // A long import holds the writer: that must not keep people from reading.
        if let Err(error) = touched {
            tracing::warn!("session not touched: {error}");
        }
    }
    Ok(Some(Session { user, csrf }))
}

/// Ends a session.
pub async fn close(
    store: &Store,
    token: &str,
    login: &str,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    let transaction = store.begin().await?;
    let sql = "DELETE FROM app_session WHERE digest = ?";
    let digest = secret::digest(token);
    transaction
        .execute_raw(statement(&transaction, sql, [digest.into()]))
        .await?;
    log::append_in(&transaction, &Act::new("logout", login), now).await?;
    Ok(transaction.commit().await?)
}
