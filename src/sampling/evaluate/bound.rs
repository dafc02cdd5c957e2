//! The Stringer bound with taintings.
//!
//! An item below the interval stands for one interval of the population: its tainting, the share of its book amount that
//! is wrong, is projected onto it. With the taintings t₁ ≥ t₂ ≥ … and the Poisson factors R₀, R₁, … of the confidence,
//! the upper bound of what is wrong there is I·R₀ + I·Σ tᵢ·(Rᵢ − Rᵢ₋₁). Items of at least the interval are all examined:
//! their errors count as they are. Stringer, K. (1963), Practical aspects of statistical sampling in auditing.

use serde::Serialize;

use crate::model::Money;
use crate::sampling::SamplingError;
use crate::sampling::confidence::Confidence;
use crate::sampling::exact::{at_least, less, share, sum};
use crate::sampling::model::Stratum;

/// Overstatements and understatements, each with its own bound; amounts in 分.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bound {
    pub interval: Money,
    pub over: Direction,
    pub under: Direction,
    /// A tainting above 100 % was found; the bound holds for taintings up to that.
    pub beyond: bool,
}

/// Errors of one direction, all amounts positive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Direction {
    /// Items with an error.
    pub errors: usize,
    /// Errors of items examined because of their size.
    pub known: Money,
    /// Taintings times the interval.
    pub projected: Money,
    /// What may be wrong though no error had been found: I·R₀; nothing where everything was examined.
    pub basic: Money,
    /// What the errors found add to it beyond their projection.
    pub incremental: Money,
    /// Known, projected, basic and incremental.
    pub upper: Money,
}

/// `strata`: what is examined whole, what in part. `amounts`: stratum, book amount (positive), audited amount.
pub fn bound(
    interval: Money,
    strata: &[Stratum],
    amounts: &[(usize, Money, Money)],
    confidence: Confidence,
) -> Result<Bound, SamplingError> {
    let in_part = strata.get(1).is_some_and(|s| s.count > 0);
    let differences: Vec<Difference> = amounts
        .iter()
        .map(|&(stratum, book, audited)| {
            Ok(Difference {
                whole: stratum == 0,
                book,
                error: less(book, audited)?,
            })
        })
        .collect::<Result<_, SamplingError>>()?;
    let partial = |d: &&Difference| !d.whole && d.error.abs() > d.book;
    let beyond = differences.iter().any(|d| partial(&d));
    let flipped = differences.iter().map(|d| Difference {
        error: -d.error,
        ..*d
    });
    let flipped: Vec<Difference> = flipped.collect();
    Ok(Bound {
        interval,
        over: direction(interval, in_part, &differences, confidence)?,
        under: direction(interval, in_part, &flipped, confidence)?,
        beyond,
    })
}

#[derive(Debug, Clone, Copy)]
struct Difference {
    /// Of an item of at least the interval.
    whole: bool,
    book: Money,
    error: Money,
}

impl Difference {
    /// The order of taintings without dividing: error ÷ book.
    fn tainting_order(&self, other: &Difference) -> std::cmp::Ordering {
        let cross = |a: &Difference, b: &Difference| i128::from(a.error.0) * i128::from(b.book.0);
        cross(self, other).cmp(&cross(other, self))
    }
}

/// The errors above zero.
fn direction(
    interval: Money,
    in_part: bool,
    differences: &[Difference],
    confidence: Confidence,
) -> Result<Direction, SamplingError> {
    let wrong = || differences.iter().filter(|d| d.error.0 > 0);
    let known = sum(wrong().filter(|d| d.whole).map(|d| d.error))?;
    let mut tainted: Vec<&Difference> = wrong().filter(|d| !d.whole).collect();
    tainted.sort_by(|a, b| b.tainting_order(a));
    let (mut projected, mut bounded) = (Vec::new(), Vec::new());
    let mut factor = confidence.poisson_factor(0);
    let basic = match in_part {
        true => at_least(interval, factor)?,
        false => Money::ZERO,
    };
    for (i, d) in tainted.iter().enumerate() {
        let projection = share(interval, d.error.0, d.book.0)?;
        let next = confidence.poisson_factor(i + 1);
        bounded.push(at_least(projection, next - factor)?);
        projected.push(projection);
        factor = next;
    }
    let projected = sum(projected)?;
    let bounded = sum(bounded)?;
    Ok(Direction {
        errors: wrong().count(),
        known,
        projected,
        basic,
        incremental: less(bounded, projected)?,
        upper: sum([known, bounded, basic])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata() -> [Stratum; 2] {
        [3, 500].map(|count| Stratum {
            label: String::new(),
            count,
            total: Money(1),
            sampled: 3,
        })
    }

    fn yuan(n: i64) -> Money {
        Money(n * 100)
    }

    /// Interval 10 000; taintings 40 % and 10 %; one item of 25 000 overstated by 3 000. At 95 %:
    /// basic 29 957.33; 0.4·(4.743865 − 2.995733) + 0.1·(6.295794 − 4.743865) intervals = 6 992.53 + 1 551.93.
    #[test]
    fn follows_the_formula() {
        let confidence = Confidence::parse("95").unwrap();
        let amounts = [
            (0, yuan(25_000), yuan(22_000)),
            (1, yuan(1_000), yuan(900)),
            (1, yuan(500), yuan(300)),
            (1, yuan(700), yuan(700)),
            (1, yuan(100), yuan(150)),
        ];
        let bound = bound(yuan(10_000), &strata(), &amounts, confidence).unwrap();
        let over = &bound.over;
        assert_eq!(over.errors, 3);
        assert_eq!(over.known, yuan(3_000));
        assert_eq!(over.projected, yuan(5_000));
        let near = |money: Money, yuan: f64| (money.0 as f64 / 100.0 - yuan).abs() < 0.05;
        assert!(near(over.basic, 29_957.33), "{over:?}");
        assert!(
            near(over.incremental, 6_992.53 + 1_551.93 - 5_000.0),
            "{over:?}"
        );
        assert!(
            near(over.upper, 3_000.0 + 29_957.33 + 6_992.53 + 1_551.93),
            "{over:?}"
        );
        assert_eq!(
            (bound.under.errors, bound.under.projected),
            (1, yuan(5_000))
        );
        assert!(!bound.beyond);
    }

    #[test]
    fn nothing_is_uncertain_where_everything_was_examined() {
        let confidence = Confidence::parse("95").unwrap();
        let mut strata = strata();
        strata[1].count = 0;
        let amounts = [(0, yuan(25_000), yuan(22_000))];
        let bound = bound(yuan(10_000), &strata, &amounts, confidence).unwrap();
        assert_eq!(
            (bound.over.upper, bound.under.upper),
            (yuan(3_000), Money::ZERO)
        );
    }

    #[test]
    fn more_than_the_whole_amount_wrong_is_said() {
        let confidence = Confidence::parse("95").unwrap();
        let amounts = [(1, yuan(100), yuan(-50))];
        assert!(
            bound(yuan(1_000), &strata(), &amounts, confidence)
                .unwrap()
                .beyond
        );
    }
}
