//! `rules explain`: what a rule looks for, on what basis, with which values, from which data — for a supervisor to read.

use std::fmt::Write;

use chrono::NaiveDate;

use super::file::plain_text;
use super::{ParamSource, Rule, RulePack};
use crate::audit::evidence;
use crate::audit::finding::PLACEHOLDER_NOTE;
use crate::audit::params::{Setting, Trial, describe, resolve, span_at};
use crate::audit::tables::schema;

/// The rule as text. With an organisation, the values are those in force for it on `day`; else the defaults.
pub fn explain(
    pack: &RulePack,
    rule: &Rule,
    settings: &[Setting],
    organisation: Option<&str>,
    day: NaiveDate,
) -> String {
    let file = &rule.file;
    let mut out = format!("{} {}(第{}版)\n", file.id, file.title, file.version);
    // Writing to a String cannot fail.
    let severity = match &rule.overlay.severity {
        None => file.severity.label().to_owned(),
        Some(s) => format!(
            "{}(街道设定,{};规则包为{})",
            s.now.label(),
            s.basis,
            s.was.label()
        ),
    };
    let _ = writeln!(
        out,
        "类型:{};严重程度:{severity};适用:{}",
        file.kind.label(),
        file.scope.label()
    );
    if let Some(reason) = &rule.overlay.disabled {
        let _ = writeln!(out, "街道停用:{reason}");
    }
    let _ = writeln!(out, "\n事实表述:{}", file.query.message);
    let _ = writeln!(out, "\n依据({day}有效的版本):");
    let citations = pack.laws.cite(&file.laws, day);
    if citations.is_empty() {
        out.push_str("  (无)\n");
    }
    for c in citations {
        let mark = if c.checked == "read" {
            ""
        } else {
            "(未核对原文)"
        };
        let _ = writeln!(out, "  {}{mark}:{}", c.title, c.gist);
    }
    explain_params(&mut out, rule, settings, organisation, day);
    let join = |tables: &[String]| {
        tables
            .iter()
            .map(|g| either(g))
            .collect::<Vec<_>>()
            .join("、")
    };
    let _ = writeln!(
        out,
        "\n所需数据:{}(缺任何一项即不运行)",
        or_none(&join(&file.requires))
    );
    if !file.optional.is_empty() {
        let _ = writeln!(out, "有则使用:{}", join(&file.optional));
    }
    let tables = evidence::base_tables(pack, rule);
    let key: Vec<String> = file
        .key
        .iter()
        .map(|k| evidence::label(rule, &tables, k).unwrap_or_else(|| k.clone()))
        .collect();
    let _ = writeln!(out, "同一事项的识别:单位 + {}", key.join(" + "));
    let _ = writeln!(
        out,
        "\n不属于问题的情形:{}",
        or_none(&file.false_positives.join(";"))
    );
    let _ = writeln!(out, "核查与整改建议:{}", or_none(&file.advice));
    let _ = writeln!(out, "\n样例:");
    for test in &file.tests {
        let hits = match test.expect.len() {
            0 => "不命中".to_owned(),
            n => format!("命中{n}项"),
        };
        let _ = writeln!(out, "  {}({hits})", test.name);
    }
    out
}

fn explain_params(
    out: &mut String,
    rule: &Rule,
    settings: &[Setting],
    organisation: Option<&str>,
    day: NaiveDate,
) {
    if rule.file.params.is_empty() {
        out.push_str("\n参数:无\n");
        return;
    }
    let _ = match organisation {
        Some(code) => writeln!(out, "\n参数({code},{day}):"),
        None => writeln!(out, "\n参数(默认值):"),
    };
    let code = organisation.unwrap_or_default();
    let spans = resolve(rule, settings, &Trial::new(), code);
    let Some(span) = span_at(&spans, day) else {
        return;
    };
    for p in describe(rule, code, span) {
        let source = match p.source.as_str() {
            "statute" => "法定,不可调整".to_owned(),
            "practice" => "惯例,可调整".to_owned(),
            "street" => "街道设定".to_owned(),
            "placeholder" => PLACEHOLDER_NOTE.to_owned(),
            other => other.to_owned(),
        };
        let basis = if p.basis.is_empty() {
            String::new()
        } else {
            format!(";{}", p.basis)
        };
        let _ = writeln!(
            out,
            "  {}({})= {}{} [{source}{basis}]",
            p.label, p.name, p.value, p.unit
        );
        if let Some(spec) = rule.file.params.get(&p.name)
            && spec.source == ParamSource::Placeholder
            && p.source == "street"
        {
            let _ = writeln!(
                out,
                "    占位值为 {}",
                plain_text(&spec.default).unwrap_or_default()
            );
        }
    }
}

/// The titles of tables of which one is enough.
fn either(group: &str) -> String {
    group.split('|').map(title).collect::<Vec<_>>().join("或")
}

fn title(table: &str) -> &str {
    schema::table(table).map_or(table, |s| s.title.as_str())
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "(无)" } else { text }
}
