//! The zip package of a DOCX: written the same way every time, and read part by part.

use std::io::{Cursor, Read, Write};

use docx_rs::{TableRow, XMLDocx};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::DocumentError;

/// A template larger than this, or a part that unpacks to more, is none.
pub const LIMIT: u64 = 64 << 20;

/// docx-rs cannot say that a row is repeated on every page; rows marked so are rewritten in [`pack`]. Nothing else here asks
/// for rows that do not break.
pub fn head_row(row: TableRow) -> TableRow {
    row.cant_split()
}

const MARKED: &str = "<w:trPr><w:cantSplit /></w:trPr>";
const REPEATED: &str = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";

/// Packs a document.
///
/// # Errors
/// [`DocumentError::Write`].
pub fn pack(built: XMLDocx) -> Result<Vec<u8>, DocumentError> {
    let mut packed = Cursor::new(Vec::new());
    built.pack(&mut packed).map_err(unwritable)?;
    let mut parts = parts(packed.get_ref()).map_err(unwritable)?;
    for (name, bytes) in &mut parts {
        if name == "word/document.xml" {
            let text = String::from_utf8_lossy(bytes).replace(MARKED, REPEATED);
            *bytes = text.into_bytes();
        }
    }
    write(&parts)
}

/// A package of these parts, with no time of day in it.
///
/// # Errors
/// [`DocumentError::Write`].
pub fn write(parts: &[(String, Vec<u8>)]) -> Result<Vec<u8>, DocumentError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        writer
            .start_file(name.as_str(), options)
            .map_err(unwritable)?;
        writer.write_all(bytes).map_err(unwritable)?;
    }
    Ok(writer.finish().map_err(unwritable)?.into_inner())
}

/// Every part by name, in the package's order.
///
/// # Errors
/// What is wrong with the package, in words.
pub fn parts(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut parts = Vec::with_capacity(archive.len());
    let mut left = LIMIT;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|e| e.to_string())?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|e| e.to_string())?.into_owned();
        let mut content = Vec::new();
        entry
            .take(left + 1)
            .read_to_end(&mut content)
            .map_err(|e| e.to_string())?;
        left = left.checked_sub(content.len() as u64).ok_or("解压后过大")?;
        parts.push((name, content));
    }
    Ok(parts)
}

/// The text of one part.
#[cfg(test)]
pub fn part(bytes: &[u8], name: &str) -> Option<String> {
    let found = parts(bytes).ok()?.into_iter().find(|(n, _)| n == name)?;
    String::from_utf8(found.1).ok()
}

fn unwritable(error: impl std::fmt::Display) -> DocumentError {
    DocumentError::Write {
        reason: error.to_string(),
    }
}
