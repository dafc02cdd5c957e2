//! One journal line → one entry of the open run, and the head fields that stand on it.

use crate::model::date::parse_date_time;
use crate::model::voucher::UNDO_ORIGIN;
use crate::model::{ColumnType, Entry, Money, Problem, Text, Voucher, catalogue};

use super::cell;
use super::codes;
use super::field::Field;
use super::journal::Reader;
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
        let account = self.account(row);
        if account.is_empty() {
            let message = "没有科目编码";
            problems.push(self.problem(codes::CELL_EMPTY, row.number, Field::Account, message, ""));
        }
        let beyond = (self.columns.headers.len()..row.len())
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
        let account_name = optional(Field::AccountName);
        let counterparty =
            optional(Field::Counterparty).map(|t| party(&t).map_or(t.clone(), Into::into));
        let (contract_no, asset_no) = (optional(Field::ContractNo), optional(Field::AssetNo));
        let (project, fund) = (optional(Field::Project), optional(Field::Fund));
        let (invoice_no, receipt_no) = (optional(Field::InvoiceNo), optional(Field::ReceiptNo));
        let bank_txn_no = optional(Field::BankTxnNo);
        let settlement = self.word_code(row, Field::Settlement, self.settlements);
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

    fn account(&mut self, row: &Row<'_>) -> Text {
        let code = self.get(row, Field::Account);
        let code = match code.strip_suffix(".0") {
            Some(short) if short.bytes().all(|b| b.is_ascii_digit()) => short,
            _ => code,
        };
        if code.contains(self.profile.code_separators.as_slice()) {
            let code = code.replace(self.profile.code_separators.as_slice(), ".");
            self.texts.text(&code)
        } else {
            self.texts.text(code)
        }
    }

    fn amounts(&self, row: &Row<'_>, problems: &mut Vec<Problem>) -> (Money, Money) {
        let mut read = |field| {
            let text = self.get(row, field);
            cell::money(text).unwrap_or_else(|bad| {
                problems.push(self.problem(bad.code, row.number, field, &bad.message, text));
                Money::ZERO
            })
        };
        if !self.columns.has(Field::Amount) {
            return (read(Field::Debit), read(Field::Credit));
        }
        let amount = read(Field::Amount);
        let direction = self.get(row, Field::Direction);
        match self.side(direction) {
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

    fn later_heads(&mut self, row: &Row<'_>, problems: &mut Vec<Problem>) -> Heads {
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
        let mut text = |field| self.texts.filled(self.columns.get(row, field));
        heads.maker = text(Field::Maker);
        heads.checker = text(Field::Checker);
        heads.poster = text(Field::Poster);
        heads.cashier = text(Field::Cashier);
        heads.reverses = text(Field::Reverses);
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
struct Heads {
    attachments: Option<u32>,
    entered_at: Option<chrono::NaiveDateTime>,
    maker: Option<Text>,
    checker: Option<Text>,
    poster: Option<Text>,
    cashier: Option<Text>,
    reverses: Option<Text>,
    origin: Option<Text>,
    void: bool,
}

impl Heads {
    fn fill(&self, voucher: &mut Voucher) {
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

/// The name in an auxiliary item: `【客商：甲商贸】【部门：行政部】` → 甲商贸, `客户---甲商贸` → 甲商贸.
fn party(text: &str) -> Option<&str> {
    const KINDS: [&str; 8] = [
        "客商",
        "客户",
        "供应商",
        "往来单位",
        "个人",
        "职员",
        "人员",
        "股东",
    ];
    let bracketed = text.split(['【', '】']).filter(|t| !t.is_empty());
    for item in bracketed {
        let kind = KINDS.iter().find(|k| item.starts_with(**k));
        if let Some(kind) = kind {
            let name = item[kind.len()..].trim_start_matches(['：', ':', '-', '—', ' ']);
            if !name.is_empty() && name.len() < item.len() - kind.len() {
                return Some(name);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auxiliary_items_give_the_party() {
        assert_eq!(party("【客商：甲商贸】【部门：行政部】"), Some("甲商贸"));
        assert_eq!(party("客户---甲商贸"), Some("甲商贸"));
        assert_eq!(party("客户服务中心"), None);
        assert_eq!(party("甲商贸"), None);
    }
}
