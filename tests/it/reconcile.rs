//! Bank reconciliation and consolidation on the invented street.

use serde_json::Value;

use crate::command_line::{sanzi, stderr};

struct Street(tempfile::TempDir);

impl Street {
    fn new() -> Street {
        let folder = tempfile::tempdir().unwrap();
        let street = crate::hand_in::fixture("jiufeng").display().to_string();
        let args = ["import", &street, "--db", "sqlite://x.db", "--quarantine"];
        let output = sanzi(folder.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
        Street(folder)
    }

    fn json(&self, args: &[&str]) -> Value {
        let all = [args, &["--db", "sqlite://x.db", "--format", "json"]].concat();
        let output = sanzi(self.0.path(), &all);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn fen(line: &Value, column: usize) -> i64 {
    let text = line["amounts"][column].as_str().unwrap();
    text.replace('.', "").parse().unwrap()
}

fn line<'a>(statement: &'a Value, id: &str) -> &'a Value {
    let lines = statement["lines"].as_array().unwrap();
    lines.iter().find(|l| l["id"] == id).unwrap()
}

/// Balance + items = adjusted balance on both sides, both adjusted balances equal, and items are listed one by one.
#[test]
fn both_sides_of_the_bank_agree_after_what_is_open() {
    let street = Street::new();
    for organisation in ["JF01", "JF02", "JF03"] {
        let json = street.json(&["reconcile", "--org", organisation, "--period", "2025-12"]);
        for table in json["statements"].as_array().unwrap() {
            assert_eq!(table["differences"].as_array().unwrap().len(), 0, "{table}");
            let mut adjusted = Vec::new();
            for side in ["账", "行"] {
                let at = |n: u32| fen(line(table, &format!("{side}{n}")), 0);
                assert_eq!(at(1) + at(2) - at(3), at(4), "{organisation} {side}");
                adjusted.push(at(4));
                for n in [2, 3] {
                    let prefix = format!("{side}{n}.");
                    let lines = table["lines"].as_array().unwrap();
                    let items = lines
                        .iter()
                        .filter(|l| l["id"].as_str().unwrap().starts_with(&prefix));
                    assert_eq!(items.map(|l| fen(l, 0)).sum::<i64>(), at(n));
                }
            }
            assert_eq!(adjusted[0], adjusted[1]);
        }
    }
}

#[test]
fn a_consolidated_sheet_balances_and_eliminates_what_both_sides_agree_on() {
    let street = Street::new();
    let json = street.json(&["consolidate", "--org", "JF04", "--period", "2025-12"]);
    let sheet = &json["statements"][0];
    assert_eq!(sheet["columns"].as_array().unwrap().len(), 4 + 3);
    for column in 0..7 {
        assert_eq!(
            fen(line(sheet, "14"), column),
            fen(line(sheet, "37"), column)
        );
        // A member's total is that of its own balance sheet.
        if column < 4 {
            let code = sheet["columns"][column].as_str().unwrap();
            let own = street.json(&[
                "statements",
                "--org",
                code,
                "--period",
                "2025-12",
                "--kind",
                "balance-sheet",
            ]);
            let lines = own["statements"][0]["lines"].as_array().unwrap();
            let total = lines.iter().find(|l| l["label"] == "资产总计").unwrap();
            assert_eq!(fen(total, 0), fen(line(sheet, "14"), column), "{code}");
        }
    }
    for row in ["1", "3", "7", "14", "22", "36"] {
        let line = line(sheet, row);
        assert_eq!((0..4).map(|c| fen(line, c)).sum::<i64>(), fen(line, 4));
        assert_eq!(fen(line, 4) + fen(line, 5), fen(line, 6));
    }
    // All of the joint company is held by the three members: their investments go, nobody else has a share.
    assert_eq!(fen(line(sheet, "7"), 6), 0);
    assert_eq!(fen(line(sheet, "7"), 5), -1_000_000_000);
    assert_eq!(fen(line(sheet, "35"), 6), 0);
    assert!(
        fen(line(sheet, "3"), 5) < 0,
        "the members' loans are eliminated"
    );
    assert_eq!(fen(line(sheet, "3"), 5), fen(line(sheet, "22"), 5));
}
