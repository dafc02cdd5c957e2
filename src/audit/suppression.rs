//! Findings set aside: by two persons, on a document, for a time, and only as long as the finding says what it said then.
//! They stay recorded and are listed by themselves; nothing is hidden.

pub mod request;

use chrono::{NaiveDate, NaiveDateTime};

use super::outcome::{Finding, SuppressedFinding, Suppression};
use crate::store::suppressions::{self, Lift, Named, NewSuppression, Stored};
use crate::store::{Store, StoreError, Transaction};

/// Why nothing was set aside, or nothing lifted.
#[derive(Debug, thiserror::Error)]
pub enum SuppressionError {
    #[error(
        "压制-1001 没有编号或指纹为「{0}」的疑点。请照报告里的编号写,如 C-001-1a2b3c4d;没有审计过的,先运行 sanzi audit"
    )]
    Unknown(String),
    #[error("压制-1002 压制须写明理由和依据的文件,并由经办人以外的第二人批准")]
    SecondPerson,
    #[error("压制-1003 到期日 {0} 不在今天之后。压制须有将来的到期日,到期后疑点自行恢复")]
    NotInFuture(NaiveDate),
    #[error("压制-1004 编号「{name}」对应几条疑点,请改用指纹:{}", .fingerprints.join("、"))]
    Ambiguous {
        name: String,
        fingerprints: Vec<String>,
    },
    #[error("压制-1005 疑点 {number} 已压制至 {until}(第 {id} 号)。要改的,请先 suppress lift {id}")]
    Already {
        number: String,
        id: i64,
        until: NaiveDate,
    },
    #[error("压制-1006 没有第 {0} 号压制,或早已解除。用 sanzi suppress list 查看")]
    NotStanding(i64),
    #[error("压制-1007 解除压制须写明经办人和原因")]
    LiftUnsigned,
    #[error("压制-1008 申请压制须写明理由和依据的文件")]
    Unfounded,
    #[error(
        "压制-1009 疑点 {number} 已有一项待批的压制申请(第 {id} 号)。等它答复,或由申请人撤回后再申请"
    )]
    Asked { number: String, id: i64 },
    #[error("压制-1010 没有第 {0} 号压制申请,或早已答复。请刷新后查看")]
    NotWaiting(i64),
    #[error("压制-1011 压制申请由申请人({by})以外的第二人答复,撤回由申请人自己办")]
    WrongPerson { by: String },
    #[error("压制-1012 不同意或撤回压制申请须写明理由")]
    NoReason,
    #[error(
        "压制-1013 疑点 {0} 的内容在申请以后变了,不能按原来的申请压制。请申请人看过新内容再申请"
    )]
    Changed(String),
    #[error(
        "压制-1014 疑点 {number} 现在是「{state}」,不能压制:已经在办或已了结的事项按办理流程处理"
    )]
    UnderWay { number: String, state: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is to be set aside, why, until when, by whom.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Number or fingerprint.
    pub finding: &'a str,
    pub reason: &'a str,
    /// The document that it rests on: minutes, a reply, a file number.
    pub document: &'a str,
    /// The last day on which it holds.
    pub until: NaiveDate,
    pub by: &'a str,
    pub approved_by: &'a str,
    pub at: NaiveDateTime,
}

/// How a suppression stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Holds,
    /// The finding says something else now.
    Outdated,
    Expired,
    Lifted,
}

impl Standing {
    pub fn of(stored: &Stored, today: NaiveDate) -> Standing {
        let latest = stored.latest_content.as_deref();
        if stored.lifted.is_some() {
            Standing::Lifted
        } else if stored.until < today {
            Standing::Expired
        } else if latest.is_some_and(|content| content != stored.finding.content) {
            Standing::Outdated
        } else {
            Standing::Holds
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Standing::Holds => "standing",
            Standing::Outdated => "outdated",
            Standing::Expired => "expired",
            Standing::Lifted => "lifted",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Standing::Holds => "有效",
            Standing::Outdated => "内容已变,不再压制",
            Standing::Expired => "已到期",
            Standing::Lifted => "已解除",
        }
    }
}

/// Sets a finding of an earlier run aside and returns it with the number of the suppression.
///
/// # Errors
/// [`SuppressionError`]; nothing is written then.
pub async fn add(store: &Store, request: &Request<'_>) -> Result<Stored, SuppressionError> {
    let [reason, document, by, approved_by] = [
        request.reason,
        request.document,
        request.by,
        request.approved_by,
    ]
    .map(str::trim);
    if [reason, document, by, approved_by].contains(&"") || by == approved_by {
        return Err(SuppressionError::SecondPerson);
    }
    if request.until <= request.at.date() {
        return Err(SuppressionError::NotInFuture(request.until));
    }
    let transaction = store.begin().await?;
    let mut found = suppressions::findings(&transaction, request.finding).await?;
    if found.len() > 1 {
        return Err(SuppressionError::Ambiguous {
            name: request.finding.to_owned(),
            fingerprints: found.into_iter().map(|f| f.fingerprint).collect(),
        });
    }
    let unknown = || SuppressionError::Unknown(request.finding.to_owned());
    let finding = found.pop().ok_or_else(unknown)?;
    let request = Request {
        reason,
        document,
        by,
        approved_by,
        ..*request
    };
    let stored = insert(&transaction, &request, finding).await?;
    transaction.commit().await?;
    Ok(stored)
}

/// Sets a finding aside that is not set aside yet; the request is without blanks, and the transaction the caller's to commit.
async fn insert(
    transaction: &Transaction,
    request: &Request<'_>,
    finding: Named,
) -> Result<Stored, SuppressionError> {
    let today = request.at.date();
    if request.until <= today {
        return Err(SuppressionError::NotInFuture(request.until));
    }
    refuse_held(transaction, &finding, today).await?;
    let new = NewSuppression {
        finding: &finding,
        reason: request.reason,
        document: request.document,
        until: request.until,
        at: request.at,
        by: request.by,
        approved_by: request.approved_by,
    };
    let id = suppressions::add(transaction, new).await?;
    Ok(Stored {
        id,
        reason: request.reason.to_owned(),
        document: request.document.to_owned(),
        until: request.until,
        at: request.at,
        by: request.by.to_owned(),
        approved_by: request.approved_by.to_owned(),
        lifted: None,
        latest_content: Some(finding.content.clone()),
        finding,
    })
}

/// A finding that is set aside already, as it reads now.
async fn refuse_held(
    transaction: &Transaction,
    finding: &Named,
    today: NaiveDate,
) -> Result<(), SuppressionError> {
    let all = suppressions::all(transaction).await?;
    let mut same = all.iter().filter(|s| s.finding == *finding);
    match same.find(|s| Standing::of(s, today) == Standing::Holds) {
        None => Ok(()),
        Some(standing) => Err(SuppressionError::Already {
            number: finding.number.clone(),
            id: standing.id,
            until: standing.until,
        }),
    }
}

/// Takes a suppression back: its finding is listed again from the next run on.
///
/// # Errors
/// [`SuppressionError::NotStanding`], [`SuppressionError::LiftUnsigned`].
pub async fn lift(store: &Store, id: i64, lift: Lift) -> Result<Stored, SuppressionError> {
    let lift = Lift {
        at: lift.at,
        by: lift.by.trim().to_owned(),
        reason: lift.reason.trim().to_owned(),
    };
    if lift.by.is_empty() || lift.reason.is_empty() {
        return Err(SuppressionError::LiftUnsigned);
    }
    let transaction = store.begin().await?;
    let all = suppressions::all(&transaction).await?;
    let mut of_id = all.into_iter().filter(|s| s.id == id && s.lifted.is_none());
    let stored = of_id.next().ok_or(SuppressionError::NotStanding(id))?;
    suppressions::lift(&transaction, id, &lift).await?;
    transaction.commit().await?;
    Ok(Stored {
        lifted: Some(lift),
        ..stored
    })
}

/// What sets this finding aside on a day, as it reads now.
///
/// # Errors
/// What the database says.
pub async fn holding(
    store: &Store,
    finding: &Named,
    today: NaiveDate,
) -> Result<Option<Stored>, StoreError> {
    let mut standing = in_force(store, today).await?;
    standing.retain(|s| {
        s.finding.fingerprint == finding.fingerprint && s.finding.content == finding.content
    });
    Ok(standing.pop())
}

/// The suppressions that are neither lifted nor expired on a day.
///
/// # Errors
/// What the database says.
pub async fn in_force(store: &Store, today: NaiveDate) -> Result<Vec<Stored>, StoreError> {
    let mut all = suppressions::all(store.db()).await?;
    all.retain(|s| s.lifted.is_none() && today <= s.until);
    Ok(all)
}

/// Takes out the findings that a suppression holds for: same fingerprint, same content. Both lists keep their order.
pub fn set_aside(
    findings: Vec<Finding>,
    in_force: &[Stored],
) -> (Vec<Finding>, Vec<SuppressedFinding>) {
    let (mut listed, mut aside) = (Vec::new(), Vec::new());
    for finding in findings {
        // The latest decision says most.
        let holds = in_force.iter().rev().find(|s| {
            s.finding.fingerprint == finding.fingerprint && s.finding.content == finding.content
        });
        match holds {
            None => listed.push(finding),
            Some(stored) => aside.push(SuppressedFinding {
                finding: Finding {
                    matter: finding.number.clone(),
                    ..finding
                },
                suppression: Suppression {
                    id: stored.id,
                    reason: stored.reason.clone(),
                    document: stored.document.clone(),
                    until: stored.until,
                    at: stored.at,
                    by: stored.by.clone(),
                    approved_by: stored.approved_by.clone(),
                },
            }),
        }
    }
    (listed, aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rank::tests::sample;
    use crate::store::suppressions::Named;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 3, d).unwrap()
    }

    fn stored(id: i64, number: &str, content: &str) -> Stored {
        Stored {
            id,
            finding: Named {
                fingerprint: number.to_owned(),
                content: content.to_owned(),
                number: number.to_owned(),
                organisation: "A".to_owned(),
            },
            reason: "已另案处理".to_owned(),
            document: "会议纪要".to_owned(),
            until: day(10),
            at: day(1).into(),
            by: "甲".to_owned(),
            approved_by: "乙".to_owned(),
            lifted: None,
            latest_content: Some(content.to_owned()),
        }
    }

    #[test]
    fn only_the_same_content_is_set_aside_and_by_the_latest_decision() {
        let findings = vec![
            sample("a", "R-1", 1, &[]),
            sample("b", "R-1", 1, &[]),
            sample("c", "R-1", 1, &[]),
        ];
        let in_force = [
            stored(1, "a", "c"),
            stored(2, "b", "other"),
            stored(3, "a", "c"),
        ];
        let (listed, aside) = set_aside(findings, &in_force);
        let numbers: Vec<&str> = listed.iter().map(|f| f.number.as_str()).collect();
        assert_eq!(numbers, ["b", "c"]);
        assert_eq!(aside.len(), 1);
        assert_eq!(
            (aside[0].finding.number.as_str(), aside[0].suppression.id),
            ("a", 3)
        );
    }

    #[test]
    fn it_stands_to_its_last_day_while_nothing_changes() {
        let now = stored(1, "a", "c");
        assert_eq!(Standing::of(&now, day(10)), Standing::Holds);
        assert_eq!(Standing::of(&now, day(11)), Standing::Expired);
        let changed = Stored {
            latest_content: Some("other".to_owned()),
            ..now.clone()
        };
        assert_eq!(Standing::of(&changed, day(5)), Standing::Outdated);
        let lift = Lift {
            at: day(2).into(),
            by: "丙".to_owned(),
            reason: "误压".to_owned(),
        };
        let lifted = Stored {
            lifted: Some(lift),
            ..now
        };
        assert_eq!(Standing::of(&lifted, day(5)), Standing::Lifted);
    }
}
