//! A layout for a file that none of ours fits: which column is probably which field, with samples and how sure that is,
//! written as a profile for a person to correct. It proposes; nothing is ever read by a guess alone.

mod guess;
mod header;
mod shape;
mod vocabulary;
mod written;

use std::fs;
use std::path::Path;

use super::bytes::{digest, sheets};
use super::chart::Charts;
use super::header::{Top, normalise};
use super::kind::Kind;
use super::profile::Profile;
use super::recognise::{Reading, Recogniser};
use super::table::Sheet;
use super::{ImportError, codes, pipeline};
use crate::pack::Pack;
use guess::{Guess, guess};
use vocabulary::Vocabulary;
pub use vocabulary::{FOLDER, Need};
pub use written::profile_text;

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

impl Column {
    /// The field that it probably is.
    pub fn name(&self) -> Option<&str> {
        self.field.as_ref().map(|(name, ..)| name.as_str())
    }
}

/// A field that the whole sheet has in common, said above the header or in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Titled {
    pub field: String,
    /// Its name for people.
    pub title: String,
    pub sample: String,
    pub patterns: Vec<String>,
}

/// A layout that was tried on the sheet, and why it does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    pub title: String,
    /// Columns that it needs and the sheet lacks.
    pub missing: Vec<String>,
}

/// What is proposed for one sheet.
#[derive(Debug)]
pub struct Proposal<'w> {
    pub file: String,
    pub sheet: Option<String>,
    /// What the words of its kind are called.
    words: &'w Vocabulary,
    /// The layout or table by which it is read today.
    pub recognised: Option<String>,
    /// Row of the header, as a spreadsheet counts.
    pub header_row: u32,
    pub columns: Vec<Column>,
    pub titled: Vec<Titled>,
    /// What a table of the kind needs and nothing was found for.
    pub lacking: Vec<Need>,
    /// The layouts of the kind that come nearest.
    pub declined: Vec<Declined>,
}

impl Proposal<'_> {
    /// What the sheet probably is.
    pub fn kind(&self) -> Kind {
        self.words.kind
    }
}

/// Layouts shown that do not fit.
const NEAREST: usize = 3;

/// What tables of each kind are called, and what is already read without a proposal.
pub struct Proposer {
    vocabularies: Vec<Vocabulary>,
    charts: Charts,
    recogniser: Recogniser,
}

impl Proposer {
    /// # Errors
    /// [`ImportError::Rules`] when the pack cannot be read.
    pub fn new(pack: &Pack) -> Result<Proposer, ImportError> {
        let broken = ImportError::Rules;
        let (profiles, _) = Profile::load(pack).map_err(broken)?;
        Ok(Proposer {
            vocabularies: Vocabulary::load(pack).map_err(broken)?,
            charts: Charts::load(pack).map_err(broken)?,
            recogniser: Recogniser::new(profiles),
        })
    }

    /// Looks at every sheet of a file; as a table of the kind given, or of the one that fits best.
    ///
    /// # Errors
    /// [`ImportError`] when the file cannot be read.
    pub fn propose(
        &self,
        path: &Path,
        kind: Option<Kind>,
    ) -> Result<Vec<Proposal<'_>>, ImportError> {
        let bytes = fs::read(path).map_err(|source| ImportError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let familiar = |text: &str| self.recogniser.familiar(text);
        let name = pipeline::label(path);
        let digest = digest(&bytes);
        let found = sheets(&name, bytes, digest, &familiar);
        let found = found.map_err(ImportError::Damaged)?;
        let filled = found.iter().filter(|s| !s.grid.is_empty());
        Ok(filled.filter_map(|s| self.sheet(s, kind)).collect())
    }

    fn sheet(&self, sheet: &Sheet, kind: Option<Kind>) -> Option<Proposal<'_>> {
        let top = Top::of(sheet);
        let tried = self.vocabularies.iter();
        let tried = tried.filter(|v| kind.is_none_or(|kind| v.kind == kind));
        let guesses = tried.filter_map(|v| Some((v, guess(sheet, &top, v, &self.charts)?)));
        let (words, guess) = guesses.max_by_key(|(v, g)| {
            // Of equals the kind that is handed in most.
            (g.score, v.kind == Kind::Journal)
        })?;
        Some(self.proposal(sheet, &top, words, guess))
    }

    fn proposal<'w>(
        &self,
        sheet: &Sheet,
        top: &Top<'_>,
        words: &'w Vocabulary,
        guess: Guess,
    ) -> Proposal<'w> {
        let recognised = match self.recogniser.recognise(sheet) {
            Reading::Layout(profile, found) if found.missing.is_empty() => {
                Some(profile.title.clone())
            }
            Reading::Table(layout) if layout.missing.is_empty() => Some(layout.table.file.clone()),
            _ => None,
        };
        let mut tried = self.recogniser.candidates(top);
        tried.retain(|(profile, found)| !found.missing.is_empty() && profile.kind == words.kind);
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
            words,
            recognised,
            header_row: sheet.grid.row(guess.header.index).number,
            columns: guess.columns,
            titled: guess.titled,
            lacking: guess.lacking,
            declined: declined.collect(),
        }
    }
}

/// The advice for a file in which no sheet looks like a table.
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
