//! What can go wrong while a report is written.

use std::path::PathBuf;

/// A report that could not be written. Each text begins with a stable code.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("报告-6001 写不成文件 {}：{source}。请检查磁盘空间、目录权限，并关闭正打开该文件的程序后重试。", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("报告-6002 生成工作簿失败：{0}。")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("报告-6003 生成网页失败：{0}。")]
    Page(#[from] askama::Error),
    #[error("报告-6004 生成 findings.json 失败：{0}。")]
    Json(#[from] serde_json::Error),
    #[error("报告-6005 生成 CSV 失败：{0}。")]
    Csv(#[from] csv::Error),
}

impl ReportError {
    /// The stable code, e.g. `报告-6001`.
    pub fn code(&self) -> &'static str {
        match self {
            ReportError::Write { .. } => "报告-6001",
            ReportError::Workbook(_) => "报告-6002",
            ReportError::Page(_) => "报告-6003",
            ReportError::Json(_) => "报告-6004",
            ReportError::Csv(_) => "报告-6005",
        }
    }
}
