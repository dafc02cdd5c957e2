//! How a rent rises: `每3年5%`, `每年递增3%`, `每两年上浮10%`, `逐年递增2.5%`. Exact: hundredths of a per cent as integers.

/// The rent rises by `rate` (in 1/10 000) after every `years` years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escalation {
    pub years: u32,
    pub rate: u32,
}

impl Escalation {
    /// `None`: no rise, or a text that is not understood (then no rise is assumed, so that nothing is claimed as due
    /// that the contract may not say).
    pub fn parse(text: &str) -> Option<Escalation> {
        let plain: String = text
            .chars()
            .map(half_width)
            .filter(|c| !c.is_whitespace())
            .collect();
        let rate = rate(&plain)?;
        let years = match plain.find("每").map(|at| &plain[at + "每".len()..]) {
            Some(rest) => match rest.find('年') {
                Some(0) => 1,
                Some(end) => number(rest[..end].trim_start_matches('满'))?,
                None => return None,
            },
            None if plain.contains("逐年")
                || plain.contains("年递增")
                || plain.contains("年增") =>
            {
                1
            }
            None => return None,
        };
        (years > 0 && rate > 0).then_some(Escalation { years, rate })
    }

    /// The yearly rent, in 分, of lease year `year` (0 = the first): compounded, rounded half up at each rise.
    pub fn apply(self, first: i64, year: u32) -> i64 {
        let mut rent = i128::from(first);
        for _ in 0..year / self.years {
            rent = (rent * (10_000 + i128::from(self.rate)) + 5_000).div_euclid(10_000);
            // A lease whose end was mistyped by centuries doubles out of any range.
            if rent > i128::from(i64::MAX) {
                return i64::MAX;
            }
        }
        i64::try_from(rent).unwrap_or(i64::MAX)
    }
}

fn rate(text: &str) -> Option<u32> {
    let end = text.find('%')?;
    let start = text[..end]
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
    let raw = crate::model::money::parse_scaled(&text[start..end], 2).ok()?;
    u32::try_from(raw).ok().filter(|r| *r <= 10_000)
}

fn number(text: &str) -> Option<u32> {
    const DIGITS: [&str; 11] = [
        "零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十",
    ];
    let text = text.replace('两', "二").replace('个', "");
    text.parse().ok().or_else(|| {
        DIGITS
            .iter()
            .position(|d| *d == text)
            .and_then(|n| u32::try_from(n).ok())
    })
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' | '％' | '．' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_contracts_say() {
        for (text, years, rate) in [
            ("每3年5%", 3, 500),
            ("每年3%", 1, 300),
            ("每2年递增10%", 2, 1000),
            ("每满三年上浮5%", 3, 500),
            ("每两年递增6%", 2, 600),
            ("逐年递增2.5%", 1, 250),
            ("每３年５％", 3, 500),
        ] {
            let found = Escalation::parse(text);
            assert_eq!(found, Some(Escalation { years, rate }), "{text}");
        }
        for text in ["", "无", "固定", "每3年", "5%", "协商"] {
            assert_eq!(Escalation::parse(text), None, "{text}");
        }
    }

    #[test]
    fn compounds_exactly() {
        let every_three = Escalation {
            years: 3,
            rate: 500,
        };
        let doubled = Escalation {
            years: 1,
            rate: 10_000,
        };
        assert_eq!(doubled.apply(1_000_000, 900), i64::MAX);
        assert_eq!(every_three.apply(1_000_000, 2), 1_000_000);
        assert_eq!(every_three.apply(1_000_000, 3), 1_050_000);
        assert_eq!(every_three.apply(1_000_000, 6), 1_102_500);
    }
}
