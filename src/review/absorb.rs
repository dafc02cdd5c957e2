//! Audit runs into items: what is found for the first time, what is gone, what is back, what reads otherwise than before.
//! A person's decision is never touched; only an item that was closed and gone and is back is opened again.

use std::collections::{BTreeMap, HashSet};

use chrono::{Months, NaiveDateTime};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use super::difference::{Difference, differences};
use super::dossier::{PROGRAM, continued};
use super::event::{Event, Payload, Recurrence, Version};
use super::log::{self, Item};
use super::stored_run::{Run, latest_days, next_run};
use super::writer::{Draft, Writer};
use super::{Desk, ReviewError};
use crate::model::hex;
use crate::store::bulk::statement;
use crate::store::runs::{self, StoredFinding};
use crate::store::{Store, Transaction};

/// What a run changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Absorbed {
    pub runs: usize,
    pub appeared: usize,
    pub changed: usize,
    pub gone: usize,
    pub returned: usize,
    /// Of those that returned: closed ones that are open again.
    pub reopened: usize,
}

/// Absorbs every stored run that was not absorbed yet, oldest first, each in one transaction: a program killed between a run
/// and its absorption has lost nothing.
///
/// # Errors
/// [`ReviewError::MalformedRun`] when a stored outcome cannot be read.
pub async fn absorb(
    store: &Store,
    desk: &Desk,
    at: NaiveDateTime,
) -> Result<Absorbed, ReviewError> {
    let mut sum = Absorbed::default();
    loop {
        let transaction = store.begin().await?;
        let Some(run) = next_run(&transaction).await? else {
            transaction.rollback().await?;
            return Ok(sum);
        };
        // First of all, so that of two programs that come upon a run at once the second finds it done.
        let sql = "INSERT INTO review_run (run_id) VALUES (?) ON CONFLICT (run_id) DO NOTHING";
        let insert = statement(&transaction, sql, [run.id.into()]);
        if transaction.execute_raw(insert).await?.rows_affected() == 0 {
            continue;
        }
        absorb_run(&transaction, desk, &run, at, &mut sum).await?;
        transaction.commit().await?;
        sum.runs += 1;
    }
}

async fn absorb_run(
    transaction: &Transaction,
    desk: &Desk,
    run: &Run,
    at: NaiveDateTime,
    sum: &mut Absorbed,
) -> Result<(), ReviewError> {
    let mut found: BTreeMap<String, Vec<StoredFinding>> = BTreeMap::new();
    for finding in runs::findings(transaction, run.id).await? {
        let of_one = found.entry(finding.organisation.clone()).or_default();
        of_one.push(finding);
    }
    let latest = latest_days(transaction, run.id).await?;
    let mut numbers = numbers(transaction).await?;
    for organisation in &run.organisations {
        let mut part = Organisation {
            transaction,
            desk,
            run,
            at,
            backdated: latest.get(organisation).is_some_and(|day| run.as_of < *day),
            // The lock comes before the reading.
            writer: Writer::open(transaction, organisation).await?,
            known: known(transaction, organisation).await?,
        };
        let findings = found.remove(organisation).unwrap_or_default();
        part.take(findings, &mut numbers, sum).await?;
        part.writer.finish().await?;
    }
    Ok(())
}

async fn numbers<C: ConnectionTrait>(connection: &C) -> Result<HashSet<String>, ReviewError> {
    let sql = "SELECT number FROM review_item";
    let rows = connection
        .query_all_raw(statement(connection, sql, []))
        .await?;
    Ok(rows
        .iter()
        .map(|r| r.try_get_by_index(0))
        .collect::<Result<_, _>>()?)
}

/// An item as the next event needs it.
struct Known {
    item: Item,
    last: Event,
    /// Content digest of the version that counts.
    content: String,
    /// The last step into the state that the item is in.
    entered: (i64, NaiveDateTime),
}

async fn known<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<BTreeMap<String, Known>, ReviewError> {
    let mut items: BTreeMap<String, Item> = log::items(connection, organisation)
        .await?
        .into_iter()
        .map(|i| (i.fingerprint.clone(), i))
        .collect();
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for event in log::events_between(connection, organisation, 1, i64::MAX).await? {
        let version = match event.event.as_str() {
            "appeared" | "changed" | "returned" => event.payload()?.version().cloned(),
            _ => None,
        };
        let entered = (event.seq, event.at);
        match known.get_mut(&event.fingerprint) {
            Some(so_far) => {
                if let Some(version) = version {
                    so_far.content = version.content;
                }
                if event.state != so_far.last.state {
                    so_far.entered = entered;
                }
                so_far.last = event;
            }
            None => {
                let malformed = ReviewError::Malformed {
                    organisation: organisation.to_owned(),
                    position: event.position,
                };
                let item = items.remove(&event.fingerprint);
                let (Some(item), Some(version)) = (item, version) else {
                    return Err(malformed);
                };
                let fresh = Known {
                    item,
                    content: version.content,
                    entered,
                    last: event,
                };
                known.insert(fresh.item.fingerprint.clone(), fresh);
            }
        }
    }
    Ok(known)
}

/// One organisation's part of a run.
struct Organisation<'a> {
    transaction: &'a Transaction,
    desk: &'a Desk,
    run: &'a Run,
    at: NaiveDateTime,
    /// The run looks at an earlier day than one before it: what it does not find, or finds otherwise, says nothing of now.
    backdated: bool,
    known: BTreeMap<String, Known>,
    writer: Writer<'a, Transaction>,
}

impl Organisation<'_> {
    async fn take(
        &mut self,
        findings: Vec<StoredFinding>,
        numbers: &mut HashSet<String>,
        sum: &mut Absorbed,
    ) -> Result<(), ReviewError> {
        for finding in findings {
            match self.known.remove(&finding.fingerprint) {
                None => {
                    self.appeared(&finding, numbers)?;
                    sum.appeared += 1;
                }
                Some(_) if self.backdated => {}
                Some(known) if !known.last.present => {
                    sum.reopened += usize::from(self.returned(known, &finding).await?);
                    sum.returned += 1;
                }
                Some(known) if known.content != finding.content => {
                    self.changed(known, &finding).await?;
                    sum.changed += 1;
                }
                Some(_) => {}
            }
        }
        let missing = std::mem::take(&mut self.known);
        for known in missing.into_values() {
            if known.last.present && !self.backdated && self.looked_for(&known).await? {
                self.gone(&known)?;
                sum.gone += 1;
            }
        }
        Ok(())
    }

    fn appeared(
        &mut self,
        finding: &StoredFinding,
        numbers: &mut HashSet<String>,
    ) -> Result<(), ReviewError> {
        let item = Item {
            organisation: finding.organisation.clone(),
            fingerprint: finding.fingerprint.clone(),
            number: free_number(finding, numbers),
            rule: finding.rule.clone(),
            first_run: self.run.id,
        };
        let draft = Draft {
            seq: 1,
            payload: Payload::Appeared {
                version: version(finding),
            },
            state_before: None,
            state: self.desk.workflow.settings.initial.clone(),
            cycle: 1,
            present: true,
            at: self.at,
            by: PROGRAM.to_owned(),
            role: None,
            proposed_by: None,
            reason: None,
            backward: false,
            due: None,
            due_provisional: false,
            run_id: Some(self.run.id),
            version_run: self.run.id,
        };
        let draft = self.with_clock(draft);
        self.writer.item(&item);
        self.writer.append(&item, draft, Vec::new())?;
        Ok(())
    }

    async fn changed(&mut self, known: Known, new: &StoredFinding) -> Result<(), ReviewError> {
        let payload = Payload::Changed {
            version: version(new),
            differences: self.differences(&known, new).await?,
        };
        let mut draft = self.found(&known.last, payload);
        draft.version_run = self.run.id;
        self.writer.append(&known.item, draft, Vec::new())?;
        Ok(())
    }

    fn gone(&mut self, known: &Known) -> Result<(), ReviewError> {
        let mut draft = self.found(&known.last, Payload::Gone);
        draft.present = false;
        self.writer.append(&known.item, draft, Vec::new())?;
        Ok(())
    }

    /// Whether the item was opened again.
    async fn returned(&mut self, known: Known, new: &StoredFinding) -> Result<bool, ReviewError> {
        let workflow = &self.desk.workflow;
        let state = workflow.state(&known.last.state);
        let reopens = state.is_some_and(|s| s.reopens);
        let (closed_seq, closed_at) = known.entered;
        let recurrence = reopens.then(|| Recurrence {
            closed_seq,
            closed_at,
            repeated: self.within_recurrence(closed_at),
        });
        let payload = Payload::Returned {
            version: version(new),
            differences: self.differences(&known, new).await?,
            recurrence,
        };
        let mut draft = self.found(&known.last, payload);
        draft.present = true;
        draft.version_run = self.run.id;
        if reopens {
            draft.state = self.desk.workflow.settings.reopen_to.clone();
            draft.cycle += 1;
            draft = self.with_clock(draft);
        }
        self.writer.append(&known.item, draft, Vec::new())?;
        Ok(reopens)
    }

    fn within_recurrence(&self, closed_at: NaiveDateTime) -> bool {
        let months = Months::new(self.desk.workflow.settings.recurrence_months);
        closed_at
            .checked_add_months(months)
            .is_none_or(|limit| self.at <= limit)
    }

    fn found(&self, last: &Event, payload: Payload) -> Draft {
        Draft {
            run_id: Some(self.run.id),
            ..continued(last, self.at, payload)
        }
    }

    /// The draft with the deadline of the state that it enters.
    fn with_clock(&self, draft: Draft) -> Draft {
        let state = self.desk.workflow.state(&draft.state);
        let due = state.and_then(|s| self.desk.due(s, self.at.date(), None));
        Draft {
            due: due.map(|d| d.date),
            due_provisional: due.is_some_and(|d| d.provisional),
            ..draft
        }
    }

    async fn old(&self, known: &Known) -> Result<serde_json::Value, ReviewError> {
        let run = known.last.version_run;
        let old = runs::finding(self.transaction, run, &known.item.fingerprint).await?;
        let payload = old.and_then(|f| serde_json::from_str(&f.payload).ok());
        payload.ok_or(ReviewError::MalformedRun(run))
    }

    async fn differences(
        &self,
        known: &Known,
        new: &StoredFinding,
    ) -> Result<Vec<Difference>, ReviewError> {
        if known.content == new.content {
            return Ok(Vec::new());
        }
        let payload = serde_json::from_str(&new.payload)
            .map_err(|_| ReviewError::MalformedRun(self.run.id))?;
        Ok(differences(&self.old(known).await?, &payload))
    }

    /// Whether the run would have found the item were it still there.
    async fn looked_for(&self, known: &Known) -> Result<bool, ReviewError> {
        let run = self.run;
        if !run.looked(&known.item.rule, &known.item.organisation) {
            return Ok(false);
        }
        if run.period.is_none() {
            return Ok(true);
        }
        let old = self.old(known).await?;
        let day = old["occurred_on"].as_str().and_then(|d| d.parse().ok());
        Ok(run.looked_at(day))
    }
}

/// The number printed in reports; in the rare case that two matters of a rule begin alike, more of the fingerprint.
fn free_number(finding: &StoredFinding, taken: &mut HashSet<String>) -> String {
    let mut number = finding.number.clone();
    let mut length = 8;
    while !taken.insert(number.clone()) && length < finding.fingerprint.len() {
        length += 1;
        let head = finding.fingerprint.get(..length).unwrap_or_default();
        number = format!("{}-{head}", finding.rule);
    }
    number
}

/// The version of a finding as an event names it.
fn version(finding: &StoredFinding) -> Version {
    Version {
        content: finding.content.clone(),
        digest: digest(finding),
    }
}

/// Hex SHA-256 over everything that is stored of a finding, each part with its length.
pub fn digest(finding: &StoredFinding) -> String {
    let (version, amount) = (finding.rule_version.to_string(), finding.amount);
    let amount = amount.map(|a| a.to_string()).unwrap_or_default();
    let mut hasher = Sha256::new();
    for part in [
        &finding.fingerprint,
        &finding.content,
        &finding.number,
        &finding.rule,
        &version,
        &finding.organisation,
        &finding.kind,
        &finding.severity,
        &amount,
        &finding.payload,
    ] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}
