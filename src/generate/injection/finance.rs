//! Cash, payments and their papers.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::business::{purchase, purchase_as};
use super::super::calendar::plus;
use super::{GenerateError, Injection, day, other_way, repair};

pub const ALL: &[Injection] = &[
    Injection::new("F-001", 1, spent_from_receipts),
    Injection::new("F-002", 2, large_cash_payment),
    Injection::new("F-003", 3, too_much_cash),
    Injection::new("F-006", 4, cash_below_zero),
    Injection::new("F-007", 2, personal_account),
    Injection::new("F-009", 2, unsigned),
    Injection::new("F-014", 3, impossible_day),
    // Petty cash is outstanding after ninety days.
    Injection::new("F-019", 5, petty_cash_not_settled),
    Injection::new("F-023", 4, invoice_twice),
];

/// Cash taken in is paid out the same day, more than the box held; or a fee is set off against what its payer is owed. On
/// the 24th nothing else moves cash.
fn spent_from_receipts(book: &mut Book) -> Result<(), GenerateError> {
    let date = day(book, 0, 24);
    if other_way(book) {
        let party = "戊清运队";
        let fen = book.rng.odd_money(400, 6_000);
        let lines = vec![dr(A::Cost, fen, party), cr(A::Fees, fen, party)];
        let draft = Draft::new(date, "摊位费抵付清运费", lines);
        book.post(draft.after(After::Label("F-001")));
        return Ok(());
    }
    let taken = book.rng.odd_money(600, 980);
    let lines = vec![dr(A::Cash, taken, ""), cr(A::Fees, taken, "临时摊位")];
    book.post(Draft::new(date, "收临时摊位费", lines));
    let (paid, party) = (taken - book.rng.between(1_000, 20_000), "己修缮店");
    let lines = vec![dr(A::Repair, paid, party), cr(A::Cash, paid, party)];
    book.post(Draft::new(date, "付门锁维修款", lines).rank(1));
    book.label("F-001", date.to_string());
    Ok(())
}

fn large_cash_payment(book: &mut Book) -> Result<(), GenerateError> {
    let date = day(book, 1, 8);
    let (fen, party) = (book.rng.odd_money(1_001, 9_800), "癸瓦工队");
    let drawn = vec![dr(A::Cash, fen, ""), cr(A::Bank, fen, "本单位")];
    book.post(Draft::new(date, "提取现金", drawn));
    let paid = vec![dr(A::Repair, fen, party), cr(A::Cash, fen, party)];
    let draft = Draft::new(date, "付围墙修补款", paid).rank(1);
    book.post(draft.after(After::Label("F-002")));
    Ok(())
}

fn too_much_cash(book: &mut Book) -> Result<(), GenerateError> {
    let first = day(book, 2, 8);
    let fen = book.rng.between(51, 300) * 10_000;
    let drawn = vec![dr(A::Cash, fen, ""), cr(A::Bank, fen, "本单位")];
    book.post(Draft::new(first, "提取现金备用", drawn));
    let back = vec![dr(A::Bank, fen, "本单位"), cr(A::Cash, fen, "")];
    book.post(Draft::new(plus(first, 14), "余款存回银行", back));
    book.label("F-003", first.to_string());
    Ok(())
}

/// A purchase booked against a box that cannot have held it. On the 25th the box holds less than 200 元.
fn cash_below_zero(book: &mut Book) -> Result<(), GenerateError> {
    let date = day(book, 3, 25);
    let (fen, party) = (book.rng.odd_money(300, 980), "丁日用品店");
    let lines = vec![dr(A::Office, fen, party), cr(A::Cash, fen, party)];
    book.post(Draft::new(date, "购办公用品", lines));
    let account = A::Cash.code(book.village);
    book.label("F-006", format!("{account}|{date}"));
    // Nothing can be counted against a box below zero.
    book.label("F-004", "2024-04-30");
    Ok(())
}

fn personal_account(book: &mut Book) -> Result<(), GenerateError> {
    let (no, holder) = (format!("6228{}7777", book.digits()), book.staff("出纳"));
    book.folder.row(
        "bank_account",
        &[
            ("account_hash", &no),
            ("holder_name", &holder),
            ("holder_kind", &"个人"),
            ("purpose", &"一般户"),
            ("opened_on", &"2024-02-01"),
        ],
    )?;
    book.label("F-007", format!("个人名义账户|{holder}(尾号7777)"));
    Ok(())
}

fn unsigned(book: &mut Book) -> Result<(), GenerateError> {
    // Below what a meeting must decide.
    let (fen, party) = (book.rng.odd_money(20_001, 49_000), "己防水工程队");
    let mut draft = repair(day(book, 1, 11), "付屋面维修款", fen, party);
    draft.unsigned = true;
    purchase_as(book, draft.after(After::Label("F-009")), fen, party)?;
    Ok(())
}

/// Paid for work on 30 February.
fn impossible_day(book: &mut Book) -> Result<(), GenerateError> {
    let name = format!("尤某{}", book.digits());
    let person = format!("L{}9", book.digits());
    let lines = vec![dr(A::LostWork, 12_000, &name), cr(A::Bank, 12_000, &name)];
    let slip = ("2024-02-30".to_owned(), person.clone(), name, 12_000);
    let draft = Draft::new(day(book, 2, 12), "付误工补贴", lines);
    book.post(draft.after(After::Labour(vec![slip])));
    book.label("F-014", format!("{person}|2024-02-30"));
    Ok(())
}

fn petty_cash_not_settled(book: &mut Book) -> Result<(), GenerateError> {
    let party = format!("何某{}", book.digits());
    let fen = book.rng.odd_money(1_001, 9_000);
    let lines = vec![dr(A::Petty, fen, &party), cr(A::Bank, fen, &party)];
    book.post(Draft::new(day(book, 1, 8), "借支备用金", lines));
    let account = A::Petty.code(book.village);
    book.label("F-019", format!("{account}|{party}"));
    Ok(())
}

/// Booked and paid once more a month later.
fn invoice_twice(book: &mut Book) -> Result<(), GenerateError> {
    let (date, what, party) = (day(book, 2, 11), "付门窗款", "丙门窗店");
    let fen = book.rng.odd_money(1_200, 9_000);
    let no = purchase(book, date, what, A::Repair, fen, party)?;
    book.post(repair(plus(date, 33), what, fen, party).invoice(&no));
    book.label("F-023", no);
    Ok(())
}
