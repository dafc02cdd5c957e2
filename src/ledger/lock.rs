//! Locked periods: months that take no more vouchers. The database refuses; here they are set and read.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::LedgerError;
use crate::model::Period;
use crate::store::bulk::statement;
use crate::store::entities::period_lock;

/// Months of an organisation that are locked.
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
        .filter_map(|l| Period::new(i32::try_from(l.year).ok()?, u32::try_from(l.month).ok()?))
        .collect())
}

/// Locks a month; `false` when it was locked already.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`] when the organisation has no book.
pub async fn lock<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    period: Period,
    by: &str,
    at: NaiveDateTime,
) -> Result<bool, LedgerError> {
    super::read::book(connection, organisation).await?;
    let sql = "INSERT INTO period_lock (organisation, year, month, locked_at, locked_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT (organisation, year, month) DO NOTHING";
    let values = [
        organisation.into(),
        i64::from(period.year).into(),
        i64::from(period.month).into(),
        at.into(),
        by.into(),
    ];
    Ok(connection
        .execute_raw(statement(connection, sql, values))
        .await?
        .rows_affected()
        > 0)
}
