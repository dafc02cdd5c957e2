//! Layout profiles: how accounting packages and banks lay out their exports. They are data, `ledger_rules/profiles/*.toml`;
//! a street adds a file there for a package that is not known yet.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::cell::{self, BadCell};
use super::formats::profile::FOLDER;
use super::kind::Kind;
use super::mapping::FOLDER as SYNONYMS;
use super::words::RowWords;
use crate::model::{Money, catalogue};
use crate::pack::Pack;

/// One layout.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// File name without its ending.
    pub id: String,
    /// Shown to people: `金蝶 KIS/K3 序时簿`.
    pub title: String,
    #[serde(default)]
    pub kind: Kind,
    /// Written for files of one's own: where it fits, it goes before all others.
    #[serde(default)]
    pub preferred: bool,
    /// Sheet or file names that speak for this layout.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// Headers that only this layout has; each speaks for it.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Fields without which it is not this layout; `closing|closing_debit`: one of them is enough. A title or a constant
    /// is as good as a column.
    pub required: Vec<String>,
    /// Headers with which it is not this layout; a star at the end stands for anything.
    #[serde(default)]
    pub excludes: Vec<String>,
    /// It is not this layout if more than a quarter of the headers are not known.
    #[serde(default)]
    pub strict: bool,
    /// Field → accepted headers, best first. A header in two rows is `upper|lower`; `本期借方#2` is the second of two
    /// columns of one name.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Fields of which every column counts, not only the best: the first filled one is taken.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// Headers that are known and not kept; a star at the end stands for anything. `marks` may be among them.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// Field → patterns with one group, for what stands above the header or in the name of sheet or file (blanks left out).
    #[serde(default, rename = "title_fields")]
    pub titles: BTreeMap<String, Vec<Pattern>>,
    /// Field → its value where neither column nor title has one.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// A layout without header is told by the cells that begin its first row …
    #[serde(default)]
    pub signature: Vec<String>,
    /// … and has its headers here.
    #[serde(default)]
    pub headers: Vec<String>,
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
    /// How the layout writes numbers, the same in every cell.
    #[serde(default)]
    pub numbers: Grammar,
}

/// Which sign stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grammar {
    /// `1,234.56`
    #[default]
    Point,
    /// `1.234,56`
    Comma,
}

/// A regular expression with one group.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(Regex);

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Pattern, String> {
        let pattern = Regex::new(&text).map_err(|e| e.to_string())?;
        match pattern.captures_len() {
            2 => Ok(Pattern(pattern)),
            _ => Err(format!("「{text}」应有且只有一对括号")),
        }
    }
}

impl Pattern {
    /// The expression as it is written.
    pub fn text(&self) -> &str {
        self.0.as_str()
    }

    /// What the group holds, if the text fits.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        Some(self.0.captures(text)?.get(1)?.as_str())
    }
}

impl Profile {
    /// The neutral layout of `凭证.csv`, from the catalogue.
    pub fn neutral() -> Profile {
        let table = catalogue().table("voucher");
        let columns = table.map(|t| t.columns.as_slice()).unwrap_or_default();
        let mut fields: BTreeMap<String, Vec<String>> = columns
            .iter()
            .map(|c| (c.name.clone(), c.headers.clone()))
            .collect();
        // Packages call the column otherwise; a voided voucher must not be posted because of it.
        let void = ["作废状态", "作废标志", "是否作废", "凭证状态", "状态"];
        fields
            .entry("void".to_owned())
            .or_default()
            .extend(void.map(str::to_owned));
        let filled = [
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
        ];
        Profile {
            id: "neutral".into(),
            title: "凭证".into(),
            required: columns
                .iter()
                .filter(|c| c.required)
                .map(|c| c.name.clone())
                .collect(),
            fields,
            forward_fill: filled.map(str::to_owned).to_vec(),
            void_words: ["是", "作废", "已作废", "已删除"]
                .map(str::to_owned)
                .to_vec(),
            ..Profile::default()
        }
    }

    /// All profiles of a pack, in order of their file names, and the row words.
    pub fn load(pack: &Pack) -> Result<(Vec<Profile>, RowWords), String> {
        let mut profiles = Vec::new();
        for path in pack.files("profiles/") {
            if !path.ends_with(".toml")
                || path == WORDS
                || path.starts_with(SYNONYMS)
                || path.starts_with(FOLDER)
            {
                continue;
            }
            let text = pack.text(&path).ok_or(format!("{path} 不是 UTF-8"))?;
            profiles.push(Profile::parse(&text).map_err(|e| format!("{path}:{e}"))?);
        }
        let text = pack.text(WORDS).ok_or(format!("缺少 {WORDS}"))?;
        let words = toml::from_str(&text).map_err(|e| format!("{WORDS}:{e}"))?;
        Ok((profiles, words))
    }

    /// Reads and checks one profile. The error says what is wrong, for people.
    pub fn parse(text: &str) -> Result<Profile, String> {
        let profile: Profile = toml::from_str(text).map_err(|e| e.to_string())?;
        profile.check()?;
        Ok(profile)
    }

    fn check(&self) -> Result<(), String> {
        let required = self.required.iter().flat_map(|r| r.split('|'));
        let named = self
            .fields
            .keys()
            .chain(&self.any_of)
            .chain(&self.forward_fill)
            .chain(self.constants.keys())
            .map(String::as_str);
        for name in named.chain(required.clone()) {
            if !self.kind.has_field(name) {
                return Err(format!("没有名为 {name} 的字段"));
            }
        }
        for name in self.titles.keys() {
            if !self.kind.may_stand_in_title(name) {
                return Err(format!("字段 {name} 不能取自标题"));
            }
        }
        for name in required {
            let placed = self.fields.contains_key(name)
                || self.titles.contains_key(name)
                || self.constants.contains_key(name);
            if !placed {
                return Err(format!("必需的字段 {name} 没有列名"));
            }
        }
        if self.signature.is_empty() != self.headers.is_empty() {
            return Err("signature 和 headers 应一起写".to_owned());
        }
        Ok(())
    }

    /// Header words of this layout.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        let texts = self.fields.values().flatten();
        texts.chain(&self.marks).chain(&self.signature)
    }

    pub fn fills(&self, field: &str) -> bool {
        self.forward_fill.iter().any(|f| f == field)
    }

    /// `Some(true)`: debit.
    pub fn side(&self, text: &str) -> Option<bool> {
        if self.debit_words.iter().any(|w| w == text) {
            Some(true)
        } else if self.credit_words.iter().any(|w| w == text) {
            Some(false)
        } else {
            None
        }
    }

    /// An amount in the layout's grammar.
    pub fn money(&self, text: &str) -> Result<Money, BadCell> {
        match self.numbers {
            Grammar::Point => cell::money(text),
            Grammar::Comma => {
                let turned = text.chars().map(|c| match c {
                    ',' => '.',
                    '.' => ',',
                    c => c,
                });
                cell::money(&turned.collect::<String>())
            }
        }
    }

    /// An account code: plain digits, levels between dots, no decimals of a number cell.
    pub fn code<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // What tells a spreadsheet to keep a number as text comes along when the sheet is saved as text.
        let mut code = plain_width(text.trim_start_matches('\''));
        if let Some(short) = code.strip_suffix(".0")
            && short.bytes().all(|b| b.is_ascii_digit())
        {
            code = Cow::Owned(short.to_owned());
        }
        if code.contains(self.code_separators.as_slice()) {
            code = Cow::Owned(code.replace(self.code_separators.as_slice(), "."));
        }
        code
    }
}

/// A text with full-width letters and digits made plain.
pub fn plain_width(text: &str) -> Cow<'_, str> {
    // Full-width forms are U+FF01 to U+FF5E: their first byte is 0xEF, which hardly any other text has.
    match text.as_bytes().contains(&0xef) {
        true => Cow::Owned(text.nfkc().collect()),
        false => Cow::Borrowed(text),
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
            let path = format!("profiles/{}.toml", profile.id);
            assert!(pack.text(&path).is_some(), "{path}");
        }
        assert!(words.totals.contains(&"合计".to_owned()));
    }

    #[test]
    fn the_neutral_layout_knows_voided_vouchers_by_other_names_too() {
        let neutral = Profile::neutral();
        assert_eq!(neutral.fields["void"][0], "作废");
        assert!(neutral.fields["void"].contains(&"作废状态".to_owned()));
        assert!(neutral.void_words.contains(&"已作废".to_owned()));
    }

    #[test]
    fn mistakes_in_a_profile_are_named() {
        let profile = |more: &str| {
            format!(
                "id = \"x\"\ntitle = \"x\"\nrequired = [\"date\"]\n{more}\n[fields]\ndate = [\"日期\"]\n"
            )
        };
        assert!(Profile::parse(&profile("")).is_ok());
        for (more, word) in [
            ("any_of = [\"colour\"]", "colour"),
            ("excludes = 1", "excludes"),
            ("signature = [\"填制凭证\"]", "headers"),
            ("title_fields.year = [\"[0-9]+\"]", "括号"),
            ("title_fields.summary = [\"(x)\"]", "标题"),
            ("kind = \"balance\"", "date"),
        ] {
            let error = Profile::parse(&profile(more)).unwrap_err();
            assert!(error.contains(word), "{more}: {error}");
        }
    }

    #[test]
    fn one_grammar_of_numbers_holds_for_every_cell() {
        let mut profile = Profile::neutral();
        assert_eq!(profile.money("1,234.56").ok(), Some(Money(123_456)));
        assert!(profile.money("1.234,56").is_err());
        profile.numbers = Grammar::Comma;
        assert_eq!(profile.money("1.234,56").ok(), Some(Money(123_456)));
        assert!(profile.money("1,234.56").is_err());
    }

    #[test]
    fn codes_lose_what_a_spreadsheet_did_to_them() {
        let mut profile = Profile::neutral();
        for (text, code) in [
            ("1001.0", "1001"),
            ("１００２", "1002"),
            ("1002.13.09", "1002.13.09"),
            ("1002-01", "1002-01"),
            ("'100201", "100201"),
        ] {
            assert_eq!(profile.code(text), code);
        }
        profile.code_separators = vec!['_'];
        assert_eq!(profile.code("1002_01"), "1002.01");
    }
}
