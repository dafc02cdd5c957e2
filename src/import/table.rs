//! A sheet of text cells, the common form of CSV files and workbook sheets: three growing buffers and no allocation per
//! cell. Blank rows are not kept; the row numbers of the others show where they were.

use crate::model::{Place, Text};

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
    pub(super) text: String,
    /// Where each cell begins and ends.
    pub(super) cells: Vec<(u32, u32)>,
    /// Row number as a spreadsheet shows it, index of its first cell.
    pub(super) rows: Vec<(u32, u32)>,
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
    pub(super) fn cell(&mut self, start: usize, end: usize) -> bool {
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
    pub(super) fn end_row(&mut self, number: u32, first: usize) -> bool {
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
pub(super) fn trim(cell: &str) -> &str {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
