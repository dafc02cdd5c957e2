//! Exact amounts. Money is an integer number of 分; areas, rates and quantities are integers of a fixed scale.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

/// Amounts above this are refused when read: 10^13 分 = 1000 亿元. It keeps any sum of 9 × 10^5 amounts inside `i64`.
pub const MAX_FEN: i64 = 10_000_000_000_000;

/// An amount in 分 (1/100 元), signed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Money(pub i64);

/// Why a text is not a number that we accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    #[error("不是数字")]
    NotANumber,
    #[error("小数位数过多")]
    TooManyDecimals,
    #[error("数值超出允许范围")]
    OutOfRange,
}

impl Money {
    pub const ZERO: Money = Money(0);

    /// Reads 元 with at most two decimals (see [`parse_scaled`] for what is accepted); at most [`MAX_FEN`].
    pub fn parse(text: &str) -> Result<Money, NumberError> {
        let fen = parse_scaled(text, 2)?;
        if fen.abs() > MAX_FEN {
            Err(NumberError::OutOfRange)
        } else {
            Ok(Money(fen))
        }
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub fn abs(self) -> Money {
        Money(self.0.abs())
    }

    /// Sum that refuses to wrap.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        self.0.checked_add(other.0).map(Money)
    }

    /// `1,234,567.80`: thousands separators, always two decimals.
    pub fn grouped(self) -> String {
        let plain = self.to_string();
        let (sign, digits) = plain
            .strip_prefix('-')
            .map_or(("", plain.as_str()), |d| ("-", d));
        let (whole, cents) = digits.split_at(digits.len() - 3);
        let mut out = String::with_capacity(plain.len() + whole.len() / 3);
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i) % 3 == 0 {
                out.push(',');
            }
            out.push(c);
        }
        format!("{sign}{out}{cents}")
    }
}

/// `1234567.80`: plain 元 with two decimals.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_scaled(self.0, 2))
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}
impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}
impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}
impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        self.0 -= other.0;
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(iter: I) -> Money {
        iter.fold(Money::ZERO, Add::add)
    }
}

/// An exact number stored as `raw / 10^scale`: an area (scale 4), a rate in % (6), a coordinate (7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scaled {
    pub raw: i64,
    pub scale: u8,
}

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_scaled(self.raw, self.scale))
    }
}

/// Writes `raw / 10^scale` with all its decimals.
pub fn format_scaled(raw: i64, scale: u8) -> String {
    let unit = 10u64.pow(u32::from(scale));
    let sign = if raw < 0 { "-" } else { "" };
    let (whole, rest) = (raw.unsigned_abs() / unit, raw.unsigned_abs() % unit);
    if scale == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest:0width$}", width = usize::from(scale))
    }
}

/// Reads a number of up to `scale` decimals as an integer of that scale.
///
/// Accepted besides plain digits: thousands separators (`,` `，`, groups of three), full-width digits, a currency mark (`¥ ￥ 元`), a
/// leading or trailing minus in its four shapes, parentheses for negatives, surrounding blanks. Empty text, `-` and `--`
/// are zero. Trailing zeros beyond the scale are accepted, other digits there are [`NumberError::TooManyDecimals`].
pub fn parse_scaled(text: &str, scale: u8) -> Result<i64, NumberError> {
    if text
        .trim()
        .chars()
        .all(|c| matches!(c, '-' | '−' | '–' | '－'))
    {
        return Ok(0);
    }
    let mut digits: i128 = 0;
    let (mut decimals, mut seen_digit, mut seen_point, mut negative, mut in_parens) =
        (0u8, false, false, false, false);
    // Digits before the point, and since the last separator: groups have three, so that `1,5` is no 15.
    let (mut whole, mut group) = (0u32, None::<u32>);
    for c in text.trim().chars() {
        match c {
            '0'..='9' | '０'..='９' => {
                let base = if c.is_ascii() {
                    '0' as u32
                } else {
                    '０' as u32
                };
                let digit = i128::from(c as u32 - base);
                seen_digit = true;
                if !seen_point {
                    whole += 1;
                    group = group.map(|n| n + 1);
                }
                if seen_point {
                    if decimals == scale {
                        if digit != 0 {
                            return Err(NumberError::TooManyDecimals);
                        }
                        continue;
                    }
                    decimals += 1;
                }
                digits = digits * 10 + digit;
                if digits > i128::from(i64::MAX) {
                    return Err(NumberError::OutOfRange);
                }
            }
            '.' | '．' if !seen_point => seen_point = true,
            ',' | '，' if !seen_point && group.map_or((1..=3).contains(&whole), |n| n == 3) => {
                group = Some(0);
            }
            '-' | '−' | '–' | '－' if !negative && !in_parens => negative = true,
            '+' if !seen_digit => {}
            '(' | '（' if !seen_digit && !negative => {
                negative = true;
                in_parens = true;
            }
            ')' | '）' if in_parens => in_parens = false,
            '¥' | '￥' | '元' | ' ' | '\u{a0}' | '\u{3000}' | '\'' => {}
            _ => return Err(NumberError::NotANumber),
        }
    }
    if !seen_digit {
        return Err(NumberError::NotANumber);
    }
    if in_parens || group.is_some_and(|n| n != 3) {
        return Err(NumberError::NotANumber);
    }
    let raw = digits * 10i128.pow(u32::from(scale - decimals));
    let raw = i64::try_from(raw).map_err(|_| NumberError::OutOfRange)?;
    Ok(if negative { -raw } else { raw })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_what_packages_write() {
        for (text, fen) in [
            ("1234.5", 123_450),
            ("1,234.50", 123_450),
            ("１，２３４．５", 123_450),
            ("¥ 12.00", 1_200),
            ("(3.20)", -320),
            ("（3.20）", -320),
            ("-0.01", -1),
            ("－8", -800),
            ("12-", -1_200),
            ("", 0),
            ("--", 0),
            ("-", 0),
            (" 7 ", 700),
            ("100.000", 10_000),
            ("'55", 5_500),
            ("+3", 300),
            ("30元", 3_000),
        ] {
            assert_eq!(Money::parse(text), Ok(Money(fen)), "{text:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for (text, error) in [
            ("1.234", NumberError::TooManyDecimals),
            ("abc", NumberError::NotANumber),
            ("1.2.3", NumberError::NotANumber),
            ("1e5", NumberError::NotANumber),
            ("(3", NumberError::NotANumber),
            ("1,", NumberError::NotANumber),
            ("1,5", NumberError::NotANumber),
            ("12,34.00", NumberError::NotANumber),
            ("1234,567", NumberError::NotANumber),
            ("--1", NumberError::NotANumber),
            ("100000000000.01", NumberError::OutOfRange),
            ("99999999999999999999", NumberError::OutOfRange),
        ] {
            assert_eq!(Money::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn groups_thousands() {
        assert_eq!(Money(123_456_780).grouped(), "1,234,567.80");
        assert_eq!(Money(-12_345).grouped(), "-123.45");
        assert_eq!(Money(0).grouped(), "0.00");
    }

    proptest! {
        #[test]
        fn text_and_back_is_identity(fen in -MAX_FEN..=MAX_FEN) {
            prop_assert_eq!(Money::parse(&Money(fen).to_string()), Ok(Money(fen)));
            prop_assert_eq!(Money::parse(&Money(fen).grouped()), Ok(Money(fen)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = Money::parse(&text);
        }
    }
}
