//! From what a person asks for to a design that can be repeated: an interval with a start, strata with their sizes.

use super::SamplingError;
use super::chance;
use super::confidence::Confidence;
use super::model::{Design, Item};
use super::population::total;
use super::strata;
use crate::model::Money;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// Without a start, chance gives one.
    MonetaryUnit {
        interval: Interval,
        start: Option<Money>,
    },
    Stratified {
        bounds: Vec<Money>,
        sizes: Sizes,
    },
    TopAndRandom {
        top: usize,
        random: usize,
    },
}

/// How the sampling interval comes about.
#[derive(Debug, Clone, PartialEq)]
pub enum Interval {
    Given(Money),
    /// Total of the positive amounts through the number of items wanted.
    Size(usize),
    /// Tolerable misstatement through the factor for no errors: a sample without errors then stays within it.
    Tolerable(Money, Confidence),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sizes {
    /// Shared out among the strata (`strata::shared_out`).
    Total(usize),
    /// One number a stratum, from the lowest.
    Each(Vec<usize>),
}

/// Whether monetary-unit sampling can reach an item.
pub fn reachable(item: &Item) -> bool {
    item.amount.0 > 0
}

/// The design for these items.
///
/// # Errors
/// [`SamplingError::Design`] says what does not work.
pub fn settle(
    items: &[Item],
    wanted: &Wanted,
    seed: &str,
    organisation: &str,
) -> Result<Design, SamplingError> {
    match wanted {
        Wanted::MonetaryUnit { interval, start } => {
            let interval = interval_of(items, interval)?;
            let drawn = chance::number(seed, "start", organisation, interval.0.unsigned_abs());
            let start = start.unwrap_or(Money(i64::try_from(drawn).unwrap_or(1)));
            if start.0 < 1 || start > interval {
                return refused(format!("起点 {start} 元须大于 0、不超过间隔 {interval} 元"));
            }
            Ok(Design::MonetaryUnit { interval, start })
        }
        Wanted::Stratified { bounds, sizes } => {
            if bounds.is_empty() || bounds[0].0 <= 0 || bounds.windows(2).any(|w| w[0] >= w[1]) {
                return refused("分层界限须大于 0,并从小到大排列".to_owned());
            }
            let layers = strata::layers(items, bounds);
            let counts: Vec<usize> = layers.iter().map(Vec::len).collect();
            let amounts: Vec<u128> = layers.iter().map(|l| strata::weight(items, l)).collect();
            let sizes = match sizes {
                Sizes::Total(n) => strata::shared_out(&counts, &amounts, *n)?,
                Sizes::Each(each) => each.clone(),
            };
            enough(&counts, &sizes)?;
            Ok(Design::Stratified {
                bounds: bounds.clone(),
                sizes,
            })
        }
        Wanted::TopAndRandom { top, random } => {
            let rest = items.len().saturating_sub(*top);
            if *top == 0 && *random == 0 {
                return refused("大额笔数和随机笔数不能都为 0".to_owned());
            }
            enough(&[rest], &[*random])?;
            Ok(Design::TopAndRandom {
                top: *top,
                random: *random,
            })
        }
    }
}

fn refused<T>(reason: String) -> Result<T, SamplingError> {
    Err(SamplingError::Design(reason))
}

fn interval_of(items: &[Item], interval: &Interval) -> Result<Money, SamplingError> {
    let reach = total(items.iter().filter(|i| reachable(i)))?;
    if reach.is_zero() {
        return refused("总体里没有金额为正的项目,不能用货币单位抽样".to_owned());
    }
    let fen = match interval {
        Interval::Given(money) => money.0,
        Interval::Size(0) => 0,
        Interval::Size(n) => reach.0 / i64::try_from(*n).unwrap_or(i64::MAX),
        Interval::Tolerable(money, confidence) => {
            super::exact::through(*money, confidence.poisson_factor(0))?.0
        }
    };
    if fen < 1 {
        return refused("抽样间隔不足 0.01 元,请减少样本量或加大可容忍错报".to_owned());
    }
    Ok(Money(fen))
}

/// A stratum is taken whole, or at least two of it: one alone says nothing of how much items differ.
fn enough(counts: &[usize], sizes: &[usize]) -> Result<(), SamplingError> {
    if counts.len() != sizes.len() {
        return refused(format!(
            "分成 {} 层,给出了 {} 个样本量",
            counts.len(),
            sizes.len()
        ));
    }
    match counts.iter().zip(sizes).position(|(n, k)| *k < 2.min(*n)) {
        Some(at) => refused(format!(
            "第 {} 部分有 {} 笔,只抽 {} 笔:每部分至少抽 2 笔,或全查",
            at + 1,
            counts[at],
            sizes[at]
        )),
        None => Ok(()),
    }
}
