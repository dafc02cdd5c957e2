//! The hash of an event: one chain per organisation, made of the same fields as the chain of the books.
//!
//! Format 1. It covers the hash before it, the item with all that is stored of it, the event, and name, size and SHA-256 of
//! each attachment; the bytes of an attachment are covered by its SHA-256.

use super::event::Event;
use super::log::{Item, Sealed};
use crate::ledger::chain::Fields;

pub use crate::ledger::chain::GENESIS;

/// Version of the format, stored with every event.
pub const FORMAT: i64 = 1;

/// The hash of an event at its place in the chain.
pub fn hash(item: &Item, event: &Event, attachments: &[Sealed]) -> [u8; 32] {
    let mut fields = Fields::new("review");
    fields.bytes(Some(&event.previous_hash));
    for text in [
        &item.organisation,
        &item.fingerprint,
        &item.number,
        &item.rule,
    ] {
        fields.text(text);
    }
    fields.int(item.first_run);
    fields.int(event.position);
    fields.int(event.seq);
    fields.text(&event.event);
    fields.optional(event.state_before.as_deref());
    fields.text(&event.state);
    fields.int(event.cycle);
    fields.int(i64::from(event.present));
    fields.time(Some(event.at));
    fields.text(&event.by);
    for text in [&event.role, &event.proposed_by, &event.reason] {
        fields.optional(text.as_deref());
    }
    fields.int(i64::from(event.backward));
    fields.optional(event.due.map(|d| d.to_string()).as_deref());
    fields.int(i64::from(event.due_provisional));
    fields.optional(event.run_id.map(|r| r.to_string()).as_deref());
    fields.int(event.version_run);
    fields.text(&event.payload);
    fields.int(event.attachments);
    for attachment in attachments {
        fields.int(attachment.line);
        fields.text(&attachment.name);
        fields.int(attachment.size);
        fields.bytes(Some(&attachment.sha256));
    }
    fields.finish()
}
