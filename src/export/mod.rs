//! Books for other programs and for ourselves: the hand-in folder (账套包), GB/T 24589.1 in XML and JSON, SAF-T. What is
//! written here `import` reads back. Vouchers are read month by month, so that memory does not grow with the book.

mod book;
mod bundle;
mod error;
mod folder;
mod gbt24589;
mod markup;
mod running;
mod saft;

use std::path::Path;

pub use error::ExportError;

use crate::import::IdHasher;
use crate::ledger::read;
use crate::model::PeriodRange;
use crate::pack::Pack;
use crate::store::Store;
use crate::store::entities::book as books;

use folder::Staging;

/// Which data interface is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    Bundle,
    Gbt24589Xml,
    Gbt24589Json,
    Saft,
}

/// What to write.
pub struct ExportOptions<'a> {
    pub interface: Interface,
    /// Only this organisation.
    pub org: Option<String>,
    /// Only vouchers of these months; registers are written whole.
    pub period: Option<PeriodRange>,
    pub rules: &'a Pack,
    pub ids: &'a IdHasher,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    pub organisations: u64,
    pub files: u64,
    pub vouchers: u64,
    /// Vouchers kept outside the books that were written beside the others.
    pub held: u64,
    /// Vouchers kept outside the books that cannot stand in the same folder: one of their number is in the books, or
    /// only a lock keeps them out.
    pub left_out: u64,
    /// Rows of registers.
    pub rows: u64,
}

/// Writes the books of a store into a folder that does not exist or is empty. It has its name only when it is whole.
///
/// # Errors
/// [`ExportError`]; nothing is left behind.
pub async fn export(
    store: &Store,
    options: &ExportOptions<'_>,
    out: &Path,
    mut progress: impl FnMut(&str),
) -> Result<Exported, ExportError> {
    let books = chosen(store, options).await?;
    let staging = Staging::new(out)?;
    let mut exported = Exported {
        organisations: books.len() as u64,
        ..Exported::default()
    };
    if options.interface == Interface::Bundle {
        bundle::street(store, options, &staging, &mut exported).await?;
    }
    for book in &books {
        progress(&book.organisation);
        let export = book::BookExport::new(store, book, options).await?;
        match options.interface {
            Interface::Bundle => bundle::company(&export, &staging, &mut exported).await?,
            Interface::Gbt24589Xml => {
                gbt24589::company(&export, &staging, markup::Form::Xml, &mut exported).await?;
            }
            Interface::Gbt24589Json => {
                gbt24589::company(&export, &staging, markup::Form::Json, &mut exported).await?;
            }
            Interface::Saft => saft::company(&export, &staging, &mut exported).await?,
        }
    }
    staging.publish()?;
    Ok(exported)
}

/// The books to be written. A store may also hold registers of a company without books.
async fn chosen(
    store: &Store,
    options: &ExportOptions<'_>,
) -> Result<Vec<books::Model>, ExportError> {
    let mut all = read::books(store.db()).await?;
    if let Some(org) = &options.org {
        all.retain(|b| b.organisation == *org);
    }
    match all.is_empty() {
        false => Ok(all),
        true => Err(ExportError::Nothing(match &options.org {
            Some(org) => format!("库里没有单位 {org} 的账"),
            None => "库里没有账".to_owned(),
        })),
    }
}
