//! Statements as files: a workbook, one offline page, CSV and JSON, all from the same lines. What is printed under a line as
//! its accounts adds up to it, because it is what the line was made of.

mod csv;
mod html;
mod json;
mod xlsx;

use std::path::{Path, PathBuf};

use crate::report::ReportError;
use crate::report::files::Batch;
use crate::statement::{Half, Line, Statement};

pub use self::csv::render as csv;
pub use html::render as html;
pub use json::{drill as drill_json, render as json};
pub use xlsx::render as xlsx;

/// Writes `bytes` under its final name, whole or not at all.
///
/// # Errors
/// [`ReportError::Write`].
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<PathBuf, ReportError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let mut batch = Batch::new(folder.unwrap_or(Path::new(".")))?;
    batch.add(name.as_deref().unwrap_or("报表"), bytes)?;
    batch.commit()?;
    Ok(path.to_owned())
}

/// Lines of a balance sheet side by side: assets, claims, both ending with their totals on one row. `None` when the
/// statement is a plain list.
fn halves(statement: &Statement) -> Option<[Vec<Option<&Line>>; 2]> {
    let of = |half| -> Vec<Option<&Line>> {
        let lines = statement.lines.iter().filter(|l| l.half == Some(half));
        lines.map(Some).collect()
    };
    let mut halves = [of(Half::Assets), of(Half::Claims)];
    let longest = halves.iter().map(Vec::len).max().unwrap_or(0);
    for half in &mut halves {
        let before_total = half.len().checked_sub(1)?;
        let blank = longest - half.len();
        half.splice(before_total..before_total, std::iter::repeat_n(None, blank));
    }
    Some(halves)
}

/// 编制单位 as printed: name and code.
fn unit(statement: &Statement) -> String {
    if statement.name.is_empty() {
        statement.organisation.clone()
    } else {
        format!("{}({})", statement.name, statement.organisation)
    }
}
