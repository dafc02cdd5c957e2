//! Lettings: the contract with its tender, decision and tenant, and the rent that it brings.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{After, Book, Draft, cr, dr};
use super::calendar::{month_of, plus};
use super::papers::{self, Receipt};
use crate::model::Money;

/// What becomes of an instalment that is not simply paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    Nothing,
    /// Less by so many 分.
    Short(i64),
    /// Against a receipt, past the books.
    OffBooks,
}

/// A contract that brings rent: by the quarter for premises, by the year for land.
#[derive(Debug, Clone)]
pub struct Lease {
    pub no: String,
    /// Asset or parcel.
    pub subject: String,
    pub party: String,
    /// The tenant's telephone, if not one of its own.
    pub phone: Option<String>,
    pub start: NaiveDate,
    pub end: NaiveDate,
    pub signed: NaiveDate,
    /// Square metres; for land hundredths of a 亩.
    pub area: i64,
    /// 分 a year, a multiple of four.
    pub rent: i64,
    pub land: bool,
    /// The tender's floor in 分; none: let without a tender.
    pub floor: Option<i64>,
    /// Land that only the board or council decided on, in a collective too.
    pub by_board: bool,
    pub renewal_of: String,
    pub expired: bool,
    /// Instalments (0 is the first of the contract) that are not simply paid.
    pub odd: Vec<(u32, Paid)>,
}

impl Lease {
    /// Premises let by tender to a tenant named after the contract.
    pub fn new(
        no: &str,
        subject: &str,
        span: (NaiveDate, NaiveDate),
        area: i64,
        rent: i64,
    ) -> Lease {
        Lease {
            no: no.to_owned(),
            subject: subject.to_owned(),
            party: format!("{}号商户", &no[3..]),
            phone: None,
            start: span.0,
            end: span.1,
            signed: span.0,
            area,
            rent,
            land: false,
            floor: Some(rent / 10 * 9),
            by_board: false,
            renewal_of: String::new(),
            expired: false,
            odd: Vec::new(),
        }
    }

    /// Writes the papers and queues the rent of the books' span.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let decided = plus(self.signed, -20);
        let decision = if self.land && !self.by_board {
            papers::land_decision(book, &self.no, decided)?
        } else {
            papers::contract_decision(book, &self.no, decided, "资产出租事项")?
        };
        self.contract(book, &decision)?;
        if let Some(floor) = self.floor {
            let winner = (self.party.as_str(), self.rent);
            papers::tender(book, &self.no, "竞价", plus(self.signed, -8), floor, winner)?;
        }
        match &self.phone {
            Some(phone) => papers::party_at(book, &self.party, phone)?,
            None if self.renewal_of.is_empty() => papers::party(book, &self.party)?,
            None => {}
        }
        self.collect(book)
    }

    fn contract(&self, book: &mut Book, decision: &str) -> Result<(), GenerateError> {
        let (kind, unit, cycle) = if self.land {
            ("土地承包", "亩", "年")
        } else {
            ("租赁", "平方米", "季")
        };
        let area = if self.land {
            Money(self.area).to_string()
        } else {
            self.area.to_string()
        };
        let award = match self.floor {
            Some(_) => "公开招租",
            None => "协商",
        };
        book.folder.row(
            "contract",
            &[
                ("contract_no", &self.no),
                ("kind", &kind),
                ("subject_no", &self.subject),
                ("counterparty", &self.party),
                ("sign_date", &self.signed),
                ("start_date", &self.start),
                ("end_date", &self.end),
                ("area", &area),
                ("area_unit", &unit),
                ("annual_rent", &Money(self.rent)),
                ("cycle", &cycle),
                ("first_due", &self.start),
                ("written", &"是"),
                ("signed_us", &book.name),
                ("signed_them", &self.party),
                ("award", &award),
                ("decision_no", &decision),
                ("renewal_of", &self.renewal_of),
                ("registered_on", &plus(self.signed, 3)),
                ("status", if self.expired { &"到期" } else { &"履行" }),
            ],
        )
    }

    /// The rent within two days of each due date, but for the odd instalments.
    fn collect(&self, book: &mut Book) -> Result<(), GenerateError> {
        let (step, part) = if self.land {
            (12, self.rent)
        } else {
            (3, self.rent / 4)
        };
        let last = book.last().min(self.end);
        for k in 0.. {
            let due = month_of(self.start, step * k);
            if due > last {
                break;
            }
            if due < book.first {
                continue;
            }
            let day = plus(due, i64::from(k % 3));
            match self.odd.iter().find(|o| o.0 == k).map(|o| o.1) {
                None => self.receive(book, day, part),
                Some(Paid::Short(fen)) => self.receive(book, day, part - fen),
                Some(Paid::OffBooks) => {
                    self.receipt(book, day, part).write(&mut book.folder, "")?
                }
                Some(Paid::Nothing) => {}
            }
        }
        Ok(())
    }

    /// One instalment by bank with its receipt.
    fn receive(&self, book: &mut Book, date: NaiveDate, fen: i64) {
        let receipt = self.receipt(book, date, fen);
        let income = if self.land { A::Land } else { A::Rent };
        let mut lines = vec![dr(A::Bank, fen, &self.party), cr(income, fen, &self.party)];
        for line in &mut lines {
            receipt.no.clone_into(&mut line.receipt);
        }
        let draft = Draft::new(date, "收租金", lines)
            .contract(&self.no, &self.subject)
            .after(After::Receipt(receipt));
        book.post(draft);
    }

    fn receipt(&self, book: &mut Book, date: NaiveDate, amount: i64) -> Receipt {
        Receipt {
            no: format!("{:08}", book.serial()),
            date,
            payer: self.party.clone(),
            amount,
            channel: "转账",
            contract: self.no.clone(),
        }
    }
}
