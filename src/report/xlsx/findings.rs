//! `02 问题清单`: one row per finding, strongest first, with columns for rectification that are filled in by hand.

use rust_xlsxwriter::{DataValidation, Worksheet, XlsxError};

use super::formats::Tone;
use super::grid::{Cell, Column, Grid, code, column, target, text};
use super::{Context, EVIDENCE, FINDINGS, evidence};
use crate::audit::outcome::{Finding, FindingSeverity};
use crate::report::words;

/// Choices of the column 整改状态.
pub const STATUSES: [&str; 7] = [
    "待核实",
    "核实不成立",
    "未整改",
    "整改中",
    "持续整改",
    "已整改",
    "已销号",
];

pub const COLUMNS: [Column; 29] = [
    column("编号", 20),
    column("序号", 8),
    column("规则编号", 10),
    column("标题", 26),
    column("类型", 14),
    column("严重程度", 10),
    column("单位编码", 12),
    column("单位", 22),
    column("类别", 14),
    column("对象", 10),
    column("关键字", 24),
    column("日期", 12),
    column("金额(元)", 18),
    column("状态", 9),
    column("事实说明", 60),
    column("数据要点", 44),
    column("依据", 50),
    column("涉及凭证", 24),
    column("证据", 14),
    column("口径", 24),
    column("处理建议", 36),
    column("可排除的情形", 36),
    column("同一事项", 20),
    column("整改状态", 12),
    column("整改措施", 24),
    column("责任人", 12),
    column("整改时限", 12),
    column("整改说明", 30),
    column("销号日期", 12),
];

pub fn sheets(context: &Context<'_>) -> Result<Vec<Worksheet>, XlsxError> {
    let mut grid = Grid::new(
        FINDINGS,
        &COLUMNS,
        context.capacity,
        context.formats,
        "本次运行没有发现疑点；未运行的规则见“08 未运行”，不表示没有问题。",
    )?;
    let mut first_proof = 0;
    for (i, finding) in context.report.run.findings.iter().enumerate() {
        grid.push(&row(context, i, finding, first_proof))?;
        first_proof += evidence::rows(finding);
    }
    drop_downs(&mut grid)?;
    grid.finish(&context.footer)
}

fn row<'a>(context: &Context<'_>, i: usize, f: &'a Finding, first_proof: usize) -> Vec<Cell<'a>> {
    let proofs = evidence::rows(f);
    let proof = target(EVIDENCE, first_proof, context.capacity);
    let lines = |texts: Vec<String>| text(texts.join("\n"));
    let compared = context.report.compared();
    vec![
        if proofs > 0 {
            Cell::Link(f.number.as_str().into(), proof.clone())
        } else {
            code(&f.number)
        },
        Cell::Int(i as u64 + 1),
        code(&f.rule),
        text(&f.title),
        text(f.kind.label()),
        severity(f.severity),
        code(&f.organisation),
        text(&f.organisation_name),
        text(words::family(&f.family)),
        text(words::subject(&f.subject)),
        code(f.key_text()),
        Cell::Date(f.occurred_on),
        Cell::Money(f.amount),
        text(if compared { f.state.label() } else { "首次" }),
        text(&f.message),
        lines(
            f.evidence
                .iter()
                .map(|e| format!("{}：{}", e.label, e.value))
                .collect(),
        ),
        lines(f.citations.iter().map(words::citation).collect()),
        code(f.vouchers.join("\n")),
        if proofs > 0 {
            Cell::Link(format!("看 {proofs} 行").into(), proof)
        } else {
            text("无明细行")
        },
        basis(f),
        text(&f.advice),
        lines(f.false_positives.clone()),
        code(if f.matter == f.number { "" } else { &f.matter }),
        Cell::Toned(STATUSES[0].into(), Tone::Input),
        Cell::Toned("".into(), Tone::Input),
        Cell::Toned("".into(), Tone::Input),
        Cell::InputDate,
        Cell::Toned("".into(), Tone::Input),
        Cell::InputDate,
    ]
}

/// Parameters as used; a placeholder is said in words.
fn basis(f: &Finding) -> Cell<'_> {
    let mut lines: Vec<String> = f
        .params
        .iter()
        .map(|p| {
            format!(
                "{} {}{}（{}）",
                p.label,
                p.value,
                p.unit,
                words::source(&p.source)
            )
        })
        .collect();
    if f.placeholder && !f.params.iter().any(|p| p.source == "placeholder") {
        lines.insert(0, words::PLACEHOLDER.to_owned());
    }
    let tone = if f.placeholder {
        Tone::Mark
    } else {
        Tone::Plain
    };
    Cell::Toned(lines.join("\n").into(), tone)
}

/// Severity as a word, coloured.
pub fn severity(severity: FindingSeverity) -> Cell<'static> {
    let tone = match severity {
        FindingSeverity::High => Tone::High,
        FindingSeverity::Medium => Tone::Medium,
        FindingSeverity::Low => Tone::Low,
    };
    Cell::Toned(severity.label().into(), tone)
}

fn drop_downs(grid: &mut Grid<'_>) -> Result<(), XlsxError> {
    let at = COLUMNS
        .iter()
        .position(|c| c.title == "整改状态")
        .unwrap_or_default() as u16;
    let choice = DataValidation::new()
        .allow_list_strings(&STATUSES)?
        .set_error_title("整改状态")?
        .set_error_message("请从下拉列表中选择。")?;
    for (sheet, last) in grid.sheets_with_last_row() {
        if last > 0 {
            sheet.add_data_validation(1, at, last, at, &choice)?;
        }
    }
    Ok(())
}
