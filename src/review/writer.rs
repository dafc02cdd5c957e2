//! Appending to the record: an event gets its place and its hash here and nowhere else.

use chrono::{NaiveDate, NaiveDateTime, Timelike as _};
use sea_orm::{ConnectionTrait, DbBackend, Value};
use sha2::{Digest, Sha256};

use super::event::{Event, Payload};
use super::log::{Attachment, EVENT_COLUMNS, Head, ITEM_COLUMNS, Item, Sealed};
use super::{ReviewError, chain};
use crate::store::bulk::{BulkInsert, statement};

/// An event before it has its place.
#[derive(Debug, Clone)]
pub struct Draft {
    pub seq: i64,
    pub payload: Payload,
    pub state_before: Option<String>,
    pub state: String,
    pub cycle: i64,
    pub present: bool,
    pub at: NaiveDateTime,
    pub by: String,
    pub role: Option<String>,
    pub proposed_by: Option<String>,
    pub reason: Option<String>,
    pub backward: bool,
    pub due: Option<NaiveDate>,
    pub due_provisional: bool,
    pub run_id: Option<i64>,
    pub version_run: i64,
}

/// Appends to one organisation's chain. Nothing is written before [`Writer::finish`].
pub struct Writer<'a, C: ConnectionTrait> {
    connection: &'a C,
    organisation: String,
    head: Head,
    items: Vec<Item>,
    events: Vec<Event>,
    attachments: Vec<(Sealed, Vec<u8>)>,
}

impl<'a, C: ConnectionTrait> Writer<'a, C> {
    /// Takes the chain for itself until the transaction ends.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(connection: &'a C, organisation: &str) -> Result<Writer<'a, C>, ReviewError> {
        let sql = "INSERT INTO review_head (organisation, length, head) VALUES (?, 0, ?) ON CONFLICT (organisation) DO NOTHING";
        let values = [organisation.into(), chain::GENESIS.to_vec().into()];
        connection
            .execute_raw(statement(connection, sql, values))
            .await?;
        let lock = match connection.get_database_backend() {
            DbBackend::Postgres => " FOR UPDATE",
            _ => "",
        };
        let sql = format!("SELECT length, head FROM review_head WHERE organisation = ?{lock}");
        let row = connection
            .query_one_raw(statement(connection, &sql, [organisation.into()]))
            .await?;
        let row = row.ok_or_else(|| ReviewError::Internal("no head".into()))?;
        Ok(Writer {
            connection,
            organisation: organisation.to_owned(),
            head: Head {
                length: row.try_get_by_index(0)?,
                hash: row.try_get_by_index(1)?,
            },
            items: Vec::new(),
            events: Vec::new(),
            attachments: Vec::new(),
        })
    }

    /// A new item; its first event must follow.
    pub fn item(&mut self, item: &Item) {
        self.items.push(item.clone());
    }

    /// Adds an event with its attachments.
    ///
    /// # Errors
    /// Only [`ReviewError::Internal`].
    pub fn append(
        &mut self,
        item: &Item,
        draft: Draft,
        attachments: Vec<Attachment>,
    ) -> Result<&Event, ReviewError> {
        let position = self.head.length + 1;
        let sealed: Vec<Sealed> = (1..)
            .zip(&attachments)
            .map(|(line, a)| Sealed {
                position,
                line,
                name: a.name.clone(),
                size: a.bytes.len() as i64,
                sha256: Sha256::digest(&a.bytes).to_vec(),
            })
            .collect();
        let mut event = self.placed(item, position, draft, sealed.len() as i64)?;
        event.hash = chain::hash(item, &event, &sealed).to_vec();
        self.head = Head {
            length: position,
            hash: event.hash.clone(),
        };
        let bytes = attachments.into_iter().map(|a| a.bytes);
        self.attachments.extend(sealed.into_iter().zip(bytes));
        self.events.push(event);
        self.events
            .last()
            .ok_or_else(|| ReviewError::Internal("no event".into()))
    }

    fn placed(
        &self,
        item: &Item,
        position: i64,
        draft: Draft,
        attachments: i64,
    ) -> Result<Event, ReviewError> {
        Ok(Event {
            organisation: self.organisation.clone(),
            position,
            format: chain::FORMAT,
            fingerprint: item.fingerprint.clone(),
            seq: draft.seq,
            event: draft.payload.name().to_owned(),
            state_before: draft.state_before,
            state: draft.state,
            cycle: draft.cycle,
            present: draft.present,
            // Whole seconds: fractions differ between databases.
            at: draft.at.with_nanosecond(0).unwrap_or(draft.at),
            by: draft.by,
            role: draft.role,
            proposed_by: draft.proposed_by,
            reason: draft.reason,
            backward: draft.backward,
            due: draft.due,
            due_provisional: draft.due_provisional,
            run_id: draft.run_id,
            version_run: draft.version_run,
            payload: draft.payload.to_text()?,
            attachments,
            previous_hash: self.head.hash.clone(),
            hash: Vec::new(),
        })
    }

    /// Writes everything and moves the head. Events written: how many.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn finish(self) -> Result<usize, ReviewError> {
        if self.events.is_empty() {
            return Ok(0);
        }
        let mut insert = BulkInsert::new(self.connection, "review_item", &ITEM_COLUMNS, "");
        for item in self.items {
            let [organisation, fingerprint, number, rule] =
                [item.organisation, item.fingerprint, item.number, item.rule].map(Value::from);
            let row = [
                organisation,
                fingerprint,
                number,
                rule,
                item.first_run.into(),
            ];
            insert.push(row).await?;
        }
        insert.finish().await?;
        let count = self.events.len();
        let mut insert = BulkInsert::new(self.connection, "review_event", &EVENT_COLUMNS, "");
        for event in self.events {
            insert.push(event_row(event)).await?;
        }
        insert.finish().await?;
        // One statement each: attachments are large.
        let sql = "INSERT INTO review_attachment (organisation, position, line, name, size, sha256, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)";
        for (sealed, bytes) in self.attachments {
            let values = [
                self.organisation.clone().into(),
                sealed.position.into(),
                sealed.line.into(),
                sealed.name.into(),
                sealed.size.into(),
                sealed.sha256.into(),
                bytes.into(),
            ];
            self.connection
                .execute_raw(statement(self.connection, sql, values))
                .await?;
        }
        let sql = "UPDATE review_head SET length = ?, head = ? WHERE organisation = ?";
        let values = [
            self.head.length.into(),
            self.head.hash.into(),
            self.organisation.into(),
        ];
        self.connection
            .execute_raw(statement(self.connection, sql, values))
            .await?;
        Ok(count)
    }
}

fn event_row(event: Event) -> [Value; 24] {
    [
        event.organisation.into(),
        event.position.into(),
        event.format.into(),
        event.fingerprint.into(),
        event.seq.into(),
        event.event.into(),
        event.state_before.into(),
        event.state.into(),
        event.cycle.into(),
        event.present.into(),
        event.at.into(),
        event.by.into(),
        event.role.into(),
        event.proposed_by.into(),
        event.reason.into(),
        event.backward.into(),
        event.due.into(),
        event.due_provisional.into(),
        event.run_id.into(),
        event.version_run.into(),
        event.payload.into(),
        event.attachments.into(),
        event.previous_hash.into(),
        event.hash.into(),
    ]
}
