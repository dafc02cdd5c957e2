//! What a company owes and shares out: a bank loan, loans within the street, distributions, and the owners' yearly meeting.

use chrono::{Datelike, NaiveDate};

use super::account::A;
use super::book::{Book, Draft, cr, dr};
use super::calendar::{month_of, plus, working_day};
use super::papers::{self, Decision};
use super::{GenerateError, GenerateOptions, company};
use crate::model::Money;

const BANK: &str = "甲农商行";
/// 分.
const BANK_LOAN: i64 = 50_000_000;
const POOLED_LOAN: i64 = 12_345_600;

/// Everything known before the first month, and the vouchers that follow from it.
pub fn write(book: &mut Book, options: &GenerateOptions) -> Result<(), GenerateError> {
    bank_loan(book)?;
    within_the_street(book, options)?;
    for year in [2022, 2023] {
        distribution(book, year)?;
    }
    for year in 2025..=book.last().year() {
        yearly_meeting(book, year)?;
    }
    Ok(())
}

/// The body of the owners and how many they are.
fn owners(book: &Book) -> (&'static str, i64) {
    if book.village {
        ("成员大会", 120)
    } else {
        ("股东会", 100)
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Decided by all owners.
fn decide(
    book: &mut Book,
    no: &str,
    date: NaiveDate,
    matter: &str,
    kind: &str,
    subject: &str,
) -> Result<(), GenerateError> {
    let (level, heads) = owners(book);
    let votes = (heads, heads, heads);
    Decision {
        no,
        level,
        date,
        votes,
        matter,
        kind,
        subject,
    }
    .write(book)
}

/// A row of the debt register.
pub struct Debt<'a> {
    pub no: &'a str,
    pub start: NaiveDate,
    /// 分.
    pub principal: i64,
    pub purpose: &'a str,
    /// Decided by the owners and filed with the street.
    pub approved: bool,
}

impl Debt<'_> {
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let (mut decision, mut filed) = (String::new(), String::new());
        if self.approved {
            decision = format!("JD-{}", self.no);
            filed = plus(self.start, -9).to_string();
            let matter = format!("借款用于{}", self.purpose);
            decide(
                book,
                &decision,
                plus(self.start, -14),
                &matter,
                "借款",
                self.no,
            )?;
        }
        book.folder.row(
            "debt",
            &[
                ("no", &self.no),
                ("creditor", &BANK),
                ("start_date", &self.start),
                ("due_date", &plus(book.last(), 400)),
                ("principal", &Money(self.principal)),
                ("rate", &"4.35"),
                ("purpose", &self.purpose),
                ("decision_no", &decision),
                ("filed_on", &filed),
                ("balance", &Money(self.principal)),
            ],
        )
    }
}

/// Borrowed before the books begin; interest by the quarter.
fn bank_loan(book: &mut Book) -> Result<(), GenerateError> {
    papers::party(book, BANK)?;
    let loan = Debt {
        no: "ZW-0001",
        start: day(2023, 3, 15),
        principal: BANK_LOAN,
        purpose: "市场改造",
        approved: true,
    };
    loan.write(book)?;
    book.open(A::Loan, -BANK_LOAN, "");
    let fen = BANK_LOAN * 435 / 10_000 / 4;
    for month in (2..book.months).step_by(3) {
        let date = working_day(month_of(book.first, month), 21);
        let lines = vec![dr(A::LoanInterest, fen, BANK), cr(A::Bank, fen, BANK)];
        book.post(Draft::new(date, "付本季借款利息", lines));
    }
    Ok(())
}

/// A row of the register of loans within the street.
pub struct PooledLoan<'a> {
    pub no: &'a str,
    pub peer: &'a str,
    pub direction: &'a str,
    pub rate: &'a str,
    pub decision: &'a str,
}

impl PooledLoan<'_> {
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        book.folder.row(
            "interco_loan",
            &[
                ("no", &self.no),
                ("peer", &self.peer),
                ("direction", &self.direction),
                ("principal", &Money(POOLED_LOAN)),
                ("rate", &self.rate),
                ("start_date", &"2023-06-01"),
                ("due_date", &plus(book.last(), 400)),
                ("decision_no", &self.decision),
            ],
        )
    }
}

/// Every member lends to the joint company, which keeps a row for each.
fn within_the_street(book: &mut Book, options: &GenerateOptions) -> Result<(), GenerateError> {
    let decision = "JD-NB-0001";
    if let Some((peer, _)) = book.joint.clone() {
        let no = "NB-0001";
        decide(
            book,
            decision,
            day(2023, 5, 18),
            "向联合公司借出资金",
            "借款",
            no,
        )?;
        let loan = PooledLoan {
            no,
            peer: &peer,
            direction: "借出",
            rate: "3.45",
            decision,
        };
        return loan.write(book);
    }
    if !company::is_joint(options, book.index) {
        return Ok(());
    }
    decide(
        book,
        decision,
        day(2023, 5, 18),
        "向成员单位借入资金",
        "借款",
        "",
    )?;
    for member in 0..book.index {
        let loan = PooledLoan {
            no: &format!("NB-{:04}", member + 1),
            peer: &company::code(member),
            direction: "借入",
            rate: "3.45",
            decision,
        };
        loan.write(book)?;
    }
    Ok(())
}

/// A row of the register of distributions.
pub struct Share<'a> {
    pub year: i32,
    pub distributable: i64,
    /// Percent set aside.
    pub reserve: i64,
    pub distributed: i64,
    pub source: &'a str,
    pub decision: &'a str,
    pub paid: Option<NaiveDate>,
}

impl Share<'_> {
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let column = if book.village {
            "welfare_reserve"
        } else {
            "statutory_reserve"
        };
        let kept = Money(self.distributable * self.reserve / 100);
        let paid = self.paid.map_or(String::new(), |d| d.to_string());
        book.folder.row(
            "distribution",
            &[
                ("year", &self.year),
                ("distributable", &Money(self.distributable)),
                (column, &kept),
                ("distributed", &Money(self.distributed)),
                (
                    "paid",
                    &Money(if self.paid.is_some() {
                        self.distributed
                    } else {
                        0
                    }),
                ),
                ("decision_no", &self.decision),
                ("decided_on", &decided_on(self.year)),
                ("paid_on", &paid),
                ("fund_source", &self.source),
            ],
        )
    }
}

/// The owners meet on 20 May on the year before.
fn decided_on(year: i32) -> NaiveDate {
    day(year + 1, 5, 20)
}

/// A third of the profit, declared after the meeting and paid four weeks later; the plan lies open twelve days before it.
fn distribution(book: &mut Book, year: i32) -> Result<(), GenerateError> {
    let (distributable, decided) = (book.rng.odd_money(90_000, 120_000), decided_on(year));
    if decided > book.last() {
        return Ok(());
    }
    let no = format!("JD-FP-{year}");
    let matter = format!("{year}年度收益分配方案");
    decide(book, &no, decided, &matter, "分配", &year.to_string())?;
    publish(
        book,
        &format!("GK-FP-{year}"),
        "分配",
        &year.to_string(),
        decided,
    )?;
    let (declared, paid) = (plus(decided, 2), plus(decided, 28));
    let share = Share {
        year,
        distributable,
        reserve: if book.village { 31 } else { 12 },
        distributed: distributable / 3,
        source: &format!("{year}年度净收益"),
        decision: &no,
        paid: Some(paid).filter(|d| *d <= book.last()),
    };
    share.write(book)?;
    let (fen, party) = (share.distributed, "分红(代发)");
    let lines = vec![dr(A::Retained, fen, ""), cr(A::Dividend, fen, party)];
    book.post(Draft::new(declared, format!("计提{year}年度分红"), lines));
    let lines = vec![dr(A::Dividend, fen, party), cr(A::Bank, fen, party)];
    book.post(Draft::new(paid, format!("发放{year}年度分红"), lines));
    Ok(())
}

/// Later years distribute nothing; the owners hear the accounts.
fn yearly_meeting(book: &mut Book, year: i32) -> Result<(), GenerateError> {
    let met = decided_on(year - 1);
    if met > book.last() {
        return Ok(());
    }
    let no = format!("JD-NH-{year}");
    let matter = format!("{}年度财务决算报告", year - 1);
    decide(book, &no, met, &matter, "其他", "")?;
    if book.odd.unpublished_report == Some(year) {
        return Ok(());
    }
    let period = format!("{}年度", year - 1);
    publish(book, &format!("GK-NH-{year}"), "财务收支", &period, met)
}

/// Laid open twelve days before a meeting.
fn publish(
    book: &mut Book,
    no: &str,
    kind: &str,
    period: &str,
    meeting: NaiveDate,
) -> Result<(), GenerateError> {
    book.folder.row(
        "disclosure",
        &[
            ("disclosure_no", &no),
            ("kind", &kind),
            ("period", &period),
            ("published_on", &plus(meeting, -12)),
            ("channel", &"公开栏"),
        ],
    )
}
