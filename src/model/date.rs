//! Dates as people and packages write them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// Reads a calendar date in any of the forms `2024-03-01`, `2024/3/1`, `2024.3.1`, `20240301`, `2024年3月1日`
/// (full-width digits too; a time of day behind it is dropped). `None`: no such date.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    if let Some(date) = iso_date(text) {
        return Some(date);
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

/// Reads a date with an optional time of day (`2024-03-01 18:05[:09]`); midnight when absent; whole
/// seconds, because fractions differ between databases.
pub fn parse_date_time(text: &str) -> Option<NaiveDateTime> {
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

/// Exactly ` 18:05:09`.
fn clock(text: &str) -> Option<NaiveTime> {
    let b = text.as_bytes();
    if b.len() != 9 || !matches!(b[0], b' ' | b'T') || b[3] != b':' || b[6] != b':' {
        return None;
    }
    NaiveTime::from_hms_opt(digits(&b[1..3])?, digits(&b[4..6])?, digits(&b[7..])?)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, b| {
        b.is_ascii_digit()
            .then(|| number * 10 + u32::from(b - b'0'))
    })
}

fn normalise(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| {
            if ('０'..='９').contains(&c) {
                char::from(b'0' + (c as u32 - '０' as u32) as u8)
            } else {
                c
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
            " 2024-03-01 ",
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
