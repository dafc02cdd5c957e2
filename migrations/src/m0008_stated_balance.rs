//! Balances stated for several months in one row, by counterparty, with the account's name.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unit_separator = match manager.get_database_backend() {
            DbBackend::Sqlite => "char(31)",
            _ => "chr(31)",
        };
        // The natural key has two more parts, so that a row handed in again still answers to the one that stands.
        let script = format!(
            "ALTER TABLE stated_balance ADD COLUMN first_month {{int}}
;
ALTER TABLE stated_balance ADD COLUMN account_name TEXT
;
ALTER TABLE stated_balance ADD COLUMN counterparty TEXT
;
UPDATE stated_balance SET row_key = row_key || {unit_separator} || {unit_separator}"
        );
        ddl::run(manager, &script).await
    }
}
