//! The trial balance handed in (科目余额) against the balances that follow from openings and vouchers.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Chart, Money, Place, Problems, Text, Value, Voucher};

use super::codes;
use super::handin::RegisterTable;

/// What happened on an account in a year: opening, then twelve months.
#[derive(Debug, Default, Clone)]
struct Year {
    opening: i64,
    debit: [i64; 12],
    credit: [i64; 12],
}

/// Compares every row. An account's figures include those of the accounts below it.
pub fn compare(
    tables: &[RegisterTable],
    chart: &Chart,
    openings: &[Voucher],
    vouchers: &[Voucher],
) -> Problems {
    let mut problems = Problems::new();
    if tables.iter().all(|t| t.rows.is_empty()) {
        return problems;
    }
    let books = accumulate(chart, openings, vouchers);
    let years = Years::of(openings, vouchers);
    for table in tables {
        for row in &table.rows {
            let value = |name: &str| row.values.get(table.table.position(name)?);
            let int = |name: &str| value(name).and_then(Value::int);
            let (Some(year), Some(month), Some(account)) = (
                int("year"),
                int("month"),
                value("account").and_then(Value::text),
            ) else {
                continue;
            };
            let month = usize::try_from(month).unwrap_or(0).clamp(1, 12);
            let year = i32::try_from(year).unwrap_or(0);
            let of = |year| books.get(&(Text::from(account), year));
            let book = of(year).cloned().unwrap_or_default();
            let earlier: i64 = (0..month - 1).map(|m| book.debit[m] - book.credit[m]).sum();
            let start = carried(&years, year, of) + book.opening + earlier;
            let (debit, credit) = (book.debit[month - 1], book.credit[month - 1]);
            let net = |d: &str, c: &str| match (int(d), int(c)) {
                (None, None) => None,
                (d, c) => Some(d.unwrap_or(0) - c.unwrap_or(0)),
            };
            let figures = [
                ("期初余额", net("opening_debit", "opening_credit"), start),
                ("本期借方", int("debit"), debit),
                ("本期贷方", int("credit"), credit),
                (
                    "期末余额",
                    net("closing_debit", "closing_credit"),
                    start + debit - credit,
                ),
            ];
            for (name, stated, computed) in figures {
                let Some(stated) = stated.filter(|s| *s != computed) else {
                    continue;
                };
                let message = format!(
                    "科目 {account} {year}-{month:02} {name}:表上 {},按凭证算出 {}",
                    Money(stated).grouped(),
                    Money(computed).grouped()
                );
                let place = Place {
                    file: table.file.to_string(),
                    sheet: table.sheet.as_deref().map(str::to_owned),
                    row: Some(row.source_row),
                    column: Some(name.to_owned()),
                };
                problems.push(codes::STATED_DIFFERS.at(place, message, ""));
            }
        }
    }
    problems
}

/// The years of a book, and those that begin with opening balances of their own.
struct Years {
    all: BTreeSet<i32>,
    opened: BTreeSet<i32>,
}

impl Years {
    fn of(openings: &[Voucher], vouchers: &[Voucher]) -> Years {
        let year = |v: &Voucher| v.id.period.year;
        Years {
            all: openings.iter().chain(vouchers).map(year).collect(),
            opened: openings.iter().map(year).collect(),
        }
    }
}

/// What an account brings along into a year without opening balances: all that happened since the last year with some.
fn carried<'y>(years: &Years, year: i32, of: impl Fn(i32) -> Option<&'y Year>) -> i64 {
    let from = years.opened.range(..=year).next_back().copied();
    let earlier = years.all.range(from.unwrap_or(i32::MIN).min(year)..year);
    let sums = earlier.filter_map(|y| of(*y)).map(|book| {
        let moved = book.debit.iter().sum::<i64>() - book.credit.iter().sum::<i64>();
        book.opening + moved
    });
    sums.sum()
}

fn accumulate(
    chart: &Chart,
    openings: &[Voucher],
    vouchers: &[Voucher],
) -> HashMap<(Text, i32), Year> {
    let mut books: HashMap<(Text, i32), Year> = HashMap::new();
    for voucher in openings.iter().chain(vouchers) {
        let (year, month) = (voucher.id.period.year, voucher.id.period.month as usize - 1);
        for entry in &voucher.entries {
            let mut next = Some(&entry.account);
            for _ in 0..16 {
                let Some(code) = next else { break };
                let book = books.entry((code.clone(), year)).or_default();
                if voucher.id.is_opening() {
                    book.opening += entry.debit.0 - entry.credit.0;
                } else {
                    book.debit[month] += entry.debit.0;
                    book.credit[month] += entry.credit.0;
                }
                next = chart.account(code).and_then(|a| a.parent.as_ref());
            }
        }
    }
    books
}
