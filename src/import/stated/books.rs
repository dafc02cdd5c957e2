//! Balances that follow from openings and vouchers, by account (with those below it) and counterparty.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::import::span::Span;
use crate::model::plain_name;
use crate::model::{Chart, Charts, Text, Voucher};

/// What happened on an account in a year: opening, then twelve months, in 分.
#[derive(Debug, Default, Clone)]
struct Year {
    opening: i64,
    debit: [i64; 12],
    credit: [i64; 12],
}

/// An account, one counterparty of it or all together, in a year.
type Key = (Text, Option<String>, i32);

/// The books of a company as far as they were handed in.
#[derive(Debug, Default)]
pub struct Books {
    years: HashMap<Key, Year>,
    /// Years with an opening.
    opened: BTreeSet<i32>,
    /// Years in which another chart begins: nothing is carried into them from before.
    changes: BTreeSet<i32>,
    /// The first month of each year that has vouchers.
    begins: BTreeMap<i32, u32>,
}

impl Books {
    pub fn of(charts: Charts<'_>, openings: &[Voucher], vouchers: &[Voucher]) -> Books {
        let changes = charts.earlier.iter().map(|e| e.last_year + 1);
        let mut books = Books {
            changes: changes.collect(),
            ..Books::default()
        };
        for voucher in openings.iter().chain(vouchers) {
            let period = voucher.id.period;
            if voucher.id.is_opening() {
                books.opened.insert(period.year);
            } else {
                let begins = books.begins.entry(period.year).or_insert(period.month);
                *begins = period.month.min(*begins);
            }
            books.add(charts.of(period.year), voucher);
        }
        books
    }

    fn add(&mut self, chart: &Chart, voucher: &Voucher) {
        let (year, month) = (voucher.id.period.year, voucher.id.period.month as usize - 1);
        for entry in &voucher.entries {
            let party = entry.counterparty.as_deref().map(plain_name);
            for code in lineage(chart, &entry.account) {
                for party in std::iter::once(None).chain(party.clone().map(Some)) {
                    let book = self.years.entry((code.clone(), party, year)).or_default();
                    if voucher.id.is_opening() {
                        book.opening += entry.debit.0 - entry.credit.0;
                    } else {
                        book.debit[month] += entry.debit.0;
                        book.credit[month] += entry.credit.0;
                    }
                }
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.begins.is_empty()
    }

    /// Whether the opening of a year is known: handed in, or carried forward from an earlier year.
    pub fn has_opening(&self, year: i32) -> bool {
        self.opened.contains(&year) || self.first_year(year).is_some_and(|first| first < year)
    }

    /// The first year of the books under the chart of a year.
    fn first_year(&self, year: i32) -> Option<i32> {
        let since = self.changes.range(..=year).next_back();
        let since = since.copied().unwrap_or(i32::MIN);
        let opened = self.opened.range(since..).next();
        let begun = self.begins.range(since..).next().map(|(year, _)| year);
        opened.into_iter().chain(begun).min().copied()
    }

    /// The opening handed in for a year, else the closing of the year before it.
    fn opening(&self, account: &Text, party: Option<&str>, year: i32) -> i64 {
        let from = (self.first_year(year).unwrap_or(year)..=year).rev();
        let mut carried = 0;
        for earlier in from {
            let key = (account.clone(), party.map(plain_name), earlier);
            let book = self.years.get(&key);
            if earlier < year {
                let moved = book.map_or(0, |b| {
                    b.debit.iter().sum::<i64>() - b.credit.iter().sum::<i64>()
                });
                carried += moved;
            }
            if self.opened.contains(&earlier) {
                return carried + book.map_or(0, |b| b.opening);
            }
        }
        carried
    }

    /// Whether the vouchers go back to the beginning of the year, or at least before the month.
    pub fn reaches_before(&self, year: i32, month: u32) -> bool {
        month == 1 || self.begins.get(&year).is_some_and(|&first| first < month)
    }

    /// Opening, debit, credit, closing over a span, in 分.
    pub fn figures(&self, account: &Text, party: Option<&str>, span: Span) -> [i64; 4] {
        let year = span.first.year;
        let key = (account.clone(), party.map(plain_name), year);
        let start = self.opening(account, party, year);
        let Some(book) = self.years.get(&key) else {
            return [start, 0, 0, start];
        };
        let months = span.first.month as usize - 1..span.last.month as usize;
        let earlier: i64 = (0..months.start)
            .map(|m| book.debit[m] - book.credit[m])
            .sum();
        let opening = start + earlier;
        let debit: i64 = book.debit[months.clone()].iter().sum();
        let credit: i64 = book.credit[months].iter().sum();
        [opening, debit, credit, opening + debit - credit]
    }

    /// Accounts of a year that something was booked on.
    pub fn accounts(&self, year: i32) -> BTreeSet<&Text> {
        let keys = self.years.keys();
        keys.filter(|(_, party, y)| *y == year && party.is_none())
            .map(|(code, ..)| code)
            .collect()
    }
}

/// An account and those above it.
pub fn lineage<'a>(chart: &'a Chart, code: &'a Text) -> impl Iterator<Item = &'a Text> {
    let above = |code: &&'a Text| chart.account(code).and_then(|a| a.parent.as_ref());
    std::iter::successors(Some(code), above).take(16)
}
