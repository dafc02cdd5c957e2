//! One journal line → one entry of the open run, and the head fields that stand on it.

use crate::model::date::parse_date_time;
use crate::model::voucher::UNDO_ORIGIN;
use crate::model::{ColumnType, Entry, Money, Problem, Text, Voucher, catalogue};

use super::account_cell;
use super::codes;
use super::field::Field;
use super::journal::Reader;
use super::profile::plain_width;
use super::table::Row;

impl Reader<'_> {
    /// Adds the line's entry to the open run.
    pub(super) fn entry(&mut self, row: &Row<'_>) {
        let mut problems = Vec::new();
        let (debit, credit) = self.amounts(row, &mut problems);
        match problems.is_empty() {
            true => self.totals.add(debit, credit),
            false => self.totals.spoil(),
        }
        let (account, full_name) = self.account(row);
        if account.is_empty() {
            let message = "没有科目编码";
            problems.push(self.problem(codes::CELL_EMPTY, row.number, Field::Account, message, ""));
        }
        let beyond = (self.columns.places.headers.len()..row.len())
            .map(|i| row.cell(i))
            .find(|t| !t.is_empty());
        if let Some(text) = beyond {
            let place = self.sheet.place(Some(row.number), None);
            problems.push(codes::CELLS_BEYOND.at(place, "最后一列之后还有内容", text));
        }
        let line_number = self.line_number(row);
        let summary = self.get(row, Field::Summary);
        let summary = match summary.contains(['\n', '\r']) {
            true => self.texts.filled(&one_line(summary)),
            false => self.texts.filled(summary),
        };
        let mut optional = |field| self.texts.filled(self.columns.get(row, field));
        let account_name = optional(Field::AccountName).or(full_name);
        let (contract_no, asset_no) = (optional(Field::ContractNo), optional(Field::AssetNo));
        let (project, fund) = (optional(Field::Project), optional(Field::Fund));
        let (invoice_no, receipt_no) = (optional(Field::InvoiceNo), optional(Field::ReceiptNo));
        let bank_txn_no = optional(Field::BankTxnNo);
        let settlement = self.word_code(row, Field::Settlement, self.settlements);
        let (counterparty, project) = self.aux(row, project);
        let heads = self.later_heads(row, &mut problems);
        let Some(run) = self.out.runs.last_mut() else {
            return;
        };
        heads.fill(&mut run.voucher);
        run.void |= heads.void;
        run.line_numbers.push(line_number);
        run.problems.append(&mut problems);
        run.voucher.entries.push(Entry {
            line: run.voucher.entries.len() as u32 + 1,
            summary,
            account,
            account_name,
            debit,
            credit,
            counterparty,
            contract_no,
            asset_no,
            project,
            fund,
            invoice_no,
            receipt_no,
            bank_txn_no,
            settlement,
            source_row: row.number,
        });
    }

    /// Code, and the name that stands with it in one cell.
    fn account(&mut self, row: &Row<'_>) -> (Text, Option<Text>) {
        let code = self.get(row, Field::Account);
        if !code.is_empty() {
            return (self.texts.text(&self.profile.code(code)), None);
        }
        let full = plain_width(self.get(row, Field::AccountFull));
        let (code, name) = account_cell::split(&full);
        (
            self.texts.text(&self.profile.code(code)),
            self.texts.filled(name),
        )
    }

    /// Counterparty and project, from columns of their own or from auxiliary items.
    fn aux(&mut self, row: &Row<'_>, project: Option<Text>) -> (Option<Text>, Option<Text>) {
        let party = self.get(row, Field::Counterparty);
        let party = self.words.aux.items(party).counterparty.unwrap_or(party);
        let items = self.words.aux.items(self.get(row, Field::Aux));
        let party = if party.is_empty() {
            items.counterparty.unwrap_or_default()
        } else {
            party
        };
        let project = project.or_else(|| self.texts.filled(items.project.unwrap_or_default()));
        (self.texts.filled(party), project)
    }

    pub(super) fn amounts(&self, row: &Row<'_>, problems: &mut Vec<Problem>) -> (Money, Money) {
        let mut read = |field| {
            let text = self.get(row, field);
            self.profile.money(text).unwrap_or_else(|bad| {
                problems.push(self.problem(bad.code, row.number, field, &bad.message, text));
                Money::ZERO
            })
        };
        if !self.columns.has(Field::Amount) {
            return (read(Field::Debit), read(Field::Credit));
        }
        let amount = read(Field::Amount);
        let direction = self.get(row, Field::Direction);
        match self.profile.side(direction) {
            Some(true) => (amount, Money::ZERO),
            Some(false) => (Money::ZERO, amount),
            None => {
                let message = "既不是借也不是贷";
                let problem = self.problem(
                    codes::SIDE_BAD,
                    row.number,
                    Field::Direction,
                    message,
                    direction,
                );
                problems.push(problem);
                (Money::ZERO, Money::ZERO)
            }
        }
    }

    /// An open enumeration of the voucher table.
    fn word_code(
        &mut self,
        row: &Row<'_>,
        field: Field,
        words: &[(String, String)],
    ) -> Option<Text> {
        let text = self.get(row, field);
        if text.is_empty() {
            return None;
        }
        let code = words
            .iter()
            .find(|(zh, _)| zh == text)
            .map_or(text, |(_, code)| code);
        Some(self.texts.text(code))
    }

    pub(super) fn later_heads(&mut self, row: &Row<'_>, problems: &mut Vec<Problem>) -> Heads {
        let attachments = self.get(row, Field::Attachments).trim_end_matches(".0");
        let entered_at = self.get(row, Field::EnteredAt);
        let void = self.get(row, Field::Void);
        let mut heads = Heads {
            attachments: attachments.trim_end_matches(['张', '份']).parse().ok(),
            entered_at: parse_date_time(entered_at),
            void: self.profile.void_words.iter().any(|w| w == void),
            ..Heads::default()
        };
        if !attachments.is_empty() && heads.attachments.is_none() {
            let message = "附件数不是整数";
            let field = Field::Attachments;
            problems.push(self.problem(codes::NUMBER_BAD, row.number, field, message, attachments));
        }
        if !entered_at.is_empty() && heads.entered_at.is_none() {
            let field = Field::EnteredAt;
            problems.push(self.problem(codes::TIME_BAD, row.number, field, "不是时间", entered_at));
        }
        heads.origin = self.word_code(row, Field::Origin, self.origins);
        if heads.origin.as_deref() == Some(UNDO_ORIGIN) {
            let message = "这个词留给本程序撤销批次时使用";
            let field = Field::Origin;
            problems.push(self.problem(codes::WORD_BAD, row.number, field, message, UNDO_ORIGIN));
        }
        // 审核 and 过账 are persons in one package and ticks in another.
        let mut person = |field| {
            let text = self.columns.get(row, field);
            let tick = self.words.ticks.iter().any(|word| word == text);
            if tick { None } else { self.texts.filled(text) }
        };
        heads.maker = person(Field::Maker);
        heads.checker = person(Field::Checker);
        heads.poster = person(Field::Poster);
        heads.cashier = person(Field::Cashier);
        heads.reverses = self.texts.filled(self.columns.get(row, Field::Reverses));
        heads
    }
}

/// The words of an enumeration of the voucher table, with their codes.
pub(super) fn words(column: &str) -> &'static [(String, String)] {
    let table = catalogue().table("voucher");
    match table.and_then(|t| t.column(column)).map(|c| &c.kind) {
        Some(ColumnType::Enum { values, .. }) => values,
        _ => &[],
    }
}

/// Head fields that may stand on any line; the first that is filled counts.
#[derive(Default)]
pub(super) struct Heads {
    attachments: Option<u32>,
    entered_at: Option<chrono::NaiveDateTime>,
    maker: Option<Text>,
    checker: Option<Text>,
    poster: Option<Text>,
    cashier: Option<Text>,
    reverses: Option<Text>,
    origin: Option<Text>,
    pub(super) void: bool,
}

impl Heads {
    pub(super) fn of(voucher: &Voucher) -> Heads {
        Heads {
            attachments: voucher.attachments,
            entered_at: voucher.entered_at,
            maker: voucher.maker.clone(),
            checker: voucher.checker.clone(),
            poster: voucher.poster.clone(),
            cashier: voucher.cashier.clone(),
            reverses: voucher.reverses.clone(),
            origin: voucher.origin.clone(),
            void: false,
        }
    }

    pub(super) fn fill(&self, voucher: &mut Voucher) {
        voucher.attachments = voucher.attachments.or(self.attachments);
        voucher.entered_at = voucher.entered_at.or(self.entered_at);
        let texts = [
            (&mut voucher.maker, &self.maker),
            (&mut voucher.checker, &self.checker),
            (&mut voucher.poster, &self.poster),
            (&mut voucher.cashier, &self.cashier),
            (&mut voucher.reverses, &self.reverses),
            (&mut voucher.origin, &self.origin),
        ];
        for (kept, new) in texts {
            if kept.is_none() {
                kept.clone_from(new);
            }
        }
    }
}

fn one_line(text: &str) -> String {
    text.split(['\r', '\n'])
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
