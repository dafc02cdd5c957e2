//! The list of what is in a bundle, who made it, and with which key. The signature is over the bytes of `manifest.json`.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::File;
use super::key::{Signer, fingerprint};
use crate::model::hex;
use crate::review::Actor;

/// Version of the format.
pub const FORMAT: i64 = 1;

pub const MANIFEST: &str = "manifest.json";
/// 128 hex digits: the Ed25519 signature over the manifest's bytes.
pub const SIGNATURE: &str = "manifest.sig";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: i64,
    /// `sanzi 0.1.0`.
    pub program: String,
    /// Local time.
    pub made_at: NaiveDateTime,
    pub made_by: String,
    /// Role code.
    pub role: String,
    /// Digest of the pack from which rules and marts were copied.
    pub pack_digest: String,
    pub signer: SignedBy,
    /// Numbers.
    pub items: Vec<String>,
    pub runs: Vec<RunOf>,
    pub chains: Vec<ChainsOf>,
    /// In order of path; all files but the manifest and its signature.
    pub files: Vec<Listed>,
}

/// The key that signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedBy {
    /// `Ed25519`.
    pub algorithm: String,
    /// 64 hex digits.
    pub public_key: String,
    /// Hex SHA-256 of the public key's bytes.
    pub fingerprint: String,
}

/// An audit run that holds a finding of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOf {
    pub id: i64,
    pub digest: String,
    pub data_digest: String,
    pub pack_digest: String,
    pub program: String,
    pub as_of: chrono::NaiveDate,
    pub finished_at: NaiveDateTime,
}

/// The heads of an organisation's two chains when the bundle was made, and where their links are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainsOf {
    pub organisation: String,
    /// None when no posted voucher is concerned.
    pub vouchers: Option<HeadOf>,
    pub review: HeadOf,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadOf {
    /// Number of links of the whole chain.
    pub length: i64,
    /// Hex SHA-256.
    pub head: String,
    /// Path of the links, from the first one concerned to the head.
    pub links: String,
}

/// A file with its digests, hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub sha256: String,
    pub sm3: String,
}

impl Listed {
    pub fn of((path, bytes): &File) -> Listed {
        Listed::new(path, bytes)
    }

    pub fn new(path: &str, bytes: &[u8]) -> Listed {
        Listed {
            path: path.to_owned(),
            size: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
            sm3: hex(&Sm3::digest(bytes)),
        }
    }
}

impl Manifest {
    /// A manifest that lists nothing yet.
    pub fn new(actor: &Actor, at: NaiveDateTime, signer: &Signer) -> Manifest {
        let public_key = signer.public_key();
        Manifest {
            format: FORMAT,
            program: concat!("sanzi ", env!("CARGO_PKG_VERSION")).to_owned(),
            made_at: at,
            made_by: actor.user().to_owned(),
            role: actor.role.code().to_owned(),
            pack_digest: String::new(),
            signer: SignedBy {
                algorithm: "Ed25519".to_owned(),
                public_key: hex(&public_key),
                fingerprint: fingerprint(&public_key),
            },
            items: Vec::new(),
            runs: Vec::new(),
            chains: Vec::new(),
            files: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GM/T 0004-2012, appendix A, example 1; FIPS 180-2, appendix B.1.
    #[test]
    fn digests_are_those_of_the_standards() {
        let listed = Listed::of(&("a".to_owned(), b"abc".to_vec()));
        assert_eq!(listed.size, 3);
        assert_eq!(
            listed.sm3,
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_eq!(
            listed.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
