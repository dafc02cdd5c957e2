//! `ledger_rules/charts/map_….csv`: which account of one standard became which of the next, and how sure that is.

use std::collections::{BTreeMap, BTreeSet};

use super::TransitionError;
use crate::model::Standard;
use crate::pack::Pack;

/// One row: an old account, or a part of it, and the new one. New accounts without an old one have an empty `old`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub old: String,
    pub old_name: String,
    pub new: String,
    pub new_name: String,
    /// same, rename, recode, split, judgement, abolished, new.
    pub kind: String,
    /// Which part goes there, or what to mind.
    pub part: String,
    /// verified, high, medium, uncertain.
    pub confidence: String,
}

impl Pair {
    /// The kind as an accountant says it.
    pub fn kind_label(&self) -> &str {
        match self.kind.as_str() {
            "same" => "不变",
            "rename" => "改名",
            "recode" => "换编码",
            "split" => "拆分",
            "judgement" => "按实质判断",
            "abolished" => "取消",
            "new" => "新设",
            other => other,
        }
    }

    pub fn confidence_label(&self) -> &str {
        match self.confidence.as_str() {
            "verified" => "已核实",
            "high" => "把握高",
            "medium" => "把握中",
            "uncertain" => "不确定",
            other => other,
        }
    }
}

/// All pairs, in the order of the file; of several pairs of one old account the first is its main one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartMap {
    pub pairs: Vec<Pair>,
}

impl ChartMap {
    /// # Errors
    /// [`TransitionError::NoMap`] when the pack has none for these standards.
    pub fn load(pack: &Pack, from: Standard, to: Standard) -> Result<ChartMap, TransitionError> {
        let short = |s: Standard| s.code().replace("village_", "");
        let file = format!("charts/map_{}_to_{}.csv", short(from), short(to));
        let bad = |reason: String| TransitionError::NoMap {
            file: file.clone(),
            reason,
        };
        let text = pack.text(&file).ok_or_else(|| bad("没有这个文件".into()))?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut pairs = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| bad(e.to_string()))?;
            let cell = |i: usize| record.get(i).unwrap_or_default().trim().to_owned();
            pairs.push(Pair {
                old: cell(0),
                old_name: cell(1),
                new: cell(2),
                new_name: cell(3),
                kind: cell(4),
                part: cell(5),
                confidence: cell(7),
            });
        }
        Ok(ChartMap { pairs })
    }

    /// The pair that takes an old account's balance unless somebody says otherwise.
    pub fn main(&self, old: &str) -> Option<&Pair> {
        self.pairs.iter().find(|p| p.old == old)
    }

    /// Accounts that can only be compared together: the old and the new ones that pairs connect.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for pair in &self.pairs {
            let touches = |g: &Group<'_>| g.old.contains(&*pair.old) || g.new.contains(&*pair.new);
            let mut joined = Group::default();
            // The first group that the pair touches keeps its place.
            let place = groups.iter().position(touches).unwrap_or(groups.len());
            let (touched, rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(touches);
            groups = rest;
            for group in touched {
                joined.old.extend(group.old);
                joined.new.extend(group.new);
                joined.pairs.extend(group.pairs);
            }
            if !pair.old.is_empty() {
                joined.old.insert(&pair.old);
            }
            joined.new.insert(&pair.new);
            joined.pairs.push(pair);
            groups.insert(place.min(groups.len()), joined);
        }
        groups
    }

    /// Names of the old accounts by code.
    pub fn old_names(&self) -> BTreeMap<&str, &str> {
        let pairs = self.pairs.iter().filter(|p| !p.old.is_empty());
        pairs.map(|p| (&*p.old, &*p.old_name)).collect()
    }
}

/// See [`ChartMap::groups`].
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Group<'m> {
    pub old: BTreeSet<&'m str>,
    pub new: BTreeSet<&'m str>,
    pub pairs: Vec<&'m Pair>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> ChartMap {
        let (old, new) = (Standard::Village2004, Standard::Village2023);
        ChartMap::load(&Pack::embedded(), old, new).unwrap()
    }

    /// Codes whose meaning changed never go to themselves.
    #[test]
    fn codes_with_two_meanings_move() {
        let map = map();
        for (old, new) in [
            ("153", "154"),
            ("154", "153"),
            ("211", "212"),
            ("212", "311"),
            ("502", "511"),
            ("511", "501"),
            ("521", "503"),
            ("171", "141"),
            ("202", "211"),
        ] {
            let pair = map.main(old).unwrap();
            assert_eq!(pair.new, new, "{old}");
            assert_eq!(pair.kind_label() == "不变", old == new);
        }
    }

    #[test]
    fn every_old_account_is_in_exactly_one_group() {
        let map = map();
        let groups = map.groups();
        let pack = Pack::embedded();
        let chart = pack.text("charts/village_2004.csv").unwrap();
        for line in chart.lines().skip(1) {
            let code = line.split(',').next().unwrap();
            let of = groups.iter().filter(|g| g.old.contains(code)).count();
            assert_eq!(of, 1, "{code}");
        }
        let payables = groups.iter().find(|g| g.old.contains("202")).unwrap();
        assert_eq!(payables.old, BTreeSet::from(["202", "211"]));
        assert_eq!(payables.new, BTreeSet::from(["211", "212", "213", "214"]));
    }

    #[test]
    fn other_changes_have_no_map() {
        let missing = ChartMap::load(
            &Pack::embedded(),
            Standard::Village2023,
            Standard::SmallEnterprise,
        );
        assert!(matches!(missing, Err(TransitionError::NoMap { .. })));
    }
}
