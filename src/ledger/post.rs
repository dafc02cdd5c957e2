//! Posting: a batch of checked vouchers enters an organisation's book.
//!
//! | phase   | what happens                                                     | round trips |
//! |---------|------------------------------------------------------------------|-------------|
//! | lock    | make or lock the book, read its head                              | 2           |
//! | read    | identities and contents that are posted already, locked months    | 2           |
//! | compute | new, unchanged, revised; seals; balance changes — in memory       | 0           |
//! | write   | accounts, vouchers, entries, balances, then the book's new head   | batches     |
//!
//! Nothing is written until all is computed; the caller's transaction makes it one act. The database checks once more,
//! when the head moves, that every voucher under the new seal is whole and balances.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbBackend};

use super::{LedgerError, chain, charts, lock};
use crate::model::voucher::UNDO_ORIGIN;
use crate::model::{Chart, Charts, Entry, Period, Text, Voucher, VoucherId};
use crate::store::bulk::{BulkInsert, statement};
use crate::store::{Cell, Scan, StoreError, Transaction};

/// What posting did, in vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Posted {
    pub added: u64,
    pub unchanged: u64,
    /// Changed vouchers: a new revision beside the old one.
    pub revised: u64,
    /// Entries written.
    pub entries: u64,
    pub revised_ids: Vec<VoucherId>,
}

/// Debit and credit movement in 分 by (year, month, account); month 0 holds the opening balances.
type Movements = foldhash::HashMap<(i64, i64, Text), (i64, i64)>;

/// What is posted under an identity.
pub(super) struct Known {
    pub revision: i64,
    pub position: i64,
    content: Vec<u8>,
    /// It was taken back: the identity is free again.
    pub undone: bool,
}

struct Fresh<'a> {
    voucher: &'a Voucher,
    position: i64,
    revision: i64,
    content: [u8; 32],
    previous: [u8; 32],
    hash: [u8; 32],
}

/// A voucher that goes to the end of the chain, as which revision of its identity, and what it replaces in the balances.
pub(super) struct Next<'a> {
    pub voucher: &'a Voucher,
    pub revision: i64,
    pub replaces: Option<Replaced<'a>>,
}

/// What counted until now.
pub(super) enum Replaced<'a> {
    At(i64),
    Voucher(&'a Voucher),
}

/// The end of an organisation's chain, its book locked until the transaction ends.
pub(super) struct Head {
    length: i64,
    hash: [u8; 32],
}

/// Posts `vouchers` (sound ones: balanced, accounts in `chart`) for one organisation within the caller's transaction.
///
/// # Errors
/// [`LedgerError::PeriodLocked`] when a new or changed voucher belongs to a locked month; nothing is written then.
pub async fn post(
    transaction: &Transaction,
    batch_id: i64,
    organisation: &str,
    chart: &Chart,
    chart_evidence: &str,
    vouchers: &[&Voucher],
) -> Result<Posted, LedgerError> {
    let charts = Charts {
        latest: chart,
        evidence: chart_evidence,
        earlier: &[],
    };
    post_under(transaction, batch_id, organisation, charts, vouchers).await
}

/// [`post`] for books that may have gone from one chart to another.
pub async fn post_under(
    transaction: &Transaction,
    batch_id: i64,
    organisation: &str,
    charts: Charts<'_>,
    vouchers: &[&Voucher],
) -> Result<Posted, LedgerError> {
    make_book(transaction, organisation, charts).await?;
    let head = lock_book(transaction, organisation).await?;
    let years = vouchers.iter().map(|v| v.id.period.year).collect();
    charts::save(transaction, batch_id, organisation, charts, &years).await?;
    post_known(transaction, batch_id, organisation, head, vouchers).await
}

/// Posts to accounts that the book has already.
pub(super) async fn post_known(
    transaction: &Transaction,
    batch_id: i64,
    organisation: &str,
    head: Head,
    vouchers: &[&Voucher],
) -> Result<Posted, LedgerError> {
    let known = if head.length == 0 {
        HashMap::new()
    } else {
        known_vouchers(transaction, organisation).await?
    };
    let mut posted = Posted::default();
    let mut next = Vec::new();
    for voucher in vouchers {
        let content = chain::content(organisation, voucher);
        let (revision, replaces) = match known.get(&voucher.id) {
            Some(k) if k.content == content => {
                posted.unchanged += 1;
                continue;
            }
            Some(k) if k.undone => {
                posted.added += 1;
                (k.revision + 1, None)
            }
            Some(k) => {
                posted.revised += 1;
                posted.revised_ids.push(voucher.id.clone());
                (k.revision + 1, Some(Replaced::At(k.position)))
            }
            None => {
                posted.added += 1;
                (1, None)
            }
        };
        let fresh = Next {
            voucher,
            revision,
            replaces,
        };
        next.push((fresh, content));
    }
    posted.entries = append(transaction, batch_id, organisation, head, next).await?;
    Ok(posted)
}

/// Seals vouchers at the end of the chain; gives the number of entries written. Those that take a voucher back count in no
/// balance.
///
/// # Errors
/// [`LedgerError::PeriodLocked`]; nothing is written then.
pub(super) async fn append(
    transaction: &Transaction,
    batch_id: i64,
    organisation: &str,
    head: Head,
    next: Vec<(Next<'_>, [u8; 32])>,
) -> Result<u64, LedgerError> {
    if next.is_empty() {
        return Ok(0);
    }
    refuse_locked(transaction, organisation, &next).await?;
    let mut fresh: Vec<Fresh<'_>> = Vec::with_capacity(next.len());
    let mut movements = Movements::default();
    let mut previous = head.hash;
    for (item, content) in next {
        let (voucher, revision) = (item.voucher, item.revision);
        let position = head.length + fresh.len() as i64 + 1;
        let hash = chain::seal(
            &previous,
            organisation,
            position,
            revision,
            &content,
            voucher,
        );
        if let Some(replaced) = item.replaces {
            subtract(transaction, organisation, replaced, &mut movements).await?;
        }
        if !voucher.is_undo() {
            add_movements(&mut movements, voucher, 1);
        }
        fresh.push(Fresh {
            voucher,
            position,
            revision,
            content,
            previous,
            hash,
        });
        previous = hash;
    }
    write_vouchers(transaction, organisation, &fresh).await?;
    let entries = write_entries(transaction, organisation, &fresh).await?;
    write_movements(transaction, organisation, &movements).await?;
    seal_book(transaction, batch_id, organisation, head.length, &fresh).await?;
    Ok(entries)
}

/// Refuses vouchers of a locked month, all of the first such month named.
async fn refuse_locked(
    transaction: &Transaction,
    organisation: &str,
    next: &[(Next<'_>, [u8; 32])],
) -> Result<(), LedgerError> {
    let locked = lock::locked_periods(transaction, organisation).await?;
    let mut refused: BTreeMap<Period, Vec<String>> = BTreeMap::new();
    for (item, _) in next {
        let id = &item.voucher.id;
        if locked.contains(&id.period) {
            refused.entry(id.period).or_default().push(id.to_string());
        }
    }
    match refused.pop_first() {
        None => Ok(()),
        Some((period, vouchers)) => Err(LedgerError::PeriodLocked {
            period: period.to_string(),
            vouchers: vouchers.join("、"),
        }),
    }
}

/// Of `vouchers`, those that are new or changed and belong to a locked month: posting them would be refused.
pub async fn blocked_by_lock(
    transaction: &Transaction,
    organisation: &str,
    vouchers: &[&Voucher],
) -> Result<HashSet<VoucherId>, LedgerError> {
    let locked = lock::locked_periods(transaction, organisation).await?;
    if locked.is_empty() {
        return Ok(HashSet::new());
    }
    let known = known_vouchers(transaction, organisation).await?;
    let blocked = vouchers
        .iter()
        .filter(|v| {
            locked.contains(&v.id.period)
                && known
                    .get(&v.id)
                    .is_none_or(|k| k.content != chain::content(organisation, v))
        })
        .map(|v| v.id.clone());
    Ok(blocked.collect())
}

/// Makes the book when absent.
async fn make_book<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    charts: Charts<'_>,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO book (organisation, standard, standard_evidence, length, head) VALUES (?, ?, ?, 0, ?) ON CONFLICT (organisation) DO NOTHING";
    let values = [
        organisation.into(),
        charts.latest.standard.code().into(),
        charts.evidence.into(),
        chain::GENESIS.to_vec().into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}

/// Locks the book's row and returns the end of its chain.
pub(super) async fn lock_book<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<Head, LedgerError> {
    let lock = if connection.get_database_backend() == DbBackend::Postgres {
        " FOR UPDATE"
    } else {
        ""
    };
    let sql = format!("SELECT length, head FROM book WHERE organisation = ?{lock}");
    let row = connection
        .query_one_raw(statement(connection, &sql, [organisation.into()]))
        .await?;
    let row = row.ok_or_else(|| LedgerError::UnknownOrganisation(organisation.to_owned()))?;
    let head: Vec<u8> = row.try_get_by_index(1)?;
    let hash = head.try_into().map_err(|_| LedgerError::Malformed {
        organisation: organisation.to_owned(),
        position: 0,
    })?;
    let length = row.try_get_by_index(0)?;
    Ok(Head { length, hash })
}

/// Latest revision and its content of every posted voucher.
pub(super) async fn known_vouchers(
    transaction: &Transaction,
    organisation: &str,
) -> Result<HashMap<VoucherId, Known>, LedgerError> {
    let sql = "SELECT year, month, word, number, revision, position, content, origin FROM voucher WHERE organisation = ? ORDER BY position";
    let mut known = HashMap::new();
    let mut malformed = None;
    transaction
        .scan(sql, &[organisation.into()], &mut |row| {
            let position = row.required_int(5)?;
            let Some(id) = identity(row)? else {
                malformed = Some(position);
                return Ok(());
            };
            let posted = Known {
                revision: row.required_int(4)?,
                position,
                content: row.required_bytes(6)?.to_vec(),
                undone: row.text(7)? == Some(UNDO_ORIGIN),
            };
            // In chain order a later revision overwrites the earlier one.
            known.insert(id, posted);
            Ok(())
        })
        .await?;
    match malformed {
        Some(position) => Err(LedgerError::Malformed {
            organisation: organisation.to_owned(),
            position,
        }),
        None => Ok(known),
    }
}

/// Year, month, word and number in the first columns of a row.
pub(super) fn identity(row: &crate::store::Row<'_>) -> Result<Option<VoucherId>, StoreError> {
    let year = i32::try_from(row.required_int(0)?).ok();
    let month = u32::try_from(row.required_int(1)?).ok();
    let period = year.zip(month).and_then(|(y, m)| Period::new(y, m));
    let (word, number) = (row.required_text(2)?.into(), row.required_text(3)?.into());
    Ok(period.map(|period| VoucherId {
        period,
        word,
        number,
    }))
}

fn add_movements(movements: &mut Movements, voucher: &Voucher, sign: i64) {
    let month = if voucher.id.is_opening() {
        0
    } else {
        i64::from(voucher.id.period.month)
    };
    for entry in &voucher.entries {
        let sums = movements
            .entry((
                i64::from(voucher.id.period.year),
                month,
                entry.account.clone(),
            ))
            .or_default();
        sums.0 += sign * entry.debit.0;
        sums.1 += sign * entry.credit.0;
    }
}

async fn subtract(
    transaction: &Transaction,
    organisation: &str,
    replaced: Replaced<'_>,
    movements: &mut Movements,
) -> Result<(), LedgerError> {
    match replaced {
        Replaced::Voucher(old) => add_movements(movements, old, -1),
        Replaced::At(position) => {
            for old in super::read::vouchers(transaction, organisation, position, position).await? {
                add_movements(movements, &old.voucher, -1);
            }
        }
    }
    Ok(())
}

const VOUCHER: [&str; 24] = [
    "organisation",
    "position",
    "lines",
    "year",
    "month",
    "word",
    "number",
    "revision",
    "date",
    "attachments",
    "maker",
    "checker",
    "poster",
    "cashier",
    "entered_at",
    "reverses",
    "origin",
    "source_file",
    "source_sheet",
    "source_row",
    "content",
    "format",
    "previous_hash",
    "hash",
];

async fn write_vouchers(
    transaction: &Transaction,
    organisation: &str,
    fresh: &[Fresh<'_>],
) -> Result<(), LedgerError> {
    let rows = fresh.iter().map(|item| voucher_row(organisation, item));
    transaction.insert("voucher", &VOUCHER, rows).await?;
    Ok(())
}

fn voucher_row<'a>(organisation: &'a str, item: &'a Fresh<'_>) -> [Cell<'a>; VOUCHER.len()] {
    let v = item.voucher;
    [
        organisation.into(),
        item.position.into(),
        lines(v).into(),
        v.id.period.year.into(),
        v.id.period.month.into(),
        (&*v.id.word).into(),
        (&*v.id.number).into(),
        item.revision.into(),
        v.date.into(),
        v.attachments.into(),
        v.maker.as_deref().into(),
        v.checker.as_deref().into(),
        v.poster.as_deref().into(),
        v.cashier.as_deref().into(),
        v.entered_at.into(),
        v.reverses.as_deref().into(),
        v.origin.as_deref().into(),
        (&*v.source.file).into(),
        v.source.sheet.as_deref().into(),
        v.source.row.into(),
        item.content.as_slice().into(),
        chain::FORMAT.into(),
        item.previous.as_slice().into(),
        item.hash.as_slice().into(),
    ]
}

/// Number of entries of a voucher.
fn lines(voucher: &Voucher) -> i64 {
    voucher.entries.len() as i64
}

const ENTRY: [&str; 19] = [
    "organisation",
    "position",
    "line",
    "lines",
    "summary",
    "account",
    "account_name",
    "debit",
    "credit",
    "counterparty",
    "contract_no",
    "asset_no",
    "project",
    "fund",
    "invoice_no",
    "receipt_no",
    "bank_txn_no",
    "settlement",
    "source_row",
];

async fn write_entries(
    transaction: &Transaction,
    organisation: &str,
    fresh: &[Fresh<'_>],
) -> Result<u64, LedgerError> {
    let rows = fresh.iter().flat_map(|item| {
        let entries = item.voucher.entries.iter();
        entries.map(move |entry| entry_row(organisation, item, entry))
    });
    Ok(transaction.insert("entry", &ENTRY, rows).await?)
}

fn entry_row<'a>(organisation: &'a str, item: &Fresh<'a>, e: &'a Entry) -> [Cell<'a>; ENTRY.len()] {
    [
        organisation.into(),
        item.position.into(),
        e.line.into(),
        lines(item.voucher).into(),
        e.summary.as_deref().into(),
        (&*e.account).into(),
        e.account_name.as_deref().into(),
        e.debit.0.into(),
        e.credit.0.into(),
        e.counterparty.as_deref().into(),
        e.contract_no.as_deref().into(),
        e.asset_no.as_deref().into(),
        e.project.as_deref().into(),
        e.fund.as_deref().into(),
        e.invoice_no.as_deref().into(),
        e.receipt_no.as_deref().into(),
        e.bank_txn_no.as_deref().into(),
        e.settlement.as_deref().into(),
        e.source_row.into(),
    ]
}

async fn write_movements<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    movements: &Movements,
) -> Result<(), LedgerError> {
    let columns = [
        "organisation",
        "year",
        "month",
        "account",
        "debit",
        "credit",
    ];
    let tail = " ON CONFLICT (organisation, year, month, account) DO UPDATE SET debit = account_balance.debit + excluded.debit, credit = account_balance.credit + excluded.credit";
    let mut insert = BulkInsert::new(connection, "account_balance", &columns, tail);
    let mut movements: Vec<_> = movements.iter().collect();
    movements.sort_unstable();
    for ((year, month, account), (debit, credit)) in movements {
        insert
            .push([
                organisation.into(),
                (*year).into(),
                (*month).into(),
                account.to_string().into(),
                (*debit).into(),
                (*credit).into(),
            ])
            .await?;
    }
    insert.finish().await?;
    Ok(())
}

async fn seal_book<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    organisation: &str,
    length: i64,
    fresh: &[Fresh<'_>],
) -> Result<(), LedgerError> {
    let Some(last) = fresh.last() else {
        return Ok(());
    };
    let sql = "UPDATE book SET length = ?, head = ? WHERE organisation = ?";
    connection
        .execute_raw(statement(
            connection,
            sql,
            [
                last.position.into(),
                last.hash.to_vec().into(),
                organisation.into(),
            ],
        ))
        .await?;
    let sql = "INSERT INTO batch_posting (batch_id, organisation, first_position, last_position) VALUES (?, ?, ?, ?)";
    let values = [
        batch_id.into(),
        organisation.into(),
        (length + 1).into(),
        last.position.into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}
