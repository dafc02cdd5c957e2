//! A zip file before it is read as a workbook: is it one, is it whole, and does it unpack to something reasonable?
//! Sizes are counted by unpacking, because those written in the file may lie.

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
    let (mut total, mut merges) = (0, false);
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(refusal)?;
        let mut seen = Search::new(&mark);
        let most = most(bytes.len() as u64) - total;
        total += unpack(&mut entry, most, &mut seen)?;
        merges |= seen.found;
    }
    Ok(Package { merges })
}

fn most(packed: u64) -> u64 {
    packed.saturating_mul(MOST_RATIO).clamp(SMALL, MOST_BYTES)
}

/// Reads to the end, at most `most` bytes; returns how many there were.
fn unpack(from: &mut impl Read, most: u64, search: &mut Search<'_>) -> Result<u64, Refusal> {
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let read = from
            .read(&mut buffer)
            .map_err(|e| Refusal::damaged(format!("压缩内容损坏:{e}")))?;
        if read == 0 {
            return Ok(total);
        }
        total += read as u64;
        if total > most {
            let message = "解压后的内容大得不合常理(超过 2 GB,或超过原文件的 200 倍)";
            return Err(Refusal::new(codes::FILE_HUGE, message));
        }
        search.feed(&buffer[..read]);
    }
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

/// Looks for a word in chunks.
struct Search<'w> {
    word: &'w Finder<'w>,
    /// The end of what was read, in case the word is cut in two.
    tail: Vec<u8>,
    found: bool,
}

impl<'w> Search<'w> {
    fn new(word: &'w Finder<'w>) -> Search<'w> {
        Search {
            word,
            tail: Vec::new(),
            found: false,
        }
    }

    fn feed(&mut self, chunk: &[u8]) {
        let keep = self.word.needle().len() - 1;
        self.tail.extend_from_slice(&chunk[..chunk.len().min(keep)]);
        self.found |= self.word.find(chunk).is_some() || self.word.find(&self.tail).is_some();
        if chunk.len() >= keep {
            self.tail.clear();
            self.tail.extend_from_slice(&chunk[chunk.len() - keep..]);
        } else {
            let cut = self.tail.len().saturating_sub(keep);
            self.tail.drain(..cut);
        }
    }
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
    fn a_word_cut_in_two_is_found() {
        let word = Finder::new("<mergeCell ");
        for size in 1..15 {
            let mut search = Search::new(&word);
            for chunk in b"..<mergeCells><mergeCell ref".chunks(size) {
                search.feed(chunk);
            }
            assert!(search.found, "{size}");
            let mut search = Search::new(&word);
            for chunk in b"..<mergeCells><mergeCelery".chunks(size) {
                search.feed(chunk);
            }
            assert!(!search.found, "{size}");
        }
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
