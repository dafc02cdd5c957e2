//! What can be wrong with a workbook that comes back.

use crate::import::codes::Code;
use crate::model::{Place, Problem, Severity};

/// The file is no 台账.
pub static NO_SHEET: Code = Code {
    code: "整改-1001",
    severity: Severity::Error,
    title: "不是整改台账",
    advice: "请交回从「整改」页导出的 xlsx,不要改表头",
};
/// A number that is none of the 台账.
pub static UNKNOWN: Code = Code {
    code: "整改-1002",
    severity: Severity::Error,
    title: "台账里没有这个编号",
    advice: "请核对编号;不在整改的事项请在它的页面上办理",
};
/// A number that stands in two rows.
pub static TWICE: Code = Code {
    code: "整改-1003",
    severity: Severity::Error,
    title: "同一编号有两行",
    advice: "请只留一行",
};
/// A cell that is no day, no amount, no kind.
pub static UNREADABLE: Code = Code {
    code: "整改-1004",
    severity: Severity::Error,
    title: "单元格读不懂",
    advice: "日期写成 2026-03-01,金额写成 1234.50,类型写立行立改、分阶段整改或持续整改",
};
/// A measure or a progress with something missing.
pub static INCOMPLETE: Code = Code {
    code: "整改-1005",
    severity: Severity::Error,
    title: "没有填全",
    advice: "措施的五项(措施、类型、责任人、期限、目标)要写全;新进展要有日期;登记过的不能清空",
};
/// The workflow refuses what was filled in.
pub static REFUSED: Code = Code {
    code: "整改-1006",
    severity: Severity::Error,
    title: "流程不允许",
    advice: "请按说明改正这一行,或重新导出后再填",
};

/// A problem of a row, and of a column in it.
pub fn at(
    code: &'static Code,
    file: &str,
    (row, column): (Option<u32>, Option<&str>),
    message: impl Into<String>,
    found: &str,
) -> Problem {
    let place = Place {
        file: file.to_owned(),
        sheet: None,
        row,
        column: column.map(str::to_owned),
    };
    code.at(place, message, found)
}
