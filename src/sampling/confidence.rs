//! Factors of a confidence level. Probabilities are floats; what multiplies money is a decimal, rounded up.

use rust_decimal::Decimal;
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::gamma::gamma_ur;

/// A confidence level in per cent, from 50 to below 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %.
    pub const USUAL: Confidence = Confidence(95.0);

    /// Reads `95` or `97.5`. The error is a Chinese clause.
    pub fn parse(text: &str) -> Result<Confidence, String> {
        let level: f64 = text.trim().parse().map_err(|_| "不是数字".to_owned())?;
        match (50.0..100.0).contains(&level) {
            true => Ok(Confidence(level)),
            false => Err("置信水平须在 50 到 100 之间(不含 100)".to_owned()),
        }
    }

    pub fn percent(self) -> f64 {
        self.0
    }

    /// The mean λ of a Poisson distribution under which `errors` or fewer come up with the probability left over by the
    /// confidence: the reliability factor of monetary-unit sampling. P(X ≤ k | λ) = Q(k + 1, λ), the upper regularised
    /// gamma function, which falls as λ rises; it is solved by halving. Six decimals, rounded up.
    pub fn poisson_factor(self, errors: usize) -> Decimal {
        let (shape, left) = (errors as f64 + 1.0, 1.0 - self.0 / 100.0);
        let (mut low, mut high) = (0.0, shape + 20.0 * shape.sqrt() + 50.0);
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            if gamma_ur(shape, middle) > left {
                low = middle;
            } else {
                high = middle;
            }
        }
        rounded_up(high)
    }

    /// Two-sided quantile of Student's t: the share of the confidence lies within ± this many standard errors. `None`
    /// without degrees of freedom.
    pub fn student(self, freedom: f64) -> Option<f64> {
        let t = StudentsT::new(0.0, 1.0, freedom).ok()?;
        Some(t.inverse_cdf(0.5 + self.0 / 200.0))
    }
}

/// Six decimals, never less than the value.
fn rounded_up(value: f64) -> Decimal {
    // The factors of a million errors stay far below 2^53.
    Decimal::new((value * 1e6 - 1e-3).ceil() as i64, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published tables, four decimals.
    #[test]
    fn factors_are_those_of_the_tables() {
        for (level, table) in [
            ("95", ["2.9958", "4.7439", "6.2958", "7.7537", "9.1536"]),
            ("90", ["2.3026", "3.8898", "5.3224", "6.6808", "7.9936"]),
        ] {
            let confidence = Confidence::parse(level).unwrap();
            for (errors, factor) in table.iter().enumerate() {
                let table: Decimal = factor.parse().unwrap();
                let off = (confidence.poisson_factor(errors) - table).abs();
                assert!(off <= Decimal::new(1, 4), "{level} {errors}: off by {off}");
            }
        }
        let many = Confidence::parse("95").unwrap().poisson_factor(1000);
        // Normal approximation: 1001 + 1.645 · √1001 ≈ 1053.6.
        assert!(
            many > Decimal::from(1050) && many < Decimal::from(1058),
            "{many}"
        );
    }

    #[test]
    fn student_is_that_of_the_tables() {
        let confidence = Confidence::parse("95").unwrap();
        for (freedom, table) in [(1.0, 12.706), (10.0, 2.228), (30.0, 2.042)] {
            let t = confidence.student(freedom).unwrap();
            assert!((t - table).abs() < 0.001, "{freedom}: {t}");
        }
        assert_eq!(confidence.student(0.0), None);
    }

    #[test]
    fn levels_outside_are_refused() {
        for bad in ["49.9", "100", "x", "NaN", ""] {
            assert!(Confidence::parse(bad).is_err(), "{bad}");
        }
    }
}
