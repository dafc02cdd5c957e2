//! An audit run into the store, and the run before out of it.

use chrono::NaiveDateTime;

use super::AuditError;
use super::diff::PreviousRun;
use super::outcome::{AuditRun, DiffState, Finding, GoneFinding, SuppressedFinding};
use crate::model::Money;
use crate::store::Store;
use crate::store::runs::{self, NewRun, StoredFinding};

/// Which organisations a run covers: only runs of one scope are compared.
pub fn scope<'a>(organisations: impl IntoIterator<Item = &'a str>) -> String {
    organisations.into_iter().collect::<Vec<_>>().join(",")
}

/// The latest run over the same scope, as the next one is compared with it.
pub async fn previous(store: &Store, scope: &str) -> Result<Option<PreviousRun>, AuditError> {
    let Some((digest, stored)) = runs::previous(store, scope).await? else {
        return Ok(None);
    };
    let findings = stored
        .into_iter()
        .map(|s| (remembered(&s), s.content))
        .collect();
    Ok(Some(PreviousRun { digest, findings }))
}

/// A stored finding as it would be listed if it were gone.
fn remembered(stored: &StoredFinding) -> GoneFinding {
    let payload: serde_json::Value = serde_json::from_str(&stored.payload).unwrap_or_default();
    let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let key: Vec<&str> = payload["key"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pair| pair[1].as_str())
        .collect();
    GoneFinding {
        number: stored.number.clone(),
        fingerprint: stored.fingerprint.clone(),
        rule: stored.rule.clone(),
        title: text("title"),
        organisation: stored.organisation.clone(),
        key: key.join("|"),
        amount: stored.amount.map(Money),
        message: text("message"),
    }
}

/// Stores a run with all its findings.
pub async fn save(
    store: &Store,
    run: &AuditRun,
    finished_at: NaiveDateTime,
) -> Result<i64, AuditError> {
    let scope = scope(run.organisations.iter().map(|o| o.code.as_str()));
    let listed = run.findings.iter().map(|f| stored(f, f));
    let aside = run.suppressed.iter().map(|s| stored(&s.finding, s));
    let findings = listed.chain(aside).collect::<Result<Vec<_>, _>>()?;
    let new = NewRun {
        digest: &run.digest,
        data_digest: &run.data_digest,
        pack_digest: &run.pack_digest,
        as_of: run.as_of,
        scope: &scope,
        finished_at,
        outcome: outcome_without_findings(run)?,
    };
    Ok(runs::save(store, new, &findings).await?)
}

/// `payload`: the finding, with its suppression if it was set aside.
fn stored(finding: &Finding, payload: &impl serde::Serialize) -> Result<StoredFinding, AuditError> {
    Ok(StoredFinding {
        fingerprint: finding.fingerprint.clone(),
        content: finding.content.clone(),
        number: finding.number.clone(),
        rule: finding.rule.clone(),
        rule_version: i64::from(finding.rule_version),
        organisation: finding.organisation.clone(),
        kind: finding.kind.code().to_owned(),
        severity: finding.severity.code().to_owned(),
        amount: finding.amount.map(|a| a.0),
        payload: json(payload)?,
    })
}

fn outcome_without_findings(run: &AuditRun) -> Result<String, AuditError> {
    json(&serde_json::json!({
        "overlay_digest": run.overlay_digest,
        "organisations": run.organisations,
        "rules": run.rules,
        "params": run.params,
        "not_run": run.not_run,
        "failed": run.failed,
        "held": run.held,
        "period": run.period.map(|p| p.to_string()),
        "compared_with": run.compared_with,
        "suppressed": run.suppressed.iter().map(aside).collect::<Vec<_>>(),
        "gone": run.gone.iter().map(|g| g.number.as_str()).collect::<Vec<_>>(),
        "new": run.findings.iter().filter(|f| f.state == DiffState::New).count(),
    }))
}

fn aside(suppressed: &SuppressedFinding) -> serde_json::Value {
    serde_json::json!({
        "fingerprint": suppressed.finding.fingerprint,
        "suppression": suppressed.suppression.id,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, AuditError> {
    serde_json::to_string(value).map_err(|e| AuditError::Internal(e.to_string()))
}
