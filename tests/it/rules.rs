//! The shipped rule pack: every file passes the lints, every test in every file passes.

use std::path::Path;

use crate::command_line::{sanzi, stderr};

fn stdout(args: &[&str]) -> String {
    let output = sanzi(Path::new(env!("CARGO_MANIFEST_DIR")), args);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        output.status.success(),
        "{args:?}: {text}{}",
        stderr(&output)
    );
    text
}

#[test]
fn the_pack_passes_its_lints() {
    let text = stdout(&["rules", "check"]);
    let rules: usize = text
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    assert!(rules >= 57, "{text}");
}

/// The rules whose ids begin with one of these letters; several tests, so that they run side by side.
fn tests_pass(letters: &[char]) {
    let list = stdout(&["rules", "list"]);
    let ids: Vec<&str> = list
        .lines()
        .filter(|l| l.contains('-'))
        .filter_map(|l| l.split(' ').next())
        .collect();
    let chosen: Vec<&str> = ids
        .into_iter()
        .filter(|id| letters.iter().any(|c| id.starts_with(*c)))
        .collect();
    assert!(!chosen.is_empty());
    let text = stdout(&[&["rules", "test"], chosen.as_slice()].concat());
    assert!(text.contains("失败 0 个"), "{text}");
}

#[test]
fn contract_rules_pass_their_tests() {
    tests_pass(&['C']);
}

#[test]
fn finance_rules_pass_their_tests() {
    tests_pass(&['F', 'G']);
}

#[test]
fn all_other_rules_pass_their_tests() {
    tests_pass(&['A', 'D', 'I', 'J', 'L', 'R', 'S', 'T']);
}

/// Of 500 weakened queries the rules' own tests notice at least this many in a hundred. The aim is the command's own 95; of ten
/// rules drawn when this was written they noticed 72, of single ones 40 to 93, so that no draw of today's pack should stay
/// below. To be raised as tests are added.
const NOTICED: &str = "55";

/// All rules would take more than a quarter of an hour of processor time, 500 changes take two minutes. Which rules they fall on hangs on
/// the content of the pack, so that the same pack is always judged alike and each change of it brings other rules up.
#[test]
fn weakened_queries_are_noticed() {
    stdout(&["rules", "mutate", "--sample", "500", "--min-share", NOTICED]);
}

/// A broken pack is refused with the place of the fault, and nothing runs.
#[test]
fn a_rule_with_an_unknown_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules/audit/finance");
    std::fs::create_dir_all(&rules).unwrap();
    std::fs::write(rules.join("F-001_x.toml"), "id = \"F-001\"\nverison = 1\n").unwrap();
    let output = sanzi(folder.path(), &["rules", "check", "--rules", "rules"]);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("F-001_x.toml") && text.contains("verison"),
        "{text}"
    );
}

/// `F-003` over its limit: fewer findings the higher it is, the value in force marked, the same in every form.
#[test]
fn a_parameter_is_tried_over_a_range() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let import = ["import", &street, "--quarantine", "--db", "sqlite://x.db"];
    assert!(sanzi(at, &import).status.success());
    let tried = |more: &[&str]| {
        let line = ["rules", "try", "F-003", "--db", "sqlite://x.db", "--param"];
        let output = sanzi(at, &[&line[..], more].concat());
        assert!(output.status.success(), "{more:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let csv = tried(&["cash_limit=0..1000000/500000", "--format", "csv"]);
    let rows: Vec<Vec<String>> = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .map(|r| r.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let values: Vec<&str> = rows.iter().map(|r| r[0].as_str()).collect();
    assert_eq!(values, ["0.00", "5,000.00", "500,000.00", "1,000,000.00"]);
    let present: Vec<&str> = rows.iter().map(|r| r[1].as_str()).collect();
    assert_eq!(present, ["否", "是", "否", "否"]);
    let hits: Vec<usize> = rows.iter().map(|r| r[2].parse().unwrap()).collect();
    assert!(
        hits.is_sorted_by(|a, b| a >= b) && hits[0] > hits[3],
        "{csv}"
    );
    assert_eq!(
        (rows[1][3].as_str(), rows[1][4].as_str()),
        ("0", "0"),
        "{csv}"
    );
    let text = tried(&["cash_limit=0,1000000", "--svg", "curve.svg"]);
    assert!(text.contains("现行") && text.contains("█"), "{text}");
    let svg = std::fs::read_to_string(at.join("curve.svg")).unwrap();
    assert_eq!(svg.matches("<rect class=\"bar").count(), 3, "{svg}");
    // One value is compared finding by finding, as before.
    assert!(tried(&["cash_limit=6,000"]).contains("试算"));
    for bad in [
        "cash_limit=9..1",
        "cash_limit=0..9/0.01",
        "cash_limit=1,000,2,000",
        "cash_limit=5,500",
    ] {
        let line = [
            "rules",
            "try",
            "F-003",
            "--db",
            "sqlite://x.db",
            "--param",
            bad,
        ];
        let output = sanzi(at, &line);
        assert_eq!(output.status.code(), Some(3), "{bad}");
        assert!(stderr(&output).contains("用法-1004"), "{}", stderr(&output));
    }
}
