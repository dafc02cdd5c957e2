//! Web pages that are tables: many platforms write HTML and call it .xls, and spreadsheet programs open it. Read as they
//! do: tags in any state of repair, entities, cells that span rows and columns.

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::codes;
use super::refusal::Refusal;
use super::table::{Grid, Merged};
use super::workbook::ReadSheet;

/// Nothing that is handed in has more columns; a damaged page may claim so.
const MOST_COLUMNS: usize = 4096;
/// Nor is any cell as tall as a sheet of the old workbooks.
const MOST_ROWS: u32 = 65_536;
/// Tables within tables, for layout.
const MOST_NESTED: usize = 64;

/// All tables of a page that hold anything. Rows are counted within their table.
pub fn read_html(text: &str) -> Result<Vec<ReadSheet>, Refusal> {
    let mut page = Page::default();
    let mut emitter = DefaultEmitter::default();
    // The text of scripts and styles is no markup.
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(text, emitter).flatten() {
        match token {
            Token::StartTag(tag) => {
                let span = |name: &[u8]| {
                    let value = tag.attributes.get(name)?;
                    std::str::from_utf8(value).ok()?.trim().parse().ok()
                };
                page.start(&tag.name, span(b"rowspan"), span(b"colspan"))?;
            }
            Token::EndTag(tag) => page.end(&tag.name)?,
            Token::String(text) => page.text(&text),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    page.finish()
}

#[derive(Default)]
struct Page {
    /// The tables being read, each within a cell of the one before it.
    open: Vec<Table>,
    done: Vec<Table>,
    /// Within a script or style.
    hidden: bool,
}

#[derive(Default)]
struct Table {
    grid: Grid,
    merged: Vec<Merged>,
    row_number: u32,
    row: Option<Row>,
    /// For each column, how many rows from here on are covered by a cell above.
    covered: Vec<u32>,
}

#[derive(Default)]
struct Row {
    cells: Vec<String>,
    /// The cell being read, and how many columns it spans.
    cell: Option<(String, usize)>,
    /// For each column, how many rows after this one its cell spans.
    covers: Vec<u32>,
}

impl Page {
    fn start(
        &mut self,
        tag: &[u8],
        rows: Option<u32>,
        columns: Option<u32>,
    ) -> Result<(), Refusal> {
        match tag {
            b"script" | b"style" | b"title" => self.hidden = true,
            b"table" if self.open.len() < MOST_NESTED => self.open.push(Table::default()),
            b"tr" => {
                let table = self.table();
                table.end_row()?;
                table.row = Some(Row::default());
            }
            b"td" | b"th" => self
                .table()
                .start_cell(rows.unwrap_or(1), columns.unwrap_or(1))?,
            b"br" => self.push('\n'),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: &[u8]) -> Result<(), Refusal> {
        match tag {
            b"script" | b"style" | b"title" => self.hidden = false,
            b"table" => {
                if let Some(mut table) = self.open.pop() {
                    table.end_row()?;
                    self.done.push(table);
                }
            }
            b"tr" => self.table().end_row()?,
            b"td" | b"th" => self.table().end_cell(),
            b"p" | b"div" => self.push('\n'),
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        if !self.hidden {
            for c in String::from_utf8_lossy(text).chars() {
                self.push(if c.is_whitespace() { ' ' } else { c });
            }
        }
    }

    /// Adds to the innermost cell. Blanks in a row count once, as on the screen; a line break outranks them.
    fn push(&mut self, c: char) {
        let row = self.open.last_mut().and_then(|t| t.row.as_mut());
        let Some((cell, _)) = row.and_then(|r| r.cell.as_mut()) else {
            return;
        };
        if c == '\n' {
            cell.truncate(cell.trim_end_matches(' ').len());
        }
        if c != ' ' || !cell.ends_with([' ', '\n']) {
            cell.push(c);
        }
    }

    /// The innermost table; rows that stand in none make one.
    fn table(&mut self) -> &mut Table {
        if self.open.is_empty() {
            self.open.push(Table::default());
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    fn finish(mut self) -> Result<Vec<ReadSheet>, Refusal> {
        while !self.open.is_empty() {
            self.end(b"table")?;
        }
        let full: Vec<Table> = self
            .done
            .into_iter()
            .filter(|t| !t.grid.is_empty())
            .collect();
        if full.is_empty() {
            return Err(Refusal::damaged("文件其实是网页,里面没有表格"));
        }
        let single = full.len() == 1;
        let sheet = |(index, table): (usize, Table)| ReadSheet {
            name: (!single).then(|| format!("表格{}", index + 1)),
            grid: table.grid,
            merged: table.merged,
        };
        Ok(full.into_iter().enumerate().map(sheet).collect())
    }
}

impl Table {
    fn start_cell(&mut self, rows: u32, columns: u32) -> Result<(), Refusal> {
        self.end_cell();
        let row_number = self.row_number.saturating_add(1);
        let row = self.row.get_or_insert_default();
        // Columns that a cell above covers are blank here.
        while self
            .covered
            .get(row.cells.len())
            .is_some_and(|&rows| rows > 0)
        {
            row.cells.push(String::new());
        }
        if row.cells.len() >= MOST_COLUMNS {
            let message = format!("一行超过 {MOST_COLUMNS} 列,不像是账表");
            let mut refusal = Refusal::new(codes::FILE_HUGE, message);
            refusal.row = Some(row_number);
            return Err(refusal);
        }
        let (column, columns) = (
            row.cells.len(),
            columns.clamp(1, MOST_COLUMNS as u32) as usize,
        );
        // Zero stands for all rows that follow.
        let rows = if rows == 0 {
            MOST_ROWS
        } else {
            rows.min(MOST_ROWS)
        };
        if rows > 1 {
            let first_row = row_number;
            let last_row = self.row_number.saturating_add(rows);
            self.merged.push(Merged {
                first_row,
                last_row,
                column,
            });
            row.covers.resize(column, 0);
            row.covers.resize(column + columns, rows - 1);
        }
        row.cell = Some((String::new(), columns));
        Ok(())
    }

    fn end_cell(&mut self) {
        let Some(row) = &mut self.row else { return };
        let Some((text, columns)) = row.cell.take() else {
            return;
        };
        row.cells.push(text);
        let width = (row.cells.len() + columns - 1).min(MOST_COLUMNS);
        if width > row.cells.len() {
            row.cells.resize(width, String::new());
        }
    }

    fn end_row(&mut self) -> Result<(), Refusal> {
        self.end_cell();
        let Some(row) = self.row.take() else {
            return Ok(());
        };
        self.row_number = self.row_number.saturating_add(1);
        self.covered
            .iter_mut()
            .for_each(|rows| *rows = rows.saturating_sub(1));
        if self.covered.len() < row.covers.len() {
            self.covered.resize(row.covers.len(), 0);
        }
        for (rows, more) in self.covered.iter_mut().zip(&row.covers) {
            *rows = (*rows).max(*more);
        }
        let cells = row.cells.iter().take(MOST_COLUMNS).map(String::as_str);
        match self.grid.push(self.row_number, cells) {
            true => Ok(()),
            false => Err(Refusal::new(codes::FILE_HUGE, "表格的内容超过 4 GB")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, Vec<Vec<String>>)> {
        let rows = |grid: &Grid| {
            let cells = |r: super::super::table::Row<'_>| r.cells().map(str::to_owned).collect();
            grid.rows().map(cells).collect()
        };
        let sheets = read_html(text).unwrap();
        sheets
            .iter()
            .map(|s| (s.name.clone(), rows(&s.grid)))
            .collect()
    }

    fn single(text: &str) -> Vec<Vec<String>> {
        let mut sheets = read(text);
        assert_eq!(sheets.len(), 1, "{sheets:?}");
        assert_eq!(sheets[0].0, None);
        sheets.remove(0).1
    }

    #[test]
    fn cells_are_read_whatever_the_state_of_the_tags() {
        let whole = "<html><head><title>a</title><style>td{x:'<td>'}</style></head><body><table><thead><tr><th>日期</th>\
            <th>摘要</th></tr></thead><tbody><tr><td> 2024-01-01 </td><td>甲&amp;乙&nbsp;&#31199;</td></tr></tbody></table>";
        let slack = "<TABLE><TR><TD>日期<TD>摘要<TR><TD><b>2024-01-01</b><TD>甲&amp;乙 <font>租";
        let fragment =
            "<tr><td>日期</td><td>摘要</td></tr><tr><td>2024-01-01</td><td>甲&amp;乙\n  租</td>";
        let want = [["日期", "摘要"], ["2024-01-01", "甲&乙 租"]];
        for text in [whole, slack, fragment] {
            assert_eq!(single(text), want, "{text}");
        }
    }

    #[test]
    fn spans_keep_the_columns_where_they_stand() {
        let text = "<table><tr><td colspan=3>序时账</td></tr><tr><td rowspan=2>a</td><td>b</td><td>c</td></tr>\
            <tr><td>d</td><td>e</td></tr><tr><td>f</td><td colspan=2>g</td></tr></table>";
        assert_eq!(
            single(text),
            [
                ["序时账", "", ""],
                ["a", "b", "c"],
                ["", "d", "e"],
                ["f", "g", ""]
            ]
        );
        let merged = Merged {
            first_row: 2,
            last_row: 3,
            column: 0,
        };
        assert_eq!(read_html(text).unwrap()[0].merged, [merged]);
    }

    #[test]
    fn tables_within_tables_are_tables_of_their_own() {
        let text = "<table><tr><td>外<table><tr><td>内<br>一</td></tr></table>层</td></tr></table>";
        let sheets = read(text);
        assert_eq!(sheets[0].1, [["内\n一"]]);
        assert_eq!(sheets[1].1, [["外层"]]);
        assert_eq!(sheets[1].0.as_deref(), Some("表格2"));
    }

    #[test]
    fn absurd_pages_end() {
        let wide = "<table><tr><td colspan=999999999 rowspan=4000000000>a";
        assert_eq!(single(wide)[0].len(), MOST_COLUMNS);
        // What stands behind the last column is not dropped without a word.
        for more in ["<td>b", "<tr><td>c"] {
            let refusal = read_html(&format!("{wide}{more}")).unwrap_err();
            assert_eq!(refusal.code.code, codes::FILE_HUGE.code, "{more}");
        }
        let many = format!("<table><tr><td>a<tr>{}", "<td>b".repeat(MOST_COLUMNS + 1));
        assert_eq!(read_html(&many).unwrap_err().row, Some(2));
        let deep = "<table><tr><td>".repeat(10_000);
        assert!(read_html(&deep).is_err());
        assert!(read_html("<html>").is_err());
    }
}
