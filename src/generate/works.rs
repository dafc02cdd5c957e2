//! Works contracts with their project and payments.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{Book, Draft, cr, dr};
use super::business::purchase_as;
use super::calendar::plus;
use super::papers;
use crate::model::Money;

/// Works on the village's buildings, booked as repairs; accepted and settled before the last payment.
#[derive(Default)]
pub struct Works<'a> {
    pub contract: &'a str,
    pub project: &'a str,
    pub name: &'a str,
    pub place: &'a str,
    pub party: &'a str,
    pub signed: NaiveDate,
    /// 分.
    pub total: i64,
    pub tendered: bool,
    /// Days after signing, and 分.
    pub payments: &'a [(i64, i64)],
    /// Booked as construction in progress and left there, not as repairs.
    pub in_progress: bool,
    /// Never accepted, although paid for.
    pub unaccepted: bool,
    /// The settlement exceeds contract and budget by so much.
    pub overrun: i64,
    /// The contract exceeds the winning price by so much.
    pub above_award: i64,
    /// Whose account takes the money, if not the builder's.
    pub payee: &'a str,
}

impl Works<'_> {
    /// Writes the papers and queues the payments of the books' span.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let decided = plus(self.signed, -25);
        let decision = papers::contract_decision(book, self.contract, decided, self.name)?;
        self.contract(book, &decision)?;
        if self.tendered {
            let opened = plus(self.signed, -6);
            let price = self.total - self.above_award;
            let winner = (self.party, price);
            papers::tender(book, self.contract, "公开招标", opened, price, winner)?;
            papers::bids(book, self.contract, winner, false)?;
        }
        self.project(book)?;
        let account = if self.in_progress { A::Wip } else { A::Repair };
        let payee = if self.payee.is_empty() {
            self.party
        } else {
            self.payee
        };
        for &(days, fen) in self.payments {
            let date = plus(self.signed, days);
            if date > book.last() {
                continue;
            }
            let lines = vec![dr(account, fen, self.party), cr(A::Bank, fen, payee)];
            let draft =
                Draft::new(date, format!("付{}款", self.name), lines).contract(self.contract, "");
            purchase_as(book, draft, fen, self.party)?;
        }
        Ok(())
    }

    /// The row of the works, finished where the last payment falls into the books.
    fn project(&self, book: &mut Book) -> Result<(), GenerateError> {
        let last = self.payments.iter().map(|p| plus(self.signed, p.0)).max();
        let last = last.filter(|day| *day <= book.last() && !self.unaccepted);
        let day = |before| {
            last.map(|d| plus(d, before).to_string())
                .unwrap_or_default()
        };
        let settled = last.map(|_| Money(self.total + self.overrun).to_string());
        book.folder.row(
            "project",
            &[
                ("project_no", &self.project),
                ("name", &self.name),
                ("location", &self.place),
                ("budget", &Money(self.total)),
                ("contract_no", &self.contract),
                ("settled", &settled.unwrap_or_default()),
                ("fund_source", &"自有资金"),
                ("started_on", &plus(self.signed, 6)),
                ("completed_on", &day(-8)),
                ("accepted_on", &day(-4)),
            ],
        )
    }

    fn contract(&self, book: &mut Book, decision: &str) -> Result<(), GenerateError> {
        let award = if self.tendered { "竞价" } else { "直接" };
        book.folder.row(
            "contract",
            &[
                ("contract_no", &self.contract),
                ("kind", &"工程"),
                ("counterparty", &self.party),
                ("sign_date", &self.signed),
                ("start_date", &plus(self.signed, 6)),
                ("end_date", &plus(self.signed, 96)),
                ("total_amount", &Money(self.total)),
                ("written", &"是"),
                ("signed_us", &book.name),
                ("signed_them", &self.party),
                ("award", &award),
                ("decision_no", &decision),
                ("registered_on", &plus(self.signed, 3)),
                ("status", &"履行"),
            ],
        )
    }
}
