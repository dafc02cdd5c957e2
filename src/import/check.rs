//! What must hold before a voucher may be posted. Nothing is repaired: what does not hold goes on the voucher's list.

use std::cell::RefCell;

use chrono::NaiveDate;
use foldhash::HashMap;

use crate::model::{Account, Chart, Money, Place, Problem, Text, Voucher};

use super::codes;

/// The place of a row of a voucher.
pub fn place(voucher: &Voucher, row: u32) -> Place {
    Place {
        file: voucher.source.file.to_string(),
        sheet: voucher.source.sheet.as_deref().map(str::to_owned),
        row: Some(row),
        column: None,
    }
}

/// Sums of both sides. `None`: a sum leaves the range of money.
pub fn sums(voucher: &Voucher) -> Option<(Money, Money)> {
    voucher
        .entries
        .iter()
        .try_fold((Money::ZERO, Money::ZERO), |(debit, credit), entry| {
            Some((
                debit.checked_add(entry.debit)?,
                credit.checked_add(entry.credit)?,
            ))
        })
}

/// Whether the two sides agree to the 分 and there are at least two entries.
pub fn is_whole(voucher: &Voucher) -> bool {
    voucher.entries.len() >= 2 && sums(voucher).is_some_and(|(debit, credit)| debit == credit)
}

/// Checks sides, number of entries, balance and accounts. `amounts_known` is false when an amount could not be read:
/// then the missing balance is no news.
pub fn voucher(
    voucher: &Voucher,
    chart: &KnownAccounts<'_>,
    amounts_known: bool,
    found: &mut Vec<Problem>,
) {
    let id = &voucher.id;
    let head = || place(voucher, voucher.source.row);
    if amounts_known {
        for entry in &voucher.entries {
            if entry.debit.is_zero() == entry.credit.is_zero() {
                let message = match entry.debit.is_zero() {
                    true => format!("凭证 {id} 的这条分录两方都没有金额"),
                    false => format!("凭证 {id} 的这条分录两方都有金额"),
                };
                let found_text = format!("借 {} 贷 {}", entry.debit, entry.credit);
                let place = place(voucher, entry.source_row);
                found.push(codes::ENTRY_SIDES.at(place, message, &found_text));
            }
        }
        match sums(voucher) {
            Some((debit, credit)) if debit == credit => {}
            Some((debit, credit)) => {
                let code = match id.is_opening() {
                    true => codes::OPENING_UNBALANCED,
                    false => codes::UNBALANCED,
                };
                let message = format!(
                    "{id} 借方 {}、贷方 {},相差 {}",
                    debit.grouped(),
                    credit.grouped(),
                    (debit - credit).abs().grouped()
                );
                found.push(code.at(head(), message, ""));
            }
            None => {
                let message = format!("凭证 {id} 的合计超出允许范围");
                found.push(codes::MONEY_BAD.at(head(), message, ""));
            }
        }
    }
    if voucher.entries.len() < 2 && !id.is_opening() {
        let message = format!("凭证 {id} 只有 {} 条分录", voucher.entries.len());
        found.push(codes::SINGLE_ENTRY.at(head(), message, ""));
    }
    accounts(voucher, chart, found);
}

/// A chart with what it says of each account code, looked up once a book.
pub struct KnownAccounts<'c> {
    chart: &'c Chart,
    seen: RefCell<HashMap<Text, Option<Active>>>,
}

/// The days on which an account and all accounts above it are in use, both ends included.
#[derive(Clone, Copy)]
struct Active {
    from: NaiveDate,
    to: NaiveDate,
}

impl<'c> KnownAccounts<'c> {
    pub fn new(chart: &'c Chart) -> KnownAccounts<'c> {
        KnownAccounts {
            chart,
            seen: RefCell::default(),
        }
    }

    /// `None`: the chart does not have the account.
    fn active(&self, code: &Text) -> Option<Active> {
        if let Some(known) = self.seen.borrow().get(code) {
            return *known;
        }
        let active = self.chart.account(code).map(|_| {
            let mut span = Active {
                from: NaiveDate::MIN,
                to: NaiveDate::MAX,
            };
            for account in lineage(self.chart, code) {
                span.from = span.from.max(account.active_from.unwrap_or(NaiveDate::MIN));
                span.to = span.to.min(account.active_to.unwrap_or(NaiveDate::MAX));
            }
            span
        });
        self.seen.borrow_mut().insert(code.clone(), active);
        active
    }
}

/// The account and those above it. A chain of parents is short; the bound guards against a parent column that runs in
/// a circle.
fn lineage<'c>(chart: &'c Chart, code: &str) -> impl Iterator<Item = &'c Account> {
    let above = |a: &&'c Account| a.parent.as_ref().and_then(|p| chart.account(p));
    std::iter::successors(chart.account(code), above).take(16)
}

fn accounts(voucher: &Voucher, chart: &KnownAccounts<'_>, found: &mut Vec<Problem>) {
    for (i, entry) in voucher.entries.iter().enumerate() {
        let code = &entry.account;
        let active = chart.active(code);
        let fine = active.is_some_and(|a| (a.from..=a.to).contains(&voucher.date));
        // One problem for an account, however many of the voucher's lines name it.
        if fine || code.is_empty() || voucher.entries[..i].iter().any(|e| e.account == *code) {
            continue;
        }
        let place = || place(voucher, entry.source_row);
        if active.is_none() {
            let message = format!("凭证 {} 的科目 {code} 不在科目表中,也没有上级", voucher.id);
            found.push(codes::ACCOUNT_UNKNOWN.at(place(), message, code));
        } else if let Some(closed) = inactive(chart.chart, code, voucher.date) {
            let message = format!("凭证 {} 用了 {closed}", voucher.id);
            found.push(codes::ACCOUNT_CLOSED.at(place(), message, code));
        }
    }
}

/// The account, or an account above it, that is not active on a day, with its dates.
fn inactive(chart: &Chart, code: &str, day: NaiveDate) -> Option<String> {
    lineage(chart, code).find_map(|account| {
        if let Some(to) = account.active_to.filter(|to| day > *to) {
            return Some(format!(
                "{to} 起停用的科目 {} {}",
                account.code, account.name
            ));
        }
        let from = account.active_from.filter(|from| day < *from)?;
        Some(format!(
            "{from} 才启用的科目 {} {}",
            account.code, account.name
        ))
    })
}
