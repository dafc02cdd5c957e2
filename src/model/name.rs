//! Names of organisations as they are compared: without blanks, brackets in one form.

/// The name without white space and with ASCII brackets. An empty name is nobody's: compare only what is not empty.
pub fn plain_name(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{ff08}' => '(',
            '\u{ff09}' => ')',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_brackets_do_not_count() {
        assert_eq!(plain_name(" 甲\u{ff08}九枫\u{ff09}公司 "), "甲(九枫)公司");
    }
}
