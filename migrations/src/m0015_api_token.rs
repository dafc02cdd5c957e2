//! Tokens with which programs use the API in a person's name, and the answers to requests that may be sent twice.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// A token never lives for ever, and its row stays when it is revoked: the log names it by its number.
const TABLES: &str = r#"
CREATE TABLE api_token (
    id {int} PRIMARY KEY NOT NULL CHECK (id > 0),
    digest TEXT NOT NULL UNIQUE,
    login TEXT NOT NULL REFERENCES app_user (login),
    label TEXT NOT NULL CHECK (label <> ''),
    may_write {int} NOT NULL CHECK (may_write IN (0, 1)),
    created_at {time:created_at} NOT NULL,
    ends_at {time:ends_at} NOT NULL,
    revoked_at {time:revoked_at},
    CHECK (ends_at > created_at)
) {strict}
;
CREATE INDEX api_token_login ON api_token (login)
;
CREATE TABLE api_answer (
    login TEXT NOT NULL REFERENCES app_user (login),
    request_key TEXT NOT NULL CHECK (request_key <> ''),
    request_digest TEXT NOT NULL,
    asked_at {time:asked_at} NOT NULL,
    status {int},
    body TEXT,
    PRIMARY KEY (login, request_key),
    CHECK ((status IS NULL) = (body IS NULL))
) {strict}
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        let always = match manager.get_database_backend() {
            DbBackend::Sqlite => "1",
            _ => "TRUE",
        };
        let message = "LEDGER-2002: posted rows are never deleted";
        ddl::refuse(manager, "api_token", "DELETE", always, message).await?;
        // Nothing is lent again once it was taken back, nor for longer than was agreed.
        let changed = [
            "id",
            "digest",
            "login",
            "may_write",
            "created_at",
            "ends_at",
        ]
        .map(|c| format!("NEW.{c} IS DISTINCT FROM OLD.{c}"))
        .join(" OR ");
        let lent_again =
            "(OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)";
        let message = "LEDGER-2001: posted rows are never changed";
        ddl::refuse(
            manager,
            "api_token",
            "UPDATE",
            &format!("{changed} OR {lent_again}"),
            message,
        )
        .await
    }
}
