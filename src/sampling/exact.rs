//! Money times a ratio, without a float: 128 bits in between, an error instead of a wrap.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::SamplingError;
use crate::model::Money;

/// `money × numerator ÷ denominator`, to the nearest 分, halves away from zero. The denominator must not be 0.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn share(money: Money, numerator: i64, denominator: i64) -> Result<Money, SamplingError> {
    let product = i128::from(money.0) * i128::from(numerator);
    nearest(product, i128::from(denominator))
}

/// The nearest 分 of a quotient, halves away from zero.
///
/// # Errors
/// [`SamplingError::Overflow`], for a denominator of 0 too.
pub fn nearest(numerator: i128, denominator: i128) -> Result<Money, SamplingError> {
    let (whole, rest) = numerator
        .checked_div(denominator)
        .zip(numerator.checked_rem(denominator))
        .ok_or(SamplingError::Overflow)?;
    let half = rest.unsigned_abs() >= denominator.unsigned_abs() - rest.unsigned_abs();
    let away = match (half, (numerator < 0) == (denominator < 0)) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => -1,
    };
    i64::try_from(whole + away)
        .map(Money)
        .map_err(|_| SamplingError::Overflow)
}

/// `money × factor`, rounded up: for bounds.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn at_least(money: Money, factor: Decimal) -> Result<Money, SamplingError> {
    let product = Decimal::from(money.0).checked_mul(factor);
    whole(product, RoundingStrategy::AwayFromZero)
}

/// `money ÷ factor`, rounded down.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn through(money: Money, factor: Decimal) -> Result<Money, SamplingError> {
    let quotient = Decimal::from(money.0).checked_div(factor);
    whole(quotient, RoundingStrategy::ToZero)
}

fn whole(value: Option<Decimal>, how: RoundingStrategy) -> Result<Money, SamplingError> {
    let fen = value.and_then(|v| v.round_dp_with_strategy(0, how).to_i64());
    fen.map(Money).ok_or(SamplingError::Overflow)
}

/// The sum of amounts.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Result<Money, SamplingError> {
    amounts
        .into_iter()
        .try_fold(Money::ZERO, Money::checked_add)
        .ok_or(SamplingError::Overflow)
}

/// `left − right`.
///
/// # Errors
/// [`SamplingError::Overflow`].
pub fn less(left: Money, right: Money) -> Result<Money, SamplingError> {
    let fen = left.0.checked_sub(right.0);
    fen.map(Money).ok_or(SamplingError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_it_says() {
        for (n, d, fen) in [
            (5, 2, 3),
            (-5, 2, -3),
            (5, -2, -3),
            (4, 3, 1),
            (-4, 3, -1),
            (0, 7, 0),
        ] {
            assert_eq!(nearest(n, d).unwrap(), Money(fen), "{n}/{d}");
        }
        assert_eq!(
            at_least(Money(100), Decimal::new(1_000_001, 6)).unwrap(),
            Money(101)
        );
        assert_eq!(through(Money(100), Decimal::new(3, 0)).unwrap(), Money(33));
        assert!(nearest(1, 0).is_err());
        assert!(share(Money(i64::MAX), i64::MAX, 1).is_err());
    }
}
