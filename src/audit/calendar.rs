//! Working days: weekends and the State Council's holidays and make-up days, as shipped, overridden by a folder's 日历.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::audit::rule::load::{RuleError, fault};
use crate::model::date::parse_date;
use crate::pack::Pack;

/// The span for which every day stands in the `calendar` table.
const FIRST_YEAR: i32 = 2019;
const LAST_YEAR: i32 = 2026;

/// Days that differ from plain Monday to Friday. Cheap to compare: two calendars of one run are the same object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Calendar {
    exceptions: BTreeMap<NaiveDate, (bool, String)>,
}

impl Calendar {
    /// Reads `calendar/*.csv` (`date,is_off,name`).
    pub fn load(pack: &Pack, faults: &mut Vec<RuleError>) -> Calendar {
        let mut calendar = Calendar::default();
        for path in pack.files("calendar/") {
            if !path.ends_with(".csv") {
                continue;
            }
            let text = pack.text(&path).unwrap_or_default();
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            for (row, record) in reader.records().enumerate() {
                let day = record.ok().and_then(|r| {
                    let is_off = matches!(r.get(1)?.trim(), "true" | "是" | "1");
                    Some((
                        parse_date(r.get(0)?)?,
                        is_off,
                        r.get(2).unwrap_or_default().to_owned(),
                    ))
                });
                match day {
                    Some((date, is_off, name)) => calendar.set(date, is_off, &name),
                    None => faults.push(fault(
                        &path,
                        Some(row + 2),
                        "日历行无法识别,应为 date,is_off,name",
                    )),
                }
            }
        }
        calendar
    }

    pub fn set(&mut self, date: NaiveDate, is_off: bool, name: &str) {
        self.exceptions.insert(date, (is_off, name.to_owned()));
    }

    pub fn is_off(&self, date: NaiveDate) -> bool {
        self.exceptions
            .get(&date)
            .map_or_else(|| is_weekend(date), |(off, _)| *off)
    }

    /// Working days in (a, b]; negative when b is before a.
    pub fn working_days(&self, a: NaiveDate, b: NaiveDate) -> i64 {
        if b < a {
            return -self.working_days(b, a);
        }
        // Whole weeks by arithmetic, so that a span of centuries costs nothing.
        let span = (b - a).num_days();
        let rest = span % 7;
        let tail = b.iter_days().rev().take(rest.unsigned_abs() as usize);
        let mut count = span / 7 * 5 + tail.filter(|d| !is_weekend(*d)).count() as i64;
        let Some(first) = a.succ_opt().filter(|f| *f <= b) else {
            return count;
        };
        for (date, (off, _)) in self.exceptions.range(first..=b) {
            match (is_weekend(*date), off) {
                (false, true) => count -= 1,
                (true, false) => count += 1,
                _ => {}
            }
        }
        count
    }

    /// The day that is so many working days after another, which does not count itself.
    pub fn after_working_days(&self, from: NaiveDate, days: u32) -> NaiveDate {
        let mut left = days;
        let mut later = from.iter_days().skip(1).skip_while(|d| {
            left -= u32::from(left > 0 && !self.is_off(*d));
            left > 0
        });
        match days {
            0 => from,
            _ => later.next().unwrap_or(from),
        }
    }

    /// The last day for which holidays are known: the end of the last year of which a holiday is on the list.
    pub fn known_until(&self) -> NaiveDate {
        let last = self.exceptions.keys().next_back().map(Datelike::year);
        NaiveDate::from_ymd_opt(last.unwrap_or(LAST_YEAR), 12, 31).unwrap_or_default()
    }

    /// Every day of the shipped years and every day set beyond them, in order: date, is it off, name.
    pub fn days(&self) -> Vec<(NaiveDate, bool, String)> {
        let mut days = BTreeMap::new();
        for year in FIRST_YEAR..=LAST_YEAR {
            let start = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
            for date in start.iter_days().take_while(|d| d.year() == year) {
                days.insert(date, (is_weekend(date), String::new()));
            }
        }
        days.extend(self.exceptions.clone());
        days.into_iter()
            .map(|(date, (off, name))| (date, off, name))
            .collect()
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        parse_date(text).unwrap()
    }

    #[test]
    fn counts_working_days() {
        let mut calendar = Calendar::default();
        calendar.set(day("2024-02-12"), true, "春节");
        calendar.set(day("2024-02-18"), false, "春节调休");
        // Friday to Monday: one working day.
        assert_eq!(
            calendar.working_days(day("2024-03-01"), day("2024-03-04")),
            1
        );
        assert_eq!(
            calendar.working_days(day("2024-03-04"), day("2024-03-04")),
            0
        );
        assert_eq!(
            calendar.working_days(day("2024-03-04"), day("2024-03-01")),
            -1
        );
        // 12 Feb (Mon) is off, 18 Feb (Sun) is worked: 13–16 and 18.
        assert_eq!(
            calendar.working_days(day("2024-02-11"), day("2024-02-18")),
            5
        );
    }

    #[test]
    fn days_after_and_the_end_of_what_is_known() {
        let mut calendar = Calendar::default();
        calendar.set(day("2026-10-01"), true, "国庆节");
        calendar.set(day("2026-10-10"), false, "调休上班");
        // Wednesday 30 September; Thursday is off, so the first working day is Friday.
        for (days, then) in [
            (0, "2026-09-30"),
            (1, "2026-10-02"),
            (2, "2026-10-05"),
            (7, "2026-10-10"),
        ] {
            assert_eq!(
                calendar.after_working_days(day("2026-09-30"), days),
                day(then)
            );
        }
        assert_eq!(calendar.known_until(), day("2026-12-31"));
    }

    proptest! {
        #[test]
        fn a_day_after_is_so_many_working_days_later(start in 0i64..4000, days in 0u32..60, off in proptest::collection::vec((0i64..4100, any::<bool>()), 0..40)) {
            let base = day("2018-01-01");
            let mut calendar = Calendar::default();
            for (n, is_off) in off {
                calendar.set(base + chrono::Duration::days(n), is_off, "");
            }
            let from = base + chrono::Duration::days(start);
            let then = calendar.after_working_days(from, days);
            prop_assert_eq!(calendar.working_days(from, then), i64::from(days));
            prop_assert!(days == 0 || !calendar.is_off(then));
        }

        #[test]
        fn arithmetic_agrees_with_counting(start in 0i64..4000, span in 0i64..400, off in proptest::collection::vec((0i64..4400, any::<bool>()), 0..40)) {
            let base = day("2018-01-01");
            let mut calendar = Calendar::default();
            for (n, is_off) in off {
                calendar.set(base + chrono::Duration::days(n), is_off, "");
            }
            let a = base + chrono::Duration::days(start);
            let b = a + chrono::Duration::days(span);
            let counted = a.iter_days().skip(1).take(span as usize).filter(|d| !calendar.is_off(*d)).count();
            prop_assert_eq!(calendar.working_days(a, b), counted as i64);
        }
    }
}
