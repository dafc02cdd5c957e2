//! The rule pack read whole: rules, marts, laws, key words, calendar. Every fault of every file is reported, not the first.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{ParamSpec, ParamType, RuleFile, plain_text};
use crate::audit::calendar::Calendar;
use crate::audit::fence;
use crate::audit::laws::Laws;
use crate::audit::overlay::Change;
use crate::audit::params::{ParamValue, Word};
use crate::audit::tables::schema;
use crate::pack::Pack;

/// A fault in the rule pack: file, line where known, what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{file}{}:{message}", code.map(|c| format!("{c} ")).unwrap_or_default(), line.map(|l| format!(" 第{l}行")).unwrap_or_default())]
pub struct RuleError {
    /// Of faults that have a page of their own.
    pub code: Option<&'static str>,
    pub file: String,
    pub line: Option<usize>,
    pub message: String,
}

/// A rule ready to be planned.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Path within the pack.
    pub path: String,
    /// Folder of the file: `contract`, `finance` …
    pub family: String,
    pub file: RuleFile,
    /// Defaults of `file.params`, typed.
    pub defaults: BTreeMap<String, ParamValue>,
    /// Tables and marts that the query names.
    pub relations: BTreeSet<String>,
    /// What the street's overlay changes; nothing as the pack has it.
    pub overlay: Change,
}

impl Rule {
    pub fn id(&self) -> &str {
        &self.file.id
    }
}

/// A shared view that rules select from: `marts/10_payment.sql` is `payment`.
#[derive(Debug, Clone)]
pub struct Mart {
    pub name: String,
    pub path: String,
    pub sql: String,
    pub relations: BTreeSet<String>,
}

/// Everything of the pack that an audit uses.
#[derive(Debug, Clone)]
pub struct RulePack {
    /// In order of id.
    pub rules: Vec<Rule>,
    /// In order of file name: a mart may use those before it.
    pub marts: Vec<Mart>,
    pub laws: Laws,
    pub calendar: Calendar,
    /// (list, word).
    pub keywords: Vec<(String, String)>,
    pub digest: String,
    /// Digest of the street's overlay, if there is one.
    pub overlay_digest: Option<String>,
    /// Faults of files that could not be used; the rest of the pack stands.
    pub faults: Vec<RuleError>,
}

impl RulePack {
    /// Reads the pack. A file that cannot be read stands in `faults`; an audit refuses a pack with faults.
    pub fn load(pack: &Pack) -> RulePack {
        let mut faults = Vec::new();
        let mut rules = Vec::new();
        for path in pack.files("audit/") {
            if !path.ends_with(".toml") {
                continue;
            }
            match pack.text(&path) {
                Some(text) => match parse_rule(&path, &text) {
                    Ok(rule) => rules.push(rule),
                    Err(error) => faults.push(error),
                },
                None => faults.push(fault(&path, None, "不是 UTF-8 文本")),
            }
        }
        rules.sort_by(|a: &Rule, b: &Rule| a.id().cmp(b.id()));
        for pair in rules.windows(2) {
            if pair[0].id() == pair[1].id() {
                let message = format!("规则编号 {} 与 {} 重复", pair[1].id(), pair[0].path);
                faults.push(fault(&pair[1].path, None, &message));
            }
        }
        let marts = load_marts(pack, &mut faults);
        let keywords = load_keywords(pack, &mut faults);
        let laws = Laws::load(pack, &mut faults);
        let calendar = Calendar::load(pack, &mut faults);
        RulePack {
            rules,
            marts,
            laws,
            calendar,
            keywords,
            digest: pack.digest().to_owned(),
            overlay_digest: None,
            faults,
        }
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id() == id)
    }

    pub fn mart(&self, name: &str) -> Option<&Mart> {
        self.marts.iter().find(|m| m.name == name)
    }

    /// The marts that these relations rest on, directly or through other marts, in the order of computation.
    pub fn marts_needed(&self, relations: &BTreeSet<String>) -> Vec<&Mart> {
        let mut wanted = relations.clone();
        let mut needed: Vec<&Mart> = Vec::new();
        for mart in self.marts.iter().rev() {
            if wanted.contains(&mart.name) {
                wanted.extend(mart.relations.iter().cloned());
                needed.push(mart);
            }
        }
        needed.reverse();
        needed
    }
}

/// Reads one rule file.
pub fn parse_rule(path: &str, text: &str) -> Result<Rule, RuleError> {
    let file: RuleFile = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_of(text, span.start));
        fault(path, line, &translate(error.message()))
    })?;
    let at = |needle: &str| text.lines().position(|l| l.contains(needle)).map(|n| n + 1);
    let mut defaults = BTreeMap::new();
    for (name, spec) in &file.params {
        let value = default_value(spec, &spec.default).map_err(|message| {
            fault(
                path,
                at(&format!("[params.{name}]")),
                &format!("参数 {name} 的默认值{message}"),
            )
        })?;
        defaults.insert(name.clone(), value);
    }
    let relations =
        fence::relations(&file.query.sql).map_err(|message| fault(path, at("sql"), &message))?;
    let mut parts = path.rsplit('/');
    let family = parts.nth(1).unwrap_or_default().to_owned();
    Ok(Rule {
        path: path.to_owned(),
        family,
        file,
        defaults,
        relations,
        overlay: Change::default(),
    })
}

/// Types a value of a rule file. The error completes a sentence: `… 不是数字`.
pub fn default_value(spec: &ParamSpec, value: &toml::Value) -> Result<ParamValue, String> {
    if let (ParamType::List, toml::Value::Array(items)) = (spec.kind, value) {
        let items: Option<Vec<String>> = items.iter().map(plain_text).collect();
        let items = items.ok_or("应为文字列表")?;
        let word = |item: &String| match &spec.choices {
            Some(choices) => choices.find(item),
            None => Ok(Word::plain(item)),
        };
        let words: Result<Vec<Word>, String> = items.iter().map(word).collect();
        return words.map(ParamValue::List);
    }
    let text = plain_text(value).ok_or("不能写成浮点数;小数请加引号,如 \"0.05\"".to_owned())?;
    spec.read(&text)
}

fn load_marts(pack: &Pack, faults: &mut Vec<RuleError>) -> Vec<Mart> {
    let mut marts: Vec<Mart> = Vec::new();
    for path in pack.files("marts/") {
        let Some(stem) = path
            .strip_prefix("marts/")
            .and_then(|p| p.strip_suffix(".sql"))
        else {
            continue;
        };
        let name = stem
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start_matches('_')
            .to_owned();
        let sql = pack.text(&path).unwrap_or_default().into_owned();
        if schema::table(&name).is_some() || marts.iter().any(|m| m.name == name) {
            faults.push(fault(&path, None, &format!("视图名 {name} 已被占用")));
            continue;
        }
        match fence::relations(&sql) {
            Ok(relations) => marts.push(Mart {
                name,
                path,
                sql,
                relations,
            }),
            Err(message) => faults.push(fault(&path, None, &message)),
        }
    }
    marts
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeywordList {
    /// The list's id in the `[[list]]` form, its Chinese name in the `[id]` form.
    name: String,
    #[serde(rename = "reason")]
    _reason: String,
    words: Vec<String>,
}

/// `[[list]]` with name, reason and words, or one table per list: `[cash_allowed]`.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum KeywordEntry {
    Many(Vec<KeywordList>),
    One(KeywordList),
}

fn load_keywords(pack: &Pack, faults: &mut Vec<RuleError>) -> Vec<(String, String)> {
    let mut words = BTreeSet::new();
    for path in pack.files("lists/") {
        if !path.ends_with(".toml") {
            continue;
        }
        let text = pack.text(&path).unwrap_or_default();
        match toml::from_str::<BTreeMap<String, KeywordEntry>>(&text) {
            Ok(entries) => {
                for (id, entry) in entries {
                    let lists = match entry {
                        KeywordEntry::Many(lists) => lists,
                        KeywordEntry::One(list) => vec![KeywordList { name: id, ..list }],
                    };
                    for list in lists {
                        words.extend(list.words.into_iter().map(|w| (list.name.clone(), w)));
                    }
                }
            }
            Err(error) => {
                let line = error.span().map(|span| line_of(&text, span.start));
                faults.push(fault(&path, line, &translate(error.message())));
            }
        }
    }
    words.into_iter().collect()
}

/// Line number, from 1, of a byte offset.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset)
        .map_or(1, |head| head.matches('\n').count() + 1)
}

pub fn fault(file: &str, line: Option<usize>, message: &str) -> RuleError {
    RuleError {
        code: None,
        file: file.to_owned(),
        line,
        message: message.to_owned(),
    }
}

/// The parser speaks English; the commonest messages are put in Chinese, the rest is passed on.
pub fn translate(message: &str) -> String {
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    if message.contains("unknown field") {
        let allowed = message.split("expected").nth(1).unwrap_or_default();
        format!("不认识的键「{}」(可用:{})", quoted(message), allowed.trim())
    } else if message.contains("missing field") {
        format!("缺少键「{}」", quoted(message))
    } else if message.contains("unknown variant") {
        let allowed = message.split("expected").nth(1).unwrap_or_default();
        format!(
            "不认识的取值「{}」(可用:{})",
            quoted(message),
            allowed.trim()
        )
    } else if message.contains("duplicate key") {
        "同一个键写了两次".to_owned()
    } else {
        format!("格式有误:{}", message.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = r#"
id = "X-001"
version = 1
title = "样例"
kind = "red_flag"
severity = "low"
subject = "contract"
key = ["contract_no"]
[params.limit]
type = "money"
default = "5000.00"
source = "practice"
[query]
sql = "SELECT organisation, contract_no FROM contract JOIN params USING (organisation)"
message = "合同{contract_no}"
"#;

    #[test]
    fn reads_a_rule_and_its_relations() {
        let rule = parse_rule("audit/contract/X-001_x.toml", RULE).unwrap();
        assert_eq!(rule.family, "contract");
        assert!(rule.relations.contains("contract") && rule.relations.contains("params"));
        assert_eq!(
            rule.defaults["limit"],
            ParamValue::Decimal {
                raw: 500_000,
                scale: 2
            }
        );
    }

    #[test]
    fn faults_carry_their_line() {
        let error = parse_rule("a/b/c.toml", &RULE.replace("severity", "severty")).unwrap_err();
        assert_eq!(error.line, Some(6));
        assert!(error.message.contains("severty"), "{error}");
        let error = parse_rule("a/b/c.toml", &RULE.replace("\"5000.00\"", "0.5")).unwrap_err();
        assert!(error.message.contains("浮点"), "{error}");
        let error = parse_rule("a/b/c.toml", &RULE.replace("SELECT", "SELEC")).unwrap_err();
        assert_eq!(error.line, Some(14));
    }
}
