//! Digits of amounts, and voucher numbers as numbers.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::datatypes::{DataType, Decimal128Type};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;

use super::scalar::{Argument, function, scale_of};

pub fn functions() -> Vec<ScalarUDF> {
    let digits = |name, work: fn(i128, i8) -> Option<i64>| {
        function(name, &[Argument::Number], DataType::Int64, move |args| {
            over_numbers(&args[0], work)
        })
    };
    vec![
        digits("first_digit", |raw, _| leading(raw, 1)),
        digits("first_two", |raw, _| leading(raw, 2)),
        digits("last_two", last_two),
        function("voucher_no", &[Argument::Text], DataType::Int64, |args| {
            let texts = args[0].as_string::<i32>().iter();
            Ok(Arc::new(
                texts.map(|t| voucher_no(t?)).collect::<Int64Array>(),
            ))
        }),
    ]
}

fn over_numbers(array: &ArrayRef, work: fn(i128, i8) -> Option<i64>) -> Result<ArrayRef> {
    let scale = scale_of(array.data_type());
    let numbers = array.as_primitive::<Decimal128Type>();
    Ok(Arc::new(
        numbers
            .iter()
            .map(|n| work(n?, scale))
            .collect::<Int64Array>(),
    ))
}

/// The first `n` digits of a number that has at least so many significant ones (0.05 → 5; for two: none).
pub fn leading(raw: i128, n: u32) -> Option<i64> {
    let mut rest = raw.unsigned_abs();
    let limit = 10u128.pow(n);
    if rest < limit / 10 {
        return None;
    }
    while rest >= limit {
        rest /= 10;
    }
    i64::try_from(rest).ok()
}

/// The last two digits of the whole 元: 1,250.30 → 50.
pub fn last_two(raw: i128, scale: i8) -> Option<i64> {
    let whole = match u32::try_from(scale) {
        Ok(places) => raw.unsigned_abs() / 10u128.checked_pow(places)?,
        Err(_) => raw
            .unsigned_abs()
            .checked_mul(10u128.checked_pow(u32::from(scale.unsigned_abs()))?)?,
    };
    i64::try_from(whole % 100).ok()
}

/// A plain number without sign; `1/2` and the like have none.
pub fn voucher_no(text: &str) -> Option<i64> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        assert_eq!(leading(123_456, 1), Some(1));
        assert_eq!(leading(-987, 2), Some(98));
        assert_eq!(leading(5, 1), Some(5));
        assert_eq!(leading(5, 2), None);
        assert_eq!(leading(0, 1), None);
        assert_eq!(last_two(125_030, 2), Some(50));
        assert_eq!(last_two(-300, 2), Some(3));
        assert_eq!(last_two(7, 0), Some(7));
    }

    #[test]
    fn voucher_numbers() {
        assert_eq!(voucher_no("0012"), Some(12));
        for text in ["1/2", "", "-3", "十二", "99999999999999999999"] {
            assert_eq!(voucher_no(text), None, "{text}");
        }
    }
}
