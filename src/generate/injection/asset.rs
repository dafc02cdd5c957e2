//! Assets. Every injected asset has a card of its own, numbered after the rule.

use super::super::book::Book;
use super::super::disposal::Disposal;
use super::super::estate::{Card, Depreciation, site_check};
use super::super::inventory;
use super::super::lease::Lease;
use super::super::papers;
use super::super::works::Works;
use super::contract::span;
use super::{GenerateError, Injection, day, other_way};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    Injection::new("A-001", 1, off_books),
    // Thirty days after the sale its money must be in the books.
    Injection::new("A-002", 3, sold_short),
    Injection::new("A-003", 2, sold_in_private),
    Injection::new("A-004", 1, depreciated_wrongly),
    Injection::new("A-005", 1, idle),
    Injection::new("A-006", 1, lent),
    // Ninety days after the acceptance.
    Injection::new("A-007", 6, still_in_progress),
];

/// A shop is let that no card knows, or the inventory finds a machine that no card knows.
fn off_books(book: &mut Book) -> Result<(), GenerateError> {
    let no = "ZC-9501";
    if other_way(book) {
        let worth = book.rng.odd_money(2_000, 60_000);
        book.folder.row(
            "inventory_count",
            &[
                ("batch_no", &inventory::FIRST),
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

/// Sold without an appraisal, or for more than the books show.
fn sold_short(book: &mut Book) -> Result<(), GenerateError> {
    let proceeds = book.rng.odd_money(2_500, 6_500);
    let short = other_way(book);
    let sale = Disposal {
        no: "ZC-9502",
        name: "旧碾米机",
        date: day(book, 1, 12),
        buyer: "丁物资回收站",
        proceeds,
        booked: if short { proceeds / 3 } else { proceeds },
        appraised: short,
        in_order: true,
    };
    sale.write(book)?;
    book.label("A-002", sale.no);
    Ok(())
}

/// Sold at its appraised price, but to whom nobody decided and nobody else could bid.
fn sold_in_private(book: &mut Book) -> Result<(), GenerateError> {
    let proceeds = book.rng.odd_money(2_500, 6_500);
    let sale = Disposal {
        no: "ZC-9503",
        name: "旧水泵",
        date: day(book, 1, 14),
        buyer: "戊物资回收站",
        proceeds,
        booked: proceeds,
        appraised: true,
        in_order: false,
    };
    sale.write(book)?;
    book.label("A-003", sale.no);
    Ok(())
}

/// Never depreciated, or depreciated past its cost.
fn depreciated_wrongly(book: &mut Book) -> Result<(), GenerateError> {
    let (life, depreciation) = if other_way(book) {
        (48, Depreciation::Endless)
    } else {
        (120, Depreciation::Never)
    };
    let card = Card {
        name: "烘干机",
        category: "机器",
        cost: 9_648_000,
        life,
        status: "自用",
        depreciation,
        ..Card::shop("ZC-9504", 0)
    };
    card.write(book)?;
    book.label("A-004", card.no);
    Ok(())
}

fn idle(book: &mut Book) -> Result<(), GenerateError> {
    let card = Card {
        status: "闲置",
        idle_since: "2023-05-15",
        ..Card::shop("ZC-9505", 74)
    };
    card.write(book)?;
    book.label("A-005", card.no);
    Ok(())
}

/// An inspection meets an outsider at the company's excavator, or it is registered as lent. No vehicle: a company that has one
/// may pay for fuel.
fn lent(book: &mut Book) -> Result<(), GenerateError> {
    let card = Card {
        name: "防汛挖掘机",
        category: "机器",
        cost: 11_520_000,
        life: 240,
        status: "自用",
        nature: "非经营性",
        ..Card::shop("ZC-9506", 0)
    };
    card.write(book)?;
    let (user, date) = (format!("农机户{}", book.digits()), day(book, 0, 19));
    if other_way(book) {
        book.folder.row(
            "asset_event",
            &[
                ("asset_no", &card.no),
                ("date", &date),
                ("kind", &"出借"),
                ("peer", &user),
            ],
        )?;
    } else {
        site_check(book, card.no, date, (&user, "挖土"), 0)?;
    }
    book.label("A-006", card.no);
    Ok(())
}

/// Works accepted in the third month that were never taken out of construction in progress.
fn still_in_progress(book: &mut Book) -> Result<(), GenerateError> {
    let (party, signed) = ("癸市政工程队", day(book, 0, 9));
    papers::party(book, party)?;
    let total = book.rng.odd_money(101_000, 139_000);
    let works = Works {
        contract: "HT-9507",
        project: "GC-9507",
        name: "五组排水沟改造",
        place: "五组",
        party,
        signed,
        total,
        tendered: true,
        payments: &[(30, total / 10 * 7), (58, total - total / 10 * 7)],
        in_progress: true,
        ..Works::default()
    };
    works.write(book)?;
    book.label("A-007", works.project);
    Ok(())
}
