//! Compensation for land taken: received into an account, paid out to the households, the collective part kept.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::{Book, Draft, Line, cr, dr};
use super::calendar::plus;
use super::papers::Decision;
use crate::model::Money;

const HOUSEHOLDS: [&str; 4] = ["赵", "钱", "孙", "李"];

/// One land compensation project.
pub struct Project<'a> {
    pub no: &'a str,
    pub name: &'a str,
    pub received: NaiveDate,
    pub account: A,
    /// The households get theirs twelve days later.
    pub paid_out: bool,
    /// The plan is a council's or board's, not the owners'.
    pub by_council: bool,
    /// The first on the list is no member and is paid for land.
    pub outsider: bool,
}

impl<'a> Project<'a> {
    /// As it should be: into the special account, and on to the households.
    pub fn paid_out(no: &'a str, name: &'a str, received: NaiveDate) -> Project<'a> {
        Project {
            no,
            name,
            received,
            account: A::CompBank,
            paid_out: true,
            by_council: false,
            outsider: false,
        }
    }
}

impl Project<'_> {
    /// Writes the project, its plan and its list, and queues receipt and pay-out.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let shares: Vec<(String, i64)> = HOUSEHOLDS
            .iter()
            .map(|h| {
                let fen = book.rng.odd_money(12_000, 46_000);
                (format!("{h}某{}", book.digits()), fen)
            })
            .collect();
        let collective = book.rng.odd_money(60_000, 120_000);
        let total = collective + shares.iter().map(|s| s.1).sum::<i64>();
        let plan = self.plan(book)?;
        let account = book.account_no(self.account);
        book.folder.row(
            "land_comp",
            &[
                ("project_no", &self.no),
                ("name", &self.name),
                ("total", &Money(total)),
                ("collective_part", &Money(collective)),
                ("received_on", &self.received),
                ("account_hash", &account),
                ("decision_no", &plan),
            ],
        )?;
        let payer = "区土地征收事务中心";
        let lines = vec![dr(self.account, total, payer), cr(A::Comp, total, payer)];
        book.post(Draft::new(
            self.received,
            "收到征地补偿款",
            self.tagged(lines),
        ));
        for (n, (name, fen)) in shares.into_iter().enumerate() {
            self.pay(book, &name, fen, self.outsider && n == 0)?;
        }
        Ok(())
    }

    fn plan(&self, book: &mut Book) -> Result<String, GenerateError> {
        let no = format!("JD-{}", self.no);
        let (level, votes) = match (book.village, self.by_council) {
            (true, true) => ("理事会", (7, 7, 7)),
            (true, false) => ("成员大会", (120, 108, 99)),
            (false, _) => ("股东会", (100, 100, 100)),
        };
        let decision = Decision {
            no: &no,
            level,
            date: plus(self.received, 3),
            votes,
            matter: "征地补偿款分配方案",
            kind: "补偿",
            subject: self.no,
        };
        decision.write(book)?;
        Ok(no)
    }

    fn pay(
        &self,
        book: &mut Book,
        name: &str,
        fen: i64,
        outsider: bool,
    ) -> Result<(), GenerateError> {
        let day = plus(self.received, 12);
        let paid_on = match self.paid_out {
            true => day.to_string(),
            false => String::new(),
        };
        book.folder.row(
            "comp_payee",
            &[
                ("project_no", &self.no),
                ("payee", &name),
                ("item", if outsider { &"土地" } else { &"青苗" }),
                ("qty", &1),
                ("unit", &"户"),
                ("amount", &Money(fen)),
                ("paid_on", &paid_on),
                ("signed", &"是"),
                ("is_member", if outsider { &"否" } else { &"是" }),
            ],
        )?;
        if self.paid_out {
            let lines = vec![dr(A::Comp, fen, name), cr(self.account, fen, name)];
            book.post(Draft::new(day, "发放青苗补偿", self.tagged(lines)));
        }
        Ok(())
    }

    fn tagged(&self, mut lines: Vec<Line>) -> Vec<Line> {
        for line in &mut lines {
            self.no.clone_into(&mut line.fund);
        }
        lines
    }
}
