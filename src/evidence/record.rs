//! The records of the chains as they stand in a bundle: with every field that is hashed, and back again, so that the reader
//! hashes them in the one place where hashing is done.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::key::bytes;
use crate::ledger::chain;
use crate::ledger::read::PostedVoucher;
use crate::model::{Entry, Money, Period, Source, Text, Voucher, VoucherId, hex};
use crate::review::event::Event;
use crate::review::log::{Item, Sealed};
use crate::store::runs::StoredFinding;

/// A posted voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherRecord {
    pub organisation: String,
    pub position: i64,
    pub revision: i64,
    pub format: i64,
    pub year: i32,
    pub month: u32,
    pub word: String,
    pub number: String,
    pub date: NaiveDate,
    pub attachments: Option<u32>,
    pub maker: Option<String>,
    pub checker: Option<String>,
    pub poster: Option<String>,
    pub cashier: Option<String>,
    pub entered_at: Option<NaiveDateTime>,
    pub reverses: Option<String>,
    pub origin: Option<String>,
    pub file: String,
    pub sheet: Option<String>,
    pub row: u32,
    pub entries: Vec<EntryRecord>,
    pub content: String,
    pub previous_hash: String,
    pub hash: String,
}

/// One of its lines; amounts in 分.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRecord {
    pub line: u32,
    pub summary: Option<String>,
    pub account: String,
    pub account_name: Option<String>,
    pub debit: i64,
    pub credit: i64,
    pub counterparty: Option<String>,
    pub contract_no: Option<String>,
    pub asset_no: Option<String>,
    pub project: Option<String>,
    pub fund: Option<String>,
    pub invoice_no: Option<String>,
    pub receipt_no: Option<String>,
    pub bank_txn_no: Option<String>,
    pub settlement: Option<String>,
    pub source_row: u32,
}

fn owned(text: &Option<Text>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}

fn text(text: &Option<String>) -> Option<Text> {
    text.as_deref().map(Text::from)
}

impl VoucherRecord {
    pub fn of(organisation: &str, posted: &PostedVoucher) -> VoucherRecord {
        let v = &posted.voucher;
        VoucherRecord {
            organisation: organisation.to_owned(),
            position: posted.position,
            revision: posted.revision,
            format: posted.format,
            year: v.id.period.year,
            month: v.id.period.month,
            word: v.id.word.to_string(),
            number: v.id.number.to_string(),
            date: v.date,
            attachments: v.attachments,
            maker: owned(&v.maker),
            checker: owned(&v.checker),
            poster: owned(&v.poster),
            cashier: owned(&v.cashier),
            entered_at: v.entered_at,
            reverses: owned(&v.reverses),
            origin: owned(&v.origin),
            file: v.source.file.to_string(),
            sheet: owned(&v.source.sheet),
            row: v.source.row,
            entries: v.entries.iter().map(EntryRecord::of).collect(),
            content: hex(&posted.content),
            previous_hash: hex(&posted.previous_hash),
            hash: hex(&posted.hash),
        }
    }

    /// None when its month is none, or its day lies outside the years that the program lets in: the hash does not tell 12024 from 2024.
    pub fn voucher(&self) -> Option<Voucher> {
        Period::new(self.date.year(), 1)?;
        Some(Voucher {
            id: VoucherId {
                period: Period::new(self.year, self.month)?,
                word: self.word.as_str().into(),
                number: self.number.as_str().into(),
            },
            date: self.date,
            attachments: self.attachments,
            maker: text(&self.maker),
            checker: text(&self.checker),
            poster: text(&self.poster),
            cashier: text(&self.cashier),
            entered_at: self.entered_at,
            reverses: text(&self.reverses),
            origin: text(&self.origin),
            source: Source {
                file: self.file.as_str().into(),
                sheet: text(&self.sheet),
                row: self.row,
            },
            entries: self.entries.iter().map(EntryRecord::entry).collect(),
        })
    }
}

impl EntryRecord {
    fn of(e: &Entry) -> EntryRecord {
        EntryRecord {
            line: e.line,
            summary: owned(&e.summary),
            account: e.account.to_string(),
            account_name: owned(&e.account_name),
            debit: e.debit.0,
            credit: e.credit.0,
            counterparty: owned(&e.counterparty),
            contract_no: owned(&e.contract_no),
            asset_no: owned(&e.asset_no),
            project: owned(&e.project),
            fund: owned(&e.fund),
            invoice_no: owned(&e.invoice_no),
            receipt_no: owned(&e.receipt_no),
            bank_txn_no: owned(&e.bank_txn_no),
            settlement: owned(&e.settlement),
            source_row: e.source_row,
        }
    }

    fn entry(&self) -> Entry {
        Entry {
            line: self.line,
            summary: text(&self.summary),
            account: self.account.as_str().into(),
            account_name: text(&self.account_name),
            debit: Money(self.debit),
            credit: Money(self.credit),
            counterparty: text(&self.counterparty),
            contract_no: text(&self.contract_no),
            asset_no: text(&self.asset_no),
            project: text(&self.project),
            fund: text(&self.fund),
            invoice_no: text(&self.invoice_no),
            receipt_no: text(&self.receipt_no),
            bank_txn_no: text(&self.bank_txn_no),
            settlement: text(&self.settlement),
            source_row: self.source_row,
        }
    }
}

/// A link of the chain of vouchers: what the seal covers. What the voucher says is in it only by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherLink {
    pub position: i64,
    pub revision: i64,
    pub content: String,
    pub file: String,
    pub sheet: Option<String>,
    pub row: u32,
    /// Account name as handed in and row, of each line.
    pub lines: Vec<(Option<String>, u32)>,
    pub previous_hash: String,
    pub hash: String,
}

impl VoucherLink {
    pub fn of(posted: &PostedVoucher) -> VoucherLink {
        let v = &posted.voucher;
        let line = |e: &Entry| (owned(&e.account_name), e.source_row);
        VoucherLink {
            position: posted.position,
            revision: posted.revision,
            content: hex(&posted.content),
            file: v.source.file.to_string(),
            sheet: owned(&v.source.sheet),
            row: v.source.row,
            lines: v.entries.iter().map(line).collect(),
            previous_hash: hex(&posted.previous_hash),
            hash: hex(&posted.hash),
        }
    }

    /// The seal as the ledger makes it, hex; none when the link is malformed.
    pub fn seal(&self, organisation: &str) -> Option<String> {
        let id = VoucherId::new(Period::new(2000, 1)?, "".into(), "");
        let source = Source {
            file: self.file.as_str().into(),
            sheet: text(&self.sheet),
            row: self.row,
        };
        let entries = self.lines.iter().map(|(name, row)| Entry {
            account_name: text(name),
            source_row: *row,
            ..Entry::default()
        });
        let voucher = Voucher::new(id, NaiveDate::default(), source, entries.collect());
        let (previous, content) = (bytes(&self.previous_hash)?, bytes(&self.content)?);
        let (position, revision) = (self.position, self.revision);
        let seal = chain::seal(
            &previous,
            organisation,
            position,
            revision,
            &content,
            &voucher,
        );
        Some(hex(&seal))
    }
}

/// A link of the chain of reviews: what others did with other items is not told, only that it has its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLink {
    pub position: i64,
    pub previous_hash: String,
    pub hash: String,
}

/// An item with everything that happened to it, and what is stored of its finding beside the payload (`finding.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRecord {
    pub organisation: String,
    pub fingerprint: String,
    pub number: String,
    pub rule: String,
    pub first_run: i64,
    pub finding: FindingRecord,
    pub events: Vec<EventRecord>,
}

impl ItemRecord {
    pub fn item(&self) -> Item {
        Item {
            organisation: self.organisation.clone(),
            fingerprint: self.fingerprint.clone(),
            number: self.number.clone(),
            rule: self.rule.clone(),
            first_run: self.first_run,
        }
    }
}

/// A stored finding without its payload; the amount in 分.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecord {
    pub run: i64,
    pub content: String,
    pub rule_version: i64,
    pub kind: String,
    pub severity: String,
    pub amount: Option<i64>,
}

impl FindingRecord {
    pub fn of(run: i64, finding: &StoredFinding) -> FindingRecord {
        FindingRecord {
            run,
            content: finding.content.clone(),
            rule_version: finding.rule_version,
            kind: finding.kind.clone(),
            severity: finding.severity.clone(),
            amount: finding.amount,
        }
    }

    /// As it is stored, with its payload.
    pub fn stored(&self, item: &ItemRecord, payload: &str) -> StoredFinding {
        StoredFinding {
            fingerprint: item.fingerprint.clone(),
            content: self.content.clone(),
            number: item.number.clone(),
            rule: item.rule.clone(),
            rule_version: self.rule_version,
            organisation: item.organisation.clone(),
            kind: self.kind.clone(),
            severity: self.severity.clone(),
            amount: self.amount,
            payload: payload.to_owned(),
        }
    }
}

/// An event as stored; `payload` is the text that was hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    pub position: i64,
    pub format: i64,
    pub seq: i64,
    pub event: String,
    pub state_before: Option<String>,
    pub state: String,
    pub cycle: i64,
    pub present: bool,
    pub at: NaiveDateTime,
    pub by: String,
    pub role: Option<String>,
    pub proposed_by: Option<String>,
    pub reason: Option<String>,
    pub backward: bool,
    pub due: Option<NaiveDate>,
    pub due_provisional: bool,
    pub run: Option<i64>,
    pub version_run: i64,
    pub payload: String,
    pub attachments: Vec<AttachmentRecord>,
    pub previous_hash: String,
    pub hash: String,
}

/// An attachment and where its bytes are in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentRecord {
    pub line: i64,
    pub name: String,
    pub size: i64,
    pub sha256: String,
    pub path: String,
}

impl EventRecord {
    /// `attachments`: those of this event, with their paths.
    pub fn of(event: &Event, attachments: Vec<AttachmentRecord>) -> EventRecord {
        EventRecord {
            position: event.position,
            format: event.format,
            seq: event.seq,
            event: event.event.clone(),
            state_before: event.state_before.clone(),
            state: event.state.clone(),
            cycle: event.cycle,
            present: event.present,
            at: event.at,
            by: event.by.clone(),
            role: event.role.clone(),
            proposed_by: event.proposed_by.clone(),
            reason: event.reason.clone(),
            backward: event.backward,
            due: event.due,
            due_provisional: event.due_provisional,
            run: event.run_id,
            version_run: event.version_run,
            payload: event.payload.clone(),
            attachments,
            previous_hash: hex(&event.previous_hash),
            hash: hex(&event.hash),
        }
    }

    /// The event and its attachments as stored; none when a digest is no hex.
    pub fn event(&self, item: &ItemRecord) -> Option<(Event, Vec<Sealed>)> {
        let sealed = |a: &AttachmentRecord| {
            Some(Sealed {
                position: self.position,
                line: a.line,
                name: a.name.clone(),
                size: a.size,
                sha256: bytes(&a.sha256)?,
            })
        };
        let event = Event {
            organisation: item.organisation.clone(),
            position: self.position,
            format: self.format,
            fingerprint: item.fingerprint.clone(),
            seq: self.seq,
            event: self.event.clone(),
            state_before: self.state_before.clone(),
            state: self.state.clone(),
            cycle: self.cycle,
            present: self.present,
            at: self.at,
            by: self.by.clone(),
            role: self.role.clone(),
            proposed_by: self.proposed_by.clone(),
            reason: self.reason.clone(),
            backward: self.backward,
            due: self.due,
            due_provisional: self.due_provisional,
            run_id: self.run,
            version_run: self.version_run,
            payload: self.payload.clone(),
            attachments: self.attachments.len() as i64,
            previous_hash: bytes(&self.previous_hash)?,
            hash: bytes(&self.hash)?,
        };
        let sealed = self.attachments.iter().map(sealed).collect::<Option<_>>()?;
        Some((event, sealed))
    }
}
