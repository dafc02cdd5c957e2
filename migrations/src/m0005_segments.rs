//! Which segment files belong to the books: a cache of their columns, each named by what it was made of.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// `made_of` names the rows that went in, `digest` the bytes that came out: a file that somebody changed is not read.
const TABLES: &str = r#"
CREATE TABLE segment (
    organisation TEXT NOT NULL REFERENCES book (organisation),
    name TEXT NOT NULL,
    made_of TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (organisation, name)
) {clustered}
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await
    }
}
