//! A street's own settings over the pack, from the command line to the report.

use std::path::Path;

use serde_json::Value;

use crate::command_line::{sanzi, stderr};

const SETTINGS: &str = r#"
[[parameter]]
rule = "F-003"
name = "cash_limit"
value = "1000.00"
basis = "街道〔2024〕3号"

[[parameter]]
rule = "F-003"
name = "cash_limit"
value = "999999.00"
organisation = "JF02"
basis = "开户银行核定"

[[rule]]
id = "F-003"
severity = "high"
reason = "专项整治"

[[rule]]
id = "C-001"
enabled = false
reason = "另有专项检查"
"#;

fn write(folder: &Path, text: &str) {
    let folder = folder.join("overlay");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("设定.toml"), text).unwrap();
}

fn report(folder: &Path, more: &[&str]) -> Value {
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let audit = [
        "audit", &street, "--out", "a", "--rule", "F-003", "--rule", "C-001",
    ];
    let output = sanzi(folder, &[&audit, more].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let text = std::fs::read_to_string(folder.join("a/findings.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn all<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value[name].as_array().unwrap().iter().collect()
}

#[test]
fn the_report_says_what_the_street_set_and_on_what_basis() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let plain = report(at, &[]);
    assert_eq!(plain["run"]["overlay_digest"], Value::Null);
    write(at, SETTINGS);
    let street = report(at, &["--overlay", "overlay"]);
    assert_ne!(street["run"]["digest"], plain["run"]["digest"]);
    assert_eq!(street["run"]["pack_digest"], plain["run"]["pack_digest"]);
    let limit = |organisation: &str| {
        let params = all(&street, "params");
        let of = |p: &&&Value| p["name"] == "cash_limit" && p["organisation"] == organisation;
        let found = params
            .iter()
            .find(of)
            .unwrap_or_else(|| panic!("{organisation}"));
        ["value", "source", "basis"].map(|k| found[k].as_str().unwrap().to_owned())
    };
    assert_eq!(
        limit("JF01"),
        ["1,000.00", "street", "设定.toml:街道〔2024〕3号"]
    );
    assert_eq!(
        limit("JF02"),
        ["999,999.00", "street", "设定.toml:开户银行核定"]
    );
    let found = all(&street, "findings");
    assert!(!found.is_empty());
    for finding in &found {
        assert_eq!(finding["rule"], "F-003", "C-001 is switched off");
        assert_eq!(finding["severity"], "high");
        assert_ne!(finding["organisation"], "JF02");
        let params = all(finding, "params");
        assert!(
            params
                .iter()
                .any(|p| p["name"] == "severity" && p["value"] == "高")
        );
    }
    let not_run = all(&street, "not_run");
    let off = not_run.iter().filter(|n| n["rule"] == "C-001");
    assert_eq!(off.clone().count(), all(&street, "organisations").len());
    for n in off {
        assert_eq!(n["reason"], "街道停用(设定.toml:另有专项检查)");
    }
}

#[test]
fn a_rule_is_explained_as_the_street_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), SETTINGS);
    let explain = |id: &str| {
        let output = sanzi(
            folder.path(),
            &["rules", "explain", id, "--overlay", "overlay"],
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let text = explain("F-003");
    assert!(
        text.contains("严重程度:高(街道设定,设定.toml:专项整治;规则包为中)"),
        "{text}"
    );
    assert!(
        text.contains("1,000.00元") && text.contains("设定.toml:街道〔2024〕3号"),
        "{text}"
    );
    assert!(explain("C-001").contains("街道停用:设定.toml:另有专项检查"));
}

#[test]
fn nothing_runs_while_a_word_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let wrong = SETTINGS.replace("\"C-001\"", "\"C-01\"").replace(
        "cash_limit\"\nvalue = \"1000.00\"",
        "cash_limt\"\nvalue = \"1000.00\"",
    );
    write(at, &wrong);
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let output = sanzi(
        at,
        &["audit", &street, "--out", "a", "--overlay", "overlay"],
    );
    assert_eq!(output.status.code(), Some(3));
    let text = stderr(&output);
    assert!(text.contains("规则-1007 街道设定有 2 处错误"), "{text}");
    for line in [
        "设定.toml 第4行:规则 F-003 没有参数「cash_limt」",
        "设定.toml 第21行:没有编号为「C-01」的规则",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!at.join("a").exists(), "nothing was written");
}
