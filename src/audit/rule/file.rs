//! The form of a rule file, exactly: an unknown key is an error with its line number, never ignored.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::choices::Choices;
use crate::audit::outcome::{FindingKind, FindingSeverity};
use crate::audit::params::{ParamValue, Word};
use crate::audit::tables::schema::{self, TableSpec};

/// One rule as written in `ledger_rules/audit/<family>/<ID>_<name>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    pub id: String,
    pub version: u32,
    pub title: String,
    #[serde(default)]
    pub title_en: String,
    pub kind: FindingKind,
    pub severity: FindingSeverity,
    #[serde(default)]
    pub scope: Scope,
    /// Tables that must hold rows of an organisation; where one is empty the rule has not run for it. Of `a|b` one is enough.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Tables that are used when they hold rows.
    #[serde(default)]
    pub optional: Vec<String>,
    /// What a finding points at: `contract`, `voucher`, `counterparty` …
    pub subject: String,
    /// Result columns that name the matter within the organisation.
    pub key: Vec<String>,
    #[serde(default)]
    pub advice: String,
    #[serde(default)]
    pub false_positives: Vec<String>,
    #[serde(default, rename = "law")]
    pub laws: Vec<LawRef>,
    #[serde(default)]
    pub params: BTreeMap<String, ParamSpec>,
    pub query: Query,
    /// Chinese labels of result columns that are no columns of the hand-in folder.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default, rename = "test")]
    pub tests: Vec<RuleTest>,
}

impl RuleFile {
    /// What must be handed in: of each group of tables at least one.
    pub fn requirements(&self) -> impl Iterator<Item = Vec<&str>> {
        self.requires.iter().map(|r| r.split('|').collect())
    }

    /// The requirements that are not met, each as the tables of which one would do. `holds`: whether a table has rows.
    pub fn lacking(&self, holds: impl Fn(&str) -> bool) -> Vec<Vec<&'static TableSpec>> {
        self.requirements()
            .map(|group| group.into_iter().filter_map(schema::table).collect())
            .filter(|group: &Vec<_>| !group.is_empty() && !group.iter().any(|t| holds(&t.name)))
            .collect()
    }
}

/// Which organisations a rule is for, by the regime in force on the day of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    All,
    /// 农村集体经济组织.
    Collective,
    /// 公司.
    Company,
}

impl Scope {
    /// Whether an organisation of this regime (`collective`, `company`, or unknown) is meant.
    pub fn covers(self, regime: Option<&str>) -> bool {
        match self {
            Scope::All => true,
            Scope::Collective => regime == Some("collective"),
            Scope::Company => regime == Some("company"),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Scope::All => "全部单位",
            Scope::Collective => "农村集体经济组织",
            Scope::Company => "公司",
        }
    }
}

/// A cited article and the span of event days for which it is cited.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawRef {
    /// `民法典#705`; must exist in `laws.toml`.
    #[serde(rename = "ref")]
    pub reference: String,
    #[serde(default, deserialize_with = "optional_date")]
    pub from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "optional_date")]
    pub to: Option<NaiveDate>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    pub sql: String,
    /// One sentence with `{column}` and `{param}`.
    pub message: String,
}

/// The type of a parameter and of its column in the `params` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamType {
    Integer,
    /// 元, two decimals.
    Money,
    /// Six decimals.
    Decimal,
    Text,
    /// Rows of `param_list` instead of a column.
    List,
    Date,
    Bool,
}

/// Where a default comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamSource {
    /// Fixed by law; the street's 参数 table cannot change it.
    Statute,
    /// Audit practice.
    Practice,
    /// Nobody has set it yet: hits are red flags and say so.
    Placeholder,
}

impl ParamSource {
    pub fn code(self) -> &'static str {
        match self {
            ParamSource::Statute => "statute",
            ParamSource::Practice => "practice",
            ParamSource::Placeholder => "placeholder",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamSpec {
    #[serde(rename = "type")]
    pub kind: ParamType,
    /// Integer, text, date, bool or list of texts; decimals are written as text so that no float is involved.
    pub default: toml::Value,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub label: String,
    pub source: ParamSource,
    #[serde(default)]
    pub basis: String,
    /// Of text and list: what may be chosen.
    #[serde(default)]
    pub choices: Option<Choices>,
}

impl ParamSpec {
    /// Reads a value as people write it, the words of choices among them. The error completes a sentence: `…不是整数`.
    pub fn read(&self, text: &str) -> Result<ParamValue, String> {
        let Some(choices) = &self.choices else {
            return ParamValue::parse(self.kind, text);
        };
        if self.kind != ParamType::List {
            return choices.find(text.trim()).map(ParamValue::Text);
        }
        let items = text.split([';', ';', '、']).map(str::trim);
        let items = items.filter(|item| !item.is_empty());
        let words: Result<Vec<Word>, String> = items.map(|item| choices.find(item)).collect();
        words.map(ParamValue::List)
    }
}

/// A test inside a rule file: given tables, expected findings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTest {
    pub name: String,
    /// Table name → CSV text.
    pub given: BTreeMap<String, String>,
    #[serde(default)]
    pub params: BTreeMap<String, toml::Value>,
    #[serde(default, deserialize_with = "optional_date")]
    pub as_of: Option<NaiveDate>,
    /// Expected findings: column → value as plain text. Empty: a miss.
    pub expect: Vec<toml::Table>,
}

fn optional_date<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDate>, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?;
    parse_toml_date(&date)
        .map(Some)
        .ok_or_else(|| serde::de::Error::custom("应为日期,如 2024-12-31"))
}

/// The calendar date of a TOML date value without a time of day.
pub fn parse_toml_date(date: &toml::value::Datetime) -> Option<NaiveDate> {
    let part = date.date.filter(|_| date.time.is_none())?;
    NaiveDate::from_ymd_opt(part.year.into(), part.month.into(), part.day.into())
}

/// A scalar of a rule file as plain text; floats have none.
pub fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(n) => Some(n.to_string()),
        toml::Value::Boolean(b) => Some(b.to_string()),
        toml::Value::Datetime(date) => parse_toml_date(date).map(|d| d.to_string()),
        toml::Value::Array(items) => items
            .iter()
            .map(plain_text)
            .collect::<Option<Vec<_>>>()
            .map(|items| items.join(";")),
        toml::Value::Float(_) | toml::Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_and_floats_are_refused() {
        let text = "id = \"X-1\"\nversion = 1\ntitel = \"x\"\n";
        let error = toml::from_str::<RuleFile>(text).unwrap_err();
        assert!(error.to_string().contains("titel"), "{error}");
        assert_eq!(plain_text(&toml::Value::Float(0.5)), None);
    }
}
