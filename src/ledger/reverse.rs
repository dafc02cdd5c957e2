//! 红字冲销: the only way to correct a posted voucher from here. The amounts stand again, negative, on their own sides.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use super::{LedgerError, post, read};
use crate::model::voucher::UNDO_ORIGIN;
use crate::model::{Entry, Period, Source, Voucher, VoucherId};
use crate::store::bulk::statement;
use crate::store::{Scan, Store, batch};

/// Word under which reversals made here stand, so that they never take a number of the company's own package.
pub const REVERSAL_WORD: &str = "红冲";

/// Who reverses what, when and why.
#[derive(Debug, Clone)]
pub struct Reversal<'a> {
    pub organisation: &'a str,
    pub voucher: &'a VoucherId,
    pub date: NaiveDate,
    pub maker: &'a str,
    pub reason: &'a str,
}

/// Posts the reversal and returns its identity.
///
/// # Errors
/// [`LedgerError::UnknownVoucher`], [`LedgerError::AlreadyReversed`], [`LedgerError::PeriodLocked`].
pub async fn reverse(
    store: &Store,
    reversal: &Reversal<'_>,
    now: chrono::NaiveDateTime,
) -> Result<VoucherId, LedgerError> {
    let transaction = store.begin().await?;
    let label = format!("红冲 {} {}", reversal.organisation, reversal.voucher);
    let batch_id = batch::open_by(&transaction, &label, now, Some(reversal.maker)).await?;
    let head = post::lock_book(&transaction, reversal.organisation).await?;
    let original = current(&transaction, reversal).await?;
    let period = Period::of(reversal.date);
    let number = next_number(&transaction, reversal.organisation, period).await?;
    let voucher = negative(
        &original,
        reversal,
        VoucherId::new(period, REVERSAL_WORD.into(), &number.to_string()),
    );
    let organisation = reversal.organisation;
    post::post_known(&transaction, batch_id, organisation, head, &[&voucher]).await?;
    transaction.commit().await?;
    Ok(voucher.id)
}

async fn current<C: ConnectionTrait + Scan>(
    connection: &C,
    reversal: &Reversal<'_>,
) -> Result<Voucher, LedgerError> {
    let unknown = || LedgerError::UnknownVoucher {
        organisation: reversal.organisation.to_owned(),
        voucher: reversal.voucher.to_string(),
    };
    let id = reversal.voucher;
    let sql = "SELECT position FROM current_voucher WHERE organisation = ? AND year = ? AND month = ? AND word = ? AND number = ?";
    let values = [
        reversal.organisation.into(),
        i64::from(id.period.year).into(),
        i64::from(id.period.month).into(),
        id.word.to_string().into(),
        id.number.to_string().into(),
    ];
    let row = connection
        .query_one_raw(statement(connection, sql, values))
        .await?
        .ok_or_else(unknown)?;
    let position: i64 = row.try_get_by_index(0)?;
    let sql = "SELECT 1 FROM current_voucher WHERE organisation = ? AND word = ? AND reverses = ?";
    let values = [
        reversal.organisation.into(),
        REVERSAL_WORD.into(),
        id.to_string().into(),
    ];
    if connection
        .query_one_raw(statement(connection, sql, values))
        .await?
        .is_some()
    {
        return Err(LedgerError::AlreadyReversed(id.to_string()));
    }
    let mut found = read::vouchers(connection, reversal.organisation, position, position).await?;
    found.pop().map(|posted| posted.voucher).ok_or_else(unknown)
}

async fn next_number<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    period: Period,
) -> Result<i64, LedgerError> {
    let sql = "SELECT COUNT(DISTINCT number) FROM voucher WHERE organisation = ? AND year = ? AND month = ? AND word = ?";
    let values = [
        organisation.into(),
        i64::from(period.year).into(),
        i64::from(period.month).into(),
        REVERSAL_WORD.into(),
    ];
    let row = connection
        .query_one_raw(statement(connection, sql, values))
        .await?;
    let count: i64 = row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(count + 1)
}

/// The entries with negative amounts on their own sides.
fn red(original: &Voucher, summary: &str) -> Vec<Entry> {
    let red = |entry: &Entry| Entry {
        debit: -entry.debit,
        credit: -entry.credit,
        summary: Some(summary.into()),
        ..entry.clone()
    };
    original.entries.iter().map(red).collect()
}

/// The revision that takes a voucher back: its identity is free again, and it counts in no balance.
pub(super) fn taking_back(original: &Voucher, summary: &str, source: Source) -> Voucher {
    Voucher {
        reverses: Some(original.id.to_string().into()),
        origin: Some(UNDO_ORIGIN.into()),
        ..Voucher::new(
            original.id.clone(),
            original.date,
            source,
            red(original, summary),
        )
    }
}

fn negative(original: &Voucher, reversal: &Reversal<'_>, id: VoucherId) -> Voucher {
    let summary = format!("冲销 {}:{}", original.id, reversal.reason);
    let entries = red(original, &summary);
    Voucher {
        maker: Some(reversal.maker.into()),
        reverses: Some(original.id.to_string().into()),
        origin: Some("manual".into()),
        ..Voucher::new(id, reversal.date, Source::command("sanzi reverse"), entries)
    }
}
