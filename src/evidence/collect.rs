//! Everything that items rest on, out of the store: as files, and as what the page and the manifest say of them.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::manifest::{ChainsOf, HeadOf, RunOf};
use super::record::{
    AttachmentRecord, EventLink, EventRecord, FindingRecord, ItemRecord, VoucherLink, VoucherRecord,
};
use super::{EvidenceError, File, tables};
use crate::audit::outcome::Finding;
use crate::audit::rule::RulePack;
use crate::ledger::{self, read};
use crate::model::{VoucherId, catalogue, hex};
use crate::pack::Pack;
use crate::review::dossier::Dossier;
use crate::review::log::{attachment_bytes, events_between};
use crate::review::{self, Actor, Desk, ReviewError};
use crate::store::{Store, registers, run_list};

/// Links read from the store at a time.
const STEP: i64 = 5_000;

/// An item as the page shows it.
pub struct Matter {
    pub record: ItemRecord,
    pub finding: Finding,
    pub state: String,
    /// Files of the item's folder.
    pub files: Vec<String>,
    pub vouchers: Vec<VoucherRecord>,
    /// Files with the rule's text and the marts that it reads; none when today's pack no longer has the rule.
    pub rule_files: Vec<String>,
    /// Version of the rule that those files hold.
    pub rule_version: Option<u32>,
}

impl Matter {
    pub fn number(&self) -> &str {
        &self.record.number
    }
}

/// What was gathered.
pub struct Collected {
    pub items: Vec<Matter>,
    pub files: Vec<File>,
    pub runs: Vec<RunOf>,
    pub chains: Vec<ChainsOf>,
}

/// Gathers; the chains of every organisation concerned are recomputed first.
pub async fn collect(
    store: &Store,
    desk: &Desk,
    pack: &Pack,
    actor: &Actor,
    numbers: &[String],
) -> Result<Collected, EvidenceError> {
    let rules = RulePack::load(pack);
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let (mut items, mut runs) = (Vec::new(), BTreeMap::new());
    let numbers: BTreeSet<&str> = numbers.iter().map(|n| n.trim()).collect();
    for number in numbers {
        let dossier = Dossier::read(store.db(), &desk.workflow, actor, number).await?;
        let mut matter = matter(store, desk, &dossier, &mut files).await?;
        rule_files(pack, &rules, &mut matter, &mut files);
        let run = matter.record.finding.run;
        if let Some(found) = run_list::find(store.db(), run).await? {
            runs.insert(run, run_of(found));
        }
        items.push(matter);
    }
    let organisations: BTreeSet<&str> = items
        .iter()
        .map(|m| m.record.organisation.as_str())
        .collect();
    let mut chains = Vec::new();
    for organisation in organisations {
        chains.push(chains_of(store, organisation, &items, &mut files).await?);
    }
    Ok(Collected {
        items,
        files: files.into_iter().collect(),
        runs: runs.into_values().collect(),
        chains,
    })
}

fn run_of(run: run_list::Run) -> RunOf {
    RunOf {
        id: run.id,
        digest: run.digest,
        data_digest: run.data_digest,
        pack_digest: run.pack_digest,
        program: run.program,
        as_of: run.as_of,
        finished_at: run.finished_at,
    }
}

/// The files of one item, and the item itself.
async fn matter(
    store: &Store,
    desk: &Desk,
    dossier: &Dossier,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<Matter, EvidenceError> {
    let item = &dossier.item;
    let folder = format!("items/{}", safe(&item.number));
    let malformed = |_| ReviewError::Malformed {
        organisation: item.organisation.clone(),
        position: dossier.last().position,
    };
    let finding: Finding = serde_json::from_str(&dossier.finding.payload).map_err(malformed)?;
    let record = ItemRecord {
        organisation: item.organisation.clone(),
        fingerprint: item.fingerprint.clone(),
        number: item.number.clone(),
        rule: item.rule.clone(),
        first_run: item.first_run,
        finding: FindingRecord::of(dossier.last().version_run, &dossier.finding),
        events: events(store, dossier, &folder, files).await?,
    };
    let vouchers = vouchers(store, &finding).await?;
    let mut put = |name: &str, bytes: Vec<u8>| files.insert(format!("{folder}/{name}"), bytes);
    put("finding.json", dossier.finding.payload.clone().into_bytes());
    put("item.json", json(&record)?);
    if !finding.voucher_lines.is_empty() {
        put("lines-handed-in.csv", tables::handed_in(&finding)?);
    }
    if !vouchers.is_empty() {
        put("vouchers.json", json(&vouchers)?);
        put("vouchers.csv", tables::posted(&vouchers)?);
    }
    for (name, bytes) in tables::registers(&register_rows(store, &finding).await?)? {
        put(&format!("registers/{name}"), bytes);
    }
    let mark = format!("{folder}/");
    Ok(Matter {
        state: desk.workflow.label(dossier.state()).to_owned(),
        files: files
            .keys()
            .filter(|p| p.starts_with(&mark))
            .cloned()
            .collect(),
        record,
        finding,
        vouchers,
        rule_files: Vec::new(),
        rule_version: None,
    })
}

/// Every event with its attachments, whose bytes become files.
async fn events(
    store: &Store,
    dossier: &Dossier,
    folder: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<Vec<EventRecord>, EvidenceError> {
    let sealed = dossier.attachments(store.db()).await?;
    let mut records = Vec::with_capacity(dossier.events.len());
    for event in &dossier.events {
        let mut attachments = Vec::new();
        for a in sealed.iter().filter(|a| a.position == event.position) {
            let path = format!(
                "{folder}/attachments/{}-{}-{}",
                a.position,
                a.line,
                safe(&a.name)
            );
            let organisation = &dossier.item.organisation;
            let bytes = attachment_bytes(store.db(), organisation, a.position, a.line).await?;
            files.insert(path.clone(), bytes.unwrap_or_default());
            attachments.push(AttachmentRecord {
                line: a.line,
                name: a.name.clone(),
                size: a.size,
                sha256: hex(&a.sha256),
                path,
            });
        }
        records.push(EventRecord::of(event, attachments));
    }
    Ok(records)
}

/// Every revision of the vouchers that a finding names. Held ones were never posted: they stand among the lines as handed in.
async fn vouchers(store: &Store, finding: &Finding) -> Result<Vec<VoucherRecord>, EvidenceError> {
    let mut all = Vec::new();
    for id in finding.vouchers.iter().filter_map(|v| VoucherId::parse(v)) {
        let revisions = read::revisions(store, &finding.organisation, &id).await?;
        let record = |v| VoucherRecord::of(&finding.organisation, v);
        all.extend(revisions.iter().map(record));
    }
    all.sort_by_key(|v| v.position);
    Ok(all)
}

async fn register_rows(
    store: &Store,
    finding: &Finding,
) -> Result<Vec<(&'static crate::model::Table, registers::StoredRow)>, EvidenceError> {
    let mut rows = Vec::new();
    for line in &finding.register_lines {
        // Accounts are kept by the chart, not as register rows.
        let mut kept = catalogue().registers().filter(|t| t.name != "account");
        let Some(table) = kept.find(|t| t.name == line.table) else {
            continue;
        };
        let place = (line.file.as_str(), line.row);
        let found = registers::at_place(store, table, &finding.organisation, place).await?;
        let sheet =
            |r: &registers::StoredRow| r.source_sheet.as_deref().unwrap_or_default() == line.sheet;
        rows.extend(found.into_iter().filter(sheet).map(|r| (table, r)));
    }
    Ok(rows)
}

/// The rule's file and the marts that it reads, as today's pack has them.
fn rule_files(
    pack: &Pack,
    rules: &RulePack,
    matter: &mut Matter,
    files: &mut BTreeMap<String, Vec<u8>>,
) {
    let Some(rule) = rules.rules.iter().find(|r| r.id() == matter.record.rule) else {
        return;
    };
    matter.rule_version = Some(rule.file.version);
    let marts = rules.marts_needed(&rule.relations);
    let paths = std::iter::once(&rule.path).chain(marts.into_iter().map(|m| &m.path));
    for path in paths {
        let Some(bytes) = pack.bytes(path) else {
            continue;
        };
        let name = path.split('/').map(safe).collect::<Vec<_>>().join("/");
        let name = format!("rules/{name}");
        files.insert(name.clone(), bytes.to_vec());
        matter.rule_files.push(name);
    }
}

/// The links of both chains of an organisation, from the first one concerned to the head.
async fn chains_of(
    store: &Store,
    organisation: &str,
    items: &[Matter],
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<ChainsOf, EvidenceError> {
    let own = || {
        items
            .iter()
            .filter(|m| m.record.organisation == organisation)
    };
    let vouchers = own()
        .flat_map(|m| m.vouchers.iter().map(|v| v.position))
        .min();
    let vouchers = match vouchers {
        None => None,
        Some(first) => Some(voucher_links(store, organisation, first, files).await?),
    };
    let events = own()
        .flat_map(|m| m.record.events.iter().map(|e| e.position))
        .min();
    let review = event_links(store, organisation, events.unwrap_or(1), files).await?;
    Ok(ChainsOf {
        organisation: organisation.to_owned(),
        vouchers,
        review,
    })
}

async fn voucher_links(
    store: &Store,
    organisation: &str,
    first: i64,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<HeadOf, EvidenceError> {
    let reports = ledger::verify::verify(store, Some(organisation), |_| {}).await?;
    if let Some(fault) = reports.into_iter().find_map(|r| r.fault) {
        return Err(EvidenceError::Broken {
            organisation: organisation.to_owned(),
            chain: "凭证链",
            position: fault.position,
            reason: fault.reason,
        });
    }
    let book = read::book(store.db(), organisation).await?;
    let (mut links, mut at) = (Vec::new(), first);
    while at <= book.length {
        let last = (at + STEP - 1).min(book.length);
        for posted in read::vouchers(store, organisation, at, last).await? {
            line(&mut links, &VoucherLink::of(&posted))?;
        }
        at = last + 1;
    }
    let path = format!("chains/{}-vouchers.jsonl", safe(organisation));
    files.insert(path.clone(), links);
    Ok(HeadOf {
        length: book.length,
        head: hex(&book.head),
        links: path,
    })
}

async fn event_links(
    store: &Store,
    organisation: &str,
    first: i64,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<HeadOf, EvidenceError> {
    let reports = review::verify::verify(store, Some(organisation)).await?;
    let (mut length, mut head) = (0, String::new());
    for report in reports {
        if let Some(fault) = report.fault {
            return Err(EvidenceError::Broken {
                organisation: organisation.to_owned(),
                chain: "核查链",
                position: fault.position,
                reason: fault.reason,
            });
        }
        (length, head) = (report.length, report.head);
    }
    let mut links = Vec::new();
    for event in events_between(store.db(), organisation, first, length).await? {
        let link = EventLink {
            position: event.position,
            previous_hash: hex(&event.previous_hash),
            hash: hex(&event.hash),
        };
        line(&mut links, &link)?;
    }
    let path = format!("chains/{}-review.jsonl", safe(organisation));
    files.insert(path.clone(), links);
    Ok(HeadOf {
        length,
        head,
        links: path,
    })
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, EvidenceError> {
    serde_json::to_vec_pretty(value).map_err(EvidenceError::internal)
}

fn line<T: serde::Serialize>(into: &mut Vec<u8>, value: &T) -> Result<(), EvidenceError> {
    serde_json::to_writer(&mut *into, value).map_err(EvidenceError::internal)?;
    into.push(b'\n');
    Ok(())
}

/// A name as part of a path on any system: letters, digits, `.`, `-`, `_`; a name that was changed gets a mark of its own, so that
/// no two become one.
fn safe(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let clean: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    if clean == name && clean.chars().count() <= 80 && !clean.starts_with('.') && !clean.is_empty()
    {
        return clean;
    }
    // The ending stays last, so that a file is opened by the program for it.
    let mark = hex(&Sha256::digest(name))[..8].to_owned();
    let from = clean.chars().count().saturating_sub(60);
    let end: String = clean.chars().skip(from).collect();
    format!("{mark}_{}", end.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn names_stay_within_their_folder_and_apart() {
        assert_eq!(safe("C-001-1a2b3c4d"), "C-001-1a2b3c4d");
        assert_eq!(safe("照片1.jpg"), "照片1.jpg");
        for bad in ["../../x", "..", "", "a/b", "C:\\x", "a\0b", "con:"] {
            let name = safe(bad);
            assert!(
                !name.contains(['/', '\\', ':', '\0']) && !name.starts_with('.'),
                "{name}"
            );
        }
        assert_ne!(safe("a/b"), safe("a:b"));
        assert!(safe(&format!("{}.pdf", "长".repeat(300))).ends_with(".pdf"));
    }
}
