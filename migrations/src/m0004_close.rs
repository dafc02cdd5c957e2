//! Closing and re-opening of months, kept for ever: who, when, on which head of the chain, and why a month was opened again.
//! `period_lock` says which months are closed now; it follows this record and cannot be changed without it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &str = r#"
CREATE TABLE period_event (
    id {id},
    organisation TEXT NOT NULL REFERENCES book (organisation),
    year {int} NOT NULL,
    month {int} NOT NULL CHECK (month BETWEEN 1 AND 12),
    event TEXT NOT NULL CHECK (event IN ('closed', 'reopened')),
    at {time:at} NOT NULL,
    by_whom TEXT NOT NULL CHECK (by_whom <> ''),
    approved_by TEXT,
    reason TEXT,
    length {int} NOT NULL,
    head {blob} NOT NULL,
    CHECK (event = 'closed' OR (approved_by <> '' AND approved_by <> by_whom AND reason <> '' AND approved_by IS NOT NULL AND reason IS NOT NULL))
) {strict}
;
CREATE INDEX period_event_month ON period_event (organisation, year, month, id)
;
INSERT INTO period_event (organisation, year, month, event, at, by_whom, length, head)
    SELECT p.organisation, p.year, p.month, 'closed', p.locked_at, CASE p.locked_by WHEN '' THEN '?' ELSE p.locked_by END, b.length, b.head
    FROM period_lock p JOIN book b ON b.organisation = p.organisation
"#;

/// The last event of the month of a row.
fn last_event(row: &str) -> String {
    format!(
        "(SELECT e.event FROM period_event e WHERE e.organisation = {row}.organisation AND e.year = {row}.year \
         AND e.month = {row}.month ORDER BY e.id DESC LIMIT 1)"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        ddl::append_only(manager, "period_event").await?;
        let (new, old) = (last_event("NEW"), last_event("OLD"));
        // Closed, opened again, closed: never the same twice, and it begins with a closing.
        ddl::refuse(
            manager,
            "period_event",
            "INSERT",
            &format!("NEW.event = COALESCE({new}, 'reopened')"),
            "LEDGER-2007: a month is closed and re-opened in turn",
        )
        .await?;
        let always = match manager.get_database_backend() {
            DbBackend::Sqlite => "1",
            _ => "TRUE",
        };
        let message = "LEDGER-2008: locks follow the record of closing";
        for (operation, condition) in [
            ("INSERT", format!("COALESCE({new}, '') <> 'closed'")),
            ("DELETE", format!("COALESCE({old}, '') <> 'reopened'")),
            ("UPDATE", always.to_owned()),
        ] {
            ddl::refuse(manager, "period_lock", operation, &condition, message).await?;
        }
        if manager.get_database_backend() != DbBackend::Sqlite {
            let sql = "CREATE FUNCTION period_lock_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'LEDGER-2008: locks follow the record of closing'; END $$;
                 CREATE TRIGGER period_lock_truncate BEFORE TRUNCATE ON period_lock FOR EACH STATEMENT EXECUTE FUNCTION period_lock_truncate()";
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
