//! The access log: who did what, when, on what, and why. Append-only by the database, chained by hash, so that a line taken
//! out or changed behind the program's back is found.

use chrono::{NaiveDateTime, Timelike as _};
use sea_orm::{ConnectionTrait, QueryResult};

use super::AccessError;
use crate::ledger::chain::{Fields, GENESIS};
use crate::store::bulk::{statement, text};
use crate::store::{Store, StoreError};

/// An act to be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act<'a> {
    /// What was done, from [`ACTS`].
    pub act: &'static str,
    pub login: &'a str,
    pub organisation: Option<&'a str>,
    /// What it was done to: a batch, a voucher, a run, a user.
    pub object: Option<&'a str>,
    pub reason: Option<&'a str>,
}

/// Every act, with what it is called on the page.
pub const ACTS: &[(&str, &str)] = &[
    ("login", "登录"),
    ("login.refused", "登录失败"),
    ("logout", "退出"),
    ("user.create", "新增用户"),
    ("user.change", "修改用户"),
    ("user.password", "设置口令"),
    ("token.make", "新建接口令牌"),
    ("token.revoke", "收回接口令牌"),
    ("import.read", "试读账套"),
    ("import.submit", "提交账套"),
    ("import.undo", "撤销批次"),
    ("audit.run", "运行审计"),
    ("parameter.set", "设定阈值"),
    ("document.make", "制作文书"),
    ("chains.verify", "核对各链"),
    ("finding.read", "查看疑点"),
    ("suppression.ask", "申请压制"),
    ("suppression.answer", "答复压制申请"),
    ("suppression.lift", "解除压制"),
    ("attachment.read", "下载疑点附件"),
    ("export", "导出"),
    ("reveal", "查看被遮住的内容"),
];

/// What an act is called.
pub fn label(act: &str) -> &str {
    let known = ACTS.iter().find(|(code, _)| *code == act);
    known.map_or(act, |(_, label)| label)
}

impl<'a> Act<'a> {
    pub fn new(act: &'static str, login: &'a str) -> Act<'a> {
        debug_assert!(ACTS.iter().any(|(code, _)| *code == act), "{act}");
        Act {
            act,
            login,
            organisation: None,
            object: None,
            reason: None,
        }
    }

    pub fn organisation(self, organisation: &'a str) -> Act<'a> {
        Act {
            organisation: Some(organisation),
            ..self
        }
    }

    pub fn object(self, object: &'a str) -> Act<'a> {
        Act {
            object: Some(object),
            ..self
        }
    }

    pub fn reason(self, reason: &'a str) -> Act<'a> {
        Act {
            reason: Some(reason),
            ..self
        }
    }
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1, without gaps.
    pub position: i64,
    pub at: NaiveDateTime,
    pub login: String,
    pub act: String,
    pub organisation: Option<String>,
    pub object: Option<String>,
    pub reason: Option<String>,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl Line {
    fn digest(&self) -> [u8; 32] {
        let mut fields = Fields::new("access");
        fields.bytes(Some(&self.previous_hash));
        fields.int(self.position);
        fields.time(Some(self.at));
        fields.text(&self.login);
        fields.text(&self.act);
        fields.optional(self.organisation.as_deref());
        fields.optional(self.object.as_deref());
        fields.optional(self.reason.as_deref());
        fields.finish()
    }
}

/// Two programs on PostgreSQL may want the same place; the second tries the next.
const TRIES: usize = 5;

/// Logs an act in a transaction of its own.
///
/// # Errors
/// [`AccessError::Store`]; then the act must not be done.
pub async fn append(store: &Store, act: &Act<'_>, now: NaiveDateTime) -> Result<(), AccessError> {
    let mut last = None;
    for _ in 0..TRIES {
        let transaction = store.begin().await?;
        match append_in(&transaction, act, now).await {
            Ok(()) => return Ok(transaction.commit().await?),
            Err(error @ AccessError::Store(StoreError::Database { .. })) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or(AccessError::Store(StoreError::Busy)))
}

/// Logs an act in the transaction that does it: both are written, or neither.
///
/// # Errors
/// [`AccessError::Store`].
pub async fn append_in<C: ConnectionTrait>(
    connection: &C,
    act: &Act<'_>,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    let sql = "SELECT position, hash FROM access_log ORDER BY position DESC LIMIT 1";
    let head = connection
        .query_one_raw(statement(connection, sql, []))
        .await?;
    let (position, previous_hash) = match head {
        Some(row) => (row.try_get_by_index::<i64>(0)?, row.try_get_by_index(1)?),
        None => (0, GENESIS.to_vec()),
    };
    let owned = |t: Option<&str>| t.map(str::to_owned);
    let mut line = Line {
        position: position + 1,
        // To the second: what a database keeps of a second's parts differs, and the digest is over what it keeps.
        at: now.with_nanosecond(0).unwrap_or(now),
        login: act.login.to_owned(),
        act: act.act.to_owned(),
        organisation: owned(act.organisation),
        object: owned(act.object),
        reason: owned(act.reason),
        previous_hash,
        hash: Vec::new(),
    };
    line.hash = line.digest().to_vec();
    let sql = "INSERT INTO access_log (position, at, login, act, organisation, object, reason, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = [
        line.position.into(),
        line.at.into(),
        line.login.as_str().into(),
        line.act.as_str().into(),
        text(line.organisation.as_deref()),
        text(line.object.as_deref()),
        text(line.reason.as_deref()),
        line.previous_hash.into(),
        line.hash.into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}

const COLUMNS: &str = "position, at, login, act, organisation, object, reason, previous_hash, hash";

fn line(row: &QueryResult) -> Result<Line, AccessError> {
    Ok(Line {
        position: row.try_get_by_index(0)?,
        at: row.try_get_by_index(1)?,
        login: row.try_get_by_index(2)?,
        act: row.try_get_by_index(3)?,
        organisation: row.try_get_by_index(4)?,
        object: row.try_get_by_index(5)?,
        reason: row.try_get_by_index(6)?,
        previous_hash: row.try_get_by_index(7)?,
        hash: row.try_get_by_index(8)?,
    })
}

/// A page of the log, the latest first, and the number of all lines. `page` counts from 0.
pub async fn page<C: ConnectionTrait>(
    connection: &C,
    page: i64,
    size: i64,
) -> Result<(Vec<Line>, i64), AccessError> {
    let sql = "SELECT COUNT(*) FROM access_log";
    let count = connection
        .query_one_raw(statement(connection, sql, []))
        .await?;
    let total = count.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    let sql = format!("SELECT {COLUMNS} FROM access_log ORDER BY position DESC LIMIT ? OFFSET ?");
    let values = [size.into(), (page * size).into()];
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    let lines = rows.iter().map(line).collect::<Result<_, _>>()?;
    Ok((lines, total))
}

/// Recomputes the whole chain; the number of lines.
///
/// # Errors
/// [`AccessError::LogChanged`] names the first line that differs.
pub async fn verify<C: ConnectionTrait>(connection: &C) -> Result<i64, AccessError> {
    let sql = format!("SELECT {COLUMNS} FROM access_log ORDER BY position");
    let rows = connection
        .query_all_raw(statement(connection, &sql, []))
        .await?;
    let (mut position, mut previous) = (0, GENESIS.to_vec());
    for row in &rows {
        let line = line(row)?;
        position += 1;
        let sound = line.position == position
            && line.previous_hash == previous
            && line.hash == line.digest();
        if !sound {
            return Err(AccessError::LogChanged { position });
        }
        previous = line.hash;
    }
    Ok(position)
}
