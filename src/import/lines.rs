//! Comma- or tab-separated text → rows of cells: a whole text, or block by block out of one that is never held whole.

use crate::model::{Place, Problem};

use super::codes;
use super::table::{Grid, trim};

/// Reads CSV (comma) or tab-separated text. An unclosed quote swallows the rest of a file: it is a problem, not a cell.
pub fn read_csv(text: String, place: impl Fn(Option<u32>) -> Place) -> Result<Grid, Box<Problem>> {
    let mut lines = Lines::default();
    // Most files have some twenty characters a cell.
    lines.grid.cells.reserve(text.len() / 16);
    lines.grid.text = text;
    lines.begin(true);
    if !lines.cut(true) {
        let row = Some(lines.row);
        return Err(Box::new(codes::FILE_DAMAGED.at(place(row), "文件过大", "")));
    }
    if let Some(found) = lines.open_quote() {
        let message = "从这一行起的内容都落在一对没有闭合的引号里";
        let place = place(Some(lines.row));
        return Err(Box::new(codes::QUOTE_OPEN.at(place, message, found)));
    }
    Ok(lines.grid)
}

/// A text being cut into cells. Lines without quotes, nearly all, are only cut; texts of quoted cells are put behind the
/// text itself.
#[derive(Debug, Default)]
struct Lines {
    /// Told by the first lines.
    delimiter: Option<u8>,
    at: usize,
    end: usize,
    /// Number of the row read last.
    row: u32,
    /// The text ended inside quotes.
    open: bool,
    grid: Grid,
}

impl Lines {
    /// Makes ready to cut what lies in the grid's text. `last`: nothing follows it.
    fn begin(&mut self, last: bool) {
        let text = &self.grid.text;
        self.at = 0;
        self.end = match last {
            true => text.trim_end_matches('\u{1a}').len(),
            false => text.len(),
        };
        self.delimiter
            .get_or_insert_with(|| delimiter(&text[..self.end]));
    }

    /// Cuts all records; one that reaches the end of the text stays uncut unless it is the `last`. `false`: the text is too
    /// large.
    fn cut(&mut self, last: bool) -> bool {
        while self.at < self.end {
            let before = self.mark();
            if !self.record() {
                return false;
            }
            if self.at == self.end && !last {
                self.back_to(before);
                break;
            }
        }
        true
    }

    fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            row: self.row,
            text: self.grid.text.len(),
            cells: self.grid.cells.len(),
            rows: self.grid.rows.len(),
        }
    }

    fn back_to(&mut self, mark: Mark) {
        (self.at, self.row, self.open) = (mark.at, mark.row, false);
        self.grid.text.truncate(mark.text);
        self.grid.cells.truncate(mark.cells);
        self.grid.rows.truncate(mark.rows);
    }

    /// The rows that were cut; what is left of the text begins the next ones.
    fn take(&mut self) -> Grid {
        let rest = self.grid.text[self.at..self.end].to_owned();
        (self.at, self.end) = (0, rest.len());
        let grid = std::mem::take(&mut self.grid);
        self.grid.text = rest;
        grid
    }

    /// Forgets the rows that were cut, but not the room that they took.
    fn forget(&mut self) {
        self.grid.text.truncate(self.end);
        self.grid.text.drain(..self.at);
        self.grid.cells.clear();
        self.grid.rows.clear();
    }

    /// The first line of a cell that swallowed the rest of the text because its quote is never closed. On the last line of a text a
    /// single quote does no harm.
    fn open_quote(&self) -> Option<&str> {
        let last = last_cell(&self.grid);
        let open = self.open && last.contains('\n');
        open.then(|| last.lines().next().unwrap_or_default())
    }

    /// Reads one record, or passes over an empty line. `false`: the text is too large.
    fn record(&mut self) -> bool {
        self.row = self.row.saturating_add(1);
        // Files put one behind the other keep their byte-order marks.
        if self.grid.text.as_bytes()[self.at..self.end].starts_with(b"\xef\xbb\xbf") {
            self.at += 3;
        }
        let rest = &self.grid.text.as_bytes()[self.at..self.end];
        let line = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let first = self.grid.cells.len();
        let fits = match memchr::memchr(b'"', &rest[..line]) {
            _ if line == 0 => true,
            None => self.plain(self.at + line),
            Some(_) => self.quoted(),
        };
        self.end_line();
        let fits = fits && self.grid.end_row(self.row, first);
        // An open quote around blanks swallows nothing.
        let last = self.grid.rows.last().map(|(number, _)| *number);
        self.open &= last == Some(self.row);
        fits
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
        for at in memchr::memchr_iter(self.delimiter.unwrap_or(b','), line) {
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
            let stops = |b: &u8| Some(*b) == self.delimiter || matches!(b, b'\r' | b'\n');
            let rest = &self.grid.text.as_bytes()[tail..self.end];
            self.at += rest.iter().position(stops).unwrap_or(rest.len());
            let fits = match copied {
                None => {
                    let (from, to) = trimmed(&self.grid.text, start, self.at);
                    let (from, to) = bare(&self.grid.text, from, to);
                    self.grid.cell(from, to)
                }
                Some(mut text) => {
                    text.push_str(&self.grid.text[tail..self.at]);
                    let from = self.grid.text.len();
                    self.grid.text.push_str(trim(&text));
                    let (from, to) = bare(&self.grid.text, from, self.grid.text.len());
                    self.grid.cell(from, to)
                }
            };
            if !fits || self.peek().is_none() || self.peek() != self.delimiter {
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
            let closing = memchr::memchr(b'"', rest.as_bytes());
            let quote = closing.unwrap_or(rest.len());
            self.open |= closing.is_none();
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

/// Where cutting stood before a record.
#[derive(Default)]
struct Mark {
    at: usize,
    row: u32,
    text: usize,
    cells: usize,
    rows: usize,
}

/// Where the blocks of a text come from.
pub trait Source {
    /// Why it gives no more.
    type Error;

    /// Puts the next piece behind `text`, whole characters only. `false`: there is none.
    fn more(&mut self, text: &mut String) -> Result<bool, Self::Error>;
}

/// Why blocks end early.
#[derive(Debug, PartialEq, Eq)]
pub enum Broken<E> {
    Source(E),
    /// An unclosed quote, or a record of 4 GB.
    Record,
}

/// A text in blocks of whole rows, numbered as in the whole text.
pub struct Blocks<S> {
    source: S,
    /// Bytes of text at a time; a longer record makes a longer block.
    size: usize,
    lines: Lines,
    ended: bool,
}

impl<S: Source> Blocks<S> {
    pub fn new(source: S, size: usize) -> Blocks<S> {
        Blocks {
            source,
            size,
            lines: Lines::default(),
            ended: false,
        }
    }

    /// The first `rows` rows at least, or all.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn first(&mut self, rows: usize) -> Result<Grid, Broken<S::Error>> {
        let mut size = self.size;
        loop {
            self.block(size)?;
            if self.ended || self.lines.grid.len() >= rows {
                return Ok(self.lines.take());
            }
            // Again from the beginning, with more.
            self.lines.back_to(Mark {
                text: self.lines.end,
                ..Mark::default()
            });
            size *= 2;
        }
    }

    /// The next rows; `None` after the last.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn advance(&mut self) -> Result<Option<&Grid>, Broken<S::Error>> {
        let mut size = self.size;
        while !self.ended {
            self.lines.forget();
            self.block(size)?;
            if !self.lines.grid.is_empty() {
                return Ok(Some(&self.lines.grid));
            }
            size *= 2;
        }
        Ok(None)
    }

    /// Fills the text up to `size` and cuts it.
    fn block(&mut self, size: usize) -> Result<(), Broken<S::Error>> {
        while !self.ended && self.lines.grid.text.len() < size {
            let more = self.source.more(&mut self.lines.grid.text);
            self.ended = !more.map_err(Broken::Source)?;
        }
        self.lines.begin(self.ended);
        let fits = self.lines.cut(self.ended);
        match fits && !(self.ended && self.lines.open_quote().is_some()) {
            true => Ok(()),
            false => Err(Broken::Record),
        }
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

/// `="1001"`, which keeps a spreadsheet from reading a code as a number, is 1001.
fn bare(text: &str, from: usize, to: usize) -> (usize, usize) {
    let cell = &text[from..to];
    let inner = cell.strip_prefix("=\"").and_then(|c| c.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.contains('"') => (from + 2, from + 2 + inner.len()),
        _ => (from, to),
    }
}

fn last_cell(grid: &Grid) -> &str {
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
    fn codes_kept_from_being_numbers_and_marks_between_files() {
        let grid = read("a,b\n=\"1001\",\"=\"\"02\"\"\"\n\u{feff}c,=\"1\"&\"2\"\n").unwrap();
        assert_eq!(
            cells(&grid),
            [
                (1, vec!["a", "b"]),
                (2, vec!["1001", "02"]),
                (3, vec!["c", "=\"1\"&\"2\""])
            ]
        );
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
        // Closed, and blank rows after it.
        assert!(read("a,b\n1,\"x\n2\"\n,\n,\n").is_ok());
        assert!(read("a,b\n1,\"x\n2\"\"\n").is_err());
        assert!(read("a,b\n1,\"x\n2\"\n\"\n").is_ok());
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

    /// A text that comes in pieces of so many characters.
    struct Pieces<'t>(&'t str, usize);

    impl Source for Pieces<'_> {
        type Error = std::convert::Infallible;

        fn more(&mut self, text: &mut String) -> Result<bool, Self::Error> {
            let end = self
                .0
                .char_indices()
                .nth(self.1)
                .map_or(self.0.len(), |(at, _)| at);
            let (piece, rest) = self.0.split_at(end);
            text.push_str(piece);
            self.0 = rest;
            Ok(!piece.is_empty())
        }
    }

    fn owned(grid: &Grid) -> Vec<(u32, Vec<String>)> {
        let row = |(number, cells): (u32, Vec<&str>)| {
            (number, cells.into_iter().map(str::to_owned).collect())
        };
        cells(grid).into_iter().map(row).collect()
    }

    fn in_blocks(
        text: &str,
        piece: usize,
        size: usize,
        first: usize,
    ) -> Result<Vec<(u32, Vec<String>)>, ()> {
        let mut blocks = Blocks::new(Pieces(text, piece), size);
        let mut rows = owned(&blocks.first(first).map_err(drop)?);
        assert!(rows.len() >= first || blocks.ended);
        while let Some(grid) = blocks.advance().map_err(drop)? {
            rows.extend(owned(grid));
        }
        Ok(rows)
    }

    proptest::proptest! {
        #[test]
        fn blocks_hold_the_rows_of_the_whole(
            text in "[ab甲\u{3000},\"\r\n\u{1a}]{0,60}",
            piece in 1_usize..9,
            size in 1_usize..40,
            first in 0_usize..4,
        ) {
            let whole = read(&text).map(|grid| owned(&grid)).map_err(drop);
            proptest::prop_assert_eq!(in_blocks(&text, piece, size, first), whole);
        }

        #[test]
        fn cells_are_those_of_the_csv_crate(text in "[ab甲\u{3000} ,\"\r\n]{0,40}") {
            if let Ok(grid) = read(&text) {
                let ours: Vec<Vec<String>> = grid.rows().map(|r| r.cells().map(str::to_owned).collect()).collect();
                proptest::prop_assert_eq!(ours, by_the_csv_crate(&text));
            }
        }
    }
}
