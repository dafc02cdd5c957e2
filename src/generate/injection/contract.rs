//! Contracts and their rent. Every injected lease has a shop of its own, so that no two violations meet on one thing.

use chrono::NaiveDate;

use super::super::book::Book;
use super::super::calendar::{month_of, months_before, plus};
use super::super::estate::Card;
use super::super::lease::{Lease, Paid};
use super::super::papers::{self, Receipt};
use super::super::street::SPOUSE;
use super::super::works::Works;
use super::{GenerateError, Injection, day, other_way};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    Injection::new("C-001", 1, too_long),
    Injection::new("C-005", 2, signed_late),
    Injection::new("C-009", 1, too_cheap),
    // Arrears count from thirty days after an instalment was due.
    Injection::new("C-012", 5, unpaid),
    Injection::new("C-013", 4, paid_short),
    Injection::new("C-014", 5, holding_over),
    Injection::new("C-015", 3, let_twice),
    Injection::new("C-016", 1, less_area),
    Injection::new("C-020", 4, not_booked),
    Injection::new("C-022", 1, related),
    Injection::new("C-024", 3, split),
];

/// Square metres of an injected shop.
pub const AREA: i64 = 90;

/// From the fifth day of the books to some time after their end.
pub fn span(book: &Book) -> (NaiveDate, NaiveDate) {
    let start = plus(book.first, 4);
    let years = 1 + book.months / 12;
    (start, plus(month_of(start, 12 * years), -1))
}

/// A lease of a shop of its own, both numbered after the rule; the card is written, the lease is not yet.
pub fn shop(book: &mut Book, number: u32) -> Result<Lease, GenerateError> {
    let (no, card) = (format!("HT-{number}"), format!("ZC-{number}"));
    Card::shop(&card, AREA).write(book)?;
    let rent = AREA * book.rng.between(64, 72) * 1_200;
    Ok(Lease::new(&no, &card, span(book), AREA, rent))
}

/// Writes the lease and labels it for the rule.
pub fn write(book: &mut Book, rule: &'static str, lease: &Lease) -> Result<(), GenerateError> {
    lease.write(book)?;
    book.label(rule, &lease.no);
    Ok(())
}

fn too_long(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9001)?;
    lease.end = plus(month_of(lease.start, 12 * 25), -1);
    write(book, "C-001", &lease)
}

/// In use and paid for before it was signed.
fn signed_late(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9005)?;
    lease.signed = plus(lease.start, 40);
    write(book, "C-005", &lease)
}

/// Below the floor of its tender, or let without one below the appraised rent.
fn too_cheap(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9009)?;
    let below = book.rng.odd_money(500, 20_000);
    if other_way(book) {
        lease.floor = None;
        lease.change = vec![
            ("award", "公开招租".to_owned()),
            ("trade_no", "JY-9009".to_owned()),
        ];
        book.folder.row(
            "appraisal",
            &[
                ("appraisal_no", &"PG-9009"),
                ("subject_no", &lease.subject),
                ("date", &plus(lease.signed, -60)),
                ("value", &Money(lease.rent + below)),
                ("unit", &"年租金"),
                ("agency", &"甲评估事务所"),
            ],
        )?;
    } else {
        lease.floor = Some(lease.rent + below);
    }
    write(book, "C-009", &lease)
}

/// Two quarters in a row are left out, so that what stays open in the end is older than the last instalment.
fn unpaid(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9012)?;
    lease.odd = vec![(1, Paid::Nothing), (2, Paid::Nothing)];
    write(book, "C-012", &lease)
}

fn paid_short(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9013)?;
    // An instalment is more than 17 000 元.
    lease.odd = vec![(1, Paid::Short(book.rng.odd_money(2, 8_000)))];
    write(book, "C-013", &lease)
}

/// The lease ended in the fourth month, and the tenant stayed.
fn holding_over(book: &mut Book) -> Result<(), GenerateError> {
    let start = plus(months_before(book.first, 21), 4);
    let span = (start, plus(month_of(start, 24), -1));
    let (no, card) = ("HT-9014", "ZC-9014");
    let mut lease = Lease::new(no, card, span, AREA, AREA * 66 * 1_200);
    lease.expired = true;
    let card = Card {
        user: &lease.party,
        ..Card::shop(card, AREA)
    };
    card.write(book)?;
    write(book, "C-014", &lease)
}

/// Another tenant gets the whole shop two months later; both pay.
fn let_twice(book: &mut Book) -> Result<(), GenerateError> {
    let first = shop(book, 9015)?;
    first.write(book)?;
    let span = (month_of(first.start, 2), month_of(first.end, 2));
    Lease::new("HT-9115", &first.subject, span, AREA, first.rent).write(book)?;
    book.label("C-015", format!("{}|HT-9115", first.no));
    Ok(())
}

/// The whole shop is let, the contract says less.
fn less_area(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9016)?;
    lease.area = AREA - book.rng.between(6, 40);
    write(book, "C-016", &lease)
}

/// A receipt was made out and the money never booked: for an instalment, which is then missing from the rent as well
/// (C-013), or for something outside all contracts.
fn not_booked(book: &mut Book) -> Result<(), GenerateError> {
    if !other_way(book) {
        let mut lease = shop(book, 9020)?;
        lease.odd = vec![(1, Paid::OffBooks)];
        write(book, "C-020", &lease)?;
        book.label("C-013", &lease.no);
        return Ok(());
    }
    let date = day(book, 2, 14);
    let receipt = Receipt {
        no: book.receipt_no(date),
        date,
        payer: "过境施工队".to_owned(),
        amount: book.rng.odd_money(900, 4_000),
        channel: "现金",
        contract: String::new(),
    };
    receipt.write(&mut book.folder, "")?;
    book.label("C-020", format!("收据{}", receipt.no));
    book.label("F-008", receipt.key());
    Ok(())
}

/// The tenant's firm has the telephone of an officer's spouse.
fn related(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9022)?;
    lease.party = format!("壬商贸行{}", book.digits());
    lease.phone = Some(papers::phone(book.index, SPOUSE));
    // The minutes name nobody who kept out, as company law asks.
    if !book.village {
        book.label("J-005", &lease.no);
    }
    write(book, "C-022", &lease)
}

/// Two stretches of one road, each just under what must be tendered, to one builder within ninety days.
fn split(book: &mut Book) -> Result<(), GenerateError> {
    let (party, signed) = ("壬建筑队", day(book, 1, 6));
    papers::party(book, party)?;
    for (n, later) in [(1, 0), (2, 40)] {
        // Not so near the gate that each of them would be looked at by itself.
        let fen = book.rng.odd_money(51_000, 89_000);
        let works = Works {
            contract: &format!("HT-912{n}"),
            project: &format!("GC-902{n}"),
            name: ["三组道路硬化一段", "三组道路硬化二段"][n - 1],
            place: "三组",
            party,
            signed: plus(signed, later),
            total: fen,
            tendered: false,
            payments: &[(50, fen)],
            ..Works::default()
        };
        works.write(book)?;
    }
    book.label("C-024", format!("{party}|{signed}"));
    Ok(())
}
