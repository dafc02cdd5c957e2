//! Which batch last touched the registers of an owner: what a cache of their columns was made of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::{ddl, registers_v1};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = r#"
CREATE TABLE register_state (
    owner TEXT PRIMARY KEY NOT NULL,
    batch_id {int} NOT NULL REFERENCES batch (id)
) {strict}
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        // Stores that hold rows already: the latest batch that brought one or took one out of view.
        for (table, _) in registers_v1::TABLES {
            let sql = format!(
                "INSERT INTO register_state (owner, batch_id) \
                 SELECT owner, MAX(CASE WHEN COALESCE(retired_in, 0) > batch_id THEN retired_in ELSE batch_id END) FROM \"{table}\" \
                 WHERE 1 = 1 GROUP BY owner ON CONFLICT (owner) DO UPDATE SET batch_id = \
                 CASE WHEN excluded.batch_id > register_state.batch_id THEN excluded.batch_id ELSE register_state.batch_id END"
            );
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
