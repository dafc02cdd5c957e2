//! Calendar arithmetic: whole months with month ends, working days, and whether a text is a date at all.

use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate};
use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;

use super::scalar::{Argument, function};
use crate::audit::calendar::Calendar;
use crate::audit::tables::build::{date_of, days};
use crate::model::date::parse_date;

pub fn functions(calendar: &Arc<Calendar>) -> Vec<ScalarUDF> {
    use Argument::{Date, Int, Text};
    let calendar = Arc::clone(calendar);
    vec![
        function("add_months", &[Date, Int], DataType::Date32, |args| {
            let (dates, months) = (
                args[0].as_primitive::<Date32Type>(),
                args[1].as_primitive::<Int64Type>(),
            );
            let pairs = dates.iter().zip(months);
            let add =
                |(date, n): (Option<i32>, Option<i64>)| add_months(date_of(date?)?, n?).map(days);
            Ok(Arc::new(pairs.map(add).collect::<Date32Array>()))
        }),
        function("months_between", &[Date, Date], DataType::Int64, |args| {
            two_dates(args, |a, b| Some(months_between(a, b)))
        }),
        function(
            "working_days",
            &[Date, Date],
            DataType::Int64,
            move |args| two_dates(args, |a, b| Some(calendar.working_days(a, b))),
        ),
        function("valid_date", &[Text], DataType::Boolean, |args| {
            let texts = args[0].as_string::<i32>().iter();
            Ok(Arc::new(
                texts
                    .map(|t| t.map(|t| parse_date(t).is_some()))
                    .collect::<BooleanArray>(),
            ))
        }),
    ]
}

fn two_dates(
    args: &[ArrayRef],
    work: impl Fn(NaiveDate, NaiveDate) -> Option<i64>,
) -> Result<ArrayRef> {
    let (a, b) = (
        args[0].as_primitive::<Date32Type>(),
        args[1].as_primitive::<Date32Type>(),
    );
    let pair = |(a, b): (Option<i32>, Option<i32>)| work(date_of(a?)?, date_of(b?)?);
    Ok(Arc::new(a.iter().zip(b).map(pair).collect::<Int64Array>()))
}

/// The same day `n` months later (earlier when negative); the last day of the month where it has no such day.
/// `None` beyond the calendar.
pub fn add_months(date: NaiveDate, n: i64) -> Option<NaiveDate> {
    let months = Months::new(u32::try_from(n.unsigned_abs()).ok()?);
    if n < 0 {
        date.checked_sub_months(months)
    } else {
        date.checked_add_months(months)
    }
}

/// Whole months from `a` to `b`: the largest n with `add_months(a, n) <= b`; negative when `b` is before `a`.
/// A month end counts: from 31 January to 29 February 2024 is one month.
pub fn months_between(a: NaiveDate, b: NaiveDate) -> i64 {
    if b < a {
        return -months_between(b, a);
    }
    let index = |d: NaiveDate| i64::from(d.year()) * 12 + i64::from(d.month0());
    let n = index(b) - index(a);
    match add_months(a, n) {
        Some(day) if day <= b => n,
        _ => n - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        parse_date(text).unwrap()
    }

    #[test]
    fn month_ends() {
        let add = |d: &str, n| add_months(day(d), n).unwrap().to_string();
        assert_eq!(add("2024-01-31", 1), "2024-02-29");
        assert_eq!(add("2023-01-31", 1), "2023-02-28");
        assert_eq!(add("2024-02-29", 12), "2025-02-28");
        assert_eq!(add("2024-03-31", -1), "2024-02-29");
        assert_eq!(add("2022-01-01", 240), "2042-01-01");
        assert_eq!(add_months(day("2024-01-01"), i64::MAX), None);
    }

    #[test]
    fn whole_months() {
        let between = |a: &str, b: &str| months_between(day(a), day(b));
        assert_eq!(between("2024-01-31", "2024-02-29"), 1);
        assert_eq!(between("2024-01-31", "2024-02-28"), 0);
        assert_eq!(between("2024-01-15", "2024-02-14"), 0);
        assert_eq!(between("2024-01-15", "2024-02-15"), 1);
        assert_eq!(between("2024-02-15", "2024-01-15"), -1);
        assert_eq!(between("2020-02-29", "2021-02-28"), 12);
        assert_eq!(between("2024-05-05", "2024-05-05"), 0);
    }

    proptest! {
        #[test]
        fn months_between_is_the_largest_that_fits(a in 0i64..20_000, span in 0i64..20_000) {
            let a = NaiveDate::default() + chrono::Duration::days(a);
            let b = a + chrono::Duration::days(span);
            let n = months_between(a, b);
            prop_assert!(add_months(a, n).unwrap() <= b);
            prop_assert!(add_months(a, n + 1).unwrap() > b);
        }
    }
}
