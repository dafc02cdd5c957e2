//! Verification: every review chain recomputed from what stands in the store, the first event that differs named.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use super::event::Event;
use super::log::{self, Head, Item, Sealed};
use super::{ReviewError, absorb, chain};
use crate::store::bulk::statement;
use crate::store::{Store, StoreError, runs};

/// Events checked per round trip.
const STEP: i64 = 2_000;

/// The state of one organisation's review chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewReport {
    pub organisation: String,
    /// Events.
    pub length: i64,
    /// Hex.
    pub head: String,
    pub fault: Option<ReviewFault>,
}

/// The first place where store and chain disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewFault {
    pub position: i64,
    /// Number of the item, where one can be told.
    pub item: Option<String>,
    /// What differs, in Chinese.
    pub reason: String,
}

/// Recomputes the review chains of all organisations, or of one; one that was never audited has none.
///
/// # Errors
/// What the database says.
pub async fn verify(
    store: &Store,
    organisation: Option<&str>,
) -> Result<Vec<ReviewReport>, ReviewError> {
    let mut reports = Vec::new();
    for (code, head) in log::heads(store.db()).await? {
        if organisation.is_some_and(|wanted| wanted != code) {
            continue;
        }
        let fault = match events(store, &code, &head).await {
            Ok(None) => rest(store, &code, &head).await?,
            Ok(fault) => fault,
            // A column that no longer holds what it must hold: a text where a number belongs, say.
            Err(ReviewError::Store(StoreError::Database { .. })) => {
                Some(unreadable(store, &code, &head).await)
            }
            Err(other) => return Err(other),
        };
        reports.push(ReviewReport {
            organisation: code,
            length: head.length,
            head: crate::model::hex(&head.hash),
            fault,
        });
    }
    Ok(reports)
}

/// What one event is checked against.
struct Walk {
    items: BTreeMap<String, Item>,
    /// Number, state and cycle of the last event of each item.
    last: BTreeMap<String, (i64, String, i64)>,
    previous: Vec<u8>,
}

async fn events(
    store: &Store,
    code: &str,
    head: &Head,
) -> Result<Option<ReviewFault>, ReviewError> {
    let items = log::items(store.db(), code).await?;
    let mut walk = Walk {
        items: items
            .into_iter()
            .map(|i| (i.fingerprint.clone(), i))
            .collect(),
        last: BTreeMap::new(),
        previous: chain::GENESIS.to_vec(),
    };
    let mut expected = 1;
    while expected <= head.length {
        let last = (expected + STEP - 1).min(head.length);
        let mut attachments: BTreeMap<i64, Vec<Sealed>> = BTreeMap::new();
        for a in log::attachments_between(store.db(), code, expected, last).await? {
            attachments.entry(a.position).or_default().push(a);
        }
        for event in log::events_between(store.db(), code, expected, last).await? {
            let sealed = attachments.remove(&event.position).unwrap_or_default();
            let item = walk.items.get(&event.fingerprint).cloned();
            let mut reason = walk.event(expected, &event, &sealed);
            if reason.is_none() {
                reason = contents(store, &event, &sealed).await?;
            }
            if let Some(reason) = reason {
                return Ok(Some(ReviewFault {
                    position: expected,
                    item: item.map(|i| i.number),
                    reason: reason.to_owned(),
                }));
            }
            walk.passed(event);
            expected += 1;
        }
        if expected <= last {
            return Ok(Some(fault(expected, "核查记录缺失")));
        }
    }
    if walk.previous != head.hash {
        return Ok(Some(fault(head.length, "链头与最后一条核查记录不符")));
    }
    let idle = walk
        .items
        .values()
        .find(|i| !walk.last.contains_key(&i.fingerprint));
    Ok(idle.map(|item| ReviewFault {
        position: head.length,
        item: Some(item.number.clone()),
        reason: "多出没有核查记录的事项".to_owned(),
    }))
}

fn fault(position: i64, reason: &str) -> ReviewFault {
    ReviewFault {
        position,
        item: None,
        reason: reason.to_owned(),
    }
}

impl Walk {
    fn event(&self, expected: i64, event: &Event, sealed: &[Sealed]) -> Option<&'static str> {
        if event.position != expected {
            return Some("前面有核查记录缺失,链在此中断");
        }
        if event.format != chain::FORMAT {
            return Some("封存格式号被改动");
        }
        let Some(item) = self.items.get(&event.fingerprint) else {
            return Some("记录所属的事项缺失");
        };
        if event.previous_hash != self.previous {
            return Some("与上一条核查记录的链接不符");
        }
        if sealed.len() as i64 != event.attachments {
            return Some("附件数目不符");
        }
        if chain::hash(item, event, sealed).as_slice() != event.hash {
            return Some("核查记录、所属事项或附件清单与封存时不同");
        }
        let (seq, state, cycle) = match self.last.get(&event.fingerprint) {
            Some((seq, state, cycle)) => (*seq, Some(state), *cycle),
            None => (0, None, 1),
        };
        let follows = event.seq == seq + 1
            && event.state_before.as_ref() == state
            && (cycle..=cycle + 1).contains(&event.cycle);
        (!follows).then_some("同一事项的记录前后不接")
    }

    fn passed(&mut self, event: Event) {
        self.previous = event.hash;
        let now = (event.seq, event.state, event.cycle);
        self.last.insert(event.fingerprint, now);
    }
}

/// What the chain holds by its digest only: the bytes of attachments, and the finding that an event speaks of.
async fn contents(
    store: &Store,
    event: &Event,
    sealed: &[Sealed],
) -> Result<Option<&'static str>, ReviewError> {
    let db = store.db();
    for a in sealed {
        let bytes = log::attachment_bytes(db, &event.organisation, a.position, a.line).await?;
        let bytes = bytes.unwrap_or_default();
        if bytes.len() as i64 != a.size || Sha256::digest(&bytes).as_slice() != a.sha256 {
            return Ok(Some("附件内容与登记时的校验值不符"));
        }
    }
    let payload = event.payload()?;
    if let (Some(version), Some(run)) = (payload.version(), event.run_id) {
        let finding = runs::finding(db, run, &event.fingerprint).await?;
        if finding.is_none_or(|f| absorb::digest(&f) != version.digest) {
            return Ok(Some("审计记录中的疑点内容与并入时不同"));
        }
    }
    Ok(None)
}

/// Rows beyond the head, and runs that were left out.
async fn rest(store: &Store, code: &str, head: &Head) -> Result<Option<ReviewFault>, ReviewError> {
    let db = store.db();
    for (table, reason) in [
        ("review_event", "链头之外多出核查记录"),
        ("review_attachment", "链头之外多出附件"),
    ] {
        let sql = format!(
            "SELECT MIN(position) FROM {table} WHERE organisation = ? AND (position > ? OR position < 1)"
        );
        let values = [code.into(), head.length.into()];
        let row = db.query_one_raw(statement(db, &sql, values)).await?;
        let position: Option<i64> = row.map(|r| r.try_get_by_index(0)).transpose()?.flatten();
        if let Some(position) = position {
            return Ok(Some(fault(position, reason)));
        }
    }
    let sql = "SELECT MIN(r.id) FROM audit_run r WHERE r.id <= (SELECT MAX(run_id) FROM review_run) \
               AND NOT EXISTS (SELECT 1 FROM review_run a WHERE a.run_id = r.id)";
    let row = db.query_one_raw(statement(db, sql, [])).await?;
    let left_out: Option<i64> = row.map(|r| r.try_get_by_index(0)).transpose()?.flatten();
    Ok(left_out.map(|run| fault(head.length, &format!("第 {run} 次审计没有并入核查"))))
}

/// The first event that cannot even be read.
async fn unreadable(store: &Store, code: &str, head: &Head) -> ReviewFault {
    for position in 1..=head.length {
        let event = log::events_between(store.db(), code, position, position).await;
        let attachments = log::attachments_between(store.db(), code, position, position).await;
        if event.is_err() || attachments.is_err() {
            return fault(position, "核查记录无法读出");
        }
    }
    fault(head.length, "核查记录无法读出")
}
