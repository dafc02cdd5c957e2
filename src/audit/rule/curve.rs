//! `rules try` over a range: how many findings each value of one parameter would give, beside those of the value in force.

mod sweep;

use std::collections::{BTreeMap, BTreeSet};

pub use sweep::{Sweep, parse_sweep};

use super::{Rule, RulePack, questions};
use crate::audit::AuditError;
use crate::audit::outcome::{AuditRun, FailedRule};
use crate::audit::params::{ParamValue, Trial, in_force, resolve};
use crate::audit::run::{RunOptions, as_of, run};
use crate::audit::snapshot::Snapshot;

/// One value of the parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub value: ParamValue,
    /// In force for some organisation on the day of the run.
    pub present: bool,
    pub hits: usize,
    /// Findings that the values in force do not give.
    pub added: usize,
    /// Findings that only the values in force give.
    pub removed: usize,
}

/// The findings of a rule over the values of one parameter.
#[derive(Debug, Clone)]
pub struct Curve {
    pub rule: String,
    pub title: String,
    pub name: String,
    pub label: String,
    pub unit: String,
    /// With the values in force, each organisation by its own.
    pub in_force: usize,
    /// In the order in which they are shown; the present values are among them.
    pub points: Vec<Point>,
    pub failed: Vec<FailedRule>,
}

/// Runs the rule with the values in force and once for each value.
///
/// # Errors
/// What makes a run impossible.
pub async fn curve(
    snapshot: &Snapshot,
    pack: &RulePack,
    rule: &str,
    sweep: &Sweep,
    options: &RunOptions,
) -> Result<Curve, AuditError> {
    let rule = pack
        .rule(rule)
        .ok_or_else(|| AuditError::UnknownRule(rule.to_owned()))?;
    let with = |trial: Trial| RunOptions {
        rules: vec![rule.id().to_owned()],
        trials: BTreeMap::from([(rule.id().to_owned(), trial)]),
        previous: None,
        ..options.clone()
    };
    let base = run(snapshot, pack, &with(sweep.fixed.clone())).await?;
    let before = fingerprints(&base);
    let mut failed = base.failed.clone();
    let present = present(snapshot, rule, &sweep.name, options);
    let mut points = Vec::new();
    for value in sweep.with(&present) {
        let mut trial = sweep.fixed.clone();
        trial.insert(sweep.name.clone(), value.clone());
        let tried = run(snapshot, pack, &with(trial)).await?;
        let after = fingerprints(&tried);
        failed.extend(tried.failed.iter().cloned());
        points.push(Point {
            present: present.contains(&value),
            value,
            hits: after.len(),
            added: after.difference(&before).count(),
            removed: before.difference(&after).count(),
        });
    }
    failed.dedup_by(|a, b| a.reason == b.reason);
    let spec = rule.file.params.get(&sweep.name);
    Ok(Curve {
        rule: rule.id().to_owned(),
        title: rule.file.title.clone(),
        label: questions::label(rule, &sweep.name),
        unit: spec.map(|s| s.unit.clone()).unwrap_or_default(),
        name: sweep.name.clone(),
        in_force: before.len(),
        points,
        failed,
    })
}

fn fingerprints(run: &AuditRun) -> BTreeSet<&str> {
    run.findings
        .iter()
        .map(|f| f.fingerprint.as_str())
        .collect()
}

/// The values in force on the day of the run, without repetition.
fn present(snapshot: &Snapshot, rule: &Rule, name: &str, options: &RunOptions) -> Vec<ParamValue> {
    let day = as_of(snapshot, options);
    let mut out: Vec<ParamValue> = Vec::new();
    for code in snapshot.codes() {
        let spans = resolve(rule, &snapshot.settings, &Trial::new(), &code);
        if let Some(now) = in_force(&spans, name, day)
            && !out.contains(&now.value)
        {
            out.push(now.value);
        }
    }
    out
}
