//! The guards on the seal, made cheaper: what they refuse stays the same, and a voucher without lines is refused as well.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

const LOCKED: &str = "LEDGER-2003: the period is locked";
const WHOLE: &str = "LEDGER-2006: only whole, balanced vouchers are sealed";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Most books have no lock: then the new vouchers are not gone through.
        ddl::refuse_anew(
            manager,
            "book",
            "UPDATE OF length",
            "NEW.length > OLD.length AND EXISTS (SELECT 1 FROM period_lock p WHERE p.organisation = NEW.organisation) AND \
             EXISTS (SELECT 1 FROM voucher v JOIN period_lock p \
               ON p.organisation = v.organisation AND p.year = v.year AND p.month = v.month \
             WHERE v.organisation = NEW.organisation AND v.position > OLD.length)",
            LOCKED,
        )
        .await?;
        // One pass over the new heads, one over their entries: those of a voucher that is not whole count as none.
        ddl::refuse_anew(
            manager,
            "book",
            "UPDATE OF length",
            "NEW.length > OLD.length AND (SELECT \
               COUNT(*) <> NEW.length - OLD.length OR MAX(v.position) <> NEW.length OR MIN(v.lines) < 2 \
               OR SUM(v.lines) <> (SELECT COALESCE(SUM(t.entries), 0) FROM \
                 (SELECT CASE WHEN COUNT(*) = MAX(e.lines) AND SUM(e.debit) = SUM(e.credit) THEN COUNT(*) ELSE 0 END AS entries \
                  FROM entry e WHERE e.organisation = NEW.organisation AND e.position > OLD.length GROUP BY e.position) t) \
             FROM voucher v WHERE v.organisation = NEW.organisation AND v.position > OLD.length)",
            WHOLE,
        )
        .await
    }
}
