//! Everything known of one item: its events in order, and the version of the finding that counts now.

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::ConnectionTrait;

use super::event::{Amounts, Event, Payload, Plan};
use super::log::{self, Item, Sealed};
use super::writer::Draft;
use super::{Actor, ReviewError, Workflow};
use crate::audit::outcome::FindingKind;
use crate::store::bulk::statement;
use crate::store::runs::{self, StoredFinding};

/// An item with its whole history.
#[derive(Debug, Clone)]
pub struct Dossier {
    pub item: Item,
    /// At least one.
    pub events: Vec<Event>,
    /// The finding as of the last run that found it with other content than before.
    pub finding: StoredFinding,
    pub kind: FindingKind,
}

impl Dossier {
    /// The dossier of an item.
    ///
    /// # Errors
    /// [`ReviewError::Malformed`] when the store no longer holds together.
    pub async fn of<C: ConnectionTrait>(
        connection: &C,
        item: Item,
    ) -> Result<Dossier, ReviewError> {
        let events = log::events_of(connection, &item).await?;
        let malformed = |position| ReviewError::Malformed {
            organisation: item.organisation.clone(),
            position,
        };
        let last = events.last().ok_or_else(|| malformed(0))?;
        let finding = runs::finding(connection, last.version_run, &item.fingerprint).await?;
        let finding = finding.ok_or_else(|| malformed(last.position))?;
        let kind = kind(&finding.kind).ok_or_else(|| malformed(last.position))?;
        Ok(Dossier {
            item,
            events,
            finding,
            kind,
        })
    }

    /// The item with this number, if the person may read it.
    ///
    /// # Errors
    /// [`ReviewError::UnknownItem`] when there is none, or it is not for this person.
    pub async fn read<C: ConnectionTrait>(
        connection: &C,
        workflow: &Workflow,
        actor: &Actor,
        number: &str,
    ) -> Result<Dossier, ReviewError> {
        let unknown = || ReviewError::UnknownItem(number.trim().to_owned());
        let item = log::item(connection, number).await?.ok_or_else(unknown)?;
        let dossier = Dossier::of(connection, item).await?;
        let organisation = &dossier.item.organisation;
        match workflow.may_read(actor, organisation, dossier.kind, dossier.state()) {
            true => Ok(dossier),
            false => Err(unknown()),
        }
    }

    /// The last event.
    pub fn last(&self) -> &Event {
        &self.events[self.events.len() - 1]
    }

    /// The code of the state that the item is in.
    pub fn state(&self) -> &str {
        &self.last().state
    }

    /// Whether the last run that looked finds it.
    pub fn present(&self) -> bool {
        self.last().present
    }

    pub fn due(&self) -> Option<NaiveDate> {
        self.last().due
    }

    /// Events since the item was last opened.
    pub fn cycle(&self) -> impl DoubleEndedIterator<Item = &Event> {
        let cycle = self.last().cycle;
        self.events.iter().filter(move |e| e.cycle == cycle)
    }

    /// Events since the item entered the state that it is in, the entering one first.
    pub fn stay(&self) -> &[Event] {
        let enters = |e: &Event| matches!(e.event.as_str(), "appeared" | "moved" | "returned");
        let entered = self.events.iter().rposition(enters).unwrap_or(0);
        &self.events[entered..]
    }

    /// The measure that counts: the last one put on record since the item was opened.
    ///
    /// # Errors
    /// [`ReviewError::Malformed`].
    pub fn plan(&self) -> Result<Option<Plan>, ReviewError> {
        let planned = self.cycle().rev().find(|e| e.event == "planned");
        match planned.map(Event::payload).transpose()? {
            Some(Payload::Planned(plan)) => Ok(Some(plan)),
            _ => Ok(None),
        }
    }

    /// The money that counts: the last stated since the item was opened.
    ///
    /// # Errors
    /// [`ReviewError::Malformed`].
    pub fn amounts(&self) -> Result<Option<Amounts>, ReviewError> {
        let stated = self.cycle().rev().find(|e| e.event == "amounts");
        match stated.map(Event::payload).transpose()? {
            Some(Payload::Amounts(amounts)) => Ok(Some(amounts)),
            _ => Ok(None),
        }
    }

    /// The next event, by a person, with everything as it is.
    pub fn next(&self, actor: &Actor, at: NaiveDateTime, payload: Payload) -> Draft {
        Draft {
            by: actor.user().to_owned(),
            role: Some(actor.role.code().to_owned()),
            run_id: None,
            ..continued(self.last(), at, payload)
        }
    }

    /// Every attachment of the item, without its bytes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attachments<C: ConnectionTrait>(
        &self,
        connection: &C,
    ) -> Result<Vec<Sealed>, ReviewError> {
        let mut all = Vec::new();
        for event in self.events.iter().filter(|e| e.attachments > 0) {
            let (code, at) = (&self.item.organisation, event.position);
            all.extend(log::attachments_between(connection, code, at, at).await?);
        }
        Ok(all)
    }

    /// The last run that found it, and when it was finished.
    ///
    /// # Errors
    /// What the database says.
    pub async fn last_seen<C: ConnectionTrait>(
        &self,
        connection: &C,
    ) -> Result<Option<(i64, NaiveDateTime)>, ReviewError> {
        let sql = "SELECT r.id, r.finished_at FROM finding f JOIN audit_run r ON r.id = f.run_id WHERE f.fingerprint = ? ORDER BY r.id DESC LIMIT 1";
        let values = [self.item.fingerprint.clone().into()];
        let row = connection
            .query_one_raw(statement(connection, sql, values))
            .await?;
        match row {
            Some(row) => Ok(Some((row.try_get_by_index(0)?, row.try_get_by_index(1)?))),
            None => Ok(None),
        }
    }
}

/// Who writes what a run finds.
pub const PROGRAM: &str = "审计";

/// An event after `last` that changes nothing: state, deadline and version stay.
pub(super) fn continued(last: &Event, at: NaiveDateTime, payload: Payload) -> Draft {
    Draft {
        seq: last.seq + 1,
        payload,
        state_before: Some(last.state.clone()),
        state: last.state.clone(),
        cycle: last.cycle,
        present: last.present,
        at,
        by: PROGRAM.to_owned(),
        role: None,
        proposed_by: None,
        reason: None,
        backward: false,
        due: last.due,
        due_provisional: last.due_provisional,
        run_id: None,
        version_run: last.version_run,
    }
}

/// The kind with this stored code.
pub(super) fn kind(code: &str) -> Option<FindingKind> {
    serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
}
