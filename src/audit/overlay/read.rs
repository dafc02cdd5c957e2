//! The files of an overlay against the pack: `[[parameter]]` and `[[rule]]`, every mistake of every file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use toml::de::{DeTable, DeValue};

use super::entry::{Complaints, Entry, Node};
use super::{Change, Severity};
use crate::audit::outcome::FindingSeverity;
use crate::audit::params::Setting;
use crate::audit::rule::load::{line_of, translate};
use crate::audit::rule::{ParamSource, Rule, RuleError, RulePack};

const PARAMETER: [&str; 7] = [
    "rule",
    "name",
    "value",
    "organisation",
    "from",
    "to",
    "basis",
];
const RULE: [&str; 4] = ["id", "severity", "enabled", "reason"];

/// What makes two entries the same: kind, rule, parameter, organisation, first day.
type Key = (
    &'static str,
    String,
    String,
    Option<String>,
    Option<NaiveDate>,
);

/// What is changed, by rule id.
///
/// # Errors
/// All mistakes of all files.
pub fn read(
    pack: &RulePack,
    texts: &[(String, String)],
) -> Result<BTreeMap<String, Change>, Vec<RuleError>> {
    let mut reader = Reader {
        pack,
        changes: BTreeMap::new(),
        seen: BTreeMap::new(),
    };
    let mut faults = Vec::new();
    for (file, text) in texts {
        let mut complaints = Complaints {
            file,
            text,
            faults: Vec::new(),
        };
        reader.file(&mut complaints);
        faults.append(&mut complaints.faults);
    }
    if faults.is_empty() {
        Ok(reader.changes)
    } else {
        Err(faults)
    }
}

struct Reader<'p> {
    pack: &'p RulePack,
    changes: BTreeMap<String, Change>,
    /// Where each entry stands: file and line.
    seen: BTreeMap<Key, String>,
}

impl<'p> Reader<'p> {
    fn file(&mut self, complaints: &mut Complaints<'_>) {
        let text = complaints.text;
        let (document, errors) = DeTable::parse_recoverable(text);
        // What stands behind the first place that is no TOML is anybody's guess.
        let broken = errors
            .iter()
            .map(|e| (e.span().map_or(0, |s| s.start), e.message()));
        if let Some((offset, message)) = broken.min_by_key(|(offset, _)| *offset) {
            return complaints.at(offset, &translate(message));
        }
        for (key, node) in document.get_ref() {
            let name: &str = key.get_ref();
            if !["parameter", "rule"].contains(&name) {
                let message = format!("不认识的键「{name}」。可用:[[parameter]]、[[rule]]");
                complaints.at(key.span().start, &message);
                continue;
            }
            let DeValue::Array(entries) = node.get_ref() else {
                let message = format!("「{name}」应写成 [[{name}]],每项一段");
                complaints.at(key.span().start, &message);
                continue;
            };
            for node in entries.iter() {
                self.entry(name, node, complaints);
            }
        }
    }

    fn entry(&mut self, kind: &str, node: &Node<'_>, complaints: &mut Complaints<'_>) {
        let Some(entry) = Entry::new(node) else {
            let message = format!("「{kind}」应写成 [[{kind}]],每项一段");
            return complaints.at(node.span().start, &message);
        };
        if kind == "rule" {
            self.rule(&entry, complaints);
        } else {
            self.parameter(&entry, complaints);
        }
    }

    fn parameter(&mut self, entry: &Entry<'_>, complaints: &mut Complaints<'_>) {
        entry.only(&PARAMETER, complaints);
        let rule = self.known_rule(entry, "rule", complaints);
        let name = entry.required_text("name", complaints);
        let value = entry.required_value("value", complaints);
        let basis = entry.required_text("basis", complaints);
        let organisation = entry.text("organisation", complaints);
        let (from, to) = (entry.date("from", complaints), entry.date("to", complaints));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            complaints.at(entry.place("to"), "止日早于起日。请核对「from」和「to」");
        }
        let (Some(rule), Some(name)) = (rule, name) else {
            return;
        };
        if let Some(problem) = unfit(rule, &name, value.as_deref()) {
            let key = if rule.file.params.contains_key(&name) {
                "value"
            } else {
                "name"
            };
            return complaints.at(entry.place(key), &problem);
        }
        let id = rule.id().to_owned();
        let key = (
            "parameter",
            id.clone(),
            name.clone(),
            organisation.clone(),
            from,
        );
        self.once(key, entry, complaints);
        let (Some(value), Some(basis)) = (value, basis) else {
            return;
        };
        let setting = Setting {
            approver: String::new(),
            rule: id.clone(),
            name,
            organisation,
            value,
            from,
            to,
            basis: source(complaints.file, &basis),
            overlay: true,
        };
        self.changes.entry(id).or_default().settings.push(setting);
    }

    fn rule(&mut self, entry: &Entry<'_>, complaints: &mut Complaints<'_>) {
        entry.only(&RULE, complaints);
        let rule = self.known_rule(entry, "id", complaints);
        let severity = severity(entry, complaints);
        let enabled = entry.flag("enabled", complaints);
        let reason = entry.required_text("reason", complaints);
        if !["severity", "enabled"]
            .iter()
            .any(|k| entry.table.contains_key(*k))
        {
            let message = "没有写要改什么。请写 severity 或 enabled = false";
            complaints.at(entry.offset, message);
        }
        let Some(rule) = rule else { return };
        let (id, was) = (rule.id().to_owned(), rule.file.severity);
        let key = ("rule", id.clone(), String::new(), None, None);
        self.once(key, entry, complaints);
        let Some(reason) = reason else { return };
        let basis = source(complaints.file, &reason);
        let change = self.changes.entry(id).or_default();
        change.disabled = (enabled == Some(false)).then(|| basis.clone());
        change.severity = severity.map(|now| Severity { now, was, basis });
    }

    fn known_rule(
        &self,
        entry: &Entry<'_>,
        key: &str,
        complaints: &mut Complaints<'_>,
    ) -> Option<&'p Rule> {
        let id = entry.required_text(key, complaints)?;
        let rule = self.pack.rule(&id);
        if rule.is_none() {
            let message = format!("没有编号为「{id}」的规则。用 sanzi rules list 查看全部编号");
            complaints.at(entry.place(key), &message);
        }
        rule
    }

    /// Notes an entry that stands twice, in one file or in two.
    fn once(&mut self, key: Key, entry: &Entry<'_>, complaints: &mut Complaints<'_>) {
        let line = line_of(complaints.text, entry.offset);
        let here = format!("{} 第{line}行", complaints.file);
        if let Some(before) = self.seen.get(&key) {
            let message = format!("与 {before} 的设定重复。请只留一处");
            complaints.at(entry.offset, &message);
        } else {
            self.seen.insert(key, here);
        }
    }
}

/// Why a parameter cannot have this value; `None` when it can, as far as the value could be read.
fn unfit(rule: &Rule, name: &str, value: Option<&str>) -> Option<String> {
    let id = rule.id();
    let Some(spec) = rule.file.params.get(name) else {
        let known: Vec<&str> = rule.file.params.keys().map(String::as_str).collect();
        return Some(if known.is_empty() {
            format!("规则 {id} 没有参数,不能设定「{name}」。请删去这一项")
        } else {
            format!("规则 {id} 没有参数「{name}」。可用:{}", known.join("、"))
        });
    };
    if spec.source == ParamSource::Statute {
        return Some(format!(
            "规则 {id} 的参数「{name}」由法律规定,不能调整。请删去这一项"
        ));
    }
    let problem = spec.read(value?).err()?;
    Some(format!("规则 {id} 的参数「{name}」{problem}。请改正"))
}

fn severity(entry: &Entry<'_>, complaints: &mut Complaints<'_>) -> Option<FindingSeverity> {
    const ALL: [FindingSeverity; 3] = [
        FindingSeverity::High,
        FindingSeverity::Medium,
        FindingSeverity::Low,
    ];
    let text = entry.text("severity", complaints)?;
    let severity = ALL.into_iter().find(|s| s.code() == text);
    if severity.is_none() {
        let message = format!("不认识的严重程度「{text}」。可用:high、medium、low");
        complaints.at(entry.place("severity"), &message);
    }
    severity
}

/// Where a value of the overlay comes from, as reports print it.
fn source(file: &str, basis: &str) -> String {
    format!("{file}:{basis}")
}
