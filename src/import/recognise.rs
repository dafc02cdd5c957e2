//! Which table or layout a sheet is: by name where it has one of ours, else by its header.

use crate::model::{Table, catalogue};

use super::header::{Top, normalise};
use super::kind::Kind;
use super::matching::Match;
use super::profile::Profile;
use super::table::Sheet;

/// What a sheet is.
#[derive(Debug)]
pub enum Reading<'p> {
    /// A table of the hand-in folder other than the vouchers.
    Table(TableLayout),
    /// A journal, neutral or in a package's layout, or another export of a package or bank.
    Layout(&'p Profile, Box<Match>),
    Empty,
    /// `words`: how many header words of ours its best row holds.
    Unknown {
        words: usize,
    },
}

/// Where a table's columns stand in a sheet.
#[derive(Debug, Clone)]
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

    /// Tells what a sheet is. A name of ours counts most, if the sheet has what the table needs; then the layout that fits
    /// best; a table of ours under another name last.
    pub fn recognise(&self, sheet: &Sheet) -> Reading<'_> {
        if sheet.grid.is_empty() {
            return Reading::Empty;
        }
        let top = Top::of(sheet);
        let named = table_by_name(sheet.name());
        let is_journal = named.is_some_and(|t| t.name == "voucher");
        let best = self.best_profile(&top);
        // A package may call its sheet 凭证, too: then the layout that knows more of it goes first, and so does one written for
        // files of one's own. What is left out would be lost: the column that says which vouchers are voided, for one.
        let better = |score: usize| {
            best.as_ref()
                .is_some_and(|(profile, other)| profile.preferred || other.score > score)
        };
        if is_journal
            && let Some(found) = self.neutral.matches(&top)
            && found.missing.is_empty()
            && !better(found.score)
        {
            return Reading::Layout(&self.neutral, Box::new(found));
        }
        let table = named.filter(|_| !is_journal).map(|t| layout(t, &top));
        if let Some(table) = table.as_ref().filter(|t| t.missing.is_empty()) {
            return Reading::Table(table.clone());
        }
        let by_header = table_by_header(&top);
        if let Some((profile, found)) = best {
            return match by_header {
                // A table of ours as it should be, and no less of it than of the layout.
                Some(ours) if profile.kind != Kind::Journal && ours.matched() >= found.score => {
                    Reading::Table(ours)
                }
                _ => Reading::Layout(profile, Box::new(found)),
            };
        }
        if let Some(table) = table.or(by_header) {
            return Reading::Table(table);
        }
        if is_journal && let Some(found) = self.neutral.matches(&top) {
            return Reading::Layout(&self.neutral, Box::new(found));
        }
        let known = |c: &str| self.words.binary_search_by(|w| w.as_str().cmp(c)).is_ok();
        Reading::Unknown {
            words: top.best(known).map_or(0, |h| h.score),
        }
    }

    /// Of the layouts that a sheet could not be read as, the one that has most in common with it: its title, and the required
    /// columns that are missing, joined.
    pub fn nearest(&self, sheet: &Sheet) -> Option<(&str, String)> {
        let candidates = self.candidates(&Top::of(sheet)).into_iter();
        let close = candidates.filter(|(_, found)| found.score > found.missing.len());
        let (profile, found) = close.max_by_key(|(profile, found)| {
            (
                found.score.saturating_sub(found.missing.len()),
                std::cmp::Reverse(profile.title.as_str()),
            )
        })?;
        Some((&profile.title, found.missing.join("、")))
    }

    /// The layout with the highest score among those whose required fields are all there; of equals one that knows nearly
    /// all headers by definition, then the first.
    fn best_profile(&self, top: &Top<'_>) -> Option<(&Profile, Match)> {
        let rank =
            |(profile, found): &(&Profile, Match)| (profile.preferred, found.score, profile.strict);
        let mut best: Option<(&Profile, Match)> = None;
        for candidate in self.candidates(top) {
            let better = best.as_ref().is_none_or(|b| rank(&candidate) > rank(b));
            if candidate.1.missing.is_empty() && better {
                best = Some(candidate);
            }
        }
        best
    }

    /// Every layout that has something in common with the sheet.
    pub fn candidates(&self, top: &Top<'_>) -> Vec<(&Profile, Match)> {
        let all = std::iter::once(&self.neutral).chain(&self.profiles);
        all.filter_map(|p| Some((p, p.matches(top)?))).collect()
    }
}

impl TableLayout {
    /// How many columns of the table the sheet has.
    fn matched(&self) -> usize {
        self.columns.iter().flatten().count()
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
fn table_by_header(top: &Top<'_>) -> Option<TableLayout> {
    let mut best: Option<TableLayout> = None;
    let mut tie = false;
    for table in &catalogue().tables {
        let found = layout(table, top);
        let matched = found.matched();
        if table.name == "voucher"
            || !found.missing.is_empty()
            || matched < 4
            || found.unknown.len() * 4 > matched
        {
            continue;
        }
        let most = best.as_ref().map(TableLayout::matched);
        tie = most == Some(matched);
        if most.is_none_or(|most| matched > most) {
            best = Some(found);
        }
    }
    best.filter(|_| !tie)
}

fn layout(table: &'static Table, top: &Top<'_>) -> TableLayout {
    let accepted: Vec<Vec<String>> = table
        .columns
        .iter()
        .map(|c| c.headers.iter().map(|h| normalise(h)).collect())
        .collect();
    let header = top.best(|cell| accepted.iter().flatten().any(|h| h == cell));
    let (index, cells) = match header {
        Some(header) => (header.index, header.cells),
        None => (0, top.rows.first().cloned().unwrap_or_default()),
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
    use super::super::table::{Container, Grid};
    use super::*;
    use crate::pack::Pack;

    #[test]
    fn a_sheet_called_voucher_may_be_an_export_of_a_package() {
        let (profiles, _) = Profile::load(&Pack::embedded()).unwrap();
        let recogniser = Recogniser::new(profiles);
        let layout = |header: &[&str]| {
            let mut grid = Grid::default();
            grid.push(1, header.iter().copied());
            grid.push(2, header.iter().map(|_| "1"));
            let sheet = Sheet {
                file: "凭证.csv".into(),
                sheet: None,
                container: Container::Text,
                encoding: "UTF-8",
                digest: "".into(),
                grid,
                merged: Vec::new(),
            };
            match recogniser.recognise(&sheet) {
                Reading::Layout(profile, _) => profile.id.clone(),
                other => format!("{other:?}"),
            }
        };
        let neutral = [
            "日期",
            "凭证字",
            "凭证号",
            "摘要",
            "科目编码",
            "科目名称",
            "借方金额",
            "贷方金额",
            "附件数",
            "制单人",
        ];
        assert_eq!(layout(&neutral), "neutral");
        let cloud = [
            "日期",
            "会计年度",
            "期间",
            "凭证字",
            "凭证号",
            "摘要",
            "科目编码",
            "科目全名",
            "借方金额",
            "贷方金额",
            "制单",
            "附件数",
            "来源系统",
            "审核状态",
            "作废状态",
        ];
        assert_eq!(layout(&cloud), "kingdee_cloud");
    }

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
