//! Benford's law and tail probabilities, for rules that ask whether something is chance. Floating point lives inside these
//! functions only: counts go in, decimals rounded to eight or ten places come out, and no amount passes through.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Decimal128Array};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;
use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF};

use super::scalar::{Argument, function, scale_of};

/// Shares and deviations: ten places, so that sums over ninety groups keep eight.
const SHARE: DataType = DataType::Decimal128(12, 10);
/// Probabilities.
const CHANCE: DataType = DataType::Decimal128(9, 8);

pub fn functions() -> Vec<ScalarUDF> {
    use Argument::{Int, Number};
    vec![
        function("benford_share", &[Int], SHARE, |args| {
            let digits = args[0].as_primitive::<Int64Type>().iter();
            decimals(digits.map(|d| benford_share(d?)), 12, 10)
        }),
        function("benford_limit", &[Int, Int], SHARE, |args| {
            let digits = args[0].as_primitive::<Int64Type>().iter();
            let pairs = digits.zip(args[1].as_primitive::<Int64Type>());
            decimals(pairs.map(|(d, n)| benford_limit(d?, n?)), 12, 10)
        }),
        function("chi_square_p", &[Number, Int], CHANCE, |args| {
            let freedom = args[1].as_primitive::<Int64Type>();
            let pairs = floats(&args[0]).into_iter().zip(freedom);
            decimals(pairs.map(|(x, df)| chi_square_p(x?, df?)), 9, 8)
        }),
        function("binomial_p", &[Int, Int, Number], CHANCE, |args| {
            let (k, n) = (
                args[0].as_primitive::<Int64Type>(),
                args[1].as_primitive::<Int64Type>(),
            );
            let rows = k.iter().zip(n).zip(floats(&args[2]));
            decimals(rows.map(|((k, n), p)| binomial_p(k?, n?, p?)), 9, 8)
        }),
        function("band_share", &[Int], CHANCE, |args| {
            let percents = args[0].as_primitive::<Int64Type>().iter();
            decimals(percents.map(|b| band_share(b?)), 9, 8)
        }),
    ]
}

fn decimals(
    values: impl Iterator<Item = Option<f64>>,
    precision: u8,
    scale: i8,
) -> Result<ArrayRef> {
    let unit = 10f64.powi(i32::from(scale));
    // Shares and probabilities lie between 0 and 1, far inside an i128.
    let array: Decimal128Array = values
        .map(|v| v.map(|v| (v * unit).round() as i128))
        .collect();
    Ok(Arc::new(array.with_precision_and_scale(precision, scale)?))
}

fn floats(array: &ArrayRef) -> Vec<Option<f64>> {
    let scale = scale_of(array.data_type());
    let unit = 10f64.powi(i32::from(scale));
    let numbers = array.as_primitive::<Decimal128Type>();
    numbers.iter().map(|n| n.map(|n| n as f64 / unit)).collect()
}

/// Benford's share of a first digit (1 to 9) or of the first two (10 to 99): log₁₀(1 + 1/d).
pub fn benford_share(digits: i64) -> Option<f64> {
    (1..=99)
        .contains(&digits)
        .then(|| (1.0 / digits as f64).ln_1p() / std::f64::consts::LN_10)
}

/// Sizes at which the null distribution of the mean absolute deviation was simulated, with its 99 % quantile for the first
/// digit and for the first two (amounts that truly follow Benford's law; own simulation, seeded).
const NULL: [(f64, f64, f64); 9] = [
    (100.0, 0.0418, 0.0095),
    (200.0, 0.0291, 0.0067),
    (300.0, 0.0230, 0.0055),
    (500.0, 0.0179, 0.0043),
    (1_000.0, 0.0138, 0.00303),
    (2_000.0, 0.0090, 0.00212),
    (3_000.0, 0.0071, 0.00173),
    (5_000.0, 0.0058, 0.00138),
    (10_000.0, 0.0040, 0.00097),
];

/// What the mean absolute deviation of `n` honest amounts exceeds in one of a hundred cases, for one or two leading digits:
/// the simulated quantiles, interpolated in log n; beyond them as 1/√n. None below 100 amounts.
pub fn benford_limit(digits: i64, n: i64) -> Option<f64> {
    let quantile = |row: &(f64, f64, f64)| match digits {
        1 => Some(row.1),
        2 => Some(row.2),
        _ => None,
    };
    let n = n as f64;
    let after = NULL.iter().position(|row| row.0 > n);
    match after {
        Some(0) => None,
        None => {
            let last = NULL.last()?;
            Some(quantile(last)? * (last.0 / n).sqrt())
        }
        Some(i) => {
            let (low, high) = (&NULL[i - 1], &NULL[i]);
            let along = (n / low.0).ln() / (high.0 / low.0).ln();
            Some(quantile(low)? * (1.0 - along) + quantile(high)? * along)
        }
    }
}

/// P(X ≥ x) of the χ² distribution with `freedom` degrees of freedom.
pub fn chi_square_p(x: f64, freedom: i64) -> Option<f64> {
    let distribution = ChiSquared::new(freedom as f64).ok()?;
    Some(distribution.sf(x.max(0.0)))
}

/// P(X ≥ k) of `n` draws with probability `p` each.
pub fn binomial_p(k: i64, n: i64, p: f64) -> Option<f64> {
    let distribution = Binomial::new(p, u64::try_from(n).ok()?).ok()?;
    match u64::try_from(k) {
        // P(X ≥ k) = P(X > k − 1).
        Ok(k) if k > 0 => Some(distribution.sf(k - 1)),
        _ => Some(1.0),
    }
}

/// Of amounts within `percent` of a limit, the share that lies below it where amounts have a log-uniform density:
/// ln(1/(1−b)) / (ln(1/(1−b)) + ln(1+b)).
pub fn band_share(percent: i64) -> Option<f64> {
    if !(1..100).contains(&percent) {
        return None;
    }
    let b = percent as f64 / 100.0;
    let (below, above) = (-(-b).ln_1p(), b.ln_1p());
    Some(below / (below + above))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64, within: f64) {
        assert!(
            found.is_some_and(|f| (f - expected).abs() < within),
            "{found:?} for {expected}"
        );
    }

    #[test]
    fn benford_shares() {
        near(benford_share(43), 0.009_984_22, 5e-9);
        near(benford_share(1), std::f64::consts::LOG10_2, 1e-12);
        assert_eq!((benford_share(0), benford_share(100)), (None, None));
        let first: f64 = (1..10).filter_map(benford_share).sum();
        let two: f64 = (10..100).filter_map(benford_share).sum();
        near(Some(first), 1.0, 1e-12);
        near(Some(two), 1.0, 1e-12);
        // The published shares of the second digit.
        for (digit, share) in [(0, 0.11968), (4, 0.10031), (9, 0.08500)] {
            let sum: f64 = (1..10).filter_map(|i| benford_share(10 * i + digit)).sum();
            near(Some(sum), share, 5e-6);
        }
    }

    #[test]
    fn limits_of_honest_data() {
        near(benford_limit(1, 500), 0.0179, 1e-12);
        near(benford_limit(2, 3_000), 0.00173, 1e-12);
        near(benford_limit(2, 10_000), 0.00097, 1e-12);
        near(benford_limit(1, 40_000), 0.0020, 1e-12);
        assert_eq!((benford_limit(1, 99), benford_limit(3, 500)), (None, None));
        // Between two sizes, and falling with the size.
        let between = benford_limit(1, 700).unwrap_or_default();
        assert!((0.0138..0.0179).contains(&between), "{between}");
    }

    #[test]
    fn critical_values_of_chi_square() {
        let table = [
            (8, 15.507, 0.05),
            (8, 26.124, 0.001),
            (9, 21.666, 0.01),
            (89, 112.022, 0.05),
            (89, 135.978, 0.001),
            (99, 134.642, 0.01),
            (99, 148.230, 0.001),
        ];
        for (freedom, x, p) in table {
            near(chi_square_p(x, freedom), p, p / 500.0);
        }
        near(chi_square_p(0.0, 9), 1.0, 1e-12);
        assert_eq!(chi_square_p(1.0, 0), None);
    }

    #[test]
    fn binomial_tails() {
        near(binomial_p(5, 5, 0.5), 1.0 / 32.0, 1e-12);
        near(binomial_p(0, 5, 0.5), 1.0, 1e-12);
        near(binomial_p(1, 3, 0.1), 1.0 - 0.9 * 0.9 * 0.9, 1e-12);
        assert_eq!(binomial_p(1, -1, 0.5), None);
        assert_eq!(binomial_p(1, 1, 1.5), None);
    }

    #[test]
    fn shares_of_a_band_below_its_limit() {
        near(band_share(5), 0.5125, 5e-5);
        near(band_share(10), 0.525, 5e-4);
        assert_eq!((band_share(0), band_share(100)), (None, None));
    }
}
