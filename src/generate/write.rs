//! Writes a month of a book: numbered vouchers, bank lines, signatures, and the papers that name a voucher.

use chrono::Days;

use super::GenerateError;
use super::account::A;
use super::book::{After, Book, Draft, Line};
use super::calendar::next_working_day;
use crate::model::Money;

impl Book {
    /// Numbers and writes a month's vouchers.
    pub fn write_month(&mut self, month: u32) -> Result<(), GenerateError> {
        let mut drafts = self.queue.remove(&month).unwrap_or_default();
        drafts.sort_by_key(|d| (d.date, d.rank));
        let mut number = 0;
        (self.earned, self.spent) = (0, 0);
        for draft in drafts {
            if draft.statement_only {
                self.write_statement(&draft)?;
                continue;
            }
            number += 1 + u32::from(draft.skip_number);
            self.write_voucher(&draft, number)?;
        }
        Ok(())
    }

    /// The bank's lines of what no voucher books.
    fn write_statement(&mut self, draft: &Draft) -> Result<(), GenerateError> {
        for line in &draft.lines {
            if let Some(account) = line.account.filter(|a| a.is_bank()) {
                self.write_bank(draft, line, account)?;
            }
        }
        Ok(())
    }

    fn write_voucher(&mut self, draft: &Draft, number: u32) -> Result<(), GenerateError> {
        let id = format!("{}-记-{number:04}", draft.date.format("%Y-%m"));
        let entered = draft
            .entered
            .unwrap_or_else(|| next_working_day(draft.date));
        let maker = draft.maker.clone();
        let maker = maker.unwrap_or_else(|| self.staff("会计"));
        let (checker, cashier) = (self.staff("复核"), self.staff("出纳"));
        let checker = if draft.same_person { &maker } else { &checker };
        let attachments = i32::from(draft.source == "手工" && !draft.bare);
        let hour = draft.hour.unwrap_or(9 + number % 8);
        let entered = format!("{entered} {:02}:{:02}", hour, number % 60);
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
                let closing = draft.source == "结转";
                self.move_balance(account, line, closing);
                if !closing {
                    self.count_result(account, line);
                }
            }
        }
        self.entries += draft.lines.len() as u64;
        self.vouchers += 1;
        self.sign(draft, &id)?;
        self.follow_up(draft, &id)
    }

    fn move_balance(&mut self, account: A, line: &Line, closing: bool) {
        let net = line.debit - line.credit;
        if account == A::Rent && !closing {
            self.rent -= net;
        }
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

    fn count_result(&mut self, account: A, line: &Line) {
        if account.is_result() && account.is_credit() {
            self.earned += line.credit - line.debit;
        } else if account.is_result() {
            self.spent += line.debit - line.credit;
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
            let date = match draft.signed_late {
                true => draft.date + Days::new(4 - before),
                false => draft.date - Days::new(before),
            };
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
                After::LabelUnder(rule, first) => self.label(rule, format!("{first}|{id}")),
                After::Claim(claim) => claim.write(&mut self.folder, id)?,
                After::Receipt(receipt) => receipt.write(&mut self.folder, id)?,
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
