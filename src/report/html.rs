//! `report.html`: one file that opens from a stick, offline. The list is plain HTML and readable without scripts; the
//! details of a finding are drawn on demand from an embedded JSON block, and all at once for printing.

use std::collections::HashMap;

use askama::Template;
use serde_json::{Value, json};

use super::model::{Figures, Group, KINDS, Report, SEVERITIES, STATES, Tally};
use super::{ReportError, json as findings_json, words};
use crate::audit::outcome::{AuditRun, Citation, Finding, FindingKind, FindingSeverity};
use crate::model::Money;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// The text of `report.html`.
pub fn render(report: &Report<'_>) -> Result<String, ReportError> {
    let page = Page {
        report,
        run: report.run,
        figures: &report.figures,
        style: STYLE,
        script: SCRIPT,
        data: script_safe(&data(report).to_string()),
    };
    Ok(page.render()?)
}

/// JSON that may stand inside `<script>`: nothing in it can close the element or open a comment.
fn script_safe(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            _ => out.push(c),
        }
    }
    out
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report<'a>,
    run: &'a AuditRun,
    figures: &'a Figures,
    style: &'static str,
    script: &'static str,
    data: String,
}

/// What the template asks for. Methods, so that the template holds no logic.
impl Page<'_> {
    fn wording(&self) -> [&'static str; 4] {
        words::WORDING
    }

    fn as_of(&self) -> String {
        words::long_date(self.run.as_of)
    }

    fn generated(&self) -> String {
        self.report
            .generated_at
            .format("%Y-%m-%d %H:%M")
            .to_string()
    }

    fn kinds(&self) -> Vec<(FindingKind, Tally)> {
        KINDS.map(|k| (k, self.figures.kind(k))).to_vec()
    }

    fn severities(&self) -> Vec<(FindingSeverity, Tally)> {
        SEVERITIES.map(|s| (s, self.figures.severity(s))).to_vec()
    }

    /// States that a listed finding can have, with their codes and counts.
    fn states(&self) -> Vec<(String, &'static str, u64)> {
        STATES
            .iter()
            .zip(self.figures.states)
            .take(3)
            .map(|(s, n)| (state_code(s), s.label(), n))
            .collect()
    }

    /// Counts of a company by family, in the order of the columns.
    fn row(&self, organisation: &Group) -> Vec<(&str, u64)> {
        self.figures
            .families
            .iter()
            .map(|f| {
                let cell = self.figures.cell(&organisation.organisation, &f.family);
                (f.family.as_str(), cell.map_or(0, |c| c.tally.count))
            })
            .collect()
    }

    fn family(&self, code: &str) -> String {
        words::family(code).to_owned()
    }

    fn shape(&self, severity: &FindingSeverity) -> &'static str {
        words::shape(*severity)
    }

    fn state(&self, finding: &Finding) -> String {
        state_code(&finding.state)
    }

    fn money(&self, amount: &Option<Money>) -> String {
        amount.map_or_else(|| "—".to_owned(), Money::grouped)
    }

    fn sum(&self, amount: &Money) -> String {
        amount.grouped()
    }

    fn negative(&self, amount: &Option<Money>) -> bool {
        amount.is_some_and(|a| a < Money::ZERO)
    }

    /// Exact fen, for sorting; findings without an amount come last.
    fn fen(&self, amount: &Option<Money>) -> String {
        amount.map_or_else(String::new, |a| a.0.to_string())
    }

    fn date(&self, finding: &Finding) -> String {
        finding
            .occurred_on
            .map_or_else(|| "—".to_owned(), |d| d.to_string())
    }

    fn name(&self, code: &str) -> String {
        self.report.organisation_name(code).to_owned()
    }

    fn place(&self, file: &str, sheet: &str, row: &u32) -> String {
        words::place(file, sheet, *row)
    }

    fn source(&self, code: &str) -> String {
        words::source(code).to_owned()
    }

    fn word(&self, column: &str, value: &str) -> String {
        words::enumerated("organisation", column, value).into_owned()
    }

    fn law(&self, citation: &Citation) -> String {
        words::citation(citation)
    }

    fn joined(&self, texts: &[String]) -> String {
        texts.join("；")
    }
}

fn state_code(state: &impl serde::Serialize) -> String {
    // A unit variant always serialises to a plain string.
    serde_json::to_value(state)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// What the details are drawn from. Laws, parameters and standing texts repeat over findings and are kept once.
fn data(report: &Report<'_>) -> Value {
    let mut laws = Pool::default();
    let mut params = Pool::default();
    let mut texts = Pool::default();
    let mut matters: HashMap<&str, Vec<&str>> = HashMap::new();
    for f in &report.run.findings {
        matters.entry(&f.matter).or_default().push(&f.number);
    }
    let findings: Vec<Value> = report
        .run
        .findings
        .iter()
        .map(|f| {
            let same: Vec<&&str> = matters[f.matter.as_str()]
                .iter()
                .filter(|n| **n != f.number)
                .collect();
            json!({
                "n": f.number,
                "fen": f.amount.map(|a| a.0),
                "rule": format!("{} 第{}版", f.rule, f.rule_version),
                "fp": f.fingerprint,
                "ph": f.placeholder,
                "ev": f.evidence.iter().map(|e| [&e.label, &e.value]).collect::<Vec<_>>(),
                "vl": f.voucher_lines.iter().map(voucher_line).collect::<Vec<_>>(),
                "vo": f.vouchers,
                "rl": f.register_lines.iter().map(register_line).collect::<Vec<_>>(),
                "law": f.citations.iter().map(|c| laws.put(law(c))).collect::<Vec<_>>(),
                "par": f.params.iter().map(|p| params.put(param(p))).collect::<Vec<_>>(),
                "adv": texts.put(json!(f.advice)),
                "no": f.false_positives.iter().map(|t| texts.put(json!(t))).collect::<Vec<_>>(),
                "same": same,
            })
        })
        .collect();
    json!({
        "digest": report.run.digest,
        "summary": findings_json::summary(&report.figures),
        "laws": laws.values,
        "params": params.values,
        "texts": texts.values,
        "findings": findings,
    })
}

/// Values kept once, named by their place.
#[derive(Default)]
struct Pool {
    values: Vec<Value>,
    places: HashMap<String, usize>,
}

impl Pool {
    fn put(&mut self, value: Value) -> usize {
        let next = self.values.len();
        let place = *self.places.entry(value.to_string()).or_insert(next);
        if place == next {
            self.values.push(value);
        }
        place
    }
}

fn law(c: &Citation) -> Value {
    let mark = (c.checked != "read").then(|| words::checked(&c.checked));
    json!({ "t": c.title, "g": c.gist, "d": words::in_force(c), "m": mark })
}

fn param(p: &crate::audit::outcome::ResolvedParam) -> Value {
    json!([
        p.label,
        format!("{} {}", p.value, p.unit).trim_end(),
        words::source(&p.source),
        p.basis
    ])
}

fn voucher_line(l: &crate::audit::outcome::VoucherLine) -> Value {
    let side = |m: Money| {
        if m.is_zero() {
            "—".to_owned()
        } else {
            m.grouped()
        }
    };
    json!([
        l.voucher,
        l.line,
        l.date,
        l.summary,
        format!("{} {}", l.account, l.account_name),
        side(l.debit),
        side(l.credit),
        l.counterparty,
        words::place(&l.file, &l.sheet, l.row)
    ])
}

fn register_line(l: &crate::audit::outcome::RegisterLine) -> Value {
    json!([l.title, l.key, words::place(&l.file, &l.sheet, l.row)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn page() -> String {
        let run = sample::run();
        render(&Report::new(&run, sample::generated_at())).unwrap()
    }

    #[test]
    fn handed_in_text_cannot_become_markup() {
        let page = page();
        assert!(!page.contains("<script>alert"), "raw text in the page");
        // Two elements only: the data block and the program.
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script").count(), 2);
        assert_eq!(page.matches("<!--").count(), 0);
        let data = page.split_once("id=\"data\">").unwrap().1;
        let data = data.split_once("</script>").unwrap().0;
        let value: Value = serde_json::from_str(data).unwrap();
        assert_eq!(value["findings"][0]["ev"][0][1], sample::NASTY);
    }

    #[test]
    fn nothing_is_fetched() {
        let page = page();
        for word in [
            " src=",
            "<link",
            "@import",
            "url(",
            "fetch(",
            "XMLHttpRequest",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn every_finding_has_its_anchor_and_reads_without_script() {
        let run = sample::run();
        let page = page();
        for finding in &run.findings {
            assert!(page.contains(&format!("id=\"{}\"", finding.number)));
        }
        assert!(page.contains("合同HT-2021-001（承租方甲商贸）"));
        assert!(page.contains("<noscript>"));
    }

    #[test]
    fn a_red_flag_is_never_called_a_breach() {
        let mut run = sample::run();
        run.findings.retain(|f| f.kind == FindingKind::RedFlag);
        run.rules.clear();
        run.failed.clear();
        let page = render(&Report::new(&run, sample::generated_at())).unwrap();
        let list = page.split_once("id=\"findings\"").unwrap().1;
        let rows = list.split_once("</table>").unwrap().0;
        assert!(!rows.contains("违规"), "{rows}");
    }
}
