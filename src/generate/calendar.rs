//! Days and months. Offices work on the days of the official calendar.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate, Weekday};

use crate::model::date::parse_date;
use crate::pack::Pack;

/// Days of the pack's calendar that are off without being weekends, or worked though they are.
static EXCEPTIONS: LazyLock<BTreeMap<NaiveDate, bool>> = LazyLock::new(|| {
    let pack = Pack::embedded();
    let files = pack.files("calendar/").into_iter();
    let texts = files.filter(|path| path.ends_with(".csv"));
    let mut days = BTreeMap::new();
    for text in texts.filter_map(|path| pack.text(&path).map(|t| t.into_owned())) {
        for row in csv::Reader::from_reader(text.as_bytes())
            .records()
            .flatten()
        {
            if let (Some(date), Some(off)) = (row.get(0).and_then(parse_date), row.get(1)) {
                days.insert(date, off == "true");
            }
        }
    }
    days
});

/// Whether nobody works on a day.
pub fn is_off(date: NaiveDate) -> bool {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    EXCEPTIONS.get(&date).copied().unwrap_or(weekend)
}

/// The day itself if it is worked, else the next one that is.
pub fn next_working_day(date: NaiveDate) -> NaiveDate {
    date.iter_days().find(|d| !is_off(*d)).unwrap_or(date)
}

/// The worked days of the month that begins at `start`.
pub fn working_days(start: NaiveDate) -> Vec<NaiveDate> {
    let month = start.iter_days().take_while(|d| d.month() == start.month());
    month.filter(|d| !is_off(*d)).collect()
}

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

/// A day of the month that begins at `start`; one that is off moves to the next worked day of that month, else to the last.
pub fn working_day(start: NaiveDate, day: u32) -> NaiveDate {
    let days = working_days(start);
    let later = days.iter().find(|d| d.day() >= day).or(days.last());
    later.copied().unwrap_or(start)
}

/// The date `days` later.
pub fn plus(date: NaiveDate, days: i64) -> NaiveDate {
    date + chrono::Duration::days(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_off_stay_in_their_month() {
        let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
        assert_eq!(working_day(day(6, 1), 1), day(6, 3));
        assert_eq!(working_day(day(6, 1), 30), day(6, 28));
        assert_eq!(month_end(day(2, 1)), day(2, 29));
        // The Spring Festival ends with a Sunday that is worked.
        assert_eq!(working_day(day(2, 1), 10), day(2, 18));
        assert_eq!(next_working_day(day(8, 31)), day(9, 2));
        assert_eq!(working_days(day(2, 1)).len(), 18);
    }
}
