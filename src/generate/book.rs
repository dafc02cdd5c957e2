//! One company's book while it is generated: vouchers wait in a queue by month, are numbered and written month by month.
//! Only balances and the queue stay in memory, never the entries written.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::account::A;
use super::calendar::{month_end, month_of};
use super::inventory::InventoryFault;
use super::papers::{Claim, Receipt};
use super::rng::Rng;
use super::table::Folder;
use super::{GenerateError, GenerateOptions, Label, company, first_day};
use crate::model::Money;

/// One entry before it has a number.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub account: Option<A>,
    pub debit: i64,
    pub credit: i64,
    pub party: String,
    pub contract: String,
    pub asset: String,
    pub invoice: String,
    pub receipt: String,
    pub fund: String,
}

/// What a written voucher's number is needed for.
#[derive(Debug, Clone)]
pub enum After {
    /// A finding keyed by the voucher.
    Label(&'static str),
    /// A finding keyed by another part and the voucher.
    LabelUnder(&'static str, String),
    /// A receipt booked by it.
    Receipt(Receipt),
    /// A claim paid by it.
    Claim(Claim),
    /// Slips of lost work paid by it: date text, person, name, amount.
    Labour(Vec<(String, String, String, i64)>),
}

/// A voucher before it has a number.
#[derive(Debug, Clone)]
pub struct Draft {
    pub date: NaiveDate,
    /// Order within the day: 0 ordinary, 1 after it, 5 month end, 8 closing, 9 year's closing.
    pub rank: u8,
    pub summary: String,
    pub lines: Vec<Line>,
    pub source: &'static str,
    pub same_person: bool,
    pub unsigned: bool,
    /// Signed after it was paid.
    pub signed_late: bool,
    /// Nothing is attached.
    pub bare: bool,
    /// Breaks a ledger invariant on purpose: outside all balances.
    pub bad: bool,
    /// Leaves the number before it unused.
    pub skip_number: bool,
    /// Known to the bank alone: its lines stand on the statement, no voucher books them.
    pub statement_only: bool,
    pub entered: Option<NaiveDate>,
    /// Entered at this hour, if not in office hours.
    pub hour: Option<u32>,
    /// Entered by somebody else than the accountant.
    pub maker: Option<String>,
    pub after: Vec<After>,
}

impl Draft {
    pub fn new(date: NaiveDate, summary: impl Into<String>, lines: Vec<Line>) -> Draft {
        Draft {
            date,
            rank: 0,
            summary: summary.into(),
            lines,
            source: "手工",
            same_person: false,
            unsigned: false,
            signed_late: false,
            bare: false,
            bad: false,
            skip_number: false,
            statement_only: false,
            entered: None,
            hour: None,
            maker: None,
            after: Vec::new(),
        }
    }

    pub fn rank(mut self, rank: u8) -> Draft {
        self.rank = rank;
        self
    }

    /// A voucher of the program's own: depreciation, closing.
    pub fn source(mut self, source: &'static str) -> Draft {
        self.source = source;
        self
    }

    pub fn after(mut self, after: After) -> Draft {
        self.after.push(after);
        self
    }

    /// The contract and asset numbers on every line.
    pub fn contract(mut self, contract: &str, asset: &str) -> Draft {
        for line in &mut self.lines {
            contract.clone_into(&mut line.contract);
            asset.clone_into(&mut line.asset);
        }
        self
    }

    /// The earmarked fund on every line.
    pub fn fund(mut self, fund: &str) -> Draft {
        for line in &mut self.lines {
            fund.clone_into(&mut line.fund);
        }
        self
    }

    /// The invoice number on every line.
    pub fn invoice(mut self, invoice: &str) -> Draft {
        for line in &mut self.lines {
            invoice.clone_into(&mut line.invoice);
        }
        self
    }
}

/// A debit entry.
pub fn dr(account: A, fen: i64, party: &str) -> Line {
    Line {
        account: Some(account),
        debit: fen,
        party: party.to_owned(),
        ..Line::default()
    }
}

/// A credit entry.
pub fn cr(account: A, fen: i64, party: &str) -> Line {
    Line {
        account: Some(account),
        credit: fen,
        party: party.to_owned(),
        ..Line::default()
    }
}

/// What injections change in the registers kept from month to month; months counted from 0.
#[derive(Debug, Clone, Default)]
pub struct Oddities {
    /// Month whose cash was not counted.
    pub uncounted: Option<u32>,
    /// Month whose disclosure shows so many 分 more income than the books.
    pub misstated: Option<(u32, i64)>,
    /// Month that was closed two weeks late.
    pub late_closing: Option<u32>,
    /// Year whose meeting was held without the report laid open before.
    pub unpublished_report: Option<i32>,
}

/// The book of one company.
pub struct Book {
    /// Place of the company in the street, from 0.
    pub index: u32,
    pub code: String,
    pub name: String,
    pub village: bool,
    /// Code and name of the joint company that this company is a member of.
    pub joint: Option<(String, String)>,
    pub first: NaiveDate,
    pub months: u32,
    pub rng: Rng,
    pub folder: Folder,
    /// Debit minus credit by account and party (party only where openings keep it).
    pub balances: BTreeMap<(A, String), i64>,
    /// Result of income and expense not yet closed, debit minus credit.
    pub open_result: BTreeMap<A, i64>,
    /// Of all assets together, in 分 a month.
    pub depreciation: i64,
    /// Rent of premises written so far, and how much of it was taxed, in 分.
    pub rent: i64,
    pub rent_taxed: i64,
    /// Whether the tax on rent is accrued at all.
    pub taxes_rent: bool,
    /// From this year on the openings show fixed assets and capital higher by so many 分 than the year before closed.
    pub opening_shift: Option<(i32, i64)>,
    /// What is wrong with the first inventory.
    pub inventory_fault: Option<InventoryFault>,
    /// Quarter of the books (0 is the first) without disclosure.
    pub hidden_quarter: Option<u32>,
    pub odd: Oddities,
    /// Income and expense of the month written last, closings left out.
    pub earned: i64,
    pub spent: i64,
    /// Premises and parcels that have their place on the plan.
    pub premises: u32,
    pub parcels: u32,
    pub labels: Vec<Label>,
    pub entries: u64,
    pub vouchers: u64,
    pub(super) queue: BTreeMap<u32, Vec<Draft>>,
    serial: u64,
    /// Receipts made out by year: the number used last.
    receipts: BTreeMap<i32, u32>,
    pub(super) bank_running: BTreeMap<A, i64>,
}

impl Book {
    /// An empty book of the company at `index`.
    pub fn new(options: &GenerateOptions, index: u32) -> Result<Book, GenerateError> {
        let code = company::code(index);
        let joint = options.companies - 1;
        let member = company::is_joint(options, joint) && index != joint;
        Ok(Book {
            folder: Folder::new(&options.out.join(&code))?,
            index,
            code,
            name: company::name(options, index),
            village: company::is_village(options, index),
            joint: member.then(|| (company::code(joint), company::name(options, joint))),
            first: first_day(),
            months: options.months,
            rng: Rng::new(options.seed, u64::from(index)),
            balances: BTreeMap::new(),
            open_result: BTreeMap::new(),
            depreciation: 0,
            premises: 0,
            parcels: 0,
            rent: 0,
            rent_taxed: 0,
            taxes_rent: true,
            opening_shift: None,
            inventory_fault: None,
            hidden_quarter: None,
            odd: Oddities::default(),
            earned: 0,
            spent: 0,
            labels: Vec::new(),
            entries: 0,
            vouchers: 0,
            queue: BTreeMap::new(),
            serial: 0,
            receipts: BTreeMap::new(),
            bank_running: BTreeMap::new(),
        })
    }

    /// The last day of the books.
    pub fn last(&self) -> NaiveDate {
        month_end(month_of(self.first, self.months - 1))
    }

    /// The code's digits, which end the names of the company's people.
    pub fn digits(&self) -> &str {
        &self.code[1..]
    }

    pub fn staff(&self, duty: &str) -> String {
        format!("{duty}{}", self.digits())
    }

    pub fn account_no(&self, account: A) -> String {
        format!(
            "82{}{}",
            &self.code[1..],
            if account == A::Bank { "0001" } else { "0009" }
        )
    }

    /// A number that no other paper of this company has.
    pub fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// The next number of the year's receipt book. Every number taken must be written, or the book has a gap.
    pub fn receipt_no(&mut self, date: NaiveDate) -> String {
        let used = self.receipts.entry(date.year()).or_default();
        *used += 1;
        format!("{:02}{used:06}", date.year() % 100)
    }

    /// Adds to an opening balance (debit positive). Only before the first month.
    pub fn open(&mut self, account: A, fen: i64, party: &str) {
        *self
            .balances
            .entry((account, party.to_owned()))
            .or_default() += fen;
    }

    pub fn label(&mut self, rule: &'static str, key: impl Into<String>) {
        let label = Label {
            rule,
            organisation: self.code.clone(),
            key: key.into(),
        };
        self.labels.push(label);
    }

    /// Queues a voucher; one dated outside the books is dropped. Returns whether it was taken.
    pub fn post(&mut self, draft: Draft) -> bool {
        if draft.date < self.first || draft.date > self.last() {
            return false;
        }
        let months = (draft.date.year() - self.first.year()) * 12 + draft.date.month0() as i32
            - self.first.month0() as i32;
        self.queue
            .entry(months.unsigned_abs())
            .or_default()
            .push(draft);
        true
    }

    /// Queued entries of a month, so far.
    pub fn queued(&self, month: u32) -> u64 {
        self.queue
            .get(&month)
            .map_or(0, |d| d.iter().map(|d| d.lines.len() as u64).sum())
    }

    /// Income and expense of a month and of the months before that were not closed: account, debit minus credit.
    pub fn result_with(&self, month: u32) -> BTreeMap<A, i64> {
        let mut sums = self.open_result.clone();
        for line in self
            .queue
            .get(&month)
            .into_iter()
            .flatten()
            .filter(|d| !d.bad)
            .flat_map(|d| &d.lines)
        {
            if let Some(account) = line.account.filter(|a| a.is_result()) {
                *sums.entry(account).or_default() += line.debit - line.credit;
            }
        }
        sums
    }

    /// Rent of premises up to the end of a month that is queued.
    pub fn rent_with(&self, month: u32) -> i64 {
        let queued = self.queue.get(&month).into_iter().flatten();
        let lines = queued.filter(|d| !d.bad).flat_map(|d| &d.lines);
        let rent = lines.filter(|l| l.account == Some(A::Rent));
        self.rent + rent.map(|l| l.credit - l.debit).sum::<i64>()
    }

    /// Balance of an account over all parties.
    pub fn total(&self, account: A) -> i64 {
        self.balances
            .iter()
            .filter(|((a, _), _)| *a == account)
            .map(|(_, v)| v)
            .sum()
    }

    /// Writes the opening balances of a year from the current balances.
    pub fn write_openings(&mut self, year: i32) -> Result<(), GenerateError> {
        if self.bank_running.is_empty() {
            for bank in [A::Bank, A::CompBank] {
                self.bank_running.insert(bank, self.total(bank));
            }
        }
        let mut rows: BTreeMap<(A, &str), i64> = self
            .balances
            .iter()
            .map(|((a, p), v)| ((*a, p.as_str()), *v))
            .collect();
        if let Some((_, fen)) = self.opening_shift.filter(|s| s.0 <= year) {
            *rows.entry((A::Capital, "")).or_default() -= fen;
            *rows.entry((A::Fixed, "")).or_default() += fen;
        }
        for ((account, party), fen) in rows.into_iter().filter(|r| r.1 != 0) {
            let side = if fen > 0 { "debit" } else { "credit" };
            self.folder.row(
                "opening_balance",
                &[
                    ("year", &year),
                    ("account", &account.code(self.village)),
                    ("counterparty", &party),
                    (side, &Money(fen.abs())),
                ],
            )?;
        }
        Ok(())
    }
}
