//! Earmarked money from above: received into a liability, spent from it on what it was given for.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{Book, Draft, cr, dr};
use super::business::purchase_as;
use super::calendar::{month_of, plus, working_day};
use super::papers;
use crate::model::Money;

/// Number of the grant that every company gets.
pub const YEARLY: &str = "ZX-2024";

/// A grant and what becomes of it.
pub struct Grant<'a> {
    pub no: &'a str,
    pub name: &'a str,
    pub received: NaiveDate,
    /// 分.
    pub total: i64,
    pub party: &'a str,
    /// Days after receipt, and 分.
    pub payments: &'a [(i64, i64)],
}

impl Grant<'_> {
    /// Writes the register row and queues receipt and payments; nothing where it comes after the books.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let payer = "街道财政所";
        let lines = vec![
            dr(A::Bank, self.total, payer),
            cr(A::Fund, self.total, payer),
        ];
        let draft = Draft::new(self.received, format!("收到{}", self.name), lines).fund(self.no);
        if !book.post(draft) {
            return Ok(());
        }
        let account = book.account_no(A::Bank);
        book.folder.row(
            "special_fund",
            &[
                ("fund_no", &self.no),
                ("doc_no", &format_args!("街财{}号", self.no)),
                ("name", &self.name),
                ("purpose", &"环境整治"),
                ("allowed_uses", &"保洁;垃圾清运;绿化"),
                ("received_on", &self.received),
                ("amount", &Money(self.total)),
                ("restriction", &"财政专项"),
                ("account_hash", &account),
            ],
        )?;
        book.folder.row(
            "disclosure",
            &[
                ("disclosure_no", &format_args!("GK-{}", self.no)),
                ("kind", &"专项资金"),
                ("period", &self.received.format("%Y-%m")),
                ("published_on", &plus(self.received, 4)),
                ("channel", &"公开栏"),
            ],
        )?;
        for &(days, fen) in self.payments {
            let date = plus(self.received, days);
            if date <= book.last() {
                let lines = vec![dr(A::Fund, fen, self.party), cr(A::Bank, fen, self.party)];
                let draft = Draft::new(date, format!("付{}款", self.name), lines).fund(self.no);
                purchase_as(book, draft, fen, self.party)?;
            }
        }
        Ok(())
    }
}

/// The year's grant for clean surroundings, most of it spent within four months.
pub fn yearly(book: &mut Book) -> Result<(), GenerateError> {
    let total = book.rng.odd_money(38_000, 54_000);
    let party = "庚环境服务公司";
    papers::party(book, party)?;
    let part = total * 29 / 100;
    let grant = Grant {
        no: YEARLY,
        name: "村湾环境整治补助",
        received: working_day(month_of(book.first, 1), 20),
        total,
        party,
        payments: &[(22, part), (57, part + 101), (113, part + 209)],
    };
    grant.write(book)
}
