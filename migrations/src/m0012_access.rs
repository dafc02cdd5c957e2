//! Who may use the workspace: users, their organisations, sessions, and the log of what they did, kept for ever.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// A company's person never sees all organisations: the database holds that too. Failed tries are counted for names that
// nobody has as well, so that the answer does not tell which names there are.
const TABLES: &str = r#"
CREATE TABLE app_user (
    login TEXT PRIMARY KEY NOT NULL CHECK (login <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    role TEXT NOT NULL CHECK (role IN ('company_accountant', 'company_officer', 'street_supervisor', 'street_reviewer',
                                       'inspector', 'rule_manager', 'administrator', 'read_only')),
    all_organisations {int} NOT NULL CHECK (all_organisations IN (0, 1)),
    password TEXT NOT NULL CHECK (password LIKE '$argon2id$%'),
    must_change {int} NOT NULL CHECK (must_change IN (0, 1)),
    disabled {int} NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    large_type {int} NOT NULL DEFAULT 0 CHECK (large_type IN (0, 1)),
    created_at {time:created_at} NOT NULL,
    CHECK (all_organisations = 0 OR role NOT IN ('company_accountant', 'company_officer'))
) {strict}
;
CREATE TABLE user_organisation (
    login TEXT NOT NULL REFERENCES app_user (login),
    organisation TEXT NOT NULL CHECK (organisation <> ''),
    PRIMARY KEY (login, organisation)
) {strict}
;
CREATE TABLE login_failure (
    login TEXT PRIMARY KEY NOT NULL,
    failed {int} NOT NULL,
    last_at {time:last_at} NOT NULL,
    locked_until {time:locked_until}
) {strict}
;
CREATE TABLE app_session (
    digest TEXT PRIMARY KEY NOT NULL,
    login TEXT NOT NULL REFERENCES app_user (login),
    csrf TEXT NOT NULL,
    seen_at {time:seen_at} NOT NULL,
    ends_at {time:ends_at} NOT NULL
) {strict}
;
CREATE INDEX app_session_login ON app_session (login)
;
CREATE TABLE access_log (
    position {int} PRIMARY KEY NOT NULL CHECK (position > 0),
    at {time:at} NOT NULL,
    login TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act <> ''),
    organisation TEXT,
    object TEXT,
    reason TEXT,
    previous_hash {blob} NOT NULL,
    hash {blob} NOT NULL,
    CHECK (act <> 'reveal' OR (reason IS NOT NULL AND reason <> ''))
) {strict}
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        ddl::append_only(manager, "access_log").await?;
        let always = match manager.get_database_backend() {
            DbBackend::Sqlite => "1",
            _ => "TRUE",
        };
        // The log names users: they are disabled, never deleted.
        let message = "LEDGER-2002: posted rows are never deleted";
        ddl::refuse(manager, "app_user", "DELETE", always, message).await
    }
}
