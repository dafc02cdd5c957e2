//! Reports of an audit run: one model ([`model::Report`]), six files that take every figure from it, and a table for
//! the terminal. It reads an [`AuditRun`] and writes files; it never runs rules, touches the store or asks the network.

pub mod csv;
pub mod curve;
pub mod error;
mod files;
pub mod html;
pub mod json;
pub mod model;
pub mod overview;
#[cfg(test)]
mod sample;
pub mod sarif;
#[cfg(test)]
mod schema_test;
pub mod statements;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod timeline;
pub mod words;
pub mod xlsx;

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;

use crate::audit::outcome::AuditRun;

pub use error::ReportError;
pub use model::Report;
pub use terminal::ranked_table;

/// Writes `report.xlsx`, `report.html`, `findings.json`, `findings.csv`, `suppressed.csv` and `findings.sarif` into the folder
/// `out` (made if absent) and returns their paths in that order.
///
/// All are complete on disk under temporary names before the first gets its final name. `generated_at` is printed
/// in the workbook and the page and is the workbook's creation time; the others do not depend on it.
///
/// # Errors
/// [`ReportError`] when a file cannot be made or written; then no temporary file is left behind.
pub fn write_all(
    run: &AuditRun,
    out: &Path,
    generated_at: NaiveDateTime,
) -> Result<Vec<PathBuf>, ReportError> {
    let report = Report::new(run, generated_at);
    let mut batch = files::Batch::new(out)?;
    batch.add("report.xlsx", &xlsx::render(&report)?)?;
    batch.add("report.html", html::render(&report)?.as_bytes())?;
    batch.add("findings.json", &json::render(&report)?)?;
    batch.add("findings.csv", &csv::render(&report)?)?;
    batch.add("suppressed.csv", &csv::render_suppressed(&report)?)?;
    batch.add("findings.sarif", &sarif::render(&report)?)?;
    batch.commit()
}
