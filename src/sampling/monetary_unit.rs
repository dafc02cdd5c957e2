//! Monetary-unit selection: the items in the order of chance laid end to end, a 分 chosen every interval.

use super::SamplingError;
use super::chance;
use super::design::reachable;
use super::model::{Item, Stratum};
use super::population::total;
use crate::model::Money;

/// Position among `items`, and how many chosen 分 lie in it.
pub type Hit = (usize, u64);

/// The items hit. Every item of at least the interval is hit for certain.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn hits(
    items: &[Item],
    (interval, start): (Money, Money),
    seed: &str,
    organisation: &str,
) -> Result<Vec<Hit>, SamplingError> {
    let mut order: Vec<usize> = (0..items.len()).filter(|&i| reachable(&items[i])).collect();
    order.sort_by_cached_key(|&i| chance::place(seed, "rank", organisation, &items[i].identity()));
    // Chosen 分 up to an amount.
    let chosen = |upto: i64| match upto < start.0 {
        true => 0,
        false => ((upto - start.0) / interval.0).unsigned_abs() + 1,
    };
    let (mut laid, mut out) = (0i64, Vec::new());
    for at in order {
        let next = laid.checked_add(items[at].amount.0);
        let next = next.ok_or(SamplingError::Overflow)?;
        let inside = chosen(next) - chosen(laid);
        if inside > 0 {
            out.push((at, inside));
        }
        laid = next;
    }
    Ok(out)
}

/// What is examined whole, and what is examined in part.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn strata(
    items: &[Item],
    interval: Money,
    hits: &[Hit],
) -> Result<[Stratum; 2], SamplingError> {
    let stratum = |label: &str, top: bool| -> Result<Stratum, SamplingError> {
        let inside = |i: &&Item| reachable(i) && (i.amount >= interval) == top;
        let sampled = hits.iter().filter(|(at, _)| inside(&&items[*at]));
        Ok(Stratum {
            label: label.to_owned(),
            count: items.iter().filter(inside).count(),
            total: total(items.iter().filter(inside))?,
            sampled: sampled.count(),
        })
    };
    Ok([
        stratum("不低于间隔(全查)", true)?,
        stratum("低于间隔", false)?,
    ])
}
