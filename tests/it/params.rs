//! `sanzi params`: what is open, what is in force, a value recorded and seen by the next audit.

use std::path::Path;

use sea_orm::ConnectionTrait;

use crate::command_line::{sanzi, stderr};
use crate::support::stores;

fn stdout(folder: &Path, line: &str) -> String {
    let args: Vec<&str> = line.split_whitespace().collect();
    let output = sanzi(folder, &args);
    assert!(output.status.success(), "{line}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, line: &str) -> Vec<serde_json::Value> {
    serde_json::from_str(&stdout(folder, &format!("{line} --format json"))).unwrap()
}

fn set(value: &str, from: &str, more: &str) -> String {
    format!(
        "params set F-003.cash_limit {value} --from {from} --basis 会议纪要 --approver 主任甲 {more}"
    )
}

#[test]
fn what_the_street_has_to_decide_is_listed_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let asked = json(folder.path(), "params");
    let gate = asked
        .iter()
        .find(|q| q["label"] == "审批(联签)门槛")
        .unwrap();
    assert_eq!(gate["default"], "20,000.00");
    assert_eq!(
        gate["uses"],
        "F-025.gate、T-008.approval_gate、T-009.approval_gate"
    );
    let statute = json(folder.path(), "params --source statute");
    assert!(
        statute
            .iter()
            .any(|q| q["uses"].as_str().unwrap().contains("C-001.max_years"))
    );
}

#[test]
fn a_value_recorded_is_seen_by_the_next_audit_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let import = format!("import {street} --quarantine --db sqlite://x.db");
    stdout(at, &import);
    let source = |out: &str| {
        let line = format!("audit sqlite://x.db --rule F-003 --out {out}");
        stdout(at, &line);
        let text = std::fs::read_to_string(at.join(out).join("findings.json")).unwrap();
        let run: serde_json::Value = serde_json::from_str(&text).unwrap();
        let all = run["params"].as_array().unwrap().clone();
        let of = |code: &str| {
            let mine = all.iter().find(|p| p["organisation"] == code);
            let p = mine.unwrap_or_else(|| panic!("{text}"));
            (
                p["value"].as_str().unwrap().to_owned(),
                p["source"].as_str().unwrap().to_owned(),
            )
        };
        (of("JF01"), of("JF02"))
    };
    let before = source("a");
    assert_eq!(before.0.1, "placeholder");
    let said = stdout(
        at,
        &set("12,345.60", "2023-01-01", "--org JF01 --db sqlite://x.db"),
    );
    assert!(said.contains("12,345.60"), "{said}");
    let (own, other) = source("b");
    assert_eq!(own, ("12,345.60".to_owned(), "street".to_owned()));
    assert_eq!(other.1, "placeholder");
    // A value of the whole street leaves the company its own, and says so.
    let said = stdout(at, &set("9000", "2023-01-01", "--db sqlite://x.db"));
    assert!(
        said.contains("另有自己的设定") && said.contains("JF01"),
        "{said}"
    );
    let (own, other) = source("c");
    assert_eq!(
        (own.0.as_str(), other.0.as_str()),
        ("12,345.60", "9,000.00")
    );
    stdout(
        at,
        &set("20000", "2099-01-01", "--org JF01 --db sqlite://x.db"),
    );
    let explained = stdout(at, "rules explain F-003 --db sqlite://x.db --org JF01");
    for part in [
        "= 12,345.60元",
        "2023-01-01 起",
        "本单位设定;会议纪要;批准人 主任甲",
        "2099-01-01 起为 20,000.00元",
    ] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    let rows = json(at, "params --db sqlite://x.db --org JF01 --at 2024-06-30");
    let row = rows
        .iter()
        .find(|r| r["parameter"] == "F-003.cash_limit")
        .unwrap();
    assert_eq!(
        (&row["value"], &row["since"]),
        (&"12,345.60".into(), &"2023-01-01".into())
    );
    assert_eq!(row["next"], "2099-01-01 起 20,000.00");
    let open = rows
        .iter()
        .find(|r| r["parameter"] == "F-009.tier_one")
        .unwrap();
    assert_eq!(open["source"], "占位值,街道尚未设定");
}

#[tokio::test]
async fn what_was_decided_stays_on_record() {
    for made in stores().await {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let db = format!("--by 会计甲 --db {}", made.url);
        assert!(stdout(at, &set("8000", "2024-01-01", &db)).contains("已记入"));
        assert!(stdout(at, &set("8000", "2024-01-01", &db)).contains("没有写入"));
        let said = stdout(at, &set("7000", "2024-01-01", &db));
        assert!(said.contains("= 7,000.00"), "{said}");
        let batch = said.split(['次', ')']).nth(1).unwrap().trim().to_owned();
        let said = stdout(at, &set("6000", "2023-01-01", &db));
        assert!(
            said.contains("= 6,000.00;2024-01-01 起为 7,000.00"),
            "{said}"
        );
        let rows = json(
            at,
            &format!("params history F-003.cash_limit --db {}", made.url),
        );
        let told: Vec<(&str, &str, bool)> = rows
            .iter()
            .map(|r| {
                let text = |name: &str| r[name].as_str().unwrap();
                (text("value"), text("by"), text("state").contains("取代"))
            })
            .collect();
        assert_eq!(
            told,
            [
                ("8000", "会计甲", true),
                ("7000", "会计甲", false),
                ("6000", "会计甲", false)
            ]
        );
        // Taken back like a hand-in: the value before stands again.
        let undo = format!(
            "import undo {batch} --by 会计甲 --reason 记错 --db {}",
            made.url
        );
        stdout(at, &undo);
        let rows = json(
            at,
            &format!("params history F-003.cash_limit --db {}", made.url),
        );
        let states: Vec<&str> = rows.iter().map(|r| r["state"].as_str().unwrap()).collect();
        assert!(
            states[0].contains("有效") && states[1].contains("撤销"),
            "{states:?}"
        );
        let empty = json(
            at,
            &format!("params history F-009.tier_one --db {}", made.url),
        );
        assert!(empty.is_empty());
        for sql in [
            "UPDATE parameter SET value = '1'",
            "UPDATE parameter SET approver = NULL",
            "DELETE FROM parameter",
        ] {
            let error = made.store.db().execute_unprepared(sql).await.unwrap_err();
            assert!(error.to_string().contains("LEDGER-2010"), "{sql}: {error}");
        }
    }
}
