//! Stratified estimates of the audited total: by the mean and by the ratio in each stratum.
//!
//! With N items and book total B in a stratum, n of them examined, audited amounts a and book amounts b:
//! mean N·Σa/n, ratio B·Σa/Σb; variance N²(1 − n/N)·s²/n with s² of a, or of a − R·b. The degrees of freedom are
//! Satterthwaite's. Cochran, W. G. (1977), Sampling Techniques, 3rd ed., 5.3–5.4 and 6.10–6.11.

use serde::Serialize;

use crate::model::Money;
use crate::sampling::SamplingError;
use crate::sampling::confidence::Confidence;
use crate::sampling::exact::{less, nearest, sum};
use crate::sampling::model::Stratum;

/// Both estimates beside the book; amounts in 分.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimates {
    pub book: Money,
    pub mean: Estimate,
    /// None where the examined items of a stratum add up to nothing.
    pub ratio: Option<Estimate>,
}

/// An estimate of the audited total.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    pub audited: Money,
    /// Book less audited: positive when the book says too much.
    pub error: Money,
    /// Two-sided, at the confidence; rounded up.
    pub margin: Money,
}

/// The items examined in one stratum.
struct Part<'a> {
    stratum: &'a Stratum,
    /// Book and audited.
    pairs: Vec<(Money, Money)>,
}

/// `amounts`: stratum, book amount, audited amount.
pub fn estimates(
    strata: &[Stratum],
    amounts: &[(usize, Money, Money)],
    confidence: Confidence,
) -> Result<Estimates, SamplingError> {
    let part = |(at, stratum)| Part {
        stratum,
        pairs: amounts
            .iter()
            .filter(|(s, _, _)| *s == at)
            .map(|&(_, book, audited)| (book, audited))
            .collect(),
    };
    let parts: Vec<Part<'_>> = strata.iter().enumerate().map(part).collect();
    let parts: Vec<Part<'_>> = parts.into_iter().filter(|p| p.stratum.count > 0).collect();
    let book = sum(strata.iter().map(|s| s.total))?;
    let mean = estimate(book, &parts, confidence, |p| p.mean())?.ok_or(SamplingError::Overflow)?;
    Ok(Estimates {
        book,
        mean,
        ratio: estimate(book, &parts, confidence, |p| p.ratio())?,
    })
}

/// A stratum's audited total and the items' deviations from what the method expects of them.
type Projected = Option<(Money, Vec<f64>)>;

fn estimate(
    book: Money,
    parts: &[Part<'_>],
    confidence: Confidence,
    method: impl Fn(&Part<'_>) -> Result<Projected, SamplingError>,
) -> Result<Option<Estimate>, SamplingError> {
    let (mut totals, mut variances) = (Vec::new(), Vec::new());
    for part in parts {
        if part.is_whole() {
            totals.push(sum(part.pairs.iter().map(|(_, audited)| *audited))?);
            continue;
        }
        let Some((total, deviations)) = method(part)? else {
            return Ok(None);
        };
        totals.push(total);
        variances.push(part.variance(&deviations));
    }
    let audited = sum(totals)?;
    Ok(Some(Estimate {
        audited,
        error: less(book, audited)?,
        margin: margin(&variances, confidence)?,
    }))
}

/// From the variances of the strata's totals, each with its degrees of freedom.
///
/// A standard error is a statistic: a float is what it is, rounded up when it becomes money.
fn margin(variances: &[(f64, f64)], confidence: Confidence) -> Result<Money, SamplingError> {
    let variance: f64 = variances.iter().map(|(v, _)| v).sum();
    if variance <= 0.0 {
        return Ok(Money::ZERO);
    }
    let shares: f64 = variances.iter().map(|(v, freedom)| v * v / freedom).sum();
    let t = confidence.student(variance * variance / shares);
    let margin = t.map(|t| (t * variance.sqrt()).ceil());
    // 2^62: well inside what an i64 holds.
    match margin.filter(|m| m.is_finite() && *m < 4.6e18) {
        Some(fen) => Ok(Money(fen as i64)),
        None => Err(SamplingError::Overflow),
    }
}

impl Part<'_> {
    fn is_whole(&self) -> bool {
        self.pairs.len() == self.stratum.count
    }

    /// Σbook and Σaudited of the items examined.
    fn sums(&self) -> (i128, i128) {
        let add = |(book, audited): (i128, i128), pair: &(Money, Money)| {
            (book + i128::from(pair.0.0), audited + i128::from(pair.1.0))
        };
        self.pairs.iter().fold((0, 0), add)
    }

    fn mean(&self) -> Result<Projected, SamplingError> {
        let (n, (_, audited)) = (self.pairs.len() as i128, self.sums());
        let total = nearest(audited * self.stratum.count as i128, n)?;
        let mean = audited as f64 / n as f64;
        let deviations = self.pairs.iter().map(|(_, a)| a.0 as f64 - mean);
        Ok(Some((total, deviations.collect())))
    }

    fn ratio(&self) -> Result<Projected, SamplingError> {
        let (book, audited) = self.sums();
        if book == 0 {
            return Ok(None);
        }
        let product = audited.checked_mul(i128::from(self.stratum.total.0));
        let total = nearest(product.ok_or(SamplingError::Overflow)?, book)?;
        let ratio = audited as f64 / book as f64;
        let deviations = self
            .pairs
            .iter()
            .map(|(b, a)| a.0 as f64 - ratio * b.0 as f64);
        Ok(Some((total, deviations.collect())))
    }

    /// Variance of the stratum's total, and its degrees of freedom.
    fn variance(&self, deviations: &[f64]) -> (f64, f64) {
        let (all, n) = (self.stratum.count as f64, deviations.len() as f64);
        let freedom = n - 1.0;
        let squares: f64 = deviations.iter().map(|d| d * d).sum();
        (all * (all - n) / n * squares / freedom, freedom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(count: usize, total: i64, sampled: usize) -> Stratum {
        Stratum {
            label: String::new(),
            count,
            total: Money(total),
            sampled,
        }
    }

    /// One stratum of 100 items and 50 000 分, four examined: books 400, 500, 600, 500; audited 400, 450, 600, 350.
    /// Mean: Σa = 1800, 100·450 = 45 000; s² = (2500 + 0 + 22500 + 10000)/3; variance 100·96/4·s² = 2400·11666.67;
    /// t(3) = 3.182446: margin 16 840. Ratio: 1800/2000 = 0.9: 45 000; residuals 40, 0, 60, −100: s² = 15200/3;
    /// variance 2400·5066.67, margin 11 097.6.
    #[test]
    fn follows_the_formulas() {
        let confidence = Confidence::parse("95").unwrap();
        let amounts: Vec<(usize, Money, Money)> = [(400, 400), (500, 450), (600, 600), (500, 350)]
            .into_iter()
            .map(|(b, a)| (0, Money(b), Money(a)))
            .collect();
        let e = estimates(&[stratum(100, 50_000, 4)], &amounts, confidence).unwrap();
        assert_eq!(
            (e.mean.audited, e.mean.error),
            (Money(45_000), Money(5_000))
        );
        assert!((e.mean.margin.0 - 16_840).abs() <= 1, "{e:?}");
        let ratio = e.ratio.unwrap();
        assert_eq!(ratio.audited, Money(45_000));
        assert!((ratio.margin.0 - 11_098).abs() <= 1, "{ratio:?}");
    }

    #[test]
    fn a_stratum_examined_whole_is_known() {
        let confidence = Confidence::parse("95").unwrap();
        let amounts = [(0, Money(900), Money(700)), (0, Money(100), Money(100))];
        let strata = [stratum(2, 1_000, 2), stratum(0, 0, 0)];
        let e = estimates(&strata, &amounts, confidence).unwrap();
        let known = Estimate {
            audited: Money(800),
            error: Money(200),
            margin: Money::ZERO,
        };
        assert_eq!((e.mean, e.ratio), (known.clone(), Some(known)));
    }

    #[test]
    fn no_ratio_to_nothing() {
        let confidence = Confidence::parse("95").unwrap();
        let amounts = [(0, Money(5), Money(5)), (0, Money(-5), Money(-5))];
        let e = estimates(&[stratum(9, 0, 2)], &amounts, confidence).unwrap();
        assert_eq!(e.ratio, None);
    }
}
