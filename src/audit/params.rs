//! The parameters of a rule, resolved per organisation and day: the street's 参数 table over the rule's defaults.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::outcome::ResolvedParam;
use super::rule::{ParamSource, ParamType, Rule};
use super::tables::cell::{decimal_text, trim_decimals};
use crate::model::Money;
use crate::model::date::parse_date;
use crate::model::money::parse_scaled;

/// Decimals of a `decimal` parameter: in the tables that rules read it is an exact decimal of this scale, so a value with
/// more is refused, not rounded.
pub const DECIMAL_SCALE: u8 = 6;

/// A typed value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamValue {
    Int(i64),
    Decimal { raw: i64, scale: u8 },
    Text(Word),
    List(Vec<Word>),
    Date(NaiveDate),
    Bool(bool),
}

/// A text of a parameter: what rules compare with, and what people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub shown: String,
    pub code: String,
}

impl Word {
    pub fn new(shown: &str, code: &str) -> Word {
        Word {
            shown: shown.to_owned(),
            code: code.to_owned(),
        }
    }

    /// A text that stands for itself.
    pub fn plain(text: &str) -> Word {
        Word::new(text, text)
    }
}

impl ParamValue {
    /// Reads the text of a 参数 row or of a rule's default. The error completes a sentence: `…不是整数`.
    pub fn parse(kind: ParamType, text: &str) -> Result<ParamValue, String> {
        let text = text.trim();
        let number = |scale: u8, what: &str| {
            if text.is_empty() {
                return Err(format!("为空,应为{what}"));
            }
            parse_scaled(text, scale).map_err(|e| format!("「{text}」不是{what}({e})"))
        };
        Ok(match kind {
            ParamType::Integer => ParamValue::Int(number(0, "整数")?),
            ParamType::Money => ParamValue::Decimal {
                raw: number(2, "金额")?,
                scale: 2,
            },
            ParamType::Decimal => ParamValue::Decimal {
                raw: number(DECIMAL_SCALE, "至多六位小数的数")?,
                scale: DECIMAL_SCALE,
            },
            ParamType::Text => ParamValue::Text(Word::plain(text)),
            ParamType::List => ParamValue::List(
                text.split([';', ';'])
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(Word::plain)
                    .collect(),
            ),
            ParamType::Date => {
                ParamValue::Date(parse_date(text).ok_or_else(|| format!("「{text}」不是日期"))?)
            }
            ParamType::Bool => match text {
                "true" | "是" => ParamValue::Bool(true),
                "false" | "否" => ParamValue::Bool(false),
                _ => return Err(format!("「{text}」不是 是/否")),
            },
        })
    }

    /// As shown to people; money with thousands separators.
    pub fn shown(&self) -> String {
        match self {
            ParamValue::Int(n) => n.to_string(),
            ParamValue::Decimal { raw, scale: 2 } => Money(*raw).grouped(),
            ParamValue::Decimal { raw, scale } => {
                trim_decimals(&decimal_text((*raw).into(), *scale as i8)) // the scale is 6
            }
            ParamValue::Text(word) => word.shown.clone(),
            ParamValue::List(words) => listed(words, "、"),
            ParamValue::Date(date) => date.to_string(),
            ParamValue::Bool(b) => if *b { "是" } else { "否" }.to_owned(),
        }
    }

    /// The words chosen, as a cell of 参数 holds them; `None`: it is no text.
    pub fn words(&self) -> Option<String> {
        match self {
            ParamValue::Text(word) => Some(word.shown.clone()),
            ParamValue::List(words) => Some(listed(words, ";")),
            _ => None,
        }
    }
}

fn listed(words: &[Word], between: &str) -> String {
    let shown: Vec<&str> = words.iter().map(|w| w.shown.as_str()).collect();
    shown.join(between)
}

/// One row of the street's 参数 table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub rule: String,
    pub name: String,
    /// None: the whole street.
    pub organisation: Option<String>,
    pub value: String,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub basis: String,
    /// From the street's overlay: the rows of the 参数 table come first.
    pub overlay: bool,
    pub approver: String,
}

impl Setting {
    /// From the cells of a row of 参数, asked for by column.
    pub fn of<'a>(
        text: impl Fn(&str) -> Option<&'a str>,
        date: impl Fn(&str) -> Option<NaiveDate>,
    ) -> Setting {
        let plain = |column: &str| text(column).unwrap_or_default().to_owned();
        Setting {
            rule: plain("rule"),
            name: plain("name"),
            organisation: text("organisation").map(str::to_owned),
            value: plain("value"),
            from: date("valid_from"),
            to: date("valid_to"),
            basis: plain("basis"),
            approver: plain("approver"),
            overlay: false,
        }
    }

    fn covers(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// Where a resolved value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default(ParamSource),
    Street {
        basis: String,
        approver: String,
        /// Set for the organisation alone; else for the whole street.
        own: bool,
    },
    /// Given for one run (`rules try`, a rule's test).
    Trial,
}

impl Origin {
    /// Where a value comes from, for people.
    pub fn shown(&self) -> String {
        match self {
            Origin::Default(ParamSource::Statute) => "法定,不可调整".to_owned(),
            Origin::Default(ParamSource::Practice) => "惯例,可调整".to_owned(),
            Origin::Default(ParamSource::Placeholder) => "占位值,街道尚未设定".to_owned(),
            Origin::Trial => "试算".to_owned(),
            Origin::Street {
                basis,
                approver,
                own,
            } => {
                let whose = if *own {
                    "本单位设定"
                } else {
                    "街道设定"
                };
                let mut parts = vec![whose.to_owned()];
                parts.extend((!basis.is_empty()).then(|| basis.clone()));
                parts.extend((!approver.is_empty()).then(|| format!("批准人 {approver}")));
                parts.join(";")
            }
        }
    }
}

/// The values of all parameters of a rule for one organisation on the days `from..=to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub values: BTreeMap<String, (ParamValue, Origin)>,
}

impl Span {
    pub fn placeholder(&self) -> bool {
        self.values
            .values()
            .any(|(_, origin)| *origin == Origin::Default(ParamSource::Placeholder))
    }
}

/// First and last day of all spans together.
pub fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(NaiveDate::MIN)
}
pub fn last_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

/// Values given for one run, by parameter name.
pub type Trial = BTreeMap<String, ParamValue>;

/// The spans of a rule's parameters for one organisation: without gaps, in order of days.
/// A street's value that cannot be read is ignored here; [`check_settings`] reports it.
pub fn resolve(rule: &Rule, settings: &[Setting], trial: &Trial, organisation: &str) -> Vec<Span> {
    let mine: Vec<&Setting> = settings
        .iter()
        .chain(&rule.overlay.settings)
        .filter(|s| s.rule == rule.id())
        .filter(|s| s.organisation.as_deref().is_none_or(|o| o == organisation))
        .collect();
    let mut starts = vec![first_day()];
    for setting in &mine {
        starts.extend(setting.from);
        starts.extend(setting.to.and_then(|d| d.succ_opt()));
    }
    starts.retain(|d| (first_day()..=last_day()).contains(d));
    starts.sort_unstable();
    starts.dedup();
    let mut spans: Vec<Span> = Vec::new();
    for (i, &from) in starts.iter().enumerate() {
        let to = starts
            .get(i + 1)
            .and_then(|d| d.pred_opt())
            .unwrap_or_else(last_day);
        let values = values_at(rule, &mine, trial, from);
        match spans.last_mut() {
            Some(last) if last.values == values => last.to = to,
            _ => spans.push(Span { from, to, values }),
        }
    }
    spans
}

fn values_at(
    rule: &Rule,
    settings: &[&Setting],
    trial: &Trial,
    day: NaiveDate,
) -> BTreeMap<String, (ParamValue, Origin)> {
    let value_of = |name: &String, default: &ParamValue| {
        if let Some(value) = trial.get(name) {
            return (value.clone(), Origin::Trial);
        }
        let spec = &rule.file.params[name];
        if spec.source == ParamSource::Statute {
            return (default.clone(), Origin::Default(spec.source));
        }
        settings
            .iter()
            .filter(|s| &s.name == name && s.covers(day))
            .filter_map(|s| Some((s, spec.read(&s.value).ok()?)))
            // The 参数 table before the overlay, the organisation's own row before the street's, the latest before older
            // ones; ties by value.
            .max_by_key(|(s, _)| {
                let own = s.organisation.is_some();
                (!s.overlay, own, s.from, s.value.clone())
            })
            .map(|(s, value)| {
                let origin = Origin::Street {
                    basis: s.basis.clone(),
                    approver: s.approver.clone(),
                    own: s.organisation.is_some(),
                };
                (value, origin)
            })
            .unwrap_or_else(|| (default.clone(), Origin::Default(spec.source)))
    };
    rule.defaults
        .iter()
        .map(|(name, default)| (name.clone(), value_of(name, default)))
        .collect()
}

/// The span that holds a day; the spans of [`resolve`] have no gaps.
pub fn span_at(spans: &[Span], day: NaiveDate) -> Option<&Span> {
    spans.iter().find(|s| s.from <= day && day <= s.to)
}

/// A parameter's value on a day, and what comes after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    pub value: ParamValue,
    pub origin: Origin,
    /// The first day of this value; None: it has held from the beginning.
    pub since: Option<NaiveDate>,
    /// The day on which another value follows, and that value.
    pub next: Option<(NaiveDate, ParamValue)>,
}

/// The value of one parameter on a day, from the spans of [`resolve`].
pub fn in_force(spans: &[Span], name: &str, day: NaiveDate) -> Option<InForce> {
    let at = spans.iter().position(|s| s.from <= day && day <= s.to)?;
    let (value, origin) = spans[at].values.get(name)?;
    let same = |s: &&Span| s.values.get(name) == spans[at].values.get(name);
    let first = spans[..=at].iter().rev().take_while(same).last()?;
    let after = spans[at..].iter().find(|s| !same(s));
    Some(InForce {
        value: value.clone(),
        origin: origin.clone(),
        since: (first.from > first_day()).then_some(first.from),
        next: after.and_then(|s| Some((s.from, s.values.get(name)?.0.clone()))),
    })
}

/// A rule's parameters of one organisation as shown with findings, and its severity where the street's overlay sets it.
pub fn describe(rule: &Rule, organisation: &str, span: &Span) -> Vec<ResolvedParam> {
    let severity = rule.overlay.severity.as_ref().map(|s| ResolvedParam {
        rule: rule.id().to_owned(),
        organisation: organisation.to_owned(),
        name: "severity".to_owned(),
        label: "严重程度".to_owned(),
        value: s.now.label().to_owned(),
        unit: String::new(),
        source: "street".to_owned(),
        basis: format!("{}(规则包为{})", s.basis, s.was.label()),
    });
    let describe = |(name, (value, origin)): (&String, &(ParamValue, Origin))| {
        let spec = &rule.file.params[name];
        let (source, basis) = match origin {
            Origin::Default(source) => (source.code(), spec.basis.clone()),
            Origin::Street { basis, .. } => ("street", basis.clone()),
            Origin::Trial => ("trial", "试算".to_owned()),
        };
        ResolvedParam {
            rule: rule.id().to_owned(),
            organisation: organisation.to_owned(),
            name: name.clone(),
            label: if spec.label.is_empty() {
                name.clone()
            } else {
                spec.label.clone()
            },
            value: value.shown(),
            unit: spec.unit.clone(),
            source: source.to_owned(),
            basis,
        }
    };
    span.values.iter().map(describe).chain(severity).collect()
}

/// What is wrong with the street's 参数 rows, one Chinese sentence each: unknown rule or parameter, a value that cannot
/// be read, a statutory value that cannot be changed.
pub fn check_settings<'a>(
    settings: &[Setting],
    rule_of: impl Fn(&str) -> Option<&'a Rule>,
) -> Vec<String> {
    let complaint = |s: &Setting| {
        let Some(rule) = rule_of(&s.rule) else {
            return Some(format!("参数表中的规则「{}」不存在", s.rule));
        };
        let Some(spec) = rule.file.params.get(&s.name) else {
            return Some(format!("规则 {} 没有参数「{}」", s.rule, s.name));
        };
        if spec.source == ParamSource::Statute {
            return Some(format!(
                "规则 {} 的参数「{}」由法律规定,不能调整",
                s.rule, s.name
            ));
        }
        let problem = spec.read(&s.value).err()?;
        Some(format!("规则 {} 的参数「{}」{problem}", s.rule, s.name))
    };
    settings.iter().filter_map(complaint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rule::load::parse_rule;

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
source = "placeholder"
[params.years]
type = "integer"
default = 20
source = "statute"
[query]
sql = "SELECT organisation, contract_no FROM contract"
message = ""
"#;

    fn setting(name: &str, organisation: Option<&str>, value: &str, from: &str) -> Setting {
        Setting {
            rule: "X-001".to_owned(),
            name: name.to_owned(),
            organisation: organisation.map(str::to_owned),
            value: value.to_owned(),
            from: parse_date(from),
            to: None,
            basis: String::new(),
            overlay: false,
            approver: String::new(),
        }
    }

    #[test]
    fn spans_follow_the_streets_settings_without_gaps() {
        let rule = parse_rule("audit/a/X-001_x.toml", RULE).unwrap();
        let settings = [
            setting("limit", None, "6000", "2023-01-01"),
            setting("limit", Some("A"), "7000", "2024-01-01"),
            setting("limit", Some("B"), "1", ""),
            setting("years", None, "99", ""),
        ];
        let spans = resolve(&rule, &settings, &Trial::new(), "A");
        let shown: Vec<(String, String, bool)> = spans
            .iter()
            .map(|s| {
                (
                    s.from.to_string(),
                    s.values["limit"].0.shown(),
                    s.placeholder(),
                )
            })
            .collect();
        let expected = [
            ("0001-01-01", "5,000.00", true),
            ("2023-01-01", "6,000.00", false),
            ("2024-01-01", "7,000.00", false),
        ];
        assert_eq!(
            shown,
            expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c))
        );
        assert_eq!(spans[0].to.to_string(), "2022-12-31");
        assert_eq!(spans[2].to, last_day());
        assert!(
            spans
                .iter()
                .all(|s| s.values["years"].0 == ParamValue::Int(20)),
            "statutory values stay"
        );
        let complaints = check_settings(&settings, |id| (id == "X-001").then_some(&rule));
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].contains("由法律规定"));
    }

    #[test]
    fn values_are_typed() {
        assert!(ParamValue::parse(ParamType::Integer, "2.5").is_err());
        assert!(ParamValue::parse(ParamType::Money, "").is_err());
        assert_eq!(
            ParamValue::parse(ParamType::Decimal, "0.05").map(|v| v.shown()),
            Ok("0.05".to_owned())
        );
        let list = ParamValue::parse(ParamType::List, "甲;乙; ;丙");
        assert_eq!(list.map(|v| v.shown()), Ok("甲、乙、丙".to_owned()));
    }
}
