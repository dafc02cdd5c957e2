//! A layout for a file that none of ours fits: which column is probably which field, with samples and how sure that is,
//! written as a profile for a person to correct. It proposes; nothing is ever read by a guess alone.

mod guess;
mod shape;
mod written;

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::bytes::{digest, sheets};
use super::chart::Charts;
use super::header::{Top, normalise};
use super::profile::Profile;
use super::recognise::{Reading, Recogniser};
use super::table::Sheet;
use super::{ImportError, codes, pipeline};
use crate::pack::Pack;
use guess::guess;
pub use written::profile_text;

/// How cells of a field look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Date,
    Period,
    Year,
    Month,
    Word,
    Number,
    Voucher,
    Line,
    Code,
    Name,
    Money,
    Side,
    Text,
    Person,
    Count,
    Mark,
}

/// A field and what its headers are called.
#[derive(Debug, Deserialize)]
struct Synonyms {
    name: String,
    title: String,
    headers: Vec<String>,
    likely: Vec<String>,
    shape: Shape,
}

#[derive(Debug, Deserialize)]
struct SynonymFile {
    field: Vec<Synonyms>,
}

/// The pack's list of header words by field.
pub const SYNONYMS: &str = "profiles/synonyms.toml";

/// How sure a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    Low,
    Medium,
    High,
}

impl Sure {
    pub fn label(self) -> &'static str {
        match self {
            Sure::Low => "低",
            Sure::Medium => "中",
            Sure::High => "高",
        }
    }
}

/// What a column probably is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub header: String,
    /// Some of its cells, each once.
    pub samples: Vec<String>,
    /// Field, its name for people, how sure, and why.
    pub field: Option<(String, String, Sure, &'static str)>,
}

/// A layout that was tried on the sheet, and why it does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    pub title: String,
    /// Columns that it needs and the sheet lacks.
    pub missing: Vec<String>,
}

/// What is proposed for one sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub file: String,
    pub sheet: Option<String>,
    /// The layout or table by which it is read today.
    pub recognised: Option<String>,
    /// Row of the header, as a spreadsheet counts.
    pub header_row: u32,
    pub columns: Vec<Column>,
    /// What a journal needs and no column was found for.
    pub lacking: Vec<&'static str>,
    /// The layouts that come nearest.
    pub declined: Vec<Declined>,
}

/// Layouts shown that do not fit.
const NEAREST: usize = 3;

/// Looks at every sheet of a file.
///
/// # Errors
/// [`ImportError`] when the file or the pack cannot be read.
pub fn propose(path: &Path, pack: &Pack) -> Result<Vec<Proposal>, ImportError> {
    let bytes = fs::read(path).map_err(|source| ImportError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let broken = ImportError::Rules;
    let (profiles, _) = Profile::load(pack).map_err(broken)?;
    let charts = Charts::load(pack).map_err(broken)?;
    let text = pack.text(SYNONYMS);
    let text = text.ok_or_else(|| broken(format!("缺少 {SYNONYMS}")))?;
    let file: SynonymFile = toml::from_str(&text).map_err(|e| broken(format!("{SYNONYMS}:{e}")))?;
    let recogniser = Recogniser::new(profiles);
    let familiar = |text: &str| recogniser.familiar(text);
    let name = pipeline::label(path);
    let digest = digest(&bytes);
    let found = sheets(&name, bytes, digest, &familiar);
    let found = found.map_err(ImportError::Damaged)?;
    let filled = found.iter().filter(|s| !s.grid.is_empty());
    Ok(filled
        .filter_map(|sheet| {
            let (header, columns) = guess(sheet, &file.field, &charts)?;
            Some(proposal(sheet, header, columns, &recogniser))
        })
        .collect())
}

fn proposal(
    sheet: &Sheet,
    header: usize,
    columns: Vec<Column>,
    recogniser: &Recogniser,
) -> Proposal {
    let recognised = match recogniser.recognise(sheet) {
        Reading::Layout(profile, found) if found.missing.is_empty() => Some(profile.title.clone()),
        Reading::Table(layout) if layout.missing.is_empty() => Some(layout.table.file.clone()),
        _ => None,
    };
    let has = |names: &[&str]| {
        let mut fields = columns.iter().filter_map(|c| c.field.as_ref());
        fields.any(|(name, ..)| names.contains(&name.as_str()))
    };
    let needs: [(&'static str, bool); 4] = [
        ("日期(或年、月)", has(&["date"])),
        ("凭证号", has(&["number", "voucher"])),
        ("科目编码", has(&["account"])),
        (
            "借方金额、贷方金额(或方向和金额)",
            (has(&["debit"]) && has(&["credit"])) || (has(&["amount"]) && has(&["direction"])),
        ),
    ];
    let mut tried = recogniser.candidates(&Top::of(sheet));
    tried.retain(|(_, found)| !found.missing.is_empty());
    tried.sort_by_key(|(_, found)| (found.missing.len(), usize::MAX - found.score));
    let declined = tried
        .into_iter()
        .take(NEAREST)
        .map(|(profile, found)| Declined {
            title: profile.title.clone(),
            missing: found.missing,
        });
    Proposal {
        file: sheet.file.to_string(),
        sheet: sheet.sheet.as_deref().map(str::to_owned),
        recognised,
        header_row: sheet.grid.row(header).number,
        columns,
        lacking: needs
            .into_iter()
            .filter(|(_, there)| !there)
            .map(|(n, _)| n)
            .collect(),
        declined: declined.collect(),
    }
}

/// The advice for a file in which no sheet looks like a journal.
pub fn nothing_found(path: &Path) -> ImportError {
    let place = crate::model::Place {
        file: pipeline::label(path),
        ..Default::default()
    };
    let message = "找不到像表头的一行:前 15 行里要有一行列名,下面是数据";
    ImportError::Damaged(Box::new(codes::TABLE_UNKNOWN.at(place, message, "")))
}

/// Whether two headers are the same but for blanks and width.
fn same(a: &str, b: &str) -> bool {
    normalise(a) == normalise(b)
}
