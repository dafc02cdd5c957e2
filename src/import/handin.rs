//! What was read from a hand-in, checked, before anything is written.

use super::gates::Gate;
use crate::model::{
    Chart, Charts, EarlierChart, HeldVoucher, Place, Problems, RegisterRow, Severity, Table, Text,
    Voucher,
};

/// A whole hand-in: a street folder, one company's folder, or one file.
#[derive(Debug, Default)]
pub struct HandIn {
    /// What was named on the command line, for people.
    pub label: String,
    /// Street-level tables (单位, 参数, 关联人 …).
    pub street: Vec<RegisterTable>,
    pub companies: Vec<CompanyHandIn>,
    /// Every file or sheet that was read, posted or not.
    pub files: Vec<FileAccount>,
    /// Problems that belong to no company.
    pub problems: Problems,
}

/// What one company handed in.
#[derive(Debug)]
pub struct CompanyHandIn {
    pub organisation: Text,
    /// The standard's chart, the company's own accounts, and details found in the vouchers; of the latest years.
    pub chart: Chart,
    /// How the chart's standard was found: by 单位, by account names …; shown to the user.
    pub chart_evidence: String,
    /// Charts that the books followed in earlier years.
    pub earlier_charts: Vec<EarlierChart>,
    /// Opening balances, one voucher with the word `期初` per year.
    pub openings: Vec<Voucher>,
    /// Sound vouchers, in order of date, word and number.
    pub vouchers: Vec<Voucher>,
    /// Vouchers that break an invariant, and voided ones.
    pub held: Vec<HeldVoucher>,
    pub registers: Vec<RegisterTable>,
    pub problems: Problems,
    /// What was tied out, and how it came out.
    pub gates: Vec<Gate>,
}

impl CompanyHandIn {
    /// The charts of all years.
    pub fn charts(&self) -> Charts<'_> {
        Charts {
            latest: &self.chart,
            evidence: &self.chart_evidence,
            earlier: &self.earlier_charts,
        }
    }

    /// `import` refuses a book with an error unless it is told to quarantine.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|p| p.severity == Severity::Error)
    }
}

/// Rows of one register table from one file or sheet.
#[derive(Debug, Clone)]
pub struct RegisterTable {
    pub table: &'static Table,
    pub file: Text,
    pub sheet: Option<Text>,
    pub rows: Vec<RegisterRow>,
}

/// The account of one file or sheet: where each of its rows went. `rows = taken + set_aside + refused + heads`.
#[derive(Debug, Clone, Default)]
pub struct FileAccount {
    pub place: Place,
    pub organisation: Option<Text>,
    /// `凭证` or the layout recognised, `金蝶 KIS/K3 序时簿`.
    pub layout: String,
    /// `UTF-8`, `GB18030`, `xlsx`, `xls`.
    pub encoding: String,
    /// SHA-256 of the file's bytes, hex.
    pub digest: String,
    /// Rows that are not blank, header and title rows included.
    pub rows: u32,
    /// Title and header rows.
    pub heads: u32,
    /// Rows that became entries or register rows.
    pub taken: u32,
    /// Recognised non-entries: 合计, 小计, 承前页 …
    pub set_aside: Vec<SetAside>,
    /// Rows of vouchers or records that were not taken; each has a problem.
    pub refused: u32,
}

/// A row that is recognised and is no entry.
#[derive(Debug, Clone)]
pub struct SetAside {
    pub row: u32,
    /// 合计, 小计, 承前页, 期初余额 …
    pub kind: String,
    pub text: String,
}
