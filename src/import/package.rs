//! A zip file before it is read as a workbook: is it one, is it whole, and does it unpack to something reasonable? Sizes
//! are those written in the file: the zip library lets no entry unpack to more than it declares.

use std::io::{Cursor, Read, Seek};

use memchr::memmem::Finder;
use zip::ZipArchive;
use zip::result::ZipError;

use super::codes;
use super::refusal::Refusal;

/// No honest workbook unpacks to more: a full sheet of 32 columns is about half of it.
const MOST_BYTES: u64 = 2 << 30;
/// Unpacked sizes below this are never suspicious.
const SMALL: u64 = 32 << 20;
/// Honest sheets shrink 10 to 50 fold, bombs 1000 fold.
const MOST_RATIO: u64 = 200;

/// Sheets up to this size are searched for merged cells; longer ones were written by programs, which merge none.
const SEARCHED: u64 = 16 << 20;

/// What is worth knowing of a workbook beforehand.
#[derive(Debug)]
pub struct Package {
    /// Some sheet has merged cells.
    pub merges: bool,
}

/// Refuses what is no xlsx workbook, and bombs.
pub fn inspect(bytes: &[u8]) -> Result<Package, Refusal> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(refusal)?;
    recognise(&zip)?;
    let mark = Finder::new("<mergeCell ");
    let (mut total, mut merges) = (0u64, false);
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(refusal)?;
        total = total.saturating_add(entry.size());
        if total > most(bytes.len() as u64) {
            let message = "解压后的内容大得不合常理(超过 2 GB,或超过原文件的 200 倍)";
            return Err(Refusal::new(codes::FILE_HUGE, message));
        }
        let is_sheet = entry.name().is_ok_and(|n| n.starts_with("xl/worksheets/"));
        if is_sheet && !merges && entry.size() <= SEARCHED {
            merges = holds(&mut entry, &mark)?;
        }
    }
    Ok(Package { merges })
}

fn most(packed: u64) -> u64 {
    packed.saturating_mul(MOST_RATIO).clamp(SMALL, MOST_BYTES)
}

/// Whether the word stands anywhere in what is read.
fn holds(from: &mut impl Read, word: &Finder<'_>) -> Result<bool, Refusal> {
    let mut content = Vec::new();
    from.read_to_end(&mut content)
        .map_err(|e| Refusal::damaged(format!("压缩内容损坏:{e}")))?;
    Ok(word.find(&content).is_some())
}

fn refusal(error: ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(why) if why == ZipError::PASSWORD_REQUIRED => {
            Refusal::password()
        }
        ZipError::InvalidArchive(_) => {
            Refusal::damaged("文件不完整:开头是工作簿,结尾却断了,可能没有传完或没有写完")
        }
        other => Refusal::damaged(format!("工作簿打不开:{other}")),
    }
}

/// Names what other programs put into zip files.
fn recognise<R: Read + Seek>(zip: &ZipArchive<R>) -> Result<(), Refusal> {
    let has = |ending: &str| {
        let mut names = zip.file_names().flatten();
        names.any(|name| name.ends_with(ending))
    };
    if has("workbook.xml") {
        return Ok(());
    }
    let what = if has("workbook.bin") {
        ".xlsb 工作簿"
    } else if has("word/document.xml") {
        "Word 文档"
    } else if has("OFD.xml") {
        "OFD 版式文件"
    } else if has("content.xml") {
        ".ods 表格"
    } else {
        "压缩包"
    };
    let message = format!("文件其实是{what},不是 .xlsx 工作簿");
    Err(Refusal::damaged(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn package(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_read() {
        let zeros = vec![b' '; SMALL as usize + 1];
        let bomb = package(&[
            ("xl/workbook.xml", b"<x/>"),
            ("xl/sharedStrings.xml", &zeros),
        ]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(inspect(&bomb).unwrap_err().code.code, "导入-1045");
    }

    /// What the sums rely on.
    #[test]
    fn no_entry_unpacks_to_more_than_it_declares() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "很长的文字".repeat(100)).unwrap();
        let honest = book.save_to_buffer().unwrap();
        assert!(super::super::workbook::read_xlsx(&honest).is_ok());
        for part in ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"] {
            let mut lying = honest.clone();
            // Where the declared size and the name stand in the local and in the central header.
            for (signature, size, name) in [(*b"PK\x03\x04", 22, 30), (*b"PK\x01\x02", 24, 46)] {
                let starts = memchr::memmem::find_iter(&honest, &signature);
                let of_part = |at: &usize| honest[at + name..].starts_with(part.as_bytes());
                let at = starts
                    .collect::<Vec<_>>()
                    .into_iter()
                    .find(of_part)
                    .unwrap();
                lying[at + size..at + size + 4].copy_from_slice(&9u32.to_le_bytes());
            }
            let refusal = super::super::workbook::read_xlsx(&lying).unwrap_err();
            assert_eq!(refusal.code.code, "导入-1001", "{part}");
        }
    }

    #[test]
    fn other_packages_are_named() {
        for (name, word) in [
            ("content.xml", ".ods"),
            ("xl/workbook.bin", ".xlsb"),
            ("word/document.xml", "Word"),
            ("a.txt", "压缩包"),
        ] {
            let refusal = inspect(&package(&[(name, b"x")])).unwrap_err();
            assert!(refusal.message.contains(word), "{}", refusal.message);
        }
        let whole = package(&[("xl/workbook.xml", b"<x/>")]);
        assert!(!inspect(&whole).unwrap().merges);
        let refusal = inspect(&whole[..whole.len() - 9]).unwrap_err();
        assert!(refusal.message.contains("不完整"), "{}", refusal.message);
    }
}
