//! Workbooks (xlsx, xls) → grids of text. Numbers become the text that the spreadsheet shows with all its digits; after
//! that nothing about money is a float.

use std::io::Cursor;

use calamine::{Data, DataRef, DataType, Dimensions, Range, Reader, Xls, XlsOptions, Xlsx};

use super::guard::guarded;
use super::refusal::Refusal;
use super::table::{Grid, Merged};
use super::text::repair_latin1;
use super::{codes, ole, package};

/// One sheet of a file.
#[derive(Debug)]
pub struct ReadSheet {
    /// `None`: the file has only this one and does not name it.
    pub name: Option<String>,
    pub grid: Grid,
    /// Cells that span several rows; only their first row has content.
    pub merged: Vec<Merged>,
}

/// Reads all sheets of an xlsx workbook cell by cell: a stray cell far to the right costs nothing.
pub fn read_xlsx(bytes: &[u8]) -> Result<Vec<ReadSheet>, Refusal> {
    guarded(|| {
        let package = package::inspect(bytes)?;
        let mut book = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
        let mut sheets = Vec::new();
        for name in book.sheet_names() {
            let Some(grid) = xlsx_grid(&mut book, &name)? else {
                continue;
            };
            let merged = match package.merges {
                true => book.merge_cells_by_sheet_name(&name).unwrap_or_default(),
                false => Vec::new(),
            };
            sheets.push(ReadSheet {
                name: Some(name),
                grid,
                merged: tall(&merged),
            });
        }
        Ok(sheets)
    })
}

/// The cells of one sheet; `None` for chart sheets and the like, which hold none.
fn xlsx_grid(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Option<Grid>, Refusal> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let (mut rows, mut current) = (RowBuffer::default(), None);
    let mut uncomputed: Option<(usize, (u32, u32))> = None;
    while let Some(cell) = reader
        .next_cell_with_formula_metadata()
        .map_err(unreadable)?
    {
        let (row, column) = cell.pos;
        if current != Some(row) {
            rows.finish(current)?;
            current = Some(row);
        }
        if cell.formula.is_some() && cell.value == DataRef::Empty {
            uncomputed.get_or_insert((0, (row + 1, column))).0 += 1;
        }
        rows.set(column as usize, |out| write_ref(&cell.value, out));
    }
    rows.finish(current)?;
    match uncomputed {
        Some((count, first)) => Err(Refusal::formulas(Some(name.to_owned()), count, first)),
        None => Ok(Some(rows.grid)),
    }
}

/// Reads all sheets of an xls workbook (at most 65536 × 256 cells each). `familiar` knows header words.
pub fn read_xls(bytes: &[u8], familiar: &dyn Fn(&str) -> bool) -> Result<Vec<ReadSheet>, Refusal> {
    guarded(|| {
        let mut options = XlsOptions::default();
        options.force_codepage = Some(ole::inspect(bytes)?.codepage);
        let mut book = Xls::new_with_options(Cursor::new(bytes), options).map_err(unreadable)?;
        let ranges = book.worksheets();
        let garbled = is_garbled(&ranges, familiar);
        let mut sheets = Vec::new();
        for (name, range) in ranges {
            let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
            let repaired = garbled.then(|| repair_latin1(&name)).flatten();
            sheets.push(ReadSheet {
                grid: xls_grid(&range, garbled)?,
                merged: tall(&merged),
                name: Some(repaired.unwrap_or(name)),
            });
        }
        Ok(sheets)
    })
}

/// Whether a workbook's texts are GBK read as Latin-1. It must be proven: there is no Chinese in it as it stands, every
/// text that is not plain turns into GBK and back, and header words appear.
fn is_garbled(sheets: &[(String, Range<Data>)], familiar: &dyn Fn(&str) -> bool) -> bool {
    let cells = sheets.iter().flat_map(|(_, range)| range.used_cells());
    let texts = cells.filter_map(|(_, _, cell)| cell.get_string());
    let mut found = false;
    for text in texts.filter(|t| !t.is_ascii()) {
        match repair_latin1(text) {
            Some(repaired) => found = found || familiar(&repaired),
            None => return false,
        }
    }
    found
}

fn xls_grid(range: &Range<Data>, garbled: bool) -> Result<Grid, Refusal> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut rows = RowBuffer::default();
    for (number, cells) in (first_row..).zip(range.rows()) {
        for (j, cell) in cells.iter().enumerate() {
            rows.set(first_column as usize + j, |out| match cell {
                Data::String(text) if garbled => {
                    out.push_str(&repair_latin1(text).unwrap_or_else(|| text.clone()));
                }
                cell => write_data(cell, out),
            });
        }
        rows.finish(Some(number))?;
    }
    Ok(rows.grid)
}

/// The merged cells that span several rows.
fn tall(merged: &[Dimensions]) -> Vec<Merged> {
    let tall = merged.iter().filter(|m| m.end.0 > m.start.0);
    tall.map(|m| Merged {
        first_row: m.start.0.saturating_add(1),
        last_row: m.end.0.saturating_add(1),
        column: m.start.1 as usize,
    })
    .collect()
}

/// The error is the library's, for people who know workbooks.
fn unreadable(error: impl std::fmt::Display) -> Refusal {
    Refusal::damaged(format!("工作簿打不开:{error}"))
}

/// Cells of the row being read, reused from row to row.
#[derive(Default)]
struct RowBuffer {
    cells: Vec<String>,
    used: usize,
    grid: Grid,
}

impl RowBuffer {
    fn set(&mut self, column: usize, write: impl FnOnce(&mut String)) {
        // Nothing that is handed in has thousands of columns; a damaged file may claim so.
        if column >= 4096 {
            return;
        }
        if column >= self.cells.len() {
            self.cells.resize_with(column + 1, String::new);
        }
        self.used = self.used.max(column + 1);
        write(&mut self.cells[column]);
    }

    fn finish(&mut self, row: Option<u32>) -> Result<(), Refusal> {
        let Some(row) = row else { return Ok(()) };
        let cells = self.cells[..self.used].iter().map(String::as_str);
        let fits = self.grid.push(row.saturating_add(1), cells);
        self.cells[..self.used].iter_mut().for_each(String::clear);
        self.used = 0;
        if fits {
            Ok(())
        } else {
            Err(Refusal::new(codes::FILE_HUGE, "工作表的内容超过 4 GB"))
        }
    }
}

fn write_ref(value: &DataRef<'_>, out: &mut String) {
    match value {
        DataRef::SharedString(text) => out.push_str(text),
        DataRef::String(text) => out.push_str(text),
        other => write_data(&Data::from(other.clone()), out),
    }
}

fn write_data(value: &Data, out: &mut String) {
    match value {
        Data::Empty => {}
        Data::String(text) | Data::DurationIso(text) => out.push_str(text),
        Data::DateTimeIso(text) => out.push_str(text.trim_end_matches("T00:00:00")),
        Data::Int(n) => out.push_str(&n.to_string()),
        Data::Float(n) => out.push_str(&number_text(*n)),
        Data::Bool(b) => out.push_str(if *b { "是" } else { "否" }),
        Data::Error(error) => out.push_str(&error.to_string()),
        Data::DateTime(moment) => {
            let serial = moment.as_f64();
            let readable = (0.0..2_958_466.0).contains(&serial);
            match value.as_datetime().filter(|_| readable) {
                Some(at) if serial < 1.0 => out.push_str(&at.format("%H:%M:%S").to_string()),
                Some(at) if at.time() == chrono::NaiveTime::MIN => {
                    out.push_str(&at.date().to_string());
                }
                Some(at) => out.push_str(&at.format("%Y-%m-%d %H:%M:%S").to_string()),
                None => out.push_str(&number_text(serial)),
            }
        }
    }
}

/// A number as a spreadsheet shows it when there is room: at most 15 significant digits, no exponent, no `.0`.
/// A sum kept as 0.30000000000000004 is thus 0.3, as it was on the screen of the person who handed it in; so is one that a
/// spreadsheet shows as 9000.00 and keeps as 9000.00000000001.
pub fn number_text(n: f64) -> String {
    if !n.is_finite() || n == 0.0 {
        return if n == 0.0 { "0".into() } else { n.to_string() };
    }
    if n.fract() == 0.0 && n.abs() < 9e15 {
        return format!("{n:.0}");
    }
    // A sum of many amounts strays in the last bits: what 12 digits say is meant, if it is no farther off than that.
    let digits = |text: String| text.parse().unwrap_or(n);
    let (short, shown): (f64, f64) = (digits(format!("{n:.11e}")), digits(format!("{n:.14e}")));
    match ((short - n) / n).abs() <= 16.0 * f64::EPSILON {
        true => format!("{short}"),
        false => format!("{shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    #[test]
    fn numbers_read_as_on_the_screen() {
        for (n, text) in [
            (1001.0, "1001"),
            (0.1 + 0.2, "0.3"),
            (1_234.560_000_000_000_1, "1234.56"),
            (9_000.000_000_000_01, "9000"),
            (-88.879_999_999_999_9, "-88.88"),
            // 15 digits that are meant.
            (1_234_567_890.123_45, "1234567890.12345"),
            (0.123_456_789_012_345, "0.123456789012345"),
            (-12.5, "-12.5"),
            (123_456_789.01, "123456789.01"),
            (99_999_999_999.99, "99999999999.99"),
            (1_000_000_000_000.01, "1000000000000.01"),
            (0.0, "0"),
            (1e-7, "0.0000001"),
        ] {
            assert_eq!(number_text(n), text);
        }
    }

    #[test]
    fn reads_sheets_rows_dates_and_far_cells() {
        let mut book = Workbook::new();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let sheet = book.add_worksheet().set_name("合同").unwrap();
        sheet.write_string(2, 1, "HT-1").unwrap();
        let day = ExcelDateTime::from_ymd(2024, 3, 1).unwrap();
        sheet.write_datetime_with_format(2, 2, day, &date).unwrap();
        sheet.write_number(4, 0, 12.0).unwrap();
        sheet.write_string(4, 16_000, "far").unwrap();
        book.add_worksheet().set_name("空").unwrap();
        let sheets = read_xlsx(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(sheets.len(), 2);
        let ReadSheet { name, grid, .. } = &sheets[0];
        assert_eq!((name.as_deref(), grid.len()), (Some("合同"), 2));
        assert_eq!((grid.row(0).number, grid.row(1).number), (3, 5));
        assert_eq!(grid.row(0).cell(1), "HT-1");
        assert_eq!(grid.row(0).cell(2), "2024-03-01");
        assert_eq!(grid.row(1).cell(0), "12");
        assert!(sheets[1].grid.is_empty());
    }

    #[test]
    fn garbled_texts_are_repaired_only_where_it_can_be_proven() {
        let latin1 = |text: &str| {
            let bytes = encoding_rs::GB18030.encode(text).0.into_owned();
            bytes.into_iter().map(char::from).collect::<String>()
        };
        let familiar = |text: &str| text.contains("科目编码");
        let garbled = |texts: &[&str]| {
            let cells = (0..)
                .zip(texts)
                .map(|(row, text)| calamine::Cell::new((row, 0), Data::String((*text).to_owned())));
            is_garbled(
                &[("Sheet1".into(), Range::from_sparse(cells.collect()))],
                &familiar,
            )
        };
        let (header, cash) = (latin1("科目编码"), latin1("库存现金"));
        assert!(garbled(&[&header, &cash, "1001"]));
        // A text that stands as it should, one that is no GBK, no header word: nothing is proven.
        assert!(!garbled(&[&header, &cash, "现金"]));
        assert!(!garbled(&[&header, "Société"]));
        assert!(!garbled(&[&cash]));
        assert!(!garbled(&["1001"]));
    }

    #[test]
    fn refuses_what_is_no_workbook() {
        assert!(read_xlsx(b"PK\x03\x04 no").is_err());
        assert!(read_xls(b"\xd0\xcf\x11\xe0 no", &|_| true).is_err());
    }
}
