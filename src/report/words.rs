//! The words that all reports share: names for codes, the rule of wording, where a line was handed in.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::audit::outcome::{Citation, FindingSeverity};
use crate::model::{ColumnType, Place, catalogue};

/// Rule families in the order of the reports, with their Chinese names.
pub const FAMILIES: [(&str, &str); 11] = [
    ("ledger", "账簿完整性"),
    ("finance", "财务收支"),
    ("governance", "决策与内控"),
    ("contract", "合同"),
    ("asset", "资产"),
    ("resource", "资源"),
    ("inventory", "清查"),
    ("joint_company", "联合公司"),
    ("special_fund", "专项资金"),
    ("disclosure", "公开"),
    ("statistics", "统计分析"),
];

/// How the three kinds are to be read; stands at the head of every report.
pub const WORDING: [&str; 4] = [
    "本报告由程序按规则比对账簿和台账得出，所列均为疑点，未经人工核实，不得直接作为认定或处理的依据。经有权人员核实确认后，才可称为问题。",
    "“疑似违规事实”：仅凭所交数据即与规定不一致，仍须核对原件；“疑点线索”：值得查看的异常现象，不表示一定有问题；“数据质量”：账表本身缺漏或矛盾，请会计处理。",
    "同一事项可能被几条规则同时提示，各条金额不能简单相加当作损失；“按事项计”一栏同一事项只计一次，取其中最大的金额。",
    "经两人批准压制的疑点单列在“已压制”，写明理由、文件和到期日，不计入合计；到期或内容有变即自行恢复。缺少资料、由街道停用的规则列为“未运行”，不表示没有问题；标“按占位值，街道尚未设定”的，其标准尚待街道确定。",
];

/// Said of everything that rests on a threshold the street has not set.
pub const PLACEHOLDER: &str = "按占位值,街道尚未设定";

/// The state of a finding set aside.
pub const SUPPRESSED: &str = "已压制";

/// Said of an article whose original text was not read when the rule was written.
pub const LAW_NOT_READ: &str = "未核对原文";

/// Chinese name of a rule family; an unknown one is shown as it is.
pub fn family(code: &str) -> &str {
    FAMILIES
        .iter()
        .find(|(c, _)| *c == code)
        .map_or(code, |(_, label)| label)
}

/// Sorting place of a family: known ones as in [`FAMILIES`], others behind by name.
pub fn family_order(code: &str) -> (usize, &str) {
    let place = FAMILIES.iter().position(|(c, _)| *c == code);
    (place.unwrap_or(FAMILIES.len()), code)
}

/// Chinese name of what a finding points at: the file of that table, else the code itself.
pub fn subject(code: &str) -> &str {
    match code {
        "rent_due" => "应收租金",
        "entry" => "分录",
        _ => catalogue().table(code).map_or(code, |t| t.file.as_str()),
    }
}

/// Chinese word of an enumerated value (`small_enterprise` → 小企业); other texts as they are.
pub fn enumerated<'a>(table: &str, column: &str, value: &'a str) -> Cow<'a, str> {
    let kind = catalogue()
        .table(table)
        .and_then(|t| t.column(column))
        .map(|c| &c.kind);
    if let Some(ColumnType::Enum { values, .. }) = kind
        && let Some((word, _)) = values.iter().find(|(_, code)| code == value)
    {
        return Cow::Owned(word.clone());
    }
    Cow::Borrowed(value)
}

/// Where a parameter's value came from.
pub fn source(code: &str) -> &str {
    match code {
        "statute" => "法定",
        "practice" => "惯例",
        "street" => "街道设定",
        "placeholder" => PLACEHOLDER,
        other => other,
    }
}

/// How far an article was checked against its original text.
pub fn checked(code: &str) -> &str {
    match code {
        "read" => "已核对原文",
        "excerpt" => "未核对原文（据摘录）",
        "peer" => "未核对原文（外地规定，仅供参考）",
        _ => LAW_NOT_READ,
    }
}

/// `2021-01-01 起施行` or `2021-01-01 至 2024-06-30 施行`; `施行日期未载` when unknown.
pub fn in_force(citation: &Citation) -> String {
    match (citation.in_force_from, citation.in_force_to) {
        (Some(from), Some(to)) => format!("{from} 至 {to} 施行"),
        (Some(from), None) => format!("{from} 起施行"),
        (None, Some(to)) => format!("施行至 {to}"),
        (None, None) => "施行日期未载".to_owned(),
    }
}

/// A citation in one line: title, gist, dates in force, and the mark when its original was not read.
pub fn citation(citation: &Citation) -> String {
    let mark = if citation.checked == "read" {
        String::new()
    } else {
        format!("【{}】", checked(&citation.checked))
    };
    format!(
        "{}{}：{}（{}）",
        citation.title,
        mark,
        citation.gist,
        in_force(citation)
    )
}

/// Severity by shape, so that it reads without colour.
pub fn shape(severity: FindingSeverity) -> &'static str {
    match severity {
        FindingSeverity::High => "▲",
        FindingSeverity::Medium => "◆",
        FindingSeverity::Low => "●",
    }
}

/// `01/凭证.csv 第12行` or `账套.xlsx[凭证] 第12行`; rows count from 1 as a spreadsheet shows them, 0 means unknown.
pub fn place(file: &str, sheet: &str, row: u32) -> String {
    Place {
        file: file.to_owned(),
        sheet: Some(sheet.to_owned()).filter(|s| !s.is_empty()),
        row: Some(row).filter(|r| *r > 0),
        column: None,
    }
    .to_string()
}

/// `2024年3月1日`.
pub fn long_date(date: NaiveDate) -> String {
    use chrono::Datelike;
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_words() {
        assert_eq!(family("joint_company"), "联合公司");
        assert_eq!(family("else"), "else");
        assert_eq!(subject("contract"), "合同");
        assert_eq!(subject("odd"), "odd");
        assert_eq!(
            enumerated("organisation", "standard", "small_enterprise"),
            "小企业"
        );
        assert_eq!(
            enumerated("organisation", "kind", "村改制公司"),
            "村改制公司"
        );
        assert_eq!(place("账套.xlsx", "凭证", 7), "账套.xlsx[凭证] 第7行");
        assert_eq!(place("凭证.csv", "", 0), "凭证.csv");
    }

    #[test]
    fn an_article_not_read_says_so() {
        let mut article = Citation {
            reference: "民法典#705".into(),
            title: "《民法典》第705条".into(),
            gist: "租赁期限不得超过二十年".into(),
            checked: "background".into(),
            in_force_from: NaiveDate::from_ymd_opt(2021, 1, 1),
            in_force_to: None,
        };
        assert!(citation(&article).contains(LAW_NOT_READ));
        article.checked = "read".into();
        assert!(!citation(&article).contains(LAW_NOT_READ));
        for code in ["excerpt", "peer", "uncertain", "anything"] {
            assert!(checked(code).contains(LAW_NOT_READ), "{code}");
        }
    }
}
