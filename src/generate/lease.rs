//! Lettings: the contract with its tender, decision and tenant, and the rent that it brings.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{After, Book, Draft, cr, dr};
use super::calendar::{month_of, plus};
use super::papers::{self, Receipt};
use super::table::Change;
use crate::model::Money;

/// A letting of more months is decided by the owners, not by the board.
const OWNERS_DECIDE: u32 = 60;

/// What becomes of an instalment that is not simply paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    Nothing,
    /// Less by so many 分.
    Short(i64),
    /// Against a receipt, past the books.
    OffBooks,
}

/// Who decided on a letting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// The board, or the owners where it runs for long; on land of a collective the representatives at least, and the
    /// street approved.
    Duly,
    ByBoard,
    Never,
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
    pub renewal_of: String,
    pub expired: bool,
    /// Agreed and received when it was signed, in 分.
    pub deposit: i64,
    /// Instalments (0 is the first of the contract) that are not simply paid.
    pub odd: Vec<(u32, Paid)>,
    /// Who takes the receipts, if not the tenant.
    pub payer: Option<String>,
    pub decided: Decided,
    /// Columns of the contract that differ from the ordinary.
    pub change: Vec<Change>,
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
            renewal_of: String::new(),
            expired: false,
            deposit: 0,
            odd: Vec::new(),
            payer: None,
            decided: Decided::Duly,
            change: Vec::new(),
        }
    }

    /// Writes the papers and queues the rent of the books' span.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let decision = self.decide(book)?;
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
        self.pay_deposit(book);
        self.collect(book)
    }

    fn decide(&self, book: &mut Book) -> Result<String, GenerateError> {
        let date = plus(self.signed, -20);
        let matter = if self.land {
            "土地发包事项"
        } else {
            "资产出租事项"
        };
        let long = plus(self.end, 1) > month_of(self.start, OWNERS_DECIDE);
        match self.decided {
            Decided::Never => Ok(String::new()),
            Decided::ByBoard => papers::contract_decision(book, &self.no, date, matter),
            Decided::Duly => {
                if self.land && book.village {
                    papers::approval(book, &self.no, "街道", "街道三资办", plus(date, 8))?;
                }
                if long {
                    papers::owners_decision(book, &self.no, date, matter)
                } else if self.land && book.village {
                    papers::representatives_decision(book, &self.no, date, matter)
                } else {
                    papers::contract_decision(book, &self.no, date, matter)
                }
            }
        }
    }

    /// Received in the books, or standing there when they begin.
    fn pay_deposit(&self, book: &mut Book) {
        if self.deposit == 0 {
            return;
        }
        if self.signed < book.first {
            book.open(A::Deposit, -self.deposit, &self.party);
            return;
        }
        let lines = vec![
            dr(A::Bank, self.deposit, &self.party),
            cr(A::Deposit, self.deposit, &self.party),
        ];
        let draft = Draft::new(self.signed, "收租赁押金", lines);
        book.post(draft.contract(&self.no, &self.subject));
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
        book.folder.row_but(
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
                ("deposit", &Money(self.deposit)),
                ("written", &"是"),
                ("signed_us", &book.name),
                ("signed_them", &self.party),
                ("award", &award),
                ("decision_no", &decision),
                ("renewal_of", &self.renewal_of),
                ("registered_on", &plus(self.signed, 3)),
                ("status", if self.expired { &"到期" } else { &"履行" }),
            ],
            &self.change,
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
                    let receipt = self.receipt(book, day, part);
                    receipt.write(&mut book.folder, "")?;
                    book.label("F-008", receipt.key());
                }
                Some(Paid::Nothing) => {}
            }
        }
        Ok(())
    }

    /// One instalment by bank with its receipt.
    fn receive(&self, book: &mut Book, date: NaiveDate, fen: i64) {
        if date > book.last() {
            return;
        }
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
            no: book.receipt_no(date),
            date,
            payer: self.payer.clone().unwrap_or_else(|| self.party.clone()),
            amount,
            channel: "转账",
            contract: self.no.clone(),
        }
    }
}
