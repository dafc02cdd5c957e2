//! `report.xlsx`: the run as a workbook that is read, filtered, filled in and printed.
//! No formulas, macros or outside links; every text is a string cell.

mod cover;
mod evidence;
mod findings;
pub(super) mod formats;
pub(super) mod grid;
mod lists;
#[cfg(test)]
mod tests;

use rust_xlsxwriter::{DocProperties, Workbook, Worksheet, XlsxError};

use super::{Report, ReportError};
use formats::Formats;

pub const COVER: &str = "00 封面";
pub const SUMMARY: &str = "01 汇总";
pub const FINDINGS: &str = "02 问题清单";
pub const EVIDENCE: &str = "03 证据明细";
pub const RULES: &str = "04 规则与依据";
pub const PARAMS: &str = "05 参数";
pub const SUPPRESSED: &str = "06 已压制";
pub const COMPARISON: &str = "07 与上次对比";
pub const NOT_RUN: &str = "08 未运行";
pub const DICTIONARY: &str = "99 数据字典";

/// The bytes of `report.xlsx`. Same run and same `generated_at`, same bytes.
pub fn render(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    Ok(workbook(report, grid::CAPACITY)?.save_to_buffer()?)
}

/// `capacity`: data rows per sheet before a list goes on to another one.
fn workbook(report: &Report<'_>, capacity: usize) -> Result<Workbook, XlsxError> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    book.set_properties(
        &DocProperties::new()
            .set_title("三资审计疑点报告")
            .set_subject(format!("数据截至 {}", report.run.as_of))
            .set_author(&report.run.program)
            .set_comment(format!("运行摘要 {}", report.run.digest))
            .set_creation_datetime(&report.generated_at),
    );
    let context = Context {
        report,
        formats: &formats,
        capacity,
        footer: format!("运行 {}", short(&report.run.digest)),
    };
    let lists = [
        lists::summary(&context)?,
        findings::sheets(&context)?,
        evidence::sheets(&context)?,
        lists::rules(&context)?,
        lists::params(&context)?,
        lists::suppressed(&context)?,
        lists::comparison(&context)?,
        lists::not_run(&context)?,
        lists::dictionary(&context)?,
    ];
    let sheets: Vec<Worksheet> = lists.into_iter().flatten().collect();
    let names: Vec<String> = sheets.iter().map(Worksheet::name).collect();
    book.push_worksheet(cover::sheet(&context, &names)?);
    for sheet in sheets {
        book.push_worksheet(sheet);
    }
    Ok(book)
}

/// What every sheet needs.
struct Context<'a> {
    report: &'a Report<'a>,
    formats: &'a Formats,
    capacity: usize,
    footer: String,
}

/// The first twelve characters of a digest; digests are ASCII, other texts are shown whole.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
