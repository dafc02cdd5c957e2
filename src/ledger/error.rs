//! Errors of the ledger.

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("账本-1001 没有单位「{0}」的账。请核对单位编码,或先导入该单位的账套")]
    UnknownOrganisation(String),
    #[error("账本-1002 单位「{organisation}」的账里没有科目「{account}」。请核对科目编码")]
    UnknownAccount {
        organisation: String,
        account: String,
    },
    #[error("账本-1003 单位「{organisation}」没有凭证「{voucher}」。凭证号写作 2024-03-记-0012")]
    UnknownVoucher {
        organisation: String,
        voucher: String,
    },
    #[error("账本-1004 金额合计超出可表示的范围(单位「{0}」)。账上有不合理的巨额,请先核对")]
    Overflow(String),
    #[error("账本-1005 凭证「{0}」已被红字冲销过,不能再冲")]
    AlreadyReversed(String),
    #[error(
        "账本-1006 库中的凭证数据已不成形:单位「{organisation}」第 {position} 张。请运行 sanzi verify 查明"
    )]
    Malformed { organisation: String, position: i64 },
    #[error(
        "账本-2003 期间 {period} 已结账,以下凭证不能记入:{vouchers}。请改记入未结期间,或先按程序反结账"
    )]
    PeriodLocked { period: String, vouchers: String },
    #[error(
        "账本-3001 期间 {period} 不能反结账:以后的期间 {later} 仍在结账状态。请从最后一个期间起反结账"
    )]
    LaterClosed { period: String, later: String },
    #[error("账本-3002 期间 {0} 没有结账,无需反结账")]
    NotClosed(String),
    #[error("账本-3003 反结账须写明原因,并由提出人以外的第二人批准")]
    SecondPerson,
}

impl From<sea_orm::DbErr> for LedgerError {
    fn from(error: sea_orm::DbErr) -> LedgerError {
        LedgerError::Store(error.into())
    }
}
