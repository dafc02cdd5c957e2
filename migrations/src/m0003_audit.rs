//! Audit runs and their findings: what was found stays found, run by run.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = r#"
CREATE TABLE audit_run (
    id {id},
    digest TEXT NOT NULL,
    data_digest TEXT NOT NULL,
    pack_digest TEXT NOT NULL,
    program TEXT NOT NULL,
    as_of {date:as_of} NOT NULL,
    scope TEXT NOT NULL,
    finished_at {time:finished_at} NOT NULL,
    outcome TEXT NOT NULL
) {strict}
;
CREATE TABLE finding (
    run_id {int} NOT NULL REFERENCES audit_run (id),
    fingerprint TEXT NOT NULL,
    content TEXT NOT NULL,
    number TEXT NOT NULL,
    rule TEXT NOT NULL,
    rule_version {int} NOT NULL,
    organisation TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('violation', 'red_flag', 'data_quality')),
    severity TEXT NOT NULL CHECK (severity IN ('high', 'medium', 'low')),
    amount {int},
    payload TEXT NOT NULL,
    PRIMARY KEY (run_id, fingerprint)
) {strict}
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        for table in ["audit_run", "finding"] {
            ddl::append_only(manager, table).await?;
        }
        Ok(())
    }
}
