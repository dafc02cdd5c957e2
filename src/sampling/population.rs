//! The population: entries or vouchers of a book as it stands. Opening balances are none.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest, Sha256};

use super::SamplingError;
use super::model::{Filter, Item, Population, Unit};
use crate::ledger::{LedgerError, account_ledger, charts, read};
use crate::model::{Chart, Money, Period, PeriodRange, Side, hex};
use crate::store::bulk::statement;

/// The items of a filter in the order of their identities, and where the book's chain stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    pub items: Vec<Item>,
    pub chain_head: String,
    pub chain_length: i64,
}

/// Reads the items.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`], [`LedgerError::UnknownAccount`]; [`SamplingError::NothingToDraw`].
pub async fn read<C: ConnectionTrait>(
    connection: &C,
    filter: &Filter,
) -> Result<Book, SamplingError> {
    let book = read::book(connection, &filter.organisation).await?;
    let range = PeriodRange::parse(&filter.period)
        .map_err(|e| SamplingError::Design(format!("期间「{}」:{e}", filter.period)))?;
    let history = charts::history(connection, &filter.organisation).await?;
    let chart = history.of(range.last.year);
    let entries = entries(connection, filter, range, chart).await?;
    let items = match filter.unit {
        Unit::Entry => entries,
        Unit::Voucher => by_voucher(entries)?,
    };
    if items.is_empty() {
        return Err(SamplingError::NothingToDraw {
            what: filter.unit.label(),
            organisation: filter.organisation.clone(),
            filter: filter.shown(),
        });
    }
    Ok(Book {
        items,
        chain_head: hex(&book.head),
        chain_length: book.length,
    })
}

async fn entries<C: ConnectionTrait>(
    connection: &C,
    filter: &Filter,
    range: PeriodRange,
    chart: &Chart,
) -> Result<Vec<Item>, SamplingError> {
    let mut family = BTreeSet::new();
    for code in &filter.accounts {
        if chart.account(code).is_none() {
            return Err(SamplingError::Ledger(LedgerError::UnknownAccount {
                organisation: filter.organisation.clone(),
                account: code.clone(),
            }));
        }
        family.extend(account_ledger::family(code, chart));
    }
    let amount = match filter.side {
        Side::Credit => "e.credit",
        Side::Debit | Side::Either => "e.debit",
    };
    let within = match family.len() {
        0 => String::new(),
        n => format!(" AND e.account IN ({})", vec!["?"; n].join(",")),
    };
    let sql = format!(
        "SELECT v.year, v.month, v.word, v.number, e.line, v.date, e.account, e.account_name, e.summary, e.counterparty, {amount} \
         FROM entry e JOIN current_voucher v ON v.organisation = e.organisation AND v.position = e.position \
         WHERE e.organisation = ? AND v.word <> '期初' AND v.year * 100 + v.month BETWEEN ? AND ? AND {amount} <> 0{within}"
    );
    let ordinal = |p: Period| i64::from(p.year) * 100 + i64::from(p.month);
    let values = [
        filter.organisation.clone().into(),
        ordinal(range.first).into(),
        ordinal(range.last).into(),
    ];
    let values = values.into_iter().chain(family.into_iter().map(Into::into));
    let rows = connection
        .query_all_raw(statement(connection, &sql, values))
        .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        items.push(item(row, chart)?);
    }
    items.sort_by_cached_key(|i: &Item| (i.voucher.clone(), i.line));
    Ok(items)
}

fn item(row: &QueryResult, chart: &Chart) -> Result<Item, SamplingError> {
    let (year, month): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let (word, number): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    let text = |at: usize| row.try_get_by_index::<Option<String>>(at);
    let line: i64 = row.try_get_by_index(4)?;
    let account: String = row.try_get_by_index(6)?;
    let of_chart = || chart.account(&account).map(|a| a.name.to_string());
    Ok(Item {
        voucher: format!("{year:04}-{month:02}-{word}-{number:0>4}"),
        line: u32::try_from(line).ok(),
        date: row.try_get_by_index(5)?,
        account_name: text(7)?.or_else(of_chart).unwrap_or_default(),
        account,
        summary: text(8)?.unwrap_or_default(),
        counterparty: text(9)?.unwrap_or_default(),
        amount: Money(row.try_get_by_index(10)?),
    })
}

/// Entries of one voucher added up; what it says is what its first entry says.
fn by_voucher(entries: Vec<Item>) -> Result<Vec<Item>, SamplingError> {
    let mut vouchers: BTreeMap<String, Item> = BTreeMap::new();
    for entry in entries {
        match vouchers.get_mut(&entry.voucher) {
            None => {
                let whole = Item {
                    line: None,
                    ..entry
                };
                vouchers.insert(whole.voucher.clone(), whole);
            }
            Some(whole) => {
                let sum = whole.amount.checked_add(entry.amount);
                whole.amount = sum.ok_or(SamplingError::Overflow)?;
                if !whole.account.split('、').any(|a| a == entry.account) {
                    whole.account = format!("{}、{}", whole.account, entry.account);
                    whole.account_name = format!("{}、{}", whole.account_name, entry.account_name);
                }
            }
        }
    }
    Ok(vouchers.into_values().collect())
}

impl Book {
    /// What is kept of the population with a sample. `reachable`: whether an item can be drawn at all.
    ///
    /// # Errors
    /// [`SamplingError::Overflow`].
    pub fn mark(&self, reachable: impl Fn(&Item) -> bool) -> Result<Population, SamplingError> {
        let out: Vec<&Item> = self.items.iter().filter(|i| !reachable(i)).collect();
        Ok(Population {
            count: self.items.len(),
            total: total(&self.items)?,
            unreachable_count: out.len(),
            unreachable_total: total(out.iter().copied())?,
            digest: self.digest(),
            chain_head: self.chain_head.clone(),
            chain_length: self.chain_length,
        })
    }

    /// Hex SHA-256 over identity and amount of every item: equal when nothing that a draw looks at has changed.
    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for item in &self.items {
            let identity = item.identity();
            hash.update((identity.len() as u64).to_be_bytes());
            hash.update(identity.as_bytes());
            hash.update(item.amount.0.to_be_bytes());
        }
        hex(&hash.finalize())
    }
}

/// The sum of amounts, 分.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn total<'a>(items: impl IntoIterator<Item = &'a Item>) -> Result<Money, SamplingError> {
    items
        .into_iter()
        .try_fold(Money::ZERO, |sum, i| sum.checked_add(i.amount))
        .ok_or(SamplingError::Overflow)
}
