//! The head of a journal line: date, word and number, period, in all the forms that packages give them.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use super::cell;
use super::codes;
use super::field::Field;
use super::journal::Reader;
use super::matching::Places;
use super::number;
use super::profile::plain_width;
use super::span::Span;
use super::table::Row;
use crate::model::{Period, Problem};

/// The head of a line as handed in.
pub(super) struct Head<'a> {
    pub(super) date: Cow<'a, str>,
    pub(super) word: Cow<'a, str>,
    pub(super) number: Cow<'a, str>,
    /// 凭证字号 could be read, if there is any.
    pub(super) sound: bool,
}

/// What the titles above a journal say of its year.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Titles {
    year: Option<i32>,
    span: Option<Span>,
}

impl Titles {
    pub(super) fn of(places: &Places) -> Titles {
        Titles {
            year: places.fixed("year").and_then(|text| text.parse().ok()),
            span: places.fixed("period").and_then(Span::parse),
        }
    }

    /// The one year in which the month can lie.
    fn year_of(&self, month: u32) -> Option<i32> {
        match self.span {
            Some(span) => span.year_of(month),
            None => self.year,
        }
    }
}

impl Reader<'_> {
    pub(super) fn head<'a>(&self, row: &Row<'a>) -> Head<'a> {
        let date = self.date_text(row);
        let combined = self.get(row, Field::Voucher);
        if !combined.is_empty() {
            let text = plain_width(combined);
            let parts = split(text, number::split);
            let sound = parts.is_some();
            let (word, number) = parts.unwrap_or((combined.into(), "".into()));
            return Head {
                date,
                word,
                number,
                sound,
            };
        }
        let (word, text) = (self.get(row, Field::Word), self.get(row, Field::Number));
        // A number column may hold word and number all the same.
        let parts = split(plain_width(text), |text| {
            number::clean_number(text)
                .map(|n| ("", n))
                .or_else(|| number::split(text))
        });
        let sound = text.is_empty() || parts.is_some();
        let (inner, number) = parts.unwrap_or_default();
        let word = match word {
            "" => inner,
            word => number::clean_word(word).into(),
        };
        Head {
            date,
            word,
            number,
            sound,
        }
    }

    /// The date, put together where it is split into columns and a title.
    fn date_text<'a>(&self, row: &Row<'a>) -> Cow<'a, str> {
        let date = self.get(row, Field::Date);
        let part = |field, unit| {
            let text = self.get(row, field).trim_end_matches(unit);
            text.strip_suffix(".0").unwrap_or(text)
        };
        let day = part(Field::Day, '日');
        if !date.is_empty() || day.is_empty() {
            return date.into();
        }
        let month = part(Field::Month, '月');
        let year = match part(Field::Year, '年') {
            "" => month.parse().ok().and_then(|m| self.titles.year_of(m)),
            year => year.parse().ok(),
        };
        match year {
            Some(year) => format!("{year}-{month}-{day}").into(),
            None => format!("{month}月{day}日").into(),
        }
    }

    pub(super) fn date(&mut self, text: &str) -> Option<NaiveDate> {
        if *self.date.0 != *text {
            let date = cell::date(text, self.sheet.container)
                .filter(|d| (1900..=2999).contains(&d.year()));
            self.date = (text.into(), date);
        }
        self.date.1
    }

    pub(super) fn date_problem(&self, row: &Row<'_>, head: &Head<'_>) -> Problem {
        let split = self.get(row, Field::Date).is_empty() && !head.date.is_empty();
        let message = match &*head.date {
            "" => "没有日期",
            text if split && text.ends_with('日') => "只有月和日,列和标题里都找不到年份",
            _ => "不是日期,或没有这一天",
        };
        let field = if split { Field::Day } else { Field::Date };
        self.problem(codes::DATE_BAD, row.number, field, message, &head.date)
    }

    /// The voucher's period: as handed in, else the date's. An impossible date still names its month.
    pub(super) fn period(
        &mut self,
        row: &Row<'_>,
        head: &Head<'_>,
        date: Option<NaiveDate>,
        problems: &mut Vec<Problem>,
    ) -> Period {
        let (field, text) = self.period_text(row);
        let stated = match &*text {
            "" => None,
            text => {
                let stated = self.read_period(text, date);
                if stated.is_none() {
                    let message = "不是会计期间";
                    problems.push(self.problem(
                        codes::PERIOD_BAD,
                        row.number,
                        field,
                        message,
                        text,
                    ));
                }
                stated
            }
        };
        let period = match (stated, date) {
            (Some(period), Some(date)) if !period.contains(date) => {
                // 2024.10 that went through a spreadsheet as a number is 2024.1.
                let lost_zero = period.month == 1 && date.month() == 10 && text.ends_with(".1");
                if lost_zero && period.year == date.year() {
                    Period::of(date)
                } else {
                    let message = format!("日期在 {period} 之外");
                    let code = codes::OUTSIDE_PERIOD;
                    problems.push(self.problem(
                        code,
                        row.number,
                        Field::Date,
                        &message,
                        &head.date,
                    ));
                    period
                }
            }
            (Some(period), _) => period,
            (None, Some(date)) => Period::of(date),
            (None, None) => month_of(&head.date).or(self.last_period).unwrap_or(Period {
                year: 1900,
                month: 1,
            }),
        };
        self.last_period = Some(period);
        period
    }

    /// `2020.5`, `2020年第5期`; a bare month belongs to the year of the date or of the title.
    fn read_period(&self, text: &str, date: Option<NaiveDate>) -> Option<Period> {
        Period::parse(text).ok().or_else(|| {
            let month = u32::try_from(cell::month(text).ok()?).ok()?;
            let year = date
                .map(|d| d.year())
                .or_else(|| self.titles.year_of(month))?;
            Period::new(year, month)
        })
    }

    fn period_text<'a>(&self, row: &Row<'a>) -> (Field, Cow<'a, str>) {
        let period = self.get(row, Field::Period);
        if !period.is_empty() {
            return (Field::Period, plain_width(period));
        }
        let (year, month) = (self.get(row, Field::Year), self.get(row, Field::Month));
        let text = match (year, month) {
            ("", _) | (_, "") => "".into(),
            (year, month) => {
                let year = year.trim_end_matches(['年', '度']);
                format!(
                    "{}.{}",
                    year.trim_end_matches(".0"),
                    month.trim_end_matches(".0")
                )
                .into()
            }
        };
        (Field::Month, text)
    }
}

/// Splits a text, keeping it borrowed where it can be.
fn split<'a>(
    text: Cow<'a, str>,
    by: impl Fn(&str) -> Option<(&str, &str)>,
) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    match text {
        Cow::Borrowed(text) => by(text).map(|(word, number)| (word.into(), number.into())),
        Cow::Owned(text) => {
            by(&text).map(|(word, number)| (word.to_owned().into(), number.to_owned().into()))
        }
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

    #[test]
    fn full_width_numbers_are_split_too() {
        let of = |text| split(plain_width(text), number::split);
        assert_eq!(of("记－００７９"), Some(("记".into(), "0079".into())));
        assert_eq!(of("记-79"), Some(("记".into(), "79".into())));
    }
}
