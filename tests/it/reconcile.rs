//! Bank reconciliation and consolidation on the invented street.

use serde_json::Value;

use crate::command_line::{sanzi, stderr};
use crate::support::{TestStore, stores};

/// The invented street in a store.
struct Street {
    folder: tempfile::TempDir,
    store: TestStore,
}

impl Street {
    /// In every kind of database.
    async fn everywhere() -> Vec<Street> {
        let stores = stores().await.into_iter();
        stores.map(Street::new).collect()
    }

    fn new(store: TestStore) -> Street {
        let folder = tempfile::tempdir().unwrap();
        let street = crate::hand_in::fixture("jiufeng").display().to_string();
        let args = ["import", &street, "--db", &store.url, "--quarantine"];
        let output = sanzi(folder.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
        Street { folder, store }
    }

    fn json(&self, args: &[&str]) -> Value {
        let all = [args, &["--db", &self.store.url, "--format", "json"]].concat();
        let output = sanzi(self.folder.path(), &all);
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
#[tokio::test]
async fn both_sides_of_the_bank_agree_after_what_is_open() {
    let streets = Street::everywhere().await;
    streets.iter().for_each(both_sides_agree);
    same_everywhere(
        &streets,
        &["reconcile", "--org", "JF02", "--period", "2025-12"],
    );
}

/// What one database says, all say.
fn same_everywhere(streets: &[Street], args: &[&str]) {
    let said: Vec<Value> = streets.iter().map(|s| s.json(args)).collect();
    assert!(said.windows(2).all(|w| w[0] == w[1]), "{args:?}");
}

fn both_sides_agree(street: &Street) {
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

#[tokio::test]
async fn a_consolidated_sheet_balances_and_eliminates_what_both_sides_agree_on() {
    let streets = Street::everywhere().await;
    streets.iter().for_each(consolidated_sheet_balances);
    let args = ["consolidate", "--org", "JF04", "--period", "2025-12"];
    same_everywhere(&streets, &args);
}

fn consolidated_sheet_balances(street: &Street) {
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
