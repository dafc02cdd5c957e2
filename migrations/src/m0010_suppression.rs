//! Findings set aside: which, why, on what document, until when, by whom and with whose consent. Setting aside and lifting
//! are both kept for ever.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// Two persons and a day of expiry are asked for here too, so that no other program gets round them.
const TABLES: &str = r#"
CREATE TABLE suppression (
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
    approved_by TEXT NOT NULL CHECK (trim(approved_by) <> ''),
    CHECK (trim(by_whom) <> trim(approved_by)),
    CHECK (valid_until > at)
) {strict}
;
CREATE INDEX suppression_fingerprint ON suppression (fingerprint, id)
;
CREATE TABLE suppression_lift (
    suppression_id {int} PRIMARY KEY NOT NULL REFERENCES suppression (id),
    at {time:at} NOT NULL,
    by_whom TEXT NOT NULL CHECK (trim(by_whom) <> ''),
    reason TEXT NOT NULL CHECK (trim(reason) <> '')
) {strict}
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        for table in ["suppression", "suppression_lift"] {
            ddl::append_only(manager, table).await?;
        }
        Ok(())
    }
}
