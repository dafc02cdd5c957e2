//! 整改台账 as a workbook: out to be filled in, and back in by item number. What was filled in becomes records of the items
//! ([`crate::review::record`]); a row whose item moved on meanwhile is refused, and the whole workbook is taken or nothing of it.

mod line;
mod problems;
mod read;
mod sheet;
mod submit;

#[cfg(test)]
mod tests;

pub use line::{Line, STATES, gather};
pub use read::{Change, read};
pub use sheet::render;
pub use submit::{Refused, submit};

/// A column: its name, its width in characters, and whether it is filled in by hand.
struct Column {
    name: &'static str,
    width: u16,
    input: bool,
}

const fn shown(name: &'static str, width: u16) -> Column {
    Column {
        name,
        width,
        input: false,
    }
}

const fn input(name: &'static str, width: u16) -> Column {
    Column {
        name,
        width,
        input: true,
    }
}

/// Number of the item's last event when the workbook was written.
const SEEN: &str = "版本";
const NUMBER: &str = "编号";
const MEASURE: &str = "整改措施";
const KIND: &str = "类型";
const LEAD: &str = "责任人";
const DUE: &str = "完成期限";
const TARGET: &str = "整改目标";
const PROGRESS_ON: &str = "进展日期";
const PROGRESS: &str = "新进展";
const RECOVERED: &str = "已追回(元)";
const BOOKED: &str = "已调账(元)";
const UNRECOVERABLE: &str = "无法追回(元)";

/// The columns in order.
const COLUMNS: [Column; 18] = [
    shown(NUMBER, 18),
    shown(SEEN, 6),
    shown("单位", 18),
    shown("疑点", 24),
    shown("事实", 48),
    shown("金额(元)", 14),
    shown("状态", 10),
    shown("整改期限", 12),
    input(MEASURE, 32),
    input(KIND, 12),
    input(LEAD, 12),
    input(DUE, 12),
    input(TARGET, 24),
    input(PROGRESS_ON, 12),
    input(PROGRESS, 32),
    input(RECOVERED, 14),
    input(BOOKED, 14),
    input(UNRECOVERABLE, 14),
];
