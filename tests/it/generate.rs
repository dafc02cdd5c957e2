//! Generated streets against the pack: every rule can be broken, what is broken is found, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use sanzi::audit::rule::RulePack;
use sanzi::generate::injections;
use sanzi::pack::Pack;

use crate::command_line::{sanzi, stderr};

#[test]
fn every_rule_of_the_pack_can_be_injected() {
    let pack = RulePack::load(&Pack::embedded());
    let rules: BTreeSet<&str> = pack.rules.iter().map(|r| r.file.id.as_str()).collect();
    let injected: BTreeSet<&str> = injections().map(|i| i.rule).collect();
    assert_eq!(injected, rules);
}

fn run(folder: &Path, args: &[&str]) -> String {
    let output = sanzi(folder, args);
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Generates and audits a street; gives what `audit --labels` says and the rules labelled.
fn score(companies: &str, months: &str, rate: &str) -> (String, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    let size = ["--companies", companies, "--months", months];
    let options = ["--postings", "0", "--seed", "3", "--inject", rate];
    let out = ["generate", "--out", "street"];
    run(folder.path(), &[&out[..], &size, &options].concat());
    let labels = folder.path().join("street/labels.csv");
    let mut reader = csv::Reader::from_path(&labels).unwrap();
    let rules = reader.records().map(|r| r.unwrap()[0].to_owned()).collect();
    let audit = ["audit", "street", "--out", "a", "--labels"];
    let text = run(
        folder.path(),
        &[&audit[..], &[labels.to_str().unwrap()]].concat(),
    );
    let findings = std::fs::read_to_string(folder.path().join("a/findings.json")).unwrap();
    let findings: serde_json::Value = serde_json::from_str(&findings).unwrap();
    assert_eq!(findings["failed"], serde_json::json!([]));
    // Lost work is paid at the end of a quarter: before the first one there is none to judge.
    if months.parse::<u32>().unwrap() >= 3 {
        // A rule that does not apply to a collective or a company lacks no table.
        let lacking: Vec<&serde_json::Value> = findings["not_run"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|n| n["missing"] != serde_json::json!([]))
            .collect();
        assert!(lacking.is_empty(), "{lacking:#?}");
    }
    (text, rules)
}

/// Labelled, found, missed and unlabelled, over all rules.
fn total(text: &str) -> [usize; 4] {
    let words: Vec<&str> = text
        .lines()
        .map(|l| l.split_whitespace().collect::<Vec<_>>())
        .find(|words| words.first() == Some(&"合计") && words.len() == 7)
        .unwrap_or_else(|| panic!("{text}"));
    [1, 2, 3, 4].map(|i| words[i].parse().unwrap_or_else(|_| panic!("{text}")))
}

fn expect_all_and_only(companies: &str, months: &str) -> BTreeSet<String> {
    let (text, rules) = score(companies, months, "1");
    let [labelled, found, missed, unlabelled] = total(&text);
    assert!(labelled > 0 && labelled == found, "{text}");
    assert_eq!((missed, unlabelled), (0, 0), "{text}");
    rules
}

/// Five companies: both ways of breaking a rule, both charts, and the joint company. Seventeen months reach into what the 2025
/// law asks of meetings.
#[test]
fn whatever_is_injected_is_found_and_nothing_else() {
    let labelled = expect_all_and_only("5", "17");
    let injected: BTreeSet<String> = injections().map(|i| i.rule.to_owned()).collect();
    assert_eq!(labelled, injected);
}

/// What is injected into short books has had the time to show.
fn short_books_take_what_fits(months: u32) {
    let labelled = expect_all_and_only("5", &months.to_string());
    let fitting: BTreeSet<String> = injections()
        .filter(|i| i.months <= months)
        .map(|i| i.rule.to_owned())
        .collect();
    // More may be labelled: what breaks one rule sometimes breaks another whose own injection would not fit.
    let missing: Vec<&String> = fitting.difference(&labelled).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn one_month_takes_what_fits() {
    short_books_take_what_fits(1);
}

#[test]
fn four_months_take_what_fits() {
    short_books_take_what_fits(4);
}

#[test]
fn seven_months_take_what_fits() {
    short_books_take_what_fits(7);
}

#[test]
fn clean_books_are_clean() {
    let (text, rules) = score("5", "13", "0");
    assert!(rules.is_empty());
    assert_eq!(total(&text), [0; 4], "{text}");
}
