//! `00 封面`: what was audited, on which data and rules, the counts, the rule of wording, vouchers kept outside the books.

use rust_xlsxwriter::{Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

use super::formats::Tone;
use super::grid::{Cell, code, page, text, write_cell};
use super::{COVER, Context};
use crate::report::model::{KINDS, SEVERITIES, Tally};
use crate::report::words;

const WIDTHS: [u16; 7] = [18, 28, 20, 18, 18, 40, 40];
const LAST: u16 = WIDTHS.len() as u16 - 1;

/// `sheets`: names of all other sheets, in order, for the table of contents.
pub fn sheet(context: &Context<'_>, sheets: &[String]) -> Result<Worksheet, XlsxError> {
    let mut cover = Cover {
        sheet: Worksheet::new(),
        context,
        row: 0,
    };
    cover.sheet.set_name(COVER)?;
    for (i, width) in WIDTHS.iter().enumerate() {
        cover.sheet.set_column_width(i as u16, u32::from(*width))?;
    }
    cover.sheet.set_screen_gridlines(false);
    page(&mut cover.sheet, &context.footer);
    cover.identity()?;
    cover.wording()?;
    cover.counts()?;
    cover.organisations()?;
    cover.held()?;
    cover.contents(sheets)?;
    Ok(cover.sheet)
}

struct Cover<'a> {
    sheet: Worksheet,
    context: &'a Context<'a>,
    row: u32,
}

impl Cover<'_> {
    fn identity(&mut self) -> Result<(), XlsxError> {
        let (run, formats) = (self.context.report.run, self.context.formats);
        self.sheet
            .write_string_with_format(0, 0, "三资审计疑点报告", &formats.title)?;
        self.sheet.set_row_height(0, 30)?;
        self.row = 1;
        let time = self.context.report.generated_at.format("%Y-%m-%d %H:%M");
        let before = run.compared_with.as_deref();
        let overlay = run.overlay_digest.as_deref();
        for (label, value) in [
            ("数据截至", words::long_date(run.as_of)),
            ("生成时间", time.to_string()),
            ("运行摘要", run.digest.clone()),
            ("数据摘要", run.data_digest.clone()),
            ("规则包摘要", run.pack_digest.clone()),
            ("街道设定摘要", overlay.unwrap_or("无").to_owned()),
            ("程序", run.program.clone()),
            ("对比的上次运行", before.unwrap_or("无").to_owned()),
        ] {
            self.cells(&[Cell::BoldText(label.into())])?;
            self.row -= 1;
            self.wide(1, &value, Tone::Plain)?;
        }
        Ok(())
    }

    fn wording(&mut self) -> Result<(), XlsxError> {
        self.heading("口径说明")?;
        for line in words::WORDING {
            self.wide(0, line, Tone::Plain)?;
        }
        Ok(())
    }

    fn counts(&mut self) -> Result<(), XlsxError> {
        let figures = &self.context.report.figures;
        self.heading("总数")?;
        self.header(&["分类", "", "条数", "金额(元)"])?;
        let line = |group: &'static str, name: &'static str, tally: Tally| {
            [
                text(group),
                text(name),
                Cell::Int(tally.count),
                Cell::Money(Some(tally.amount)),
            ]
        };
        self.cells(&line("全部疑点", "", figures.total))?;
        self.cells(&line("按事项计", "", figures.matters))?;
        for kind in KINDS {
            self.cells(&line("类型", kind.label(), figures.kind(kind)))?;
        }
        for severity in SEVERITIES {
            self.cells(&line(
                "严重程度",
                severity.label(),
                figures.severity(severity),
            ))?;
        }
        self.cells(&line("已压制（不计入以上）", "", figures.suppressed))?;
        for (name, count) in [
            ("按占位值判断", figures.placeholders),
            ("未入账凭证", figures.held),
            ("未运行（规则×单位）", figures.not_run),
            ("运行失败的规则", figures.failed),
        ] {
            self.cells(&[text("提示"), text(name), Cell::Int(count)])?;
        }
        if self.context.report.compared() {
            let [new, changed, same, gone] = figures.states;
            for (name, count) in [
                ("新增", new),
                ("有变化", changed),
                ("仍在", same),
                ("已消失", gone),
            ] {
                self.cells(&[text("与上次比"), text(name), Cell::Int(count)])?;
            }
        }
        Ok(())
    }

    fn organisations(&mut self) -> Result<(), XlsxError> {
        self.heading("被审计单位")?;
        self.header(&[
            "单位编码",
            "单位",
            "期间",
            "凭证数",
            "分录数",
            "类型与会计制度",
            "凭证链末端摘要",
        ])?;
        for o in &self.context.report.run.organisations {
            let kind = words::enumerated("organisation", "kind", &o.kind);
            let standard = words::enumerated("organisation", "standard", &o.standard);
            self.cells(&[
                code(&o.code),
                text(&o.name),
                text(format!("{} 至 {}", o.first_period, o.last_period)),
                Cell::Int(o.vouchers),
                Cell::Int(o.entries),
                text(format!("{kind}，{standard}")),
                code(format!("{}（{} 张）", o.chain_head, o.chain_length)),
            ])?;
            self.fit(self.row - 1, o.chain_head.width() + 12, WIDTHS[6])?;
        }
        Ok(())
    }

    fn held(&mut self) -> Result<(), XlsxError> {
        let report = self.context.report;
        self.heading("未入账凭证（待纠正、作废），未计入账簿余额")?;
        if report.run.held.is_empty() {
            return self.wide(0, "没有。", Tone::Plain);
        }
        self.header(&[
            "凭证",
            "单位",
            "原因",
            "借方(元)",
            "贷方(元)",
            "问题",
            "来源",
        ])?;
        for h in &report.run.held {
            let problems = h.problems.join("；");
            let place = words::place(&h.file, &h.sheet, h.row);
            self.cells(&[
                code(&h.voucher),
                text(report.organisation_name(&h.organisation)),
                Cell::Toned(h.reason.as_str().into(), Tone::Mark),
                Cell::Money(Some(h.debit)),
                Cell::Money(Some(h.credit)),
                text(&problems),
                text(&place),
            ])?;
            let widest = problems.width().max(place.width());
            self.fit(self.row - 1, widest, WIDTHS[5])?;
        }
        Ok(())
    }

    fn contents(&mut self, sheets: &[String]) -> Result<(), XlsxError> {
        self.heading("目录")?;
        for name in sheets {
            self.cells(&[Cell::Link(
                name.as_str().into(),
                format!("internal:'{name}'!A1"),
            )])?;
        }
        if sheets.iter().any(|n| n.contains("(续")) {
            self.wide(
                0,
                "行数超过一张工作表上限的清单，续在名称带“(续N)”的工作表。",
                Tone::Mark,
            )?;
        }
        Ok(())
    }

    fn heading(&mut self, words: &str) -> Result<(), XlsxError> {
        self.row += 1;
        self.sheet
            .write_string_with_format(self.row, 0, words, &self.context.formats.heading)?;
        self.row += 1;
        Ok(())
    }

    fn header(&mut self, titles: &[&str]) -> Result<(), XlsxError> {
        for (i, title) in titles.iter().enumerate() {
            self.sheet.write_string_with_format(
                self.row,
                i as u16,
                *title,
                &self.context.formats.header,
            )?;
        }
        self.row += 1;
        Ok(())
    }

    fn cells(&mut self, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        for (i, cell) in cells.iter().enumerate() {
            let formats = self.context.formats;
            write_cell(&mut self.sheet, formats, self.row, i as u16, cell, false)?;
        }
        self.row += 1;
        Ok(())
    }

    /// A text over all columns from `first` on. Merged cells do not grow by themselves: the height is set.
    fn wide(&mut self, first: u16, words: &str, tone: Tone) -> Result<(), XlsxError> {
        let format = self.context.formats.tone(tone).clone();
        self.sheet
            .merge_range(self.row, first, self.row, LAST, words, &format)?;
        let width = WIDTHS[usize::from(first)..].iter().sum();
        self.fit(self.row, words.width(), width)?;
        self.row += 1;
        Ok(())
    }

    fn fit(&mut self, row: u32, text: usize, column: u16) -> Result<(), XlsxError> {
        // One character of slack a line: breaks do not fall exactly at the edge.
        let lines = text
            .div_ceil(usize::from(column).saturating_sub(2).max(1))
            .clamp(1, 25);
        self.sheet.set_row_height(row, 15 * lines as u32)?;
        Ok(())
    }
}
