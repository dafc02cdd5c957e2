//! Why an export did not come about.

use std::path::PathBuf;

use crate::ledger::LedgerError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("导出-1001 「{}」已经有内容。请换一个文件夹,或先把它移走", .0.display())]
    NotEmpty(PathBuf),
    #[error("导出-1002 「{}」写不了:{source}。请检查路径、权限和剩余空间", path.display())]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("导出-1003 没有可以导出的内容:{0}。请核对数据库、--org 和 --period")]
    Nothing(String),
    #[error(
        "导出-1004 规则包里的数据接口资料不完整:{0}。请核对 --rules 指向的文件夹,或去掉这个参数改用内置规则包"
    )]
    Profile(String),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
