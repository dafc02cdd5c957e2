//! What stands out in the order, the time and the wording of papers and entries.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::business::purchase_as;
use super::super::papers::Receipt;
use super::{GenerateError, Injection, day};

pub const ALL: &[Injection] = &[
    Injection::new("T-010", 2, entered_at_night),
    Injection::new("T-011", 3, month_end_adjustment),
    Injection::new("T-012", 2, income_taken_back),
    Injection::new("T-013", 2, receipt_missing),
    Injection::new("T-014", 3, entered_by_a_stranger),
];

/// Three small purchases, entered about half past eleven at night.
fn entered_at_night(book: &mut Book) -> Result<(), GenerateError> {
    for (on, what, party) in [
        (6, "付窗帘款", "甲窗帘店"),
        (7, "付花盆款", "乙花木店"),
        (19, "付锁具款", "丙锁具店"),
    ] {
        let fen = book.rng.odd_money(110, 480);
        let lines = vec![dr(A::Repair, fen, party), cr(A::Bank, fen, party)];
        let mut draft = Draft::new(day(book, 1, on), what, lines);
        draft.hour = Some(23);
        purchase_as(book, draft, fen, party)?;
    }
    let maker = book.staff("会计");
    book.label("T-010", format!("{maker}|2024"));
    Ok(())
}

/// The largest amount of the year on office cost, on the last working day of a month, and nobody says what for.
fn month_end_adjustment(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(18_100, 18_900), "己办公设备店");
    let lines = vec![dr(A::Office, fen, party), cr(A::Bank, fen, party)];
    let draft = Draft::new(day(book, 2, 30), "调整", lines);
    book.post(draft.after(After::Label("T-011")));
    Ok(())
}

/// Income of the last day of January that nobody owes in February.
fn income_taken_back(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(1_200, 4_000), "庚展位承办户");
    let booked = vec![dr(A::Receivable, fen, party), cr(A::Fees, fen, party)];
    book.post(Draft::new(day(book, 0, 30), "确认展位服务费", booked));
    let back = vec![dr(A::Receivable, -fen, party), cr(A::Fees, -fen, party)];
    let draft = Draft::new(day(book, 1, 6), "冲回展位服务费", back);
    book.post(draft.after(After::Label("T-012")));
    Ok(())
}

/// Somebody who never else makes vouchers makes one. Books of three months have made enough of them by the accountant.
fn entered_by_a_stranger(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(5_100, 9_000), "丁遮阳棚店");
    let maker = format!("代办{}", book.digits());
    book.label("T-014", format!("罕见制单人|{maker}|2024"));
    let lines = vec![dr(A::Repair, fen, party), cr(A::Bank, fen, party)];
    let mut draft = Draft::new(day(book, 2, 18), "付遮阳棚款", lines);
    draft.maker = Some(maker);
    purchase_as(book, draft, fen, party)?;
    Ok(())
}

/// Between two receipts of one payer a number is gone.
fn receipt_missing(book: &mut Book) -> Result<(), GenerateError> {
    let party = "庚展销户";
    for (n, on) in [12, 19].into_iter().enumerate() {
        let date = day(book, 1, on);
        if n == 1 {
            book.receipt_no(date);
        }
        let receipt = Receipt {
            no: book.receipt_no(date),
            date,
            payer: party.to_owned(),
            amount: book.rng.odd_money(300, 900),
            channel: "转账",
            contract: String::new(),
        };
        let mut lines = vec![
            dr(A::Bank, receipt.amount, party),
            cr(A::Fees, receipt.amount, party),
        ];
        for line in &mut lines {
            receipt.no.clone_into(&mut line.receipt);
        }
        let draft = Draft::new(date, "收展销场地费", lines);
        book.post(draft.after(After::Receipt(receipt)));
    }
    book.label("T-013", "B2024");
    Ok(())
}
