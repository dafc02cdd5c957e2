//! Items of a bundle: each event hashed anew, and what the events hold by digest only: the finding and the attachments.

use sha2::{Digest, Sha256};

use super::{Checked, Files, Problem, parsed};
use crate::evidence::manifest::Manifest;
use crate::evidence::record::{EventRecord, ItemRecord, VoucherRecord};
use crate::ledger::chain as vouchers;
use crate::model::hex;
use crate::review::{absorb, chain};

/// Paths of the bundle's files with this name, one of each item.
pub fn files_named<'a>(files: &'a Files, name: &'a str) -> impl Iterator<Item = &'a String> {
    files.keys().filter(move |p| {
        let mut parts = p.split('/');
        let item = (
            parts.next(),
            parts.next().is_some(),
            parts.next(),
            parts.next(),
        );
        item == (Some("items"), true, Some(name), None)
    })
}

pub fn check(files: &Files, manifest: &Manifest, checked: &mut Checked) {
    let mut met = Vec::new();
    for path in files_named(files, "item.json") {
        let Some(item) = parsed::<ItemRecord>(files, path, &mut checked.problems) else {
            continue;
        };
        finding(files, path, &item, checked);
        for (record, seq) in item.events.iter().zip(1..) {
            event(files, &item, (record, seq), checked);
        }
        met.push(item.number);
    }
    for number in manifest.items.iter().filter(|n| !met.contains(n)) {
        let what = format!("其中的事项 {number} 在包中没有记录");
        checked.problems.push(Problem::Manifest(what));
    }
    for path in files_named(files, "vouchers.json") {
        let all = parsed::<Vec<VoucherRecord>>(files, path, &mut checked.problems);
        for record in all.iter().flatten() {
            checked.vouchers += 1;
            checked.problems.extend(voucher(record));
        }
    }
}

/// The voucher's content and seal, from its own lines.
fn voucher(record: &VoucherRecord) -> Option<Problem> {
    let problem = |name: String, reason: &str| Problem::Voucher {
        organisation: record.organisation.clone(),
        voucher: name,
        reason: reason.to_owned(),
    };
    let Some(voucher) = record.voucher() else {
        return Some(problem(
            format!("第 {} 张", record.position),
            "期间或日期不成形",
        ));
    };
    let name = voucher.id.to_string();
    let content = vouchers::content(&record.organisation, &voucher);
    if hex(&content) != record.content {
        return Some(problem(name, "内容或分录"));
    }
    let previous = crate::evidence::key::bytes(&record.previous_hash).unwrap_or_default();
    let seal = vouchers::seal(
        &previous,
        &record.organisation,
        record.position,
        record.revision,
        &content,
        &voucher,
    );
    (hex(&seal) != record.hash).then(|| problem(name, "来源、版本或链上位置"))
}

/// The finding is the one that the last event with a version speaks of.
fn finding(files: &Files, path: &str, item: &ItemRecord, checked: &mut Checked) {
    let path = path.replace("item.json", "finding.json");
    // A file that is missing was named already.
    let Some(bytes) = files.get(&path) else {
        return;
    };
    let payload = String::from_utf8_lossy(bytes);
    let digest = absorb::digest(&item.finding.stored(item, &payload));
    let stated = item.events.iter().rev().find_map(|record| {
        let (event, _) = record.event(item)?;
        event.payload().ok()?.version().map(|v| v.digest.clone())
    });
    if stated != Some(digest) {
        checked.problems.push(Problem::Content {
            item: item.number.clone(),
            what: "疑点内容".to_owned(),
        });
    }
}

/// The event's hash and attachments; `expected` is its number within the item, so that none is left out before it.
fn event(
    files: &Files,
    item: &ItemRecord,
    (record, expected): (&EventRecord, i64),
    checked: &mut Checked,
) {
    checked.events += 1;
    let problem = |reason: &str| Problem::Event {
        item: item.number.clone(),
        seq: record.seq,
        reason: reason.to_owned(),
    };
    if record.seq != expected {
        checked.problems.push(problem("前面缺少记录"));
    }
    match record.event(item) {
        None => checked.problems.push(problem("校验值不成形")),
        Some((event, sealed)) => {
            if hex(&chain::hash(&item.item(), &event, &sealed)) != record.hash {
                checked.problems.push(problem("记录、所属事项或附件清单"));
            }
        }
    }
    for a in &record.attachments {
        let Some(bytes) = files.get(&a.path) else {
            continue;
        };
        if bytes.len() as i64 != a.size || hex(&Sha256::digest(bytes)) != a.sha256 {
            checked.problems.push(Problem::Content {
                item: item.number.clone(),
                what: format!("附件「{}」", a.name),
            });
        }
    }
}
