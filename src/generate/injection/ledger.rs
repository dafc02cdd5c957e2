//! The books themselves.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::business::purchase_as;
use super::super::calendar::plus;
use super::{GenerateError, Injection, day, other_way, repair};

pub const ALL: &[Injection] = &[
    Injection::new("L-001", 3, unbalanced),
    Injection::new("L-002", 3, number_missing),
    // The month must have been closed since.
    Injection::new("L-003", 4, entered_after_closing),
    Injection::new("L-004", 13, opening_raised),
    Injection::new("L-005", 2, wrong_account),
];

fn unbalanced(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(900, 3_000);
    let off = book.rng.between(1, 50_000);
    let lines = vec![dr(A::Salary, fen, ""), cr(A::Wages, fen - off, "")];
    let mut draft = Draft::new(day(book, 2, 11), "分摊值班费", lines);
    draft.bad = true;
    book.post(draft.after(After::Label("L-001")));
    Ok(())
}

fn number_missing(book: &mut Book) -> Result<(), GenerateError> {
    let mut draft = repair(day(book, 2, 11), "付五金款", 31_415, "辛五金店");
    draft.skip_number = true;
    let month = draft.date.format("%Y-%m").to_string();
    book.post(draft);
    book.label("L-002", format!("{month}|记"));
    Ok(())
}

fn entered_after_closing(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(600, 9_000), "乙绿化队");
    let mut draft = repair(day(book, 2, 11), "补记绿化费", fen, party);
    draft.entered = Some(plus(draft.date, 60));
    purchase_as(book, draft.after(After::Label("L-003")), fen, party)?;
    Ok(())
}

/// Fixed assets and capital are raised between the years, without a voucher.
fn opening_raised(book: &mut Book) -> Result<(), GenerateError> {
    book.opening_shift = Some((2025, book.rng.odd_money(1, 500_000)));
    for account in [A::Fixed, A::Capital] {
        let code = account.code(book.village);
        book.label("L-004", format!("2025|{code}"));
    }
    Ok(())
}

/// Booked on an account above the details, or on one that was stopped (such a voucher is held outside the books).
fn wrong_account(book: &mut Book) -> Result<(), GenerateError> {
    let (account, issue) = if other_way(book) {
        (A::Meeting, "已停用科目")
    } else {
        (A::Admin, "非末级科目")
    };
    let (fen, party) = (book.rng.odd_money(600, 6_000), "戊会务公司");
    let lines = vec![dr(account, fen, party), cr(A::Bank, fen, party)];
    let mut draft = Draft::new(day(book, 1, 13), "付培训会务费", lines);
    draft.bad = account == A::Meeting;
    purchase_as(book, draft, fen, party)?;
    let code = account.code(book.village);
    book.label("L-005", format!("{code}|{issue}"));
    Ok(())
}
