//! The life of findings: an item for each matter that a run has named, and everything that happened to it, chained like the
//! books. An item's state is the state of its last event; no column says it a second time, so none can say otherwise.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// What people may do is data (`ledger_rules/workflow/`). What holds whatever the data say stands here: the order of events,
// no decision by one person alone, a reason for a step back, nothing done by the street to what was handed over.
const TABLES: &str = r#"
CREATE TABLE review_head (
    organisation TEXT PRIMARY KEY NOT NULL,
    length {int} NOT NULL CHECK (length >= 0),
    head {blob} NOT NULL
) {strict}
;
CREATE TABLE review_item (
    organisation TEXT NOT NULL REFERENCES review_head (organisation),
    fingerprint TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    first_run {int} NOT NULL REFERENCES audit_run (id),
    PRIMARY KEY (organisation, fingerprint)
) {strict}
;
CREATE TABLE review_event (
    organisation TEXT NOT NULL,
    position {int} NOT NULL CHECK (position > 0),
    format {int} NOT NULL,
    fingerprint TEXT NOT NULL,
    seq {int} NOT NULL CHECK (seq > 0),
    event TEXT NOT NULL CHECK (event IN ('appeared', 'changed', 'gone', 'returned', 'moved', 'proposed', 'replied', 'planned',
        'progress', 'amounts', 'extension_asked', 'extended', 'extension_refused', 'noted')),
    state_before TEXT,
    state TEXT NOT NULL,
    cycle {int} NOT NULL CHECK (cycle > 0),
    present {flag:present} NOT NULL,
    at {time:at} NOT NULL,
    by_whom TEXT NOT NULL CHECK (by_whom <> ''),
    role TEXT,
    proposed_by TEXT CHECK (proposed_by <> by_whom),
    reason TEXT,
    backward {flag:backward} NOT NULL,
    due {date:due},
    due_provisional {flag:due_provisional} NOT NULL,
    run_id {int} REFERENCES audit_run (id),
    version_run {int} NOT NULL REFERENCES audit_run (id),
    payload TEXT NOT NULL,
    attachments {int} NOT NULL CHECK (attachments >= 0),
    previous_hash {blob} NOT NULL,
    hash {blob} NOT NULL,
    PRIMARY KEY (organisation, position),
    UNIQUE (organisation, fingerprint, seq),
    FOREIGN KEY (organisation, fingerprint) REFERENCES review_item (organisation, fingerprint),
    CHECK ((role IS NULL) = (event IN ('appeared', 'changed', 'gone', 'returned'))),
    CHECK ((run_id IS NULL) = (role IS NOT NULL)),
    CHECK ((state_before IS NULL) = (event = 'appeared')),
    CHECK (event IN ('appeared', 'moved', 'returned') OR state = state_before),
    CHECK (NOT backward OR COALESCE(reason, '') <> ''),
    CHECK (event <> 'moved' OR backward OR state NOT IN ('determined', 'closed') OR proposed_by IS NOT NULL),
    CHECK (event <> 'moved' OR state <> 'transferred' OR proposed_by IS NOT NULL OR role = 'inspector'),
    CHECK (event NOT IN ('extended', 'extension_refused') OR proposed_by IS NOT NULL),
    CHECK (event <> 'extension_refused' OR COALESCE(reason, '') <> '')
) {strict}
;
CREATE TABLE review_attachment (
    organisation TEXT NOT NULL,
    position {int} NOT NULL,
    line {int} NOT NULL CHECK (line > 0),
    name TEXT NOT NULL CHECK (name <> ''),
    size {int} NOT NULL,
    sha256 {blob} NOT NULL,
    bytes {blob} NOT NULL,
    PRIMARY KEY (organisation, position, line),
    FOREIGN KEY (organisation, position) REFERENCES review_event (organisation, position),
    CHECK (size = length(bytes) AND length(sha256) = 32)
) {strict}
;
CREATE TABLE review_run (run_id {int} PRIMARY KEY NOT NULL REFERENCES audit_run (id)) {strict}
;
CREATE INDEX finding_fingerprint ON finding (fingerprint, run_id)
"#;

const OF_ITEM: &str =
    "e.organisation = NEW.organisation AND e.fingerprint = NEW.fingerprint AND e.seq < NEW.seq";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        for table in [
            "review_item",
            "review_event",
            "review_attachment",
            "review_run",
        ] {
            ddl::append_only_as(
                manager,
                table,
                "REVIEW-2001: review records are never changed",
                "REVIEW-2002: review records are never deleted",
            )
            .await?;
        }
        for (condition, message) in event_guards() {
            ddl::refuse(manager, "review_event", "INSERT", &condition, message).await?;
        }
        ddl::refuse(
            manager,
            "review_attachment",
            "INSERT",
            "NEW.position <= (SELECT h.length FROM review_head h WHERE h.organisation = NEW.organisation)",
            "REVIEW-2003: events follow one another",
        )
        .await?;
        head_guards(manager).await
    }
}

fn event_guards() -> [(String, &'static str); 3] {
    [
        (
            format!(
                "NEW.position <= (SELECT h.length FROM review_head h WHERE h.organisation = NEW.organisation) \
                 OR NEW.seq <> (SELECT COALESCE(MAX(e.seq), 0) + 1 FROM review_event e WHERE {OF_ITEM}) \
                 OR COALESCE(NEW.state_before, '') <> COALESCE((SELECT e.state FROM review_event e WHERE {OF_ITEM} ORDER BY e.seq DESC LIMIT 1), '')"
            ),
            "REVIEW-2003: events follow one another",
        ),
        // Whoever proposed did something to the item since it was opened; whoever took the last step on is not the one who
        // decides.
        (
            format!(
                "NEW.proposed_by IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM review_event e WHERE {OF_ITEM} AND e.cycle = NEW.cycle \
                   AND e.role IS NOT NULL AND e.by_whom = NEW.proposed_by) \
                 OR (NEW.event = 'moved' AND NEW.state IN ('determined', 'closed') AND NEW.by_whom = (SELECT e.by_whom FROM review_event e WHERE {OF_ITEM} AND e.cycle = NEW.cycle \
                   AND e.event = 'moved' AND NOT e.backward AND e.state NOT IN ('determined', 'closed', 'transferred') \
                   ORDER BY e.seq DESC LIMIT 1)))"
            ),
            "REVIEW-2004: nobody both proposes and approves",
        ),
        (
            "NEW.state_before = 'transferred' AND NEW.role <> 'inspector'".to_owned(),
            "REVIEW-2005: what was handed over is frozen",
        ),
    ]
}

/// The head follows the events, which are whole when it moves.
async fn head_guards(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let message = "REVIEW-2006: the head follows the events";
    let new = "e.organisation = NEW.organisation AND e.position > OLD.length";
    let update = format!(
        "NEW.organisation <> OLD.organisation OR NEW.length <= OLD.length \
         OR (SELECT COUNT(*) FROM review_event e WHERE {new}) <> NEW.length - OLD.length \
         OR NOT EXISTS (SELECT 1 FROM review_event e WHERE {new} AND e.position = NEW.length AND e.hash = NEW.head) \
         OR EXISTS (SELECT 1 FROM review_event e WHERE {new} AND e.attachments <> (SELECT COUNT(*) FROM review_attachment a \
              WHERE a.organisation = e.organisation AND a.position = e.position))"
    );
    let always = match manager.get_database_backend() {
        DbBackend::Sqlite => "1",
        _ => "TRUE",
    };
    for (operation, condition) in [
        ("INSERT", "NEW.length <> 0"),
        ("UPDATE", update.as_str()),
        ("DELETE", always),
    ] {
        ddl::refuse(manager, "review_head", operation, condition, message).await?;
    }
    if manager.get_database_backend() != DbBackend::Sqlite {
        ddl::refuse_truncate(manager, "review_head", message).await?;
    }
    Ok(())
}
