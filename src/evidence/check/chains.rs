//! The chains of a bundle: link by link from the first one concerned to the head that the manifest states, and every voucher
//! and event of the bundle at its place.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::items::files_named;
use super::{Checked, Files, Problem, parsed};
use crate::evidence::manifest::{ChainsOf, HeadOf, Manifest};
use crate::evidence::record::{EventLink, ItemRecord, VoucherLink, VoucherRecord};
use crate::ledger::chain::GENESIS;
use crate::model::hex;

pub fn check(files: &Files, manifest: &Manifest, checked: &mut Checked) {
    let mut vouchers = BTreeMap::new();
    let mut reviews = BTreeMap::new();
    for ChainsOf {
        organisation,
        vouchers: of_vouchers,
        review,
    } in &manifest.chains
    {
        if let Some(head) = of_vouchers {
            let walk = Walk::new(organisation, "凭证链", head);
            let seal = |link: &VoucherLink| link.seal(organisation);
            vouchers.insert(organisation.as_str(), walk.all(files, seal, checked));
        }
        let walk = Walk::new(organisation, "核查链", review);
        // What others' events say is not in the bundle: their hashes are taken as stated.
        let stated = |link: &EventLink| Some(link.hash.clone());
        reviews.insert(organisation.as_str(), walk.all(files, stated, checked));
    }
    placed(files, &vouchers, &reviews, checked);
}

/// Hash of each link by position, of an organisation.
type Hashes = BTreeMap<i64, String>;

/// What both kinds of links have.
trait Link: DeserializeOwned {
    fn parts(&self) -> (i64, &str, &str);
}

impl Link for VoucherLink {
    fn parts(&self) -> (i64, &str, &str) {
        (self.position, &self.previous_hash, &self.hash)
    }
}

impl Link for EventLink {
    fn parts(&self) -> (i64, &str, &str) {
        (self.position, &self.previous_hash, &self.hash)
    }
}

struct Walk<'a> {
    organisation: &'a str,
    chain: &'static str,
    head: &'a HeadOf,
}

impl<'a> Walk<'a> {
    fn new(organisation: &'a str, chain: &'static str, head: &'a HeadOf) -> Walk<'a> {
        Walk {
            organisation,
            chain,
            head,
        }
    }

    fn fault(&self, position: i64, reason: &str) -> Problem {
        Problem::Chain {
            organisation: self.organisation.to_owned(),
            chain: self.chain,
            position,
            reason: reason.to_owned(),
        }
    }

    /// Goes to the head; the first fault of the chain is named, what comes after it would only repeat it.
    fn all<L: Link>(
        &self,
        files: &Files,
        hashed: impl Fn(&L) -> Option<String>,
        checked: &mut Checked,
    ) -> Hashes {
        let mut hashes = Hashes::new();
        // A file that is missing was named already.
        let Some(bytes) = files.get(&self.head.links) else {
            return hashes;
        };
        let mut last: Option<(i64, String)> = None;
        let lines = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty());
        for line in lines {
            let link: L = match serde_json::from_slice(line) {
                Ok(link) => link,
                Err(e) => {
                    checked.problems.push(Problem::Malformed {
                        path: self.head.links.clone(),
                        reason: e.to_string(),
                    });
                    return hashes;
                }
            };
            checked.links += 1;
            let (position, previous, hash) = link.parts();
            let reason = match &last {
                Some((before, _)) if before.checked_add(1) != Some(position) => Some("位置不连续"),
                Some((_, hash)) if hash != previous => Some("与上一条的链接不符"),
                None if position == 1 && previous != hex(&GENESIS) => Some("不从链的起点开始"),
                _ if hashed(&link).as_deref() != Some(hash) => {
                    Some("封存值与来源、版本或内容的校验值不符")
                }
                _ => None,
            };
            if let Some(reason) = reason {
                checked.problems.push(self.fault(position, reason));
                return hashes;
            }
            last = Some((position, hash.to_owned()));
            hashes.insert(position, hash.to_owned());
        }
        let end = (self.head.length, self.head.head.clone());
        if last != Some(end) {
            let problem = self.fault(self.head.length, "没有接到清单所写的链头");
            checked.problems.push(problem);
        }
        hashes
    }
}

/// Vouchers and events are the links of their chains.
fn placed(
    files: &Files,
    vouchers: &BTreeMap<&str, Hashes>,
    reviews: &BTreeMap<&str, Hashes>,
    checked: &mut Checked,
) {
    let hash = |of: &BTreeMap<&str, Hashes>, organisation: &str, position: i64| {
        of.get(organisation).and_then(|h| h.get(&position)).cloned()
    };
    let not_there = "证据包中的这一条不在链上";
    // Those that cannot be parsed were named with their file.
    let mut named = Vec::new();
    for path in files_named(files, "vouchers.json") {
        let all = parsed::<Vec<VoucherRecord>>(files, path, &mut named);
        for v in all.iter().flatten() {
            if hash(vouchers, &v.organisation, v.position).as_ref() != Some(&v.hash) {
                checked.problems.push(Problem::Chain {
                    organisation: v.organisation.clone(),
                    chain: "凭证链",
                    position: v.position,
                    reason: not_there.to_owned(),
                });
            }
        }
    }
    for path in files_named(files, "item.json") {
        let Some(item) = parsed::<ItemRecord>(files, path, &mut named) else {
            continue;
        };
        for e in &item.events {
            if hash(reviews, &item.organisation, e.position).as_ref() != Some(&e.hash) {
                checked.problems.push(Problem::Chain {
                    organisation: item.organisation.clone(),
                    chain: "核查链",
                    position: e.position,
                    reason: not_there.to_owned(),
                });
            }
        }
    }
}
