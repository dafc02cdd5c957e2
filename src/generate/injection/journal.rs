//! What stands out in the order, the time and the wording of papers and entries.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::papers::Receipt;
use super::{GenerateError, Injection, day};

pub const ALL: &[Injection] = &[Injection::new("T-013", 2, receipt_missing)];

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
