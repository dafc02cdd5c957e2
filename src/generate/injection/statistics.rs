//! Patterns among payments.

use super::super::account::A;
use super::super::book::{After, Book};
use super::super::business::purchase;
use super::super::calendar::plus;
use super::{GenerateError, Injection, day, repair};

pub const ALL: &[Injection] = &[
    Injection::new("T-003", 3, round_amount),
    Injection::new("T-005", 3, paid_twice),
    Injection::new("T-007", 3, far_larger),
    Injection::new("T-008", 3, below_gate),
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

/// Five small signs and one that costs many times as much, without a contract.
fn far_larger(book: &mut Book) -> Result<(), GenerateError> {
    let party = "己标识制作部";
    for (month, on) in [(0, 9), (0, 18), (1, 9), (1, 18), (2, 9)] {
        let fen = book.rng.odd_money(300, 900);
        let date = day(book, month, on);
        purchase(book, date, "付标识制作款", A::Office, fen, party)?;
    }
    let (date, fen) = (day(book, 2, 15), book.rng.odd_money(11_000, 18_000));
    purchase(book, date, "付入口标识款", A::Office, fen, party)?;
    book.label("T-007", party);
    Ok(())
}

/// Ten works for ten parties, each a little below the amount that needs two signatures: enough to tell, even if an ordinary
/// payment lies just above it.
fn below_gate(book: &mut Book) -> Result<(), GenerateError> {
    for (k, trade) in [
        "门窗", "水泵", "围墙", "路灯", "屋面", "沟渠", "护栏", "井盖", "台阶", "雨棚",
    ]
    .into_iter()
    .enumerate()
    {
        let fen = book.rng.odd_money(19_100, 19_900);
        let date = day(book, k as u32 % 3, 10 + k as u32);
        let (what, party) = (format!("付{trade}维修款"), format!("{trade}维修工程队"));
        purchase(book, date, &what, A::Repair, fen, &party)?;
    }
    book.label("T-008", "approval|2024");
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
