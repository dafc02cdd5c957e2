//! Lints over the rule pack: every query is planned against the empty schema, and what a rule promises is held against
//! what it does.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use regex::Regex;

use super::load::{Rule, RuleError, RulePack, fault};
use super::{ParamSource, RuleFile};
use crate::audit::AuditError;
use crate::audit::engine::{Database, Limits};
use crate::audit::evidence;
use crate::audit::execute::{add_marts, add_params, resolve_all};
use crate::audit::message::placeholders;
use crate::audit::outcome::FindingKind;
use crate::audit::params::Trial;
use crate::audit::run::{default_day, load_tables};
use crate::audit::snapshot::SnapshotBuilder;
use crate::audit::tables::schema;

/// Result columns with a meaning of their own.
const RESERVED: [&str; 4] = ["organisation", "occurred_on", "amount", "vouchers"];

/// All faults of the pack: files that cannot be read, marts that cannot be planned, lints of every rule (or of those with
/// the given ids).
pub async fn check(pack: &RulePack, ids: &[&str]) -> Result<Vec<RuleError>, AuditError> {
    let mut faults = pack.faults.clone();
    let mut database = empty_database(pack)?;
    let all_marts = pack.marts.iter().map(|m| m.name.clone()).collect();
    let failed = add_marts(
        &mut database,
        pack.marts_needed(&all_marts),
        &Limits::default(),
        |_| (),
    )
    .await?;
    for mart in &pack.marts {
        if let Some(error) = failed.get(&mart.name) {
            faults.push(fault(&mart.path, None, &error.to_string()));
        }
    }
    for rule in &pack.rules {
        if ids.is_empty() || ids.contains(&rule.id()) {
            let lints = check_rule(pack, &database, rule).await?;
            faults.extend(lints.into_iter().map(|m| fault(&rule.path, None, &m)));
        }
    }
    Ok(faults)
}

fn empty_database(pack: &RulePack) -> Result<Database, AuditError> {
    let mut builder = SnapshotBuilder::new();
    builder.pack(pack);
    let snapshot = builder.finish()?;
    let mut database = Database::new(Arc::new(pack.calendar.clone()));
    load_tables(&mut database, &snapshot)?;
    Ok(database)
}

async fn check_rule(
    pack: &RulePack,
    database: &Database,
    rule: &Rule,
) -> Result<Vec<String>, AuditError> {
    let mut lints = check_form(pack, rule);
    let mut database = database.clone();
    let organisations = std::collections::BTreeSet::from(["T".to_owned()]);
    let resolved = resolve_all(rule, &[], &Trial::new(), &organisations);
    add_params(&mut database, rule, &resolved, default_day())?;
    match database.plan(&rule.file.query.sql).await {
        Err(error) => lints.push(error.to_string()),
        Ok(plan) => {
            lints.extend(check_columns(pack, rule, &plan));
            lints.extend(check_floats(&plan));
        }
    }
    Ok(lints)
}

fn check_form(pack: &RulePack, rule: &Rule) -> Vec<String> {
    let file = &rule.file;
    let mut lints = Vec::new();
    let name = rule.path.rsplit('/').next().unwrap_or_default();
    if !name.starts_with(&format!("{}_", file.id)) {
        lints.push(format!("文件名应以「{}_」开头", file.id));
    }
    if file.kind == FindingKind::Violation && file.laws.is_empty() {
        lints.push("疑似违规事实必须列出依据([[law]])".to_owned());
    }
    for law in &file.laws {
        if !pack.laws.knows(&law.reference) {
            lints.push(format!("laws.toml 中没有「{}」", law.reference));
        }
    }
    let optional = file.optional.iter().map(String::as_str);
    for table in file.requirements().flatten().chain(optional) {
        if schema::table(table).is_none() {
            lints.push(format!(
                "requires/optional 中的「{table}」不是账册或台账的表"
            ));
        }
    }
    if !file.tests.iter().any(|t| !t.expect.is_empty()) {
        lints.push("至少要有一个命中的样例".to_owned());
    }
    if !file
        .tests
        .iter()
        .any(|t| t.expect.is_empty() || has_bystander(t))
    {
        lints.push("至少要有一个不命中的样例".to_owned());
    }
    lints.extend(check_params(file));
    lints.extend(check_literals(file));
    lints
}

/// A hit test that also gives rows of an organisation or key that must stay silent counts as a miss too; it is known by
/// having more given rows than expected findings.
fn has_bystander(test: &super::RuleTest) -> bool {
    let most = test
        .given
        .values()
        .map(|csv| csv.trim().lines().count().saturating_sub(1))
        .max();
    most.unwrap_or(0) > test.expect.len()
}

fn check_params(file: &RuleFile) -> Vec<String> {
    let mut lints = Vec::new();
    let placeholders = placeholders(&file.query.message);
    for (name, spec) in &file.params {
        let word = Regex::new(&format!(r"\b{}\b", regex::escape(name)));
        let used = word.is_ok_and(|w| w.is_match(&without_comments(&file.query.sql)));
        if !used && !placeholders.contains(&name.as_str()) {
            lints.push(format!("参数「{name}」没有用到"));
        }
        if spec.label.is_empty() {
            lints.push(format!("参数「{name}」缺中文名称(label)"));
        }
        if spec.basis.is_empty() && spec.source != ParamSource::Placeholder {
            lints.push(format!("参数「{name}」缺取值依据(basis)"));
        }
    }
    lints
}

/// Years and organisations belong into parameters and data, not into SQL.
fn check_literals(file: &RuleFile) -> Vec<String> {
    let mut lints = Vec::new();
    let sql = without_comments(&file.query.sql);
    // These patterns are constants checked by a test; were one wrong, the lint would find nothing.
    if let Ok(year) = Regex::new(r"\b(19[5-9]\d|20\d\d)\b") {
        // 2000 is no year here: a 亩 is 2000/3 m².
        for found in year.find_iter(&sql).filter(|f| f.as_str() != "2000") {
            lints.push(format!("SQL 中写死了年份「{}」,请改用参数", found.as_str()));
        }
    }
    if let Ok(organisation) = Regex::new(r"(?i)\borganisation\s*(=|<>|!=|in\s*\()\s*'")
        && organisation.is_match(&sql)
    {
        lints.push("SQL 中写死了单位".to_owned());
    }
    if let Ok(float) = Regex::new(r"(?i)\b(double|float|real|float4|float8)\b")
        && float.is_match(&sql)
    {
        lints.push("SQL 中使用了浮点类型".to_owned());
    }
    lints
}

fn without_comments(sql: &str) -> String {
    sql.lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

fn check_columns(pack: &RulePack, rule: &Rule, plan: &LogicalPlan) -> Vec<String> {
    let file = &rule.file;
    let mut lints = Vec::new();
    let columns: Vec<(&str, &DataType)> = plan
        .schema()
        .fields()
        .iter()
        .map(|f| (f.name().as_str(), f.data_type()))
        .collect();
    let kind = |name: &str| columns.iter().find(|(c, _)| *c == name).map(|(_, k)| *k);
    for column in std::iter::once("organisation").chain(file.key.iter().map(String::as_str)) {
        if kind(column).is_none() {
            lints.push(format!("结果缺少列「{column}」"));
        }
    }
    let dated =
        kind("occurred_on").is_none_or(|k| matches!(k, DataType::Date32 | DataType::Timestamp(..)));
    let exact = kind("amount").is_none_or(|k| k.is_decimal() || k.is_integer());
    let listed = kind("vouchers")
        .is_none_or(|k| matches!(k, DataType::List(_) | DataType::Utf8 | DataType::Utf8View));
    for (fits, column, wanted) in [
        (dated, "occurred_on", "日期"),
        (exact, "amount", "精确小数"),
        (listed, "vouchers", "文字列表"),
    ] {
        if !fits {
            lints.push(format!("列「{column}」应为{wanted}"));
        }
    }
    let tables = evidence::base_tables(pack, rule);
    for (column, kind) in &columns {
        if !RESERVED.contains(column) && evidence::label(rule, &tables, column).is_none() {
            lints.push(format!("列「{column}」缺中文名称([labels])"));
        }
        if kind.is_floating() {
            lints.push(format!("列「{column}」是浮点数"));
        }
    }
    for name in placeholders(&file.query.message) {
        if kind(name).is_none() && !file.params.contains_key(name) {
            lints.push(format!("说明文字中的「{{{name}}}」既不是结果列也不是参数"));
        }
    }
    lints
}

/// Any expression of a floating-point type anywhere in the plan.
fn check_floats(plan: &LogicalPlan) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    // The closures never fail, so neither does the walk.
    let _ = plan.apply_with_subqueries(|node| {
        let mut schema = node.schema().as_ref().clone();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        let _ = node.apply_expressions(|root| {
            root.apply(|expr| {
                let floating = match expr {
                    Expr::Literal(value, _) => value.data_type().is_floating(),
                    other => other.get_type(&schema).is_ok_and(|k| k.is_floating()),
                };
                if floating && found.len() < 3 {
                    found.push(format!("浮点运算:{expr}"));
                }
                Ok(TreeNodeRecursion::Continue)
            })
        });
        Ok(TreeNodeRecursion::Continue)
    });
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rule::load::parse_rule;
    use crate::audit::rule::sample::RULE;

    fn lints(text: &str) -> Vec<String> {
        let mut pack = RulePack::load(&crate::pack::Pack::embedded());
        pack.rules = vec![parse_rule("audit/contract/X-001_x.toml", text).unwrap()];
        pack.faults.clear();
        pack.marts.clear();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let faults = runtime.block_on(check(&pack, &[])).unwrap();
        faults.into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn each_lint_fires_on_its_fault_only() {
        assert_eq!(lints(RULE), ["疑似违规事实必须列出依据([[law]])"]);
        for (from, to, expected) in [
            (
                "> p.limit",
                "> p.limit AND c.start_date > DATE '2021-01-01'",
                "写死了年份",
            ),
            (
                "> p.limit",
                "> p.limit AND organisation = 'JF01'",
                "写死了单位",
            ),
            ("> p.limit", "* sqrt(2) > 1", "浮点"),
            ("AS amount", "AS amount, c.area * 2 AS twice", "缺中文名称"),
            ("{limit}", "{limits}", "既不是结果列也不是参数"),
            ("c.contract_no,", "", "结果缺少列"),
            ("c.total_amount > p.limit", "p.organisation <> ''", "没有"),
            ("FROM contract c", "FROM contracts c", "没有名为"),
            (
                "requires = [\"contract\"]",
                "requires = [\"contracts\"]",
                "不是账册或台账的表",
            ),
            ("A,5000.01\nB,5000.00", "A,5000.01", "不命中的样例"),
        ] {
            let text = RULE
                .replace(from, to)
                .replace("{limit}", if to == "{limits}" { "{limits}" } else { "" });
            let found = lints(&text);
            assert!(
                found.iter().any(|l| l.contains(expected)),
                "{from} → {to}: {found:?}"
            );
        }
    }
}
