//! The yearly inventory.

use super::super::book::Book;
use super::super::inventory::{self, InventoryFault};
use super::{GenerateError, Injection, other_way};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    // The inventory of 2023 was due at the end of March.
    Injection::new("I-001", 4, out_of_order),
    // Differences have sixty days.
    Injection::new("I-002", 3, difference_left),
];

/// Not published, or reported three weeks late.
fn out_of_order(book: &mut Book) -> Result<(), GenerateError> {
    let fault = if other_way(book) {
        InventoryFault::ReportedLate
    } else {
        InventoryFault::NotPublished
    };
    book.inventory_fault = Some(fault);
    book.label("I-001", "2023");
    Ok(())
}

/// Less stock was counted than booked, and nothing came of it.
fn difference_left(book: &mut Book) -> Result<(), GenerateError> {
    let (booked, counted) = (book.rng.between(30, 60), book.rng.between(10, 29));
    let no = "复合肥";
    book.folder.row(
        "inventory_count",
        &[
            ("batch_no", &inventory::FIRST),
            ("kind", &"存货"),
            ("subject_no", &no),
            ("qty_book", &booked),
            ("qty_counted", &counted),
            ("amount_book", &Money(booked * 18_500)),
            ("amount_counted", &Money(counted * 18_500)),
        ],
    )?;
    book.label("I-002", format!("{}|{no}", inventory::FIRST));
    Ok(())
}
