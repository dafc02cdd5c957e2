//! Why there is no PDF: one line each, which begins with its code.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error(
        "排版-1001 交来的文书读不懂:{reason}。本程序由 sanzi 调用,请把 sanzi 和 sanzi-pdf 换成同一版本"
    )]
    Model { reason: String },
    #[error(
        "排版-1002 没有可用的中文字体:{looked}。请安装一种(Debian:apt install fonts-noto-cjk 或 fonts-wqy-microhei),或改用 DOCX"
    )]
    NoFont { looked: String },
    #[error(
        "排版-1003 本机的字体里没有这些字:{characters}。请安装字更全的字体(Debian:apt install fonts-noto-cjk),或改用 DOCX"
    )]
    Glyphs { characters: String },
    #[error(
        "排版-1004 字体文件「{}」不能使用:{reason}。请换一个 .ttf、.otf 或 .ttc 文件", path.display()
    )]
    Font { path: PathBuf, reason: String },
    #[error("排版-1005 排版没有完成:{reason}。这是程序错误,请报告,暂时改用 DOCX")]
    Typst { reason: String },
    #[error("排版-1006 命令写错了:不认识「{argument}」。请看 sanzi-pdf --help")]
    Usage { argument: String },
    #[error("排版-1007 PDF 写不到标准输出:{reason}。请检查磁盘空间或接收它的程序")]
    Output { reason: String },
}

impl PdfError {
    pub fn model(reason: impl Into<String>) -> PdfError {
        PdfError::Model {
            reason: reason.into(),
        }
    }
}
