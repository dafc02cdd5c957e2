//! An account's code and name in one cell: `1002\\银行存款`, `1002.01 农商行`, `(1001)库存现金`, or the name alone.

/// Code and name; either may be empty.
pub fn split(text: &str) -> (&str, &str) {
    let text = text.trim().trim_start_matches(['[', '(', '（', '【']);
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
        .unwrap_or(text.len());
    let (code, name) = text.split_at(end);
    if !code.starts_with(|c: char| c.is_ascii_digit()) {
        return ("", text);
    }
    let joint = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\\' | '/' | '_' | '-' | '—' | '－' | ':' | '：' | ']' | ')' | '）' | '】'
            )
    };
    (
        code.trim_end_matches(['.', '-']),
        name.trim_start_matches(joint).trim(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_name_come_apart() {
        for (text, want) in [
            ("1002\\银行存款", ("1002", "银行存款")),
            ("1002\\银行存款\\农商行", ("1002", "银行存款\\农商行")),
            ("1002.01 农商行", ("1002.01", "农商行")),
            ("1002-01-农商行", ("1002-01", "农商行")),
            ("(1001)库存现金", ("1001", "库存现金")),
            ("【1001】库存现金", ("1001", "库存现金")),
            ("101库存现金", ("101", "库存现金")),
            ("库存现金", ("", "库存现金")),
            ("1001", ("1001", "")),
            ("", ("", "")),
        ] {
            assert_eq!(split(text), want, "{text}");
        }
    }
}
