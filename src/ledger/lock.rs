//! Closed months: months that take no more vouchers. Each closing and re-opening is an event that stays; the database
//! refuses postings into a closed month and any change of the record. What must be in order first is `closing`'s concern.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDateTime;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{LedgerError, read};
use crate::model::Period;
use crate::store::bulk::statement;
use crate::store::entities::period_lock;

/// A closing or a re-opening as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodEvent {
    pub organisation: String,
    pub period: Period,
    /// Re-opened; else closed.
    pub reopened: bool,
    pub at: NaiveDateTime,
    /// Who closed, or who asked to open again.
    pub by: String,
    pub approved_by: Option<String>,
    /// Why it was opened again, or what was explained at closing.
    pub reason: Option<String>,
    /// Number of sealed vouchers and head of the chain at that moment.
    pub length: i64,
    pub head: Vec<u8>,
}

impl PeriodEvent {
    /// The word of the store and of rules.
    pub fn kind(&self) -> &'static str {
        if self.reopened { "reopened" } else { "closed" }
    }
}

/// Who closes, when, and what is said to gaps in the numbering.
#[derive(Debug, Clone, Copy)]
pub struct Closing<'a> {
    pub by: &'a str,
    pub at: NaiveDateTime,
    pub explained: Option<&'a str>,
}

/// Who asks to open a month again, who agrees, and why.
#[derive(Debug, Clone, Copy)]
pub struct Reopening<'a> {
    pub by: &'a str,
    pub approved_by: &'a str,
    pub reason: &'a str,
    pub at: NaiveDateTime,
}

/// Months of an organisation that are closed.
pub async fn locked_periods<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<HashSet<Period>, LedgerError> {
    let locks = period_lock::Entity::find()
        .filter(period_lock::Column::Organisation.eq(organisation))
        .all(connection)
        .await?;
    Ok(locks
        .into_iter()
        .filter_map(|l| period(l.year, l.month))
        .collect())
}

fn period(year: i64, month: i64) -> Option<Period> {
    Period::new(i32::try_from(year).ok()?, u32::try_from(month).ok()?)
}

/// Every closing and re-opening, of one organisation or of all, in the order in which they happened.
pub async fn events<C: ConnectionTrait>(
    connection: &C,
    organisation: Option<&str>,
) -> Result<Vec<PeriodEvent>, LedgerError> {
    let sql = "SELECT organisation, year, month, event, at, by_whom, approved_by, reason, length, head FROM period_event \
               WHERE organisation = ? OR ? = '' ORDER BY id";
    let code = organisation.unwrap_or_default();
    let rows = connection
        .query_all_raw(statement(connection, sql, [code.into(), code.into()]))
        .await?;
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let (year, month): (i64, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let event: String = row.try_get_by_index(3)?;
        let Some(period) = period(year, month) else {
            continue;
        };
        out.push(PeriodEvent {
            organisation: row.try_get_by_index(0)?,
            period,
            reopened: event == "reopened",
            at: row.try_get_by_index(4)?,
            by: row.try_get_by_index(5)?,
            approved_by: row.try_get_by_index(6)?,
            reason: row.try_get_by_index(7)?,
            length: row.try_get_by_index(8)?,
            head: row.try_get_by_index(9)?,
        });
    }
    Ok(out)
}

/// Closes a month on the head that the chain has now; `false` when it was closed already. Call it in a transaction.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`] when the organisation has no book.
pub async fn lock<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    period: Period,
    closing: Closing<'_>,
) -> Result<bool, LedgerError> {
    if locked_periods(connection, organisation)
        .await?
        .contains(&period)
    {
        return Ok(false);
    }
    let event = Event {
        name: "closed",
        at: closing.at,
        by: closing.by,
        approved_by: None,
        reason: closing.explained,
    };
    record(connection, organisation, period, event).await?;
    let sql = "INSERT INTO period_lock (organisation, year, month, locked_at, locked_by) VALUES (?, ?, ?, ?, ?)";
    let values = [
        organisation.into(),
        i64::from(period.year).into(),
        i64::from(period.month).into(),
        closing.at.into(),
        closing.by.into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(true)
}

/// Opens closed months again. Call it in a transaction.
///
/// # Errors
/// [`LedgerError::SecondPerson`] when the reason is missing or one person does both; [`LedgerError::NotClosed`];
/// [`LedgerError::LaterClosed`] when a later month would stay closed on figures that can now change.
pub async fn reopen<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    periods: &[Period],
    reopening: Reopening<'_>,
) -> Result<(), LedgerError> {
    read::book(connection, organisation).await?;
    let (by, second) = (reopening.by.trim(), reopening.approved_by.trim());
    if by.is_empty() || second.is_empty() || by == second || reopening.reason.trim().is_empty() {
        return Err(LedgerError::SecondPerson);
    }
    let closed: BTreeSet<Period> = locked_periods(connection, organisation)
        .await?
        .into_iter()
        .collect();
    for period in periods {
        if !closed.contains(period) {
            return Err(LedgerError::NotClosed(period.to_string()));
        }
        let later = closed
            .iter()
            .filter(|p| *p > period && !periods.contains(p));
        let later: Vec<String> = later.map(ToString::to_string).collect();
        if !later.is_empty() {
            return Err(LedgerError::LaterClosed {
                period: period.to_string(),
                later: later.join("、"),
            });
        }
    }
    for period in periods.iter().rev() {
        let event = Event {
            name: "reopened",
            at: reopening.at,
            by,
            approved_by: Some(second),
            reason: Some(reopening.reason.trim()),
        };
        record(connection, organisation, *period, event).await?;
        let sql = "DELETE FROM period_lock WHERE organisation = ? AND year = ? AND month = ?";
        let values = [
            organisation.into(),
            i64::from(period.year).into(),
            i64::from(period.month).into(),
        ];
        connection
            .execute_raw(statement(connection, sql, values))
            .await?;
    }
    Ok(())
}

struct Event<'a> {
    name: &'static str,
    at: NaiveDateTime,
    by: &'a str,
    approved_by: Option<&'a str>,
    reason: Option<&'a str>,
}

async fn record<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    period: Period,
    event: Event<'_>,
) -> Result<(), LedgerError> {
    let book = read::book(connection, organisation).await?;
    let sql = "INSERT INTO period_event (organisation, year, month, event, at, by_whom, approved_by, reason, length, head) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let text = |t: Option<&str>| sea_orm::Value::String(t.map(str::to_owned));
    let values = [
        organisation.into(),
        i64::from(period.year).into(),
        i64::from(period.month).into(),
        event.name.into(),
        event.at.into(),
        event.by.into(),
        text(event.approved_by),
        text(event.reason),
        book.length.into(),
        book.head.into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}
