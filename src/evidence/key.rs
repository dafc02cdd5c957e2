//! The key that signs bundles: Ed25519 (RFC 8032), of the store's owner. It lives outside the database, like the key of
//! identifiers; who has only the database cannot sign in the owner's name.

use std::path::Path;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::EvidenceError;
use crate::model::hex;
use crate::store::key_file;

/// Environment variable with the secret seed: 64 hex digits.
pub const KEY_VARIABLE: &str = "SANZI_SIGN_KEY";

/// Signs manifests.
pub struct Signer(Ed25519KeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", fingerprint(&self.public_key()))
    }
}

impl Signer {
    /// From [`KEY_VARIABLE`], or from the user's key file, which is made at first use, readable by its owner only.
    ///
    /// # Errors
    /// [`EvidenceError::Key`].
    pub fn load() -> Result<Signer, EvidenceError> {
        match std::env::var(KEY_VARIABLE).ok().filter(|k| !k.is_empty()) {
            Some(text) => Signer::from_text(&text, KEY_VARIABLE),
            None => Signer::from_file(&key_file::path("sign.key")),
        }
    }

    fn from_file(path: &Path) -> Result<Signer, EvidenceError> {
        let place = path.display().to_string();
        let unusable = |e: std::io::Error| EvidenceError::Key {
            place: place.clone(),
            reason: e.to_string(),
        };
        let text = key_file::read(path).map_err(unusable)?;
        Signer::from_text(&String::from_utf8_lossy(&text), &place)
    }

    fn from_text(text: &str, place: &str) -> Result<Signer, EvidenceError> {
        let unusable = || EvidenceError::Key {
            place: place.to_owned(),
            reason: "不是 64 位十六进制数".to_owned(),
        };
        let seed = bytes(text.trim()).ok_or_else(unusable)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| unusable())?;
        Ok(Signer(pair))
    }

    /// 32 bytes.
    pub fn public_key(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    /// 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// How a key is told from another: hex SHA-256 of the 32 bytes of the public key.
pub fn fingerprint(public_key: &[u8]) -> String {
    hex(&Sha256::digest(public_key))
}

/// Whether the signature over the message was made with this key.
pub fn holds(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key)
        .verify(message, signature)
        .is_ok()
}

/// The fingerprint that a reader expects: written out, or that of the public key in a file (64 hex digits).
///
/// # Errors
/// [`EvidenceError::WrongKey`].
pub fn expected(given: &str) -> Result<String, EvidenceError> {
    let wrong = || EvidenceError::WrongKey(given.to_owned());
    if Path::new(given).is_file() {
        let text = std::fs::read_to_string(given).map_err(|_| wrong())?;
        return Ok(fingerprint(
            &bytes(text.trim())
                .filter(|b| b.len() == 32)
                .ok_or_else(wrong)?,
        ));
    }
    let plain = |c: &char| !c.is_whitespace() && *c != ':';
    let text: String = given.chars().filter(plain).collect();
    let found = bytes(&text).filter(|b| b.len() == 32).ok_or_else(wrong)?;
    Ok(hex(&found))
}

/// The bytes of a text of hex digits.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let text = text.as_bytes();
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 1: the empty message.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let signer = Signer::from_text(seed, "test").unwrap();
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(hex(&signer.public_key()), public);
        let signature = signer.sign(b"");
        assert!(hex(&signature).starts_with("e5564300c360ac729086e2cc806e828a"));
        assert!(holds(&signer.public_key(), b"", &signature));
        assert!(!holds(&signer.public_key(), b"x", &signature));
        assert!(!holds(b"", b"", b""));
    }

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sanzi").join("sign.key");
        let first = Signer::from_file(&path).unwrap();
        let again = Signer::from_file(&path).unwrap();
        assert_eq!(first.public_key(), again.public_key());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_is_expected_by_fingerprint_or_by_file() {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::from_text(&"07".repeat(32), "test").unwrap();
        let path = folder.path().join("sign.pub");
        std::fs::write(&path, hex(&signer.public_key()) + "\n").unwrap();
        let print = fingerprint(&signer.public_key());
        assert_eq!(expected(&path.display().to_string()).unwrap(), print);
        assert_eq!(expected(&print.to_uppercase()).unwrap(), print);
        for wrong in ["", "甲乙", "abc", "ab"] {
            assert!(
                expected(wrong)
                    .unwrap_err()
                    .to_string()
                    .starts_with("证据-1004 ")
            );
        }
        assert!(
            Signer::from_text("short", "test")
                .unwrap_err()
                .to_string()
                .starts_with("证据-1001 ")
        );
    }
}
