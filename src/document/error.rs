//! What can go wrong on the way to a document.

use std::path::PathBuf;

/// A document cannot be made. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("文书-1001 文书格式「{file}」有问题:\n{}\n请按 docs/documents.md 改正", problems.join("\n"))]
    Form { file: String, problems: Vec<String> },
    #[error("文书-1002 没有文书「{id}」。可选:{known}")]
    UnknownForm { id: String, known: String },
    #[error("文书-1003 {what}。请用 sanzi findings list 或报告核对编号和单位编码")]
    NotFound { what: String },
    #[error("文书-1004 模板「{}」不能使用:{reason}", path.display())]
    Template { path: PathBuf, reason: String },
    #[error("文书-1005 内容文件「{}」第 {row} 行:{reason}。文件应有两列:名称,内容", path.display())]
    Fields {
        path: PathBuf,
        row: usize,
        reason: String,
    },
    #[error("文书-1006 文书写不成:{reason}")]
    Write { reason: String },
    #[error(transparent)]
    Review(#[from] crate::review::ReviewError),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}
