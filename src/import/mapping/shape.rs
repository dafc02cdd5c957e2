//! What the cells of a column look like: how many are dates, amounts, codes of some chart, and how many different texts
//! there are.

use std::collections::BTreeSet;

use super::vocabulary::Shape;
use crate::import::account_cell;
use crate::import::cell;
use crate::import::chart::Charts;
use crate::import::number;
use crate::import::span::Span;
use crate::import::table::{Container, Row};

/// Rows below the header that are looked at.
pub const LOOKED_AT: usize = 300;
/// Samples that are shown.
const SAMPLES: usize = 3;

/// What was counted in one column.
#[derive(Debug, Default)]
pub struct Seen {
    filled: usize,
    dates: usize,
    times: usize,
    periods: usize,
    money: usize,
    whole: usize,
    months: usize,
    years: usize,
    vouchers: usize,
    words: usize,
    codes: usize,
    names: usize,
    full: usize,
    accounts: usize,
    cards: usize,
    sides: usize,
    people: usize,
    longest: usize,
    different: BTreeSet<String>,
    pub samples: Vec<String>,
}

/// 凭证字 as packages write them.
const WORDS: [&str; 12] = [
    "记", "收", "付", "转", "现收", "现付", "银收", "银付", "记账", "收款", "付款", "转账",
];
/// A side where there is nothing to be on a side.
const EVEN: &str = "平";
/// Digits from which on a number may be somebody's, and samples show its end only.
const PERSONAL: usize = 10;

impl Seen {
    pub fn of<'r>(
        rows: impl Iterator<Item = Row<'r>>,
        column: usize,
        container: Container,
        charts: &Charts,
        sides: &[&String],
    ) -> Seen {
        let mut seen = Seen::default();
        for row in rows.take(LOOKED_AT) {
            let text = row.cell(column).trim();
            if !text.is_empty() {
                seen.count(text, container, charts, sides);
            }
        }
        seen
    }

    fn count(&mut self, text: &str, container: Container, charts: &Charts, sides: &[&String]) {
        let short = text.trim_end_matches(".0");
        let int = short.parse::<u32>().ok();
        let length = text.chars().count();
        let han = text.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        self.filled += 1;
        self.longest = self.longest.max(length);
        self.dates +=
            usize::from(int.is_none_or(|n| n > 20_000) && cell::date(text, container).is_some());
        self.periods += usize::from(int.is_none() && Span::parse(text).is_some());
        self.money += usize::from(cell::money(text).is_ok());
        self.whole += usize::from(int.is_some());
        self.months += usize::from(int.is_some_and(|n| (1..=12).contains(&n)));
        self.years += usize::from(int.is_some_and(|n| (1990..=2100).contains(&n)));
        self.vouchers += usize::from(number::split(text).is_some_and(|(word, _)| !word.is_empty()));
        self.words += usize::from(WORDS.contains(&text));
        let (code, name) = (charts.knows_code(short), charts.knows_name(text));
        let (part, rest) = account_cell::split(text);
        let full = !rest.is_empty() && charts.knows_code(part);
        self.codes += usize::from(code);
        self.names += usize::from(name);
        self.full += usize::from(full);
        self.accounts += usize::from(code || name || full);
        self.cards += usize::from(card(text));
        self.times += usize::from(text.contains(':') && text.len() <= 19);
        self.sides += usize::from(text == EVEN || sides.iter().any(|s| *s == text));
        self.people += usize::from(han && (2..=4).contains(&length));
        if self.different.len() < LOOKED_AT {
            self.different.insert(text.to_owned());
        }
        let sample = shown(text);
        if self.samples.len() < SAMPLES && !self.samples.contains(&sample) {
            self.samples.push(sample);
        }
    }

    /// Of a hundred cells, how many look like a field's. `None`: an empty column looks like nothing.
    pub fn fits(&self, shape: Shape) -> Option<u32> {
        if self.filled == 0 {
            return None;
        }
        let share = |count: usize| (count * 100 / self.filled) as u32;
        let few = self.different.len() <= 12;
        let only = |holds: bool, count: usize| if holds { share(count) } else { 0 };
        Some(match shape {
            Shape::Date => share(self.dates),
            Shape::Time => share(self.times),
            Shape::Full => share(self.full),
            Shape::Account => share(self.accounts),
            Shape::Card => share(self.cards),
            Shape::Period => share(self.periods),
            Shape::Year => only(self.different.len() <= 20, self.years),
            Shape::Month => only(few, self.months),
            Shape::Word => only(few, self.words),
            Shape::Voucher => share(self.vouchers),
            Shape::Number => only(self.different.len() > 1, self.whole.max(self.vouchers)),
            Shape::Line | Shape::Count => only(self.longest <= 3, self.whole),
            Shape::Code => share(self.codes),
            Shape::Name => share(self.names),
            Shape::Money => share(self.money),
            Shape::Side => only(self.different.len() <= 3, self.sides),
            Shape::Person => only(self.different.len() <= 20, self.people),
            Shape::Text => share(self.filled - self.money.max(self.dates)),
            Shape::Mark => only(few, self.filled - self.money),
        })
    }

    /// Long and mostly different texts: what a summary is.
    pub fn wordy(&self) -> bool {
        self.longest >= 5 && self.different.len() * 4 > self.filled
    }
}

/// A sample; of numbers as long as those of accounts and persons only the end, because profiles are passed on.
fn shown(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    match card(text) && digits.len() >= PERSONAL {
        true => format!(
            "****{}",
            digits[digits.len() - 4..].iter().collect::<String>()
        ),
        false => text.to_owned(),
    }
}

/// A bank account's number, whole or with stars in it.
fn card(text: &str) -> bool {
    let plain = text.bytes().filter(|b| !matches!(b, b' ' | b'-'));
    let plain: Vec<u8> = plain.collect();
    (8..=32).contains(&plain.len())
        && plain.iter().all(|b| b.is_ascii_digit() || *b == b'*')
        && plain.iter().any(u8::is_ascii_digit)
}
