//! What can be wrong with a workbook that comes back.

use std::borrow::Cow;

use crate::model::{Place, Problem, Severity};

/// A code with what to do about it.
pub struct Code {
    code: &'static str,
    advice: &'static str,
}

/// The file is no 台账.
pub const NO_SHEET: Code = Code {
    code: "整改-1001",
    advice: "请交回从「整改」页导出的 xlsx,不要改表头",
};
/// A number that is none of the 台账.
pub const UNKNOWN: Code = Code {
    code: "整改-1002",
    advice: "请核对编号;不在整改的事项请在它的页面上办理",
};
/// A number that stands in two rows.
pub const TWICE: Code = Code {
    code: "整改-1003",
    advice: "请只留一行",
};
/// A cell that is no day, no amount, no kind.
pub const UNREADABLE: Code = Code {
    code: "整改-1004",
    advice: "日期写成 2026-03-01,金额写成 1234.50,类型写立行立改、分阶段整改或持续整改",
};
/// A measure or a progress with something missing.
pub const INCOMPLETE: Code = Code {
    code: "整改-1005",
    advice: "措施的五项(措施、类型、责任人、期限、目标)要写全;新进展要有日期;登记过的不能清空",
};
/// The workflow refuses what was filled in.
pub const REFUSED: Code = Code {
    code: "整改-1006",
    advice: "请按说明改正这一行,或重新导出后再填",
};

impl Code {
    /// A problem of a row, and of a column in it.
    pub fn at(
        &self,
        file: &str,
        row: Option<u32>,
        column: Option<&str>,
        message: impl Into<String>,
        found: &str,
    ) -> Problem {
        Problem {
            code: Cow::Borrowed(self.code),
            severity: Severity::Error,
            place: Place {
                file: file.to_owned(),
                sheet: None,
                row,
                column: column.map(str::to_owned),
            },
            message: message.into(),
            found: found.to_owned(),
            advice: Cow::Borrowed(self.advice),
        }
    }
}
