//! Why a bundle is not made. What is wrong with one that is checked stands in [`super::check`].

use crate::ledger::LedgerError;
use crate::review::ReviewError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error(
        "证据-1001 签名密钥不能用({place}):{reason}。请检查该文件及其权限,或在环境变量 SANZI_SIGN_KEY 中给出 64 位十六进制数"
    )]
    Key { place: String, reason: String },
    #[error(
        "证据-1002 单位「{organisation}」的{chain}第 {position} 条不符:{reason}。没有制作证据包;请运行 sanzi verify 查明"
    )]
    Broken {
        organisation: String,
        chain: &'static str,
        position: i64,
        reason: String,
    },
    #[error("证据-1003 证据包写不成:{0}。请换一个可以写的位置(--out)")]
    Write(String),
    #[error(
        "证据-1004 「{0}」不是签名者的指纹,也不是公钥文件。请给出 64 位十六进制的指纹,或写有公钥的文件"
    )]
    WrongKey(String),
    #[error(
        "证据-1005 {0}不能取证据包:其中有事项的全部经过,且不遮掩个人信息。由纪检监察、街道监管员或街道复核人取"
    )]
    Role(&'static str),
    #[error("内部-1002 结果写不成文字:{0}。这是程序错误,请报告")]
    Internal(String),
    #[error(transparent)]
    Review(#[from] ReviewError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EvidenceError {
    /// Something of ours that cannot be turned into text.
    pub fn internal(error: impl std::fmt::Display) -> EvidenceError {
        EvidenceError::Internal(error.to_string())
    }
}
