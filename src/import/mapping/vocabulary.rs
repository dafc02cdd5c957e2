//! What tables of each kind are called: words for their headers, what they need, how their cells look. Data, one file a kind
//! in `ledger_rules/profiles/synonyms/`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::import::kind::Kind;
use crate::import::profile::Pattern;
use crate::pack::Pack;

/// The pack's folder of header words by kind.
pub const FOLDER: &str = "profiles/synonyms/";

/// How cells of a field look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Date,
    Time,
    Period,
    Year,
    Month,
    Word,
    Number,
    Voucher,
    Line,
    /// An account's code.
    Code,
    /// An account's name.
    Name,
    /// An account's code and name in one cell.
    Full,
    /// An account by code, by name, or by both.
    Account,
    /// The number of a bank account, whole or masked.
    Card,
    Money,
    Side,
    Text,
    Person,
    Count,
    Mark,
}

/// A field and what its headers are called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Headers that are sure to be it, best first.
    pub headers: Vec<String>,
    /// Parts of headers that make it likely; of parts with a blank between them all must be there.
    pub likely: Vec<String>,
    pub shape: Shape,
}

/// What a table of a kind cannot do without.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// For people.
    pub title: String,
    /// Fields that together give it; one of the lists is enough.
    pub any: Vec<Vec<String>>,
    /// The field that a person may write down for a whole file that has no column for it.
    #[serde(default)]
    pub constant: Option<String>,
}

/// The words of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    pub kind: Kind,
    /// Profiles of the kind say that they know nearly every header, because what they require is little.
    #[serde(default)]
    pub strict: bool,
    pub names: Vec<String>,
    /// For each thing that can be said in several ways, the ways.
    pub either: Vec<Vec<Vec<String>>>,
    #[serde(default)]
    pub forward_fill: Vec<String>,
    #[serde(default)]
    pub default_word: Option<String>,
    #[serde(default)]
    pub debit_words: Vec<String>,
    #[serde(default)]
    pub credit_words: Vec<String>,
    #[serde(default)]
    pub void_words: Vec<String>,
    pub need: Vec<Need>,
    #[serde(default)]
    pub titles: BTreeMap<String, Vec<Pattern>>,
    pub field: Vec<Word>,
}

impl Vocabulary {
    /// The words of every kind that a profile can be proposed for. The error names the file, for people.
    pub fn load(pack: &Pack) -> Result<Vec<Vocabulary>, String> {
        let files = pack.files(FOLDER).into_iter();
        let mut all = Vec::new();
        for path in files.filter(|path| path.ends_with(".toml")) {
            let text = pack.text(&path).ok_or(format!("{path} 不是 UTF-8"))?;
            let vocabulary = toml::from_str(&text).map_err(|e| format!("{path}:{e}"))?;
            all.push(vocabulary);
        }
        match all.is_empty() {
            true => Err(format!("缺少 {FOLDER}")),
            false => Ok(all),
        }
    }

    /// Whether a field says in another way what is said already.
    pub fn contradicts(&self, field: &str, given: &[&str]) -> bool {
        let holds = |way: &Vec<String>, name: &str| way.iter().any(|n| n == name);
        self.either.iter().any(|ways| {
            let own = ways.iter().find(|way| holds(way, field));
            own.is_some_and(|own| {
                let mut others = ways.iter().filter(|way| *way != own);
                others.any(|way| given.iter().any(|g| holds(way, g)))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_field_of_its_kind() {
        let all = Vocabulary::load(&Pack::embedded()).unwrap();
        assert_eq!(all.len(), 5);
        for words in &all {
            let kind = words.kind;
            let fields: Vec<&str> = words.field.iter().map(|w| w.name.as_str()).collect();
            let needs = words.need.iter().flat_map(|n| n.any.iter().flatten());
            let ways = words.either.iter().flatten().flatten();
            for name in needs.chain(ways).chain(&words.forward_fill) {
                assert!(fields.contains(&name.as_str()), "{kind:?} {name}");
            }
            for name in &fields {
                assert!(kind.has_field(name), "{kind:?} {name}");
            }
            for name in words.titles.keys() {
                assert!(kind.may_stand_in_title(name), "{kind:?} {name}");
            }
        }
    }
}
