//! Assets and parcels with the contracts on them, and the rent that they bring.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{After, Book, Draft, cr, dr};
use super::calendar::{month_of, plus};
use crate::model::Money;

/// What the rest of the book needs to know of the assets.
pub struct Estate {
    /// Depreciation of a month, in 分.
    pub depreciation: i64,
}

/// Office, car, shops on lease and one parcel of land. Larger books have more shops.
pub fn build(book: &mut Book, per_month: u64) -> Result<Estate, GenerateError> {
    let shops = (per_month / 40).clamp(4, 200) as u32;
    let mut depreciation = asset(
        book,
        "ZC-0000",
        "办公楼",
        "房屋",
        240_000_000,
        480,
        860,
        "自用",
    )?;
    for n in 1..=shops {
        let (card, no) = (format!("ZC-{n:04}"), format!("HT-{n:04}"));
        let area = book.rng.between(40, 300);
        depreciation += asset(
            book,
            &card,
            "商铺",
            "商铺",
            area * 600_000,
            360,
            area,
            "出租",
        )?;
        let rent = book.rng.between(700, 1_600) * 1_200 * 12;
        let start = plus(month_of(book.first, n % 3), i64::from(n % 18));
        let end = plus(month_of(start, 36 * (1 + book.months / 36)), -1);
        lease(book, &no, &card, (start, end), area, rent, start, &[])?;
    }
    Ok(Estate { depreciation })
}

/// Writes an asset card, in service since July 2019, and opens its cost. Returns the depreciation of a month.
#[allow(clippy::too_many_arguments)] // one card's columns
pub fn asset(
    book: &mut Book,
    no: &str,
    name: &str,
    category: &str,
    cost: i64,
    life: i64,
    area: i64,
    status: &str,
) -> Result<i64, GenerateError> {
    let month = cost / life;
    book.open(A::Fixed, cost, "");
    // July 2019 to December 2023.
    book.open(A::AccDep, -month * 54, "");
    let total = month * (54 + i64::from(book.months));
    let account = A::Fixed.code(book.village);
    book.folder.row(
        "asset",
        &[
            ("asset_no", &no),
            ("name", &name),
            ("category", &category),
            ("nature", &"经营性"),
            ("source", &"自建"),
            ("area", &area),
            ("cost", &Money(cost)),
            ("acc_dep", &Money(total)),
            ("life_months", &life),
            ("in_service_on", &"2019-06-15"),
            ("booked_on", &"2019-06-15"),
            ("account", &account),
            ("status", &status),
        ],
    )?;
    Ok(month)
}

/// A quarterly lease with deposit, decision, and its rent received within two days; `unpaid` instalments are left out.
#[allow(clippy::too_many_arguments)] // one contract's terms
pub fn lease(
    book: &mut Book,
    no: &str,
    subject: &str,
    span: (NaiveDate, NaiveDate),
    area: i64,
    rent: i64,
    signed: NaiveDate,
    unpaid: &[u32],
) -> Result<(), GenerateError> {
    let party = format!("{}号商户", &no[3..]);
    let (start, end) = span;
    let decided = plus(signed, -20);
    let decision = format!("JD-{no}");
    book.folder.row(
        "contract",
        &[
            ("contract_no", &no),
            ("kind", &"租赁"),
            ("subject_no", &subject),
            ("counterparty", &party),
            ("sign_date", &signed),
            ("start_date", &start),
            ("end_date", &end),
            ("area", &area),
            ("area_unit", &"平方米"),
            ("annual_rent", &Money(rent)),
            ("cycle", &"季"),
            ("first_due", &start),
            ("written", &"是"),
            ("signed_us", &book.name),
            ("signed_them", &party),
            ("award", &"公开招租"),
            ("decision_no", &decision),
            ("registered_on", &plus(signed, 3)),
            ("status", &"履行"),
        ],
    )?;
    let (level, due) = if book.village {
        ("理事会", 7)
    } else {
        ("董事会", 5)
    };
    decision_row(book, &decision, level, decided, (due, due, due), no)?;
    for k in 0..book.months.div_ceil(3) {
        let date = month_of(start, 3 * k);
        if date > end || unpaid.contains(&k) {
            continue;
        }
        receive(
            book,
            no,
            subject,
            &party,
            plus(date, i64::from(k % 3)),
            rent / 4,
        );
    }
    Ok(())
}

/// One instalment by bank with its receipt.
pub fn receive(book: &mut Book, no: &str, subject: &str, party: &str, date: NaiveDate, fen: i64) {
    let receipt = After::Receipt {
        no: format!("{:08}", book.serial()),
        date,
        payer: party.to_owned(),
        amount: fen,
        contract: no.to_owned(),
    };
    let number = match &receipt {
        After::Receipt { no, .. } => no.clone(),
        _ => String::new(),
    };
    let mut draft = Draft::new(
        date,
        "收租金",
        vec![dr(A::Bank, fen, party), cr(A::Rent, fen, party)],
    )
    .contract(no, subject)
    .after(receipt);
    for line in &mut draft.lines {
        number.clone_into(&mut line.receipt);
    }
    book.post(draft);
}

/// A decision: due, present, agreed.
pub fn decision_row(
    book: &mut Book,
    no: &str,
    level: &str,
    date: NaiveDate,
    votes: (i64, i64, i64),
    subject: &str,
) -> Result<(), GenerateError> {
    book.folder.row(
        "decision",
        &[
            ("decision_no", &no),
            ("level", &level),
            ("meeting_date", &date),
            ("notice_date", &plus(date, -12)),
            ("due", &votes.0),
            ("present", &votes.1),
            ("agree", &votes.2),
            ("matter", &"资产出租事项"),
            ("matter_kind", &"合同"),
            ("subject_no", &subject),
            ("registered_at", &format_args!("{} 10:00:00", plus(date, 1))),
        ],
    )
}
