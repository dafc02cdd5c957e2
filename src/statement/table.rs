//! A statement as it will be read: lines with amounts by column, and under each line the accounts it is made of.

use crate::model::{Money, PeriodRange};

/// Which statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    BalanceSheet,
    Income,
    Flows,
    Ageing,
    /// 银行存款余额调节表.
    Reconciliation,
    /// 合并报表.
    Consolidated,
    /// 新旧会计科目衔接对照表.
    ChartChange,
}

impl Kind {
    /// What `statements` prepares for one organisation.
    pub const ALL: [Kind; 4] = [Kind::BalanceSheet, Kind::Income, Kind::Flows, Kind::Ageing];

    /// Headings of the two halves of a statement in account form.
    pub fn halves(self) -> [&'static str; 2] {
        match self {
            Kind::Reconciliation => ["单位账", "银行"],
            _ => ["资产", "负债和所有者权益"],
        }
    }

    /// The word of the command line and of JSON.
    pub fn code(self) -> &'static str {
        match self {
            Kind::BalanceSheet => "balance-sheet",
            Kind::Income => "income",
            Kind::Flows => "flows",
            Kind::Ageing => "ageing",
            Kind::Reconciliation => "reconciliation",
            Kind::Consolidated => "consolidated",
            Kind::ChartChange => "chart-change",
        }
    }
}

/// Side of a balance sheet in account form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    Assets,
    /// 负债和所有者权益.
    Claims,
}

/// An account, or one counterparty of it, with what it adds to a line in each column (元 in 分, signed as the line is).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub account: String,
    pub name: String,
    pub counterparty: String,
    pub amounts: Vec<Money>,
}

/// One line. Its amounts are the sums of its parts, column by column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// 行次.
    pub id: String,
    pub label: String,
    pub indent: u32,
    pub total: bool,
    pub half: Option<Half>,
    /// `None` in a line that only heads others.
    pub amounts: Vec<Option<Money>>,
    pub parts: Vec<Part>,
    /// What is not certain about the line, for the reader.
    pub note: String,
}

/// A filled statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub kind: Kind,
    pub title: String,
    /// Organisation code, and its name where one was handed in.
    pub organisation: String,
    pub name: String,
    pub range: PeriodRange,
    /// `2024年12月31日` or `2024年1—12月`.
    pub dated: String,
    pub columns: Vec<String>,
    pub lines: Vec<Line>,
    /// What does not add up, a line each: shown, never hidden in another line. Empty when all ties out.
    pub differences: Vec<Line>,
    pub notes: Vec<String>,
}

impl Statement {
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|l| l.id == id)
    }

    /// What the line of a label states in a column; `None` when the form has no such line or column.
    pub fn amount(&self, label: &str, column: &str) -> Option<Money> {
        let at = self.columns.iter().position(|c| c == column)?;
        let line = self.lines.iter().find(|l| l.label == label)?;
        line.amounts.get(at).copied().flatten()
    }

    /// Every line and every difference, in printing order.
    pub fn all_lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().chain(&self.differences)
    }
}
