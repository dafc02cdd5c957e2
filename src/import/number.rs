//! Voucher words and numbers as packages write them: `记-79`, `记 - 79`, `记-0079`, `记字第79号`, `记79`, `1/2`.

/// Splits 凭证字号 into word and number. `None`: no number in it. A missing word is an empty one.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (word, number) = text.split_at(start);
    Some((clean_word(word), clean_number(number)?))
}

/// A number column: digits, perhaps a fraction, perhaps dressed (`第79号`).
pub fn clean_number(text: &str) -> Option<&str> {
    let text = text
        .trim()
        .trim_start_matches(['第', '#'])
        .trim_end_matches(['号', '#'])
        .trim();
    // A number that went through a spreadsheet or a database as a decimal: 12.0, 12.00000.
    let text = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    };
    // Parts of one voucher are numbered by fractions: 7-1/2, 7 1/2, 7(1/2).
    let fraction = text.contains('/');
    let part = |c: char| fraction && matches!(c, ' ' | '(' | ')' | '（' | '）');
    let sound = text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_') || part(c));
    sound.then_some(text)
}

/// `记字` and `记 -` are both 记.
pub fn clean_word(text: &str) -> &str {
    let joint =
        |c: char| c.is_whitespace() || matches!(c, '-' | '—' | '–' | '_' | '第' | '#' | ':' | '：');
    let word = text
        .trim()
        .trim_end_matches(joint)
        .trim_start_matches(joint);
    match word.strip_suffix('字') {
        Some(short) if !short.is_empty() => short.trim(),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_every_dress() {
        for (text, want) in [
            ("记-79", Some(("记", "79"))),
            ("记 - 79", Some(("记", "79"))),
            ("记-0079", Some(("记", "0079"))),
            ("记字第79号", Some(("记", "79"))),
            ("银付79", Some(("银付", "79"))),
            ("79", Some(("", "79"))),
            ("记-1/2", Some(("记", "1/2"))),
            ("记-7-1/2", Some(("记", "7-1/2"))),
            ("记字第7 1/2号", Some(("记", "7 1/2"))),
            ("记-7（1/2）", Some(("记", "7（1/2）"))),
            ("记-7 8", None),
            ("记-7(补)", None),
            ("记", None),
            ("", None),
            ("记-7?", None),
        ] {
            assert_eq!(split(text), want, "{text}");
        }
        assert_eq!(clean_number("12.0"), Some("12"));
        assert_eq!(clean_number("12.00000"), Some("12"));
        for text in ["12.5", "12.", "12.05"] {
            assert_eq!(clean_number(text), None, "{text}");
        }
        assert_eq!(clean_number("十二"), None);
    }
}
