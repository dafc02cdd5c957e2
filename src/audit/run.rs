//! One audit run: every rule that applies, over one snapshot, to one ranked list of findings.
//!
//! The order of work: tables → marts (once, shared) and rules side by side, each within its own limits → findings →
//! voucher lines (one pass over the entries) → comparison with the run before → rank. A rule that fails is listed as
//! failed and stops nobody; a rule that lacks data for an organisation is listed as not run, never as passed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use futures::StreamExt;

use super::AuditError;
use super::diff::{self, PreviousRun};
use super::engine::{Database, Limits, QueryError};
use super::evidence::{Registers, add_voucher_lines};
use super::execute::{Resolved, add_marts, add_params, resolve_all, run_rule};
use super::finding::{Maker, digest};
use super::outcome::{
    AuditRun, FailedRule, Finding, NotRun, ResolvedParam, RuleSummary, SuppressedFinding,
};
use super::params::{Trial, describe, span_at};
use super::rank;
use super::rule::{Rule, RulePack};
use super::snapshot::Snapshot;
use super::stages::stages;
use super::suppression::set_aside;
use super::tables::cell::Rows;
use super::tables::schema;
use super::timing::{Step, Stopwatch};
use crate::model::PeriodRange;
use crate::store::suppressions::Stored as Suppressed;

/// What to run and how.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// The day up to which dues are counted; default: end of `period`, else the last day of the last month with vouchers.
    pub as_of: Option<NaiveDate>,
    /// Only findings whose event falls into these months (those without a day stay).
    pub period: Option<PeriodRange>,
    /// Only these rules; empty: all.
    pub rules: Vec<String>,
    /// Only these organisations; empty: all.
    pub organisations: Vec<String>,
    /// Parameter values for this run only, by rule (`rules try`).
    pub trials: BTreeMap<String, Trial>,
    pub limits: Limits,
    /// Rules run side by side; 0: as many as there are processors.
    pub concurrency: usize,
    pub previous: Option<PreviousRun>,
    /// Suppressions in force on the day on which the audit is run.
    pub suppressions: Vec<Suppressed>,
}

/// The day up to which dues are counted when there is not one voucher: it never depends on the clock.
pub fn default_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 12, 31).unwrap_or_default()
}

/// Registers every table of a snapshot; those without rows are there and empty.
pub fn load_tables(database: &mut Database, snapshot: &Snapshot) -> Result<(), AuditError> {
    for spec in schema::tables() {
        let batches = snapshot.tables.get(&spec.name).cloned().unwrap_or_default();
        database.add(&spec.name, spec.arrow(), batches)?;
    }
    Ok(())
}

/// Runs the pack over a snapshot.
///
/// # Errors
/// Only what makes the run as a whole impossible: a faulty pack, an unknown rule asked for, nothing to audit.
pub async fn run(
    snapshot: &Snapshot,
    pack: &RulePack,
    options: &RunOptions,
) -> Result<AuditRun, AuditError> {
    if !pack.faults.is_empty() {
        return Err(AuditError::Pack(pack.faults.clone()));
    }
    if snapshot.organisations.is_empty() {
        return Err(AuditError::Empty);
    }
    let rules = chosen(pack, options)?;
    let as_of = as_of(snapshot, options);
    let mut database = database_of(snapshot, pack)?;
    let prepared = prepare(snapshot, options, &rules, as_of);
    let running: Vec<(usize, &BTreeSet<String>)> = prepared
        .iter()
        .enumerate()
        .filter(|(_, p)| !p.ran.is_empty())
        .map(|(i, p)| (i, &p.rule.relations))
        .collect();
    let width = match options.concurrency {
        0 => Limits::default().partitions,
        n => n,
    };
    let (mut steps, mut results) = (Vec::new(), Vec::<RuleResult>::new());
    let mut failed_marts = BTreeMap::new();
    for stage in stages(pack, &running) {
        let marts = stage.marts.into_iter();
        let failed = add_marts(&mut database, marts, &options.limits, |s| steps.push(s));
        failed_marts.extend(failed.await?);
        let (database_now, failed_now) = (&database, &failed_marts);
        let ran: Vec<RuleResult> = futures::stream::iter(stage.rules)
            .map(|i| (i, &prepared[i]))
            .map(|(i, p)| async move {
                let watch = Stopwatch::start();
                let rows = execute(database_now, failed_now, pack, p, as_of, &options.limits).await;
                let step = watch.rule(p.rule.id(), rows.as_ref().ok());
                (i, step, rows)
            })
            .buffer_unordered(width)
            .collect()
            .await;
        results.extend(ran);
        stage.done.iter().for_each(|mart| database.remove(mart));
    }
    results.sort_by_key(|(i, _, _)| *i);
    let mut run = assemble(snapshot, pack, options, as_of, &prepared, &results)?;
    steps.extend(results.into_iter().map(|(_, step, _)| step));
    run.steps = steps;
    Ok(run)
}

/// Position of a rule among the prepared ones, what it took, its rows.
type RuleResult = (usize, Step, Result<Rows, QueryError>);

/// A rule with its parameters and the organisations it runs for.
struct Prepared<'a> {
    rule: &'a Rule,
    resolved: Resolved,
    ran: BTreeSet<String>,
    not_run: Vec<NotRun>,
}

fn chosen<'a>(pack: &'a RulePack, options: &RunOptions) -> Result<Vec<&'a Rule>, AuditError> {
    if options.rules.is_empty() {
        return Ok(pack.rules.iter().collect());
    }
    let wanted: BTreeSet<&String> = options.rules.iter().collect();
    wanted
        .into_iter()
        .map(|id| {
            pack.rule(id)
                .ok_or_else(|| AuditError::UnknownRule(id.clone()))
        })
        .collect()
}

/// The day of a run: as asked for, else the last day of the last month with vouchers.
pub fn as_of(snapshot: &Snapshot, options: &RunOptions) -> NaiveDate {
    options
        .as_of
        .or(options.period.map(|p| p.last.last_day()))
        .or(snapshot.last_day)
        .unwrap_or_else(default_day)
}

/// The tables of a snapshot, with working days as the pack and the hand-in give them.
pub fn database_of(snapshot: &Snapshot, pack: &RulePack) -> Result<Database, AuditError> {
    let mut calendar = pack.calendar.clone();
    for (date, off, name) in &snapshot.calendar {
        calendar.set(*date, *off, name);
    }
    let mut database = Database::new(Arc::new(calendar));
    load_tables(&mut database, snapshot)?;
    Ok(database)
}

fn prepare<'a>(
    snapshot: &Snapshot,
    options: &RunOptions,
    rules: &[&'a Rule],
    as_of: NaiveDate,
) -> Vec<Prepared<'a>> {
    let mut codes = snapshot.codes();
    if !options.organisations.is_empty() {
        codes.retain(|c| options.organisations.contains(c));
    }
    let no_trial = Trial::new();
    rules
        .iter()
        .map(|rule| {
            let trial = options.trials.get(rule.id()).unwrap_or(&no_trial);
            let (mut ran, mut not_run) = (BTreeSet::new(), Vec::new());
            for code in &codes {
                match reason_not_to_run(snapshot, rule, code, as_of) {
                    None => {
                        ran.insert(code.clone());
                    }
                    Some(reason) => not_run.push(reason),
                }
            }
            Prepared {
                rule,
                // All organisations, so that queries over several of them see every one's values.
                resolved: resolve_all(rule, &snapshot.settings, trial, &snapshot.codes()),
                ran,
                not_run,
            }
        })
        .collect()
}

fn reason_not_to_run(
    snapshot: &Snapshot,
    rule: &Rule,
    code: &str,
    as_of: NaiveDate,
) -> Option<NotRun> {
    let file = &rule.file;
    if let Some(reason) = &rule.overlay.disabled {
        return Some(NotRun {
            rule: rule.id().to_owned(),
            title: file.title.clone(),
            organisation: code.to_owned(),
            reason: format!("街道停用({reason})"),
            missing: Vec::new(),
        });
    }
    let known = snapshot.regimes.get(code).is_some_and(|s| !s.is_empty());
    let covered = match snapshot.regimes.get(code) {
        Some(spans) => spans.iter().any(|s| file.scope.covers(Some(&s.regime))),
        None => file.scope.covers(snapshot.regime(code, as_of)),
    };
    let (reason, missing) = if !covered && !known {
        (
            "「单位」未登记适用法规,无法判断是否适用".to_owned(),
            Vec::new(),
        )
    } else if !covered {
        (
            format!("不在适用范围(仅适用于{})", file.scope.label()),
            Vec::new(),
        )
    } else {
        let lacking = file.lacking(|table| snapshot.holds(table, code));
        let missing: Vec<String> = lacking
            .iter()
            .map(|group| {
                let titles: Vec<&str> = group.iter().map(|t| t.title.as_str()).collect();
                titles.join("或")
            })
            .collect();
        if missing.is_empty() {
            return None;
        }
        let names: Vec<String> = missing.iter().map(|m| format!("「{m}」")).collect();
        (format!("缺{}", names.join("、")), missing)
    };
    Some(NotRun {
        rule: rule.id().to_owned(),
        title: file.title.clone(),
        organisation: code.to_owned(),
        reason,
        missing,
    })
}

async fn execute(
    database: &Database,
    failed_marts: &BTreeMap<String, QueryError>,
    pack: &RulePack,
    prepared: &Prepared<'_>,
    as_of: NaiveDate,
    limits: &Limits,
) -> Result<Rows, QueryError> {
    for mart in pack.marts_needed(&prepared.rule.relations) {
        if let Some(error) = failed_marts.get(&mart.name) {
            return Err(QueryError::Failed(format!(
                "视图 {} 未能计算:{error}",
                mart.name
            )));
        }
    }
    let mut database = database.clone();
    add_params(&mut database, prepared.rule, &prepared.resolved, as_of)
        .map_err(|e| QueryError::Failed(e.to_string()))?;
    run_rule(&database, prepared.rule, limits).await
}

fn assemble(
    snapshot: &Snapshot,
    pack: &RulePack,
    options: &RunOptions,
    as_of: NaiveDate,
    prepared: &[Prepared<'_>],
    results: &[RuleResult],
) -> Result<AuditRun, AuditError> {
    let mut registers = Registers::new(snapshot);
    let (mut findings, mut failed) = (Vec::new(), Vec::new());
    let mut ran: BTreeSet<(String, String)> = BTreeSet::new();
    for (i, _, rows) in results {
        let p = &prepared[*i];
        match rows {
            Ok(rows) => {
                let maker = Maker {
                    pack,
                    rule: p.rule,
                    snapshot,
                    resolved: &p.resolved,
                    as_of,
                    ran: &p.ran,
                };
                findings.extend(maker.findings(rows, &mut registers));
                ran.extend(p.ran.iter().map(|o| (p.rule.id().to_owned(), o.clone())));
            }
            Err(error) => failed.push(FailedRule {
                rule: p.rule.id().to_owned(),
                title: p.rule.file.title.clone(),
                reason: error.to_string(),
            }),
        }
    }
    if let Some(period) = options.period {
        let inside = |d: NaiveDate| period.first.first_day() <= d && d <= period.last.last_day();
        findings.retain(|f: &Finding| f.occurred_on.is_none_or(inside));
    }
    add_voucher_lines(snapshot, &mut findings);
    let gone = match &options.previous {
        Some(previous) => diff::compare(&mut findings, previous, &ran),
        None => Vec::new(),
    };
    // After the comparison: what is set aside has not gone.
    let (mut findings, mut suppressed) = set_aside(findings, &options.suppressions);
    suppressed.sort_by(|a, b| order(&a.finding).cmp(&order(&b.finding)));
    rank::rank(&mut findings);
    let params = used_params(prepared, as_of);
    Ok(AuditRun {
        digest: run_digest(snapshot, pack, as_of, options, &params, &suppressed),
        data_digest: snapshot.data_digest.clone(),
        pack_digest: pack.digest.clone(),
        overlay_digest: pack.overlay_digest.clone(),
        program: format!("sanzi {}", env!("CARGO_PKG_VERSION")),
        as_of,
        organisations: organisations(snapshot, options),
        rules: summaries(pack, as_of, prepared, &findings),
        params,
        suppressed,
        gone,
        not_run: prepared
            .iter()
            .flat_map(|p| p.not_run.iter().cloned())
            .collect(),
        failed,
        held: snapshot.held.clone(),
        period: options.period,
        compared_with: options.previous.as_ref().map(|p| p.digest.clone()),
        findings,
        steps: Vec::new(),
    })
}

fn order(finding: &Finding) -> (&str, &str, &str) {
    (&finding.number, &finding.organisation, &finding.fingerprint)
}

fn organisations(
    snapshot: &Snapshot,
    options: &RunOptions,
) -> Vec<super::outcome::AuditedOrganisation> {
    let wanted =
        |code: &String| options.organisations.is_empty() || options.organisations.contains(code);
    let all = snapshot.organisations.iter();
    all.filter(|o| wanted(&o.code)).cloned().collect()
}

fn used_params(prepared: &[Prepared<'_>], as_of: NaiveDate) -> Vec<ResolvedParam> {
    let mut params = Vec::new();
    for p in prepared {
        for (organisation, spans) in p.resolved.iter().filter(|(o, _)| p.ran.contains(*o)) {
            if let Some(span) = span_at(spans, as_of) {
                params.extend(describe(p.rule, organisation, span));
            }
        }
    }
    params
}

fn summaries(
    pack: &RulePack,
    as_of: NaiveDate,
    prepared: &[Prepared<'_>],
    findings: &[Finding],
) -> Vec<RuleSummary> {
    let mut hits: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *hits.entry(finding.rule.as_str()).or_default() += 1;
    }
    prepared
        .iter()
        .map(|p| RuleSummary {
            id: p.rule.id().to_owned(),
            version: p.rule.file.version,
            title: p.rule.file.title.clone(),
            family: p.rule.family.clone(),
            kind: p.rule.file.kind,
            severity: p.rule.file.severity,
            hits: hits.get(p.rule.id()).copied().unwrap_or(0),
            citations: pack.laws.cite(&p.rule.file.laws, as_of),
            false_positives: p.rule.file.false_positives.clone(),
        })
        .collect()
}

/// Names the run by what determines its findings: data, rules, parameters, day, what was chosen of them, and what was set
/// aside.
fn run_digest(
    snapshot: &Snapshot,
    pack: &RulePack,
    as_of: NaiveDate,
    options: &RunOptions,
    params: &[ResolvedParam],
    suppressed: &[SuppressedFinding],
) -> String {
    let day = as_of.to_string();
    let period = options.period.map(|p| p.to_string()).unwrap_or_default();
    let head = [&snapshot.data_digest, &pack.digest, &day, &period];
    let head = head.into_iter().chain(&pack.overlay_digest);
    let chosen = options.rules.iter().chain(&options.organisations);
    let values = params
        .iter()
        .flat_map(|p| [&p.rule, &p.organisation, &p.name, &p.value, &p.source]);
    let aside = suppressed
        .iter()
        .flat_map(|s| [&s.finding.fingerprint, &s.finding.content]);
    digest(
        head.chain(chosen)
            .chain(values)
            .chain(aside)
            .map(String::as_str),
    )
}
