//! `docs/rules/`: a page per rule for auditors, and their index, written from the rule files.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use chrono::NaiveDate;
use sanzi::audit::evidence;
use sanzi::audit::outcome::Citation;
use sanzi::audit::rule::explain::{name_of, sentence};
use sanzi::audit::rule::file::{LawRef, ParamSpec, RuleTest, plain_text};
use sanzi::audit::rule::{ParamSource, Rule, RulePack};
use sanzi::audit::tables::schema::{self, TableSpec};
use sanzi::pack::Pack;
use sanzi::report::words;

use crate::docs::check;

const FOLDER: &str = "docs/rules";

#[test]
fn every_rule_has_its_page_for_auditors() {
    let pack = RulePack::load(&Pack::embedded());
    check(&format!("{FOLDER}/README.md"), &index(&pack));
    for rule in &pack.rules {
        check(&format!("{FOLDER}/{}.md", rule.id()), &page(&pack, rule));
    }
    let known: BTreeSet<String> = pack
        .rules
        .iter()
        .map(|r| format!("{}.md", r.id()))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "README.md" || known.contains(&name) {
            continue;
        }
        assert!(
            std::env::var_os("SANZI_UPDATE_DOCS").is_some(),
            "{name} is the page of no rule: run the tests with SANZI_UPDATE_DOCS=1"
        );
        std::fs::remove_file(path).unwrap();
    }
}

fn index(pack: &RulePack) -> String {
    let open = |rule: &Rule| rule.file.params.values().filter(|p| waits(p)).count();
    let mut out = format!(
        "# 规则\n\n共 {} 条,一条一页:查什么、依据、参数、所需资料、不属于问题的情形、建议、样例和查询语句。\
         由规则文件生成,与程序自带的规则包一致。\n\n\
         命中的都是疑点,须经人工核实;「待定」是还在用占位值、等街道确定的参数个数,这些参数确定以前,命中只作线索。\n",
        pack.rules.len()
    );
    for (code, family) in words::FAMILIES {
        let rules: Vec<&Rule> = pack.rules.iter().filter(|r| r.family == code).collect();
        if rules.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "\n## {family}\n\n| 编号 | 标题 | 类型 | 程度 | 适用 | 待定 |\n|---|---|---|---|---|--:|\n"
        );
        for rule in rules {
            let file = &rule.file;
            let open = match open(rule) {
                0 => String::new(),
                n => n.to_string(),
            };
            let _ = writeln!(
                out,
                "| [{id}]({id}.md) | {} | {} | {} | {} | {open} |",
                cell(&file.title),
                file.kind.label(),
                file.severity.label(),
                file.scope.label(),
                id = file.id
            );
        }
    }
    out
}

fn page(pack: &RulePack, rule: &Rule) -> String {
    let file = &rule.file;
    let tables = evidence::base_tables(pack, rule);
    let mut out = format!(
        "# {} {}\n\n[全部规则](README.md) · {} · {} · 严重程度{} · 适用于{} · 第{}版\n",
        file.id,
        file.title,
        words::family(&rule.family),
        file.kind.label(),
        file.severity.label(),
        file.scope.label(),
        file.version
    );
    let sentence = sentence(pack, rule);
    let key: Vec<String> = file.key.iter().map(|k| name_of(rule, &tables, k)).collect();
    section(&mut out, "查什么");
    let _ = writeln!(
        out,
        "每项疑点说明:{sentence}\n\n同一单位、同一{}的为一项,每次审计编号相同。",
        key.join("和")
    );
    section(&mut out, "依据");
    out.push_str(&laws(pack, rule));
    section(&mut out, "参数");
    out.push_str(&params(rule));
    section(&mut out, "所需资料");
    let _ = writeln!(
        out,
        "* 缺任何一项即不运行,报告列为“未运行”:{}",
        listed(&file.requires)
    );
    if !file.optional.is_empty() {
        let _ = writeln!(out, "* 有则使用:{}", listed(&file.optional));
    }
    section(&mut out, "不属于问题的情形");
    for text in &file.false_positives {
        let _ = writeln!(out, "* {text}");
    }
    if file.false_positives.is_empty() {
        out.push_str("规则没有列出;按实际核实。\n");
    }
    section(&mut out, "核查与整改建议");
    let advice = if file.advice.is_empty() {
        "(无)"
    } else {
        &file.advice
    };
    let _ = writeln!(out, "{advice}");
    section(&mut out, "样例");
    out.push_str("每次改动规则都要通过的样例:\n\n");
    for test in &file.tests {
        let _ = writeln!(out, "* {}", example(rule, &tables, test));
    }
    section(&mut out, "查询语句");
    let marts: Vec<&str> = pack
        .marts_needed(&rule.relations)
        .iter()
        .map(|m| m.name.as_str())
        .collect();
    if !marts.is_empty() {
        let _ = writeln!(out, "用到视图 {}。\n", marts.join("、"));
    }
    let _ = writeln!(out, "```sql\n{}\n```", file.query.sql.trim());
    out
}

fn section(out: &mut String, title: &str) {
    let _ = write!(out, "\n## {title}\n\n");
}

/// The Chinese word of a code of an enumeration, from the rule's own tables; other values as they are.
fn word_of(tables: &[&'static TableSpec], column: &str, value: &str) -> String {
    let known = tables
        .iter()
        .map(|t| words::enumerated(&t.name, column, value));
    let word = known.into_iter().find(|word| word.as_ref() != value);
    word.map_or_else(|| value.to_owned(), |w| w.into_owned())
}

/// Every version that may be cited, the oldest first.
fn laws(pack: &RulePack, rule: &Rule) -> String {
    let mut cited: Vec<Citation> = Vec::new();
    for reference in &rule.file.laws {
        for citation in versions(pack, reference) {
            if !cited.contains(&citation) {
                cited.push(citation);
            }
        }
    }
    if cited.is_empty() {
        return "没有专门的条文;疑点的性质由核查认定。\n".to_owned();
    }
    let mut out = "按事实发生日有效的版本引用。\n\n".to_owned();
    for citation in cited {
        let _ = writeln!(out, "* {}", words::citation(&citation));
    }
    out
}

fn versions(pack: &RulePack, reference: &LawRef) -> Vec<Citation> {
    let mut found: Vec<Citation> = Vec::new();
    for year in 2015..=2026 {
        for (month, day) in [(1, 1), (6, 30), (12, 31)] {
            let day = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            for citation in pack.laws.cite(std::slice::from_ref(reference), day) {
                if !found.contains(&citation) {
                    found.push(citation);
                }
            }
        }
    }
    found
}

fn waits(spec: &ParamSpec) -> bool {
    spec.source == ParamSource::Placeholder
}

fn params(rule: &Rule) -> String {
    let params = &rule.file.params;
    if params.is_empty() {
        return "没有参数。\n".to_owned();
    }
    let mut out = String::new();
    let open: Vec<&str> = params
        .values()
        .filter(|p| waits(p))
        .map(|p| p.label.as_str())
        .collect();
    if !open.is_empty() {
        let _ = writeln!(
            out,
            "**尚待街道确定:{}。** 确定以前按占位值判断,命中只作线索,并逐条注明。\n",
            open.join("、")
        );
    }
    out.push_str("| 参数 | 名称 | 默认值 | 来源 | 依据 |\n|---|---|---|---|---|\n");
    for (name, spec) in params {
        let source = match spec.source {
            ParamSource::Statute => "法定,不可调整",
            ParamSource::Practice => "惯例,可调整",
            ParamSource::Placeholder => "占位,待街道确定",
        };
        let _ = writeln!(
            out,
            "| {} | `{name}` | {}{} | {source} | {} |",
            cell(&spec.label),
            cell(
                &plain_text(&spec.default)
                    .unwrap_or_default()
                    .replace(';', "、")
            ),
            cell(&spec.unit),
            cell(&spec.basis)
        );
    }
    out
}

fn listed(groups: &[String]) -> String {
    let either = |g: &String| g.split('|').map(title).collect::<Vec<_>>().join("或");
    let all: Vec<String> = groups.iter().map(either).collect();
    if all.is_empty() {
        "(无)".to_owned()
    } else {
        all.join("、")
    }
}

fn title(table: &str) -> String {
    schema::table(table).map_or_else(|| format!("`{table}`"), |t| t.title.clone())
}

/// A test in one sentence: what is given, on which terms, what must be found.
fn example(rule: &Rule, tables: &[&'static TableSpec], test: &RuleTest) -> String {
    let rows = |csv: &String| csv.trim().lines().count().saturating_sub(1);
    let given: Vec<String> = test
        .given
        .iter()
        .map(|(table, csv)| format!("{} {} 行", title(table), rows(csv)))
        .collect();
    let mut out = format!("**{}**:给出{}", test.name, given.join("、"));
    for (name, value) in &test.params {
        let label = rule.file.params.get(name).map_or(name, |p| &p.label);
        let value = plain_text(value).unwrap_or_default();
        let _ = write!(out, ",{label}为 {value}");
    }
    if let Some(day) = test.as_of {
        let _ = write!(out, ",截至 {day}");
    }
    if test.expect.is_empty() {
        out.push_str("。不应命中。");
        return out;
    }
    let hits: Vec<String> = test
        .expect
        .iter()
        .map(|row| {
            let pairs = row.iter().map(|(column, value)| {
                let value = plain_text(value).unwrap_or_default();
                let word = word_of(tables, column, &value);
                format!("{} {word}", name_of(rule, tables, column))
            });
            pairs.collect::<Vec<_>>().join(",")
        })
        .collect();
    let _ = write!(out, "。应命中 {} 项:{}。", hits.len(), hits.join(";"));
    out
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
