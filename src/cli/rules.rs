//! `sanzi rules list|check|test|lock|mutate|explain|try`: texts for people; what they say is computed in `audit::rule`.

use std::fmt::Write;
use std::path::PathBuf;

use chrono::NaiveDate;

use super::args::{Format, RulesArgs, RulesCommand};
use super::curve;
use super::output::{Failure, Outcome};
use super::{pack_lock, session};
use crate::audit::rule::curve::{curve, parse_sweep};
use crate::audit::rule::mutate::{self, Mutation, mutate_all};
use crate::audit::rule::test::{TestOutcome, run_tests};
use crate::audit::rule::trial::{self, Comparison, parse_trial};
use crate::audit::rule::{Rule, RuleError, RulePack, check, explain, lock};
use crate::audit::run::{RunOptions, default_day};
use crate::audit::{AuditError, load, settings};
use crate::ledger::read;
use crate::pack::Pack;
use crate::statement::{self, Forms};
use crate::store::Store;
use crate::{consolidation, reconcile};

/// One line per rule: id, kind, severity, title.
pub fn list_text(pack: &RulePack) -> String {
    let mut out = String::new();
    for rule in &pack.rules {
        let file = &rule.file;
        // Writing to a String cannot fail.
        let disabled = rule.overlay.disabled.as_ref();
        let _ = writeln!(
            out,
            "{}  {}  {}  {}{}",
            file.id,
            file.severity.label(),
            file.kind.label(),
            file.title,
            disabled.map_or(String::new(), |reason| format!("(街道停用,{reason})"))
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

/// Reads every form of `statements/`; says what is wrong. `true` when all is well.
fn check_forms(pack: &Pack) -> bool {
    let faults = [
        Forms::load(pack).map(|_| ()),
        statement::ageing::check(pack),
        reconcile::check(pack),
        consolidation::check(pack),
    ];
    let mut good = true;
    for fault in faults.into_iter().filter_map(Result::err) {
        println!("错误 {fault}");
        good = false;
    }
    if good {
        println!("报表格式检查通过");
    }
    good
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

/// One line per rule with the share noticed, the changes that nobody noticed below it where wanted.
pub fn mutation_text(mutations: &[Mutation], unnoticed: bool) -> String {
    let mut out = String::new();
    for m in mutations {
        let _ = writeln!(
            out,
            "{}  {:>3}%  {} 处改动,发现 {} 处",
            m.rule,
            m.share(),
            m.tried,
            m.noticed
        );
        for change in m.unnoticed.iter().filter(|_| unnoticed) {
            let _ = writeln!(out, "     未发现:{change}");
        }
    }
    let (noticed, tried) = sums(mutations);
    let _ = writeln!(
        out,
        "{} 条规则,{tried} 处改动,发现 {noticed} 处,占 {}%",
        mutations.len(),
        (noticed * 100).checked_div(tried).unwrap_or(100)
    );
    out
}

/// Changes noticed and tried over all rules.
fn sums(mutations: &[Mutation]) -> (usize, usize) {
    let sum = |f: fn(&Mutation) -> usize| mutations.iter().map(f).sum();
    (sum(|m| m.noticed), sum(|m| m.tried))
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

/// `sanzi rules …`.
pub async fn run(
    args: RulesArgs,
    rules: &Option<PathBuf>,
    overlay: &Option<PathBuf>,
) -> Result<Outcome, Failure> {
    let texts = session::pack(rules)?;
    let pack = match args.command {
        RulesCommand::List | RulesCommand::Explain { .. } | RulesCommand::Try { .. } => {
            session::rule_pack(&texts, overlay)?
        }
        // What is proved is the pack as it is, whatever a street makes of it.
        _ => RulePack::load(&texts),
    };
    match args.command {
        RulesCommand::List => {
            print!("{}", list_text(&pack));
            Ok(outcome(pack.faults.is_empty()))
        }
        RulesCommand::Check { ids } => {
            let chosen = known(&pack, &ids)?;
            let mut found = check::check(&pack, &chosen).await?;
            found.extend(lock::check(&texts, &pack, &chosen));
            print!("{}", check_text(&pack, &found));
            let forms = check_forms(&texts);
            Ok(outcome(found.is_empty() && forms))
        }
        RulesCommand::Test { ids } => {
            let outcomes = run_all_tests(&pack, &known(&pack, &ids)?).await;
            for fault in &pack.faults {
                println!("错误 {fault}");
            }
            print!("{}", test_text(&outcomes));
            Ok(outcome(
                pack.faults.is_empty() && outcomes.iter().all(TestOutcome::passed),
            ))
        }
        RulesCommand::Lock => pack_lock::renew(rules.as_deref(), &texts, &pack),
        RulesCommand::Mutate {
            ids,
            sample,
            min_share,
            unnoticed,
        } => {
            let ids = known(&pack, &ids)?;
            let rules: Vec<&Rule> = match sample {
                Some(at_most) => mutate::sample(&pack, at_most),
                None if ids.is_empty() => pack.rules.iter().collect(),
                None => pack
                    .rules
                    .iter()
                    .filter(|r| ids.contains(&r.id()))
                    .collect(),
            };
            mutate_rules(&pack, &rules, min_share, unnoticed).await
        }
        RulesCommand::Explain { id, org, db } => {
            explain_rule(&pack, &id, org.as_deref(), db.as_deref()).await
        }
        RulesCommand::Try {
            id,
            param,
            db,
            svg,
            output,
        } => {
            let as_curve = svg.is_some() || output.format != Format::Table;
            let unreadable = |m: String| Failure::Input(format!("用法-1004 {m}"));
            let sweep = parse_sweep(&pack, &id, &param, as_curve).map_err(unreadable)?;
            let trial = parse_trial(&pack, &id, if sweep.is_some() { &[] } else { &param });
            let trial = trial.map_err(unreadable)?;
            let (store, _) = session::open_store(&db.db).await?;
            let snapshot = load::load(&store, &pack, None, |_| {}).await?;
            let options = RunOptions::default();
            match sweep {
                Some(sweep) => {
                    let curve = curve(&snapshot, &pack, &id, &sweep, &options).await?;
                    curve::show(&curve, svg.as_deref(), output.format)?;
                }
                None => {
                    let compared = trial::compare(&snapshot, &pack, &id, trial, &options).await?;
                    print!("{}", trial_text(&compared));
                }
            }
            Ok(Outcome::Done)
        }
    }
}

/// Mutates these rules.
async fn mutate_rules(
    pack: &RulePack,
    rules: &[&Rule],
    min_share: u8,
    unnoticed: bool,
) -> Result<Outcome, Failure> {
    for fault in &pack.faults {
        println!("错误 {fault}");
    }
    let at_once = std::thread::available_parallelism().map_or(2, usize::from);
    match mutate_all(pack, rules, at_once).await {
        Err(message) => {
            println!("错误 {message}");
            Ok(Outcome::BadInput)
        }
        Ok(mutations) => {
            print!("{}", mutation_text(&mutations, unnoticed));
            let (noticed, tried) = sums(&mutations);
            let enough = noticed * 100 >= tried * usize::from(min_share);
            Ok(outcome(pack.faults.is_empty() && enough))
        }
    }
}

/// With a database, the values in force for the organisation; else the defaults.
async fn explain_rule(
    pack: &RulePack,
    id: &str,
    org: Option<&str>,
    db: Option<&str>,
) -> Result<Outcome, Failure> {
    let rule = pack
        .rule(id)
        .ok_or_else(|| AuditError::UnknownRule(id.to_owned()))?;
    let text = match db {
        None => explain::explain(pack, rule, &[], None, default_day()),
        Some(url) => {
            let (store, _) = session::open_store(url).await?;
            let stands = settings::load(&store).await?;
            let day = last_day(&store, org).await?;
            explain::explain(pack, rule, &stands, org, day)
        }
    };
    print!("{text}");
    Ok(Outcome::Done)
}

/// The day of an audit: the last of the last month with vouchers, of one organisation or of all.
async fn last_day(store: &Store, organisation: Option<&str>) -> Result<NaiveDate, Failure> {
    if let Some(code) = organisation {
        settings::known_organisation(store, code).await?;
    }
    let mut last = None;
    for book in read::books(store.db()).await? {
        if organisation.is_none_or(|code| code == book.organisation) {
            let months = read::months(store, &book.organisation).await?;
            last = last.max(months.last().map(|m| m.last_day()));
        }
    }
    Ok(last.unwrap_or_else(default_day))
}

fn outcome(sound: bool) -> Outcome {
    if sound {
        Outcome::Done
    } else {
        Outcome::BadInput
    }
}

/// The ids, all of them known. A rule whose file is faulty is not among the rules; its fault says more than "unknown".
fn known<'a>(pack: &RulePack, ids: &'a [String]) -> Result<Vec<&'a str>, Failure> {
    match ids.iter().find(|id| pack.rule(id).is_none()) {
        Some(id) if pack.faults.is_empty() => Err(AuditError::UnknownRule(id.clone()).into()),
        _ => Ok(ids.iter().map(String::as_str).collect()),
    }
}
