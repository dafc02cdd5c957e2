//! What the street has decided stays on record: a value of 参数 may be replaced by a later one, never rewritten or deleted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// All but `retired_in`, which a later row of the same key sets, and an undo of that one clears.
const FIXED: [&str; 16] = [
    "row_id",
    "owner",
    "row_key",
    "ordinal",
    "row_digest",
    "batch_id",
    "source_file",
    "source_row",
    "rule",
    "name",
    "organisation",
    "value",
    "valid_from",
    "valid_to",
    "basis",
    "approver",
];

const MESSAGE: &str = "LEDGER-2010: values of parameters stay on record";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let changed: Vec<String> = FIXED
            .iter()
            .map(|c| format!("NEW.\"{c}\" IS DISTINCT FROM OLD.\"{c}\""))
            .collect();
        let always = match manager.get_database_backend() {
            DbBackend::Sqlite => "1",
            _ => "TRUE",
        };
        ddl::refuse(
            manager,
            "parameter",
            "UPDATE",
            &changed.join(" OR "),
            MESSAGE,
        )
        .await?;
        ddl::refuse(manager, "parameter", "DELETE", always, MESSAGE).await?;
        if manager.get_database_backend() != DbBackend::Sqlite {
            let sql = format!(
                "CREATE FUNCTION parameter_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$;
                 CREATE TRIGGER parameter_truncate BEFORE TRUNCATE ON parameter FOR EACH STATEMENT EXECUTE FUNCTION parameter_truncate()"
            );
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
