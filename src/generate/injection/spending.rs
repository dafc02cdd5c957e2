//! What was bought, for whom, and with which papers.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::business::{purchase, purchase_as};
use super::super::calendar::plus;
use super::super::papers::{Claim, Invoice, invoice_no};
use super::{GenerateError, Injection, day, other_way, repair};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    Injection::new("F-005", 1, bad_invoice),
    Injection::new("F-010", 2, not_decided),
    Injection::new("F-011", 2, guests_treated),
    Injection::new("F-012", 2, sightseeing),
    Injection::new("F-013", 3, paid_above_rate),
    Injection::new("F-015", 1, fuel_without_car),
    Injection::new("F-016", 2, gift_cards),
    // The invoice is of the first month, the voucher of the fifth.
    Injection::new("F-024", 5, booked_late),
    Injection::new("F-025", 4, numbers_in_a_row),
    Injection::new("F-026", 1, nothing_attached),
    Injection::new("F-027", 2, signed_afterwards),
    Injection::new("F-028", 1, one_account_for_two),
    // Tax is judged by the calendar year.
    Injection::new("F-029", 12, rent_untaxed),
];

/// The invoice failed the check, or is made out to somebody else.
fn bad_invoice(book: &mut Book) -> Result<(), GenerateError> {
    let (date, party) = (day(book, 0, 17), "乙标牌店");
    let fen = book.rng.odd_money(600, 4_000);
    let no = invoice_no(book);
    let other = other_way(book);
    let own = book.name.clone();
    let invoice = Invoice {
        no: &no,
        date: plus(date, -2),
        seller: party,
        buyer: if other {
            "别处商贸有限公司"
        } else {
            &own
        },
        amount: fen,
        checked: if other { "通过" } else { "不一致" },
    };
    invoice.write(book)?;
    book.post(repair(date, "付标识牌款", fen, party).invoice(&no));
    book.label("F-005", format!("发票{no}"));
    Ok(())
}

/// Above what a meeting must decide, below what is tendered, with all signatures.
fn not_decided(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(50_001, 90_000), "乙保温工程队");
    let draft = repair(day(book, 1, 14), "付外墙保温款", fen, party);
    purchase_as(book, draft.after(After::Label("F-010")), fen, party)?;
    Ok(())
}

fn guests_treated(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(300, 900);
    let date = day(book, 1, 18);
    purchase(book, date, "接待客商用餐", A::Office, fen, "庚农家菜馆")?;
    book.label("F-011", "2024");
    Ok(())
}

fn sightseeing(book: &mut Book) -> Result<(), GenerateError> {
    let (first, claimant) = (day(book, 1, 5), format!("沈某{}", book.digits()));
    let fen = book.rng.odd_money(800, 2_900);
    let claim = Claim {
        no: "BX-9012".to_owned(),
        claimant: claimant.clone(),
        matter: "外出考察",
        kind: "差旅",
        place: "乙山风景区",
        span: (first, plus(first, 2)),
        amount: fen,
    };
    book.label("F-012", &claim.no);
    let lines = vec![dr(A::Travel, fen, &claimant), cr(A::Bank, fen, &claimant)];
    let draft = Draft::new(plus(first, 6), "报销考察费", lines);
    book.post(draft.after(After::Claim(claim)));
    Ok(())
}

fn paid_above_rate(book: &mut Book) -> Result<(), GenerateError> {
    let (date, name) = (day(book, 2, 7), format!("韩某{}", book.digits()));
    let person = format!("L{}8", book.digits());
    let fen = book.rng.odd_money(201, 400);
    let lines = vec![dr(A::LostWork, fen, &name), cr(A::Bank, fen, &name)];
    let slip = (date.to_string(), person.clone(), name, fen);
    let draft = Draft::new(day(book, 2, 19), "付误工补贴", lines);
    book.post(draft.after(After::Labour(vec![slip])));
    book.label("F-013", format!("{person}|{}", date.format("%Y-%m")));
    Ok(())
}

/// No company of the street owns a car.
fn fuel_without_car(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(200, 900);
    let date = day(book, 0, 18);
    purchase(book, date, "公务车加油", A::Office, fen, "丙加油站")?;
    book.label("F-015", "无自有车辆|2024");
    Ok(())
}

fn gift_cards(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(600, 4_900), "戊超市");
    let lines = vec![dr(A::Office, fen, party), cr(A::Bank, fen, party)];
    let draft = Draft::new(day(book, 1, 19), "购购物卡", lines);
    purchase_as(book, draft.after(After::Label("F-016")), fen, party)?;
    Ok(())
}

fn booked_late(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(600, 4_900), "丙绘图社");
    let no = invoice_no(book);
    let buyer = book.name.clone();
    let invoice = Invoice {
        no: &no,
        date: day(book, 0, 9),
        seller: party,
        buyer: &buyer,
        amount: fen,
        checked: "通过",
    };
    invoice.write(book)?;
    let draft = repair(day(book, 4, 12), "付竣工图款", fen, party).invoice(&no);
    book.post(draft.after(After::LabelUnder("F-024", no)));
    Ok(())
}

/// One printer's invoices of three months follow one another.
fn numbers_in_a_row(book: &mut Book) -> Result<(), GenerateError> {
    let (party, buyer) = ("戊印务社", book.name.clone());
    let first = 10_000_000 + 10 * book.serial();
    book.label("F-025", format!("{party}|{first}"));
    for month in 0..3 {
        let (no, date) = (
            (first + u64::from(month)).to_string(),
            day(book, month + 1, 20),
        );
        let fen = book.rng.odd_money(1_000, 5_000);
        let invoice = Invoice {
            no: &no,
            date: plus(date, -3),
            seller: party,
            buyer: &buyer,
            amount: fen,
            checked: "通过",
        };
        invoice.write(book)?;
        let lines = vec![dr(A::Office, fen, party), cr(A::Bank, fen, party)];
        book.post(Draft::new(date, "付宣传单印制款", lines).invoice(&no));
    }
    Ok(())
}

fn nothing_attached(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(300, 4_000);
    let mut draft = repair(day(book, 0, 16), "付围栏修补款", fen, "丁围栏店");
    draft.bare = true;
    purchase_as(book, draft.after(After::Label("F-026")), fen, "丁围栏店")?;
    Ok(())
}

/// Below what needs two signatures before it is paid.
fn signed_afterwards(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(10_001, 19_000), "己保洁队");
    let mut draft = repair(day(book, 1, 20), "付外墙清洗款", fen, party);
    draft.signed_late = true;
    purchase_as(book, draft.after(After::Label("F-027")), fen, party)?;
    Ok(())
}

fn one_account_for_two(book: &mut Book) -> Result<(), GenerateError> {
    let (account, date) = (format!("62280{}0028", book.digits()), day(book, 0, 22));
    for (n, surname) in ["丁", "丙"].into_iter().enumerate() {
        let name = format!("{surname}某{}", book.digits());
        let person = format!("L{}{}", book.digits(), n + 6);
        book.folder.row(
            "labour_day",
            &[
                ("date_text", &date),
                ("person", &person),
                ("name", &name),
                ("matter", &"协助清查"),
                ("place", &"村湾"),
                ("days", &1),
                ("amount", &Money(12_000)),
                ("account_hash", &account),
                ("signed", &"是"),
            ],
        )?;
    }
    book.label("F-028", format!("丁某{}等(尾号0028)", book.digits()));
    Ok(())
}

/// Only small taxes are accrued.
fn rent_untaxed(book: &mut Book) -> Result<(), GenerateError> {
    book.taxes_rent = false;
    for year in 0..book.months / 12 {
        book.label("F-029", (2024 + year).to_string());
    }
    Ok(())
}
