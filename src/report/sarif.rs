//! `findings.sarif`, SARIF 2.1.0: the findings for programs that read results of analyses (viewers, issue trackers).
//!
//! Every result is of kind `review`: a person has yet to judge. SARIF then allows no level but `none`, so that severity, kind
//! and amount stand among the properties. Like `findings.json` it holds no wall-clock time.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::json::amount;
use super::{Report, ReportError, words};
use crate::audit::outcome::{DiffState, Finding, GoneFinding, RuleSummary, SuppressedFinding};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What the files' places are relative to: the hand-in's folder, which only the reader knows.
const BASE: &str = "HANDIN";

/// All but what a path may hold as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The bytes of `findings.sarif`, those set aside with their suppression, pretty-printed, with a final line feed.
///
/// # Errors
/// [`ReportError::Json`] when the document cannot be written.
pub fn render(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let mut bytes = serde_json::to_vec_pretty(&document(report))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn document(report: &Report<'_>) -> Value {
    let run = report.run;
    let place: HashMap<&str, usize> = run.rules.iter().map(|r| r.id.as_str()).zip(0..).collect();
    let compared = report.compared();
    let found = run.findings.iter().map(|f| result(f, &place, compared));
    let aside = run.suppressed.iter();
    let aside = aside.map(|s| suppressed(s, &place, compared));
    let gone = run.gone.iter().map(|f| absent(f, &place));
    let rules: Vec<Value> = run.rules.iter().map(rule).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sanzi",
                "fullName": "三资账本与审计引擎",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "language": "zh-CN",
                "rules": rules,
            }},
            "language": "zh-CN",
            "columnKind": "unicodeCodePoints",
            "automationDetails": { "id": format!("audit/{}/{}", run.as_of, run.digest) },
            "originalUriBaseIds": {
                BASE: { "description": { "text": "报送账套所在的文件夹" } },
            },
            "results": found.chain(aside).chain(gone).collect::<Vec<_>>(),
            "properties": {
                "asOf": run.as_of,
                "dataDigest": run.data_digest,
                "packDigest": run.pack_digest,
                "overlayDigest": run.overlay_digest,
                "comparedWith": run.compared_with,
                "count": report.figures.total.count,
                "amount": amount(report.figures.total.amount),
            },
        }],
    })
}

fn rule(rule: &RuleSummary) -> Value {
    let basis: Vec<&str> = rule.citations.iter().map(|c| c.title.as_str()).collect();
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": if basis.is_empty() { rule.title.clone() } else { format!("{}(依据:{})", rule.title, basis.join("、")) } },
        "defaultConfiguration": { "level": "none" },
        "properties": {
            "version": rule.version,
            "family": words::family(&rule.family),
            "kind": rule.kind.code(),
            "severity": rule.severity.code(),
        },
    })
}

fn result(finding: &Finding, place: &HashMap<&str, usize>, compared: bool) -> Value {
    let state = match finding.state {
        DiffState::New => "new",
        DiffState::Same => "unchanged",
        DiffState::Changed => "updated",
        DiffState::Gone => "absent",
    };
    let mut result = outline(&finding.rule, &finding.message, &finding.fingerprint, place);
    // Without a run to compare with nothing is new or old.
    if compared {
        result["baselineState"] = json!(state);
    }
    result["locations"] = locations(finding);
    // Present and empty: not suppressed. Absent would leave it open.
    result["suppressions"] = json!([]);
    result["properties"] = json!({
        "number": finding.number,
        "organisation": finding.organisation,
        "organisationName": finding.organisation_name,
        "kind": finding.kind.code(),
        "severity": finding.severity.code(),
        "amount": finding.amount.map(amount),
        "occurredOn": finding.occurred_on,
        "matter": finding.matter,
        "placeholder": finding.placeholder,
        "advice": finding.advice,
        "law": finding.citations.iter().map(|c| &c.title).collect::<Vec<_>>(),
    });
    result
}

fn suppressed(s: &SuppressedFinding, place: &HashMap<&str, usize>, compared: bool) -> Value {
    let mut result = result(&s.finding, place, compared);
    let why = &s.suppression;
    result["suppressions"] = json!([{
        "kind": "external",
        "status": "accepted",
        "justification": why.reason,
        "properties": {
            "document": why.document,
            "until": why.until,
            "at": why.at,
            "by": why.by,
            "approvedBy": why.approved_by,
        },
    }]);
    result
}

fn absent(finding: &GoneFinding, place: &HashMap<&str, usize>) -> Value {
    let mut result = outline(&finding.rule, &finding.message, &finding.fingerprint, place);
    result["baselineState"] = json!("absent");
    result["properties"] = json!({
        "number": finding.number,
        "organisation": finding.organisation,
        "amount": finding.amount.map(amount),
    });
    result
}

fn outline(rule: &str, message: &str, fingerprint: &str, place: &HashMap<&str, usize>) -> Value {
    let mut result = json!({
        "ruleId": rule,
        "kind": "review",
        "level": "none",
        "message": { "text": message },
        "partialFingerprints": { "sanzi/v1": fingerprint },
    });
    if let Some(index) = place.get(rule) {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// The rows a finding rests on, each where it was handed in.
fn locations(finding: &Finding) -> Value {
    let vouchers = finding.voucher_lines.iter().map(|l| {
        let name = format!("{}/{}/{}", finding.organisation, l.voucher, l.line);
        location(&l.file, &l.sheet, l.row, &name, "凭证分录")
    });
    let registers = finding.register_lines.iter().map(|l| {
        let name = format!("{}/{}/{}", finding.organisation, l.title, l.key);
        location(&l.file, &l.sheet, l.row, &name, "台账行")
    });
    vouchers.chain(registers).collect()
}

fn location(file: &str, sheet: &str, row: u32, name: &str, what: &str) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": utf8_percent_encode(file, PATH).to_string(), "uriBaseId": BASE },
            "region": { "startLine": row.max(1) },
        },
        "logicalLocations": [{ "fullyQualifiedName": name, "kind": what }],
    });
    if !sheet.is_empty() {
        location["message"] = json!({ "text": format!("工作表「{sheet}」第 {row} 行") });
    }
    location
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn parsed(run: &crate::audit::outcome::AuditRun) -> Value {
        let report = Report::new(run, sample::generated_at());
        serde_json::from_slice(&render(&report).unwrap()).unwrap()
    }

    #[test]
    fn every_finding_is_a_result_that_a_person_has_yet_to_judge() {
        let run = sample::run();
        let log = parsed(&run);
        let results = log["runs"][0]["results"].as_array().unwrap();
        let aside = run.suppressed.len();
        assert_eq!(results.len(), run.findings.len() + aside + run.gone.len());
        for (result, finding) in results.iter().zip(&run.findings) {
            assert_eq!(result["kind"], "review");
            assert_eq!(result["level"], "none");
            assert_eq!(result["message"]["text"], finding.message);
            let rule = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(
                log["runs"][0]["tool"]["driver"]["rules"][rule]["id"],
                finding.rule
            );
        }
    }

    #[test]
    fn what_is_set_aside_says_why() {
        let run = sample::run();
        let log = parsed(&run);
        let results = log["runs"][0]["results"].as_array().unwrap();
        let found = run.findings.len();
        assert!(
            results[..found]
                .iter()
                .all(|r| r["suppressions"] == json!([]))
        );
        for (result, s) in results[found..].iter().zip(&run.suppressed) {
            assert_eq!(result["properties"]["number"], s.finding.number);
            let why = &result["suppressions"][0];
            assert_eq!(why["justification"], s.suppression.reason);
            assert_eq!(why["properties"]["approvedBy"], s.suppression.approved_by);
        }
    }

    #[test]
    fn places_are_uris_whatever_the_file_is_called() {
        let at = location("甲 村/凭证#1.csv", "", 0, "甲/1", "凭证分录");
        let place = &at["physicalLocation"];
        assert_eq!(
            place["artifactLocation"]["uri"],
            "%E7%94%B2%20%E6%9D%91/%E5%87%AD%E8%AF%81%231.csv"
        );
        assert_eq!(place["region"]["startLine"], 1);
    }
}
