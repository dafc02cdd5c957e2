//! What changed in a finding from one run to the next, field by field, old → new, as people read it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Money;

/// One field that differs; empty where there was or is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// In Chinese: `金额`, or the label of a column of evidence.
    pub field: String,
    pub old: String,
    pub new: String,
}

/// Plain fields of a stored finding, with what people call them.
const FIELDS: [(&str, &str); 7] = [
    ("rule_version", "规则版本"),
    ("title", "标题"),
    ("kind", "性质"),
    ("severity", "严重程度"),
    ("occurred_on", "发生日期"),
    ("amount", "金额"),
    ("message", "事实"),
];

/// Compares two stored findings (JSON).
pub fn differences(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |field: &str, old: String, new: String| {
        if old != new {
            found.push(Difference {
                field: field.to_owned(),
                old,
                new,
            });
        }
    };
    for (name, label) in FIELDS {
        note(label, plain(name, &old[name]), plain(name, &new[name]));
    }
    let (before, now) = (evidence(old), evidence(new));
    let names: BTreeSet<&str> = before.iter().chain(&now).map(|(l, _)| l.as_str()).collect();
    for label in names {
        let value = |of: &[(String, String)]| {
            let found = of.iter().find(|(l, _)| l == label);
            found.map_or(String::new(), |(_, v)| v.clone())
        };
        note(label, value(&before), value(&now));
    }
    let (before, now) = (texts(&old["vouchers"]), texts(&new["vouchers"]));
    note("凭证", only(&before, &now), only(&now, &before));
    let (before, now) = (laws(old), laws(new));
    note("依据", only(&before, &now), only(&now, &before));
    found
}

fn plain(name: &str, value: &Value) -> String {
    match (name, value) {
        (_, Value::Null) => String::new(),
        ("amount", value) => value
            .as_i64()
            .map_or_else(|| value.to_string(), |fen| Money(fen).to_string()),
        ("kind" | "severity", Value::String(code)) => word(code).to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

fn word(code: &str) -> &str {
    match code {
        "violation" => "疑似违规事实",
        "red_flag" => "疑点线索",
        "data_quality" => "数据质量",
        "high" => "高",
        "medium" => "中",
        "low" => "低",
        other => other,
    }
}

fn evidence(finding: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let rows = finding["evidence"].as_array().into_iter().flatten();
    rows.map(|e| (text(&e["label"]), text(&e["value"])))
        .collect()
}

fn texts(list: &Value) -> BTreeSet<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

fn laws(finding: &Value) -> BTreeSet<String> {
    let cited = finding["citations"].as_array().into_iter().flatten();
    cited
        .filter_map(|c| c["title"].as_str().map(str::to_owned))
        .collect()
}

/// Those of `these` that are not among `those`.
fn only(these: &BTreeSet<String>, those: &BTreeSet<String>) -> String {
    let names: Vec<&str> = these.difference(those).map(String::as_str).collect();
    names.join("、")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_evidence_and_vouchers_are_compared() {
        let old = json!({
            "title": "欠租", "amount": 10_000, "kind": "red_flag", "occurred_on": null,
            "evidence": [{"label": "承租方", "value": "甲"}, {"label": "月数", "value": "3"}],
            "vouchers": ["2024-01-记-0001", "2024-02-记-0001"],
            "citations": [{"title": "《民法典》第722条"}],
        });
        let mut new = old.clone();
        assert_eq!(differences(&old, &new), []);
        new["amount"] = json!(25_050);
        new["kind"] = json!("violation");
        new["evidence"][1]["value"] = json!("5");
        new["vouchers"] = json!(["2024-02-记-0001", "2024-03-记-0009"]);
        let shown: Vec<String> = differences(&old, &new)
            .into_iter()
            .map(|d| format!("{} {}→{}", d.field, d.old, d.new))
            .collect();
        assert_eq!(
            shown,
            [
                "性质 疑点线索→疑似违规事实",
                "金额 100.00→250.50",
                "月数 3→5",
                "凭证 2024-01-记-0001→2024-03-记-0009",
            ]
        );
    }
}
