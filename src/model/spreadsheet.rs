//! Texts for files that a spreadsheet opens.

use std::borrow::Cow;

/// A text that a spreadsheet would take for a formula gets a leading `'`.
pub fn disarmed(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::disarmed;

    #[test]
    fn formulas_are_disarmed() {
        for text in ["=1+1", "+1", "-1", "@a", "\tx", "\rx"] {
            assert_eq!(disarmed(text), format!("'{text}"));
        }
        assert_eq!(disarmed("a=1"), "a=1");
    }
}
