//! The account of an upload: every row of it, before anything is written.

use crate::access::Scope;
use crate::import::gates::Gate;
use crate::import::handin::{CompanyHandIn, HandIn};
use crate::model::{HeldReason, Problem, Severity};

/// One file or sheet, and where its rows went.
#[derive(Debug)]
pub struct FileCard {
    pub place: String,
    pub layout: String,
    pub encoding: String,
    pub rows: u32,
    pub heads: u32,
    pub taken: u32,
    pub aside: usize,
    pub refused: u32,
}

/// One company of a hand-in.
#[derive(Debug)]
pub struct CompanyCard {
    pub organisation: String,
    pub standard: String,
    pub openings: usize,
    pub vouchers: usize,
    pub entries: usize,
    pub defective: usize,
    pub void: usize,
    pub errors: usize,
    pub gates: Vec<Gate>,
}

/// The account of an upload: what would be posted, what would not, and why.
#[derive(Debug)]
pub struct Preview {
    pub files: Vec<FileCard>,
    pub companies: Vec<CompanyCard>,
    /// Organisation and problem, errors first.
    pub problems: Vec<(String, Problem)>,
    /// Place, row, kind and text of rows that are recognised and are no entries.
    pub asides: Vec<(String, u32, String, String)>,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// What lies outside the person's organisations; nothing is submitted then.
    pub outside: Vec<String>,
}

impl Preview {
    pub fn of(hand_in: &HandIn, scope: &Scope) -> Preview {
        let files = hand_in.files.iter().map(|f| FileCard {
            place: f.place.to_string(),
            layout: f.layout.clone(),
            encoding: f.encoding.clone(),
            rows: f.rows,
            heads: f.heads,
            taken: f.taken,
            aside: f.set_aside.len(),
            refused: f.refused,
        });
        let asides = hand_in.files.iter().flat_map(|f| {
            let place = f.place.to_string();
            let rows = f.set_aside.iter();
            rows.map(move |a| (place.clone(), a.row, a.kind.clone(), a.text.clone()))
        });
        let street = hand_in.problems.iter().map(|p| (String::new(), p.clone()));
        let own = hand_in.companies.iter().flat_map(|c| {
            let code = c.organisation.to_string();
            c.problems.iter().map(move |p| (code.clone(), p.clone()))
        });
        let mut problems: Vec<(String, Problem)> = street.chain(own).collect();
        problems.sort_by_key(|(_, p)| std::cmp::Reverse(p.severity));
        let count = |s| problems.iter().filter(|(_, p)| p.severity == s).count();
        Preview {
            files: files.collect(),
            companies: hand_in.companies.iter().map(company).collect(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            asides: asides.collect(),
            outside: outside(hand_in, scope),
            problems,
        }
    }
}

fn company(company: &CompanyHandIn) -> CompanyCard {
    let held = |r| company.held.iter().filter(|h| h.reason == r).count();
    let errors = company.problems.iter();
    CompanyCard {
        organisation: company.organisation.to_string(),
        standard: format!(
            "{}({})",
            company.chart.standard.label(),
            company.chart_evidence
        ),
        openings: company.openings.len(),
        vouchers: company.vouchers.len(),
        entries: company.vouchers.iter().map(|v| v.entries.len()).sum(),
        defective: held(HeldReason::Defective),
        void: held(HeldReason::Void),
        errors: errors.filter(|p| p.severity == Severity::Error).count(),
        gates: company.gates.clone(),
    }
}

/// What a hand-in holds that its bringer may not write: other organisations, and tables of the whole street.
pub(super) fn outside(hand_in: &HandIn, scope: &Scope) -> Vec<String> {
    let companies = hand_in.companies.iter().map(|c| &*c.organisation);
    let mut out: Vec<String> = companies
        .filter(|c| !scope.covers(c))
        .map(|c| format!("单位 {c}"))
        .collect();
    if *scope != Scope::All {
        let tables = hand_in.street.iter().filter(|t| !t.rows.is_empty());
        out.extend(tables.map(|t| format!("街道的表「{}」", t.table.file)));
    }
    out
}
