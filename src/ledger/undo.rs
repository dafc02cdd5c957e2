//! Taking a whole batch back. Nothing is deleted: each voucher of the batch that counts gets one more revision, either the
//! form that stood before the batch, or its reversal, which says that the identity is free again. Register rows and held
//! vouchers go out of view, and what the batch had replaced comes back. All of it, and who did it and why, in one transaction.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::ConnectionTrait;

use super::post::{self, Next, Replaced, identity};
use super::read::{self, PostedVoucher};
use super::reverse::{REVERSAL_WORD, taking_back};
use super::standing::{self, Stretches};
use super::{LedgerError, chain, charts};
use crate::model::{Voucher, VoucherId};
use crate::store::batch::{self, State};
use crate::store::bulk::statement;
use crate::store::{Scan, Store, Transaction, held, registers};

/// Which batch is taken back, by whom, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Undo<'a> {
    pub batch_id: i64,
    pub by: &'a str,
    pub reason: &'a str,
    pub at: NaiveDateTime,
}

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// The batch under which the undo itself is recorded.
    pub recorded_in: i64,
    pub books: Vec<UndoneBook>,
    /// Register rows taken out of view, and rows that they had replaced brought back.
    pub registers: (u64, u64),
    /// The same for vouchers held outside the books.
    pub held: (u64, u64),
    /// Later batches of the same organisations that stand: they may have found some of these vouchers known already.
    pub later: Vec<i64>,
}

/// What an undo did in one book, in vouchers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneBook {
    pub organisation: String,
    /// Taken back by a reversal.
    pub reversed: u64,
    /// Given back the form that they had before the batch.
    pub restored: u64,
}

/// Takes a batch back.
///
/// # Errors
/// [`LedgerError::UnknownBatch`], [`LedgerError::AlreadyUndone`], [`LedgerError::UndoOfUndo`],
/// [`LedgerError::ReversedSince`], [`LedgerError::PeriodLocked`], [`LedgerError::UndoUnsigned`]; nothing is written then.
pub async fn undo(store: &Store, undo: &Undo<'_>) -> Result<Undone, LedgerError> {
    let (by, reason) = (undo.by.trim(), undo.reason.trim());
    if by.is_empty() || reason.is_empty() {
        return Err(LedgerError::UndoUnsigned);
    }
    let transaction = store.begin().await?;
    let label = format!("撤销批次 {}:{reason}", undo.batch_id);
    let recorded_in = batch::open_by(&transaction, &label, undo.at, Some(by)).await?;
    refuse(&transaction, undo.batch_id).await?;
    let mut out = Undone {
        recorded_in,
        ..Undone::default()
    };
    let organisations = batch::organisations(&transaction, undo.batch_id).await?;
    for organisation in &organisations {
        // Before the undo is recorded, so that the batch still stands.
        let stretches = Stretches::load(&transaction, organisation).await?;
        let book = take_back(&transaction, organisation, &stretches, undo, recorded_in).await?;
        out.books.extend(book);
    }
    batch::record_undo(&transaction, undo.batch_id, recorded_in, by, reason).await?;
    for organisation in &organisations {
        charts::refresh(&transaction, organisation).await?;
        drop_empty_balances(&transaction, organisation).await?;
    }
    out.registers = registers::undo(&transaction, undo.batch_id, recorded_in).await?;
    out.held = held::undo(&transaction, undo.batch_id, recorded_in).await?;
    out.later = batch::later(&transaction, undo.batch_id, &organisations).await?;
    transaction.commit().await?;
    Ok(out)
}

/// A batch that is not there, is undone already, or is itself an undo.
async fn refuse(transaction: &Transaction, batch_id: i64) -> Result<(), LedgerError> {
    match batch::state(transaction, batch_id).await? {
        None => Err(LedgerError::UnknownBatch(batch_id)),
        Some(State::Standing) => Ok(()),
        Some(State::Undo { .. }) => Err(LedgerError::UndoOfUndo(batch_id)),
        Some(State::Undone {
            undone_in,
            at,
            by,
            reason,
        }) => Err(LedgerError::AlreadyUndone {
            batch: batch_id,
            undone_in,
            at,
            by,
            reason,
        }),
    }
}

/// A voucher of the batch that counts now, with the revision that comes next and what stood before the batch.
struct Counting<'a> {
    posted: &'a PostedVoucher,
    revision: i64,
    before: Option<i64>,
}

async fn take_back(
    transaction: &Transaction,
    organisation: &str,
    stretches: &Stretches,
    undo: &Undo<'_>,
    recorded_in: i64,
) -> Result<Option<UndoneBook>, LedgerError> {
    let head = post::lock_book(transaction, organisation).await?;
    let mut vouchers = Vec::new();
    let mut revisions = HashMap::new();
    for span in batch::spans(transaction, undo.batch_id, organisation).await? {
        vouchers.extend(read::vouchers(transaction, organisation, span.0, span.1).await?);
        revisions.extend(standing::between(transaction, organisation, span).await?);
    }
    let counting: Vec<Counting<'_>> = vouchers
        .iter()
        .filter_map(|posted| {
            let all = revisions.get(&posted.voucher.id)?;
            let last = |stands: &dyn Fn(i64) -> bool| {
                all.iter().rev().map(|(at, _)| *at).find(|at| stands(*at))
            };
            // A later batch has replaced it: then it does not count.
            let counts = last(&|at| stretches.stands(at)) == Some(posted.position);
            let before = last(&|at| stretches.stands_without(at, undo.batch_id));
            // A voucher that the batch voided comes back if it still stands; else there is nothing to take back.
            let counts = counts && (before.is_some() || !posted.voucher.is_undo());
            counts.then(|| Counting {
                posted,
                revision: all.last().map_or(1, |(_, revision)| revision + 1),
                before,
            })
        })
        .collect();
    refuse_reversed(
        transaction,
        organisation,
        &counting,
        undo.batch_id,
        stretches,
    )
    .await?;
    let mut next: Vec<(Voucher, i64, &Voucher)> = Vec::with_capacity(counting.len());
    let mut restored = 0;
    for item in &counting {
        let now = &item.posted.voucher;
        let before = match item.before {
            Some(at) => read::vouchers(transaction, organisation, at, at)
                .await?
                .pop(),
            None => None,
        };
        restored += u64::from(before.is_some());
        let voucher = before.map_or_else(|| reversal(now, undo), |b| b.voucher);
        next.push((voucher, item.revision, now));
    }
    let reversed = next.len() as u64 - restored;
    let fresh = next.iter().map(|(voucher, revision, now)| {
        let fresh = Next {
            voucher,
            revision: *revision,
            // What only takes back counts in no balance.
            replaces: (!now.is_undo()).then_some(Replaced::Voucher(now)),
        };
        (fresh, chain::content(organisation, voucher))
    });
    post::append(
        transaction,
        recorded_in,
        organisation,
        head,
        fresh.collect(),
    )
    .await?;
    Ok((!next.is_empty()).then(|| UndoneBook {
        organisation: organisation.to_owned(),
        reversed,
        restored,
    }))
}

/// The revision that says: this identity is free again.
fn reversal(voucher: &Voucher, undo: &Undo<'_>) -> Voucher {
    let summary = format!("撤销批次 {}:{}", undo.batch_id, undo.reason.trim());
    Voucher {
        maker: Some(undo.by.trim().into()),
        entered_at: Some(undo.at),
        ..taking_back(voucher, &summary, voucher.source.clone())
    }
}

/// A voucher that somebody has reversed since would be taken back twice.
async fn refuse_reversed(
    transaction: &Transaction,
    organisation: &str,
    counting: &[Counting<'_>],
    batch_id: i64,
    stretches: &Stretches,
) -> Result<(), LedgerError> {
    let sql = "SELECT reverses, position FROM current_voucher WHERE organisation = ? AND word = ? AND reverses IS NOT NULL";
    let values = [organisation.into(), REVERSAL_WORD.into()];
    let mut reversed: BTreeMap<String, i64> = BTreeMap::new();
    for row in transaction
        .query_all_raw(statement(transaction, sql, values))
        .await?
    {
        let position = row.try_get_by_index(1)?;
        if stretches.stands_without(position, batch_id) {
            reversed.insert(row.try_get_by_index(0)?, position);
        }
    }
    if reversed.is_empty() {
        return Ok(());
    }
    let ids = counting.iter().map(|c| &c.posted.voucher.id);
    let hit: Vec<String> = ids
        .map(VoucherId::to_string)
        .filter(|id| reversed.contains_key(id))
        .collect();
    if hit.is_empty() {
        return Ok(());
    }
    Err(LedgerError::ReversedSince {
        batch: batch_id,
        vouchers: hit.join("、"),
    })
}

/// Balances that came to nothing because no voucher that counts moves their account any more: the first year of a book and
/// the years with opening balances are told by the rows there are.
async fn drop_empty_balances(
    transaction: &Transaction,
    organisation: &str,
) -> Result<(), LedgerError> {
    let empty =
        "SELECT COUNT(*) FROM account_balance WHERE organisation = ? AND debit = 0 AND credit = 0";
    let row = transaction
        .query_one_raw(statement(transaction, empty, [organisation.into()]))
        .await?;
    let empty: i64 = row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0);
    if empty == 0 {
        return Ok(());
    }
    let sql = "DELETE FROM account_balance WHERE organisation = ? AND debit = 0 AND credit = 0 AND (year, month, account) NOT IN \
               (SELECT v.year, CASE WHEN v.word = '期初' THEN 0 ELSE v.month END, e.account FROM current_voucher v \
                JOIN entry e ON e.organisation = v.organisation AND e.position = v.position WHERE v.organisation = ?)";
    let values = [organisation.into(), organisation.into()];
    transaction
        .execute_raw(statement(transaction, sql, values))
        .await?;
    Ok(())
}

/// A voucher that was handed in and taken back with its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneVoucher {
    pub organisation: String,
    pub batch_id: i64,
    pub id: VoucherId,
    pub date: NaiveDate,
    /// Sum of its debits, 分.
    pub total: i64,
    pub at: NaiveDateTime,
    pub by: String,
    pub reason: String,
}

/// Every voucher taken back, by organisation and in the order of the chain: the trail that is left.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn vouchers<S: Scan>(source: &S) -> Result<Vec<UndoneVoucher>, LedgerError> {
    let sql = "SELECT v.year, v.month, v.word, v.number, v.organisation, v.date, \
               (SELECT CAST(SUM(e.debit) AS BIGINT) FROM entry e WHERE e.organisation = v.organisation AND e.position = v.position), \
               u.batch_id, a.received_at, u.by_whom, u.reason \
               FROM batch_undo u JOIN batch a ON a.id = u.undone_in JOIN batch_posting p ON p.batch_id = u.batch_id \
               JOIN voucher v ON v.organisation = p.organisation AND v.position BETWEEN p.first_position AND p.last_position \
               ORDER BY v.organisation, v.position";
    let mut out = Vec::new();
    source
        .scan(sql, &[], &mut |row| {
            let (Some(id), Some(at)) = (identity(row)?, row.time(8)?) else {
                return Ok(());
            };
            out.push(UndoneVoucher {
                organisation: row.required_text(4)?.to_owned(),
                batch_id: row.required_int(7)?,
                id,
                date: row.required_date(5)?,
                total: row.required_int(6)?,
                at,
                by: row.required_text(9)?.to_owned(),
                reason: row.required_text(10)?.to_owned(),
            });
            Ok(())
        })
        .await?;
    Ok(out)
}
