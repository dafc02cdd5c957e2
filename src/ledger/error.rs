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
    #[error(
        "账本-3010 单位「{organisation}」{year} 年的账换了会计科目表,年初余额没有交来({base} 年的余额是旧科目的)。请交来期初余额,或用 sanzi chart-change --carry 按对照表结转"
    )]
    NotCarriedOver {
        organisation: String,
        year: i32,
        base: i32,
    },
    #[error(
        "账本-3011 期间 {range} 跨新旧两套会计科目表(单位「{organisation}」)。请按年度分开查询"
    )]
    CrossesCharts { organisation: String, range: String },
    #[error("账本-3012 没有批次 {0}。用 sanzi import list 查看全部批次")]
    UnknownBatch(i64),
    #[error(
        "账本-3013 批次 {batch} 已于 {at} 由{by}撤销(批次 {undone_in}),原因:{reason}。没有再作改动"
    )]
    AlreadyUndone {
        batch: i64,
        undone_in: i64,
        at: chrono::NaiveDateTime,
        by: String,
        reason: String,
    },
    #[error("账本-3014 批次 {0} 本身是一次撤销,不能撤销。需要恢复的,请重新导入原来的文件")]
    UndoOfUndo(i64),
    #[error(
        "账本-3015 批次 {batch} 不能撤销:其中的凭证 {vouchers} 已另作红字冲销。请先撤销冲销凭证所在的批次(见 sanzi import list)"
    )]
    ReversedSince { batch: i64, vouchers: String },
    #[error("账本-3016 撤销须写明撤销人和原因")]
    UndoUnsigned,
}

impl From<sea_orm::DbErr> for LedgerError {
    fn from(error: sea_orm::DbErr) -> LedgerError {
        LedgerError::Store(error.into())
    }
}
