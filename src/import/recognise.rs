//! Which table or layout a sheet is: by name where it has one of ours, else by its header.

use crate::model::{Table, catalogue};

use super::header::{best, first_rows, normalise};
use super::profile::{Match, Profile};
use super::table::Sheet;

/// What a sheet is.
#[derive(Debug)]
pub enum Reading<'p> {
    /// A table of the hand-in folder other than the vouchers.
    Table(TableLayout),
    /// A journal, neutral or in a package's layout.
    Journal(&'p Profile, Box<Match>),
    Empty,
    /// `words`: how many header words of ours its best row holds.
    Unknown {
        words: usize,
    },
}

/// Where a table's columns stand in a sheet.
#[derive(Debug)]
pub struct TableLayout {
    pub table: &'static Table,
    /// Index of the header row in the grid.
    pub header: usize,
    /// For each column of the table, its column in the sheet.
    pub columns: Vec<Option<usize>>,
    pub headers: Vec<String>,
    /// Required columns that are missing, by their first header.
    pub missing: Vec<String>,
    pub unknown: Vec<String>,
    /// Headers that stand twice.
    pub twice: Vec<String>,
}

/// All layouts and header words, made ready once.
#[derive(Debug)]
pub struct Recogniser {
    neutral: Profile,
    profiles: Vec<Profile>,
    words: Vec<String>,
}

impl Recogniser {
    pub fn new(profiles: Vec<Profile>) -> Recogniser {
        let neutral = Profile::neutral();
        let mut words: Vec<String> = catalogue()
            .tables
            .iter()
            .flat_map(|t| t.columns.iter().flat_map(|c| &c.headers))
            .chain(profiles.iter().flat_map(Profile::words))
            .map(|w| normalise(w))
            .filter(|w| w.chars().count() >= 2)
            .collect();
        words.sort();
        words.dedup();
        Recogniser {
            neutral,
            profiles,
            words,
        }
    }

    /// Whether a text holds a header word of ours.
    pub fn familiar(&self, text: &str) -> bool {
        self.words.iter().any(|w| text.contains(w.as_str()))
    }

    /// Tells what a sheet is.
    pub fn recognise(&self, sheet: &Sheet) -> Reading<'_> {
        if sheet.grid.is_empty() {
            return Reading::Empty;
        }
        let rows = first_rows(&sheet.grid);
        let named = table_by_name(sheet.name());
        let is_journal = named.is_some_and(|t| t.name == "voucher");
        if let Some(table) = named.filter(|_| !is_journal) {
            return Reading::Table(layout(table, &rows));
        }
        let neutral = self.neutral.matches(None, &rows);
        match neutral {
            Some(found) if found.missing.is_empty() && is_journal => {
                return Reading::Journal(&self.neutral, Box::new(found));
            }
            neutral => {
                if let Some((profile, found)) = self.best_profile(sheet, &rows) {
                    return Reading::Journal(profile, Box::new(found));
                }
                if is_journal && let Some(found) = neutral {
                    return Reading::Journal(&self.neutral, Box::new(found));
                }
            }
        }
        match table_by_header(&rows) {
            Some(table) => Reading::Table(layout(table, &rows)),
            None => Reading::Unknown {
                words: best(&rows, |c| {
                    self.words.binary_search_by(|w| w.as_str().cmp(c)).is_ok()
                })
                .map_or(0, |h| h.score),
            },
        }
    }

    /// The layout with the highest score among those whose required fields are all there.
    fn best_profile(&self, sheet: &Sheet, rows: &[Vec<String>]) -> Option<(&Profile, Match)> {
        let mut best: Option<(&Profile, Match)> = None;
        for profile in std::iter::once(&self.neutral).chain(&self.profiles) {
            let name = Some(sheet.name());
            let Some(found) = profile.matches(name, rows) else {
                continue;
            };
            let better = best.as_ref().is_none_or(|(_, b)| found.score > b.score);
            if found.missing.is_empty() && better {
                best = Some((profile, found));
            }
        }
        best
    }
}

/// `合同`, `合同2024`, `合同_1`, `合同(2)`: a table's name, perhaps with something behind it that is no word.
fn table_by_name(name: &str) -> Option<&'static Table> {
    let name = name.trim();
    catalogue().by_file(name).or_else(|| {
        catalogue()
            .tables
            .iter()
            .filter(|t| {
                name.strip_prefix(t.file.as_str()).is_some_and(|rest| {
                    rest.chars()
                        .all(|c| !c.is_alphabetic() || matches!(c, '年' | '月' | '季' | '第'))
                })
            })
            .max_by_key(|t| t.file.len())
    })
}

/// The one table whose required columns are all in a header that holds hardly anything else.
fn table_by_header(rows: &[Vec<String>]) -> Option<&'static Table> {
    let mut best: Option<(usize, &'static Table)> = None;
    let mut tie = false;
    for table in &catalogue().tables {
        let found = layout(table, rows);
        let matched = found.columns.iter().flatten().count();
        if table.name == "voucher"
            || !found.missing.is_empty()
            || matched < 4
            || found.unknown.len() * 4 > matched
        {
            continue;
        }
        tie = best.is_some_and(|(n, _)| n == matched);
        if best.is_none_or(|(n, _)| matched > n) {
            best = Some((matched, table));
        }
    }
    best.filter(|_| !tie).map(|(_, table)| table)
}

fn layout(table: &'static Table, rows: &[Vec<String>]) -> TableLayout {
    let accepted: Vec<Vec<String>> = table
        .columns
        .iter()
        .map(|c| c.headers.iter().map(|h| normalise(h)).collect())
        .collect();
    let header = best(rows, |cell| accepted.iter().flatten().any(|h| h == cell));
    let (index, cells) = match header {
        Some(header) => (header.index, header.cells),
        None => (0, rows.first().cloned().unwrap_or_default()),
    };
    let mut columns = vec![None; table.columns.len()];
    let (mut unknown, mut twice) = (Vec::new(), Vec::new());
    for (i, cell) in cells.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
        match accepted.iter().position(|words| words.contains(cell)) {
            None => unknown.push(cell.clone()),
            // An alternative header (`编号|名称`) may stand beside the first one, which then counts.
            Some(c) => match columns[c] {
                None => columns[c] = Some(i),
                Some(earlier) if cells[earlier] == *cell => twice.push(cell.clone()),
                Some(_) if accepted[c].first() == Some(cell) => columns[c] = Some(i),
                Some(_) => {}
            },
        }
    }
    let missing = table.columns.iter().zip(&columns);
    TableLayout {
        table,
        header: index,
        missing: missing
            .filter(|(column, at)| column.required && at.is_none())
            .map(|(column, _)| column.headers[0].clone())
            .collect(),
        columns,
        headers: cells,
        unknown,
        twice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_go_by_name_with_something_behind_it() {
        for (name, table) in [
            ("合同", Some("contract")),
            ("合同2024", Some("contract")),
            ("合同_1", Some("contract")),
            ("凭证2024年第1季", Some("voucher")),
            ("资产变动", Some("asset_event")),
            ("合同台账", None),
            ("说明", None),
        ] {
            let found = table_by_name(name).map(|t| t.name.as_str());
            assert_eq!(found, table, "{name}");
        }
    }
}
