//! Chance from SHA-256: the same on every machine, whatever the order of the items.

use sha2::{Digest, Sha256};

/// A place in the order of chance. 256 bits: two items never share one.
pub type Place = [u8; 32];

/// The place of something in the order that a seed makes. `purpose` keeps draws of one seed apart.
///
/// SHA-256 over the texts, each after its length in eight bytes, so that no two lists of texts run together.
pub fn place(seed: &str, purpose: &str, organisation: &str, identity: &str) -> Place {
    let mut hash = Sha256::new();
    for text in ["sanzi sampling 1", seed, purpose, organisation, identity] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

/// A number from 1 to `bound`. Of 2^128 values at most 2^64 too many fall to the lower numbers: not to be noticed.
pub fn number(seed: &str, purpose: &str, organisation: &str, bound: u64) -> u64 {
    let place = place(seed, purpose, organisation, "");
    let mut high = [0; 16];
    high.copy_from_slice(&place[..16]);
    let within = u128::from_be_bytes(high) % u128::from(bound.max(1));
    u64::try_from(within).unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pinned: a stored seed must give the same sample for ever.
    #[test]
    fn is_what_it_was() {
        let shown = crate::model::hex(&place("2025-01", "rank", "A01", "2024-03-记-0012#1"));
        assert_eq!(
            shown,
            "491fb1ab71203df2f5b20823c7d12c16800a8422d1e3733612dc5f4d2748e1a4"
        );
        assert_eq!(number("2025-01", "start", "A01", 100_000), 95_675);
    }

    #[test]
    fn texts_do_not_run_together() {
        assert_ne!(place("ab", "c", "", ""), place("a", "bc", "", ""));
    }

    #[test]
    fn numbers_are_spread_evenly() {
        let mut counts = [0u32; 10];
        for seed in 0..10_000 {
            counts[number(&seed.to_string(), "start", "A01", 10) as usize - 1] += 1;
        }
        // Ten cells of 1000: χ² with nine degrees of freedom, 0.1 % critical value 27.9.
        let off = |c: &u32| (f64::from(*c) - 1000.0).powi(2) / 1000.0;
        let chi_square: f64 = counts.iter().map(off).sum();
        assert!(chi_square < 27.9, "{counts:?}");
    }
}
