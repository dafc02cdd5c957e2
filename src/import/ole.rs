//! An old .xls file before it is read: is it a workbook, is it locked, and in which code page are its texts?
//! It is walked record by record, so that sizes and chains that a damaged file claims are never believed.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::codes;
use super::refusal::Refusal;

/// No sheet of the format has more columns.
const MOST_COLUMNS: u16 = 256;
/// The reader lays every sheet out as a full rectangle; an honest file has a few million cells.
const MOST_CELLS: u64 = 32 << 20;
/// What byte strings are in when the file does not say, or says something that a Chinese program cannot have meant.
const CHINESE: u16 = 936;
const UTF_16: u16 = 1200;

/// What is worth knowing of a workbook beforehand.
#[derive(Debug, PartialEq, Eq)]
pub struct Workbook {
    /// The code page in which its texts are to be read.
    pub codepage: u16,
}

/// Refuses what is no workbook, what is locked, and what would not fit into memory.
pub fn inspect(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let broken = |e: std::io::Error| match is_cut(bytes) {
        true => Refusal::damaged("文件不完整:开头是工作簿,后面却断了,可能没有传完或没有写完"),
        false => Refusal::damaged(format!("文件内部结构损坏:{e}")),
    };
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(broken)?;
    // A locked .xlsx is an encrypted package within a file of the old kind.
    if file.exists("/EncryptedPackage") {
        return Err(Refusal::password());
    }
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|n| file.exists(n)) else {
        let message = if file.exists("/WordDocument") {
            "文件其实是 Word 文档,不是表格"
        } else {
            "文件里没有工作簿"
        };
        return Err(Refusal::damaged(message));
    };
    let mut stream = Vec::new();
    let mut from = file.open_stream(name).map_err(broken)?;
    from.read_to_end(&mut stream).map_err(broken)?;
    let mut walk = Walk::default();
    for (kind, data) in records(&stream) {
        walk.record(kind, data)?;
    }
    walk.finish()
}

/// Whether the file ends before what its header points to: the directory and the allocation tables. A file that was not sent
/// to its end is the commonest damage, and a person can do something about it.
fn is_cut(bytes: &[u8]) -> bool {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(four.try_into().ok()?))
    };
    // The header takes the room of the sector before the first.
    let size = 1u64 << bytes.get(30).map_or(9, |shift| (*shift).min(12));
    let pointers = std::iter::once(48).chain((76..512).step_by(4));
    let beyond = |sector: u32| (u64::from(sector) + 2) * size > bytes.len() as u64;
    bytes.len() < 512
        || pointers
            .filter_map(number)
            .any(|sector| sector < 0xffff_fffa && beyond(sector))
}

/// The records of a workbook stream: kind, length, data. A record that is cut short ends them.
fn records(stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (head, after) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (data, after) = after.split_at_checked(length)?;
        rest = after;
        Some((u16::from_le_bytes([head[0], head[1]]), data))
    })
}

#[derive(Default)]
struct Walk {
    /// BIFF8 (1997 and later); older files keep all texts as bytes.
    unicode: Option<bool>,
    codepage: Option<u16>,
    /// Begun parts: the workbook itself, then its sheets.
    parts: usize,
    /// Extent of the part being walked: rows, columns.
    extent: (u64, u64),
    cells: u64,
    /// Formulas without a result, by part: how many, and the first one's row (from 1) and column (from 0).
    formulas: BTreeMap<usize, (usize, (u32, u32))>,
}

impl Walk {
    fn record(&mut self, kind: u16, data: &[u8]) -> Result<(), Refusal> {
        match kind {
            // FILEPASS: all that follows is encrypted.
            0x002f => return Err(Refusal::password()),
            // BOF
            0x0809 => {
                self.end_part();
                self.parts += 1;
                self.unicode.get_or_insert(word(data, 0) == Some(0x0600));
            }
            // CODEPAGE
            0x0042 => self.codepage = self.codepage.or(word(data, 0)),
            // DIMENSIONS
            0x0200 => self.dimensions(data)?,
            // NUMBER, LABEL, RSTRING, BOOLERR, RK, LABELSST, MULRK, FORMULA
            0x0203 | 0x0204 | 0x00d6 | 0x0205 | 0x027e | 0x00fd | 0x00bd | 0x0006 => {
                self.cell(data)?;
                if kind == 0x0006 {
                    self.formula(data);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The reader reserves room for what is claimed here, so it has to be possible: first row, row after the last, first
    /// column, column after the last. An empty sheet claims nothing.
    fn dimensions(&self, data: &[u8]) -> Result<(), Refusal> {
        let row = |at| match data.len() {
            10 => word(data, at / 2).map(u64::from),
            _ => double(data, at).map(u64::from),
        };
        let at = if data.len() == 10 { 4 } else { 8 };
        let column = |at| word(data, at).map(u64::from);
        let (Some(top), Some(bottom), Some(left), Some(right)) =
            (row(0), row(4), column(at), column(at + 2))
        else {
            return Ok(());
        };
        // A first column out of range counts as none.
        let left = if left > 0xff || right < left { 0 } else { left };
        let empty = bottom == 0 || right == 0;
        let rows = bottom.checked_sub(top).filter(|n| *n > 0);
        let columns = right.checked_sub(left).filter(|n| *n > 0);
        let cells = rows.zip(columns).and_then(|(r, c)| r.checked_mul(c));
        match cells {
            _ if empty => Ok(()),
            Some(cells) if cells <= MOST_CELLS => Ok(()),
            _ => Err(Refusal::damaged("工作表声明的范围不可能存在")),
        }
    }

    fn cell(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let (Some(row), Some(column)) = (word(data, 0), word(data, 2)) else {
            return Ok(());
        };
        if column >= MOST_COLUMNS {
            return Err(Refusal::damaged("单元格的列号不可能存在"));
        }
        let (rows, columns) = &mut self.extent;
        *rows = (*rows).max(u64::from(row) + 1);
        *columns = (*columns).max(u64::from(column) + 1);
        Ok(())
    }

    /// Programs that write formulas without computing them leave zero and the flag "compute when opened", which
    /// spreadsheets themselves never set.
    fn formula(&mut self, data: &[u8]) {
        let empty = data.get(6..14) == Some(&[0; 8]);
        let flagged = word(data, 14).is_some_and(|flags| flags & 2 != 0);
        if let (true, true, Some(row), Some(column)) =
            (empty, flagged, word(data, 0), word(data, 2))
        {
            let first = (u32::from(row) + 1, u32::from(column));
            self.formulas.entry(self.parts).or_insert((0, first)).0 += 1;
        }
    }

    fn end_part(&mut self) {
        let (rows, columns) = std::mem::take(&mut self.extent);
        self.cells += rows * columns;
    }

    fn finish(mut self) -> Result<Workbook, Refusal> {
        self.end_part();
        if self.cells > MOST_CELLS {
            let message = "工作表的范围大得不合常理";
            return Err(Refusal::new(codes::FILE_HUGE, message));
        }
        if let Some((part, (count, first))) = self.formulas.first_key_value() {
            let sheet = format!("第{}个工作表", part.saturating_sub(1));
            return Err(Refusal::formulas(Some(sheet), *count, *first));
        }
        Ok(Workbook {
            codepage: self.codepage(),
        })
    }

    /// Unicode files hold UTF-16 whatever their CODEPAGE record says. In older files the record counts when it names an
    /// East Asian encoding; missing or western, the file comes from a program that did not care.
    fn codepage(&self) -> u16 {
        match self.codepage {
            _ if self.unicode.unwrap_or(true) => UTF_16,
            Some(page @ (932 | 936 | 949 | 950 | 54936 | 65001)) => page,
            _ => CHINESE,
        }
    }
}

fn word(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*bytes))
}

fn double(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// An old file with the records given.
    fn file(stream: &str, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        let mut out = file.create_stream(stream).unwrap();
        for (kind, data) in records {
            out.write_all(&kind.to_le_bytes()).unwrap();
            out.write_all(&(data.len() as u16).to_le_bytes()).unwrap();
            out.write_all(data).unwrap();
        }
        drop(out);
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    #[test]
    fn a_file_that_was_not_sent_to_its_end_is_called_incomplete() {
        let whole = include_bytes!("../../fixtures/exports/nc/NC序时账.xls");
        assert!(!is_cut(whole));
        for tenths in [1, 3, 5, 9] {
            let refusal = inspect(&whole[..whole.len() * tenths / 10]).unwrap_err();
            assert!(refusal.message.contains("不完整"), "{}", refusal.message);
        }
    }

    const BOF5: (u16, &[u8]) = (0x0809, &[0, 5, 5, 0]);
    const BOF8: (u16, &[u8]) = (0x0809, &[0, 6, 5, 0]);

    fn page(page: u16) -> [u8; 2] {
        page.to_le_bytes()
    }

    #[test]
    fn the_code_page_record_counts_only_where_it_means_something() {
        for (bof, record, read_as) in [
            (BOF8, Some(936), 1200),
            (BOF8, Some(1252), 1200),
            (BOF8, None, 1200),
            (BOF5, Some(936), 936),
            (BOF5, Some(950), 950),
            (BOF5, Some(1252), 936),
            (BOF5, Some(0), 936),
            (BOF5, None, 936),
        ] {
            let page = record.map(page);
            let mut records = vec![bof];
            records.extend(page.iter().map(|p| (0x0042, p.as_slice())));
            let found = inspect(&file("/Workbook", &records)).unwrap();
            assert_eq!(found.codepage, read_as, "{record:?}");
        }
    }

    #[test]
    fn what_is_locked_huge_or_no_workbook_is_named() {
        let locked = file("/Workbook", &[BOF8, (0x002f, &[0, 0, 1, 2, 3, 4])]);
        assert_eq!(inspect(&locked).unwrap_err().code.code, "导入-1044");
        let locked = file("/EncryptedPackage", &[]);
        assert_eq!(inspect(&locked).unwrap_err().code.code, "导入-1044");
        let word = inspect(&file("/WordDocument", &[])).unwrap_err();
        assert!(word.message.contains("Word"));
        let far = [0xff, 0xff, 0xff, 0, 0, 0, 0, 0];
        let mut parts = Vec::new();
        for _ in 0..3 {
            parts.extend([BOF8, (0x027e, far.as_slice())]);
        }
        assert_eq!(
            inspect(&file("/Workbook", &parts)).unwrap_err().code.code,
            "导入-1045"
        );
        let beyond = [0, 0, 0, 1, 0, 0];
        let cell = (0x0203, beyond.as_slice());
        assert!(inspect(&file("/Workbook", &[BOF8, cell])).is_err());
        for (claim, possible) in [
            ([0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 1, 0, 0, 0], false),
            ([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0, 0], false),
            ([9, 0, 0, 0, 5, 0, 0, 0, 0, 0, 1, 0, 0, 0], false),
            ([0, 0, 0, 0, 5, 0, 0, 0, 3, 0, 3, 0, 0, 0], false),
            ([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0], true),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], true),
        ] {
            let found = inspect(&file("/Workbook", &[BOF8, (0x0200, &claim)]));
            assert_eq!(found.is_ok(), possible, "{claim:?}");
        }
    }

    #[test]
    fn formulas_that_were_never_computed_are_named() {
        let mut formula = [0u8; 22];
        (formula[0], formula[2], formula[14]) = (4, 7, 2);
        let records = [BOF8, BOF8, (0x0006, formula.as_slice())];
        let refusal = inspect(&file("/Workbook", &records)).unwrap_err();
        assert_eq!(refusal.code.code, "导入-1046");
        assert_eq!(refusal.row, Some(5));
        assert_eq!(refusal.sheet.as_deref(), Some("第1个工作表"));
        // A computed one is none.
        formula[13] = 0x40;
        let records = [BOF8, BOF8, (0x0006, formula.as_slice())];
        assert!(inspect(&file("/Workbook", &records)).is_ok());
    }
}
