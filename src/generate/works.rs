//! Works contracts with their project and payments.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{Book, Draft, cr, dr};
use super::business::purchase_as;
use super::calendar::plus;
use super::papers;
use crate::model::Money;

/// Works on the village's buildings.
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
}

impl Works<'_> {
    /// Writes the papers and queues the payments of the books' span, as repairs.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        self.write_on(book, A::Repair, None)
    }

    /// [`write`](Works::write) on an account, for works accepted at their full price on a day.
    pub fn write_on(
        &self,
        book: &mut Book,
        account: A,
        accepted: Option<NaiveDate>,
    ) -> Result<(), GenerateError> {
        let decided = plus(self.signed, -25);
        let decision = papers::contract_decision(book, self.contract, decided, self.name)?;
        self.contract(book, &decision)?;
        if self.tendered {
            let opened = plus(self.signed, -6);
            let winner = (self.party, self.total);
            papers::tender(book, self.contract, "公开招标", opened, self.total, winner)?;
            papers::bids(book, self.contract, winner, false)?;
        }
        let (settled, accepted) = match accepted {
            Some(day) => (Money(self.total).to_string(), day.to_string()),
            None => (String::new(), String::new()),
        };
        book.folder.row(
            "project",
            &[
                ("project_no", &self.project),
                ("name", &self.name),
                ("location", &self.place),
                ("budget", &Money(self.total)),
                ("contract_no", &self.contract),
                ("fund_source", &"自有资金"),
                ("started_on", &plus(self.signed, 6)),
                ("settled", &settled),
                ("accepted_on", &accepted),
            ],
        )?;
        for &(days, fen) in self.payments {
            let date = plus(self.signed, days);
            if date > book.last() {
                continue;
            }
            let lines = vec![dr(account, fen, self.party), cr(A::Bank, fen, self.party)];
            let draft =
                Draft::new(date, format!("付{}款", self.name), lines).contract(self.contract, "");
            purchase_as(book, draft, fen, self.party)?;
        }
        Ok(())
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
