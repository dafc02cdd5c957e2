//! Patterns among payments.

use super::super::account::A;
use super::super::book::{After, Book};
use super::super::business::purchase;
use super::super::calendar::plus;
use super::{GenerateError, Injection, day, repair};

pub const ALL: &[Injection] = &[
    Injection::new("T-003", 3, round_amount),
    Injection::new("T-005", 3, paid_twice),
    Injection::new("T-009", 2, split_payment),
];

fn round_amount(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.between(5, 19) * 100_000;
    book.post(repair(day(book, 2, 11), "付维修费", fen, "辛维修部"));
    let account = A::Repair.code(book.village);
    book.label("T-003", format!("{account}|2024"));
    Ok(())
}

fn paid_twice(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(500, 9_000);
    let payment = repair(day(book, 2, 12), "付宣传栏制作款", fen, "丙广告部");
    book.post(payment.clone().after(After::Label("T-005")));
    book.post(payment);
    Ok(())
}

/// One repair paid in three within a week, each below the amount that needs two signatures.
fn split_payment(book: &mut Book) -> Result<(), GenerateError> {
    let (first, party) = (day(book, 1, 12), "癸防腐工程队");
    for later in [0, 2, 3] {
        let fen = book.rng.odd_money(7_000, 19_000);
        purchase(
            book,
            plus(first, later),
            "付钢结构防腐款",
            A::Repair,
            fen,
            party,
        )?;
    }
    book.label("T-009", format!("{party}|{first}"));
    Ok(())
}
