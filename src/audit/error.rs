//! Why an audit run as a whole cannot go on. A single rule that fails is not here: it is listed as failed.

use super::rule::RuleError;

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Sums would leave 64 bits: nothing that is added up could be trusted.
    #[error(
        "审计-2001 表「{table}」的「{column}」金额合计超出可精确表示的范围,请核对该列是否有误填的巨额数字"
    )]
    Overflow { table: String, column: String },
    #[error("审计-2002 规则包有 {} 处错误,请先运行 rules check:\n{}", .0.len(), list(.0))]
    Pack(Vec<RuleError>),
    #[error("审计-2003 没有编号为「{0}」的规则")]
    UnknownRule(String),
    #[error("审计-2004 账册里没有一张凭证,也没有任何台账,无可审计")]
    Empty,
    #[error("审计-2005 写不进「{}」({reason})。请核对路径、权限和磁盘空间", .path.display())]
    Unwritable {
        path: std::path::PathBuf,
        reason: String,
    },
    #[error(transparent)]
    Ledger(#[from] crate::ledger::LedgerError),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// A fault of the program: batches that do not fit their schema.
    #[error("审计-2009 内部错误(数据表):{0}")]
    Arrow(#[from] datafusion::arrow::error::ArrowError),
    #[error("审计-2009 内部错误(查询引擎):{0}")]
    Engine(#[from] datafusion::error::DataFusionError),
    #[error("审计-2009 内部错误:{0}")]
    Internal(String),
}

fn list(errors: &[RuleError]) -> String {
    errors
        .iter()
        .map(|e| format!("  {e}"))
        .collect::<Vec<_>>()
        .join("\n")
}
