//! Rows that are no entries and items of auxiliary accounting, by the words that name them: `ledger_rules/profiles/words.toml`.

use serde::Deserialize;

/// The words, as the pack holds them. A `*` within a word stands for anything.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowWords {
    /// Compared with the sum of the entries.
    pub totals: Vec<String>,
    /// Sums carried from page to page.
    #[serde(default)]
    pub carried: Vec<String>,
    /// Counted and listed only.
    pub others: Vec<String>,
    /// What stands where a person should: a tick that a voucher was checked or posted.
    #[serde(default)]
    pub ticks: Vec<String>,
    /// Kinds of auxiliary items, and which field of an entry they fill.
    #[serde(default)]
    pub aux: AuxWords,
}

/// Kinds of auxiliary items: `【客商:甲商贸】` is a counterparty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuxWords {
    pub counterparty: Vec<String>,
    #[serde(default)]
    pub project: Vec<String>,
}

/// What a row that is no entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Total,
    Carried,
    Other,
}

impl RowWords {
    /// The word that a cell begins with, the longest, and what it means. Cells that begin with a digit hold data.
    pub fn role(&self, cell: &str) -> Option<(&str, Role)> {
        if cell.is_empty() || cell.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let text: String = cell.split_whitespace().collect();
        let roles = [Role::Total, Role::Carried, Role::Other].into_iter();
        let words = roles.flat_map(|role| {
            self.list(role)
                .iter()
                .map(move |word| (word.as_str(), role))
        });
        words
            .filter(|(word, _)| begins(&text, word))
            .max_by_key(|(word, _)| word.len())
    }

    fn list(&self, role: Role) -> &[String] {
        match role {
            Role::Total => &self.totals,
            Role::Carried => &self.carried,
            Role::Other => &self.others,
        }
    }
}

/// `第*页` fits `第3页`; without a star the text only has to begin with the word.
fn begins(text: &str, word: &str) -> bool {
    match word.split_once('*') {
        Some((head, tail)) => text.starts_with(head) && text.ends_with(tail),
        None => text.starts_with(word),
    }
}

/// What the items of an auxiliary cell say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AuxItems<'t> {
    pub counterparty: Option<&'t str>,
    pub project: Option<&'t str>,
}

impl AuxWords {
    /// Reads `【客商:甲商贸】【部门:行政部】` and `客户---甲商贸`. A cell without a known kind says nothing here.
    pub fn items<'t>(&self, text: &'t str) -> AuxItems<'t> {
        let mut items = AuxItems::default();
        for item in text
            .split(['【', '】', ';', '；'])
            .filter(|t| !t.is_empty())
        {
            if items.counterparty.is_none() {
                items.counterparty = named(item, &self.counterparty);
            }
            if items.project.is_none() {
                items.project = named(item, &self.project);
            }
        }
        items
    }
}

/// The name behind a kind and a separator.
fn named<'t>(item: &'t str, kinds: &[String]) -> Option<&'t str> {
    let item = item.trim();
    kinds.iter().find_map(|kind| {
        let rest = item.strip_prefix(kind.as_str())?;
        let name = rest.trim_start_matches(['：', ':', '-', '—', ' ']);
        (!name.is_empty() && name.len() < rest.len()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    fn words() -> RowWords {
        let pack = Pack::embedded();
        toml::from_str(&pack.text("profiles/words.toml").unwrap()).unwrap()
    }

    #[test]
    fn rows_are_told_by_what_they_begin_with() {
        for (cell, want) in [
            ("合 计", Some(("合计", Role::Total))),
            ("本年累计", Some(("本年累计", Role::Other))),
            ("核算账簿:甲", Some(("核算账簿", Role::Other))),
            ("核算账簿累计", Some(("核算账簿累计", Role::Total))),
            ("承前页", Some(("承前页", Role::Carried))),
            ("第 3 页", Some(("第*页", Role::Other))),
            ("累 计", Some(("累*计", Role::Other))),
            ("累计发生额", Some(("累计发生", Role::Other))),
            // An account that a hand ledger names without its code.
            ("累计折旧", None),
            ("1001", None),
            ("收租金", None),
            ("", None),
        ] {
            assert_eq!(words().role(cell), want, "{cell}");
        }
    }

    #[test]
    fn auxiliary_items_give_party_and_project() {
        let aux = words().aux;
        let party = |text| aux.items(text).counterparty;
        assert_eq!(party("【客商：甲商贸】【部门：行政部】"), Some("甲商贸"));
        assert_eq!(party("客户---甲商贸"), Some("甲商贸"));
        assert_eq!(party("客户服务中心"), None);
        assert_eq!(party("甲商贸"), None);
        let both = aux.items("【部门：行政部】【项目：道路】【客商：乙】");
        assert_eq!(
            (both.counterparty, both.project),
            (Some("乙"), Some("道路"))
        );
    }
}
