//! Works that cost more, were paid earlier or were paid to others than the contract says.

use super::super::book::Book;
use super::super::papers;
use super::super::works::Works;
use super::{GenerateError, Injection, day, other_way};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    // Paid, accepted and settled within three months.
    Injection::new("C-025", 4, over_budget),
    Injection::new("C-026", 4, paid_ahead),
    Injection::new("C-027", 3, paid_to_another),
    Injection::new("C-028", 1, two_prices),
];

/// Ordinary works by a builder of their own, begun in the first month.
fn works<'a>(
    book: &mut Book,
    numbers: (&'a str, &'a str),
    name: &'a str,
    party: &'a str,
    total: i64,
) -> Result<Works<'a>, GenerateError> {
    papers::party(book, party)?;
    Ok(Works {
        contract: numbers.0,
        project: numbers.1,
        name,
        place: "村湾",
        party,
        signed: day(book, 0, 8),
        total,
        tendered: true,
        ..Works::default()
    })
}

/// The settlement is a fifth above contract and budget, or an extra was never decided on.
fn over_budget(book: &mut Book) -> Result<(), GenerateError> {
    let total = book.rng.odd_money(101_000, 139_000);
    let payments = [(38, total / 10 * 7), (68, total - total / 10 * 7)];
    let no = "GC-9025";
    let mut ditch = works(book, ("HT-9025", no), "排水沟清淤", "甲水利工程队", total)?;
    ditch.payments = &payments;
    if other_way(book) {
        let extra = book.rng.odd_money(500, 6_000);
        book.folder.row(
            "change_order",
            &[
                ("project_no", &no),
                ("date", &day(book, 1, 20)),
                ("amount", &Money(extra)),
            ],
        )?;
    } else {
        ditch.overrun = total / 5;
    }
    ditch.write(book)?;
    book.label("C-025", no);
    Ok(())
}

/// Paid in full and never accepted, or mostly paid before the works began.
fn paid_ahead(book: &mut Book) -> Result<(), GenerateError> {
    let total = book.rng.odd_money(101_000, 139_000);
    let early = [(3, total / 10 * 6), (68, total - total / 10 * 6)];
    let late = [(38, total / 10 * 7), (68, total - total / 10 * 7)];
    let mut fence = works(
        book,
        ("HT-9026", "GC-9026"),
        "围墙重建",
        "乙围墙工程队",
        total,
    )?;
    if other_way(book) {
        fence.payments = &early;
    } else {
        fence.payments = &late;
        fence.unaccepted = true;
    }
    fence.write(book)?;
    book.label("C-026", fence.contract);
    Ok(())
}

/// The bank paid a person who is not the builder.
fn paid_to_another(book: &mut Book) -> Result<(), GenerateError> {
    let total = book.rng.odd_money(101_000, 139_000);
    let payments = [(28, total / 10 * 6)];
    let payee = format!("未某{}", book.digits());
    let mut roof = works(
        book,
        ("HT-9027", "GC-9027"),
        "仓库屋面翻修",
        "丙屋面工程队",
        total,
    )?;
    roof.payments = &payments;
    roof.unaccepted = true;
    roof.payee = &payee;
    roof.write(book)?;
    book.label("C-027", format!("{}|{payee}", roof.contract));
    Ok(())
}

/// Two contracts for one job, one of them dearer; or a contract a tenth above the award.
fn two_prices(book: &mut Book) -> Result<(), GenerateError> {
    let total = book.rng.odd_money(111_000, 139_000);
    let mut paint = works(
        book,
        ("HT-9028", "GC-9028"),
        "楼道粉刷",
        "丁粉刷工程队",
        total,
    )?;
    if other_way(book) {
        paint.above_award = total / 10;
        paint.write(book)?;
        book.label("C-028", "HT-9028|ZB-HT-9028");
        return Ok(());
    }
    paint.tendered = false;
    paint.write(book)?;
    let second = Works {
        contract: "HT-9128",
        project: "GC-9128",
        signed: day(book, 0, 19),
        total: total + book.rng.odd_money(6_000, 19_000),
        ..paint
    };
    second.write(book)?;
    book.label("C-028", "HT-9028|HT-9128");
    Ok(())
}

/// Works just below what must be tendered.
pub fn below_the_gate(book: &mut Book) -> Result<(), GenerateError> {
    let total = book.rng.odd_money(90_100, 99_800);
    let payments = [(38, total)];
    let mut lamps = works(
        book,
        ("HT-9023", "GC-9023"),
        "路灯更换",
        "戊路灯安装队",
        total,
    )?;
    lamps.tendered = false;
    lamps.payments = &payments;
    lamps.write(book)?;
    book.label("C-023", "HT-9023|贴近限额");
    Ok(())
}
