//! Journal rows → runs of lines that belong to one voucher. A run ends where the head changes, at a blank row and at a
//! row that is no entry: a head is carried down inside a voucher, never across.

use chrono::{Datelike, NaiveDate};

use crate::model::date::parse_date_time;
use crate::model::{
    ColumnType, Entry, Money, Period, Problem, Problems, Source, Text, Voucher, VoucherId,
    catalogue,
};

use super::cell::{self, Interner};
use super::codes::{self, Code};
use super::field::{Columns, Field};
use super::handin::SetAside;
use super::number;
use super::profile::{Profile, RowWords};
use super::table::{Row, Sheet};
use super::totals::Totals;

/// Consecutive lines with one head. Several of them may turn out to be one voucher.
#[derive(Debug)]
pub struct Run {
    /// Which file account the rows belong to.
    pub file: usize,
    /// The voucher with a date, even if the one handed in is impossible ([`Run::bad_date`]).
    pub voucher: Voucher,
    pub date_text: Text,
    pub bad_date: bool,
    pub void: bool,
    /// 分录号 as handed in, for entries that came out of order.
    pub line_numbers: Vec<Option<u32>>,
    pub problems: Vec<Problem>,
}

/// What was read from one journal sheet.
#[derive(Debug, Default)]
pub struct JournalSheet {
    pub runs: Vec<Run>,
    pub set_aside: Vec<SetAside>,
    /// Rows that belong to no voucher.
    pub refused: u32,
    pub problems: Problems,
}

/// Reads the rows below the header.
pub fn read(
    sheet: &Sheet,
    profile: &Profile,
    columns: &Columns,
    header: usize,
    words: &RowWords,
    file: usize,
) -> JournalSheet {
    let mut reader = Reader {
        sheet,
        profile,
        columns,
        file,
        texts: Interner::default(),
        totals: Totals::default(),
        open: false,
        date: (Text::default(), None),
        last_period: None,
        fills_number: profile.fills("number") || profile.fills("voucher"),
        out: JournalSheet::default(),
    };
    let mut last_number = sheet.grid.row(header).number;
    for index in header + 1..sheet.grid.len() {
        let row = sheet.grid.row(index);
        if row.number > last_number + 1 {
            reader.open = false;
        }
        last_number = row.number;
        match reader.columns.get(&row, Field::Account).is_empty() {
            true if reader.set_aside(&row, words) => reader.open = false,
            _ => reader.line(&row),
        }
    }
    let Reader {
        mut out, totals, ..
    } = reader;
    out.problems.extend(totals.problems);
    out
}

struct Reader<'s> {
    sheet: &'s Sheet,
    profile: &'s Profile,
    columns: &'s Columns,
    file: usize,
    texts: Interner,
    totals: Totals,
    /// Whether the last run may be continued by a line without head.
    open: bool,
    /// The last date text and what it is: consecutive lines share it.
    date: (Text, Option<NaiveDate>),
    last_period: Option<Period>,
    fills_number: bool,
    out: JournalSheet,
}

/// The head of a line as handed in.
struct Head<'a> {
    date: &'a str,
    word: &'a str,
    number: &'a str,
    /// 凭证字号 could be read, if there is any.
    sound: bool,
}

impl Reader<'_> {
    fn get<'a>(&self, row: &Row<'a>, field: Field) -> &'a str {
        self.columns.get(row, field)
    }

    fn problem(
        &self,
        code: &'static Code,
        row: u32,
        field: Field,
        message: &str,
        found: &str,
    ) -> Problem {
        let place = self.sheet.place(Some(row), self.columns.header(field));
        code.at(place, message, found)
    }

    /// Recognises a row that is no entry. Only called for rows without an account.
    fn set_aside(&mut self, row: &Row<'_>, words: &RowWords) -> bool {
        let Some((kind, is_total)) = row.cells().find_map(|cell| recognised(cell, words)) else {
            return self.repeated_header(row);
        };
        if is_total {
            let amounts = TotalRow {
                debit: self.get(row, Field::Debit),
                credit: self.get(row, Field::Credit),
                amount: self.get(row, Field::Amount),
                side: self.side(self.get(row, Field::Direction)),
            };
            let place = self.sheet.place(Some(row.number), None);
            self.totals.check(&amounts, &kind, place);
        }
        self.push_aside(row, kind);
        true
    }

    /// A header printed again on every page.
    fn repeated_header(&mut self, row: &Row<'_>) -> bool {
        let same = row
            .cells()
            .zip(&self.columns.headers)
            .filter(|(cell, _)| !cell.is_empty())
            .all(|(cell, header)| super::header::normalise(cell) == *header);
        if same {
            self.push_aside(row, "表头".to_owned());
        }
        same
    }

    fn push_aside(&mut self, row: &Row<'_>, kind: String) {
        self.out.set_aside.push(SetAside {
            row: row.number,
            kind,
            text: row.joined(),
        });
    }

    /// `Some(true)`: debit.
    fn side(&self, text: &str) -> Option<bool> {
        if self.profile.debit_words.iter().any(|w| w == text) {
            Some(true)
        } else if self.profile.credit_words.iter().any(|w| w == text) {
            Some(false)
        } else {
            None
        }
    }

    fn line(&mut self, row: &Row<'_>) {
        let head = self.head(row);
        let has_number = !head.number.is_empty() || !head.sound;
        let continues = self.open && self.continues(&head, has_number, row);
        if !continues {
            let nameless = !has_number && head.date.is_empty();
            let no_account = self.get(row, Field::Account).is_empty();
            if nameless || (no_account && !has_number) {
                self.open = false;
                self.out.refused += 1;
                let message = "没有日期和凭证号,也不接在任何凭证之后";
                let found = row.joined();
                let place = self.sheet.place(Some(row.number), None);
                self.out
                    .problems
                    .push(codes::HEAD_MISSING.at(place, message, &found));
                return;
            }
            self.begin(row, &head, has_number);
        }
        self.entry(row);
        self.open = true;
    }

    fn head<'a>(&self, row: &Row<'a>) -> Head<'a> {
        let date = self.get(row, Field::Date);
        let combined = self.get(row, Field::Voucher);
        if !combined.is_empty() {
            let parts = number::split(combined);
            let (word, number) = parts.unwrap_or((combined, ""));
            return Head {
                date,
                word,
                number,
                sound: parts.is_some(),
            };
        }
        let (word, text) = (self.get(row, Field::Word), self.get(row, Field::Number));
        // A number column may hold word and number all the same.
        let parts = number::clean_number(text)
            .map(|n| ("", n))
            .or_else(|| number::split(text));
        let sound = text.is_empty() || parts.is_some();
        let (inner, number) = parts.unwrap_or(("", ""));
        let word = if word.is_empty() {
            inner
        } else {
            number::clean_word(word)
        };
        Head {
            date,
            word,
            number,
            sound,
        }
    }

    /// Whether a line belongs to the run before it.
    fn continues(&self, head: &Head<'_>, has_number: bool, row: &Row<'_>) -> bool {
        let Some(run) = self.out.runs.last() else {
            return false;
        };
        let same_date = head.date.is_empty() || head.date == &*run.date_text;
        if !has_number {
            return self.fills_number && same_date;
        }
        let id = &run.voucher.id;
        let word = self.word(head.word);
        let restarts = match (self.line_number(row), run.line_numbers.last()) {
            (Some(line), Some(Some(last))) => line == 1 && *last >= 1,
            _ => false,
        };
        let same_number =
            *id.number == *VoucherId::new(id.period, Text::default(), head.number).number;
        same_date && !restarts && same_number && *id.word == *word
    }

    fn word<'w>(&'w self, word: &'w str) -> &'w str {
        match word {
            "" => self.profile.default_word.as_deref().unwrap_or(""),
            word => word,
        }
    }

    fn line_number(&self, row: &Row<'_>) -> Option<u32> {
        self.get(row, Field::Line)
            .trim_end_matches(".0")
            .parse()
            .ok()
    }

    /// Starts a run at a line with a head.
    fn begin(&mut self, row: &Row<'_>, head: &Head<'_>, has_number: bool) {
        let mut problems = Vec::new();
        let date = self.date(head.date);
        let period = self.period(row, head, date, &mut problems);
        let word = self.word(head.word).to_owned();
        let (field, found) = match self.columns.has(Field::Voucher) {
            true => (Field::Voucher, self.get(row, Field::Voucher)),
            false => (Field::Number, self.get(row, Field::Number)),
        };
        if head.number.is_empty() {
            let message = match has_number {
                true => "凭证字号里找不到号码",
                false => "没有凭证号",
            };
            problems.push(self.problem(codes::NUMBER_MISSING, row.number, field, message, found));
        } else if word.is_empty() {
            let message = "没有凭证字";
            problems.push(self.problem(
                codes::NUMBER_MISSING,
                row.number,
                Field::Word,
                message,
                "",
            ));
        }
        if date.is_none() {
            let message = if head.date.is_empty() {
                "没有日期"
            } else {
                "不是日期,或没有这一天"
            };
            problems.push(self.problem(
                codes::DATE_BAD,
                row.number,
                Field::Date,
                message,
                head.date,
            ));
        }
        // A voucher without number keeps its own place.
        let number = match head.number {
            "" => format!("?{}", row.number),
            number => number.to_owned(),
        };
        let first_day = period.first_day();
        let id = VoucherId::new(period, self.texts.text(&word), &number);
        let date_text = self.texts.text(head.date);
        self.out.runs.push(Run {
            file: self.file,
            voucher: Voucher {
                id,
                date: date.unwrap_or(first_day),
                attachments: None,
                maker: None,
                checker: None,
                poster: None,
                cashier: None,
                entered_at: None,
                reverses: None,
                origin: None,
                source: Source {
                    file: self.sheet.file.clone(),
                    sheet: self.sheet.sheet.clone(),
                    row: row.number,
                },
                entries: Vec::with_capacity(2),
            },
            date_text,
            bad_date: date.is_none(),
            void: false,
            line_numbers: Vec::with_capacity(2),
            problems,
        });
    }

    fn date(&mut self, text: &str) -> Option<NaiveDate> {
        if *self.date.0 != *text {
            let date = cell::date(text, self.sheet.container)
                .filter(|d| (1900..=2999).contains(&d.year()));
            self.date = (text.into(), date);
        }
        self.date.1
    }

    /// The voucher's period: as handed in, else the date's. An impossible date still names its month.
    fn period(
        &mut self,
        row: &Row<'_>,
        head: &Head<'_>,
        date: Option<NaiveDate>,
        problems: &mut Vec<Problem>,
    ) -> Period {
        let (field, text) = self.period_text(row);
        let stated = match text.as_str() {
            "" => None,
            text => match read_period(text) {
                Some(period) => Some(period),
                None => {
                    let message = "不是会计期间";
                    problems.push(self.problem(
                        codes::PERIOD_BAD,
                        row.number,
                        field,
                        message,
                        text,
                    ));
                    None
                }
            },
        };
        let period = match (stated, date) {
            (Some(period), Some(date)) if !period.contains(date) => {
                // 2024.10 that went through a spreadsheet as a number is 2024.1.
                let lost_zero = period.month == 1 && date.month() == 10 && text.ends_with(".1");
                if lost_zero && period.year == date.year() {
                    Period::of(date)
                } else {
                    let message = format!("日期在 {period} 之外");
                    let problem = self.problem(
                        codes::OUTSIDE_PERIOD,
                        row.number,
                        Field::Date,
                        &message,
                        head.date,
                    );
                    problems.push(problem);
                    period
                }
            }
            (Some(period), _) => period,
            (None, Some(date)) => Period::of(date),
            (None, None) => month_of(head.date).or(self.last_period).unwrap_or(Period {
                year: 1900,
                month: 1,
            }),
        };
        self.last_period = Some(period);
        period
    }

    fn period_text(&self, row: &Row<'_>) -> (Field, String) {
        let period = self.get(row, Field::Period);
        if !period.is_empty() {
            return (Field::Period, period.to_owned());
        }
        let (year, month) = (self.get(row, Field::Year), self.get(row, Field::Month));
        let text = match (year, month) {
            ("", _) | (_, "") => String::new(),
            (year, month) => format!("{year}.{month}"),
        };
        (Field::Month, text)
    }

    /// Adds the line's entry to the open run.
    fn entry(&mut self, row: &Row<'_>) {
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
            true => self.texts.optional(&one_line(summary)),
            false => self.texts.optional(summary),
        };
        let mut optional = |field| self.texts.optional(self.columns.get(row, field));
        let account_name = optional(Field::AccountName);
        let counterparty =
            optional(Field::Counterparty).map(|t| party(&t).map_or(t.clone(), Into::into));
        let (contract_no, asset_no) = (optional(Field::ContractNo), optional(Field::AssetNo));
        let (project, fund) = (optional(Field::Project), optional(Field::Fund));
        let (invoice_no, receipt_no) = (optional(Field::InvoiceNo), optional(Field::ReceiptNo));
        let bank_txn_no = optional(Field::BankTxnNo);
        let settlement = self.word_code(row, Field::Settlement, "settlement");
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
    fn word_code(&mut self, row: &Row<'_>, field: Field, column: &str) -> Option<Text> {
        let text = self.get(row, field);
        if text.is_empty() {
            return None;
        }
        let kind = catalogue()
            .table("voucher")
            .and_then(|t| t.column(column))
            .map(|c| &c.kind);
        let code = match kind {
            Some(ColumnType::Enum { values, .. }) => values
                .iter()
                .find(|(zh, _)| zh == text)
                .map_or(text, |(_, code)| code),
            _ => text,
        };
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
        heads.origin = self.word_code(row, Field::Origin, "source");
        let mut text = |field| self.texts.optional(self.columns.get(row, field));
        heads.maker = text(Field::Maker);
        heads.checker = text(Field::Checker);
        heads.poster = text(Field::Poster);
        heads.cashier = text(Field::Cashier);
        heads.reverses = text(Field::Reverses);
        heads
    }
}

/// Amount cells of a total row, as handed in.
pub struct TotalRow<'a> {
    pub debit: &'a str,
    pub credit: &'a str,
    pub amount: &'a str,
    /// `Some(true)`: debit.
    pub side: Option<bool>,
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

/// The kind of a row that is no entry, and whether it is a total.
fn recognised(cell: &str, words: &RowWords) -> Option<(String, bool)> {
    if cell.is_empty() || cell.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let text: String = cell.split_whitespace().collect();
    let matches = |word: &String| match word.split_once('*') {
        Some((head, tail)) => text.starts_with(head) && text.ends_with(tail),
        None => text.starts_with(word.as_str()),
    };
    let find = |list: &[String]| {
        list.iter()
            .filter(|w| matches(w))
            .max_by_key(|w| w.len())
            .cloned()
    };
    find(&words.others)
        .map(|word| (word, false))
        .or_else(|| find(&words.totals).map(|word| (word, true)))
}

/// `2020.5`, `2020.05`, `3.00000` is none. Tolerates the decimals of a number cell.
fn read_period(text: &str) -> Option<Period> {
    Period::parse(text).ok()
}

/// Year and month of a date that does not exist: `2023-02-30`.
fn month_of(text: &str) -> Option<Period> {
    let mut parts = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|p| !p.is_empty());
    let first = parts.next()?;
    match (first.len(), parts.next()) {
        (4, Some(month)) => Period::new(first.parse().ok()?, month.parse().ok()?),
        (8, None) => Period::new(first[..4].parse().ok()?, first[4..6].parse().ok()?),
        _ => None,
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

    #[test]
    fn impossible_dates_still_name_their_month() {
        let feb = Period {
            year: 2023,
            month: 2,
        };
        assert_eq!(month_of("2023-02-30"), Some(feb));
        assert_eq!(month_of("20230230"), Some(feb));
        assert_eq!(month_of("2023年2月30日"), Some(feb));
        assert_eq!(month_of("某日"), None);
    }
}
