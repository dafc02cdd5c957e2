//! Between village companies and their joint company, and what a company may not do as one.

use super::super::Label;
use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::business::{purchase, purchase_as};
use super::super::calendar::plus;
use super::super::obligations::{PooledLoan, Share};
use super::super::papers::{self, phone};
use super::super::street::SPOUSE;
use super::{GenerateError, Injection, day, repair};

pub const ALL: &[Injection] = &[
    Injection::new("J-001", 3, unknown_to_the_other),
    Injection::new("J-002", 1, lent_without_decision),
    Injection::new("J-003", 1, investment_off),
    Injection::new("J-004", 2, capital_back_again),
    Injection::new("J-005", 1, most_to_a_relative),
    Injection::new("J-006", 3, relative_supplies),
    Injection::new("J-007", 1, no_statutory_reserve),
];

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

/// The law asked is that of companies, here and below.
fn lent_without_decision(book: &mut Book) -> Result<(), GenerateError> {
    let peer = match &book.joint {
        Some((code, _)) if !book.village => code.clone(),
        _ => return Ok(()),
    };
    let loan = PooledLoan {
        no: "NB-9002",
        peer: &peer,
        direction: "借出",
        rate: "",
        decision: "",
    };
    loan.write(book)?;
    book.label("J-002", loan.no);
    Ok(())
}

/// A member's investment account shows more than it paid in. The finding is the joint company's.
fn investment_off(book: &mut Book) -> Result<(), GenerateError> {
    let Some((code, name)) = book.joint.clone() else {
        return Ok(());
    };
    let fen = book.rng.odd_money(2, 90_000);
    book.open(A::Invest, fen, &name);
    let key = format!("{}|{code}", book.code);
    book.labels.push(Label {
        rule: "J-003",
        organisation: code,
        key,
    });
    Ok(())
}

/// New capital that leaves again twelve days later. The joint company's capital is its members' alone.
fn capital_back_again(book: &mut Book) -> Result<(), GenerateError> {
    if book.village || book.joint.is_none() {
        return Ok(());
    }
    let (date, party) = (day(book, 1, 8), "丁投资公司");
    papers::party(book, party)?;
    let fen = book.rng.odd_money(30_000, 40_000);
    let lines = vec![dr(A::Bank, fen, party), cr(A::Capital, fen, party)];
    let draft = Draft::new(date, "收到增资款", lines);
    book.post(draft.after(After::Label("J-004")));
    let back = fen - book.rng.between(1, 100_000);
    purchase(book, plus(date, 12), "付咨询服务款", A::Cost, back, party)?;
    Ok(())
}

/// A relative's firm gets more than a third of what a year's power and water cost.
fn most_to_a_relative(book: &mut Book) -> Result<(), GenerateError> {
    let party = format!("癸配电服务部{}", book.digits());
    papers::party_at(book, &party, &phone(book.index, SPOUSE))?;
    let fen = book.rng.odd_money(41_000, 47_000);
    purchase(
        book,
        day(book, 0, 18),
        "付配电维护款",
        A::Power,
        fen,
        &party,
    )?;
    book.label("J-006", format!("{party}|2024年付款"));
    if !book.village {
        let account = A::Power.code(book.village);
        book.label("J-005", format!("集中度|{account}|2024"));
    }
    Ok(())
}

fn relative_supplies(book: &mut Book) -> Result<(), GenerateError> {
    let party = format!("壬五金行{}", book.digits());
    papers::party_at(book, &party, &phone(book.index, SPOUSE))?;
    let fen = book.rng.odd_money(5_001, 9_000);
    let draft = repair(day(book, 2, 19), "付五金配件款", fen, &party);
    purchase_as(book, draft, fen, &party)?;
    book.label("J-006", format!("{party}|2024年付款"));
    Ok(())
}

fn no_statutory_reserve(book: &mut Book) -> Result<(), GenerateError> {
    if book.village {
        return Ok(());
    }
    let distributable = book.rng.odd_money(60_000, 90_000);
    let share = Share {
        year: 2021,
        distributable,
        reserve: 0,
        distributed: distributable / 2,
        source: "2021年度净收益",
        decision: "",
        paid: chrono::NaiveDate::from_ymd_opt(2022, 6, 17),
    };
    share.write(book)?;
    book.label("J-007", "2021");
    Ok(())
}
