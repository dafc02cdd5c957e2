//! What can go wrong with a statement, in words for accountants.

use crate::ledger::LedgerError;

/// A fault in a file of `ledger_rules/statements/`: file, line where known, what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}:{message}", line.map(|l| format!(" 第{l}行")).unwrap_or_default())]
pub struct FormFault {
    pub file: String,
    pub line: Option<usize>,
    pub message: String,
}

#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("报表-1001 规则包里没有「{0}」的报表格式(statements/)。请补上格式文件后再编制")]
    NoForm(&'static str),
    #[error("报表-1002 报表格式有 {} 处错误,请改正后再编制:\n{}", .0.len(), list(.0))]
    Form(Vec<FormFault>),
    #[error(
        "报表-1003 期间 {0} 跨年度。报表按年度编制,请写成同一年度的月份,如 2024-12 或 2024-01..2024-12"
    )]
    CrossesYears(String),
    #[error("报表-1004 单位「{organisation}」在 {period} 及以前没有账,编不出报表。请先导入账套")]
    Empty {
        organisation: String,
        period: String,
    },
    #[error("报表-1005 报表里没有行次「{row}」。可用的行次:{known}")]
    UnknownRow { row: String, known: String },
    #[error("报表-1006 单位「{0}」的账所用会计制度无法识别。请重新导入该单位的账套")]
    UnknownStandard(String),
    #[error("报表-1007 规则包里的文件 {file} 无法读取:{reason}")]
    Pack { file: String, reason: String },
    #[error("报表-1008 单位「{0}」的报表金额超出可表示的范围。账上有不合理的巨额,请先核对")]
    Overflow(String),
}

impl From<crate::store::StoreError> for StatementError {
    fn from(error: crate::store::StoreError) -> StatementError {
        StatementError::Ledger(error.into())
    }
}

impl From<sea_orm::DbErr> for StatementError {
    fn from(error: sea_orm::DbErr) -> StatementError {
        StatementError::Ledger(error.into())
    }
}

fn list(faults: &[FormFault]) -> String {
    let lines: Vec<String> = faults.iter().map(|f| format!("  {f}")).collect();
    lines.join("\n")
}
