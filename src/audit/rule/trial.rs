//! `rules try`: what would change if a parameter had another value, before anyone publishes it.

use std::collections::BTreeMap;

use super::{ParamSpec, RulePack};
use crate::audit::AuditError;
use crate::audit::outcome::{AuditRun, Finding};
use crate::audit::params::Trial;
use crate::audit::run::{RunOptions, run};
use crate::audit::snapshot::Snapshot;

/// The same rule with the values in force and with the values tried.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub before: AuditRun,
    pub after: AuditRun,
    /// Only with the values tried.
    pub added: Vec<Finding>,
    /// Only with the values in force.
    pub removed: Vec<Finding>,
    /// In both, with other content: (in force, tried).
    pub changed: Vec<(Finding, Finding)>,
    pub unchanged: usize,
}

/// Reads `name=value` for a rule's parameter. Statutory values may be tried, not published.
///
/// # Errors
/// A Chinese sentence.
pub fn parse_trial(pack: &RulePack, rule: &str, assignments: &[String]) -> Result<Trial, String> {
    let mut trial = Trial::new();
    for assignment in assignments {
        let (name, spec, value) = split(pack, rule, assignment)?;
        let value = spec
            .read(value)
            .map_err(|m| format!("参数「{name}」的值{m}"))?;
        trial.insert(name.to_owned(), value);
    }
    Ok(trial)
}

/// The parts of `name=value`: the name, what the rule says of it, the value as written.
///
/// # Errors
/// A Chinese sentence.
pub fn split<'a>(
    pack: &'a RulePack,
    rule: &str,
    assignment: &'a str,
) -> Result<(&'a str, &'a ParamSpec, &'a str), String> {
    let rule = pack
        .rule(rule)
        .ok_or_else(|| format!("没有编号为「{rule}」的规则"))?;
    if let Some(reason) = &rule.overlay.disabled {
        return Err(format!("规则 {} 已由街道停用({reason})", rule.id()));
    }
    let (name, value) = assignment
        .split_once('=')
        .ok_or_else(|| format!("「{assignment}」应写成 参数名=值"))?;
    let name = name.trim();
    let spec = rule.file.params.get(name).ok_or_else(|| {
        let known: Vec<&str> = rule.file.params.keys().map(String::as_str).collect();
        format!(
            "规则 {} 没有参数「{name}」;可用:{}",
            rule.id(),
            known.join("、")
        )
    })?;
    Ok((name, spec, value))
}

/// Runs the rule twice.
pub async fn compare(
    snapshot: &Snapshot,
    pack: &RulePack,
    rule: &str,
    trial: Trial,
    options: &RunOptions,
) -> Result<Comparison, AuditError> {
    let base = RunOptions {
        rules: vec![rule.to_owned()],
        trials: BTreeMap::new(),
        previous: None,
        ..options.clone()
    };
    let before = run(snapshot, pack, &base).await?;
    let tried = RunOptions {
        trials: BTreeMap::from([(rule.to_owned(), trial)]),
        ..base
    };
    let after = run(snapshot, pack, &tried).await?;
    let old: BTreeMap<&str, &Finding> = before
        .findings
        .iter()
        .map(|f| (f.fingerprint.as_str(), f))
        .collect();
    let (mut added, mut changed, mut unchanged) = (Vec::new(), Vec::new(), 0);
    for finding in &after.findings {
        match old.get(finding.fingerprint.as_str()) {
            None => added.push(finding.clone()),
            // The message may name the parameter: what counts is whether the fact is another.
            Some(was)
                if was.amount == finding.amount
                    && was.evidence == finding.evidence
                    && was.vouchers == finding.vouchers =>
            {
                unchanged += 1;
            }
            Some(was) => changed.push(((*was).clone(), finding.clone())),
        }
    }
    let still: std::collections::BTreeSet<&str> = after
        .findings
        .iter()
        .map(|f| f.fingerprint.as_str())
        .collect();
    let removed = before
        .findings
        .iter()
        .filter(|f| !still.contains(f.fingerprint.as_str()));
    let removed = removed.cloned().collect();
    Ok(Comparison {
        before,
        after,
        added,
        removed,
        changed,
        unchanged,
    })
}
