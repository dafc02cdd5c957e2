//! Trying a layout on the top of a sheet: where its columns stand, what is missing, how well it fits.

use std::collections::BTreeMap;

use super::header::{Header, Top, normalise};
use super::profile::Profile;
use super::table::Row;

/// A sheet read by a profile.
#[derive(Debug)]
pub struct Match {
    /// Index of the (lower) header row in the grid.
    pub header: usize,
    pub places: Places,
    /// Required fields that are missing, by their first header.
    pub missing: Vec<String>,
    /// Headers that are not known.
    pub unknown: Vec<String>,
    pub score: usize,
}

/// Where the fields of a layout stand in a sheet.
#[derive(Debug, Clone, Default)]
pub struct Places {
    columns: BTreeMap<String, Vec<usize>>,
    /// What title or profile says for the whole sheet.
    fixed: BTreeMap<String, String>,
    /// Header texts, normalised, by column.
    pub headers: Vec<String>,
    /// The rows that the header was printed in.
    pub printed: Vec<Vec<String>>,
}

/// Columns that a layout without header may have beyond those it names.
const UNNAMED: usize = 64;

impl Places {
    pub fn columns(&self, field: &str) -> &[usize] {
        self.columns.get(field).map_or(&[], Vec::as_slice)
    }

    pub fn has(&self, field: &str) -> bool {
        self.columns.contains_key(field)
    }

    /// The field's text in a row; where no column has any, what holds for the whole sheet.
    pub fn text<'a>(&'a self, row: &Row<'a>, field: &str) -> &'a str {
        let mut cells = self.columns(field).iter().map(|&c| row.cell(c));
        cells
            .find(|t| !t.is_empty())
            .or_else(|| self.fixed(field))
            .unwrap_or("")
    }

    /// What title or profile says of a field.
    pub fn fixed(&self, field: &str) -> Option<&str> {
        self.fixed.get(field).map(String::as_str)
    }

    /// The header of a field's (first) column, for messages.
    pub fn header(&self, field: &str) -> Option<&str> {
        let column = *self.columns(field).first()?;
        self.headers.get(column).map(String::as_str)
    }

    /// Whether a row is the header printed again.
    pub fn is_header(&self, row: &Row<'_>) -> bool {
        self.printed.iter().any(|printed| {
            row.cells()
                .zip(printed)
                .filter(|(cell, _)| !cell.is_empty())
                .all(|(cell, header)| normalise(cell) == *header)
        })
    }
}

impl Profile {
    /// Tries the layout on the top of a sheet. `None`: it is not this one, whatever may be missing.
    pub fn matches(&self, top: &Top<'_>) -> Option<Match> {
        let header = self.header(top)?;
        let excluded = |cell: &String| self.excludes.iter().any(|word| fits(cell, word));
        if header.cells.iter().any(excluded) {
            return None;
        }
        let mut places = Places {
            headers: header.cells.clone(),
            printed: header.printed.clone(),
            ..Places::default()
        };
        let mut used = vec![false; header.cells.len()];
        for (name, headers) in &self.fields {
            let columns = self.place(name, headers, &header, &mut used);
            if !columns.is_empty() {
                places.columns.insert(name.clone(), columns);
            }
        }
        places.fixed = self.fixed(&top.titles(&header));
        let unknown = self.unknown(&header, &used);
        if self.strict && unknown.len() * 4 > places.columns.len() {
            return None;
        }
        Some(Match {
            header: header.index,
            missing: self.missing(&places),
            unknown,
            score: self.score(top, &header, &places),
            places,
        })
    }

    /// The header in the sheet, or the layout's own below its signature.
    fn header(&self, top: &Top<'_>) -> Option<Header> {
        if self.signature.is_empty() {
            let words: Vec<String> = self.words().map(|w| plain(w)).collect();
            return top.best(|cell| words.iter().any(|w| w == cell));
        }
        let first = top.rows.first()?;
        let mut signed = self.signature.iter().zip(first);
        let holds =
            first.len() >= self.signature.len() && signed.all(|(word, cell)| fits(cell, word));
        holds.then(|| {
            let mut cells: Vec<String> = self.headers.iter().map(|h| normalise(h)).collect();
            cells.resize(cells.len() + UNNAMED, String::new());
            Header {
                index: 0,
                cells,
                printed: vec![first.clone()],
                score: self.signature.len(),
            }
        })
    }

    /// The column (or columns) of one field, best header first.
    fn place(
        &self,
        name: &str,
        headers: &[String],
        header: &Header,
        used: &mut [bool],
    ) -> Vec<usize> {
        let every = self.any_of.iter().any(|f| f == name);
        let mut columns = Vec::new();
        for wanted in headers {
            let (text, nth) = numbered(wanted);
            let text = normalise(text);
            let same = (0..header.cells.len()).filter(|&i| header.cells[i] == text);
            for column in same.skip(nth - 1) {
                if !used[column] && (every || columns.is_empty()) {
                    used[column] = true;
                    columns.push(column);
                }
            }
        }
        columns
    }

    fn fixed(&self, titles: &[String]) -> BTreeMap<String, String> {
        let mut fixed = self.constants.clone();
        for (name, patterns) in &self.titles {
            let found = patterns
                .iter()
                .find_map(|p| titles.iter().find_map(|title| p.find(title)));
            if let Some(text) = found {
                fixed.insert(name.clone(), text.to_owned());
            }
        }
        fixed
    }

    fn missing(&self, places: &Places) -> Vec<String> {
        let there = |name: &str| places.has(name) || places.fixed.contains_key(name);
        let absent = self
            .required
            .iter()
            .filter(|names| !names.split('|').any(there));
        absent
            .map(|names| {
                let first = names.split('|').next().unwrap_or_default();
                let header = self.fields.get(first).and_then(|headers| headers.first());
                header.cloned().unwrap_or_else(|| first.to_owned())
            })
            .collect()
    }

    fn unknown(&self, header: &Header, used: &[bool]) -> Vec<String> {
        let words: Vec<String> = self.words().map(|w| plain(w)).collect();
        let known = |cell: &String| {
            cell.is_empty()
                || words.contains(cell)
                || self.ignored.iter().any(|word| fits(cell, word))
        };
        let cells = header.cells.iter().zip(used);
        cells
            .filter(|(cell, used)| !**used && !known(cell))
            .map(|(cell, _)| cell.clone())
            .collect()
    }

    fn score(&self, top: &Top<'_>, header: &Header, places: &Places) -> usize {
        let marks = self.marks.iter().map(|m| normalise(m));
        let marks = marks.filter(|m| header.cells.contains(m)).count();
        let named = self.sheets.iter().any(|hint| top.name.contains(&**hint));
        places.columns.len() + 2 * (marks + self.signature.len()) + 3 * usize::from(named)
    }
}

/// `自定义项*` fits `自定义项7`; without a star both must be equal.
fn fits(cell: &str, word: &str) -> bool {
    match word.strip_suffix('*') {
        Some(head) => cell.starts_with(&normalise(head)),
        None => cell == normalise(word),
    }
}

/// `本期借方#2` → the text and which of the columns of that name.
fn numbered(word: &str) -> (&str, usize) {
    word.rsplit_once('#')
        .and_then(|(text, nth)| Some((text, nth.parse().ok().filter(|n| *n > 0)?)))
        .unwrap_or((word, 1))
}

fn plain(word: &str) -> String {
    normalise(numbered(word).0)
}

#[cfg(test)]
mod tests {
    use super::super::header::top;
    use super::*;

    fn profile(text: &str) -> Profile {
        Profile::parse(text).unwrap()
    }

    #[test]
    fn the_better_header_wins_and_business_dates_do_not_fill_gaps() {
        let mut profile = Profile::neutral();
        profile
            .fields
            .insert("date".into(), vec!["日期".into(), "业务日期".into()]);
        let found = profile
            .matches(&top(&[&["业务日期", "日期", "摘要", "颜色"]]))
            .unwrap();
        assert_eq!(found.places.columns("date"), [1]);
        assert_eq!(found.unknown, ["颜色"]);
        assert!(found.missing.contains(&"凭证号".to_owned()));
    }

    const BALANCE: &str = r#"
id = "x"
title = "x"
kind = "balance"
required = ["account", "period", "closing|closing_debit"]
strict = true
excludes = ["摘要"]
ignored = ["本年累计*"]
title_fields.period = ['期间:([0-9.\-]+)']
[fields]
account = ["科目编码"]
debit = ["本期借方#2", "本期发生|借方"]
credit = ["本期发生|贷方"]
closing_debit = ["期末余额|借方"]
closing = ["期末余额"]
"#;

    #[test]
    fn titles_two_rows_and_columns_of_one_name() {
        let profile = profile(BALANCE);
        let found = profile
            .matches(&top(&[
                &["科目余额表", "期间: 2026.01-2026.02"],
                &[
                    "科目编码",
                    "本期发生",
                    "",
                    "本年累计",
                    "",
                    "期末余额",
                    "期末余额",
                ],
                &["", "借方", "贷方", "借方", "贷方", "借方", ""],
            ]))
            .unwrap();
        assert_eq!(found.header, 2);
        assert_eq!(found.places.fixed("period"), Some("2026.01-2026.02"));
        assert_eq!(found.places.columns("debit"), [1]);
        assert_eq!(found.places.columns("closing"), [6]);
        assert!(found.missing.is_empty() && found.unknown.is_empty());
        let flat = top(&[&["科目编码", "本期借方", "本期借方", "期末余额"]]);
        let found = profile.matches(&flat).unwrap();
        assert_eq!(found.places.columns("debit"), [2]);
        assert_eq!(found.missing, ["period"]);
    }

    #[test]
    fn what_it_is_not() {
        let profile = profile(BALANCE);
        assert!(profile.matches(&top(&[&["科目编码", "摘要"]])).is_none());
        let strange = top(&[&["科目编码", "甲", "乙", "期末余额"]]);
        assert!(profile.matches(&strange).is_none());
    }

    #[test]
    fn a_layout_without_header_is_told_by_its_signature() {
        let profile = profile(
            "id = \"x\"\ntitle = \"x\"\nrequired = [\"date\"]\nignored = [\"摘要\"]\nsignature = [\"填制凭证\", \"V*\"]\n\
             headers = [\"日期\", \"摘要\"]\n[fields]\ndate = [\"日期\"]\n",
        );
        let found = profile
            .matches(&top(&[&["填制凭证", "V800"], &["2026-01-05", "x"]]))
            .unwrap();
        assert_eq!((found.header, found.places.columns("date")), (0, &[0][..]));
        assert!(found.missing.is_empty() && found.unknown.is_empty());
        assert!(profile.matches(&top(&[&["日期", "摘要"]])).is_none());
    }
}
