//! An old machine sold: its card, the way to the sale, and the money.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{Book, Draft, cr, dr};
use super::calendar::{month_of, plus, working_day};
use super::estate::Card;
use super::papers;
use crate::model::Money;

/// A machine that was used up before the books begin, sold for cash at the bank.
pub struct Disposal<'a> {
    pub no: &'a str,
    pub name: &'a str,
    pub date: NaiveDate,
    pub buyer: &'a str,
    /// 分, as the event is registered.
    pub proceeds: i64,
    /// 分, as the books have it.
    pub booked: i64,
    pub appraised: bool,
    /// Decided by the board, published, and sold by auction.
    pub in_order: bool,
}

impl Disposal<'_> {
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let card = Card {
            name: self.name,
            category: "机器",
            cost: 4_236_000,
            life: 48,
            status: "处置",
            nature: "非经营性",
            ..Card::shop(self.no, 0)
        };
        card.write(book)?;
        papers::party(book, self.buyer)?;
        if self.appraised {
            self.appraisal(book)?;
        }
        let decision = if self.in_order {
            self.decision(book)?
        } else {
            String::new()
        };
        book.folder.row(
            "asset_event",
            &[
                ("asset_no", &self.no),
                ("date", &self.date),
                ("kind", &"处置"),
                ("proceeds", &Money(self.proceeds)),
                ("peer", &self.buyer),
                ("decision_no", &decision),
            ],
        )?;
        let lines = vec![
            dr(A::Bank, self.booked, self.buyer),
            dr(A::AccDep, card.cost, ""),
            cr(A::Fixed, card.cost, ""),
            cr(A::Gain, self.booked, self.buyer),
        ];
        let summary = format!("处置{}", self.name);
        book.post(Draft::new(self.date, summary, lines).contract("", self.no));
        Ok(())
    }

    fn appraisal(&self, book: &mut Book) -> Result<(), GenerateError> {
        book.folder.row(
            "appraisal",
            &[
                ("appraisal_no", &format_args!("PG-{}", self.no)),
                ("subject_no", &self.no),
                ("date", &plus(self.date, -20)),
                ("value", &Money(self.proceeds)),
                ("unit", &"总价"),
                ("agency", &"甲评估事务所"),
            ],
        )
    }

    fn decision(&self, book: &mut Book) -> Result<String, GenerateError> {
        let no = format!("JD-{}", self.no);
        let (level, heads) = if book.village {
            ("理事会", 7)
        } else {
            ("董事会", 5)
        };
        let met = plus(self.date, -30);
        book.folder.row(
            "decision",
            &[
                ("decision_no", &no),
                ("level", &level),
                ("meeting_date", &met),
                ("notice_date", &plus(met, -12)),
                ("due", &heads),
                ("present", &heads),
                ("agree", &heads),
                ("matter", &format_args!("处置{}", self.name)),
                ("matter_kind", &"处置"),
                ("subject_no", &self.no),
                ("amount", &Money(self.proceeds)),
                ("notice_from", &plus(met, 2)),
                ("notice_to", &plus(met, 11)),
                ("registered_at", &format_args!("{} 10:00:00", plus(met, 1))),
                ("filed_on", &plus(met, 5)),
            ],
        )?;
        let floor = self.proceeds / 10 * 9;
        let winner = (self.buyer, self.proceeds);
        papers::tender(book, self.no, "竞价", plus(self.date, -5), floor, winner)?;
        Ok(no)
    }
}

/// The old generator goes in the second month, as it should.
pub fn generator(book: &mut Book) -> Result<(), GenerateError> {
    let date = working_day(month_of(book.first, 1), 19);
    if date > book.last() {
        return Ok(());
    }
    let proceeds = book.rng.odd_money(1_500, 4_500);
    let sale = Disposal {
        no: "ZC-0090",
        name: "旧发电机",
        date,
        buyer: "丙物资回收站",
        proceeds,
        booked: proceeds,
        appraised: true,
        in_order: true,
    };
    sale.write(book)
}
