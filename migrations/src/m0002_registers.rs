//! Registers: one table per table of the hand-in folder, with the history of each row.
//!
//! A row that is handed in again with other content retires the old one and stands beside it; nothing is deleted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::{ddl, registers_v1};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in registers_v1::TABLES {
            let sql = create_table(table, columns, manager);
            manager.get_connection().execute_unprepared(&sql).await?;
            // One current row per natural key; `ordinal` tells equal rows of a table without a key apart.
            let index = format!(
                "CREATE UNIQUE INDEX \"{table}_current\" ON \"{table}\" (owner, row_key, ordinal) WHERE retired_in IS NULL"
            );
            manager.get_connection().execute_unprepared(&index).await?;
        }
        Ok(())
    }
}

fn create_table(table: &str, columns: &str, manager: &SchemaManager<'_>) -> String {
    let backend = manager.get_database_backend();
    let kind = |kind: &str, column: &str| ddl::column_type(kind, column, backend);
    let (id, int, strict) = (kind("id", ""), kind("int", ""), kind("strict", ""));
    let own: Vec<String> = columns
        .split(',')
        .filter_map(|column| column.trim().split_once(' '))
        .map(|(name, of)| format!("\"{name}\" {}", kind(of, name)))
        .collect();
    format!(
        "CREATE TABLE \"{table}\" (row_id {id}, owner TEXT NOT NULL, row_key TEXT NOT NULL, ordinal {int} NOT NULL, \
         row_digest TEXT NOT NULL, batch_id {int} NOT NULL REFERENCES batch (id), retired_in {int} REFERENCES batch (id), \
         source_file TEXT NOT NULL, source_sheet TEXT, source_row {int} NOT NULL, {}) {strict}",
        own.join(", ")
    )
}
