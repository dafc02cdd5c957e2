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
    #[error(
        "文书-1007 没有排 PDF 的程序 sanzi-pdf:{looked}。请在源码文件夹里运行 cargo install --path pdf 安装,或改用 DOCX"
    )]
    NoPdf { looked: String },
    #[error("文书-1008 PDF 没有排成:程序「{}」{reason}。请单独运行 sanzi-pdf --version 看它能不能用,或改用 DOCX", program.display())]
    Pdf { program: PathBuf, reason: String },
    #[error(
        "文书-1009 街道自己的版式只能做成 DOCX,不能直接做成 PDF。请去掉 PDF 或去掉版式;需要 PDF 时,在 Word 或 WPS 里打开做好的 DOCX 另存"
    )]
    LetterheadAsPdf,
    /// What `sanzi-pdf` said, with the code that it begins with.
    #[error("{said}")]
    Typeset { said: String },
    #[error(transparent)]
    Review(#[from] crate::review::ReviewError),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}
