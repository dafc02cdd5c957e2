//! Strata by absolute amount, and simple random samples within them: the first in the order of chance.

use super::SamplingError;
use super::chance;
use super::model::Item;
use crate::model::Money;

/// Positions of the items of each stratum: below the first bound, from bound to bound, from the last bound on.
pub fn layers(items: &[Item], bounds: &[Money]) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); bounds.len() + 1];
    for (at, item) in items.iter().enumerate() {
        let amount = item.amount.abs();
        out[bounds.iter().filter(|b| **b <= amount).count()].push(at);
    }
    out
}

/// What the strata are called.
pub fn labels(bounds: &[Money]) -> Vec<String> {
    let shown: Vec<String> = bounds.iter().map(|b| b.grouped()).collect();
    let first = shown.first().map(|b| format!("低于 {b}"));
    let between = shown
        .windows(2)
        .map(|w| format!("{} 至不足 {}", w[0], w[1]));
    let last = shown.last().map(|b| format!("{b} 以上"));
    first.into_iter().chain(between).chain(last).collect()
}

/// Two of each stratum (or all of it), every further item where it then stands for the greatest amount: sizes in
/// proportion to the amounts, never above the counts. Ties go to the higher stratum.
///
/// # Errors
/// [`SamplingError::Design`] when the number is too small.
pub fn shared_out(
    counts: &[usize],
    amounts: &[u128],
    size: usize,
) -> Result<Vec<usize>, SamplingError> {
    let mut sizes: Vec<usize> = counts.iter().map(|&n| n.min(2)).collect();
    let least: usize = sizes.iter().sum();
    if size < least {
        return Err(SamplingError::Design(format!(
            "分成 {} 层,每层至少 2 笔(不足 2 笔的全查),样本量至少 {least}",
            counts.len()
        )));
    }
    for _ in least..size {
        let open = (0..counts.len()).filter(|&i| sizes[i] < counts[i]);
        // a/(m+1) against b/(n+1), without division.
        let next = open.max_by(|&i, &j| {
            let of = |i: usize, other: usize| amounts[i] * (sizes[other] as u128 + 1);
            of(i, j).cmp(&of(j, i)).then(i.cmp(&j))
        });
        match next {
            Some(at) => sizes[at] += 1,
            None => break,
        }
    }
    Ok(sizes)
}

/// The sum of absolute amounts of some items; it cannot overflow.
pub fn weight(items: &[Item], positions: &[usize]) -> u128 {
    let amounts = positions.iter().map(|&i| items[i].amount.0.unsigned_abs());
    amounts.map(u128::from).sum()
}

/// The first `size` of these positions in the order of chance.
pub fn random(
    items: &[Item],
    mut positions: Vec<usize>,
    size: usize,
    seed: &str,
    organisation: &str,
) -> Vec<usize> {
    let place = |at: &usize| chance::place(seed, "rank", organisation, &items[*at].identity());
    positions.sort_by_cached_key(place);
    positions.truncate(size);
    positions
}

/// The positions of the `top` greatest absolute amounts (ties in the order of chance), and those of the rest.
pub fn top(items: &[Item], top: usize, seed: &str, organisation: &str) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_cached_key(|&at| {
        let place = chance::place(seed, "rank", organisation, &items[at].identity());
        (std::cmp::Reverse(items[at].amount.abs()), place)
    });
    let rest = order.split_off(top.min(order.len()));
    (order, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_counts_within_their_bounds() {
        let shared = |counts: &[usize], amounts: &[u128], size| shared_out(counts, amounts, size);
        let by_amount = shared(&[100, 50, 1], &[1_000, 9_000, 9_000], 51).unwrap();
        assert_eq!(by_amount, [5, 45, 1]);
        assert_eq!(shared(&[3, 0, 4], &[1, 0, 1], 50).unwrap(), [3, 0, 4]);
        assert_eq!(shared(&[9, 9], &[1, 1], 4).unwrap(), [2, 2]);
        assert!(shared(&[9, 9], &[1, 1], 3).is_err());
    }
}
