//! What a form can name, and where each value comes from. One vocabulary for our forms and a street's letterheads.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::form::Per;
use crate::audit::outcome::{AuditedOrganisation, Finding};
use crate::model::{Money, Standard, capitals};
use crate::report::words::{PLACEHOLDER, checked, enumerated, in_force, long_date, place, source};

/// Names with their values; rows of the tables.
#[derive(Debug, Clone, Default)]
pub struct Values {
    plain: BTreeMap<String, String>,
    tables: BTreeMap<&'static str, Vec<Row>>,
}

/// A row of a table: names with their values.
pub type Row = BTreeMap<&'static str, String>;

/// What the people who make the document say: nothing in the books tells it.
pub const GIVEN: [&str; 38] = [
    "项目名称",
    "项目编号",
    "文号",
    "审计依据",
    "审计期间",
    "实施日期",
    "组长",
    "组员",
    "联系人",
    "联系电话",
    "发文单位",
    "主送",
    "抄送",
    "日期",
    "所需资料",
    "审计做法",
    "基本情况",
    "总体评价",
    "审计建议",
    "责任认定",
    "索引号",
    "实施过程",
    "结论",
    "编制人",
    "编制日期",
    "复核人",
    "复核意见",
    "复核日期",
    "答复期限",
    "附件页数",
    "密级",
    "接收单位",
    "未核查事项",
    "知情范围",
    "销号意见",
    "佐证材料",
    "线索来源",
    "整改期限",
];

/// Of the organisation and the run.
pub const OF_RUN: [&str; 13] = [
    "被审计单位",
    "单位编码",
    "单位类型",
    "会计制度",
    "账簿期间",
    "凭证张数",
    "审计截止日",
    "运行编号",
    "凭证链头",
    "疑点条数",
    "涉及金额",
    "涉及金额大写",
    "称谓",
];

/// Of one finding; also the names in a row of table 疑点.
pub const OF_FINDING: [&str; 28] = [
    "编号",
    "规则编号",
    "事项",
    "类型",
    "严重程度",
    "事实",
    "金额",
    "金额大写",
    "发生日期",
    "凭证号",
    "关键字",
    "定性依据",
    "建议",
    "参数说明",
    "占位提示",
    "常见误报",
    "处理状态",
    "是否屡次",
    "整改措施",
    "整改类型",
    "责任人",
    "整改期限",
    "整改目标",
    "整改进展",
    "收回金额",
    "入账金额",
    "单位意见",
    "序号",
];

/// Names of the tables.
pub const TABLE_NAMES: [&str; 6] = ["疑点", "凭证分录", "证据", "台账行", "依据", "参数"];

/// The names in a row of a table; `None` for a table that there is not.
pub fn row_names(table: &str) -> Option<&'static [&'static str]> {
    Some(match table {
        "疑点" => &OF_FINDING,
        "凭证分录" => &[
            "编号",
            "日期",
            "凭证",
            "分录号",
            "摘要",
            "科目",
            "借方",
            "贷方",
            "往来单位",
            "来源",
        ],
        "证据" => &["编号", "项目", "内容"],
        "台账行" => &["编号", "台账", "关键字", "来源"],
        "依据" => &["编号", "条款", "要点", "施行", "核对"],
        "参数" => &["编号", "参数", "取值", "来源", "依据"],
        _ => return None,
    })
}

/// Whether a form of this kind may use the name outside tables.
pub fn is_name(per: Per, name: &str) -> bool {
    GIVEN.contains(&name)
        || OF_RUN.contains(&name)
        || (per == Per::Finding && OF_FINDING.contains(&name))
}

/// A finding with what has become of it.
#[derive(Debug, Clone)]
pub struct Matter {
    pub finding: Finding,
    /// Label of the state that it is in; empty when nobody reviews it.
    pub state: String,
    /// A second person has determined it: it may be called 问题.
    pub confirmed: bool,
    /// Came back after it was closed.
    pub recurring: bool,
    /// Values of 整改措施, 责任人 … by name.
    pub rectification: BTreeMap<&'static str, String>,
}

impl Values {
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.plain.insert(name.to_owned(), value.into());
    }

    /// Puts what is said of findings through `change`: what is masked on pages is masked on paper.
    pub fn each(&mut self, change: impl Fn(&str) -> Option<String>) {
        let rows = self.tables.values_mut().flatten();
        let cells = rows.flat_map(|row| row.values_mut());
        // Codes and digests of the run hold long figures of their own.
        let plain = self.plain.iter_mut();
        let plain = plain.filter(|(name, _)| !OF_RUN.contains(&name.as_str()));
        for value in plain.map(|(_, value)| value).chain(cells) {
            if let Some(changed) = change(value) {
                *value = changed;
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.plain.get(name).map(String::as_str)
    }

    pub fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// The values of one organisation's audit.
    pub fn of_run(
        organisation: &AuditedOrganisation,
        as_of: NaiveDate,
        digest: &str,
        matters: &[Matter],
    ) -> Values {
        let mut values = Values::default();
        let total: Money = by_matter(matters).into_iter().sum();
        let confirmed = !matters.is_empty() && matters.iter().all(|m| m.confirmed);
        for (name, value) in [
            ("被审计单位", organisation.name.clone()),
            ("单位编码", organisation.code.clone()),
            (
                "单位类型",
                enumerated("organisation", "kind", &organisation.kind).into_owned(),
            ),
            ("会计制度", standard(&organisation.standard)),
            (
                "账簿期间",
                format!(
                    "{} 至 {}",
                    organisation.first_period, organisation.last_period
                ),
            ),
            ("凭证张数", organisation.vouchers.to_string()),
            ("审计截止日", long_date(as_of)),
            ("运行编号", digest.chars().take(16).collect()),
            ("凭证链头", organisation.chain_head.clone()),
            ("疑点条数", matters.len().to_string()),
            ("涉及金额", total.grouped()),
            ("涉及金额大写", capitals(total)),
            ("称谓", if confirmed { "问题" } else { "疑点" }.to_owned()),
        ] {
            values.set(name, value);
        }
        for (matter, number) in matters.iter().zip(1..) {
            values.add(matter, number);
        }
        values
    }

    /// The values of one matter, for a document about it alone.
    pub fn name_finding(&mut self, matter: &Matter) {
        for (name, value) in finding_row(matter, 1) {
            self.plain.insert(name.to_owned(), value);
        }
    }

    fn add(&mut self, matter: &Matter, number: usize) {
        let finding = &matter.finding;
        self.tables
            .entry("疑点")
            .or_default()
            .push(finding_row(matter, number));
        let mut push = |table, cells: &[(&'static str, String)]| {
            let mut row: Row = cells.iter().cloned().collect();
            row.insert("编号", finding.number.clone());
            self.tables.entry(table).or_default().push(row);
        };
        for line in &finding.voucher_lines {
            push(
                "凭证分录",
                &[
                    ("日期", line.date.to_string()),
                    ("凭证", line.voucher.clone()),
                    ("分录号", line.line.to_string()),
                    ("摘要", line.summary.clone()),
                    ("科目", format!("{} {}", line.account, line.account_name)),
                    ("借方", amount(line.debit)),
                    ("贷方", amount(line.credit)),
                    ("往来单位", line.counterparty.clone()),
                    ("来源", place(&line.file, &line.sheet, line.row)),
                ],
            );
        }
        for cell in &finding.evidence {
            push(
                "证据",
                &[("项目", cell.label.clone()), ("内容", cell.value.clone())],
            );
        }
        for line in &finding.register_lines {
            let from = place(&line.file, &line.sheet, line.row);
            push(
                "台账行",
                &[
                    ("台账", line.title.clone()),
                    ("关键字", line.key.clone()),
                    ("来源", from),
                ],
            );
        }
        for citation in &finding.citations {
            push(
                "依据",
                &[
                    ("条款", citation.title.clone()),
                    ("要点", citation.gist.clone()),
                    ("施行", in_force(citation)),
                    ("核对", checked(&citation.checked).to_owned()),
                ],
            );
        }
        for param in &finding.params {
            push(
                "参数",
                &[
                    ("参数", param.label.clone()),
                    ("取值", format!("{}{}", param.value, param.unit)),
                    ("来源", source(&param.source).to_owned()),
                    ("依据", param.basis.clone()),
                ],
            );
        }
    }
}

fn finding_row(matter: &Matter, number: usize) -> Row {
    let finding = &matter.finding;
    let citations: Vec<&str> = finding.citations.iter().map(|c| c.title.as_str()).collect();
    let params = finding
        .params
        .iter()
        .map(|p| format!("{} {}{}({})", p.label, p.value, p.unit, source(&p.source)));
    let kind = if matter.confirmed {
        "问题"
    } else {
        finding.kind.label()
    };
    let mut row: Row = matter.rectification.clone();
    row.extend([
        ("序号", number.to_string()),
        ("编号", finding.number.clone()),
        ("规则编号", finding.rule.clone()),
        ("事项", finding.title.clone()),
        ("类型", kind.to_owned()),
        ("严重程度", finding.severity.label().to_owned()),
        ("事实", finding.message.clone()),
        (
            "金额",
            finding.amount.map(Money::grouped).unwrap_or_default(),
        ),
        ("金额大写", finding.amount.map(capitals).unwrap_or_default()),
        (
            "发生日期",
            finding.occurred_on.map(long_date).unwrap_or_default(),
        ),
        ("凭证号", finding.vouchers.join("、")),
        ("关键字", finding.key_text()),
        ("定性依据", citations.join("、")),
        ("建议", finding.advice.clone()),
        ("常见误报", finding.false_positives.join(";")),
        ("参数说明", params.collect::<Vec<_>>().join(";")),
        (
            "占位提示",
            if finding.placeholder { PLACEHOLDER } else { "" }.to_owned(),
        ),
        ("处理状态", matter.state.clone()),
        (
            "是否屡次",
            if matter.recurring { "屡审屡犯" } else { "" }.to_owned(),
        ),
    ]);
    row
}

/// The largest amount of each matter: several findings on one matter are one sum of money.
fn by_matter(matters: &[Matter]) -> Vec<Money> {
    let mut largest: BTreeMap<&str, Money> = BTreeMap::new();
    for matter in matters {
        let slot = largest.entry(&matter.finding.matter).or_default();
        *slot = (*slot).max(matter.finding.amount.unwrap_or_default());
    }
    largest.into_values().collect()
}

fn standard(code: &str) -> String {
    let known = Standard::from_code(code).map(Standard::label);
    known.unwrap_or(code).to_owned()
}

fn amount(money: Money) -> String {
    if money.is_zero() {
        String::new()
    } else {
        money.grouped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_row_is_one_that_forms_may_use() {
        assert!(row_names("疑点").is_some());
        for table in TABLE_NAMES {
            assert!(!row_names(table).unwrap().is_empty(), "{table}");
        }
        assert!(is_name(Per::Finding, "事实") && !is_name(Per::Organisation, "事实"));
    }
}
