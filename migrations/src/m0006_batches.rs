//! Batches that can be taken back, and charts that hold for a year: who handed in, what was undone by whom and why, and
//! every batch's chart of each standard, so that an undone batch takes its accounts with it.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

// An undone voucher is followed by a revision of its own identity whose sealed origin says so; the view leaves both out.
// Accounts are never deleted, because sealed entries name them: they are withdrawn.
const TABLES: &str = r#"
ALTER TABLE batch ADD COLUMN by_whom TEXT
;
ALTER TABLE account ADD COLUMN withdrawn {int} NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1))
;
CREATE TABLE batch_undo (
    batch_id {int} PRIMARY KEY NOT NULL REFERENCES batch (id),
    undone_in {int} NOT NULL UNIQUE REFERENCES batch (id),
    by_whom TEXT NOT NULL CHECK (by_whom <> ''),
    reason TEXT NOT NULL CHECK (reason <> ''),
    CHECK (undone_in > batch_id)
) {strict}
;
CREATE TABLE chart_year (
    batch_id {int} NOT NULL REFERENCES batch (id),
    organisation TEXT NOT NULL REFERENCES book (organisation),
    year {int} NOT NULL,
    standard TEXT NOT NULL CHECK (standard IN ('village_2023', 'village_2004', 'small_enterprise', 'enterprise')),
    evidence TEXT NOT NULL,
    PRIMARY KEY (organisation, year, batch_id)
) {clustered}
;
CREATE TABLE account_version (
    batch_id {int} NOT NULL REFERENCES batch (id),
    organisation TEXT NOT NULL REFERENCES book (organisation),
    standard TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    normal_side TEXT NOT NULL,
    parent TEXT,
    is_leaf {flag:is_leaf} NOT NULL,
    category TEXT NOT NULL,
    tag TEXT,
    active_from {date:active_from},
    active_to {date:active_to},
    PRIMARY KEY (organisation, standard, code, batch_id)
) {clustered}
;
INSERT INTO chart_year (batch_id, organisation, year, standard, evidence)
    SELECT MIN(p.batch_id), b.organisation, v.year, b.standard, b.standard_evidence
    FROM book b JOIN voucher v ON v.organisation = b.organisation
    JOIN batch_posting p ON p.organisation = v.organisation AND v.position BETWEEN p.first_position AND p.last_position
    GROUP BY b.organisation, v.year, b.standard, b.standard_evidence
;
INSERT INTO account_version (batch_id, organisation, standard, code, name, normal_side, parent, is_leaf, category, tag, active_from, active_to)
    SELECT p.batch_id, a.organisation, b.standard, a.code, a.name, a.normal_side, a.parent, a.is_leaf, a.category, a.tag, a.active_from, a.active_to
    FROM account a JOIN book b ON b.organisation = a.organisation
    JOIN (SELECT DISTINCT batch_id, organisation FROM batch_posting) p ON p.organisation = a.organisation
;
CREATE VIEW current_voucher AS
    SELECT v.* FROM voucher v
    WHERE COALESCE(v.origin, '') <> 'undo'
    AND NOT EXISTS (SELECT 1 FROM voucher n WHERE n.organisation = v.organisation AND n.year = v.year AND n.month = v.month
                    AND n.word = v.word AND n.number = v.number AND n.revision > v.revision)
;
CREATE VIEW current_account AS
    SELECT organisation, code, name, normal_side, parent, is_leaf, category, tag, active_from, active_to
    FROM account WHERE withdrawn = 0
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        for table in ["batch_undo", "chart_year", "account_version"] {
            ddl::append_only(manager, table).await?;
        }
        Ok(())
    }
}
