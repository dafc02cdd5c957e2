//! Why a sample was not drawn or not evaluated.

use std::path::PathBuf;

use crate::ledger::LedgerError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum SamplingError {
    #[error("抽样-1001 「{}」已经有内容。请换一个文件夹,或先把它移走", .0.display())]
    NotEmpty(PathBuf),
    #[error("抽样-1002 「{}」写不了:{source}。请检查路径、权限和剩余空间", path.display())]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("抽样-1003 「{}」读不了:{reason}。请给出 sanzi sample draw 写出的文件夹", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("抽样-1004 没有可抽的{what}:单位「{organisation}」{filter}。请核对期间、科目和方向")]
    NothingToDraw {
        what: &'static str,
        organisation: String,
        filter: String,
    },
    #[error("抽样-1005 抽样办法不成立:{0}")]
    Design(String),
    #[error(
        "抽样-1006 底稿与所抽的样本不符:{0}。请在原来的底稿上填写,不要增删行,不要改序号、凭证和账面金额"
    )]
    Altered(String),
    #[error("抽样-1007 底稿还没有填完:{0}。审定金额逐行填写,查不到依据的填 0")]
    Unfilled(String),
    #[error("抽样-1008 底稿第 {row} 行的审定金额「{found}」不是金额:{reason}")]
    NotMoney {
        row: usize,
        found: String,
        reason: String,
    },
    #[error("抽样-1009 金额过大,无法准确推算。账上或底稿上有不合理的巨额,请先核对")]
    Overflow,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for SamplingError {
    fn from(error: sea_orm::DbErr) -> SamplingError {
        SamplingError::Store(error.into())
    }
}
