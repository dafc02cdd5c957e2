//! The published mechanisms: each case fires the rules that its `expect.csv` names.

use std::collections::BTreeSet;
use std::fs;

use crate::command_line::{sanzi, stderr};
use crate::hand_in::fixture;

#[test]
fn every_case_fires_its_rules() {
    let mut missing = Vec::new();
    let mut cases: Vec<_> = fs::read_dir(fixture("cases"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 14);
    for case in cases {
        let labels: Vec<csv::StringRecord> = csv::Reader::from_path(case.join("expect.csv"))
            .unwrap()
            .records()
            .map(Result::unwrap)
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let source = case.display().to_string();
        let as_of = fs::read_to_string(case.join("as_of")).unwrap_or("2024-12-31".to_owned());
        let mut args = vec!["audit", &source, "--out", "a", "--as-of", as_of.trim()];
        // Only the rules named: planning the whole pack thirteen times would take most of the test run.
        args.extend(labels.iter().flat_map(|l| ["--rule", &l[0]]));
        let output = sanzi(folder.path(), &args);
        assert!(
            output.status.success(),
            "{}: {}",
            case.display(),
            stderr(&output)
        );
        let text = fs::read_to_string(folder.path().join("a/findings.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            json["failed"].as_array().unwrap().len(),
            0,
            "{}: {}",
            case.display(),
            json["failed"]
        );
        let found: BTreeSet<(String, String)> = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (word(&f["rule"]), word(&f["organisation"])))
            .collect();
        for label in &labels {
            if !found.contains(&(label[0].to_owned(), label[1].to_owned())) {
                missing.push(format!(
                    "{} {} {}",
                    case.file_name().unwrap().to_string_lossy(),
                    &label[0],
                    &label[2]
                ));
            }
        }
    }
    assert!(missing.is_empty(), "not found: {missing:#?}");
}

fn word(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
