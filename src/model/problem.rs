//! A problem found in what was handed in: what, where, and what to do, for the person who handed it in.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// The row or file was taken, but somebody should look.
    Warning,
    /// What it names cannot be posted as it is.
    Error,
}

impl Severity {
    pub fn label(self) -> &'static str {
        match self {
            Severity::Note => "提示",
            Severity::Warning => "注意",
            Severity::Error => "错误",
        }
    }
}

/// Where something stands in what was handed in. Rows count from 1 as a spreadsheet shows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Place {
    /// Path relative to the hand-in folder.
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Header of the column, as handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, "[{sheet}]")?;
        }
        if let Some(row) = self.row {
            write!(f, " 第{row}行")?;
        }
        if let Some(column) = &self.column {
            write!(f, "「{column}」列")?;
        }
        Ok(())
    }
}

/// One problem. `code` is stable (`导入-1003`) and has a page in `docs/errors/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub code: Cow<'static, str>,
    pub severity: Severity,
    pub place: Place,
    /// What is wrong, in plain Chinese.
    pub message: String,
    /// The text found there, as handed in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub found: String,
    /// What to do about it.
    pub advice: Cow<'static, str>,
}

/// All problems of a hand-in: a reader collects them and never stops at the first.
pub type Problems = Vec<Problem>;

/// `错误 导入-1003 凭证.csv 第8行「借方金额」列:金额无法识别(原文「abc」)。请…`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}:{}",
            self.severity.label(),
            self.code,
            self.place,
            self.message
        )?;
        if !self.found.is_empty() {
            write!(f, "(原文「{}」)", self.found)?;
        }
        write!(f, "。{}", self.advice)
    }
}
