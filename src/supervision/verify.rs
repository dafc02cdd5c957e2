//! Verification: the chain of the plan and that of the policies recomputed, the first record that differs named.
//!
//! Records taken away at the very end leave no trace, as in the access log: only a copy made before tells of them.

use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use super::event::{Event, FORMAT};
use super::{SupervisionError, log, policy};
use crate::ledger::chain::GENESIS;
use crate::review::log::Sealed;
use crate::store::{Store, StoreError};

/// The state of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// `监督计划` or `制度文件`.
    pub name: &'static str,
    pub length: i64,
    /// Hex; empty for a chain without records.
    pub head: String,
    /// Place and reason, in Chinese.
    pub fault: Option<(i64, String)>,
}

/// Both chains.
///
/// # Errors
/// What the database says.
pub async fn verify(store: &Store) -> Result<[ChainReport; 2], SupervisionError> {
    Ok([plan(store.db()).await?, policies(store.db()).await?])
}

/// A column that no longer holds what it must is a fault of the chain, not of the program.
fn unreadable<T>(read: Result<T, SupervisionError>) -> Result<Option<T>, SupervisionError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(
            SupervisionError::Store(StoreError::Database { .. }) | SupervisionError::Malformed(_),
        ) => Ok(None),
        Err(other) => Err(other),
    }
}

async fn plan<C: ConnectionTrait>(connection: &C) -> Result<ChainReport, SupervisionError> {
    let mut report = ChainReport {
        name: "监督计划",
        length: 0,
        head: String::new(),
        fault: None,
    };
    let events = unreadable(log::events(connection, None).await)?;
    let attachments = unreadable(log::attachments(connection, None).await)?;
    let (Some(events), Some(attachments)) = (events, attachments) else {
        report.fault = Some((0, "记录无法读出".to_owned()));
        return Ok(report);
    };
    let mut previous = GENESIS.to_vec();
    for event in &events {
        report.length += 1;
        let own = attachments.iter().filter(|a| a.position == event.position);
        let own: Vec<Sealed> = own.cloned().collect();
        let mut reason = differs(report.length, &previous, event, &own);
        for attachment in &own {
            if reason.is_none() {
                reason = bytes_differ(connection, attachment).await?;
            }
        }
        if let Some(reason) = reason {
            report.fault = Some((report.length, reason.to_owned()));
            return Ok(report);
        }
        previous.clone_from(&event.hash);
    }
    if let Some(stray) = attachments.iter().find(|a| a.position > report.length) {
        report.fault = Some((stray.position, "多出没有记录的附件".to_owned()));
    }
    if report.length > 0 {
        report.head = crate::model::hex(&previous);
    }
    Ok(report)
}

fn differs(expected: i64, previous: &[u8], event: &Event, own: &[Sealed]) -> Option<&'static str> {
    if event.position != expected {
        return Some("前面有记录缺失,链在此中断");
    }
    if event.format != FORMAT {
        return Some("封存格式号被改动");
    }
    if event.previous_hash != previous {
        return Some("与上一条记录的链接不符");
    }
    if own.len() as i64 != event.attachments {
        return Some("附件数目不符");
    }
    (event.digest(own).as_slice() != event.hash).then_some("记录或附件清单与封存时不同")
}

async fn bytes_differ<C: ConnectionTrait>(
    connection: &C,
    attachment: &Sealed,
) -> Result<Option<&'static str>, SupervisionError> {
    let bytes = log::attachment_bytes(connection, attachment.position, attachment.line).await;
    let bytes = unreadable(bytes)?.flatten().unwrap_or_default();
    let same = bytes.len() as i64 == attachment.size
        && Sha256::digest(&bytes).as_slice() == attachment.sha256;
    Ok((!same).then_some("附件内容与登记时的校验值不符"))
}

async fn policies<C: ConnectionTrait>(connection: &C) -> Result<ChainReport, SupervisionError> {
    let mut report = ChainReport {
        name: "制度文件",
        length: 0,
        head: String::new(),
        fault: None,
    };
    let Some(all) = unreadable(policy::all(connection).await)? else {
        report.fault = Some((0, "记录无法读出".to_owned()));
        return Ok(report);
    };
    let mut previous = GENESIS.to_vec();
    for version in &all {
        report.length += 1;
        let sealed = version.id == report.length
            && version.previous_hash == previous
            && version.digest().as_slice() == version.hash;
        let bytes = policy::bytes(connection, version.id).await;
        let bytes = unreadable(bytes)?.flatten().unwrap_or_default();
        let whole = Sha256::digest(&bytes).as_slice() == version.sha256;
        let reason = match (sealed, whole) {
            (false, _) => "记录与封存时不同,或前面有记录缺失",
            (true, false) => "文件内容与登记时的校验值不符",
            (true, true) => {
                previous.clone_from(&version.hash);
                continue;
            }
        };
        report.fault = Some((report.length, reason.to_owned()));
        return Ok(report);
    }
    if report.length > 0 {
        report.head = crate::model::hex(&previous);
    }
    Ok(report)
}
