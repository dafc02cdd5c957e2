//! A bundle on another machine: everything that can be checked without the database, all problems at once.

mod chains;
mod items;

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{FORMAT, Listed, MANIFEST, Manifest, SIGNATURE};
use super::{key, package};

/// Something that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("证据-2001 读不出:{0}。请重新取得这个文件")]
    Unreadable(String),
    #[error("证据-2002 解压后大得不合常理:{0}。这不是本程序制作的证据包")]
    Huge(String),
    #[error("证据-2003 包内路径不当:{0}。这不是本程序制作的证据包,请勿解压")]
    BadPath(String),
    #[error("证据-2004 清单 manifest.json 不能用:{0}。请向制作者重新索取")]
    Manifest(String),
    #[error("证据-2005 缺少文件「{0}」:清单中有,包中没有")]
    Missing(String),
    #[error("证据-2006 多出文件「{0}」:包中有,清单中没有。请勿采信")]
    Surplus(String),
    #[error("证据-2007 文件「{path}」与清单不符:{what}。请勿采信这个文件")]
    Changed { path: String, what: String },
    #[error("证据-2008 签名不成立:{0}。清单在签名之后被改动,或签名被换掉")]
    Signature(String),
    #[error("证据-2009 签名者不是所指定的:指纹为 {found},应为 {expected}")]
    OtherSigner { found: String, expected: String },
    #[error("证据-2010 凭证 {voucher}(单位「{organisation}」)与封存时不同:{reason}")]
    Voucher {
        organisation: String,
        voucher: String,
        reason: String,
    },
    #[error("证据-2011 单位「{organisation}」的{chain}在第 {position} 条不接:{reason}")]
    Chain {
        organisation: String,
        chain: &'static str,
        position: i64,
        reason: String,
    },
    #[error("证据-2012 事项 {item} 的核查记录第 {seq} 条与封存时不同:{reason}")]
    Event {
        item: String,
        seq: i64,
        reason: String,
    },
    #[error("证据-2013 事项 {item} 的{what}与核查记录所记的校验值不符")]
    Content { item: String, what: String },
    #[error("证据-2014 文件「{path}」不成形:{reason}")]
    Malformed { path: String, reason: String },
}

/// What was checked and found.
#[derive(Debug, Default)]
pub struct Checked {
    pub problems: Vec<Problem>,
    /// None when it cannot be read.
    pub manifest: Option<Manifest>,
    /// Fingerprint of the key that the signature was proved with; none when it does not hold.
    pub signed_by: Option<String>,
    /// Vouchers, links and events that were hashed anew.
    pub vouchers: usize,
    pub links: usize,
    pub events: usize,
}

/// The files by path.
type Files = BTreeMap<String, Vec<u8>>;

/// Checks the bytes of a bundle; `expected` is the fingerprint of the key that must have signed.
pub fn check(bytes: &[u8], expected: Option<&str>) -> Checked {
    let (files, problems) = package::read(bytes);
    let files: Files = files.into_iter().collect();
    let mut checked = Checked {
        problems,
        ..Checked::default()
    };
    let manifest = match manifest(&files) {
        Ok(manifest) => manifest,
        // A zip that cannot be read at all has no manifest either: said once.
        Err(_) if files.is_empty() && !checked.problems.is_empty() => return checked,
        Err(reason) => {
            checked.problems.push(Problem::Manifest(reason));
            return checked;
        }
    };
    listed(&files, &manifest, &mut checked.problems);
    signature(&files, &manifest, expected, &mut checked);
    items::check(&files, &manifest, &mut checked);
    chains::check(&files, &manifest, &mut checked);
    checked.manifest = Some(manifest);
    checked
}

fn manifest(files: &Files) -> Result<Manifest, String> {
    let bytes = files.get(MANIFEST).ok_or("包中没有这个文件")?;
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|e| format!("不是 JSON({e})"))?;
    match value["format"].as_i64() {
        Some(FORMAT) => serde_json::from_slice(bytes).map_err(|e| format!("内容不全({e})")),
        Some(other) => Err(format!("格式版本为 {other},本程序认得 {FORMAT}")),
        None => Err("没有写明格式版本".to_owned()),
    }
}

/// Every file in the manifest and none beside, with sizes and digests.
fn listed(files: &Files, manifest: &Manifest, problems: &mut Vec<Problem>) {
    let mut known: BTreeSet<&str> = [MANIFEST, SIGNATURE].into();
    for stated in &manifest.files {
        if !known.insert(&stated.path) {
            let what = format!("「{}」列了两次", stated.path);
            problems.push(Problem::Manifest(what));
            continue;
        }
        let Some(bytes) = files.get(&stated.path) else {
            problems.push(Problem::Missing(stated.path.clone()));
            continue;
        };
        let found = Listed::new(&stated.path, bytes);
        let mut what = Vec::new();
        if found.size != stated.size {
            what.push(format!("大小为 {} 字节,应为 {}", found.size, stated.size));
        }
        if found.sha256 != stated.sha256 {
            what.push("SHA-256 不同".to_owned());
        }
        if found.sm3 != stated.sm3 {
            what.push("SM3 不同".to_owned());
        }
        if !what.is_empty() {
            problems.push(Problem::Changed {
                path: stated.path.clone(),
                what: what.join("、"),
            });
        }
    }
    let surplus = files.keys().filter(|p| !known.contains(p.as_str()));
    problems.extend(surplus.map(|p| Problem::Surplus(p.clone())));
}

fn signature(files: &Files, manifest: &Manifest, expected: Option<&str>, checked: &mut Checked) {
    let faulty = |what: &str| Problem::Signature(what.to_owned());
    let public_key = key::bytes(&manifest.signer.public_key).unwrap_or_default();
    let found = key::fingerprint(&public_key);
    let text = files.get(SIGNATURE).map(|b| String::from_utf8_lossy(b));
    let signature = text.as_deref().and_then(|t| key::bytes(t.trim()));
    let message = files.get(MANIFEST).map_or(&[][..], Vec::as_slice);
    match signature {
        _ if manifest.signer.algorithm != "Ed25519" => {
            checked.problems.push(faulty("不认得签名算法"));
        }
        None if !files.contains_key(SIGNATURE) => {
            checked.problems.push(faulty("包中没有 manifest.sig"));
        }
        None => checked.problems.push(faulty("manifest.sig 不成形")),
        Some(s) if !key::holds(&public_key, message, &s) => {
            checked.problems.push(faulty("与清单和其中的公钥对不上"));
        }
        Some(_) if found != manifest.signer.fingerprint => {
            checked
                .problems
                .push(faulty("清单所写的指纹不是其公钥的指纹"));
        }
        Some(_) => checked.signed_by = Some(found.clone()),
    }
    if let Some(expected) = expected.filter(|e| *e != found) {
        checked.problems.push(Problem::OtherSigner {
            found,
            expected: expected.to_owned(),
        });
    }
}

/// A JSON file of the bundle. One that is missing was named already.
fn parsed<T: serde::de::DeserializeOwned>(
    files: &Files,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let parsed = serde_json::from_slice(files.get(path)?);
    parsed
        .map_err(|e| {
            problems.push(Problem::Malformed {
                path: path.to_owned(),
                reason: e.to_string(),
            });
        })
        .ok()
}
