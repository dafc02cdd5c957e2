//! `03 证据明细`: one row per voucher line and register line of every finding, with file and row as handed in.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::grid::{Cell, Column, Grid, code, column, target, text};
use super::{Context, EVIDENCE, FINDINGS};
use crate::audit::outcome::{Finding, RegisterLine, VoucherLine};
use crate::model::Money;

pub const COLUMNS: [Column; 18] = [
    column("编号", 20),
    column("规则编号", 10),
    column("单位编码", 12),
    column("单位", 22),
    column("证据类型", 10),
    column("凭证或台账编号", 26),
    column("台账", 12),
    column("分录号", 8),
    column("日期", 12),
    column("摘要", 40),
    column("科目编码", 14),
    column("科目名称", 24),
    column("借方(元)", 18),
    column("贷方(元)", 18),
    column("往来单位", 26),
    column("来源文件", 36),
    column("工作表", 14),
    column("行号", 8),
];

/// Rows that a finding takes.
pub fn rows(finding: &Finding) -> usize {
    finding.voucher_lines.len() + finding.register_lines.len()
}

pub fn sheets(context: &Context<'_>) -> Result<Vec<Worksheet>, XlsxError> {
    let mut grid = Grid::new(
        EVIDENCE,
        &COLUMNS,
        context.capacity,
        context.formats,
        "没有凭证分录或台账行。",
    )?;
    for (i, finding) in context.report.run.findings.iter().enumerate() {
        let back = target(FINDINGS, i, context.capacity);
        for line in &finding.voucher_lines {
            grid.push(&voucher(finding, &back, line))?;
        }
        for line in &finding.register_lines {
            grid.push(&register(finding, &back, line))?;
        }
    }
    grid.finish(&context.footer)
}

fn head<'a>(f: &'a Finding, back: &str, kind: &'static str) -> [Cell<'a>; 5] {
    [
        Cell::Link(f.number.as_str().into(), back.to_owned()),
        code(&f.rule),
        code(&f.organisation),
        text(&f.organisation_name),
        text(kind),
    ]
}

fn voucher<'a>(f: &'a Finding, back: &str, l: &'a VoucherLine) -> Vec<Cell<'a>> {
    // An empty side stays empty, as in the voucher itself.
    let side = |m: Money| Cell::Money(Some(m).filter(|m| !m.is_zero()));
    let mut cells = head(f, back, "凭证分录").to_vec();
    cells.extend([
        code(&l.voucher),
        text("凭证"),
        Cell::Int(u64::from(l.line)),
        Cell::Date(Some(l.date)),
        text(&l.summary),
        code(&l.account),
        text(&l.account_name),
        side(l.debit),
        side(l.credit),
        text(&l.counterparty),
    ]);
    cells.extend(place(&l.file, &l.sheet, l.row));
    cells
}

fn register<'a>(f: &'a Finding, back: &str, l: &'a RegisterLine) -> Vec<Cell<'a>> {
    let mut cells = head(f, back, "台账行").to_vec();
    cells.extend([code(&l.key), text(&l.title), text("")]);
    cells.extend([
        Cell::Date(None),
        text(""),
        code(""),
        text(""),
        Cell::Money(None),
        Cell::Money(None),
        text(""),
    ]);
    cells.extend(place(&l.file, &l.sheet, l.row));
    cells
}

fn place<'a>(file: &'a str, sheet: &'a str, row: u32) -> [Cell<'a>; 3] {
    [code(file), code(sheet), Cell::Int(u64::from(row))]
}
