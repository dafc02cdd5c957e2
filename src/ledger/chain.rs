//! The hash chain: one per organisation, sealed in the transaction that posts.
//!
//! Format 1. Every field is written as a presence byte, a length (8 bytes, big-endian) and its bytes, so that no two
//! different vouchers give the same input. `content` covers what the voucher says; `hash` covers the hash before it,
//! the place in the chain, the content, and where everything was handed in. Hashing is done here and nowhere else.

use chrono::{NaiveDate, NaiveDateTime, Timelike as _};
use sha2::{Digest, Sha256};

use crate::model::date::iso_text;
use crate::model::{Entry, Voucher};

/// Version of the format, stored with every voucher.
pub const FORMAT: i64 = 1;

/// The hash before the first voucher.
pub const GENESIS: [u8; 32] = [0; 32];

/// The input of one hash, gathered whole: hashing it piece by piece costs more than copying it once. The chains of reviews
/// (`review::chain`) and of the access log (`access::log`) are made of it too.
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    pub(crate) fn new(domain: &str) -> Fields {
        let mut fields = Fields(Vec::with_capacity(1024));
        fields.0.push(1);
        fields.text(domain);
        fields
    }

    pub(crate) fn bytes(&mut self, bytes: Option<&[u8]>) {
        self.0.push(u8::from(bytes.is_some()));
        let bytes = bytes.unwrap_or_default();
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(Some(text.as_bytes()));
    }

    pub(crate) fn optional(&mut self, text: Option<&str>) {
        self.bytes(text.map(str::as_bytes));
    }

    pub(crate) fn int(&mut self, number: i64) {
        self.bytes(Some(&number.to_be_bytes()));
    }

    pub(crate) fn date(&mut self, date: NaiveDate) {
        self.text(iso_text(date).as_str());
    }

    pub(crate) fn time(&mut self, time: Option<NaiveDateTime>) {
        self.optional(
            time.map(|t| {
                let (h, m, s, n) = (t.hour(), t.minute(), t.second(), t.nanosecond());
                format!("{}T{h:02}:{m:02}:{s:02}.{n:09}", t.date())
            })
            .as_deref(),
        );
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

/// What the voucher says, without where it came from and how the account was named in that export: the same voucher in a
/// later export has the same content.
pub fn content(organisation: &str, voucher: &Voucher) -> [u8; 32] {
    let mut fields = Fields::new("content");
    fields.text(organisation);
    fields.int(i64::from(voucher.id.period.year));
    fields.int(i64::from(voucher.id.period.month));
    fields.text(&voucher.id.word);
    fields.text(&voucher.id.number);
    fields.date(voucher.date);
    fields.bytes(
        voucher
            .attachments
            .map(u32::to_be_bytes)
            .as_ref()
            .map(|b| b.as_slice()),
    );
    for person in [
        &voucher.maker,
        &voucher.checker,
        &voucher.poster,
        &voucher.cashier,
        &voucher.reverses,
        &voucher.origin,
    ] {
        fields.optional(person.as_deref());
    }
    fields.time(voucher.entered_at);
    fields.int(voucher.entries.len() as i64);
    for entry in &voucher.entries {
        entry_content(&mut fields, entry);
    }
    fields.finish()
}

fn entry_content(fields: &mut Fields, entry: &Entry) {
    fields.int(i64::from(entry.line));
    fields.text(&entry.account);
    fields.int(entry.debit.0);
    fields.int(entry.credit.0);
    for text in [
        &entry.summary,
        &entry.counterparty,
        &entry.contract_no,
        &entry.asset_no,
        &entry.project,
        &entry.fund,
        &entry.invoice_no,
        &entry.receipt_no,
        &entry.bank_txn_no,
        &entry.settlement,
    ] {
        fields.optional(text.as_deref());
    }
}

/// The seal of a voucher at its place in the chain.
pub fn seal(
    previous: &[u8],
    organisation: &str,
    position: i64,
    revision: i64,
    content: &[u8],
    voucher: &Voucher,
) -> [u8; 32] {
    let mut fields = Fields::new("seal");
    fields.bytes(Some(previous));
    fields.text(organisation);
    fields.int(position);
    fields.int(revision);
    fields.bytes(Some(content));
    fields.text(&voucher.source.file);
    fields.optional(voucher.source.sheet.as_deref());
    fields.int(i64::from(voucher.source.row));
    for entry in &voucher.entries {
        fields.optional(entry.account_name.as_deref());
        fields.int(i64::from(entry.source_row));
    }
    fields.finish()
}
