//! How figures stand on a page.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::model::{Money, PeriodRange};

/// Money in a table: thousands apart, nought as a dash, less than nought red and with its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yuan(pub Option<Money>);

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(m) if m.is_zero() => f.write_str("—"),
            Some(m) if m.0 < 0 => write!(f, "<span class=\"neg\">{}</span>", m.grouped()),
            Some(m) => f.write_str(&m.grouped()),
        }
    }
}

/// Digits, commas, a dash and one tag of our own.
impl HtmlSafe for Yuan {}

pub fn yuan(money: Money) -> Yuan {
    Yuan(Some(money))
}

/// Money on the overview: 万元, the exact figure when pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wan(pub Option<Money>);

impl fmt::Display for Wan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(money) = self.0 else {
            return Ok(());
        };
        if money.is_zero() {
            return f.write_str("—");
        }
        // 10^6 分 are one 万元; rounded to two places, away from nought.
        let hundredths = (money.0.unsigned_abs() + 5_000) / 10_000;
        let rounded = i64::try_from(hundredths).unwrap_or(i64::MAX);
        let (sign, class) = match money.0 < 0 {
            true => ("-", " class=\"neg\""),
            false => ("", ""),
        };
        let exact = money.grouped();
        write!(
            f,
            "<span title=\"{exact} 元\"{class}>{sign}{}</span>",
            Money(rounded).grouped()
        )
    }
}

impl HtmlSafe for Wan {}

/// The value of a field for months.
pub fn months(range: Option<PeriodRange>) -> String {
    range.map_or(String::new(), |r| r.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(yuan(Money(0)).to_string(), "—");
        assert_eq!(
            yuan(Money(-123_456)).to_string(),
            "<span class=\"neg\">-1,234.56</span>"
        );
        let wan = Wan(Some(Money(1_234_567_890))).to_string();
        assert!(
            wan.contains("12,345,678.90 元") && wan.ends_with(">1,234.57</span>"),
            "{wan}"
        );
    }
}
