//! The 台账 as a workbook. What is filled in by hand is tinted; every text is a string cell, no formulas.

use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{COLUMNS, Column, KIND, Line};
use crate::model::Money;
use crate::review::event::MeasureKind;

/// Name of the sheet.
const NAME: &str = "整改台账";
/// Empty rows below are not offered: items come from audits, not from the workbook.
const NOTE: &str = "填写带底色的列后交回;编号和版本不要改。措施五项写全;金额写累计数;新进展一次一条。编号以外的行、别人已办的行会整本退回,并逐条说明。";

struct Formats {
    header: Format,
    shown: Format,
    input: Format,
}

impl Formats {
    fn new() -> Formats {
        let cell = Format::new()
            .set_font_size(10)
            .set_align(FormatAlign::Top)
            .set_text_wrap()
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(0xC8_CE_D4));
        Formats {
            header: cell
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(0xE8_EC_F0)),
            input: cell.clone().set_background_color(Color::RGB(0xFF_F9_E5)),
            shown: cell,
        }
    }

    fn of(&self, column: &Column) -> &Format {
        match column.input {
            true => &self.input,
            false => &self.shown,
        }
    }
}

/// The bytes of the workbook; equal lines, equal bytes but for the time of writing.
///
/// # Errors
/// [`XlsxError`]: more rows than a sheet holds.
pub fn render(lines: &[Line]) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::new();
    let mut sheet = Worksheet::new();
    sheet.set_name(NAME)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.write_string(0, 0, NOTE)?;
    for (at, column) in (0u16..).zip(&COLUMNS) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(1, at, column.name, &formats.header)?;
        if column.name == KIND && !lines.is_empty() {
            let kinds = KINDS.map(MeasureKind::label);
            let choice = DataValidation::new().allow_list_strings(&kinds)?;
            sheet.add_data_validation(2, at, lines.len() as u32 + 1, at, &choice)?;
        }
    }
    sheet.set_freeze_panes(2, 1)?;
    sheet.set_repeat_rows(1, 1)?;
    for (row, line) in (2u32..).zip(lines) {
        for ((at, column), text) in (0u16..).zip(&COLUMNS).zip(cells(line)) {
            sheet.write_string_with_format(row, at, &text, formats.of(column))?;
        }
    }
    let mut book = Workbook::new();
    book.push_worksheet(sheet);
    book.save_to_buffer()
}

pub(super) const KINDS: [MeasureKind; 3] = [
    MeasureKind::Immediate,
    MeasureKind::Staged,
    MeasureKind::Ongoing,
];

/// The texts of a row. Money and days as texts, so that what comes back unchanged is told from what was changed.
fn cells(line: &Line) -> [String; COLUMNS.len()] {
    let plan = |of: &dyn Fn(&crate::review::event::Plan) -> String| {
        line.plan.as_ref().map(of).unwrap_or_default()
    };
    let money = |of: &dyn Fn(&crate::review::event::Amounts) -> Money| {
        let amount = line.amounts.as_ref().map(of);
        amount.map(|m| m.to_string()).unwrap_or_default()
    };
    let day = |d: chrono::NaiveDate| d.to_string();
    [
        line.number.clone(),
        line.seen.to_string(),
        line.organisation.clone(),
        line.title.clone(),
        line.message.clone(),
        line.amount.map(|a| a.to_string()).unwrap_or_default(),
        line.state.clone(),
        line.due.map(day).unwrap_or_default(),
        plan(&|p| p.measure.clone()),
        plan(&|p| p.kind.label().to_owned()),
        plan(&|p| p.lead.clone()),
        plan(&|p| day(p.due)),
        plan(&|p| p.target.clone()),
        String::new(),
        String::new(),
        money(&|a| a.recovered),
        money(&|a| a.booked),
        money(&|a| a.unrecoverable),
    ]
}
