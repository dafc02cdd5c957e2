//! Statements as a workbook: one sheet each as it is printed, and a sheet of the accounts under every line, linked both ways.

use rust_xlsxwriter::{DocProperties, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

use super::{halves, unit};
use crate::report::ReportError;
use crate::report::xlsx::formats::{Formats, Tone};
use crate::report::xlsx::grid::{Cell, code, text, write_cell};
use crate::statement::{Kind, Line, Statement};

/// Rows above the table's header: title, unit and date.
const HEADER_ROW: u32 = 2;

/// The bytes of the workbook. `made_at` is its creation time.
///
/// # Errors
/// [`ReportError::Workbook`].
pub fn render(
    statements: &[Statement],
    made_at: chrono::NaiveDateTime,
) -> Result<Vec<u8>, ReportError> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    book.set_properties(
        &DocProperties::new()
            .set_title("会计报表")
            .set_creation_datetime(&made_at),
    );
    let mut details = Vec::new();
    for statement in statements {
        let detail = Detail::of(statement);
        book.push_worksheet(sheet(statement, detail.as_ref(), &formats)?);
        details.extend(detail);
    }
    for detail in &details {
        book.push_worksheet(detail.sheet(&formats)?);
    }
    Ok(book.save_to_buffer()?)
}

/// A sheet name: at most 31 characters, without what Excel refuses.
fn sheet_name(statement: &Statement) -> String {
    let plain = statement.title.split('(').next().unwrap_or_default();
    plain.chars().take(28).collect()
}

/// The accounts under the lines of one statement, on a sheet of their own.
struct Detail<'a> {
    statement: &'a Statement,
    name: String,
    /// Line and its first row on the sheet, counted from 0.
    lines: Vec<(&'a Line, u32)>,
}

impl<'a> Detail<'a> {
    fn of(statement: &'a Statement) -> Option<Detail<'a>> {
        if !matches!(statement.kind, Kind::BalanceSheet | Kind::Income) {
            return None;
        }
        let (mut lines, mut row) = (Vec::new(), 1);
        for line in statement.lines.iter().filter(|l| !l.parts.is_empty()) {
            lines.push((line, row));
            row += line.parts.len() as u32;
        }
        Some(Detail {
            statement,
            name: format!("{}·科目", sheet_name(statement)),
            lines,
        })
    }

    /// Where the accounts of a line begin.
    fn target(&self, line: &Line) -> Option<String> {
        let found = self.lines.iter().find(|(l, _)| l.id == line.id);
        found.map(|(_, row)| format!("internal:'{}'!A{}", self.name, row + 1))
    }

    fn sheet(&self, formats: &Formats) -> Result<Worksheet, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(&self.name)?;
        let back = format!("internal:'{}'!A1", sheet_name(self.statement));
        let heads = ["行次", "项目", "科目", "科目名称", "往来单位"];
        let titles = heads
            .into_iter()
            .chain(self.statement.columns.iter().map(String::as_str));
        for (col, title) in titles.enumerate() {
            sheet.write_string_with_format(0, col as u16, title, &formats.header)?;
        }
        for (line, first) in &self.lines {
            for (offset, part) in line.parts.iter().enumerate() {
                let mut cells = vec![
                    Cell::Link(line.id.as_str().into(), back.clone()),
                    text(line.label.as_str()),
                    code(part.account.as_str()),
                    text(part.name.as_str()),
                    text(part.counterparty.as_str()),
                ];
                cells.extend(part.amounts.iter().map(|m| Cell::Money(Some(*m))));
                for (col, cell) in cells.iter().enumerate() {
                    // Excel follows only so many links on a sheet.
                    let plain = *first > 60_000;
                    write_cell(
                        &mut sheet,
                        formats,
                        first + offset as u32,
                        col as u16,
                        cell,
                        plain,
                    )?;
                }
            }
        }
        for (col, width) in [8, 28, 14, 34, 28].into_iter().enumerate() {
            sheet.set_column_width(col as u16, width)?;
        }
        for col in 0..self.statement.columns.len() {
            sheet.set_column_width(5 + col as u16, 18)?;
        }
        sheet.set_freeze_panes(1, 2)?;
        page(&mut sheet, self.statement)?;
        sheet.set_repeat_rows(0, 0)?;
        Ok(sheet)
    }
}

fn page(sheet: &mut Worksheet, statement: &Statement) -> Result<(), XlsxError> {
    if statement.kind == Kind::Income {
        sheet.set_portrait();
    } else {
        sheet.set_landscape();
    }
    sheet.set_paper_size(9);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    sheet.set_footer(format!(
        "&L{} {}&R第 &P 页 共 &N 页",
        statement.organisation, statement.dated
    ));
    Ok(())
}

fn sheet(
    statement: &Statement,
    detail: Option<&Detail<'_>>,
    formats: &Formats,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(sheet_name(statement))?;
    let width = statement.columns.len() as u16 + 2;
    let heads = statement.kind.halves();
    let (blocks, heads): (Vec<Vec<Option<&Line>>>, &[&str]) = match halves(statement) {
        Some([left, right]) => (vec![left, right], &heads),
        None => (vec![statement.lines.iter().map(Some).collect()], &["项目"]),
    };
    head(&mut sheet, statement, width * blocks.len() as u16, formats)?;
    let mut last = HEADER_ROW;
    for (block, (lines, head)) in blocks.iter().zip(heads).enumerate() {
        let left = block as u16 * width;
        let titles = [*head, "行次"]
            .into_iter()
            .chain(statement.columns.iter().map(String::as_str));
        for (col, title) in titles.enumerate() {
            let format = formats.header.clone().set_align(FormatAlign::Center);
            sheet.write_string_with_format(HEADER_ROW, left + col as u16, title, &format)?;
        }
        for (row, line) in lines.iter().enumerate() {
            let row = HEADER_ROW + 1 + row as u32;
            let Some(line) = line else {
                // The shorter half is ruled down to its total.
                for col in left..left + width {
                    sheet.write_blank(row, col, &formats.text)?;
                }
                continue;
            };
            write_line(&mut sheet, (row, left), line, detail, formats)?;
            last = last.max(row);
        }
        let widest = lines
            .iter()
            .flatten()
            .map(|l| l.label.width() + 2 * l.indent as usize + 2)
            .max();
        sheet.set_column_width(left, widest.unwrap_or(10).clamp(24, 44) as u32)?;
        sheet.set_column_width(left + 1, if statement.kind == Kind::Ageing { 9 } else { 7 })?;
        for col in 2..width {
            sheet.set_column_width(left + col, 18)?;
        }
    }
    for line in &statement.differences {
        last += 1;
        write_line(&mut sheet, (last, 0), line, None, formats)?;
        write_cell(
            &mut sheet,
            formats,
            last,
            0,
            &Cell::Toned(line.label.as_str().into(), Tone::High),
            false,
        )?;
    }
    let note = Format::new().set_font_name("微软雅黑").set_font_size(9);
    for text in &statement.notes {
        last += 1;
        sheet.write_string_with_format(last, 0, text, &note)?;
    }
    sheet.set_freeze_panes(HEADER_ROW + 1, 0)?;
    sheet.set_repeat_rows(0, HEADER_ROW)?;
    sheet.set_screen_gridlines(false);
    page(&mut sheet, statement)?;
    Ok(sheet)
}

/// Title across the sheet, unit on the left, date in the middle, 单位:元 on the right.
fn head(
    sheet: &mut Worksheet,
    statement: &Statement,
    width: u16,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let title = formats.title.clone().set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, width - 1, &statement.title, &title)?;
    sheet.set_row_height(0, 30)?;
    let plain = Format::new().set_font_name("微软雅黑").set_font_size(10);
    sheet.write_string_with_format(1, 0, format!("编制单位:{}", unit(statement)), &plain)?;
    let centre = plain.clone().set_align(FormatAlign::Center);
    sheet.write_string_with_format(1, width / 2, &statement.dated, &centre)?;
    let right = plain.set_align(FormatAlign::Right);
    sheet.write_string_with_format(1, width - 1, "单位:元", &right)?;
    Ok(())
}

fn write_line(
    sheet: &mut Worksheet,
    (row, left): (u32, u16),
    line: &Line,
    detail: Option<&Detail<'_>>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let indent = u8::try_from(line.indent.min(5)).unwrap_or(5);
    let format = if line.total {
        &formats.bold
    } else {
        &formats.text
    };
    match detail.and_then(|d| d.target(line)) {
        Some(target) => {
            let link = formats
                .link
                .clone()
                .set_indent(indent)
                .set_align(FormatAlign::Left);
            let link = if line.total { link.set_bold() } else { link };
            sheet.write_url_with_options(
                row,
                left,
                target.as_str(),
                &line.label,
                &line.note,
                Some(&link),
            )?;
        }
        None => {
            sheet.write_string_with_format(
                row,
                left,
                &line.label,
                &format
                    .clone()
                    .set_indent(indent)
                    .set_align(FormatAlign::Left),
            )?;
        }
    }
    let number = formats.code.clone().set_align(FormatAlign::Center);
    sheet.write_string_with_format(row, left + 1, &line.id, &number)?;
    for (col, amount) in line.amounts.iter().enumerate() {
        // A nil amount is left blank, as accountants print it; a total always shows its figure.
        let cell = match amount {
            Some(m) if line.total => Cell::BoldMoney(*m),
            Some(m) if !m.is_zero() => Cell::Money(Some(*m)),
            _ => Cell::Money(None),
        };
        write_cell(sheet, formats, row, left + 2 + col as u16, &cell, false)?;
    }
    Ok(())
}
