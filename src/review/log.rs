//! The record of items in the store: read, and appended to. An event gets its place and its hash here and nowhere else.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use sha2::{Digest, Sha256};

use super::event::{Event, Payload};
use super::{ReviewError, chain};
use crate::store::bulk::{BulkInsert, statement};

/// A matter that runs have named: one fingerprint of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub organisation: String,
    pub fingerprint: String,
    /// As printed in reports.
    pub number: String,
    pub rule: String,
    pub first_run: i64,
}

/// A file as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// An attachment without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sealed {
    #[serde(skip)]
    pub position: i64,
    /// From 1 within the event.
    pub line: i64,
    pub name: String,
    /// Bytes.
    pub size: i64,
    #[serde(serialize_with = "as_hex")]
    pub sha256: Vec<u8>,
}

fn as_hex<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::model::hex(bytes))
}

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

const EVENT_COLUMNS: [&str; 24] = [
    "organisation",
    "position",
    "format",
    "fingerprint",
    "seq",
    "event",
    "state_before",
    "state",
    "cycle",
    "present",
    "at",
    "by_whom",
    "role",
    "proposed_by",
    "reason",
    "backward",
    "due",
    "due_provisional",
    "run_id",
    "version_run",
    "payload",
    "attachments",
    "previous_hash",
    "hash",
];

const ITEM_COLUMNS: [&str; 5] = ["organisation", "fingerprint", "number", "rule", "first_run"];

/// The end of an organisation's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub length: i64,
    pub hash: Vec<u8>,
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
        use chrono::Timelike as _;
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

fn event_of(row: &QueryResult) -> Result<Event, sea_orm::DbErr> {
    Ok(Event {
        organisation: row.try_get_by_index(0)?,
        position: row.try_get_by_index(1)?,
        format: row.try_get_by_index(2)?,
        fingerprint: row.try_get_by_index(3)?,
        seq: row.try_get_by_index(4)?,
        event: row.try_get_by_index(5)?,
        state_before: row.try_get_by_index(6)?,
        state: row.try_get_by_index(7)?,
        cycle: row.try_get_by_index(8)?,
        present: row.try_get_by_index(9)?,
        at: row.try_get_by_index(10)?,
        by: row.try_get_by_index(11)?,
        role: row.try_get_by_index(12)?,
        proposed_by: row.try_get_by_index(13)?,
        reason: row.try_get_by_index(14)?,
        backward: row.try_get_by_index(15)?,
        due: row.try_get_by_index(16)?,
        due_provisional: row.try_get_by_index(17)?,
        run_id: row.try_get_by_index(18)?,
        version_run: row.try_get_by_index(19)?,
        payload: row.try_get_by_index(20)?,
        attachments: row.try_get_by_index(21)?,
        previous_hash: row.try_get_by_index(22)?,
        hash: row.try_get_by_index(23)?,
    })
}

fn item_of(row: &QueryResult) -> Result<Item, sea_orm::DbErr> {
    Ok(Item {
        organisation: row.try_get_by_index(0)?,
        fingerprint: row.try_get_by_index(1)?,
        number: row.try_get_by_index(2)?,
        rule: row.try_get_by_index(3)?,
        first_run: row.try_get_by_index(4)?,
    })
}

/// Every organisation's chain: its code and its head.
pub async fn heads<C: ConnectionTrait>(
    connection: &C,
) -> Result<BTreeMap<String, Head>, ReviewError> {
    let sql = "SELECT organisation, length, head FROM review_head ORDER BY organisation";
    let rows = connection
        .query_all_raw(statement(connection, sql, []))
        .await?;
    let mut heads = BTreeMap::new();
    for row in rows {
        let head = Head {
            length: row.try_get_by_index(1)?,
            hash: row.try_get_by_index(2)?,
        };
        heads.insert(row.try_get_by_index(0)?, head);
    }
    Ok(heads)
}

/// The item with this number.
pub async fn item<C: ConnectionTrait>(
    connection: &C,
    number: &str,
) -> Result<Option<Item>, ReviewError> {
    let sql = format!(
        "SELECT {} FROM review_item WHERE number = ?",
        ITEM_COLUMNS.join(", ")
    );
    let row = connection
        .query_one_raw(statement(connection, &sql, [number.trim().into()]))
        .await?;
    Ok(row.as_ref().map(item_of).transpose()?)
}

/// Every item of an organisation.
pub async fn items<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<Vec<Item>, ReviewError> {
    let sql = format!(
        "SELECT {} FROM review_item WHERE organisation = ?",
        ITEM_COLUMNS.join(", ")
    );
    let rows = connection
        .query_all_raw(statement(connection, &sql, [organisation.into()]))
        .await?;
    Ok(rows.iter().map(item_of).collect::<Result<_, _>>()?)
}

/// Everything that happened to an item, in order.
pub async fn events_of<C: ConnectionTrait>(
    connection: &C,
    item: &Item,
) -> Result<Vec<Event>, ReviewError> {
    let sql = format!(
        "SELECT {} FROM review_event WHERE organisation = ? AND fingerprint = ? ORDER BY seq",
        EVENT_COLUMNS.join(", ")
    );
    let values = [
        item.organisation.clone().into(),
        item.fingerprint.clone().into(),
    ];
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    Ok(rows.iter().map(event_of).collect::<Result<_, _>>()?)
}

/// The events of an organisation from one position to another, in the order of the chain.
pub async fn events_between<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    first: i64,
    last: i64,
) -> Result<Vec<Event>, ReviewError> {
    let sql = format!(
        "SELECT {} FROM review_event WHERE organisation = ? AND position BETWEEN ? AND ? ORDER BY position",
        EVENT_COLUMNS.join(", ")
    );
    let values = [organisation.into(), first.into(), last.into()];
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    Ok(rows.iter().map(event_of).collect::<Result<_, _>>()?)
}

/// The attachments of a span of an organisation's events, without their bytes, by position.
pub async fn attachments_between<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    first: i64,
    last: i64,
) -> Result<Vec<Sealed>, ReviewError> {
    let sql = "SELECT position, line, name, size, sha256 FROM review_attachment WHERE organisation = ? AND position BETWEEN ? AND ? ORDER BY position, line";
    let values = [organisation.into(), first.into(), last.into()];
    let rows = connection
        .query_all_raw(statement(connection, sql, values))
        .await?;
    let sealed = |row: &QueryResult| -> Result<Sealed, sea_orm::DbErr> {
        Ok(Sealed {
            position: row.try_get_by_index(0)?,
            line: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            size: row.try_get_by_index(3)?,
            sha256: row.try_get_by_index(4)?,
        })
    };
    Ok(rows.iter().map(sealed).collect::<Result<_, _>>()?)
}

/// The bytes of an attachment, as received.
pub async fn attachment_bytes<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    position: i64,
    line: i64,
) -> Result<Option<Vec<u8>>, ReviewError> {
    let sql =
        "SELECT bytes FROM review_attachment WHERE organisation = ? AND position = ? AND line = ?";
    let values = [organisation.into(), position.into(), line.into()];
    let row = connection
        .query_one_raw(statement(connection, sql, values))
        .await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?)
}
