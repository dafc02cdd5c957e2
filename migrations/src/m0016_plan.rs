//! The year's plan of supervision and the library of policies. Both only grow, each record chained to the one before it: what a
//! project is, and how far it has come, is told by its records alone.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// The steps of a project are data (`ledger_rules/supervision/`). What holds whatever the data say stands here: the order of
// records, no approval by who proposed, nothing on a step before the approval, nothing after the withdrawal.
const TABLES: &str = r#"
CREATE TABLE plan_event (
    position {int} PRIMARY KEY NOT NULL CHECK (position > 0),
    format {int} NOT NULL,
    project TEXT NOT NULL CHECK (project <> ''),
    seq {int} NOT NULL CHECK (seq > 0),
    event TEXT NOT NULL CHECK (event IN ('proposed', 'revised', 'approved', 'returned', 'step', 'noted', 'withdrawn')),
    at {time:at} NOT NULL,
    by_whom TEXT NOT NULL CHECK (by_whom <> ''),
    role TEXT NOT NULL CHECK (role <> ''),
    reason TEXT,
    payload TEXT NOT NULL,
    attachments {int} NOT NULL CHECK (attachments >= 0),
    previous_hash {blob} NOT NULL,
    hash {blob} NOT NULL,
    UNIQUE (project, seq),
    CHECK ((seq = 1) = (event = 'proposed')),
    CHECK (event NOT IN ('returned', 'withdrawn') OR COALESCE(reason, '') <> '')
) {strict}
;
CREATE TABLE plan_attachment (
    position {int} NOT NULL REFERENCES plan_event (position),
    line {int} NOT NULL CHECK (line > 0),
    name TEXT NOT NULL CHECK (name <> ''),
    size {int} NOT NULL,
    sha256 {blob} NOT NULL,
    bytes {blob} NOT NULL,
    PRIMARY KEY (position, line),
    CHECK (size = length(bytes) AND length(sha256) = 32)
) {strict}
;
CREATE TABLE policy_document (
    id {int} PRIMARY KEY NOT NULL CHECK (id > 0),
    format {int} NOT NULL,
    series {int} NOT NULL,
    version {int} NOT NULL CHECK (version > 0),
    title TEXT NOT NULL CHECK (title <> ''),
    number TEXT NOT NULL,
    issuer TEXT NOT NULL CHECK (issuer <> ''),
    effective_from {date:effective_from} NOT NULL,
    effective_to {date:effective_to},
    scope TEXT NOT NULL,
    basis_for TEXT NOT NULL,
    note TEXT NOT NULL,
    file_name TEXT NOT NULL CHECK (file_name <> ''),
    size {int} NOT NULL,
    sha256 {blob} NOT NULL,
    bytes {blob} NOT NULL,
    at {time:at} NOT NULL,
    by_whom TEXT NOT NULL CHECK (by_whom <> ''),
    previous_hash {blob} NOT NULL,
    hash {blob} NOT NULL,
    UNIQUE (series, version),
    CHECK (size = length(bytes) AND size > 0 AND length(sha256) = 32),
    CHECK (effective_to IS NULL OR effective_to >= effective_from),
    CHECK (version > 1 OR series = id)
) {strict}
"#;

const FOLLOW: &str = "PLAN-2003: records follow one another";

/// Kinds of records that decide how a project stands.
const DECISIVE: &str = "('proposed', 'revised', 'approved', 'returned', 'withdrawn')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        for table in ["plan_event", "plan_attachment", "policy_document"] {
            ddl::append_only_as(
                manager,
                table,
                "PLAN-2001: records of the plan are never changed",
                "PLAN-2002: records of the plan are never deleted",
            )
            .await?;
        }
        let standing = format!(
            "COALESCE((SELECT e.event FROM plan_event e WHERE e.project = NEW.project AND e.event IN {DECISIVE} ORDER BY e.seq DESC LIMIT 1), '')"
        );
        let order = format!(
            "NEW.position <> (SELECT COALESCE(MAX(e.position), 0) + 1 FROM plan_event e) \
             OR (NEW.position > 1 AND NEW.previous_hash IS DISTINCT FROM (SELECT e.hash FROM plan_event e WHERE e.position = NEW.position - 1)) \
             OR NEW.seq <> (SELECT COALESCE(MAX(e.seq), 0) + 1 FROM plan_event e WHERE e.project = NEW.project) \
             OR {standing} = 'withdrawn' \
             OR (NEW.event IN ('approved', 'returned') AND {standing} NOT IN ('proposed', 'revised')) \
             OR (NEW.event = 'step' AND {standing} <> 'approved') \
             OR (SELECT e.attachments FROM plan_event e WHERE e.position = NEW.position - 1) \
                <> (SELECT COUNT(*) FROM plan_attachment a WHERE a.position = NEW.position - 1)"
        );
        ddl::refuse(manager, "plan_event", "INSERT", &order, FOLLOW).await?;
        // Whoever wrote any form of the plan is not the one who judges it.
        let alone = "NEW.event IN ('approved', 'returned') AND EXISTS (SELECT 1 FROM plan_event e WHERE e.project = NEW.project \
                     AND e.event IN ('proposed', 'revised') AND e.by_whom = NEW.by_whom)";
        ddl::refuse(
            manager,
            "plan_event",
            "INSERT",
            alone,
            "PLAN-2004: nobody both proposes and approves",
        )
        .await?;
        let late = "NEW.position <> (SELECT COALESCE(MAX(e.position), 0) FROM plan_event e) \
                    OR NEW.line <> (SELECT COUNT(*) + 1 FROM plan_attachment a WHERE a.position = NEW.position) \
                    OR NEW.line > (SELECT e.attachments FROM plan_event e WHERE e.position = NEW.position)";
        ddl::refuse(manager, "plan_attachment", "INSERT", late, FOLLOW).await?;
        let versions = "NEW.id <> (SELECT COALESCE(MAX(p.id), 0) + 1 FROM policy_document p) \
                        OR (NEW.id > 1 AND NEW.previous_hash IS DISTINCT FROM (SELECT p.hash FROM policy_document p WHERE p.id = NEW.id - 1)) \
                        OR NEW.version <> (SELECT COALESCE(MAX(p.version), 0) + 1 FROM policy_document p WHERE p.series = NEW.series)";
        ddl::refuse(manager, "policy_document", "INSERT", versions, FOLLOW).await
    }
}
