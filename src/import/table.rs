//! A sheet of text cells, the common form of CSV files and workbook sheets: three growing buffers and no allocation per
//! cell. Blank rows are not kept; the row numbers of the others show where they were.

use csv::ReaderBuilder;

use crate::model::{Place, Problem, Text};

use super::codes;

/// What the cells came from: some readings are only right in a workbook (Excel's serial dates).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Text,
    Workbook,
}

/// One CSV file or one sheet of a workbook.
#[derive(Debug)]
pub struct Sheet {
    /// Path relative to the hand-in folder.
    pub file: Text,
    pub sheet: Option<Text>,
    pub container: Container,
    /// Name of encoding or format, for people.
    pub encoding: &'static str,
    pub digest: Text,
    pub grid: Grid,
    /// Cells that span several rows.
    pub merged: Vec<Merged>,
}

/// A cell that spans several rows. Rows count from 1, as a spreadsheet shows them; the column from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    pub first_row: u32,
    pub last_row: u32,
    pub column: usize,
}

/// Rows of text cells.
#[derive(Debug, Default)]
pub struct Grid {
    text: String,
    ends: Vec<u32>,
    /// Row number as a spreadsheet shows it, index of its first cell.
    rows: Vec<(u32, u32)>,
}

/// One row of a grid.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// From 1, as a spreadsheet shows it.
    pub number: u32,
    text: &'a str,
    start: u32,
    ends: &'a [u32],
}

impl Sheet {
    /// The place of a row, and of a column in it.
    pub fn place(&self, row: Option<u32>, column: Option<&str>) -> Place {
        Place {
            file: self.file.to_string(),
            sheet: self.sheet.as_deref().map(str::to_owned),
            row,
            column: column.map(str::to_owned),
        }
    }

    /// The name by which a table is looked up: the sheet's, or the file's without its ending.
    pub fn name(&self) -> &str {
        match &self.sheet {
            Some(sheet) => sheet,
            None => {
                let file = self.file.rsplit('/').next().unwrap_or_default();
                file.rsplit_once('.').map_or(file, |(stem, _)| stem)
            }
        }
    }
}

impl Grid {
    /// Adds a row unless all its cells are blank. `false`: the grid is full (4 GB of text).
    pub fn push<'c>(&mut self, number: u32, cells: impl Iterator<Item = &'c str>) -> bool {
        let (text_before, ends_before) = (self.text.len(), self.ends.len());
        let mut blank = true;
        for cell in cells {
            let cell = trim(cell);
            blank &= cell.is_empty();
            self.text.push_str(cell);
            let Ok(end) = u32::try_from(self.text.len()) else {
                return false;
            };
            self.ends.push(end);
        }
        if blank {
            self.text.truncate(text_before);
            self.ends.truncate(ends_before);
        } else if let Ok(first) = u32::try_from(ends_before) {
            self.rows.push((number, first));
        } else {
            return false;
        }
        true
    }

    /// Number of rows that are not blank.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The `index`-th row that is not blank. Panics beyond [`Grid::len`], as a slice does.
    pub fn row(&self, index: usize) -> Row<'_> {
        let (number, first) = self.rows[index];
        let last = self
            .rows
            .get(index + 1)
            .map_or(self.ends.len(), |r| r.1 as usize);
        let start = match first {
            0 => 0,
            n => self.ends[n as usize - 1],
        };
        Row {
            number,
            text: &self.text,
            start,
            ends: &self.ends[first as usize..last],
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|i| self.row(i))
    }
}

/// [`str::trim`] that looks at the characters only where a blank may begin or end: ASCII, or the lead bytes of NBSP and of
/// the blanks from U+1680 on.
fn trim(cell: &str) -> &str {
    let bytes = cell.as_bytes();
    let sure = |byte: &u8| (0x21..0x7f).contains(byte);
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last))
            if (sure(first) || *first > 0xe3) && (sure(last) || has_ideograph_at_end(bytes)) =>
        {
            cell
        }
        (None, _) => cell,
        _ => cell.trim(),
    }
}

/// The last character has three bytes and begins with one of 0xE4 to 0xE9: a Chinese character of the main block.
fn has_ideograph_at_end(bytes: &[u8]) -> bool {
    let lead = bytes.len().checked_sub(3).and_then(|at| bytes.get(at));
    lead.is_some_and(|lead| (0xe4..=0xe9).contains(lead))
}

impl<'a> Row<'a> {
    /// The cell without surrounding blanks; empty beyond the last one.
    pub fn cell(&self, index: usize) -> &'a str {
        let Some(&end) = self.ends.get(index) else {
            return "";
        };
        let start = match index {
            0 => self.start,
            i => self.ends[i - 1],
        };
        &self.text[start as usize..end as usize]
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn cells(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.len()).map(|i| self.cell(i))
    }

    /// The first cell that is not blank.
    pub fn first_text(&self) -> &'a str {
        let row = *self;
        (0..row.len())
            .map(|i| row.cell(i))
            .find(|c| !c.is_empty())
            .unwrap_or("")
    }

    /// All cells in one text, for listing a row that is set aside.
    pub fn joined(&self) -> String {
        let cells: Vec<_> = self.cells().filter(|c| !c.is_empty()).collect();
        cells.join(" ")
    }
}

/// Reads CSV (comma) or tab-separated text. An unclosed quote swallows the rest of a file: it is a problem, not a cell.
pub fn read_csv(text: &str, place: impl Fn(Option<u32>) -> Place) -> Result<Grid, Box<Problem>> {
    let text = text.trim_end_matches('\u{1a}');
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let (mut grid, mut record) = (Grid::default(), csv::StringRecord::new());
    let mut row = 0u32;
    let too_big = |row| Box::new(codes::FILE_DAMAGED.at(place(Some(row)), "文件过大", ""));
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let message = format!("第{}行之后读不下去:{error}", row.max(1));
                return Err(Box::new(codes::FILE_DAMAGED.at(
                    place(Some(row + 1)),
                    message,
                    "",
                )));
            }
        }
        let start = record.position().map_or(0, csv::Position::byte);
        let blank_lines = blank_lines(text.as_bytes(), usize::try_from(start).unwrap_or(0));
        row = row.saturating_add(blank_lines).saturating_add(1);
        if !grid.push(row, record.iter()) {
            return Err(too_big(row));
        }
    }
    // A quoted cell with line breaks that ends the file must end in its closing quote.
    let last = record_end(&grid);
    let body = text.trim_end_matches(['\r', '\n']);
    if last.contains('\n') && !body.ends_with('"') {
        let found = last.lines().next().unwrap_or_default();
        let message = "从这一行起的内容都落在一对没有闭合的引号里";
        return Err(Box::new(codes::QUOTE_OPEN.at(
            place(Some(row)),
            message,
            found,
        )));
    }
    Ok(grid)
}

/// Empty lines at the position from which a record was read: the CSV reader passes over them in silence. The rest of
/// the line break before the position is none.
fn blank_lines(bytes: &[u8], start: usize) -> u32 {
    let mut at = start;
    if at > 0 && bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n') {
        at += 1;
    }
    let mut lines = 0;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => at += 2,
            (Some(b'\r' | b'\n'), _) => at += 1,
            _ => return lines,
        }
        lines += 1;
    }
}

fn record_end(grid: &Grid) -> &str {
    match grid.len() {
        0 => "",
        n => {
            let row = grid.row(n - 1);
            row.cell(row.len().saturating_sub(1))
        }
    }
}

/// Comma, unless the first lines hold tabs and no commas.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().take(15);
    let (tabs, commas) = head.fold((0, 0), |(tabs, commas), line| {
        (
            tabs + line.matches('\t').count(),
            commas + line.matches(',').count(),
        )
    });
    if tabs > commas { b'\t' } else { b',' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Grid, Box<Problem>> {
        read_csv(text, |row| Place {
            row,
            ..Place::default()
        })
    }

    fn cells(grid: &Grid) -> Vec<(u32, Vec<&str>)> {
        (0..grid.len())
            .map(|i| {
                let row = grid.row(i);
                (row.number, (0..row.len()).map(|j| row.cell(j)).collect())
            })
            .collect()
    }

    #[test]
    fn row_numbers_are_those_of_a_spreadsheet() {
        let grid = read("a,b\r\n\r\n\"x\r\ny\",\"q\"\"q\"\r\n,\r\n 1 ,2,3\r\n").unwrap();
        assert_eq!(
            cells(&grid),
            [
                (1, vec!["a", "b"]),
                (3, vec!["x\r\ny", "q\"q"]),
                (5, vec!["1", "2", "3"])
            ]
        );
        assert_eq!(grid.row(0).cell(9), "");
    }

    #[test]
    fn trims_what_the_standard_trims() {
        for text in [
            "",
            " ",
            "a",
            " a ",
            "甲",
            "甲 ",
            "\u{3000}甲\u{3000}",
            "\u{a0}1",
            "1\u{a0}",
            "\u{1680}x",
            "é",
            "\u{85}é\u{85}",
            "\t甲乙\r\n",
        ] {
            assert_eq!(trim(text), text.trim(), "{text:?}");
        }
    }

    #[test]
    fn tabs_separate_when_there_are_no_commas() {
        let grid = read("日期\t摘要\n2024-01-01\t收\n").unwrap();
        assert_eq!(grid.row(1).cell(1), "收");
    }

    #[test]
    fn an_open_quote_is_a_problem() {
        let problem = read("a,b\n1,\"x\n2,y\n3,z\n").unwrap_err();
        assert_eq!(problem.code, codes::QUOTE_OPEN.code);
        assert_eq!(problem.place.row, Some(2));
        assert!(read("a,b\n1,\"x\n2\"\n").is_ok());
    }
}
