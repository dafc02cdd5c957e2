//! A file's bytes → sheets. The kind is told by the first bytes, never by the file's ending.

use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use crate::model::{Place, Problem, Text, hex};

use super::codes;
use super::html::read_html;
use super::lines::read_csv;
use super::refusal::Refusal;
use super::table::{Container, Grid, Sheet};
use super::text::{Decoded, decode};
use super::workbook::{ReadSheet, read_xls, read_xlsx};

/// What a file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Xlsx,
    Xls,
    /// A web page, often saved with the ending of a workbook.
    Html,
    /// The XML form of workbooks of 2003.
    SpreadsheetXml,
    /// A web page and its pictures in one file, as browsers save it.
    WebArchive,
    Pdf,
    Text,
}

/// Tells the kind of a file.
pub fn kind(bytes: &[u8]) -> Kind {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Kind::Xlsx,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Kind::Xls,
        [b'%', b'P', b'D', b'F', ..] => Kind::Pdf,
        _ => marked_up(bytes),
    }
}

/// Text that is marked up, or plain. Zeros and byte-order marks are passed over, for UTF-16.
fn marked_up(bytes: &[u8]) -> Kind {
    let noise = |b: &u8| matches!(b, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff);
    let head = bytes.iter().take(2048).filter(|b| !noise(b));
    let head: Vec<u8> = head.map(u8::to_ascii_lowercase).collect();
    let head = head.trim_ascii_start();
    let has = |word: &str| head.windows(word.len()).any(|w| w == word.as_bytes());
    if head.starts_with(b"mime-version:") {
        return Kind::WebArchive;
    }
    if !head.starts_with(b"<") {
        return Kind::Text;
    }
    if has("urn:schemas-microsoft-com:office:spreadsheet") && has("<workbook") {
        return Kind::SpreadsheetXml;
    }
    let tags = [
        "<html",
        "<!doctype html",
        "<table",
        "<head",
        "<meta",
        "<body",
        "<style",
        "<div",
        "<tr",
    ];
    match tags.into_iter().any(has) {
        true => Kind::Html,
        false => Kind::Text,
    }
}

/// Whether a file's name says that it is meant to be read. Other files are left alone with a note.
pub fn is_table_file(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_lowercase());
    matches!(
        ending.as_deref(),
        Some("csv" | "txt" | "xls" | "xlsx" | "xlsm" | "xml" | "json" | "dbf")
    )
}

/// Whether a file's name says that other files are packed in it.
pub fn is_archive(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_lowercase());
    matches!(ending.as_deref(), Some("zip" | "rar" | "7z" | "gz" | "tar"))
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
    let refused = |refusal: Refusal| Box::new(refusal.of(file));
    let name: Text = file.into();
    let named = |container, encoding: &'static str, read: Vec<ReadSheet>| {
        let sheet = |read: ReadSheet| Sheet {
            file: name.clone(),
            sheet: read.name.map(Text::from),
            container,
            encoding,
            digest: digest.clone(),
            grid: read.grid,
            merged: read.merged,
        };
        read.into_iter().map(sheet).collect()
    };
    match kind(&bytes) {
        Kind::Xlsx => read_xlsx(&bytes)
            .map(|r| named(Container::Workbook, "xlsx", r))
            .map_err(refused),
        Kind::Xls => read_xls(&bytes, familiar)
            .map(|r| named(Container::Workbook, "xls", r))
            .map_err(refused),
        Kind::Html => {
            let decoded = page_text(file, bytes, familiar)?;
            let encoding = match decoded.encoding {
                "GB18030" => "HTML GB18030",
                "UTF-8" | "UTF-8 BOM" => "HTML UTF-8",
                _ => "HTML",
            };
            read_html(&decoded.text)
                .map(|r| named(Container::Text, encoding, r))
                .map_err(refused)
        }
        Kind::SpreadsheetXml => Err(refused(Refusal::damaged(
            "文件其实是 XML 表格(Excel 2003 XML)",
        ))),
        Kind::WebArchive => Err(refused(Refusal::damaged("文件其实是网页存档(.mht)"))),
        Kind::Pdf => Err(refused(Refusal::damaged("文件其实是 PDF,不是表格"))),
        Kind::Text => {
            let decoded = text(file, bytes, familiar)?;
            let place = |row| Place {
                file: file.to_owned(),
                row,
                ..Place::default()
            };
            let grid: Grid = read_csv(decoded.text, place)?;
            Ok(vec![Sheet {
                file: name,
                sheet: None,
                container: Container::Text,
                encoding: decoded.encoding,
                digest,
                grid,
                merged: Vec::new(),
            }])
        }
    }
}

fn text(
    file: &str,
    bytes: Vec<u8>,
    familiar: &dyn Fn(&str) -> bool,
) -> Result<Decoded, Box<Problem>> {
    decode(bytes, familiar).map_err(|bad| {
        let message = "既不是 UTF-8 也不是 GBK/GB18030";
        let mut refusal = Refusal::new(codes::ENCODING_UNKNOWN, message);
        refusal.row = u32::try_from(bad.line).ok();
        Box::new(refusal.of(file))
    })
}

/// The text of a web page. Detection comes first, because what pages say of themselves is often wrong; it can only be
/// right where the bytes are neither UTF-8 nor GB18030.
fn page_text(
    file: &str,
    bytes: Vec<u8>,
    familiar: &dyn Fn(&str) -> bool,
) -> Result<Decoded, Box<Problem>> {
    let found = text(file, bytes.clone(), familiar);
    let known = |d: &Decoded| d.encoding != "GB18030" || familiar(&d.text);
    if found.as_ref().is_ok_and(known) {
        return found;
    }
    match declared(&bytes)
        .and_then(|e| e.decode_without_bom_handling_and_without_replacement(&bytes))
    {
        Some(declared) if familiar(&declared) => Ok(Decoded {
            text: declared.into_owned(),
            encoding: "HTML",
        }),
        _ => found,
    }
}

/// The encoding that a page says it is in.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..2048).unwrap_or(bytes).to_ascii_lowercase();
    let at = memchr::memmem::find(&head, b"charset=")? + 8;
    let label = head.get(at..)?.trim_ascii_start();
    let label = label.strip_prefix(b"\"").unwrap_or(label);
    let end = label
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || b"-_".contains(b)));
    Encoding::for_label(label.get(..end.unwrap_or(label.len()))?)
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
    fn marked_up_text_is_told_by_what_stands_first() {
        let utf16: Vec<u8> = "\u{feff}<html>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(kind(&utf16), Kind::Html);
        assert_eq!(
            kind("\u{feff}<meta charset=gbk><table>".as_bytes()),
            Kind::Html
        );
        let xml = b"<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
        assert_eq!(kind(xml), Kind::SpreadsheetXml);
        assert_eq!(kind(b"MIME-Version: 1.0\r\n"), Kind::WebArchive);
        assert_eq!(kind("摘要,<table>\n".as_bytes()), Kind::Text);
    }

    #[test]
    fn a_page_in_another_encoding_is_read_by_what_it_says() {
        let page = "<html><meta http-equiv=Content-Type content=\"text/html; charset=Big5\"><table><tr><td>日期</td></tr></table>";
        let (bytes, ..) = encoding_rs::BIG5.encode(page);
        let sheets = sheets("a.xls", bytes.into_owned(), "".into(), &|t| {
            t.contains("日期")
        })
        .unwrap();
        assert_eq!(sheets[0].grid.row(0).cell(0), "日期");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (bytes, word) in [
            (b"%PDF-1.4".as_slice(), "PDF"),
            (b"MIME-Version: 1.0", "mht"),
            (b"<html><body>no table</body></html>", "没有表格"),
        ] {
            let problem = sheets("a.xls", bytes.to_vec(), "".into(), &|_| true).unwrap_err();
            assert_eq!(problem.code, codes::FILE_DAMAGED.code);
            assert!(problem.message.contains(word), "{}", problem.message);
        }
    }
}
