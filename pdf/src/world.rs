//! What Typst sees of the world: the layout, the document, fonts. No other file, no package, no clock.

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::FontStore;

use crate::error::PdfError;

const LAYOUT: &str = include_str!("layout.typ");

/// See the module.
pub struct Papers {
    library: LazyHash<Library>,
    fonts: FontStore,
    layout: Source,
    data: (FileId, Bytes),
}

impl Papers {
    /// `data` is the JSON that the layout reads.
    ///
    /// # Errors
    /// [`PdfError::Typst`], never in practice.
    pub fn new(data: Vec<u8>, fonts: FontStore) -> Result<Papers, PdfError> {
        Ok(Papers {
            library: LazyHash::new(Library::default()),
            fonts,
            layout: Source::new(file("layout.typ")?, LAYOUT.to_owned()),
            data: (file("data.json")?, Bytes::new(data)),
        })
    }
}

fn file(name: &str) -> Result<FileId, PdfError> {
    let path = VirtualPath::new(name).map_err(|e| PdfError::Typst {
        reason: e.to_string(),
    })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Papers {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.layout.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.layout.id() {
            Ok(self.layout.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 {
            Ok(self.data.1.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
