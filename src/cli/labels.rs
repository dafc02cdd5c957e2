//! Recall and precision against known labels (`rule,organisation,key`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::output::Failure;
use super::table::{Align, layout};
use crate::audit::outcome::AuditRun;

type Label = (String, String, String);

#[derive(Debug, Default, Clone, Copy)]
struct Score {
    labelled: usize,
    found: usize,
    unlabelled: usize,
}

/// A table per rule: labelled, found, missed, findings without a label, recall, precision; then what was missed.
pub fn compare(run: &AuditRun, path: &Path) -> Result<String, Failure> {
    let labels = read(path)?;
    let found: BTreeSet<Label> = run
        .findings
        .iter()
        .map(|f| (f.rule.clone(), f.organisation.clone(), f.key_text()))
        .collect();
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for label in &labels {
        let score = scores.entry(&label.0).or_default();
        score.labelled += 1;
        score.found += usize::from(found.contains(label));
    }
    for finding in found.difference(&labels) {
        scores.entry(&finding.0).or_default().unlabelled += 1;
    }
    let total = scores.values().fold(Score::default(), |a, b| Score {
        labelled: a.labelled + b.labelled,
        found: a.found + b.found,
        unlabelled: a.unlabelled + b.unlabelled,
    });
    let mut rows: Vec<Vec<String>> = scores
        .iter()
        .map(|(rule, score)| row(rule, *score))
        .collect();
    rows.push(row("合计", total));
    let headers = [
        ("规则", Align::Left),
        ("标注", Align::Right),
        ("查出", Align::Right),
        ("漏查", Align::Right),
        ("标注之外", Align::Right),
        ("查全率", Align::Right),
        ("查准率", Align::Right),
    ];
    let mut out = format!(
        "与标注 {} 比较\n\n{}",
        path.display(),
        layout(&headers, &rows)
    );
    for (title, rest) in [
        ("漏查", labels.difference(&found)),
        ("标注之外", found.difference(&labels)),
    ] {
        for (rule, organisation, key) in rest {
            out.push_str(&format!("{title}:{rule} {organisation} {key}\n"));
        }
    }
    Ok(out)
}

fn row(name: &str, score: Score) -> Vec<String> {
    vec![
        name.to_owned(),
        score.labelled.to_string(),
        score.found.to_string(),
        (score.labelled - score.found).to_string(),
        score.unlabelled.to_string(),
        ratio(score.found, score.labelled),
        ratio(score.found, score.found + score.unlabelled),
    ]
}

/// Three decimals, rounded down; `-` when there is nothing to compare.
fn ratio(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let thousandths = part * 1000 / whole;
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

fn read(path: &Path) -> Result<BTreeSet<Label>, Failure> {
    let bad = |e: csv::Error| {
        Failure::Input(format!(
            "用法-1003 标注文件「{}」无法读取:{e}。表头应为 rule,organisation,key",
            path.display()
        ))
    };
    let mut reader = csv::Reader::from_path(path).map_err(bad)?;
    reader
        .deserialize::<Label>()
        .collect::<Result<BTreeSet<Label>, csv::Error>>()
        .map_err(bad)
}
