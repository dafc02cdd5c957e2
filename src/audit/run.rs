//! One audit run.

use chrono::NaiveDate;

use super::AuditError;
use super::engine::Database;
use super::snapshot::Snapshot;
use super::tables::schema;

/// The day up to which dues are counted when there is not one voucher: it never depends on the clock.
pub fn default_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 12, 31).unwrap_or_default()
}

/// Registers every table of a snapshot; those without rows are there and empty.
pub fn load_tables(database: &mut Database, snapshot: &Snapshot) -> Result<(), AuditError> {
    for spec in schema::tables() {
        let batches = snapshot.tables.get(&spec.name).cloned().unwrap_or_default();
        database.add(&spec.name, spec.arrow(), batches)?;
    }
    Ok(())
}
