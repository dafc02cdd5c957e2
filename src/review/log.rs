//! The record of items as it stands in the store. It is added to by [`super::writer`].

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult};

use super::ReviewError;
use super::event::Event;
use crate::store::bulk::statement;

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

pub(super) const EVENT_COLUMNS: [&str; 24] = [
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

pub(super) const ITEM_COLUMNS: [&str; 5] =
    ["organisation", "fingerprint", "number", "rule", "first_run"];

/// The end of an organisation's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub length: i64,
    pub hash: Vec<u8>,
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

impl Sealed {
    /// From a row of position, line, name, size, sha256.
    pub fn read(row: &QueryResult) -> Result<Sealed, sea_orm::DbErr> {
        Ok(Sealed {
            position: row.try_get_by_index(0)?,
            line: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            size: row.try_get_by_index(3)?,
            sha256: row.try_get_by_index(4)?,
        })
    }
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
    Ok(rows.iter().map(Sealed::read).collect::<Result<_, _>>()?)
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
