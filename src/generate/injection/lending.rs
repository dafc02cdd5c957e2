//! Cash that is not there, money lent, pledged, written off or hung on accounts where it does not belong.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::calendar::plus;
use super::super::papers::Receipt;
use super::{GenerateError, Injection, day, other_way};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    Injection::new("F-004", 1, slips_for_cash),
    Injection::new("F-008", 2, receipt_kept_back),
    Injection::new("F-017", 2, lent_to_a_person),
    Injection::new("F-018", 2, lent_to_a_firm),
    Injection::new("F-020", 1, stood_surety),
    Injection::new("F-021", 4, written_off),
    Injection::new("F-022", 3, income_hung),
];

/// A count finds slips in the box; or a slip is all that a cash payment rests on, which is no invoice either.
fn slips_for_cash(book: &mut Book) -> Result<(), GenerateError> {
    let date = day(book, 0, 19);
    if !other_way(book) {
        let fen = book.rng.between(20, 90) * 100;
        let (cashier, witness) = (book.staff("出纳"), book.staff("监事"));
        book.folder.row(
            "cash_count",
            &[
                ("date", &date),
                ("counted", &Money(1_000)),
                ("book", &Money(1_000 + fen)),
                ("iou", &Money(fen)),
                ("counters", &cashier),
                ("witness", &witness),
            ],
        )?;
        book.label("F-004", date.to_string());
        return Ok(());
    }
    let (fen, party) = (book.rng.odd_money(200, 900), "丙搬运队");
    let drawn = vec![dr(A::Cash, fen, ""), cr(A::Bank, fen, "本单位")];
    book.post(Draft::new(date, "提取现金", drawn));
    let paid = vec![dr(A::Cost, fen, party), cr(A::Cash, fen, party)];
    let draft = Draft::new(date, "凭白条付搬运款", paid).rank(1);
    let draft = draft.after(After::Label("F-004"));
    book.post(draft.after(After::Label("F-005")));
    Ok(())
}

/// Receipted on the 5th, in the books and at the bank on the 20th.
fn receipt_kept_back(book: &mut Book) -> Result<(), GenerateError> {
    let party = "丁展销户";
    let date = day(book, 1, 5);
    let receipt = Receipt {
        no: book.receipt_no(date),
        date,
        payer: party.to_owned(),
        amount: book.rng.odd_money(900, 4_000),
        channel: "转账",
        contract: String::new(),
    };
    book.label("F-008", receipt.key());
    let mut lines = vec![
        dr(A::Bank, receipt.amount, party),
        cr(A::Fees, receipt.amount, party),
    ];
    for line in &mut lines {
        receipt.no.clone_into(&mut line.receipt);
    }
    let draft = Draft::new(day(book, 1, 20), "收展销场地费", lines);
    book.post(draft.after(After::Receipt(receipt)));
    Ok(())
}

/// Goes out in the second month and comes back after two hundred days, if the books last so long.
fn lend(book: &mut Book, rule: &'static str, what: &str, fen: i64, party: &str) {
    let date = day(book, 1, 6);
    let lines = vec![dr(A::Receivable, fen, party), cr(A::Bank, fen, party)];
    book.post(Draft::new(date, what, lines).after(After::Label(rule)));
    let back = vec![dr(A::Bank, fen, party), cr(A::Receivable, fen, party)];
    book.post(Draft::new(plus(date, 200), "收回借款", back));
}

fn lent_to_a_person(book: &mut Book) -> Result<(), GenerateError> {
    let party = format!("秦某{}", book.digits());
    let fen = book.rng.odd_money(3_001, 9_900);
    let phone = format!("198{}0017", book.digits());
    book.folder.row(
        "counterparty",
        &[("name", &party), ("kind", &"个人"), ("phone_hash", &phone)],
    )?;
    lend(book, "F-017", "付个人借款", fen, &party);
    Ok(())
}

fn lent_to_a_firm(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(20_000, 60_000);
    lend(book, "F-018", "借款给癸商贸公司周转", fen, "癸商贸公司");
    Ok(())
}

/// For another firm's loan, without a decision; or a deposit is pledged.
fn stood_surety(book: &mut Book) -> Result<(), GenerateError> {
    if other_way(book) {
        let no = format!("8299{}0020", book.digits());
        let name = book.name.clone();
        book.folder.row(
            "bank_account",
            &[
                ("account_hash", &no),
                ("holder_name", &name),
                ("holder_kind", &"单位"),
                ("bank", &"乙银行"),
                ("purpose", &"一般户"),
                ("opened_on", &"2023-11-01"),
                ("pledged", &"是"),
            ],
        )?;
        book.label("F-020", "质押账户尾号0020");
        return Ok(());
    }
    let amount = book.rng.between(10, 50) * 1_000_000;
    let start = day(book, 0, 12);
    book.folder.row(
        "guarantee",
        &[
            ("no", &"DB-9020"),
            ("beneficiary", &"壬商贸公司"),
            ("amount", &Money(amount)),
            ("form", &"保证"),
            ("start_date", &start),
            ("end_date", &"2030-12-31"),
        ],
    )?;
    book.label("F-020", "担保DB-9020");
    Ok(())
}

fn written_off(book: &mut Book) -> Result<(), GenerateError> {
    let party = "戊摊位经营户";
    let fen = book.rng.odd_money(600, 4_000);
    let billed = vec![dr(A::Receivable, fen, party), cr(A::Fees, fen, party)];
    book.post(Draft::new(day(book, 0, 27), "确认摊位服务费", billed));
    let lost = vec![dr(A::Cost, fen, party), cr(A::Receivable, fen, party)];
    let draft = Draft::new(day(book, 3, 27), "核销无法收回的服务费", lost);
    book.post(draft.after(After::Label("F-021")));
    Ok(())
}

/// A fee is hung up as received for nobody and spent from there.
fn income_hung(book: &mut Book) -> Result<(), GenerateError> {
    let party = "庚展会公司";
    let fen = book.rng.odd_money(1_200, 8_000);
    let taken = vec![dr(A::Bank, fen, party), cr(A::Hung, fen, party)];
    book.post(Draft::new(day(book, 0, 28), "收展会摊位费暂挂", taken));
    let spent = vec![dr(A::Hung, fen, party), cr(A::Bank, fen, party)];
    book.post(Draft::new(day(book, 2, 13), "付活动用品款", spent));
    let account = A::Hung.code(book.village);
    book.label("F-022", format!("{account}|{party}"));
    Ok(())
}
