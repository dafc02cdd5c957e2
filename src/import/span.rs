//! Spans of months as packages write them in titles and columns: `2026.01-2026.02`, `2026年第1期至第2期`, `2020.5`.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::{Period, PeriodRange};

/// Months from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub first: Period,
    pub last: Period,
}

/// Year and month, wherever they stand.
static MONTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\d{4})[年.\-/]?第?(\d{1,2})(?:\D|$)|(\d{4})(\d{2})(?:\d{2})?")
        .expect("a sound pattern")
});
/// A whole year.
static YEAR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(\d{4})年度?$").expect("a sound pattern"));
/// A month behind the first one, of the same year.
static LATER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:[至到~～]|--?|—)第?(\d{1,2})[月期]?$").expect("a sound pattern")
});

impl Span {
    /// One month or two in a text. `None`: none, or in the wrong order.
    pub fn parse(text: &str) -> Option<Span> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Ok(period) = Period::parse(&text) {
            return Some(Span::of(period));
        }
        if let Some(year) = YEAR.captures(&text) {
            let year = year[1].parse().ok()?;
            let (first, last) = (Period::new(year, 1)?, Period::new(year, 12)?);
            return Some(Span { first, last });
        }
        let mut months = Vec::new();
        let mut rest = text.as_str();
        while let Some(found) = MONTH.captures(rest) {
            let pair = found
                .get(1)
                .zip(found.get(2))
                .or(found.get(3).zip(found.get(4)));
            let (year, month) = pair?;
            months.push(Period::new(
                year.as_str().parse().ok()?,
                month.as_str().parse().ok()?,
            )?);
            rest = &rest[found.get(0)?.end().min(rest.len())..];
        }
        let (first, mut last) = (*months.first()?, *months.last()?);
        if months.len() == 1
            && let Some(later) = LATER.captures(&text)
        {
            last = Period::new(first.year, later[1].parse().ok()?)?;
        }
        (first <= last).then_some(Span { first, last })
    }

    pub fn of(period: Period) -> Span {
        Span {
            first: period,
            last: period,
        }
    }

    /// Bare months of a known year: `3`, `3月`, `3.00000`, `1-2`, `第1期至第2期`.
    pub fn within(year: i32, text: &str) -> Option<Span> {
        let whole = match text.split_once('.') {
            Some((whole, decimals)) if decimals.bytes().all(|b| b == b'0') => whole,
            _ => text,
        };
        let months = whole
            .split(|c: char| !c.is_ascii_digit())
            .filter(|t| !t.is_empty())
            .map(|t| Period::new(year, t.parse().ok()?))
            .collect::<Option<Vec<_>>>()?;
        match *months.as_slice() {
            [month] => Some(Span::of(month)),
            [first, last] if first <= last => Some(Span { first, last }),
            _ => None,
        }
    }

    /// The only year of the span in which a month lies.
    pub fn year_of(&self, month: u32) -> Option<i32> {
        let inside = |year: &i32| {
            Period::new(*year, month).is_some_and(|p| (self.first..=self.last).contains(&p))
        };
        let mut years = (self.first.year..=self.last.year).filter(inside);
        let year = years.next()?;
        years.next().is_none().then_some(year)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PeriodRange {
            first: self.first,
            last: self.last,
        }
        .fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_all_forms() {
        for (text, want) in [
            ("2026.01-2026.02", "2026-01..2026-02"),
            ("月份:2026.01-2026.02", "2026-01..2026-02"),
            ("2020.5", "2020-05"),
            ("2024年第1期", "2024-01"),
            ("2024年第1期至第3期", "2024-01..2024-03"),
            ("2024年1月-3月", "2024-01..2024-03"),
            ("2024年1期 至 2024年12期", "2024-01..2024-12"),
            ("202601-202603", "2026-01..2026-03"),
            ("2026-01-01至2026-02-28", "2026-01..2026-02"),
            ("20260101-20260331", "2026-01..2026-03"),
            ("2026年度", "2026-01..2026-12"),
        ] {
            let span = Span::parse(text).map(|s| s.to_string());
            assert_eq!(span.as_deref(), Some(want), "{text}");
        }
        for text in ["", "一月", "2026.13", "2026.02-2026.01", "12"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_of_a_year_and_years_of_a_month() {
        for (text, want) in [
            ("3", "2026-03"),
            ("3月", "2026-03"),
            ("3.00000", "2026-03"),
            ("1-2", "2026-01..2026-02"),
            ("第1期至第2期", "2026-01..2026-02"),
        ] {
            let span = Span::within(2026, text).map(|s| s.to_string());
            assert_eq!(span.as_deref(), Some(want), "{text}");
        }
        assert_eq!(Span::within(2026, "13"), None);
        let winter = Span::parse("2025.11-2026.02").unwrap();
        assert_eq!(winter.year_of(12), Some(2025));
        assert_eq!(winter.year_of(1), Some(2026));
        assert_eq!(winter.year_of(6), None);
        assert_eq!(Span::parse("2025.01-2026.02").unwrap().year_of(1), None);
    }
}
