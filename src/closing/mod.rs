//! Period close: what must be in order before a month is closed, then the lock, in one transaction. It never posts and
//! never repairs: what is not in order is listed, all of it, and the month stays open.

mod checks;

use crate::ledger::lock::{self, Closing};
use crate::ledger::{LedgerError, read, verify};
use crate::model::{Period, PeriodRange};
use crate::pack::Pack;
use crate::statement::StatementError;
use crate::store::Store;

pub use checks::Obstacle;

/// What happened to one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Closed on this head of the chain (hex) over so many vouchers.
    Closed {
        head: String,
        length: i64,
    },
    AlreadyClosed,
    /// Not closed, and why.
    Refused(Vec<Obstacle>),
}

/// Closes the months of a range in order; stops at the first that cannot be closed, and then closes none.
///
/// # Errors
/// [`StatementError`] of the ledger or of a form; obstacles are no errors.
pub async fn close(
    store: &Store,
    pack: &Pack,
    organisation: &str,
    range: PeriodRange,
    closing: Closing<'_>,
) -> Result<Vec<(Period, Outcome)>, StatementError> {
    read::book(store.db(), organisation).await?;
    let mut broken = Vec::new();
    for report in verify::verify(store, Some(organisation), |_| {}).await? {
        if let Some(fault) = report.fault {
            let voucher = fault.voucher.unwrap_or_default();
            broken.push(Obstacle::Chain(format!("{voucher}{}", fault.reason)));
        }
    }
    if !broken.is_empty() {
        return Ok(vec![(range.first, Outcome::Refused(broken))]);
    }
    let transaction = store.begin().await?;
    let mut outcomes = Vec::new();
    let mut period = range.first;
    while period <= range.last {
        let closed = lock::locked_periods(&transaction, organisation).await?;
        if closed.contains(&period) {
            outcomes.push((period, Outcome::AlreadyClosed));
            period = period.next();
            continue;
        }
        let obstacles =
            checks::obstacles(&transaction, pack, organisation, period, &closing, &closed).await?;
        if !obstacles.is_empty() {
            // Dropping the transaction takes back the months before.
            return Ok(vec![(period, Outcome::Refused(obstacles))]);
        }
        lock::lock(&transaction, organisation, period, closing).await?;
        let book = read::book(&transaction, organisation).await?;
        let outcome = Outcome::Closed {
            head: crate::model::hex(&book.head),
            length: book.length,
        };
        outcomes.push((period, outcome));
        period = period.next();
    }
    transaction.commit().await.map_err(LedgerError::from)?;
    Ok(outcomes)
}
