//! Cell formats of the workbook.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

const FONT: &str = "微软雅黑";
const GREY: Color = Color::RGB(0xC8_CE_D4);

/// How a cell looks beyond its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    High,
    Medium,
    Low,
    /// Needs the reader's eye: a placeholder, an article not read.
    Mark,
    /// To be filled in by hand.
    Input,
}

#[derive(Debug)]
pub struct Formats {
    pub title: Format,
    pub heading: Format,
    pub header: Format,
    pub text: Format,
    pub code: Format,
    pub money: Format,
    pub int: Format,
    pub date: Format,
    pub link: Format,
    pub bold: Format,
    pub bold_money: Format,
    pub bold_int: Format,
    high: Format,
    medium: Format,
    low: Format,
    mark: Format,
    input: Format,
    pub input_date: Format,
}

impl Formats {
    pub fn new() -> Formats {
        let base = Format::new().set_font_name(FONT).set_font_size(10);
        let cell = base
            .clone()
            .set_align(FormatAlign::Top)
            .set_border(FormatBorder::Thin)
            .set_border_color(GREY);
        let text = cell.clone().set_text_wrap();
        let money = cell.clone().set_num_format("#,##0.00;[Red]-#,##0.00");
        let int = cell.clone().set_num_format("0");
        let input = text.clone().set_background_color(Color::RGB(0xFF_F9_E5));
        let bold = text.clone().set_bold();
        Formats {
            title: base.clone().set_bold().set_font_size(18),
            heading: base.clone().set_bold().set_font_size(12),
            header: text
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(0xE2_E8_EE))
                .set_align(FormatAlign::VerticalCenter),
            // `@`: a long number in a text column stays a text when somebody edits the cell.
            code: text.clone().set_num_format("@"),
            date: cell.clone().set_num_format("yyyy-mm-dd"),
            link: text
                .clone()
                .set_font_color(Color::RGB(0x0B_5C_AD))
                .set_num_format("@"),
            bold_money: money.clone().set_bold(),
            bold_int: int.clone().set_bold(),
            high: bold.clone().set_font_color(Color::RGB(0xB3_26_1E)),
            medium: bold.clone().set_font_color(Color::RGB(0x8A_53_00)),
            low: bold.clone().set_font_color(Color::RGB(0x5B_65_70)),
            mark: text.clone().set_font_color(Color::RGB(0x8A_53_00)),
            input_date: input.clone().set_num_format("yyyy-mm-dd"),
            input,
            bold,
            text,
            money,
            int,
        }
    }

    pub fn tone(&self, tone: Tone) -> &Format {
        match tone {
            Tone::Plain => &self.text,
            Tone::High => &self.high,
            Tone::Medium => &self.medium,
            Tone::Low => &self.low,
            Tone::Mark => &self.mark,
            Tone::Input => &self.input,
        }
    }
}
