//! Why a file is not read, before it is known where in the hand-in the file stands.

use crate::model::{Place, Problem};

use super::codes::{self, Code};

/// A file that is refused whole.
#[derive(Debug)]
pub struct Refusal {
    pub code: &'static Code,
    pub message: String,
    pub sheet: Option<String>,
    /// From 1, as a spreadsheet shows it.
    pub row: Option<u32>,
}

impl Refusal {
    pub fn new(code: &'static Code, message: impl Into<String>) -> Refusal {
        Refusal {
            code,
            message: message.into(),
            sheet: None,
            row: None,
        }
    }

    pub fn damaged(message: impl Into<String>) -> Refusal {
        Refusal::new(codes::FILE_DAMAGED, message)
    }

    pub fn password() -> Refusal {
        Refusal::new(codes::PASSWORD, "工作簿设了打开密码,内容是加密的")
    }

    /// `count` formulas of a sheet have no result; the first stands in `row` (from 1) and `column` (from 0).
    pub fn formulas(sheet: Option<String>, count: usize, (row, column): (u32, u32)) -> Refusal {
        Refusal {
            code: codes::FORMULA_EMPTY,
            message: format!("{count} 个公式没有算好的结果,第一个在第{}列", column + 1),
            sheet,
            row: Some(row),
        }
    }

    /// The problem of the file named.
    pub fn of(self, file: &str) -> Problem {
        let place = Place {
            file: file.to_owned(),
            sheet: self.sheet,
            row: self.row,
            column: None,
        };
        self.code.at(place, self.message, "")
    }
}
