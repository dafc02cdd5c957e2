//! One company from opening balances to the last month.

use chrono::Datelike;

use super::account::A;
use super::book::Book;
use super::calendar::month_of;
use super::rng::Rng;
use super::street::SHARE;
use super::{
    GenerateError, GenerateOptions, Label, business, estate, first_day, grant, injection,
    inventory, obligations, registers,
};

/// What one company adds to the report.
pub struct Written {
    pub vouchers: u64,
    pub entries: u64,
    pub labels: Vec<Label>,
}

pub fn code(index: u32) -> String {
    format!("C{:04}", index + 1)
}

pub fn is_joint(options: &GenerateOptions, index: u32) -> bool {
    options.companies > 1 && index + 1 == options.companies
}

/// Every fourth company keeps its books as a collective economic organisation.
pub fn is_village(options: &GenerateOptions, index: u32) -> bool {
    !is_joint(options, index) && index % 4 == 3
}

pub fn name(options: &GenerateOptions, index: u32) -> String {
    let kind = match (is_joint(options, index), is_village(options, index)) {
        (true, _) => "联合发展有限公司",
        (_, true) => "股份经济合作社",
        _ => "实业有限公司",
    };
    format!("枫{:04}{kind}", index + 1)
}

/// Writes a company's folder.
pub fn write(options: &GenerateOptions, index: u32) -> Result<Written, GenerateError> {
    let mut book = Book::new(options, index)?;
    let per_company = options.postings / u64::from(options.companies);
    let per_month = per_company / u64::from(options.months);
    openings(&mut book);
    estate::build(&mut book, per_month)?;
    business::once(&mut book)?;
    shared_money(&mut book, options, index);
    grant::yearly(&mut book)?;
    injection::apply(&mut book, options)?;
    obligations::write(&mut book, options)?;
    settle_capital(&mut book, options);
    inventory::write(&mut book)?;
    registers::write(&mut book)?;
    book.write_openings(first_day().year())?;
    let mut wage = business::opening_wage(&book);
    for month in 0..options.months {
        let target = per_company * u64::from(month + 1) / u64::from(options.months);
        business::month(&mut book, month, &mut wage, target)?;
        book.write_month(month)?;
        registers::month_end(&mut book, month)?;
        business::closed(&mut book, month);
        let next = month_of(first_day(), month + 1);
        if next.month() == 1 && month + 1 < options.months {
            book.write_openings(next.year())?;
        }
    }
    let (vouchers, entries, labels) = (
        book.vouchers,
        book.entries,
        std::mem::take(&mut book.labels),
    );
    book.folder.finish()?;
    Ok(Written {
        vouchers,
        entries,
        labels,
    })
}

fn openings(book: &mut Book) {
    let cash = book.rng.odd_money(60, 190);
    let bank = book.rng.odd_money(2_000_000, 5_000_000);
    let reserve = book.rng.odd_money(80_000, 120_000);
    let wage = book.rng.odd_money(20_200, 29_000);
    let tax = book.rng.odd_money(1_500, 3_900);
    book.open(A::Cash, cash, "");
    book.open(A::Bank, bank, "");
    book.open(A::Reserve, -reserve, "");
    book.open(A::Wages, -wage, "");
    book.open(A::Tax, -tax, "");
}

/// Shares and pooled money of the village companies in the joint company, the same amounts on both sides.
fn shared_money(book: &mut Book, options: &GenerateOptions, index: u32) {
    if options.companies < 2 {
        return;
    }
    let joint = options.companies - 1;
    let pairs: Vec<(u32, i64)> = if index == joint {
        (0..joint).map(|i| (i, -1)).collect()
    } else {
        vec![(index, 1)]
    };
    for (member, sign) in pairs {
        let mut rng = Rng::new(options.seed ^ 0x4A4F_494E_5400, u64::from(member));
        let (old, pooled) = (
            rng.odd_money(100_000, 200_000),
            rng.odd_money(40_000, 90_000),
        );
        let party = if sign > 0 {
            name(options, joint)
        } else {
            name(options, member)
        };
        book.open(A::Internal, sign * old, &party);
        if sign > 0 {
            book.open(A::Invest, SHARE, &party);
        } else {
            // What the member paid in lies in the bank; without it the surplus would be in debit.
            book.open(A::Bank, SHARE, "");
        }
        let back = pooled / 2 + 7;
        for year in 0..options.months.div_ceil(12) {
            for (month, fen) in [(2, pooled), (8, -back)] {
                business::internal(book, year * 12 + month, fen * sign, &party);
            }
        }
    }
}

/// Capital takes what the opening balances need to net to zero; in the joint company it is what the members paid in, and the
/// surplus takes the rest.
fn settle_capital(book: &mut Book, options: &GenerateOptions) {
    book.open(A::Retained, -31_415_926, "");
    let mut rest = A::Capital;
    if is_joint(options, book.index) {
        book.open(A::Capital, -SHARE * i64::from(options.companies - 1), "");
        rest = A::Surplus;
    }
    let net: i64 = book.balances.values().sum();
    book.open(rest, -net, "");
}
