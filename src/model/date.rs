//! Dates as people and packages write them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// Reads a calendar date in any of the forms `2024-03-01`, `2024/3/1`, `2024.3.1`, `20240301`, `2024年3月1日`
/// (full-width digits too; a time of day behind it is dropped). `None`: no such date.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    if let Some(date) = iso_date(text) {
        return Some(date);
    }
    // A cell may hold anything, and be of any length.
    if text.len() > LONGEST {
        return None;
    }
    let text = normalise(text);
    let head = text.split(['T', ' ']).next()?;
    let digits: Vec<&str> = head
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月'])
        .collect();
    match digits.as_slice() {
        [compact] if compact.len() == 8 && compact.is_ascii() => {
            ymd(&compact[..4], &compact[4..6], &compact[6..])
        }
        [y, m, d] => ymd(y, m, d),
        _ => None,
    }
}

/// Bytes of the longest text that is a date, with time, blanks and full-width digits.
const LONGEST: usize = 256;

/// Reads a date with an optional time of day (`2024-03-01 18:05[:09]`); midnight when absent; whole
/// seconds, because fractions differ between databases.
pub fn parse_date_time(text: &str) -> Option<NaiveDateTime> {
    // Most rows have none.
    if text.is_empty() {
        return None;
    }
    if let (Some(date), Some(time)) = (
        text.get(..10).and_then(iso_date),
        text.get(10..).and_then(clock),
    ) {
        return Some(date.and_time(time));
    }
    let date = parse_date(text)?;
    let text = normalise(text);
    let time = match text.split_once(['T', ' ']) {
        None => NaiveTime::MIN,
        Some((_, rest)) => {
            let rest = rest.trim();
            NaiveTime::parse_from_str(rest, "%H:%M:%S%.f")
                .or_else(|_| NaiveTime::parse_from_str(rest, "%H:%M"))
                .ok()?
        }
    };
    date.and_time(time).with_nanosecond(0)
}

/// The date of an Excel serial number (1900 system: 45352 = 2024-03-01). Only serials of 1950 to 2100 are taken for dates.
pub fn from_excel_serial(serial: i64) -> Option<NaiveDate> {
    if !(18_264..=73_415).contains(&serial) {
        return None;
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)?
        .checked_add_days(chrono::Days::new(serial.unsigned_abs()))
}

/// Exactly `2024-03-01`: what most files hold, read without an allocation.
pub fn iso_date(text: &str) -> Option<NaiveDate> {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let year = i32::try_from(digits(&b[..4])?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(&b[5..7])?, digits(&b[8..])?)
}

/// The text of a date, [`iso_date`]'s counterpart, kept without an allocation.
#[derive(Debug, Clone, Copy)]
pub struct IsoText([u8; 10]);

impl IsoText {
    pub fn as_str(&self) -> &str {
        // Digits and hyphens only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A date as `2024-03-01`. Years outside 0 to 9999 have no such text; the program lets in 1900 to 2999.
pub fn iso_text(date: NaiveDate) -> IsoText {
    let mut text = *b"0000-00-00";
    let year = date.year().rem_euclid(10_000).unsigned_abs();
    let places = [(0, year / 1000), (1, year / 100), (2, year / 10), (3, year)];
    let (month, day) = (date.month(), date.day());
    let rest = [(5, month / 10), (6, month), (8, day / 10), (9, day)];
    for (at, number) in places.into_iter().chain(rest) {
        text[at] = b'0' + (number % 10) as u8;
    }
    IsoText(text)
}

/// Exactly ` 18:05:09` or ` 18:05`.
fn clock(text: &str) -> Option<NaiveTime> {
    let b = text.as_bytes();
    let seconds = match b {
        [.., b':', tens, ones] if b.len() == 9 => digits(&[*tens, *ones])?,
        _ if b.len() == 6 => 0,
        _ => return None,
    };
    if !matches!(b[0], b' ' | b'T') || b[3] != b':' {
        return None;
    }
    NaiveTime::from_hms_opt(digits(&b[1..3])?, digits(&b[4..6])?, seconds)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, b| {
        b.is_ascii_digit()
            .then(|| number * 10 + u32::from(b - b'0'))
    })
}

fn normalise(text: &str) -> String {
    text.trim()
        .trim_start_matches('\'')
        .chars()
        .map(|c| {
            // Digits, and what stands between them: － ． ／ and the blank and colon of a time of day.
            match c {
                '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
                '－' => '-',
                '．' => '.',
                '／' => '/',
                '：' => ':',
                '\u{3000}' => ' ',
                c => c,
            }
        })
        .collect()
}

fn ymd(y: &str, m: &str, d: &str) -> Option<NaiveDate> {
    if y.trim().len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(
        y.trim().parse().ok()?,
        m.trim().parse().ok()?,
        d.trim().parse().ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        let want = NaiveDate::from_ymd_opt(2024, 3, 1);
        for text in [
            "2024-03-01",
            "2024/3/1",
            "2024.3.1",
            "20240301",
            "2024年3月1日",
            "２０２４-０３-０１",
            "２０２４－０３－０１",
            "２０２４．３．１",
            "２０２４／３／１",
            "２０２４年３月１日",
            " 2024-03-01 ",
            "'2024-03-01",
            "2024-03-01 12:30:00",
            "2024-03-01T00:00:00",
        ] {
            assert_eq!(parse_date(text), want, "{text}");
        }
        assert_eq!(from_excel_serial(45352), want);
        assert_eq!(
            parse_date_time("2024-03-01 18:05").map(|t| t.to_string()),
            Some("2024-03-01 18:05:00".into())
        );
    }

    #[test]
    fn the_iso_text_is_that_of_the_calendar() {
        for (year, month, day) in [(1900, 1, 1), (2024, 2, 29), (2999, 12, 31)] {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            assert_eq!(iso_text(date).as_str(), date.to_string());
            assert_eq!(iso_date(iso_text(date).as_str()), Some(date));
        }
    }

    #[test]
    fn refuses_impossible_dates() {
        for text in [
            "2023-02-29",
            "2024-13-01",
            "24-3-1",
            "2024-3",
            "",
            "三月一日",
            "2024年",
            "１２３４５６７８９",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
