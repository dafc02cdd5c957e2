//! Posts, signatures, votes and disclosure.

use super::super::book::Book;
use super::super::business::purchase_as;
use super::super::papers::Decision;
use super::super::street::person;
use super::{GenerateError, Injection, day, repair};

pub const ALL: &[Injection] = &[
    // The quarter, the days for disclosing it, and the end of that month.
    Injection::new("D-001", 4, not_disclosed),
    Injection::new("G-001", 3, cashier_keeps_the_books),
    Injection::new("G-002", 3, checked_by_the_maker),
    // Votes of a board are judged from July 2024 on.
    Injection::new("G-005", 7, too_few_votes),
];

fn not_disclosed(book: &mut Book) -> Result<(), GenerateError> {
    book.hidden_quarter = Some(0);
    book.label("D-001", "2024Q1");
    Ok(())
}

fn cashier_keeps_the_books(book: &mut Book) -> Result<(), GenerateError> {
    let (no, name) = (person(book.index, 2), book.staff("出纳"));
    book.folder.row(
        "staff_role",
        &[
            ("person", &no),
            ("name", &name),
            ("duty", &"会计"),
            ("start_date", &"2024-03-01"),
            ("end_date", &"2024-08-31"),
        ],
    )?;
    book.label("G-001", name);
    Ok(())
}

fn checked_by_the_maker(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(600, 9_000), "丁管道疏通队");
    let mut draft = repair(day(book, 2, 15), "付管道疏通款", fen, party);
    draft.same_person = true;
    purchase_as(book, draft, fen, party)?;
    let maker = book.staff("会计");
    book.label("G-002", format!("制审同人|{maker}|2024"));
    Ok(())
}

/// Five of nine came and four agreed: no quorum of representatives, no majority of a board. A council is not the place to
/// show it, because before the 2025 law no statute told how it votes.
fn too_few_votes(book: &mut Book) -> Result<(), GenerateError> {
    let level = if book.village {
        "代表会"
    } else {
        "董事会"
    };
    let decision = Decision {
        no: "JD-9999",
        level,
        date: day(book, 6, 9),
        votes: (9, 5, 4),
        matter: "资产出租事项",
        kind: "合同",
        subject: "",
    };
    decision.write(book)?;
    book.label("G-005", decision.no);
    Ok(())
}
