//! Accounting periods: a month of a year.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A calendar month. Shown as `2024-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

/// An inclusive span of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodRange {
    pub first: Period,
    pub last: Period,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("「{0}」不是会计期间;请写成 2024-12 或 2024-01..2024-12")]
pub struct PeriodError(pub String);

impl Period {
    pub fn new(year: i32, month: u32) -> Option<Period> {
        ((1900..=2999).contains(&year) && (1..=12).contains(&month))
            .then_some(Period { year, month })
    }

    pub fn of(date: NaiveDate) -> Period {
        Period {
            year: date.year(),
            month: date.month(),
        }
    }

    /// `2024-3`, `2024-03`, `202403`, `2024.3`, `2024年3月`, `2024年第3期`.
    pub fn parse(text: &str) -> Result<Period, PeriodError> {
        let error = || PeriodError(text.trim().to_owned());
        let clean: String = text
            .trim()
            .trim_end_matches(['月', '期'])
            .replace("年第", "-")
            .replace(['.', '年', '/'], "-");
        let (year, month) = match clean.split_once('-') {
            Some((y, m)) => (y, m),
            None if clean.len() == 6 && clean.is_ascii() => clean.split_at(4),
            None => return Err(error()),
        };
        Period::new(
            year.parse().map_err(|_| error())?,
            month.parse().map_err(|_| error())?,
        )
        .ok_or_else(error)
    }

    pub fn contains(self, date: NaiveDate) -> bool {
        Period::of(date) == self
    }

    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    pub fn last_day(self) -> NaiveDate {
        self.next().first_day().pred_opt().unwrap_or_default()
    }

    pub fn next(self) -> Period {
        if self.month == 12 {
            Period {
                year: self.year + 1,
                month: 1,
            }
        } else {
            Period {
                year: self.year,
                month: self.month + 1,
            }
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl PeriodRange {
    /// `2024-12` or `2024-01..2024-12`.
    pub fn parse(text: &str) -> Result<PeriodRange, PeriodError> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let range = PeriodRange {
            first: Period::parse(first)?,
            last: Period::parse(last)?,
        };
        if range.first > range.last {
            Err(PeriodError(text.trim().to_owned()))
        } else {
            Ok(range)
        }
    }
}

impl fmt::Display for PeriodRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            self.first.fmt(f)
        } else {
            write!(f, "{}..{}", self.first, self.last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_periods_and_ranges() {
        for text in [
            "2024-3",
            "2024-03",
            "202403",
            "2024.3",
            "2024年3月",
            "2024年第3期",
        ] {
            assert_eq!(
                Period::parse(text).map(|p| p.to_string()),
                Ok("2024-03".into()),
                "{text}"
            );
        }
        assert!(Period::parse("2024-13").is_err());
        assert!(PeriodRange::parse("2024-12..2024-01").is_err());
        assert_eq!(
            PeriodRange::parse("2024-01..2024-12").map(|r| r.to_string()),
            Ok("2024-01..2024-12".into())
        );
    }

    #[test]
    fn knows_its_last_day() {
        assert_eq!(
            Period {
                year: 2024,
                month: 2
            }
            .last_day()
            .to_string(),
            "2024-02-29"
        );
        assert_eq!(
            Period {
                year: 2024,
                month: 12
            }
            .last_day()
            .to_string(),
            "2024-12-31"
        );
    }
}
