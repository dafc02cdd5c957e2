//! `findings.json`, schema `audit-findings/1` (`docs/findings-json.md`): the run for other programs.
//!
//! It holds no wall-clock time. `findings` is a function of data, rules and parameters alone, ordered by number, so two
//! runs on the same data give the same bytes; rank, state and matter stand in `comparison`.

use serde_json::{Value, json};

use super::model::{Figures, Group, KINDS, Report, SEVERITIES, STATES, Tally};
use super::{ReportError, words};
use crate::audit::outcome::{AuditRun, Finding, GoneFinding, HeldSummary, SuppressedFinding};
use crate::model::Money;

/// Version of the document's shape; a change that breaks readers raises it.
pub const SCHEMA: &str = "audit-findings/1";

/// The bytes of `findings.json`, pretty-printed, with a final line feed.
pub fn render(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let mut bytes = serde_json::to_vec_pretty(&document(report)?)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn document(report: &Report<'_>) -> Result<Value, ReportError> {
    let run = report.run;
    let mut by_number: Vec<&Finding> = run.findings.iter().collect();
    by_number.sort_by_key(|f| (&f.number, &f.fingerprint));
    let findings: Vec<Value> = by_number.into_iter().map(finding).collect();
    Ok(json!({
        "schema": SCHEMA,
        "run": {
            "digest": run.digest,
            "data_digest": run.data_digest,
            "pack_digest": run.pack_digest,
            "overlay_digest": run.overlay_digest,
            "program": run.program,
            "as_of": run.as_of,
        },
        "organisations": serde_json::to_value(&run.organisations)?,
        "summary": summary(&report.figures),
        "findings": findings,
        "suppressed": run.suppressed.iter().map(suppressed).collect::<Vec<_>>(),
        "comparison": comparison(run, &report.figures),
        "not_run": serde_json::to_value(&run.not_run)?,
        "failed": serde_json::to_value(&run.failed)?,
        "held": run.held.iter().map(held).collect::<Vec<_>>(),
        "rules": serde_json::to_value(&run.rules)?,
        "params": serde_json::to_value(&run.params)?,
    }))
}

/// `{ "fen": 123, "yuan": "1.23" }`.
pub fn amount(money: Money) -> Value {
    json!({ "fen": money.0, "yuan": money.to_string() })
}

/// The figures of a run, as `findings.json` and the page carry them.
pub fn summary(figures: &Figures) -> Value {
    let kinds = KINDS.iter().zip(&figures.kinds);
    let severities = SEVERITIES.iter().zip(&figures.severities);
    json!({
        "total": tally(figures.total),
        "matters": tally(figures.matters),
        "placeholders": figures.placeholders,
        "suppressed": tally(figures.suppressed),
        "by_kind": kinds.map(|(k, t)| named(k.code(), k.label(), *t)).collect::<Vec<_>>(),
        "by_severity": severities.map(|(s, t)| named(s.code(), s.label(), *t)).collect::<Vec<_>>(),
        "by_organisation": figures.organisations.iter().map(organisation).collect::<Vec<_>>(),
        "by_family": figures.families.iter().map(family).collect::<Vec<_>>(),
        "by_organisation_family": figures.cells.iter().map(cell).collect::<Vec<_>>(),
        "held": figures.held,
        "not_run": figures.not_run,
        "failed": figures.failed,
    })
}

/// What a finding rests on: evidence cells, voucher lines, register lines.
pub fn proof(finding: &Finding) -> Value {
    let lines = finding.voucher_lines.iter().map(|l| {
        json!({
            "voucher": l.voucher,
            "line": l.line,
            "date": l.date,
            "summary": l.summary,
            "account": l.account,
            "account_name": l.account_name,
            "debit": amount(l.debit),
            "credit": amount(l.credit),
            "counterparty": l.counterparty,
            "file": l.file,
            "sheet": l.sheet,
            "row": l.row,
        })
    });
    json!({
        "evidence": finding.evidence,
        "voucher_lines": lines.collect::<Vec<_>>(),
        "register_lines": finding.register_lines,
    })
}

fn tally(tally: Tally) -> Value {
    json!({ "count": tally.count, "amount": amount(tally.amount) })
}

fn named(code: &str, label: &str, tally: Tally) -> Value {
    json!({ "code": code, "label": label, "count": tally.count, "amount": amount(tally.amount) })
}

fn organisation(group: &Group) -> Value {
    named(&group.organisation, &group.organisation_name, group.tally)
}

fn family(group: &Group) -> Value {
    named(&group.family, words::family(&group.family), group.tally)
}

fn cell(group: &Group) -> Value {
    json!({
        "organisation": group.organisation,
        "family": group.family,
        "count": group.tally.count,
        "amount": amount(group.tally.amount),
    })
}

fn finding(f: &Finding) -> Value {
    let key = f.key.iter().map(|(n, v)| json!({ "name": n, "value": v }));
    let proof = proof(f);
    json!({
        "number": f.number,
        "fingerprint": f.fingerprint,
        "content": f.content,
        "rule": f.rule,
        "rule_version": f.rule_version,
        "title": f.title,
        "family": f.family,
        "kind": f.kind.code(),
        "kind_label": f.kind.label(),
        "severity": f.severity.code(),
        "severity_label": f.severity.label(),
        "organisation": f.organisation,
        "organisation_name": f.organisation_name,
        "subject": f.subject,
        "key": key.collect::<Vec<_>>(),
        "key_text": f.key_text(),
        "occurred_on": f.occurred_on,
        "amount": f.amount.map(amount),
        "vouchers": f.vouchers,
        "message": f.message,
        "evidence": proof["evidence"],
        "voucher_lines": proof["voucher_lines"],
        "register_lines": proof["register_lines"],
        "citations": f.citations,
        "params": f.params,
        "placeholder": f.placeholder,
        "advice": f.advice,
        "false_positives": f.false_positives,
    })
}

fn suppressed(s: &SuppressedFinding) -> Value {
    let why = &s.suppression;
    json!({
        "finding": finding(&s.finding),
        "reason": why.reason,
        "document": why.document,
        "until": why.until,
        "at": why.at,
        "by": why.by,
        "approved_by": why.approved_by,
    })
}

fn comparison(run: &AuditRun, figures: &Figures) -> Value {
    let counts: serde_json::Map<String, Value> = STATES
        .iter()
        .zip(figures.states)
        .filter_map(|(state, count)| Some((code_of(state)?, json!(count))))
        .collect();
    let ranked = run.findings.iter().enumerate().map(|(i, f)| {
        json!({
            "rank": i + 1,
            "number": f.number,
            "fingerprint": f.fingerprint,
            "state": f.state,
            "score": f.score,
            "matter": f.matter,
        })
    });
    json!({
        "compared_with": run.compared_with,
        "counts": counts,
        "findings": ranked.collect::<Vec<_>>(),
        "gone": run.gone.iter().map(gone).collect::<Vec<_>>(),
    })
}

fn code_of(state: &impl serde::Serialize) -> Option<String> {
    Some(serde_json::to_value(state).ok()?.as_str()?.to_owned())
}

fn gone(g: &GoneFinding) -> Value {
    json!({
        "number": g.number,
        "fingerprint": g.fingerprint,
        "rule": g.rule,
        "title": g.title,
        "organisation": g.organisation,
        "key": g.key,
        "amount": g.amount.map(amount),
        "message": g.message,
    })
}

fn held(h: &HeldSummary) -> Value {
    json!({
        "organisation": h.organisation,
        "voucher": h.voucher,
        "reason": h.reason,
        "debit": amount(h.debit),
        "credit": amount(h.credit),
        "problems": h.problems,
        "file": h.file,
        "sheet": h.sheet,
        "row": h.row,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::outcome::DiffState;
    use crate::report::sample;
    use chrono::Days;

    #[test]
    fn findings_do_not_depend_on_the_run_before() {
        let run = sample::run();
        let mut later = run.clone();
        later.findings.reverse();
        for (i, finding) in later.findings.iter_mut().enumerate() {
            finding.state = DiffState::Same;
            finding.score = i as u32;
            finding.matter = "other".into();
        }
        later.compared_with = Some("ab".into());
        later.gone.clear();
        let day = sample::generated_at();
        let first = document(&Report::new(&run, day)).unwrap();
        let second = document(&Report::new(&later, day + Days::new(9))).unwrap();
        assert_eq!(
            first["findings"].to_string(),
            second["findings"].to_string()
        );
        assert_ne!(first["comparison"], second["comparison"]);
    }

    #[test]
    fn bytes_do_not_depend_on_the_clock() {
        let run = sample::run();
        let day = sample::generated_at();
        assert_eq!(
            render(&Report::new(&run, day)).unwrap(),
            render(&Report::new(&run, day + Days::new(1))).unwrap()
        );
    }

    #[test]
    fn amounts_are_fen_and_yuan() {
        assert_eq!(amount(Money(-1)), json!({ "fen": -1, "yuan": "-0.01" }));
    }
}
