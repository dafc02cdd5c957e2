//! Days and months.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// First day of the month `n` months after `first`.
pub fn month_of(first: NaiveDate, n: u32) -> NaiveDate {
    first.checked_add_months(Months::new(n)).unwrap_or(first)
}

/// First day of the month `n` months before `first`, or the same day of it.
pub fn months_before(first: NaiveDate, n: u32) -> NaiveDate {
    first.checked_sub_months(Months::new(n)).unwrap_or(first)
}

/// Last day of the month that begins at `start`.
pub fn month_end(start: NaiveDate) -> NaiveDate {
    month_of(start, 1).pred_opt().unwrap_or(start)
}

/// A day of the month that begins at `start`; a weekend moves to Monday if that is still the same month, else back to Friday.
pub fn working_day(start: NaiveDate, day: u32) -> NaiveDate {
    let date = start
        .checked_add_days(Days::new(u64::from(day.saturating_sub(1))))
        .unwrap_or(start);
    let (forward, back) = match date.weekday() {
        Weekday::Sat => (2, 1),
        Weekday::Sun => (1, 2),
        _ => (0, 0),
    };
    let later = date + Days::new(forward);
    if later.month() == start.month() {
        later
    } else {
        date - Days::new(back)
    }
}

/// The date `days` later.
pub fn plus(date: NaiveDate, days: i64) -> NaiveDate {
    date + chrono::Duration::days(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_stay_in_their_month() {
        let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
        assert_eq!(working_day(day(6, 1), 1), day(6, 3));
        assert_eq!(working_day(day(6, 1), 30), day(6, 28));
        assert_eq!(month_end(day(2, 1)), day(2, 29));
    }
}
