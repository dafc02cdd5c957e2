//! Journal rows → runs of lines that belong to one voucher. A run ends where the head changes, at a blank row and at a
//! row that is no entry: a head is carried down inside a voucher, never across.

use chrono::{Datelike, NaiveDate};

use crate::model::{Interner, Period, Problem, Problems, Source, Text, Voucher, VoucherId};

use super::cell;
use super::codes::{self, Code};
use super::entry;
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
        settlements: entry::words("settlement"),
        origins: entry::words("source"),
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

pub(super) struct Reader<'s> {
    pub(super) sheet: &'s Sheet,
    pub(super) profile: &'s Profile,
    pub(super) columns: &'s Columns,
    file: usize,
    pub(super) texts: Interner,
    pub(super) totals: Totals,
    pub(super) settlements: &'static [(String, String)],
    pub(super) origins: &'static [(String, String)],
    /// Whether the last run may be continued by a line without head.
    open: bool,
    /// The last date text and what it is: consecutive lines share it.
    date: (Text, Option<NaiveDate>),
    last_period: Option<Period>,
    fills_number: bool,
    pub(super) out: JournalSheet,
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
    pub(super) fn get<'a>(&self, row: &Row<'a>, field: Field) -> &'a str {
        self.columns.get(row, field)
    }

    pub(super) fn problem(
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
    pub(super) fn side(&self, text: &str) -> Option<bool> {
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
        let same_number = *id.number == *VoucherId::plain_number(head.number);
        same_date && !restarts && same_number && *id.word == *word
    }

    fn word<'w>(&'w self, word: &'w str) -> &'w str {
        match word {
            "" => self.profile.default_word.as_deref().unwrap_or(""),
            word => word,
        }
    }

    pub(super) fn line_number(&self, row: &Row<'_>) -> Option<u32> {
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
        let (field, text) = self.period_text(row, date);
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

    fn period_text(&self, row: &Row<'_>, date: Option<NaiveDate>) -> (Field, String) {
        let period = self.get(row, Field::Period);
        if !period.is_empty() {
            return (Field::Period, period.to_owned());
        }
        let (year, month) = (self.get(row, Field::Year), self.get(row, Field::Month));
        let month = whole(month);
        let text = match (year, month, date) {
            (_, "", _) | ("", _, None) => String::new(),
            // A month without a year, as in 金蝶 KIS: it must still be the date's.
            ("", month, Some(date)) => format!("{}.{month}", date.year()),
            (year, month, _) => format!("{year}.{month}"),
        };
        (Field::Month, text)
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

/// A number without the decimals of a number column: `3.00000` is 3.
fn whole(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
