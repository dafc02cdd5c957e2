//! One company's book while it is generated: vouchers wait in a queue by month, are numbered and written month by month.
//! Only balances and the queue stay in memory, never the entries written.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};

use super::account::A;
use super::calendar::{month_end, month_of};
use super::rng::Rng;
use super::table::Folder;
use super::{GenerateError, Label};
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
    /// A receipt booked by it.
    Receipt {
        no: String,
        date: NaiveDate,
        payer: String,
        amount: i64,
        contract: String,
    },
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
    /// Breaks a ledger invariant on purpose: outside all balances.
    pub bad: bool,
    /// Leaves the number before it unused.
    pub skip_number: bool,
    pub entered: Option<NaiveDate>,
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
            bad: false,
            skip_number: false,
            entered: None,
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

/// The book of one company.
pub struct Book {
    pub code: String,
    pub name: String,
    pub village: bool,
    pub first: NaiveDate,
    pub months: u32,
    pub rng: Rng,
    pub folder: Folder,
    /// Debit minus credit by account and party (party only where openings keep it).
    pub balances: BTreeMap<(A, String), i64>,
    /// Result of income and expense not yet closed, debit minus credit.
    pub open_result: BTreeMap<A, i64>,
    /// The opening of this year is falsified by this amount (year, 分).
    pub opening_shift: Option<(i32, i64)>,
    pub labels: Vec<Label>,
    pub entries: u64,
    pub vouchers: u64,
    queue: BTreeMap<u32, Vec<Draft>>,
    serial: u64,
    bank_running: BTreeMap<A, i64>,
}

impl Book {
    pub fn new(
        out: &Path,
        code: String,
        name: String,
        village: bool,
        span: (NaiveDate, u32),
        rng: Rng,
    ) -> Result<Book, GenerateError> {
        Ok(Book {
            folder: Folder::new(&out.join(&code))?,
            code,
            name,
            village,
            first: span.0,
            months: span.1,
            rng,
            balances: BTreeMap::new(),
            open_result: BTreeMap::new(),
            opening_shift: None,
            labels: Vec::new(),
            entries: 0,
            vouchers: 0,
            queue: BTreeMap::new(),
            serial: 0,
            bank_running: BTreeMap::new(),
        })
    }

    /// The last day of the books.
    pub fn last(&self) -> NaiveDate {
        month_end(month_of(self.first, self.months - 1))
    }

    pub fn staff(&self, duty: &str) -> String {
        format!("{duty}{}", &self.code[1..])
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
        if let Some((at, fen)) = self.opening_shift.filter(|s| s.0 == year) {
            debug_assert_eq!(at, year);
            *rows.entry((A::Retained, "")).or_default() -= fen;
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

    /// Numbers and writes a month's vouchers.
    pub fn write_month(&mut self, month: u32) -> Result<(), GenerateError> {
        let mut drafts = self.queue.remove(&month).unwrap_or_default();
        drafts.sort_by_key(|d| (d.date, d.rank));
        let mut number = 0;
        for draft in drafts {
            number += 1 + u32::from(draft.skip_number);
            self.write_voucher(&draft, number)?;
        }
        Ok(())
    }

    fn write_voucher(&mut self, draft: &Draft, number: u32) -> Result<(), GenerateError> {
        let id = format!("{}-记-{number:04}", draft.date.format("%Y-%m"));
        let entered = draft.entered.unwrap_or(draft.date);
        let (maker, checker, cashier) =
            (self.staff("会计"), self.staff("复核"), self.staff("出纳"));
        let checker = if draft.same_person { &maker } else { &checker };
        let attachments = i32::from(draft.source == "手工");
        let entered = format!("{entered} {:02}:{:02}", 9 + number % 8, number % 60);
        for (n, line) in draft.lines.iter().enumerate() {
            let Some(account) = line.account else {
                continue;
            };
            let bank_txn = if account.is_bank() {
                self.write_bank(draft, line, account)?
            } else {
                String::new()
            };
            let side = if line.debit != 0 { "debit" } else { "credit" };
            let settlement = match account {
                A::Cash => "现金",
                a if a.is_bank() => "转账",
                _ => "",
            };
            self.folder.row(
                "voucher",
                &[
                    ("date", &draft.date),
                    ("word", &"记"),
                    ("number", &format_args!("{number:04}")),
                    ("line", &(n + 1)),
                    ("summary", &draft.summary),
                    ("account", &account.code(self.village)),
                    ("account_name", &account.name(self.village)),
                    (side, &Money(line.debit + line.credit)),
                    ("counterparty", &line.party),
                    ("contract_no", &line.contract),
                    ("asset_no", &line.asset),
                    ("fund", &line.fund),
                    ("invoice_no", &line.invoice),
                    ("receipt_no", &line.receipt),
                    ("bank_txn_no", &bank_txn),
                    ("settlement", &settlement),
                    ("attachments", &attachments),
                    ("maker", &maker),
                    ("checker", checker),
                    ("poster", checker),
                    ("cashier", &cashier),
                    ("entered_at", &entered),
                    ("source", &draft.source),
                ],
            )?;
            if !draft.bad {
                self.move_balance(account, line);
            }
        }
        self.entries += draft.lines.len() as u64;
        self.vouchers += 1;
        self.sign(draft, &id)?;
        self.follow_up(draft, &id)
    }

    fn move_balance(&mut self, account: A, line: &Line) {
        let net = line.debit - line.credit;
        if account.is_result() {
            *self.open_result.entry(account).or_default() += net;
        } else {
            let party = if account.keeps_party() {
                line.party.clone()
            } else {
                String::new()
            };
            *self.balances.entry((account, party)).or_default() += net;
        }
    }

    fn write_bank(
        &mut self,
        draft: &Draft,
        line: &Line,
        account: A,
    ) -> Result<String, GenerateError> {
        let serial = self.serial();
        let number = format!(
            "{}{}{serial:07}",
            &self.code[1..],
            draft.date.format("%y%m%d"),
        );
        let balance = self.bank_running.entry(account).or_default();
        *balance += line.debit - line.credit;
        let balance = Money(*balance);
        let (side, fen) = if line.debit != 0 {
            ("credit_in", line.debit)
        } else {
            ("debit_out", line.credit)
        };
        let no = self.account_no(account);
        self.folder.row(
            "bank_txn",
            &[
                ("account_hash", &no),
                ("txn_no", &number),
                ("date", &draft.date),
                (side, &Money(fen)),
                ("balance", &balance),
                ("peer_name", &line.party),
                ("memo", &draft.summary),
            ],
        )?;
        Ok(number)
    }

    /// Signatures for a payment of 10 000 元 or more, before its day; 200 000 and more goes to the street as well.
    fn sign(&mut self, draft: &Draft, id: &str) -> Result<(), GenerateError> {
        let money = |l: &&Line| l.account.is_some_and(|a| a.is_bank() || a == A::Cash);
        let out: i64 = draft
            .lines
            .iter()
            .filter(money)
            .map(|l| l.credit - l.debit)
            .sum();
        if out < 1_000_000 || draft.unsigned {
            return Ok(());
        }
        let steps = [
            ("经办", "会计", 3),
            ("财务", "财务", 2),
            ("负责人", "负责", 1),
            ("监事", "监事", 1),
            ("街道", "街道", 0),
        ];
        let count = if out >= 20_000_000 { 5 } else { 4 };
        for (step, duty, before) in steps.into_iter().take(count) {
            let approver = self.staff(duty);
            let date = draft.date - Days::new(before);
            self.folder.row(
                "approval",
                &[
                    ("subject_no", &id),
                    ("step", &step),
                    ("approver", &approver),
                    ("result", &"同意"),
                    ("date", &date),
                ],
            )?;
        }
        Ok(())
    }

    fn follow_up(&mut self, draft: &Draft, id: &str) -> Result<(), GenerateError> {
        for after in &draft.after {
            match after {
                After::Label(rule) => self.label(rule, id),
                After::Receipt {
                    no,
                    date,
                    payer,
                    amount,
                    contract,
                } => self.folder.row(
                    "receipt",
                    &[
                        ("no", no),
                        ("book", &format_args!("B{}", date.year())),
                        ("date", date),
                        ("payer", payer),
                        ("amount", &Money(*amount)),
                        ("channel", &"转账"),
                        ("contract_no", contract),
                        ("void", &"否"),
                        ("voucher", &id),
                    ],
                )?,
                After::Labour(slips) => {
                    for (date, person, name, fen) in slips {
                        self.folder.row(
                            "labour_day",
                            &[
                                ("date_text", date),
                                ("person", person),
                                ("name", name),
                                ("matter", &"协助巡查清洁"),
                                ("place", &"村湾"),
                                ("days", &1),
                                ("amount", &Money(*fen)),
                                ("signed", &"是"),
                                ("voucher", &id),
                            ],
                        )?;
                    }
                }
            }
        }
        Ok(())
    }
}
