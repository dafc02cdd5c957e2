//! A file's bytes → sheets. The kind is told by the first bytes, never by the file's ending.

use sha2::{Digest, Sha256};

use crate::model::{Place, Problem, Text, hex};

use super::codes;
use super::table::{Container, Grid, Sheet, read_csv};
use super::text::decode;
use super::workbook::{NamedGrid, read_xls, read_xlsx};

/// What a file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Xlsx,
    Xls,
    /// A web page saved with the ending of a workbook.
    Html,
    Pdf,
    Text,
}

/// Tells the kind of a file.
pub fn kind(bytes: &[u8]) -> Kind {
    let head: Vec<u8> = bytes.iter().take(256).map(u8::to_ascii_lowercase).collect();
    let has = |word: &[u8]| head.windows(word.len()).any(|w| w == word);
    match bytes {
        [b'P', b'K', 3, 4, ..] => Kind::Xlsx,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Kind::Xls,
        [b'%', b'P', b'D', b'F', ..] => Kind::Pdf,
        _ if has(b"<html") || has(b"<table") || has(b"<!doctype") => Kind::Html,
        _ => Kind::Text,
    }
}

/// Whether a file's name says that it is meant to be read. Other files are left alone with a note.
pub fn is_table_file(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_lowercase());
    matches!(
        ending.as_deref(),
        Some("csv" | "txt" | "xls" | "xlsx" | "xlsm")
    )
}

/// SHA-256 of the bytes, hex.
pub fn digest(bytes: &[u8]) -> Text {
    hex(&Sha256::digest(bytes)).into()
}

/// All sheets of a file. `familiar` knows header words ([`decode`]).
pub fn sheets(
    file: &str,
    bytes: Vec<u8>,
    digest: Text,
    familiar: &dyn Fn(&str) -> bool,
) -> Result<Vec<Sheet>, Box<Problem>> {
    let place = |row| Place {
        file: file.to_owned(),
        row,
        ..Place::default()
    };
    let damaged = |message: String| Box::new(codes::FILE_DAMAGED.at(place(None), message, ""));
    let name: Text = file.into();
    let workbook = |encoding, grids: Vec<NamedGrid>| {
        let sheet = |(sheet, grid): NamedGrid| Sheet {
            file: name.clone(),
            sheet: Some(sheet.into()),
            container: Container::Workbook,
            encoding,
            digest: digest.clone(),
            grid,
        };
        grids.into_iter().map(sheet).collect()
    };
    match kind(&bytes) {
        Kind::Xlsx => read_xlsx(&bytes)
            .map(|grids| workbook("xlsx", grids))
            .map_err(|e| damaged(format!("工作簿打不开:{e}"))),
        Kind::Xls => read_xls(&bytes)
            .map(|grids| workbook("xls", grids))
            .map_err(|e| damaged(format!("工作簿打不开,可能有打开密码:{e}"))),
        Kind::Html => Err(damaged("文件其实是网页,不是表格".to_owned())),
        Kind::Pdf => Err(damaged("文件其实是 PDF,不是表格".to_owned())),
        Kind::Text => {
            let decoded = decode(bytes, familiar).map_err(|bad| {
                let row = u32::try_from(bad.line).ok();
                let message = "既不是 UTF-8 也不是 GBK/GB18030";
                Box::new(codes::ENCODING_UNKNOWN.at(place(row), message, ""))
            })?;
            let grid: Grid = read_csv(&decoded.text, place)?;
            Ok(vec![Sheet {
                file: name,
                sheet: None,
                container: Container::Text,
                encoding: decoded.encoding,
                digest,
                grid,
            }])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_is_told_by_content() {
        assert_eq!(kind(b"PK\x03\x04rest"), Kind::Xlsx);
        assert_eq!(kind(b"\xd0\xcf\x11\xe0\xa1"), Kind::Xls);
        assert_eq!(kind(b"\n <HTML xmlns"), Kind::Html);
        assert_eq!(kind("日期,".as_bytes()), Kind::Text);
        assert!(is_table_file("a.CSV") && !is_table_file("README.md") && !is_table_file("x"));
    }

    #[test]
    fn a_web_page_called_xls_is_named_so() {
        let problem = sheets("a.xls", b"<html><table>".to_vec(), "".into(), &|_| true).unwrap_err();
        assert_eq!(problem.code, codes::FILE_DAMAGED.code);
        assert!(problem.message.contains("网页"));
    }
}
