//! Lays a document out and writes it as PDF, and makes sure that every character of it can be seen.

use std::collections::BTreeSet;

use serde::Serialize;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::error::PdfError;
use crate::fonts::{Fonts, Roles, Substitutes};
use crate::glyphs;
use crate::model::Document;
use crate::world::Papers;

/// That many missing characters are named; more would not fit a line.
const NAMED: usize = 20;

/// What the layout reads.
#[derive(Serialize)]
struct Data<'a> {
    document: &'a Document,
    fonts: &'a Roles,
    substitutes: Substitutes,
}

/// The bytes of the PDF. The same document and fonts give the same bytes.
///
/// # Errors
/// [`PdfError::Glyphs`], [`PdfError::Typst`].
pub fn pdf(document: &Document, fonts: Fonts) -> Result<Vec<u8>, PdfError> {
    let characters = document.characters();
    let data = Data {
        document,
        fonts: &fonts.roles,
        substitutes: fonts.substitutes(&characters),
    };
    let json = serde_json::to_vec(&data).map_err(|e| PdfError::Typst {
        reason: e.to_string(),
    })?;
    let papers = Papers::new(json, fonts.store)?;
    let compiled = typst::compile::<PagedDocument>(&papers);
    let paged = compiled.output.map_err(|errors| failed(&errors))?;
    seen(&paged, &characters)?;
    let options = PdfOptions {
        ident: Smart::Custom(document.ident.clone()),
        creator: Smart::Custom(Some(
            concat!("Sanzi ", env!("CARGO_PKG_VERSION")).to_owned(),
        )),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&paged, &options).map_err(|errors| failed(&errors))
}

fn failed(errors: &[SourceDiagnostic]) -> PdfError {
    let reason = errors
        .iter()
        .map(|e| e.message.as_str())
        .collect::<Vec<_>>();
    PdfError::Typst {
        reason: reason.join(";").replace('\n', " "),
    }
}

/// Refuses a document of which a part could not be seen.
fn seen(document: &PagedDocument, characters: &BTreeSet<char>) -> Result<(), PdfError> {
    let unseen = glyphs::unseen(document, characters);
    if unseen.is_empty() {
        return Ok(());
    }
    let named = unseen.iter().take(NAMED);
    let named = named.map(|c| format!("{c}(U+{:04X})", *c as u32));
    let mut characters = named.collect::<Vec<_>>().join("、");
    if unseen.len() > NAMED {
        characters += &format!(" 等 {} 个", unseen.len());
    }
    Err(PdfError::Glyphs { characters })
}

#[cfg(test)]
mod tests {
    use super::*;
    use typst::syntax::Span;

    #[test]
    fn what_typst_says_is_one_line_with_a_code() {
        let errors = ["one\ntwo", "three"].map(|e| SourceDiagnostic::error(Span::detached(), e));
        let said = failed(&errors).to_string();
        assert!(said.starts_with("排版-1005 "), "{said}");
        assert!(
            said.contains("one two;three") && !said.contains('\n'),
            "{said}"
        );
    }
}
