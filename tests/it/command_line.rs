//! The program as a user types it.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

pub fn sanzi(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

/// The command, before it is run.
pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("sanzi").unwrap();
    command
        .current_dir(folder)
        .env("SANZI_ID_KEY", "test")
        .env_remove("SANZI_DB")
        .env_remove("SANZI_OVERLAY")
        .args(args);
    command
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn street() -> String {
    crate::hand_in::fixture("jiufeng").display().to_string()
}

#[test]
fn audit_twice_gives_the_same_findings_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let first = sanzi(folder.path(), &["audit", &street(), "--out", "a"]);
    assert!(first.status.success(), "{}", stderr(&first));
    for file in [
        "report.xlsx",
        "report.html",
        "findings.json",
        "findings.csv",
        "findings.sarif",
        "sanzi.db",
    ] {
        assert!(folder.path().join("a").join(file).exists(), "{file}");
    }
    let findings = |out: &str| {
        let text = std::fs::read_to_string(folder.path().join(out).join("findings.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json["findings"].to_string()
    };
    let before = findings("a");
    assert!(
        sanzi(folder.path(), &["audit", &street(), "--out", "b"])
            .status
            .success()
    );
    assert_eq!(findings("b"), before, "the same data in another place");
    let again = sanzi(folder.path(), &["audit", &street(), "--out", "a"]);
    assert!(stdout(&again).contains("新增 0"), "{}", stdout(&again));
    assert_eq!(findings("a"), before, "the same data in the same place");
    // The database alone gives the same again.
    let database = sanzi(folder.path(), &["audit", "a/sanzi.db", "--out", "c"]);
    assert!(database.status.success(), "{}", stderr(&database));
    assert_eq!(findings("c"), before);
}

#[test]
fn the_planted_street_is_found_whole_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let labels = format!("{}/labels.csv", street());
    let output = sanzi(
        folder.path(),
        &["audit", &street(), "--out", "a", "--labels", &labels],
    );
    let text = stdout(&output);
    let total = text
        .lines()
        .map(|l| l.split_whitespace().collect::<Vec<_>>())
        .find(|words| words.first() == Some(&"合计") && words.len() == 7);
    let total = total.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(total[1], total[2], "labelled and found: {text}");
    assert_eq!(
        (total[3], total[4]),
        ("0", "0"),
        "missed and unlabelled: {text}"
    );
    assert!(text.contains("运行失败 0"), "{text}");
}

#[test]
fn exit_codes_and_messages() {
    let folder = tempfile::tempdir().unwrap();
    let street = street();
    for (args, code, words) in [
        (vec!["audit", "没有这个文件夹"], 3, "用法-1002"),
        (
            vec!["audit", &street, "--out", "a", "--fail-on", "high"],
            1,
            "",
        ),
        (vec!["import", &street, "--db", "sqlite://b.db"], 3, ""),
        (
            vec!["import", &street, "--db", "sqlite://c.db", "--quarantine"],
            0,
            "",
        ),
        (vec!["import", &street], 2, "缺少"),
        (vec!["没有这个命令"], 2, "用法-1001"),
        (
            vec![
                "trial-balance",
                "--db",
                "sqlite://c.db",
                "--org",
                "ZZ",
                "--period",
                "2024-01",
            ],
            3,
            "账本-1001",
        ),
        (
            vec![
                "trial-balance",
                "--db",
                "sqlite://c.db",
                "--org",
                "JF01",
                "--period",
                "2024-13",
            ],
            2,
            "2024-13",
        ),
        (vec!["verify", "--db", "mysql://x"], 3, "存储-1001"),
        (vec!["rules", "explain", "Z-999"], 3, "审计-2003"),
        (vec!["--version"], 0, ""),
    ] {
        let output = sanzi(folder.path(), &args);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{args:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(words),
            "{args:?}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("panicked"), "{args:?}");
    }
}

#[test]
fn one_file_that_is_passed_over_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("t_Voucher.csv"), "FVoucherID,FDate\n1,2024-01-03\n").unwrap();
    let args = ["import", "t_Voucher.csv", "--org", "C01", "--dry-run"];
    let output = sanzi(at, &args);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    // Beside a book it is a remark.
    let output = sanzi(at, &["import", ".", "--org", "C01", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn a_dry_run_writes_nothing_and_shows_all() {
    let folder = tempfile::tempdir().unwrap();
    let output = sanzi(
        folder.path(),
        &["import", &street(), "--dry-run", "--db", "sqlite://x.db"],
    );
    assert_eq!(output.status.code(), Some(3));
    let text = stdout(&output);
    for words in [
        "导入-1021",
        "金蝶 KIS/K3 序时簿",
        "合计",
        "试读:未写入任何内容",
        "小企业会计准则",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!folder.path().join("x.db").exists());
}

#[test]
fn the_trial_balance_comes_as_csv_with_the_agreed_headers() {
    let folder = tempfile::tempdir().unwrap();
    sanzi(
        folder.path(),
        &["import", &street(), "--db", "sqlite://x.db", "--quarantine"],
    );
    let args = [
        "trial-balance",
        "--db",
        "sqlite://x.db",
        "--org",
        "JF02",
        "--period",
        "2024-01..2024-12",
        "--format",
        "csv",
    ];
    let text = stdout(&sanzi(folder.path(), &args));
    assert!(text.starts_with("科目编码,科目名称,期初借方,期初贷方,本期借方,本期贷方,期末借方,期末贷方\n1001,库存现金,123.45,0.00,"), "{text}");
}

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_is_no_fault() {
    let program = assert_cmd::cargo::cargo_bin("sanzi");
    let mut shell = std::process::Command::new("sh");
    // The reader is gone before the program has begun to write.
    let line = "{ sleep 0.2; \"$0\" rules list; } | true";
    let output = shell.args(["-c", line]).arg(&program).output().unwrap();
    assert_eq!(stderr(&output), "");
}
