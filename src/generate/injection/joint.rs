//! Between village companies and their joint company.

use super::super::account::A;
use super::super::book::{Book, Draft, cr, dr};
use super::{GenerateError, Injection, day};

pub const ALL: &[Injection] = &[Injection::new("J-001", 3, unknown_to_the_other)];

/// A member books money handed up that the joint company does not know of. A pair is named by the lower code, which is
/// the member's; the joint company itself and a company that stands alone have nothing to break.
fn unknown_to_the_other(book: &mut Book) -> Result<(), GenerateError> {
    let Some((code, name)) = book.joint.clone() else {
        return Ok(());
    };
    let fen = book.rng.odd_money(1_000, 60_000);
    let lines = vec![dr(A::Internal, fen, &name), cr(A::Bank, fen, &name)];
    book.post(Draft::new(day(book, 2, 23), "统筹款划出", lines));
    let key = format!("{}|{code}", book.code);
    book.label("J-001", key);
    Ok(())
}
