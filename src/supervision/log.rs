//! The record of the plan as it stands in the store: read, and appended to here and nowhere else.

use chrono::{NaiveDateTime, Timelike as _};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult};
use sha2::{Digest, Sha256};

use super::SupervisionError;
use super::event::{Event, FORMAT, Payload};
use crate::ledger::chain::GENESIS;
use crate::review::Actor;
use crate::review::log::{Attachment, Sealed};
use crate::review::transition::MAX_ATTACHMENT;
use crate::store::bulk::{statement, text};

const COLUMNS: &str = "position, format, project, seq, event, at, by_whom, role, reason, payload, attachments, previous_hash, hash";

/// Most files of one record or policy.
pub const MAX_FILES: usize = 20;

/// Refuses files that are empty, too large, too many, or have no name.
///
/// # Errors
/// [`SupervisionError::BadFile`].
pub fn check_files(files: &[Attachment]) -> Result<(), SupervisionError> {
    for (index, file) in files.iter().enumerate() {
        let reason = if index >= MAX_FILES {
            format!("一次最多 {MAX_FILES} 个文件")
        } else if file.name.trim().is_empty() {
            "没有文件名".to_owned()
        } else if file.bytes.is_empty() {
            "文件是空的".to_owned()
        } else if file.bytes.len() > MAX_ATTACHMENT {
            format!("超过 {} MB", MAX_ATTACHMENT >> 20)
        } else {
            continue;
        };
        let name = file.name.clone();
        return Err(SupervisionError::BadFile { name, reason });
    }
    Ok(())
}

fn event(row: &QueryResult) -> Result<Event, sea_orm::DbErr> {
    Ok(Event {
        position: row.try_get_by_index(0)?,
        format: row.try_get_by_index(1)?,
        project: row.try_get_by_index(2)?,
        seq: row.try_get_by_index(3)?,
        event: row.try_get_by_index(4)?,
        at: row.try_get_by_index(5)?,
        by: row.try_get_by_index(6)?,
        role: row.try_get_by_index(7)?,
        reason: row.try_get_by_index(8)?,
        payload: row.try_get_by_index(9)?,
        attachments: row.try_get_by_index(10)?,
        previous_hash: row.try_get_by_index(11)?,
        hash: row.try_get_by_index(12)?,
    })
}

/// All records, or those of one project, in order.
pub async fn events<C: ConnectionTrait>(
    connection: &C,
    project: Option<&str>,
) -> Result<Vec<Event>, SupervisionError> {
    let (condition, values) = match project {
        Some(project) => ("WHERE project = ? ", vec![project.into()]),
        None => ("", vec![]),
    };
    let sql = format!("SELECT {COLUMNS} FROM plan_event {condition}ORDER BY position");
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    Ok(rows.iter().map(event).collect::<Result<_, _>>()?)
}

/// The attachments of a project, or all, without their bytes, in order.
pub async fn attachments<C: ConnectionTrait>(
    connection: &C,
    project: Option<&str>,
) -> Result<Vec<Sealed>, SupervisionError> {
    let (condition, values) = match project {
        Some(project) => (
            "WHERE position IN (SELECT position FROM plan_event WHERE project = ?) ",
            vec![project.into()],
        ),
        None => ("", vec![]),
    };
    let sql = format!(
        "SELECT position, line, name, size, sha256 FROM plan_attachment {condition}ORDER BY position, line"
    );
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    Ok(rows.iter().map(Sealed::read).collect::<Result<_, _>>()?)
}

/// The bytes of an attachment, as received.
pub async fn attachment_bytes<C: ConnectionTrait>(
    connection: &C,
    position: i64,
    line: i64,
) -> Result<Option<Vec<u8>>, SupervisionError> {
    let sql = "SELECT bytes FROM plan_attachment WHERE position = ? AND line = ?";
    let row = connection
        .query_one_raw(statement(connection, sql, [position.into(), line.into()]))
        .await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?)
}

/// Waits until nobody else appends to a table; the transaction then has it to itself. SQLite has one writer anyway.
pub(super) async fn alone<C: ConnectionTrait>(
    connection: &C,
    table: &str,
) -> Result<(), SupervisionError> {
    if connection.get_database_backend() == DbBackend::Postgres {
        let sql = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// A record before it has its place.
pub(super) struct Draft<'a> {
    pub project: &'a str,
    pub seq: i64,
    pub payload: Payload,
    pub reason: Option<&'a str>,
    pub files: Vec<Attachment>,
}

/// Appends a record with its files; the caller has the table alone. Its number within the project.
pub(super) async fn append<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    at: NaiveDateTime,
    draft: Draft<'_>,
) -> Result<i64, SupervisionError> {
    let sql = "SELECT position, hash FROM plan_event ORDER BY position DESC LIMIT 1";
    let head = connection
        .query_one_raw(statement(connection, sql, []))
        .await?;
    let (last, previous_hash) = match head {
        Some(row) => (row.try_get_by_index::<i64>(0)?, row.try_get_by_index(1)?),
        None => (0, GENESIS.to_vec()),
    };
    let sealed: Vec<Sealed> = (1..)
        .zip(&draft.files)
        .map(|(line, file)| Sealed {
            position: last + 1,
            line,
            name: file.name.clone(),
            size: file.bytes.len() as i64,
            sha256: Sha256::digest(&file.bytes).to_vec(),
        })
        .collect();
    let mut event = Event {
        position: last + 1,
        format: FORMAT,
        project: draft.project.to_owned(),
        seq: draft.seq,
        event: draft.payload.name().to_owned(),
        // Whole seconds: fractions differ between databases.
        at: at.with_nanosecond(0).unwrap_or(at),
        by: actor.user().to_owned(),
        role: actor.role.code().to_owned(),
        reason: draft.reason.map(str::to_owned),
        payload: draft.payload.to_text()?,
        attachments: sealed.len() as i64,
        previous_hash,
        hash: Vec::new(),
    };
    event.hash = event.digest(&sealed).to_vec();
    let sql = format!(
        "INSERT INTO plan_event ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    let values = [
        event.position.into(),
        event.format.into(),
        event.project.into(),
        event.seq.into(),
        event.event.into(),
        event.at.into(),
        event.by.into(),
        event.role.into(),
        text(event.reason.as_deref()),
        event.payload.into(),
        event.attachments.into(),
        event.previous_hash.into(),
        event.hash.into(),
    ];
    connection
        .execute_raw(statement(connection, &sql, values))
        .await?;
    let sql = "INSERT INTO plan_attachment (position, line, name, size, sha256, bytes) VALUES (?, ?, ?, ?, ?, ?)";
    for (sealed, file) in sealed.into_iter().zip(draft.files) {
        let values = [
            sealed.position.into(),
            sealed.line.into(),
            sealed.name.into(),
            sealed.size.into(),
            sealed.sha256.into(),
            file.bytes.into(),
        ];
        connection
            .execute_raw(statement(connection, sql, values))
            .await?;
    }
    Ok(event.seq)
}
