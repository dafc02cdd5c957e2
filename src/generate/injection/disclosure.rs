//! What is laid open, shared out and borrowed.

use chrono::NaiveDate;

use super::super::book::Book;
use super::super::obligations::{Debt, Share};
use super::{GenerateError, Injection, day};

pub const ALL: &[Injection] = &[
    Injection::new("D-002", 1, no_notice),
    // The month, and the disclosure of it in the next.
    Injection::new("D-003", 5, income_overstated),
    // The law asks for it from May 2025 on.
    Injection::new("D-004", 17, report_not_laid_open),
    Injection::new("D-005", 1, more_than_there_was),
    Injection::new("D-006", 1, from_compensation),
    Injection::new("D-007", 1, borrowed_for_allowances),
    Injection::new("D-008", 1, borrowed_without_decision),
];

/// The board's decision on an investment without a notice period. Every other decision has one. (Without it the chain of what
/// the owners decided would be broken as well.)
fn no_notice(book: &mut Book) -> Result<(), GenerateError> {
    let (level, heads) = if book.village {
        ("理事会", 7)
    } else {
        ("董事会", 5)
    };
    let (no, date) = ("JD-9902", day(book, 0, 10));
    book.folder.row(
        "decision",
        &[
            ("decision_no", &no),
            ("level", &level),
            ("meeting_date", &date),
            ("notice_date", &(date - chrono::Days::new(12))),
            ("due", &heads),
            ("present", &heads),
            ("agree", &heads),
            ("matter", &"参股冷链项目"),
            ("matter_kind", &"投资"),
            ("registered_at", &format_args!("{date} 17:00:00")),
        ],
    )?;
    book.label("D-002", no);
    Ok(())
}

fn income_overstated(book: &mut Book) -> Result<(), GenerateError> {
    book.odd.misstated = Some((3, book.rng.between(101, 900_000)));
    book.label("D-003", "GK-2024-04|收入合计");
    Ok(())
}

fn report_not_laid_open(book: &mut Book) -> Result<(), GenerateError> {
    book.odd.unpublished_report = Some(2025);
    if book.village {
        book.label("D-004", "JD-NH-2025");
    }
    Ok(())
}

fn past_share(
    book: &mut Book,
    rule: &'static str,
    year: i32,
    percent: i64,
    source: &str,
) -> Result<(), GenerateError> {
    let distributable = book.rng.odd_money(60_000, 90_000);
    let share = Share {
        year,
        distributable,
        reserve: 32,
        distributed: distributable * percent / 100,
        source,
        decision: "",
        paid: NaiveDate::from_ymd_opt(year + 1, 6, 17),
    };
    share.write(book)?;
    book.label(rule, year.to_string());
    Ok(())
}

fn more_than_there_was(book: &mut Book) -> Result<(), GenerateError> {
    past_share(book, "D-005", 2020, 120, "2020年度净收益")
}

fn from_compensation(book: &mut Book) -> Result<(), GenerateError> {
    past_share(book, "D-006", 2019, 50, "净收益及征地补偿款")
}

fn borrowed_for_allowances(book: &mut Book) -> Result<(), GenerateError> {
    borrowed(book, "D-007", "ZW-9007", "发放节日补贴", true)
}

fn borrowed_without_decision(book: &mut Book) -> Result<(), GenerateError> {
    borrowed(book, "D-008", "ZW-9008", "市场改造二期", false)
}

fn borrowed(
    book: &mut Book,
    rule: &'static str,
    no: &str,
    purpose: &str,
    approved: bool,
) -> Result<(), GenerateError> {
    let debt = Debt {
        no,
        start: NaiveDate::from_ymd_opt(2023, 8, 15).unwrap_or_default(),
        principal: book.rng.odd_money(20_000, 60_000),
        purpose,
        approved,
    };
    debt.write(book)?;
    book.label(rule, no);
    Ok(())
}
