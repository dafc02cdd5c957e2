//! Assets and parcels.

use super::super::book::Book;
use super::super::estate::{INVENTORY, Parcel};
use super::super::lease::Lease;
use super::contract::span;
use super::{GenerateError, Injection, other_way};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    Injection::new("A-001", 1, off_books),
    Injection::new("R-001", 1, areas_differ),
];

/// A shop is let that no card knows, or the inventory finds a machine that no card knows.
fn off_books(book: &mut Book) -> Result<(), GenerateError> {
    let no = "ZC-9501";
    if other_way(book) {
        let worth = book.rng.odd_money(2_000, 60_000);
        book.folder.row(
            "inventory_count",
            &[
                ("batch_no", &INVENTORY),
                ("kind", &"资产"),
                ("subject_no", &no),
                ("qty_book", &0),
                ("qty_counted", &1),
                ("amount_book", &Money(0)),
                ("amount_counted", &Money(worth)),
            ],
        )?;
    } else {
        Lease::new("HT-9501", no, span(book), 64, 3_936_000).write(book)?;
    }
    book.label("A-001", no);
    Ok(())
}

/// The register has less land than was measured.
fn areas_differ(book: &mut Book) -> Result<(), GenerateError> {
    let area = book.rng.between(800, 4_000);
    let parcel = Parcel {
        no: "DK-9001",
        name: "北坡",
        kind: "林地",
        book: area,
        survey: area + area / 25 + book.rng.between(1, 300),
        status: "自营",
    };
    parcel.write(book)?;
    book.label("R-001", parcel.no);
    Ok(())
}
