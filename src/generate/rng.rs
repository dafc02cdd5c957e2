//! Random numbers that are the same on every machine: splitmix64. Each company has its own stream.

/// A splitmix64 generator.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// A stream of its own for `stream` under one seed.
    pub fn new(seed: u64, stream: u64) -> Rng {
        let mut rng = Rng(seed ^ stream.wrapping_mul(0xD605_BBB5_8C8A_BC03));
        rng.next();
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low + (self.next() % span) as i64
    }

    /// An amount in 分 between two amounts in 元 that is no multiple of one 元.
    pub fn odd_money(&mut self, low: i64, high: i64) -> i64 {
        let fen = self.between(low * 100, high * 100);
        if fen % 100 == 0 {
            fen + self.between(1, 99)
        } else {
            fen
        }
    }

    /// An amount in 分, log-uniform over so many decades from `low` 分 on.
    pub fn log_money(&mut self, low: i64, decades: u32) -> i64 {
        log_spread(low, decades, (self.next() >> 32) as u32)
    }

    /// True in `ppm` of a million cases.
    pub fn chance(&mut self, ppm: u32) -> bool {
        self.between(0, 999_999) < i64::from(ppm)
    }
}

/// An amount log-uniform over so many decades from `low` on: `low` · 10^(`decades` · `fraction` / 2³²). Amounts spread so
/// follow Benford's law. Integers only, so that it is the same on every machine.
pub fn log_spread(low: i64, decades: u32, fraction: u32) -> i64 {
    const ONE: u32 = 60;
    let exponent = u64::from(fraction) * u64::from(decades);
    let mut value = u128::from(low.unsigned_abs()) << ONE;
    for _ in 0..exponent >> 32 {
        value *= 10;
    }
    // 10^(1/2), 10^(1/4), … for the bits after the point.
    let mut factor = 10u128 << ONE;
    for bit in (0..32).rev() {
        factor = (factor << ONE).isqrt();
        if exponent >> bit & 1 == 1 {
            value = (value >> (ONE / 2)) * (factor >> (ONE / 2));
        }
    }
    i64::try_from(value >> ONE).unwrap_or(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, stream| {
            let mut rng = Rng::new(seed, stream);
            (0..8).map(|_| rng.between(0, 1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }

    #[test]
    fn log_spread_meets_its_ends_and_middle() {
        let at = |fraction| log_spread(1_000, 2, fraction);
        assert_eq!((at(0), at(1 << 31), at(1 << 30)), (1_000, 10_000, 3_162));
        assert_eq!(at(u32::MAX), 99_999);
    }

    #[test]
    fn stays_in_range_and_off_whole_yuan() {
        let mut rng = Rng::new(7, 7);
        for _ in 0..1_000 {
            let fen = rng.odd_money(10, 20);
            assert!((1_000..=2_099).contains(&fen) && fen % 100 != 0, "{fen}");
        }
        assert!(!rng.chance(0) && rng.chance(1_000_000));
    }
}
