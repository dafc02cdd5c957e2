//! Findings that somebody asks to be set aside, and what a second person answers. Both are kept for ever; what is agreed to
//! becomes a row of `suppression`.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// That the second person is another one stands in `suppression`, which an agreed request points at.
const TABLES: &str = r#"
CREATE TABLE suppression_request (
    id {id},
    fingerprint TEXT NOT NULL,
    content TEXT NOT NULL,
    number TEXT NOT NULL,
    organisation TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (trim(reason) <> ''),
    document TEXT NOT NULL CHECK (trim(document) <> ''),
    valid_until {date:valid_until} NOT NULL,
    at {time:at} NOT NULL,
    by_whom TEXT NOT NULL CHECK (trim(by_whom) <> ''),
    CHECK (valid_until > at)
) {strict}
;
CREATE INDEX suppression_request_fingerprint ON suppression_request (fingerprint, id)
;
CREATE TABLE suppression_answer (
    request_id {int} PRIMARY KEY NOT NULL REFERENCES suppression_request (id),
    answer TEXT NOT NULL CHECK (answer IN ('approved', 'refused', 'withdrawn')),
    at {time:at} NOT NULL,
    by_whom TEXT NOT NULL CHECK (trim(by_whom) <> ''),
    reason TEXT,
    suppression_id {int} REFERENCES suppression (id),
    CHECK ((answer = 'approved') = (suppression_id IS NOT NULL)),
    CHECK (answer = 'approved' OR trim(coalesce(reason, '')) <> '')
) {strict}
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        for table in ["suppression_request", "suppression_answer"] {
            ddl::append_only(manager, table).await?;
        }
        Ok(())
    }
}
