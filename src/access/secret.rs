//! Secrets that are handed out once and stored only as digests.

use sha2::{Digest, Sha256};

use crate::model::hex;

/// 256 random bits in hex, from the operating system's seeded generator.
pub fn token() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// Twelve characters in groups of four that are read off a screen and typed: none looks like another (about 59 bits).
pub fn typed_code() -> String {
    const SIGNS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut code = String::with_capacity(14);
    for i in 0..12 {
        if i > 0 && i % 4 == 0 {
            code.push('-');
        }
        let sign = SIGNS[rand::random_range(0..SIGNS.len())];
        code.push(char::from(sign));
    }
    code
}

/// What is stored of a token: tokens are random, so a plain hash cannot be guessed back.
pub fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}
