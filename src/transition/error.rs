//! What can go wrong with a change of charts, in words for accountants.

use crate::ledger::LedgerError;

#[derive(Debug, thiserror::Error)]
pub enum TransitionError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(
        "账本-3017 单位「{organisation}」在 {year} 年没有换会计科目表({standard})。换表的年份要先导入账套才能认出"
    )]
    NoChange {
        organisation: String,
        year: i32,
        standard: &'static str,
    },
    #[error("账本-3018 规则包里没有可用的科目对照表 {file}:{reason}")]
    NoMap { file: String, reason: String },
    #[error(
        "账本-3019 单位「{organisation}」已有 {year} 年的年初余额,不再结转。去掉 --carry 可看与对照表的差额"
    )]
    HasOpening { organisation: String, year: i32 },
    #[error("账本-3020 这些旧科目怎样转,对照表不能确定,请用 --to 旧科目=新科目 逐一指明:{0}")]
    Uncertain(String),
    #[error("账本-3021 上年末收入、支出科目还有余额:{0}。请先做结转凭证再换科目表")]
    ResultOpen(String),
    #[error("账本-3022 --to {0}。请写成 旧科目=新科目,如 212=311")]
    BadTarget(String),
}

impl From<sea_orm::DbErr> for TransitionError {
    fn from(error: sea_orm::DbErr) -> TransitionError {
        TransitionError::Ledger(error.into())
    }
}

impl From<crate::store::StoreError> for TransitionError {
    fn from(error: crate::store::StoreError) -> TransitionError {
        TransitionError::Ledger(error.into())
    }
}
