//! Personal identifiers and account numbers: kept as keyed hash and last characters, never in clear.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

/// Turns an identifier into `id:<16 hex digits>:<last four>`. Equal identifiers give equal texts under one key.
#[derive(Clone)]
pub struct IdHasher {
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for IdHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdHasher")
    }
}

impl IdHasher {
    /// `key` belongs to the store and stays secret: identifiers are few enough to be guessed without it.
    pub fn new(key: &[u8]) -> IdHasher {
        // HMAC takes a key of any length.
        let mac = Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
        IdHasher { mac }
    }

    /// Tells one key from another without giving it away.
    pub fn fingerprint(&self) -> String {
        let mut mac = self.mac.clone();
        mac.update(b"sanzi bundle key");
        let digest = mac.finalize().into_bytes();
        digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    /// Blanks, hyphens, width and case do not matter. What is already in the stored form is returned as it is, so that
    /// an export can be read back.
    pub fn hash(&self, text: &str) -> String {
        if is_hashed(text) {
            return text.to_owned();
        }
        let clean: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\'' | '‐'))
            .flat_map(char::to_uppercase)
            .collect();
        let mut mac = self.mac.clone();
        mac.update(clean.as_bytes());
        let digest = mac.finalize().into_bytes();
        let hex: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        // A short identifier would be given away by four characters.
        let count = clean.chars().count();
        let shown = if count >= 8 { 4 } else { count / 4 };
        let last: String = clean.chars().skip(count - shown).collect();
        format!("id:{hex}:{last}")
    }
}

/// Whether a text has the stored form.
pub fn is_hashed(text: &str) -> bool {
    let Some((hex, last)) = text.strip_prefix("id:").and_then(|t| t.split_once(':')) else {
        return false;
    };
    hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_hexdigit()) && last.chars().count() <= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_identifiers_give_equal_texts_and_only_the_end_is_shown() {
        let ids = IdHasher::new(b"key");
        let hashed = ids.hash("6222 0000-1234 567x");
        assert_eq!(hashed, ids.hash("６２２２００００１２３４５６７X"));
        assert!(is_hashed(&hashed) && hashed.ends_with(":567X"));
        assert_eq!(ids.hash(&hashed), hashed);
        assert_ne!(hashed, IdHasher::new(b"other").hash("622200001234567X"));
        assert!(ids.hash("123").ends_with(':'));
    }
}
