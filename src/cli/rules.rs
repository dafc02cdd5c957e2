//! `sanzi rules list|check|test|explain`: texts for people; what they say is computed in `audit::rule`.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::audit::AuditError;
use crate::audit::rule::test::{TestOutcome, run_tests};
use crate::audit::rule::trial::Comparison;
use crate::audit::rule::{RuleError, RulePack, check, explain};
use crate::audit::run::default_day;
use crate::pack::Pack;

/// One line per rule: id, kind, severity, title.
pub fn list_text(pack: &RulePack) -> String {
    let mut out = String::new();
    for rule in &pack.rules {
        let file = &rule.file;
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{}  {}  {}  {}",
            file.id,
            file.severity.label(),
            file.kind.label(),
            file.title
        );
    }
    let _ = writeln!(out, "共 {} 条规则", pack.rules.len());
    out
}

/// The faults of a pack, one a line.
pub fn check_text(pack: &RulePack, faults: &[RuleError]) -> String {
    let mut out = String::new();
    for fault in faults {
        let _ = writeln!(out, "错误 {fault}");
    }
    let _ = match faults.len() {
        0 => writeln!(
            out,
            "{} 条规则、{} 个视图检查通过",
            pack.rules.len(),
            pack.marts.len()
        ),
        n => writeln!(out, "共 {n} 处错误"),
    };
    out
}

/// One line per test, the differences below it.
pub fn test_text(outcomes: &[TestOutcome]) -> String {
    let mut out = String::new();
    for outcome in outcomes {
        let mark = if outcome.passed() { "通过" } else { "失败" };
        let _ = writeln!(out, "{mark} {} {}", outcome.rule, outcome.test);
        for line in &outcome.differences {
            let _ = writeln!(out, "     {line}");
        }
    }
    let failed = outcomes.iter().filter(|o| !o.passed()).count();
    let _ = writeln!(out, "{} 个样例,失败 {failed} 个", outcomes.len());
    out
}

/// What a trial of other parameter values would change.
pub fn trial_text(comparison: &Comparison) -> String {
    let mut out = String::new();
    for (mark, findings) in [("新增", &comparison.added), ("消失", &comparison.removed)] {
        for f in findings {
            let _ = writeln!(
                out,
                "{mark} {} {} {}",
                f.number, f.organisation_name, f.message
            );
        }
    }
    for (_, after) in &comparison.changed {
        let _ = writeln!(
            out,
            "变化 {} {} {}",
            after.number, after.organisation_name, after.message
        );
    }
    for failed in comparison
        .before
        .failed
        .iter()
        .chain(&comparison.after.failed)
    {
        let _ = writeln!(out, "未能运行 {}:{}", failed.rule, failed.reason);
    }
    let _ = writeln!(
        out,
        "现行 {} 项 → 试算 {} 项:新增 {},消失 {},内容变化 {},不变 {}",
        comparison.before.findings.len(),
        comparison.after.findings.len(),
        comparison.added.len(),
        comparison.removed.len(),
        comparison.changed.len(),
        comparison.unchanged
    );
    out
}

/// All tests of the rules with these ids (none: all rules), in order.
pub async fn run_all_tests(pack: &RulePack, ids: &[&str]) -> Vec<TestOutcome> {
    let mut outcomes = Vec::new();
    for rule in &pack.rules {
        if ids.is_empty() || ids.contains(&rule.id()) {
            outcomes.extend(run_tests(pack, rule).await);
        }
    }
    outcomes
}

/// A plain reading of `rules list|check|test|explain [ID…] [--rules DIR]`.
pub fn run(arguments: &[String]) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (["rules", command, rest @ ..], Ok(runtime)) =
        (words.as_slice(), tokio::runtime::Runtime::new())
    else {
        eprintln!("用法:sanzi rules list|check|test|explain [规则编号…] [--rules 文件夹]");
        return ExitCode::from(2);
    };
    let (ids, pack) = match read_arguments(rest) {
        Ok(read) => read,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let faults = pack.faults.len();
    let (text, failed) = match *command {
        "list" => (list_text(&pack), faults),
        "check" => match runtime.block_on(check::check(&pack, &ids)) {
            Ok(found) => (check_text(&pack, &found), found.len()),
            Err(error) => return internal(&error),
        },
        "test" => {
            let outcomes = runtime.block_on(run_all_tests(&pack, &ids));
            let failed = outcomes.iter().filter(|o| !o.passed()).count();
            let mut text: String = pack.faults.iter().map(|f| format!("错误 {f}\n")).collect();
            text.push_str(&test_text(&outcomes));
            (text, failed + faults)
        }
        "explain" => {
            let rules = ids.iter().filter_map(|id| pack.rule(id));
            let texts = rules.map(|rule| explain::explain(&pack, rule, &[], None, default_day()));
            (texts.collect::<Vec<_>>().join("\n"), 0)
        }
        other => {
            eprintln!("没有命令「rules {other}」");
            return ExitCode::from(2);
        }
    };
    print!("{text}");
    ExitCode::from(u8::from(failed > 0))
}

fn read_arguments<'a>(words: &[&'a str]) -> Result<(Vec<&'a str>, RulePack), String> {
    let mut ids = Vec::new();
    let mut dir = Path::new("ledger_rules").is_dir().then_some("ledger_rules");
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--rules" => dir = Some(words.next().ok_or("--rules 后面应写文件夹")?),
            id => ids.push(id),
        }
    }
    let pack = match dir {
        Some(dir) => Pack::from_dir(Path::new(dir)).map_err(|e| e.to_string())?,
        None => Pack::embedded(),
    };
    let pack = RulePack::load(&pack);
    match ids.iter().find(|id| pack.rule(id).is_none()) {
        // A rule whose file is faulty is not among the rules; its fault says more than "unknown".
        Some(id) if pack.faults.is_empty() => Err(format!("没有编号为「{id}」的规则")),
        _ => Ok((ids, pack)),
    }
}

fn internal(error: &AuditError) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(4)
}
