//! A voucher that was posted and comes again voided. It counts no more, and nothing is deleted: one more revision takes it back,
//! as an undo does, so that its identity is free and the chain tells when and by which file it was voided.

use std::collections::HashSet;

use super::post::{self, Next, Replaced};
use super::read::{self, PostedVoucher};
use super::reverse::taking_back;
use super::{LedgerError, chain, lock};
use crate::model::{Voucher, VoucherId};
use crate::store::Transaction;

/// Of `vouchers`, those that are posted and count, with revision and position.
async fn standing<'a>(
    transaction: &Transaction,
    organisation: &str,
    vouchers: &[&'a Voucher],
) -> Result<Vec<(&'a Voucher, i64, i64)>, LedgerError> {
    if vouchers.is_empty() {
        return Ok(Vec::new());
    }
    let known = post::known_vouchers(transaction, organisation).await?;
    // A number may be voided twice in one file.
    let mut seen = HashSet::new();
    let posted = vouchers
        .iter()
        .filter(|v| seen.insert(&v.id))
        .filter_map(|v| {
            let known = known.get(&v.id).filter(|k| !k.undone)?;
            Some((*v, known.revision, known.position))
        });
    Ok(posted.collect())
}

/// Of `vouchers`, those that are posted, count, and belong to a locked month: taking them back would be refused.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn blocked_by_lock(
    transaction: &Transaction,
    organisation: &str,
    vouchers: &[&Voucher],
) -> Result<HashSet<VoucherId>, LedgerError> {
    let locked = lock::locked_periods(transaction, organisation).await?;
    let inside: Vec<&Voucher> = vouchers
        .iter()
        .copied()
        .filter(|v| locked.contains(&v.id.period))
        .collect();
    let standing = standing(transaction, organisation, &inside).await?;
    Ok(standing.into_iter().map(|(v, ..)| v.id.clone()).collect())
}

/// Takes back what is posted under the identities of `vouchers`, which were handed in voided; the identities, in that order. Those
/// that are not posted, or taken back already, are passed over.
///
/// # Errors
/// [`LedgerError::PeriodLocked`]; nothing is written then.
pub async fn void(
    transaction: &Transaction,
    batch_id: i64,
    organisation: &str,
    vouchers: &[&Voucher],
) -> Result<Vec<VoucherId>, LedgerError> {
    let standing = standing(transaction, organisation, vouchers).await?;
    if standing.is_empty() {
        return Ok(Vec::new());
    }
    let head = post::lock_book(transaction, organisation).await?;
    let mut taken = Vec::with_capacity(standing.len());
    for (voided, revision, position) in standing {
        let posted = read::vouchers(transaction, organisation, position, position).await?;
        let posted = posted.into_iter().next();
        // Its origin is the row that says so.
        let back =
            |p: PostedVoucher| taking_back(&p.voucher, "交来的账套里已作废", voided.source.clone());
        taken.extend(posted.map(|p| (back(p), revision + 1, position)));
    }
    let next = taken.iter().map(|(voucher, revision, position)| {
        let next = Next {
            voucher,
            revision: *revision,
            replaces: Some(Replaced::At(*position)),
        };
        (next, chain::content(organisation, voucher))
    });
    post::append(transaction, batch_id, organisation, head, next.collect()).await?;
    Ok(taken.into_iter().map(|(voucher, ..)| voucher.id).collect())
}
