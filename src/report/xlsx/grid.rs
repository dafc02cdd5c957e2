//! A list on one or more sheets: header row, typed cells, widths by content, page set-up, continuation beyond Excel's
//! last row.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

use super::formats::{Formats, Tone};
use crate::model::Money;

/// Data rows on one sheet: Excel's 1 048 576 less the header and the line that says where the list goes on.
pub const CAPACITY: usize = 1_048_574;
/// Excel follows at most 65 530 links on a sheet and calls the file damaged beyond that.
const MAX_LINKS: usize = 65_000;
/// Longest text in a cell, in UTF-16 units.
const MAX_TEXT: usize = 32_767;
/// Amounts up to this are exact as a spreadsheet number (15 digits); larger ones are written as text.
const MAX_EXACT_FEN: i64 = 999_999_999_999_999;

/// A column: its header and the bounds of its width in Latin characters (a Chinese one counts two).
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub title: &'static str,
    pub widest: usize,
}

pub const fn column(title: &'static str, widest: usize) -> Column {
    Column { title, widest }
}

/// One cell. Texts are always written as strings, so that none is taken for a formula.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    Text(Cow<'a, str>),
    /// A code or number that must stay a text: voucher, contract, account.
    Code(Cow<'a, str>),
    Toned(Cow<'a, str>, Tone),
    Money(Option<Money>),
    Int(u64),
    Date(Option<NaiveDate>),
    /// Text and a place within the workbook: `'03 证据明细'!A5`.
    Link(Cow<'a, str>, String),
    InputDate,
    BoldText(Cow<'a, str>),
    BoldMoney(Money),
    BoldInt(u64),
}

pub fn text<'a>(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
    Cell::Text(text.into())
}

pub fn code<'a>(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
    Cell::Code(text.into())
}

/// Where data row `index` (from 0) of the list `name` stands: sheet name and 1-based row as Excel counts.
pub fn locate(name: &str, index: usize, capacity: usize) -> (String, usize) {
    (sheet_name(name, index / capacity), index % capacity + 2)
}

/// A link target for data row `index` of the list `name`.
pub fn target(name: &str, index: usize, capacity: usize) -> String {
    let (sheet, row) = locate(name, index, capacity);
    format!("internal:'{sheet}'!A{row}")
}

fn sheet_name(name: &str, part: usize) -> String {
    if part == 0 {
        name.to_owned()
    } else {
        format!("{name}(续{})", part + 1)
    }
}

pub struct Grid<'f> {
    name: &'static str,
    columns: &'static [Column],
    capacity: usize,
    formats: &'f Formats,
    widths: Vec<usize>,
    sheets: Vec<Worksheet>,
    /// Data rows so far, over all sheets.
    rows: usize,
    links: usize,
    /// Row of a total beneath the data, outside the filter.
    tail: u32,
    /// Said instead of an empty list.
    empty: &'static str,
}

impl<'f> Grid<'f> {
    pub fn new(
        name: &'static str,
        columns: &'static [Column],
        capacity: usize,
        formats: &'f Formats,
        empty: &'static str,
    ) -> Result<Grid<'f>, XlsxError> {
        let mut grid = Grid {
            name,
            columns,
            capacity,
            formats,
            widths: columns.iter().map(|c| c.title.width() + 3).collect(),
            sheets: Vec::new(),
            rows: 0,
            links: 0,
            tail: 0,
            empty,
        };
        grid.begin_sheet()?;
        Ok(grid)
    }

    /// Appends a data row, on the next sheet when this one is full.
    pub fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        if self.rows > 0 && self.rows.is_multiple_of(self.capacity) {
            self.say_where_it_goes_on()?;
            self.begin_sheet()?;
        }
        let row = (self.rows % self.capacity) as u32 + 1;
        self.write_row(row, cells)?;
        self.rows += 1;
        Ok(())
    }

    /// Appends a row beneath the data that filters and sorting leave alone.
    pub fn push_total(&mut self, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        let row = self.last_row() + 1 + self.tail;
        self.write_row(row, cells)?;
        self.tail += 1;
        Ok(())
    }

    /// The sheets with widths, filter, frozen panes and page set-up.
    pub fn finish(mut self, footer: &str) -> Result<Vec<Worksheet>, XlsxError> {
        if self.rows == 0 {
            let (empty, format) = (self.empty, self.formats.text.clone().unset_text_wrap());
            self.sheet()?
                .write_string_with_format(1, 0, empty, &format)?;
        }
        let last = self.last_row();
        let (count, capacity) = (self.sheets.len(), self.capacity as u32);
        for (part, sheet) in self.sheets.iter_mut().enumerate() {
            let last = if part + 1 == count { last } else { capacity };
            for (i, (width, column)) in self.widths.iter().zip(self.columns).enumerate() {
                let width = (*width).min(column.widest.max(column.title.width() + 3));
                sheet.set_column_width(i as u16, width as u32)?;
            }
            if self.rows > 0 {
                sheet.autofilter(0, 0, last, self.columns.len() as u16 - 1)?;
            }
            sheet.set_freeze_panes(1, 1)?;
            sheet.set_repeat_rows(0, 0)?;
            page(sheet, footer);
        }
        Ok(self.sheets)
    }

    /// The sheet being written and its last data row, for drop-downs.
    pub fn sheets_with_last_row(&mut self) -> impl Iterator<Item = (&mut Worksheet, u32)> {
        let (last, count, capacity) = (self.last_row(), self.sheets.len(), self.capacity as u32);
        self.sheets
            .iter_mut()
            .enumerate()
            .map(move |(i, s)| (s, if i + 1 == count { last } else { capacity }))
    }

    fn last_row(&self) -> u32 {
        if self.rows == 0 {
            0
        } else {
            ((self.rows - 1) % self.capacity) as u32 + 1
        }
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(sheet_name(self.name, self.sheets.len()))?;
        for (i, column) in self.columns.iter().enumerate() {
            sheet.write_string_with_format(0, i as u16, column.title, &self.formats.header)?;
        }
        self.sheets.push(sheet);
        self.links = 0;
        Ok(())
    }

    fn say_where_it_goes_on(&mut self) -> Result<(), XlsxError> {
        let next = sheet_name(self.name, self.sheets.len());
        let (row, format) = (self.capacity as u32 + 1, self.formats.bold.clone());
        let note = format!("未完，续见工作表“{next}”。");
        self.sheet()?
            .write_string_with_format(row, 0, note, &format)?;
        Ok(())
    }

    fn sheet(&mut self) -> Result<&mut Worksheet, XlsxError> {
        // `new` begins the first sheet, so there is always one.
        let last = self.sheets.len().saturating_sub(1);
        self.sheets
            .get_mut(last)
            .ok_or(XlsxError::RowColumnLimitError)
    }

    fn write_row(&mut self, row: u32, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        for (i, cell) in cells.iter().enumerate() {
            let width = cell_width(cell);
            if let Some(slot) = self.widths.get_mut(i) {
                *slot = (*slot).max(width);
            }
            let plain_link = matches!(cell, Cell::Link(..)) && self.links >= MAX_LINKS;
            self.links += usize::from(matches!(cell, Cell::Link(..)));
            let formats = self.formats;
            write_cell(self.sheet()?, formats, row, i as u16, cell, plain_link)?;
        }
        Ok(())
    }
}

/// A4 landscape, one page wide, page numbers, and the rule of wording on every sheet of paper.
pub fn page(sheet: &mut Worksheet, footer: &str) {
    sheet.set_landscape();
    sheet.set_paper_size(9);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    sheet.set_header("&L三资审计疑点报告 &A&R均为疑点，须经人工核实");
    sheet.set_footer(format!("&L{footer}&R第 &P 页 共 &N 页"));
}

/// Writes one cell of any type.
pub fn write_cell(
    sheet: &mut Worksheet,
    formats: &Formats,
    row: u32,
    col: u16,
    cell: &Cell<'_>,
    plain_link: bool,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(t) => string(sheet, row, col, t, &formats.text)?,
        Cell::Code(t) => string(sheet, row, col, t, &formats.code)?,
        Cell::BoldText(t) => string(sheet, row, col, t, &formats.bold)?,
        Cell::Toned(t, tone) => string(sheet, row, col, t, formats.tone(*tone))?,
        Cell::Money(Some(m)) => money(sheet, row, col, *m, &formats.money)?,
        Cell::BoldMoney(m) => money(sheet, row, col, *m, &formats.bold_money)?,
        Cell::Int(n) => string_or_int(sheet, row, col, *n, &formats.int)?,
        Cell::BoldInt(n) => string_or_int(sheet, row, col, *n, &formats.bold_int)?,
        Cell::Date(Some(date)) => {
            sheet.write_date_with_format(row, col, date, &formats.date)?;
        }
        Cell::Money(None) | Cell::Date(None) => {
            sheet.write_blank(row, col, &formats.text)?;
        }
        Cell::InputDate => {
            sheet.write_blank(row, col, &formats.input_date)?;
        }
        Cell::Link(t, _) if plain_link => string(sheet, row, col, t, &formats.code)?,
        Cell::Link(t, target) => {
            sheet.write_url_with_options(
                row,
                col,
                target.as_str(),
                clip(t),
                "",
                Some(&formats.link),
            )?;
        }
    }
    Ok(())
}

fn string(
    sheet: &mut Worksheet,
    row: u32,
    col: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, col, clip(text), format)?;
    Ok(())
}

/// A spreadsheet keeps every number as a double. The shortest decimal of an amount below 10^15 分 survives that exactly;
/// this is the only place where money becomes one, and it is never read back.
fn money(
    sheet: &mut Worksheet,
    row: u32,
    col: u16,
    money: Money,
    format: &Format,
) -> Result<(), XlsxError> {
    match money.to_string().parse::<f64>() {
        Ok(number) if money.0.abs() <= MAX_EXACT_FEN => {
            sheet.write_number_with_format(row, col, number, format)?;
            Ok(())
        }
        _ => string(sheet, row, col, &money.to_string(), format),
    }
}

fn string_or_int(
    sheet: &mut Worksheet,
    row: u32,
    col: u16,
    number: u64,
    format: &Format,
) -> Result<(), XlsxError> {
    match u32::try_from(number) {
        Ok(small) => {
            sheet.write_number_with_format(row, col, small, format)?;
            Ok(())
        }
        Err(_) => string(sheet, row, col, &number.to_string(), format),
    }
}

/// Cuts what Excel would refuse, and says so.
fn clip(text: &str) -> Cow<'_, str> {
    if text.encode_utf16().count() <= MAX_TEXT {
        return Cow::Borrowed(text);
    }
    const NOTE: &str = "…（超出单元格上限，全文见 findings.json）";
    let mut left = MAX_TEXT - NOTE.encode_utf16().count();
    let mut out = String::new();
    for c in text.chars() {
        if c.len_utf16() > left {
            break;
        }
        left -= c.len_utf16();
        out.push(c);
    }
    Cow::Owned(out + NOTE)
}

fn cell_width(cell: &Cell<'_>) -> usize {
    match cell {
        Cell::Text(t)
        | Cell::Code(t)
        | Cell::Toned(t, _)
        | Cell::Link(t, _)
        | Cell::BoldText(t) => t.lines().map(|l| l.width()).max().unwrap_or(0) + 2,
        Cell::Money(Some(m)) | Cell::BoldMoney(m) => m.grouped().len() + 3,
        Cell::Int(n) | Cell::BoldInt(n) => n.to_string().len() + 2,
        Cell::Date(_) | Cell::InputDate => 12,
        Cell::Money(None) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_on_continued_sheets() {
        assert_eq!(locate("清单", 0, 10), ("清单".into(), 2));
        assert_eq!(locate("清单", 9, 10), ("清单".into(), 11));
        assert_eq!(locate("清单", 10, 10), ("清单(续2)".into(), 2));
        assert_eq!(target("清单", 25, 10), "internal:'清单(续3)'!A7");
    }

    #[test]
    fn a_text_beyond_the_limit_says_so() {
        let long = "字".repeat(40_000);
        let cut = clip(&long);
        assert_eq!(cut.encode_utf16().count(), MAX_TEXT);
        assert!(cut.ends_with("findings.json）"));
        assert_eq!(clip("短"), "短");
    }
}
