//! dBase files, as 金蝶 KIS writes its voucher list: a header row of field names and rows of cells. Numbers stand in the
//! file as text and stay text: a library that makes floats of them is of no use for money.

use encoding_rs::GB18030;

use crate::import::codes;
use crate::import::refusal::Refusal;
use crate::import::table::Grid;

/// Bytes of the header before the fields, and of each field.
const HEAD: usize = 32;
/// Most fields that a file may have; dBase allows 255, FoxPro as many.
const MAX_FIELDS: usize = 255;

/// What was read: the grid with its header row, rows marked as deleted left out but counted.
#[derive(Debug)]
pub struct Table {
    pub grid: Grid,
    pub encoding: &'static str,
    /// Row numbers of records that are marked as deleted.
    pub deleted: Vec<u32>,
}

/// Whether bytes are a dBase file: version, a possible date, and a header that ends where it says.
pub fn is_dbf(bytes: &[u8]) -> bool {
    const VERSIONS: [u8; 9] = [0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x83, 0x8b, 0xf5];
    let Some(head) = bytes.get(..HEAD) else {
        return false;
    };
    let (header, record) = (word(head, 8), word(head, 10));
    VERSIONS.contains(&head[0])
        && head[2] <= 12
        && head[3] <= 31
        && header > HEAD
        && record > 1
        && (bytes.len() <= header || bytes[HEAD..header].contains(&0x0d))
}

fn word(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

struct Field {
    name: String,
    kind: u8,
    start: usize,
    length: usize,
}

/// Reads all records.
pub fn read(bytes: &[u8]) -> Result<Table, Refusal> {
    let (header, record) = (word(bytes, 8), word(bytes, 10));
    let count = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    let fields = fields(bytes, header, record)?;
    let body = bytes.get(header..).unwrap_or_default();
    let whole = body.len() / record;
    if whole < count {
        let mut refusal = Refusal::damaged(format!(
            "dBase 文件不完整:应有 {count} 条记录,只有 {whole} 条"
        ));
        refusal.row = u32::try_from(whole + 2).ok();
        return Err(refusal);
    }
    let records = || body.chunks_exact(record).take(count);
    let texts = || records().flat_map(|r| fields.iter().map(|f| f.bytes(r)));
    let is_utf8 = texts().all(|cell| std::str::from_utf8(cell).is_ok());
    let mut table = Table {
        grid: Grid::default(),
        encoding: if is_utf8 { "DBF UTF-8" } else { "DBF GBK" },
        deleted: Vec::new(),
    };
    table.grid.push(1, fields.iter().map(|f| f.name.as_str()));
    let mut cells: Vec<String> = Vec::with_capacity(fields.len());
    for (row, record) in (2u32..).zip(records()) {
        if record[0] == b'*' {
            table.deleted.push(row);
            continue;
        }
        cells.clear();
        for field in &fields {
            let text = field.text(record, is_utf8).ok_or_else(|| {
                let message = format!("字段 {} 的文字既不是 UTF-8 也不是 GBK", field.name);
                let mut refusal = Refusal::new(codes::ENCODING_UNKNOWN, message);
                refusal.row = Some(row);
                refusal
            })?;
            cells.push(text);
        }
        if !table.grid.push(row, cells.iter().map(String::as_str)) {
            return Err(Refusal::new(codes::FILE_HUGE, "文件的内容超过 4 GB"));
        }
    }
    Ok(table)
}

fn fields(bytes: &[u8], header: usize, record: usize) -> Result<Vec<Field>, Refusal> {
    let damaged = |message: &str| Refusal::damaged(format!("dBase 文件头损坏:{message}"));
    let list = bytes
        .get(HEAD..header)
        .ok_or_else(|| damaged("文件比文件头还短"))?;
    let (mut out, mut start) = (Vec::new(), 1);
    for field in list.chunks(HEAD).take_while(|f| f[0] != 0x0d) {
        if field.len() < HEAD || out.len() == MAX_FIELDS {
            return Err(damaged("字段表没有结束"));
        }
        let end = field[..11].iter().position(|b| *b == 0).unwrap_or(11);
        let (name, _, bad) = GB18030.decode(&field[..end]);
        let length = usize::from(field[16]);
        if bad || name.is_empty() || length == 0 || start + length > record {
            return Err(damaged("字段的名称或宽度不对"));
        }
        out.push(Field {
            // Written in capitals or not, it is the same list.
            name: name.to_ascii_lowercase(),
            kind: field[11],
            start,
            length,
        });
        start += length;
    }
    match out.is_empty() {
        true => Err(damaged("没有字段")),
        false => Ok(out),
    }
}

impl Field {
    fn bytes<'r>(&self, record: &'r [u8]) -> &'r [u8] {
        let cell = record.get(self.start..self.start + self.length);
        let cell = cell.unwrap_or_default().trim_ascii();
        // Some programs end texts like C does.
        let end = cell.iter().position(|b| *b == 0).unwrap_or(cell.len());
        cell[..end].trim_ascii()
    }

    /// The cell as it would stand in a table. `None`: it is in no encoding that we know.
    fn text(&self, record: &[u8], is_utf8: bool) -> Option<String> {
        let bytes = self.bytes(record);
        let text = match is_utf8 {
            true => String::from_utf8(bytes.to_vec()).ok()?,
            false => GB18030
                .decode_without_bom_handling_and_without_replacement(bytes)?
                .into_owned(),
        };
        Some(match self.kind {
            b'L' => match text.as_str() {
                "T" | "t" | "Y" | "y" => "是".to_owned(),
                "F" | "f" | "N" | "n" => "否".to_owned(),
                _ => String::new(),
            },
            // Binary numbers and references to a file that was not handed in.
            b'I' | b'B' | b'Y' | b'T' | b'M' | b'G' | b'P' => String::new(),
            _ => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of two fields with the records given.
    fn file(records: &[(&str, &str)]) -> Vec<u8> {
        let mut out = vec![0x03, 124, 3, 31];
        out.extend((records.len() as u32).to_le_bytes());
        out.extend([97u8, 0, 21, 0]);
        out.resize(HEAD, 0);
        for (name, kind, length) in [("FEXP", b'C', 10u8), ("FDEBIT", b'N', 10)] {
            let mut field = name.as_bytes().to_vec();
            field.resize(11, 0);
            field.push(kind);
            field.resize(16, 0);
            field.push(length);
            field.resize(HEAD, 0);
            out.extend(field);
        }
        out.push(0x0d);
        for (text, number) in records {
            out.push(b' ');
            let mut cell = GB18030.encode(text).0.into_owned();
            cell.resize(10, b' ');
            out.extend(cell);
            out.extend(format!("{number:>10}").into_bytes());
        }
        out.push(0x1a);
        out
    }

    #[test]
    fn reads_gbk_and_exact_numbers() {
        let bytes = file(&[("收租金", "12.30"), ("", "-0.01")]);
        assert!(is_dbf(&bytes));
        let table = read(&bytes).unwrap();
        assert_eq!(table.encoding, "DBF GBK");
        let cells: Vec<&str> = table.grid.row(1).cells().collect();
        assert_eq!(cells, ["收租金", "12.30"]);
        assert_eq!(
            (table.grid.row(2).number, table.grid.row(2).cell(1)),
            (3, "-0.01")
        );
    }

    #[test]
    fn what_is_marked_as_deleted_is_counted() {
        let mut bytes = file(&[("甲", "1"), ("乙", "2")]);
        bytes[97 + 21] = b'*';
        let table = read(&bytes).unwrap();
        assert_eq!((table.grid.len(), table.deleted), (2, vec![3]));
    }

    #[test]
    fn damage_is_a_refusal() {
        let bytes = file(&[("甲", "1"), ("乙", "2")]);
        for cut in [33, 60, 96, 100, bytes.len() - 12] {
            let cut = &bytes[..cut];
            assert!(!is_dbf(cut) || read(cut).is_err(), "{}", cut.len());
        }
        let mut wide = bytes.clone();
        wide[32 + 16] = 200;
        assert!(read(&wide).is_err());
        assert!(!is_dbf("日期,摘要".as_bytes()));
    }
}
