//! The sheets that are plain lists: 01 汇总, 04 规则与依据, 05 参数, 06 已压制, 07 与上次对比, 08 未运行, 99 数据字典.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::findings::severity;
use super::formats::Tone;
use super::grid::{Cell, Column, Grid, code, column, target, text};
use super::{
    COMPARISON, Context, DICTIONARY, FINDINGS, NOT_RUN, PARAMS, RULES, SUMMARY, SUPPRESSED,
};
use crate::audit::outcome::DiffState;
use crate::report::model::Group;
use crate::report::words;

type Sheets = Result<Vec<Worksheet>, XlsxError>;

impl<'a> Context<'a> {
    fn grid(
        &'a self,
        name: &'static str,
        columns: &'static [Column],
        empty: &'static str,
    ) -> Result<Grid<'a>, XlsxError> {
        Grid::new(name, columns, self.capacity, self.formats, empty)
    }
}

const SUMMARY_COLUMNS: [Column; 11] = [
    column("单位编码", 12),
    column("单位", 26),
    column("类别", 16),
    column("条数", 10),
    column("金额(元)", 20),
    column("疑似违规事实", 16),
    column("疑点线索", 12),
    column("数据质量", 12),
    column("高", 8),
    column("中", 8),
    column("低", 8),
];

/// Company × family, then the totals by company, by family and over all.
pub fn summary(context: &Context<'_>) -> Sheets {
    let figures = &context.report.figures;
    let mut grid = context.grid(SUMMARY, &SUMMARY_COLUMNS, "本次运行没有发现疑点。")?;
    for cell in &figures.cells {
        let mut row = vec![
            code(&cell.organisation),
            text(&cell.organisation_name),
            text(words::family(&cell.family)),
        ];
        row.extend([
            Cell::Int(cell.tally.count),
            Cell::Money(Some(cell.tally.amount)),
        ]);
        row.extend(
            cell.kinds
                .iter()
                .chain(&cell.severities)
                .map(|n| Cell::Int(*n)),
        );
        grid.push(&row)?;
    }
    if figures.cells.is_empty() {
        return grid.finish(&context.footer);
    }
    for group in &figures.organisations {
        grid.push_total(&total(
            &group.organisation,
            &group.organisation_name,
            "单位小计",
            group,
        ))?;
    }
    for group in &figures.families {
        grid.push_total(&total("", "全部单位", words::family(&group.family), group))?;
    }
    let all = Group {
        tally: figures.total,
        kinds: figures.kinds.map(|t| t.count),
        severities: figures.severities.map(|t| t.count),
        ..Group::default()
    };
    grid.push_total(&total("", "全部单位", "合计", &all))?;
    grid.push_total(&[
        Cell::BoldText("".into()),
        Cell::BoldText("全部单位".into()),
        Cell::BoldText("按事项计".into()),
        Cell::BoldInt(figures.matters.count),
        Cell::BoldMoney(figures.matters.amount),
    ])?;
    grid.finish(&context.footer)
}

fn total<'a>(code: &'a str, name: &'a str, family: &'a str, group: &Group) -> Vec<Cell<'a>> {
    let mut row = vec![
        Cell::BoldText(code.into()),
        Cell::BoldText(name.into()),
        Cell::BoldText(family.into()),
        Cell::BoldInt(group.tally.count),
        Cell::BoldMoney(group.tally.amount),
    ];
    let counts = group.kinds.iter().chain(&group.severities);
    row.extend(counts.map(|n| Cell::BoldInt(*n)));
    row
}

const RULE_COLUMNS: [Column; 9] = [
    column("规则编号", 12),
    column("版本", 8),
    column("标题", 30),
    column("类别", 16),
    column("类型", 16),
    column("严重程度", 10),
    column("条数", 8),
    column("依据", 70),
    column("可排除的情形", 50),
];

pub fn rules(context: &Context<'_>) -> Sheets {
    let mut grid = context.grid(RULES, &RULE_COLUMNS, "本次没有运行规则。")?;
    for rule in &context.report.run.rules {
        let unread = rule.citations.iter().any(|c| c.checked != "read");
        let laws: Vec<String> = rule.citations.iter().map(words::citation).collect();
        let tone = if unread { Tone::Mark } else { Tone::Plain };
        grid.push(&[
            code(&rule.id),
            Cell::Int(u64::from(rule.version)),
            text(&rule.title),
            text(words::family(&rule.family)),
            text(rule.kind.label()),
            severity(rule.severity),
            Cell::Int(rule.hits as u64),
            Cell::Toned(laws.join("\n").into(), tone),
            text(rule.false_positives.join("\n")),
        ])?;
    }
    grid.finish(&context.footer)
}

const PARAM_COLUMNS: [Column; 9] = [
    column("规则编号", 12),
    column("单位编码", 12),
    column("单位", 26),
    column("参数", 26),
    column("参数名", 20),
    column("值", 20),
    column("计量单位", 12),
    column("来源", 26),
    column("依据", 50),
];

pub fn params(context: &Context<'_>) -> Sheets {
    let mut grid = context.grid(PARAMS, &PARAM_COLUMNS, "本次所用规则没有参数。")?;
    for param in &context.report.run.params {
        let tone = if param.source == "placeholder" {
            Tone::Mark
        } else {
            Tone::Plain
        };
        grid.push(&[
            code(&param.rule),
            code(&param.organisation),
            text(if param.organisation.is_empty() {
                "全街道"
            } else {
                context.report.organisation_name(&param.organisation)
            }),
            text(&param.label),
            code(&param.name),
            code(&param.value),
            text(&param.unit),
            Cell::Toned(words::source(&param.source).into(), tone),
            text(&param.basis),
        ])?;
    }
    grid.finish(&context.footer)
}

const SUPPRESSED_COLUMNS: [Column; 15] = [
    column("编号", 20),
    column("规则编号", 12),
    column("标题", 30),
    column("类型", 16),
    column("严重程度", 10),
    column("单位编码", 12),
    column("单位", 26),
    column("金额(元)", 18),
    column("事实说明", 70),
    column("理由", 40),
    column("依据文件", 30),
    column("有效期至", 12),
    column("经办人", 14),
    column("批准人", 14),
    column("压制时间", 20),
];

/// Findings that two persons set aside; they are in no total.
pub fn suppressed(context: &Context<'_>) -> Sheets {
    let mut grid = context.grid(
        SUPPRESSED,
        &SUPPRESSED_COLUMNS,
        "没有压制任何疑点，全部列在“02 问题清单”。",
    )?;
    for s in &context.report.run.suppressed {
        let (f, why) = (&s.finding, &s.suppression);
        grid.push(&[
            code(&f.number),
            code(&f.rule),
            text(&f.title),
            text(f.kind.label()),
            severity(f.severity),
            code(&f.organisation),
            text(&f.organisation_name),
            Cell::Money(f.amount),
            text(&f.message),
            text(&why.reason),
            text(&why.document),
            Cell::Date(Some(why.until)),
            text(&why.by),
            text(&why.approved_by),
            text(why.at.to_string()),
        ])?;
    }
    grid.finish(&context.footer)
}

const COMPARISON_COLUMNS: [Column; 9] = [
    column("状态", 10),
    column("编号", 20),
    column("规则编号", 12),
    column("标题", 30),
    column("单位编码", 12),
    column("单位", 26),
    column("关键字", 26),
    column("金额(元)", 18),
    column("事实说明", 70),
];

/// New, changed, same, gone; without a run before, one sentence.
pub fn comparison(context: &Context<'_>) -> Sheets {
    let mut grid = context.grid(
        COMPARISON,
        &COMPARISON_COLUMNS,
        if context.report.compared() {
            "上次和本次都没有疑点。"
        } else {
            "没有可对比的上次运行。"
        },
    )?;
    if !context.report.compared() {
        return grid.finish(&context.footer);
    }
    let run = context.report.run;
    for state in [DiffState::New, DiffState::Changed, DiffState::Same] {
        for (i, f) in run
            .findings
            .iter()
            .enumerate()
            .filter(|(_, f)| f.state == state)
        {
            let link = target(FINDINGS, i, context.capacity);
            grid.push(&[
                text(state.label()),
                Cell::Link(f.number.as_str().into(), link),
                code(&f.rule),
                text(&f.title),
                code(&f.organisation),
                text(&f.organisation_name),
                code(f.key_text()),
                Cell::Money(f.amount),
                text(&f.message),
            ])?;
        }
    }
    for gone in &run.gone {
        grid.push(&[
            Cell::Toned(DiffState::Gone.label().into(), Tone::Mark),
            code(&gone.number),
            code(&gone.rule),
            text(&gone.title),
            code(&gone.organisation),
            text(context.report.organisation_name(&gone.organisation)),
            code(&gone.key),
            Cell::Money(gone.amount),
            text(&gone.message),
        ])?;
    }
    grid.finish(&context.footer)
}

const NOT_RUN_COLUMNS: [Column; 7] = [
    column("情况", 12),
    column("规则编号", 12),
    column("标题", 30),
    column("单位编码", 12),
    column("单位", 26),
    column("原因", 50),
    column("缺少的表", 30),
];

/// Failed rules first: they concern every company.
pub fn not_run(context: &Context<'_>) -> Sheets {
    let run = context.report.run;
    let empty = "所有规则都已对所有适用单位运行。";
    let mut grid = context.grid(NOT_RUN, &NOT_RUN_COLUMNS, empty)?;
    for failed in &run.failed {
        grid.push(&[
            Cell::Toned("运行失败".into(), Tone::Mark),
            code(&failed.rule),
            text(&failed.title),
            code(""),
            text("全部单位"),
            text(&failed.reason),
            text(""),
        ])?;
    }
    for not_run in &run.not_run {
        grid.push(&[
            text("未运行"),
            code(&not_run.rule),
            text(&not_run.title),
            code(&not_run.organisation),
            text(context.report.organisation_name(&not_run.organisation)),
            text(&not_run.reason),
            text(not_run.missing.join("、")),
        ])?;
    }
    grid.finish(&context.footer)
}

const DICTIONARY_COLUMNS: [Column; 2] = [column("字段", 20), column("含义", 110)];

const WORDS: [(&str, &str); 23] = [
    (
        "编号",
        "规则编号加指纹前八位。同一单位、同一规则、同一关键字，每次运行编号相同，可用来对账销号。",
    ),
    (
        "序号",
        "本次排序的名次：按严重程度、金额、类型和同时提示的规则数排列。",
    ),
    (
        "类型",
        "疑似违规事实：仅凭数据即与规定不一致；疑点线索：值得查看的异常现象；数据质量：账表缺漏或矛盾。均须人工核实。",
    ),
    ("严重程度", "高、中、低，由规则设定。"),
    (
        "对象、关键字",
        "疑点所指的凭证、合同、资产等，及其在账簿或台账中的编号。",
    ),
    ("日期", "事实发生日；没有单一日期的为空。"),
    (
        "金额(元)",
        "规则认定的涉及金额；没有金额的为空。几条规则可能指同一笔钱，不能简单相加。",
    ),
    ("按事项计", "同一事项只计一次，取各条中最大的金额。"),
    (
        "状态",
        "与上次运行比：新增、有变化、仍在、已消失；没有上次运行的写“首次”。",
    ),
    ("事实说明", "一句话写明时间、编号、金额。"),
    ("数据要点", "规则查得的数据；证件号、账号只显示尾号。"),
    (
        "依据",
        "事实发生日有效的条文及要点；标“未核对原文”的，引用前请核对原文。",
    ),
    (
        "口径",
        "判断所用参数及来源；“按占位值,街道尚未设定”的，标准尚待街道确定，只作线索。",
    ),
    ("可排除的情形", "经核实属于这些情形的，可以排除。"),
    (
        "同一事项",
        "同一事项中最强一条的编号；自身即最强或只有一条的为空。",
    ),
    (
        "整改状态至销号日期",
        "人工填写（浅黄色），整改状态从下拉列表选择。",
    ),
    (
        "来源文件、工作表、行号",
        "所交文件的相对路径、工作表和行号，行号与表格软件所见一致。",
    ),
    (
        "已压制",
        "经办人和批准人两人、凭文件、有期限地搁置的疑点，不计入任何合计；到期、解除或内容有变即恢复。",
    ),
    (
        "待纠正、作废",
        "未入账的凭证：待纠正的有错误，更正后重新报送；作废的为原账套已作废。均不计入余额。",
    ),
    (
        "未运行",
        "缺少资料、不适用或由街道停用，没有运行的规则和单位；不表示没有问题。",
    ),
    (
        "运行摘要",
        "由凭证链末端、台账、规则包、参数算得；相同即数据和规则完全相同。",
    ),
    (
        "凭证链末端摘要",
        "每张凭证连同前一张的摘要逐张计算，改动任何一张都会改变末端。",
    ),
    (
        "金额精度",
        "账内以分为单位精确计算；本工作簿中的金额是由分换算的数值。",
    ),
];

pub fn dictionary(context: &Context<'_>) -> Sheets {
    let mut grid = context.grid(DICTIONARY, &DICTIONARY_COLUMNS, "")?;
    for (name, meaning) in WORDS {
        grid.push(&[Cell::BoldText(name.into()), text(meaning)])?;
    }
    grid.finish(&context.footer)
}
