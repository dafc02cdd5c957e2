//! GB/T 19581-2004 as text: one file a table, rows of fields in a fixed order, no header. What a file holds is told by its
//! rows; only files that merely explain codes have nothing to tell them by but their name.

use crate::import::refusal::Refusal;
use crate::import::table::{Grid, Row, Sheet};
use crate::model::Money;
use crate::model::date::parse_date;

use super::build::{Archives, Builder, Built, Origin};
use super::collect::{Meaning, meanings, with_record};
use super::profile::{FormatContainer, FormatProfile, Kind, Section};

/// How many rows are looked at.
const LOOKED_AT: usize = 8;

/// A file of the set: the profile, the section, and how many rows are headers.
#[derive(Debug, Clone, Copy)]
pub struct Part<'p> {
    profile: &'p FormatProfile,
    section: usize,
    heads: usize,
}

/// Tells which part of a set a sheet is.
pub fn recognise<'p>(profiles: &'p [FormatProfile], sheet: &Sheet) -> Option<Part<'p>> {
    if sheet.grid.is_empty() {
        return None;
    }
    let stem = sheet.name();
    let of_text = profiles.iter().filter(|p| p.takes(FormatContainer::Text));
    for profile in of_text {
        for (section, spec) in profile.sections.iter().enumerate() {
            let heads = usize::from(is_header(spec, &sheet.grid.row(0)));
            // Files of the set have Latin names; Chinese ones are elements of the XML form.
            let mut names = spec.elements.iter().filter(|e| e.is_ascii());
            let named = names.any(|e| e.eq_ignore_ascii_case(stem));
            let found = match spec.kind {
                Kind::Voucher | Kind::Balance | Kind::Account => {
                    holds(profile, spec, &sheet.grid, heads)
                }
                // The description of the set is prose.
                _ if spec.columns.len() == 1 => named,
                _ => named && sheet.grid.rows().all(|r| r.len() <= spec.columns.len()),
            };
            if found && !spec.columns.is_empty() {
                return Some(Part {
                    profile,
                    section,
                    heads,
                });
            }
        }
    }
    None
}

fn is_header(spec: &Section, row: &Row<'_>) -> bool {
    let same = row
        .cells()
        .zip(&spec.columns)
        .filter(|(cell, name)| *cell == name.as_str());
    same.count() * 2 > spec.columns.len()
}

/// Whether the first rows are of the section.
fn holds(profile: &FormatProfile, spec: &Section, grid: &Grid, heads: usize) -> bool {
    let rows = grid.rows().skip(heads).take(LOOKED_AT);
    let mut count = 0;
    for row in rows {
        count += 1;
        if row.len() > spec.columns.len() || !row_fits(profile, spec, &row) {
            return false;
        }
    }
    count > 0
}

fn row_fits(profile: &FormatProfile, spec: &Section, row: &Row<'_>) -> bool {
    let cell = |field: &str| {
        let at = spec
            .name_of(field)
            .and_then(|n| spec.columns.iter().position(|c| c == n));
        at.filter(|at| *at < row.len()).map(|at| row.cell(at))
    };
    let money = |field| cell(field).is_some_and(|t| t.is_empty() || Money::parse(t).is_ok());
    let code = |field| {
        cell(field).is_some_and(|t: &str| t.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    match spec.kind {
        Kind::Voucher => {
            cell("date").is_some_and(|t| parse_date(t).is_some())
                && code("account")
                && money("debit")
                && money("credit")
        }
        Kind::Balance => {
            row.len() == spec.columns.len()
                && code("account")
                && ["opening", "debit", "credit", "closing"]
                    .into_iter()
                    .all(money)
                && cell("month").is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()))
        }
        _ => {
            row.len() == spec.columns.len()
                && code("code")
                && cell("side").is_some_and(|t| profile.side(t).is_some())
        }
    }
}

impl Part<'_> {
    fn spec(&self) -> &Section {
        &self.profile.sections[self.section]
    }

    /// Whether it must be read before the others.
    pub fn explains(&self) -> bool {
        !matches!(self.spec().kind, Kind::Voucher | Kind::Balance)
    }

    /// Whether it holds vouchers, whose dates tell the year of balances.
    pub fn has_vouchers(&self) -> bool {
        self.spec().kind == Kind::Voucher
    }

    /// The year of the first voucher.
    pub fn year(&self, sheet: &Sheet) -> Option<i32> {
        let spec = self.spec();
        let date = spec.name_of("date")?;
        let at = spec.columns.iter().position(|c| c == date)?;
        let row = (self.heads < sheet.grid.len()).then(|| sheet.grid.row(self.heads))?;
        parse_date(row.cell(at)).map(|d| chrono::Datelike::year(&d))
    }

    /// Adds what the sheet explains.
    pub fn explain(&self, sheet: &Sheet, archives: Archives) -> Archives {
        let mut builder = self.builder(sheet, archives);
        // What cannot be explained is told when the file itself is read.
        let _ = self.records(sheet, &mut builder);
        builder.archives
    }

    /// The tables of the sheet.
    pub fn read(&self, sheet: &Sheet, archives: Archives) -> Result<Built, Refusal> {
        let mut builder = self.builder(sheet, archives);
        self.records(sheet, &mut builder)?;
        let mut built = builder.finish(&Default::default());
        if let Some(table) = built.tables.last_mut() {
            table.explaining += self.heads as u32;
        }
        Ok(built)
    }

    fn builder(&self, sheet: &Sheet, archives: Archives) -> Builder<'_> {
        let origin = Origin {
            file: sheet.file.clone(),
            encoding: sheet.encoding,
            digest: sheet.digest.clone(),
        };
        Builder::new(self.profile, origin, archives)
    }

    fn records(&self, sheet: &Sheet, builder: &mut Builder<'_>) -> Result<(), Refusal> {
        let spec = self.spec();
        let meanings: Vec<Meaning> = meanings(spec);
        for row in sheet.grid.rows().skip(self.heads) {
            with_record(spec, &meanings, row.cells(), |record| {
                builder.record_at(self.section, row.number, record)
            })?;
        }
        Ok(())
    }
}
