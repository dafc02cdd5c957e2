//! The command line: fonts, nothing else.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::PdfError;

pub const HELP: &str =
    "把一份审计文书排成 PDF:从标准输入读 JSON,向标准输出写 PDF。平时由 sanzi 调用。

用法:sanzi-pdf [--font 文件]…

  --font 文件    只用这些字体文件(.ttf、.otf、.ttc,可多次给出);不写则用本机安装的字体
  --help         显示本说明
  --version      显示版本

出错时在标准错误输出写一行,以代码开头,退出码 2。
";

/// What the user wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    Help,
    Version,
    /// `fonts`: files to use instead of those of the machine; none: those of the machine.
    Pdf {
        fonts: Vec<PathBuf>,
    },
}

/// # Errors
/// [`PdfError::Usage`].
pub fn parse(args: impl Iterator<Item = OsString>) -> Result<Asked, PdfError> {
    let mut args = args;
    let mut fonts = Vec::new();
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--help" | "-h") => return Ok(Asked::Help),
            Some("--version" | "-V") => return Ok(Asked::Version),
            Some("--font") => match args.next() {
                Some(path) => fonts.push(PathBuf::from(path)),
                None => return Err(unknown("--font(后面没有文件)")),
            },
            _ => return Err(unknown(&arg.to_string_lossy())),
        }
    }
    Ok(Asked::Pdf { fonts })
}

fn unknown(argument: &str) -> PdfError {
    PdfError::Usage {
        argument: argument.to_owned(),
    }
}
