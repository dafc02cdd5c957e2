//! `rules explain`: what a rule looks for, on what basis, with which values, from which data — for a supervisor to read.

use std::fmt::Write;

use chrono::NaiveDate;

use super::{ParamSource, ParamSpec, Rule, RulePack, questions};
use crate::audit::evidence;
use crate::audit::finding::PLACEHOLDER_NOTE;
use crate::audit::message;
use crate::audit::params::{InForce, Origin, Setting, Trial, in_force, resolve};
use crate::audit::tables::schema::{self, TableSpec};

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
    let _ = writeln!(out, "\n事实表述:{}", sentence(pack, rule));
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
    let key: Vec<String> = file.key.iter().map(|k| name_of(rule, &tables, k)).collect();
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

/// The sentence of a finding, with what columns and parameters are called in the place of their values: 〔合同编号〕.
pub fn sentence(pack: &RulePack, rule: &Rule) -> String {
    let tables = evidence::base_tables(pack, rule);
    let named = |name: &str| Some(format!("〔{}〕", name_of(rule, &tables, name)));
    message::render(&rule.file.query.message, named)
}

/// What a result column or a parameter is called.
pub fn name_of(rule: &Rule, tables: &[&'static TableSpec], name: &str) -> String {
    let reserved = match name {
        "occurred_on" => Some("日期"),
        "amount" => Some("金额"),
        "organisation" => Some("单位"),
        "vouchers" => Some("凭证"),
        _ => None,
    };
    let param = || rule.file.params.get(name).map(|p| p.label.clone());
    reserved
        .map(str::to_owned)
        .or_else(|| evidence::label(rule, tables, name))
        .or_else(param)
        .unwrap_or_else(|| name.to_owned())
}

fn explain_params(
    out: &mut String,
    rule: &Rule,
    settings: &[Setting],
    organisation: Option<&str>,
    day: NaiveDate,
) {
    if rule.file.params.is_empty() && rule.overlay.severity.is_none() {
        out.push_str("\n参数:无\n");
        return;
    }
    let _ = match organisation {
        Some(code) => writeln!(out, "\n参数({code},{day}):"),
        None if settings.is_empty() => writeln!(out, "\n参数(默认值):"),
        None => writeln!(out, "\n参数(全街道,{day}):"),
    };
    let spans = resolve(
        rule,
        settings,
        &Trial::new(),
        organisation.unwrap_or_default(),
    );
    for (name, spec) in &rule.file.params {
        let Some(now) = in_force(&spans, name, day) else {
            continue;
        };
        explain_value(out, name, &questions::label(rule, name), spec, &now);
        if spec.source == ParamSource::Placeholder && matches!(now.origin, Origin::Street { .. }) {
            let _ = writeln!(out, "    占位值为 {}", questions::default(rule, name));
        }
    }
    if let Some(severity) = &rule.overlay.severity {
        let (now, was) = (severity.now.label(), severity.was.label());
        let _ = writeln!(
            out,
            "  严重程度 = {now} [街道设定;{};规则包为{was}]",
            severity.basis
        );
    }
}

/// The value, since when, where it comes from, and what follows.
fn explain_value(out: &mut String, name: &str, label: &str, spec: &ParamSpec, now: &InForce) {
    let unit = &spec.unit;
    let since = now.since.map(|d| format!("{d} 起;")).unwrap_or_default();
    let basis = match &now.origin {
        Origin::Default(_) if !spec.basis.is_empty() => format!(";{}", spec.basis),
        _ => String::new(),
    };
    let source = match &now.origin {
        Origin::Default(ParamSource::Placeholder) => PLACEHOLDER_NOTE.to_owned(),
        origin => origin.shown(),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "  {label}({name})= {}{unit} [{since}{source}{basis}]",
        now.value.shown()
    );
    if let Some((day, value)) = &now.next {
        let _ = writeln!(out, "    {day} 起为 {}{unit}", value.shown());
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
