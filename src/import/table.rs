//! A sheet of text cells, the common form of CSV files and workbook sheets: three growing buffers and no allocation per
//! cell. Blank rows are not kept; the row numbers of the others show where they were.

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
    /// What the cells lie in: for a CSV file its own text, so that no cell is copied.
    text: String,
    /// Where each cell begins and ends.
    cells: Vec<(u32, u32)>,
    /// Row number as a spreadsheet shows it, index of its first cell.
    rows: Vec<(u32, u32)>,
}

/// One row of a grid.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// From 1, as a spreadsheet shows it.
    pub number: u32,
    text: &'a str,
    cells: &'a [(u32, u32)],
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
        let (text_before, first) = (self.text.len(), self.cells.len());
        for cell in cells {
            let start = self.text.len();
            self.text.push_str(trim(cell));
            if !self.cell(start, self.text.len()) {
                return false;
            }
        }
        if self.blank_from(first) {
            self.text.truncate(text_before);
        }
        self.end_row(number, first)
    }

    /// Adds a cell that lies in the text already.
    fn cell(&mut self, start: usize, end: usize) -> bool {
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else {
            return false;
        };
        self.cells.push((start, end));
        true
    }

    fn blank_from(&self, first: usize) -> bool {
        self.cells[first..].iter().all(|(start, end)| start == end)
    }

    /// Makes a row of the cells from `first` on; blank ones go.
    fn end_row(&mut self, number: u32, first: usize) -> bool {
        if self.blank_from(first) {
            self.cells.truncate(first);
            return true;
        }
        let Ok(first) = u32::try_from(first) else {
            return false;
        };
        self.rows.push((number, first));
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
        let next = self.rows.get(index + 1);
        let last = next.map_or(self.cells.len(), |r| r.1 as usize);
        Row {
            number,
            text: &self.text,
            cells: &self.cells[first as usize..last],
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
        match self.cells.get(index) {
            Some(&(start, end)) => &self.text[start as usize..end as usize],
            None => "",
        }
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
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
pub fn read_csv(text: String, place: impl Fn(Option<u32>) -> Place) -> Result<Grid, Box<Problem>> {
    let end = text.trim_end_matches('\u{1a}').len();
    let body_end = text[..end].trim_end_matches(['\r', '\n']).len();
    let closed = text[..body_end].ends_with('"');
    let mut lines = Lines {
        delimiter: delimiter(&text[..end]),
        at: 0,
        end,
        row: 0,
        grid: Grid {
            // Most files have some twenty characters a cell.
            cells: Vec::with_capacity(end / 16),
            text,
            ..Grid::default()
        },
    };
    while lines.at < lines.end {
        if !lines.record() {
            let row = Some(lines.row);
            return Err(Box::new(codes::FILE_DAMAGED.at(place(row), "文件过大", "")));
        }
    }
    let Lines { grid, row, .. } = lines;
    // A quoted cell with line breaks that ends the file must end in its closing quote.
    let last = record_end(&grid);
    if last.contains('\n') && !closed {
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

/// A CSV text being cut into cells. Lines without quotes, nearly all, are only cut; texts of quoted cells are put behind
/// the file's own text.
struct Lines {
    delimiter: u8,
    at: usize,
    end: usize,
    /// Number of the row read last.
    row: u32,
    grid: Grid,
}

impl Lines {
    /// Reads one record, or passes over an empty line. `false`: the text is too large.
    fn record(&mut self) -> bool {
        self.row = self.row.saturating_add(1);
        let rest = &self.grid.text.as_bytes()[self.at..self.end];
        let line = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let first = self.grid.cells.len();
        let fits = match memchr::memchr(b'"', &rest[..line]) {
            _ if line == 0 => true,
            None => self.plain(self.at + line),
            Some(_) => self.quoted(),
        };
        self.end_line();
        fits && self.grid.end_row(self.row, first)
    }

    /// Cuts the line that ends at `end`.
    fn plain(&mut self, end: usize) -> bool {
        let grid = &mut self.grid;
        let (mut start, mut fits) = (self.at, true);
        let line = &grid.text.as_bytes()[start..end];
        let mut add = |from: usize, to: usize| {
            let (from, to) = trimmed(&grid.text, from, to);
            match (u32::try_from(from), u32::try_from(to)) {
                (Ok(from), Ok(to)) => grid.cells.push((from, to)),
                _ => fits = false,
            }
        };
        let base = start;
        for at in memchr::memchr_iter(self.delimiter, line) {
            add(start, base + at);
            start = base + at + 1;
        }
        add(start, end);
        self.at = end;
        fits
    }

    /// Cuts a record with quotes in it: a quote at the beginning of a cell encloses it up to the next single quote, two
    /// stand for one, and elsewhere a quote is a character like any other.
    fn quoted(&mut self) -> bool {
        loop {
            let (start, mut copied) = (self.at, None::<String>);
            if self.peek() == Some(b'"') {
                copied = Some(self.enclosed());
            }
            let tail = self.at;
            let stops = |b: &u8| *b == self.delimiter || matches!(b, b'\r' | b'\n');
            let rest = &self.grid.text.as_bytes()[tail..self.end];
            self.at += rest.iter().position(stops).unwrap_or(rest.len());
            let fits = match copied {
                None => {
                    let (from, to) = trimmed(&self.grid.text, start, self.at);
                    self.grid.cell(from, to)
                }
                Some(mut text) => {
                    text.push_str(&self.grid.text[tail..self.at]);
                    let from = self.grid.text.len();
                    self.grid.text.push_str(trim(&text));
                    self.grid.cell(from, self.grid.text.len())
                }
            };
            if !fits || self.peek() != Some(self.delimiter) {
                return fits;
            }
            self.at += 1;
        }
    }

    /// The text between a quote and the one that closes it, or the end of the file.
    fn enclosed(&mut self) -> String {
        let mut text = String::new();
        loop {
            self.at += 1;
            let rest = &self.grid.text[self.at..self.end];
            let quote = memchr::memchr(b'"', rest.as_bytes()).unwrap_or(rest.len());
            text.push_str(&rest[..quote]);
            self.at = (self.at + quote + 1).min(self.end);
            if self.peek() != Some(b'"') {
                return text;
            }
            text.push('"');
        }
    }

    fn peek(&self) -> Option<u8> {
        self.grid.text.as_bytes()[..self.end].get(self.at).copied()
    }

    /// Passes over one line break of any kind.
    fn end_line(&mut self) {
        let rest = &self.grid.text.as_bytes()[self.at..self.end];
        self.at += match rest {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
    }
}

/// The bounds of a cell without the blanks around it.
fn trimmed(text: &str, from: usize, to: usize) -> (usize, usize) {
    let cell = &text[from..to];
    let without = trim(cell);
    if without.len() == cell.len() {
        return (from, to);
    }
    let start = from + cell.len() - cell.trim_start().len();
    match without.is_empty() {
        true => (from, from),
        false => (start, start + without.len()),
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
        read_csv(text.to_owned(), |row| Place {
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

    /// What the csv crate reads, record by record, without blank records.
    fn by_the_csv_crate(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(text))
            .from_reader(text.as_bytes());
        let trimmed = |r: csv::StringRecord| r.iter().map(|c| c.trim().to_owned()).collect();
        let records = reader.records().map(|r| trimmed(r.unwrap()));
        records
            .filter(|r: &Vec<String>| r.iter().any(|c| !c.is_empty()))
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn cells_are_those_of_the_csv_crate(text in "[ab甲\u{3000} ,\"\r\n]{0,40}") {
            if let Ok(grid) = read(&text) {
                let ours: Vec<Vec<String>> = grid.rows().map(|r| r.cells().map(str::to_owned).collect()).collect();
                proptest::prop_assert_eq!(ours, by_the_csv_crate(&text));
            }
        }
    }
}
