//! Which accounting standard a book follows, told by its accounts: names before codes, because seven codes of the village
//! charts changed their meaning in 2024. The evidence is data, `ledger_rules/charts/detect.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::model::{Standard, Text};

/// Accounts as handed in: code → name, if any.
pub type SeenAccounts = BTreeMap<Text, Option<Text>>;

/// What speaks for which standard.
#[derive(Debug, Default, Deserialize)]
pub struct Evidence {
    #[serde(default)]
    name: Vec<NameEvidence>,
    #[serde(default)]
    code: Vec<CodeEvidence>,
}

#[derive(Debug, Deserialize)]
struct NameEvidence {
    digits: usize,
    code: String,
    contains: String,
    standard: String,
    #[serde(default)]
    needs: Vec<String>,
    /// Three-digit codes written with four: recognised, not readable with our charts.
    #[serde(default)]
    pad: bool,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CodeEvidence {
    digits: usize,
    any: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    standard: String,
    #[serde(default)]
    title: Option<String>,
}

/// What the accounts say.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The standard and the accounts that show it.
    Standard(Standard, String),
    /// Recognised, and no chart of ours fits.
    Unsupported(String),
    /// Why there is no verdict.
    Unclear(String),
}

/// Separators between the levels of an account name.
const NAME_SEPARATORS: [&str; 6] = [" - ", "\\", "/", "_", "—", ">"];

/// The parts of a name path, top first.
pub fn name_path(name: &str) -> Vec<&str> {
    for separator in NAME_SEPARATORS {
        if name.contains(separator) {
            return name.split(separator).map(str::trim).collect();
        }
    }
    vec![name.trim()]
}

/// Digits of a level-1 code: 3 (3-2-2 …) or 4 (4-2-2 …), by majority of the codes. A dotted code shows its first part.
pub fn level_digits(codes: &SeenAccounts) -> usize {
    let (mut three, mut four) = (0, 0);
    for code in codes.keys() {
        match first_part(code).len() {
            3 | 5 | 7 | 9 => three += 1,
            4 | 8 | 10 | 12 => four += 1,
            _ => {}
        }
    }
    if three > four { 3 } else { 4 }
}

fn first_part(code: &str) -> &str {
    code.split(['.', '-']).next().unwrap_or(code)
}

impl Evidence {
    /// Judges the accounts of a book.
    pub fn judge(&self, accounts: &SeenAccounts) -> Verdict {
        let digits = level_digits(accounts);
        let mut level_one: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (code, name) in accounts {
            let Some(top) = first_part(code).get(..digits) else {
                continue;
            };
            let names = level_one.entry(top).or_default();
            let path = name.as_deref().map(name_path).unwrap_or_default();
            if path.len() > 1 || code.len() == digits {
                names.extend(path.first());
            }
        }
        let holds = |word: &str| level_one.values().flatten().any(|name| name.contains(word));
        let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut by_code: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut title = None;
        for hint in self.name.iter().filter(|h| h.digits == digits) {
            let names = level_one.get(hint.code.as_str());
            let hit = names.and_then(|names| {
                names
                    .iter()
                    .find(|name| name.contains(hint.contains.as_str()))
            });
            if let Some(name) = hit
                && hint.needs.iter().all(|word| holds(word))
            {
                let standard = if hint.pad {
                    "unsupported"
                } else {
                    &hint.standard
                };
                title = title.or(hint.title.as_deref());
                by_name
                    .entry(standard)
                    .or_default()
                    .push(format!("{} {name}", hint.code));
            }
        }
        for hint in self.code.iter().filter(|h| h.digits == digits) {
            if hint.needs.iter().all(|word| holds(word)) {
                let hits = hint
                    .any
                    .iter()
                    .filter(|c| level_one.contains_key(c.as_str()));
                let before = by_code.get(hint.standard.as_str()).map_or(0, Vec::len);
                by_code
                    .entry(&hint.standard)
                    .or_default()
                    .extend(hits.cloned());
                if by_code.get(hint.standard.as_str()).map_or(0, Vec::len) > before {
                    title = title.or(hint.title.as_deref());
                }
            }
        }
        by_code.retain(|_, hits| !hits.is_empty());
        decide(&by_name, &by_code, title)
    }
}

fn decide(
    by_name: &BTreeMap<&str, Vec<String>>,
    by_code: &BTreeMap<&str, Vec<String>>,
    title: Option<&str>,
) -> Verdict {
    let named = |standard: &str, hits: &[String]| match Standard::from_code(standard) {
        Some(standard) => Verdict::Standard(standard, hits.join("、")),
        None => Verdict::Unsupported(title.unwrap_or("另一种会计制度").to_owned()),
    };
    match by_name.iter().collect::<Vec<_>>().as_slice() {
        [(standard, hits)] => return named(standard, hits),
        [] => {}
        several => {
            let list: Vec<String> = several.iter().map(|(_, hits)| hits.join("、")).collect();
            return Verdict::Unclear(format!("科目名称分属两种制度({})", list.join(";")));
        }
    }
    let most = by_code.values().map(Vec::len).max().unwrap_or(0);
    let leaders: Vec<_> = by_code
        .iter()
        .filter(|(_, hits)| hits.len() == most)
        .collect();
    match leaders.as_slice() {
        [(standard, hits)] => named(standard, hits),
        [] => Verdict::Unclear("没有能区分会计制度的科目".to_owned()),
        _ => Verdict::Unclear("科目编码分属两种制度".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    fn judge(accounts: &[(&str, &str)]) -> Verdict {
        let pack = Pack::embedded();
        let evidence: Evidence = toml::from_str(&pack.text("charts/detect.toml").unwrap()).unwrap();
        let seen = accounts
            .iter()
            .map(|(c, n)| (Text::from(*c), (!n.is_empty()).then(|| Text::from(*n))))
            .collect();
        evidence.judge(&seen)
    }

    fn standard(accounts: &[(&str, &str)]) -> Option<Standard> {
        match judge(accounts) {
            Verdict::Standard(standard, _) => Some(standard),
            _ => None,
        }
    }

    #[test]
    fn names_outrank_codes() {
        assert_eq!(
            standard(&[("153", "在建工程"), ("202", "x")]),
            Some(Standard::Village2023)
        );
        assert_eq!(
            standard(&[("153", "固定资产清理")]),
            Some(Standard::Village2004)
        );
        assert_eq!(
            standard(&[("15301", "在建工程 - 道路")]),
            Some(Standard::Village2023)
        );
    }

    #[test]
    fn codes_decide_where_names_are_silent() {
        assert_eq!(
            standard(&[("1002", ""), ("5602.01", "")]),
            Some(Standard::SmallEnterprise)
        );
        assert_eq!(
            standard(&[("1002", ""), ("6602", ""), ("4103", "")]),
            Some(Standard::Enterprise)
        );
        assert_eq!(
            standard(&[("514", ""), ("10201", "")]),
            Some(Standard::Village2023)
        );
    }

    #[test]
    fn never_guesses() {
        assert!(matches!(
            judge(&[("1002", "银行存款")]),
            Verdict::Unclear(_)
        ));
        assert!(matches!(
            judge(&[("153", "在建工程"), ("154", "在建工程")]),
            Verdict::Unclear(_)
        ));
        assert!(matches!(
            judge(&[("3101", "实收资本")]),
            Verdict::Unsupported(_)
        ));
    }
}
