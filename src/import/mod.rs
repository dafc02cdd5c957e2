//! From what was handed in to a checked book: bytes → text → table → records → book. Nothing here guesses or drops a row,
//! and only [`commit`] writes.

pub mod account_cell;
pub mod book;
mod books;
pub mod bytes;
pub mod cell;
pub mod chart;
pub mod check;
pub mod codes;
pub mod commit;
pub mod detect;
mod entry;
pub mod field;
pub mod files;
pub mod folder;
pub mod formats;
pub mod gates;
mod guard;
pub mod handin;
mod head;
pub mod header;
mod heads;
pub mod html;
pub mod identifier;
pub mod join;
pub mod journal;
pub mod kind;
mod known;
pub mod layout;
pub mod lines;
mod long;
pub mod mapping;
pub mod matching;
mod named;
pub mod number;
pub mod ole;
pub mod opening;
pub mod package;
pub mod pipeline;
pub mod profile;
pub mod recognise;
pub mod refusal;
pub mod register;
pub mod span;
pub mod standard;
pub mod stated;
pub mod table;
pub mod text;
pub mod totals;
pub mod words;
pub mod workbook;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::Problem;
use crate::pack::Pack;

pub use handin::{CompanyHandIn, FileAccount, HandIn, RegisterTable, SetAside};
pub use identifier::IdHasher;
pub use known::Known;

/// Told about what is being read, from several threads.
pub trait Progress: Sync {
    /// A file is about to be read.
    fn file(&self, _name: &str) {}
    /// Rows were read.
    fn rows(&self, _count: u64) {}
    /// A company's book is complete.
    fn company(&self, _organisation: &str) {}
    /// A company's book and registers are written, though not yet for good.
    fn written(&self, _organisation: &str) {}
}

/// How to read a hand-in.
pub struct ReadOptions<'a> {
    /// 单位编码 of everything in a file or folder; a street folder's sub-folders are named by theirs.
    pub org: Option<String>,
    pub rules: &'a Pack,
    pub ids: &'a IdHasher,
    pub known: Known,
    pub progress: Option<&'a dyn Progress>,
}

/// A hand-in that cannot be read at all. What is wrong inside one is a [`crate::model::Problem`].
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{} 「{}」读不了:{source}。{}", codes::PATH_UNREADABLE.code, path.display(), codes::PATH_UNREADABLE.advice)]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} 不知道「{}」属于哪个单位。{}", codes::ORGANISATION_MISSING.code, .0.display(), codes::ORGANISATION_MISSING.advice)]
    OrganisationMissing(PathBuf),
    #[error("{} 「{}」里没有可以读的账表。{}", codes::NOTHING_FOUND.code, .0.display(), codes::NOTHING_FOUND.advice)]
    NothingFound(PathBuf),
    #[error("{0}")]
    Damaged(Box<Problem>),
    #[error("{} {}。{}", codes::RULES_BROKEN.code, .0, codes::RULES_BROKEN.advice)]
    Rules(String),
}

impl ImportError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            ImportError::Unreadable { .. } => codes::PATH_UNREADABLE.code,
            ImportError::OrganisationMissing(_) => codes::ORGANISATION_MISSING.code,
            ImportError::NothingFound(_) => codes::NOTHING_FOUND.code,
            ImportError::Damaged(problem) => &problem.code,
            ImportError::Rules(_) => codes::RULES_BROKEN.code,
        }
    }
}

/// Reads a street folder, a company's folder or a file. The result holds everything that was found, sound or not, with
/// all problems; nothing has been written anywhere.
pub fn read(path: &Path, options: &ReadOptions<'_>) -> Result<HandIn, ImportError> {
    let context = Context::new(options, None)?;
    let hand_in = folder::read(path, &context)?.hand_in();
    // Nobody else was given a company.
    hand_in.ok_or_else(|| ImportError::NothingFound(path.to_owned()))
}

/// What every step of the reading needs.
pub struct Context<'a> {
    org: Option<String>,
    recogniser: recognise::Recogniser,
    words: words::RowWords,
    formats: formats::Formats,
    long: long::Long,
    charts: chart::Charts,
    ids: &'a IdHasher,
    known: &'a Known,
    progress: Option<&'a dyn Progress>,
    companies: Option<&'a dyn Companies>,
}

/// Is given each company as soon as it is read, from several threads.
pub(crate) trait Companies: Sync {
    fn ready(&self, company: Arc<CompanyHandIn>);
}

impl<'a> Context<'a> {
    fn new(
        options: &'a ReadOptions<'a>,
        companies: Option<&'a dyn Companies>,
    ) -> Result<Context<'a>, ImportError> {
        let (profiles, words) =
            profile::Profile::load(options.rules).map_err(ImportError::Rules)?;
        Ok(Context {
            org: options.org.clone(),
            recogniser: recognise::Recogniser::new(profiles),
            words,
            formats: formats::Formats::load(options.rules).map_err(ImportError::Rules)?,
            long: long::LONG,
            charts: chart::Charts::load(options.rules).map_err(ImportError::Rules)?,
            ids: options.ids,
            known: &options.known,
            progress: options.progress,
            companies,
        })
    }

    fn ready(&self, company: CompanyHandIn) -> Arc<CompanyHandIn> {
        let company = Arc::new(company);
        if let Some(companies) = self.companies {
            companies.ready(Arc::clone(&company));
        }
        company
    }

    fn progress(&self, tell: impl FnOnce(&dyn Progress)) {
        if let Some(progress) = self.progress {
            tell(progress);
        }
    }
}
