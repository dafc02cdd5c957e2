//! Layout profiles: how accounting packages lay out a journal. They are data, `ledger_rules/profiles/*.toml`; a street
//! adds a file there for a package that is not known yet.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::field::{Columns, Field};
use super::formats::profile::FOLDER;
use super::header::{Header, best, normalise};
use crate::model::catalogue;
use crate::pack::Pack;

/// One layout of a journal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// File name without its ending.
    pub id: String,
    /// Shown to people: `金蝶 KIS/K3 序时簿`.
    pub title: String,
    /// Sheet names that speak for this layout.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// Headers that only this layout has; each speaks for it.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Fields without which it is not this layout.
    pub required: Vec<String>,
    /// Field → accepted headers, best first.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Fields of which every column counts, not only the best: the first filled one is taken.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// Headers that are known and not kept; `marks` may be among them.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// Head fields that stand on the first line of a voucher only.
    #[serde(default)]
    pub forward_fill: Vec<String>,
    /// 凭证字 where the package writes none.
    #[serde(default)]
    pub default_word: Option<String>,
    #[serde(default)]
    pub debit_words: Vec<String>,
    #[serde(default)]
    pub credit_words: Vec<String>,
    #[serde(default)]
    pub void_words: Vec<String>,
    /// What stands between the levels of an account code besides `.` and `-`; read as `.`.
    #[serde(default)]
    pub code_separators: Vec<char>,
}

/// Rows that are no entries, by the text that begins them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowWords {
    /// Compared with the sum of the entries.
    pub totals: Vec<String>,
    /// Counted and listed only.
    pub others: Vec<String>,
}

/// A sheet read by a profile.
#[derive(Debug)]
pub struct Match {
    /// Index of the header row in the grid.
    pub header: usize,
    pub columns: Columns,
    /// Required fields that are missing, by their first header.
    pub missing: Vec<String>,
    /// Headers that are not known.
    pub unknown: Vec<String>,
    pub score: usize,
}

impl Profile {
    /// The neutral layout of `凭证.csv`, from the catalogue.
    pub fn neutral() -> Profile {
        let table = catalogue().table("voucher");
        let columns = table.map(|t| t.columns.as_slice()).unwrap_or_default();
        let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Profile {
            id: "neutral".into(),
            title: "凭证".into(),
            sheets: Vec::new(),
            marks: Vec::new(),
            required: columns
                .iter()
                .filter(|c| c.required)
                .map(|c| c.name.clone())
                .collect(),
            fields: columns
                .iter()
                .map(|c| (c.name.clone(), c.headers.clone()))
                .collect(),
            any_of: Vec::new(),
            ignored: Vec::new(),
            forward_fill: names(&[
                "date",
                "word",
                "number",
                "attachments",
                "maker",
                "checker",
                "poster",
                "cashier",
                "entered_at",
                "reverses",
                "source",
                "void",
            ]),
            default_word: None,
            debit_words: Vec::new(),
            credit_words: Vec::new(),
            void_words: names(&["是"]),
            code_separators: Vec::new(),
        }
    }

    /// All profiles of a pack, in order of their file names, and the row words.
    pub fn load(pack: &Pack) -> Result<(Vec<Profile>, RowWords), String> {
        let mut profiles = Vec::new();
        for path in pack.files("profiles/") {
            if !path.ends_with(".toml") || path == WORDS || path.starts_with(FOLDER) {
                continue;
            }
            let text = pack.text(&path).ok_or(format!("{path} 不是 UTF-8"))?;
            let profile: Profile = toml::from_str(&text).map_err(|e| format!("{path}:{e}"))?;
            profile.check().map_err(|e| format!("{path}:{e}"))?;
            profiles.push(profile);
        }
        let text = pack.text(WORDS).ok_or(format!("缺少 {WORDS}"))?;
        let words = toml::from_str(&text).map_err(|e| format!("{WORDS}:{e}"))?;
        Ok((profiles, words))
    }

    fn check(&self) -> Result<(), String> {
        let named = self
            .fields
            .keys()
            .chain(&self.required)
            .chain(&self.any_of)
            .chain(&self.forward_fill);
        for name in named {
            if Field::from_name(name).is_none() {
                return Err(format!("没有名为 {name} 的字段"));
            }
        }
        for name in &self.required {
            if !self.fields.contains_key(name) {
                return Err(format!("必需的字段 {name} 没有列名"));
            }
        }
        Ok(())
    }

    /// Header words of this layout.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        self.fields.values().flatten().chain(&self.marks)
    }

    pub fn fills(&self, field: &str) -> bool {
        self.forward_fill.iter().any(|f| f == field)
    }

    /// Tries the layout on the first rows of a sheet. `None`: no header word at all.
    pub fn matches(&self, sheet: Option<&str>, rows: &[Vec<String>]) -> Option<Match> {
        let words: Vec<String> = self.words().map(|w| normalise(w)).collect();
        let header = best(rows, |cell| words.iter().any(|w| w == cell))?;
        let mut columns = Columns::new(header.cells.clone());
        let mut used = vec![false; header.cells.len()];
        let mut missing = Vec::new();
        let mut score = 0;
        for (name, headers) in &self.fields {
            let found = self.place(name, headers, &header, &mut used, &mut columns);
            score += usize::from(found);
            if !found && self.required.contains(name) {
                missing.extend(headers.first().cloned());
            }
        }
        let marks: Vec<String> = self.marks.iter().map(|m| normalise(m)).collect();
        score += 2 * marks.iter().filter(|m| header.cells.contains(m)).count();
        let hinted = sheet.is_some_and(|s| self.sheets.iter().any(|hint| s.contains(&**hint)));
        score += 3 * usize::from(hinted);
        let ignored: Vec<String> = self.ignored.iter().map(|i| normalise(i)).collect();
        let is_known =
            |cell: &String| marks.contains(cell) || ignored.contains(cell) || words.contains(cell);
        let unknown = (0..header.cells.len())
            .filter(|&i| !used[i] && !header.cells[i].is_empty() && !is_known(&header.cells[i]))
            .map(|i| header.cells[i].clone())
            .collect();
        Some(Match {
            header: header.index,
            columns,
            missing,
            unknown,
            score,
        })
    }

    /// Finds the column (or columns) of one field, best header first.
    fn place(
        &self,
        name: &str,
        headers: &[String],
        header: &Header,
        used: &mut [bool],
        columns: &mut Columns,
    ) -> bool {
        let Some(field) = Field::from_name(name) else {
            return false;
        };
        let every = self.any_of.iter().any(|f| f == name);
        let mut found = false;
        for wanted in headers {
            let wanted = normalise(wanted);
            for (i, cell) in header.cells.iter().enumerate() {
                if *cell == wanted && !used[i] && (every || !found) {
                    used[i] = true;
                    columns.add(field, i);
                    found = true;
                }
            }
        }
        found
    }
}

/// The profiles folder's list of row words.
const WORDS: &str = "profiles/words.toml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_profiles_are_sound_and_named_by_their_file() {
        let pack = Pack::embedded();
        let (profiles, words) = Profile::load(&pack).unwrap();
        assert!(profiles.len() >= 2);
        for profile in &profiles {
            assert!(
                pack.text(&format!("profiles/{}.toml", profile.id))
                    .is_some()
            );
        }
        assert!(words.totals.contains(&"合计".to_owned()));
    }

    #[test]
    fn the_better_header_wins_and_business_dates_do_not_fill_gaps() {
        let mut profile = Profile::neutral();
        profile
            .fields
            .insert("date".into(), vec!["日期".into(), "业务日期".into()]);
        let row = ["业务日期", "日期", "摘要", "颜色"]
            .map(str::to_owned)
            .to_vec();
        let found = profile.matches(None, &[row]).unwrap();
        assert_eq!(found.columns.header(Field::Date), Some("日期"));
        assert_eq!(found.unknown, ["颜色"]);
        assert!(found.missing.contains(&"凭证号".to_owned()));
    }
}
