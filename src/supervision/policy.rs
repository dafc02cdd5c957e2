//! 制度文件: documents of the street or a company, kept as received. A later version stands beside the earlier one, never in its
//! place; each row is chained to the one before it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, Timelike as _};
use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest, Sha256};

use super::{SupervisionError, Wrong, log};
use crate::audit::rule::RulePack;
use crate::ledger::chain::{Fields, GENESIS};
use crate::model::Role;
use crate::review::Actor;
use crate::review::log::Attachment;
use crate::store::Store;
use crate::store::bulk::statement;

/// What is said of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub title: String,
    /// 文号; may be empty.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    /// For whom or what it is.
    pub scope: String,
    /// Rules (`F-009`) and parameters (`F-009.th1`) that rest on it.
    pub basis_for: Vec<String>,
    /// What changed against the version before, or why it was taken in.
    pub note: String,
}

/// A version of a document, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: i64,
    /// The id of the first version.
    pub series: i64,
    /// From 1.
    pub version: i64,
    pub policy: Policy,
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    pub sha256: Vec<u8>,
    pub at: NaiveDateTime,
    pub by: String,
    format: i64,
    basis_text: String,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// How a version stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    InForce,
    NotYet,
    Ended,
    /// A later version has taken its place.
    Replaced,
}

impl Standing {
    pub fn label(self) -> &'static str {
        match self {
            Standing::InForce => "现行",
            Standing::NotYet => "未生效",
            Standing::Ended => "已失效",
            Standing::Replaced => "旧版",
        }
    }
}

const FORMAT: i64 = 1;

impl Version {
    /// How it stands on a day, given the number of the latest version of its series.
    pub fn standing(&self, latest: i64, today: NaiveDate) -> Standing {
        let policy = &self.policy;
        if self.version < latest {
            Standing::Replaced
        } else if policy.from > today {
            Standing::NotYet
        } else if policy.to.is_some_and(|to| to < today) {
            Standing::Ended
        } else {
            Standing::InForce
        }
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        let mut fields = Fields::new("policy");
        let policy = &self.policy;
        fields.bytes(Some(&self.previous_hash));
        for number in [self.id, self.format, self.series, self.version] {
            fields.int(number);
        }
        for text in [&policy.title, &policy.number, &policy.issuer] {
            fields.text(text);
        }
        fields.date(policy.from);
        fields.optional(policy.to.map(|d| d.to_string()).as_deref());
        for text in [
            &policy.scope,
            &self.basis_text,
            &policy.note,
            &self.file_name,
        ] {
            fields.text(text);
        }
        fields.int(self.size);
        fields.bytes(Some(&self.sha256));
        fields.time(Some(self.at));
        fields.text(&self.by);
        fields.finish()
    }
}

const COLUMNS: &str = "id, format, series, version, title, number, issuer, effective_from, effective_to, scope, basis_for, note, \
     file_name, size, sha256, at, by_whom, previous_hash, hash";

fn version(row: &QueryResult) -> Result<Version, SupervisionError> {
    let id: i64 = row.try_get_by_index(0)?;
    let basis_text: String = row.try_get_by_index(10)?;
    let basis_for = serde_json::from_str(&basis_text);
    Ok(Version {
        id,
        format: row.try_get_by_index(1)?,
        series: row.try_get_by_index(2)?,
        version: row.try_get_by_index(3)?,
        policy: Policy {
            title: row.try_get_by_index(4)?,
            number: row.try_get_by_index(5)?,
            issuer: row.try_get_by_index(6)?,
            from: row.try_get_by_index(7)?,
            to: row.try_get_by_index(8)?,
            scope: row.try_get_by_index(9)?,
            basis_for: basis_for.map_err(|_| SupervisionError::Malformed(id))?,
            note: row.try_get_by_index(11)?,
        },
        basis_text,
        file_name: row.try_get_by_index(12)?,
        size: row.try_get_by_index(13)?,
        sha256: row.try_get_by_index(14)?,
        at: row.try_get_by_index(15)?,
        by: row.try_get_by_index(16)?,
        previous_hash: row.try_get_by_index(17)?,
        hash: row.try_get_by_index(18)?,
    })
}

/// Every version of every document, in the order in which they came.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<Version>, SupervisionError> {
    let sql = format!("SELECT {COLUMNS} FROM policy_document ORDER BY id");
    let rows = connection
        .query_all_raw(statement(connection, &sql, []))
        .await?;
    rows.iter().map(version).collect()
}

/// The number of the latest version of each series.
pub fn latest(all: &[Version]) -> BTreeMap<i64, i64> {
    let mut latest = BTreeMap::new();
    for version in all {
        let last = latest.entry(version.series).or_insert(version.version);
        *last = version.version.max(*last);
    }
    latest
}

/// The bytes of a version, as received.
///
/// # Errors
/// What the database says.
pub async fn bytes<C: ConnectionTrait>(
    connection: &C,
    id: i64,
) -> Result<Option<Vec<u8>>, SupervisionError> {
    let sql = "SELECT bytes FROM policy_document WHERE id = ?";
    let row = connection
        .query_one_raw(statement(connection, sql, [id.into()]))
        .await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?)
}

/// Everything that keeps a document from being taken in, with its field.
fn check(policy: &Policy, rules: &RulePack) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut need = |fits: bool, field, message: &str| {
        if !fits {
            wrong.push(Wrong::new(field, message));
        }
    };
    let filled = |text: &str| !text.trim().is_empty() && text.chars().count() <= 200;
    need(filled(&policy.title), "title", "请写文件名称,最多 200 个字");
    need(filled(&policy.issuer), "issuer", "请写发文单位");
    need(
        policy.number.chars().count() <= 100,
        "number",
        "文号最多 100 个字",
    );
    need(
        policy.scope.chars().count() <= 500 && policy.note.chars().count() <= 1000,
        "scope",
        "适用范围最多 500 个字,说明最多 1000 个字",
    );
    need(
        policy.to.is_none_or(|to| to >= policy.from),
        "to",
        "失效日不能早于生效日",
    );
    for basis in &policy.basis_for {
        let (rule, param) = match basis.split_once('.') {
            Some((rule, param)) => (rule, Some(param)),
            None => (basis.as_str(), None),
        };
        let known = rules.rule(rule);
        let known =
            known.is_some_and(|r| param.is_none_or(|p| r.file.params.keys().any(|k| k == p)));
        let message = format!("没有规则或参数「{basis}」;请写成 F-009 或 F-009.参数名");
        need(known, "basis_for", &message);
    }
    wrong
}

/// Takes a document in: as the next version of `replaces` (the id of any of its versions), or as a new one. Its id.
///
/// # Errors
/// [`SupervisionError::Invalid`] names every field; [`SupervisionError::BadFile`].
pub async fn add(
    store: &Store,
    rules: &RulePack,
    actor: &Actor,
    at: NaiveDateTime,
    replaces: Option<i64>,
    (policy, file): (Policy, Attachment),
) -> Result<i64, SupervisionError> {
    if actor.role != Role::StreetSupervisor {
        return Err(SupervisionError::WrongRole {
            role: actor.role.label(),
            step: "收录制度文件",
            allowed: Role::StreetSupervisor.label(),
        });
    }
    log::check_files(std::slice::from_ref(&file))?;
    let wrong = check(&policy, rules);
    if !wrong.is_empty() {
        return Err(SupervisionError::Invalid(wrong));
    }
    let transaction = store.begin().await?;
    log::alone(&transaction, "policy_document").await?;
    let standing = all(&transaction).await?;
    let id = standing.last().map_or(1, |v| v.id + 1);
    let series = match replaces {
        None => id,
        Some(old) => {
            let old = standing.iter().find(|v| v.id == old);
            let old = old.map(|v| v.series);
            old.ok_or_else(|| SupervisionError::Unknown("制度文件".to_owned()))?
        }
    };
    let of_series = standing.iter().filter(|v| v.series == series);
    let basis_text = serde_json::to_string(&policy.basis_for)
        .map_err(|e| SupervisionError::Internal(e.to_string()))?;
    let mut new = Version {
        id,
        series,
        version: of_series.map(|v| v.version).max().unwrap_or(0) + 1,
        file_name: file.name,
        size: file.bytes.len() as i64,
        sha256: Sha256::digest(&file.bytes).to_vec(),
        at: at.with_nanosecond(0).unwrap_or(at),
        by: actor.user().to_owned(),
        format: FORMAT,
        basis_text,
        previous_hash: standing
            .last()
            .map_or_else(|| GENESIS.to_vec(), |v| v.hash.clone()),
        hash: Vec::new(),
        policy,
    };
    new.hash = new.digest().to_vec();
    let sql = format!(
        "INSERT INTO policy_document ({COLUMNS}, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    let values = [
        new.id.into(),
        new.format.into(),
        new.series.into(),
        new.version.into(),
        new.policy.title.into(),
        new.policy.number.into(),
        new.policy.issuer.into(),
        new.policy.from.into(),
        new.policy.to.into(),
        new.policy.scope.into(),
        new.basis_text.into(),
        new.policy.note.into(),
        new.file_name.into(),
        new.size.into(),
        new.sha256.into(),
        new.at.into(),
        new.by.into(),
        new.previous_hash.into(),
        new.hash.into(),
        file.bytes.into(),
    ];
    transaction
        .execute_raw(statement(&transaction, &sql, values))
        .await?;
    transaction.commit().await?;
    Ok(id)
}
