//! Why a value was not recorded.

use chrono::NaiveDate;

use crate::audit::AuditError;
use crate::ledger::LedgerError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    #[error("参数-1001 规则 {rule} 没有参数「{name}」;可用:{}", or_none(.known))]
    UnknownName {
        rule: String,
        name: String,
        known: Vec<String>,
    },
    #[error("参数-1002 规则 {rule} 的参数「{name}」由法律规定({basis}),不能调整")]
    Statute {
        rule: String,
        name: String,
        basis: String,
    },
    #[error("参数-1003 规则 {rule} 的参数「{name}」的值{problem}。没有写入")]
    Value {
        rule: String,
        name: String,
        problem: String,
    },
    #[error("参数-1004 库中没有单位「{0}」。请核对单位编码,或先导入该单位的账套")]
    UnknownOrganisation(String),
    #[error("参数-1005 设定参数须写明依据和批准人")]
    Unsigned,
    #[error("参数-1006 失效日期 {to} 早于生效日期 {from}")]
    Days { from: NaiveDate, to: NaiveDate },
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn or_none(names: &[String]) -> String {
    match names {
        [] => "(无)".to_owned(),
        names => names.join("、"),
    }
}
