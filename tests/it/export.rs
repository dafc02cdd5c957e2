//! The tables of the audit, as another program reads them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::reader::FileReader;

use crate::command_line::{sanzi, stderr};
use crate::hand_in::fixture;

fn read(path: &Path) -> Vec<RecordBatch> {
    FileReader::try_new(File::open(path).unwrap(), None)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn every_table_of_the_rules_is_exported_with_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let street = fixture("jiufeng").display().to_string();
    let output = sanzi(folder.path(), &["export", &street, "--out", "tables"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let out = folder.path().join("tables");
    let contents: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("tables.json")).unwrap()).unwrap();
    let tables = contents["tables"].as_array().unwrap();
    for table in tables {
        let batches = read(&out.join(table["file"].as_str().unwrap()));
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(table["rows"], rows, "{table}");
    }
    let named = |kind: &str| -> BTreeSet<&str> {
        let of_kind = tables.iter().filter(|t| t["kind"] == kind);
        of_kind.map(|t| t["name"].as_str().unwrap()).collect()
    };
    for name in [
        "entry", "voucher", "contract", "calendar", "keyword", "rent_due",
    ] {
        assert!(named("table").contains(name), "{name}");
    }
    let marts = contents["marts"].as_array().unwrap();
    assert_eq!(named("mart").len(), marts.len());
    assert!(named("mart").contains("payment"));
    let rules = contents["rules"].as_array().unwrap().len();
    let params = tables.iter().filter(|t| t["kind"] == "params").count();
    assert_eq!(
        params,
        3 * rules,
        "params, params_at, param_list of each rule"
    );
    let rows_of = |name: &str| tables.iter().find(|t| t["name"] == name).unwrap()["rows"].as_u64();
    assert!(rows_of("entry") > rows_of("voucher") && rows_of("voucher") > Some(0));
    assert_eq!(contents["as_of"], "2025-12-31");
}

#[test]
fn the_database_exports_the_same_and_the_day_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let street = fixture("jiufeng").display().to_string();
    let contents = |out: &str| -> serde_json::Value {
        let path = folder.path().join(out).join("tables.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    for args in [
        &["export", &street, "--out", "a", "--format", "arrow"][..],
        &["export", "a/sanzi.db", "--out", "b"],
        &[
            "export",
            "a/sanzi.db",
            "--out",
            "c",
            "--as-of",
            "2024-06-30",
        ],
    ] {
        let output = sanzi(folder.path(), args);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert_eq!(contents("a"), contents("b"));
    assert_eq!(contents("c")["as_of"], "2024-06-30");
    let entry = |out: &str| read(&folder.path().join(out).join("table/entry.arrow"));
    assert_eq!(entry("a"), entry("b"));
}

#[test]
fn timings_name_every_step_with_rows_and_amounts() {
    let folder = tempfile::tempdir().unwrap();
    let street = fixture("jiufeng").display().to_string();
    let args = [
        "audit",
        &street,
        "--out",
        "a",
        "--timings",
        "steps.csv",
        "--rule",
        "C-012",
        "--rule",
        "C-013",
    ];
    let output = sanzi(folder.path(), &args);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut csv = csv::Reader::from_path(folder.path().join("steps.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let of_part = |part: &str| -> Vec<&str> {
        rows.iter()
            .filter(|r| &r[0] == part)
            .map(|r| r.get(1).unwrap())
            .collect()
    };
    assert_eq!(of_part("规则"), ["C-012", "C-013"]);
    assert_eq!(of_part("载入").len() + of_part("报告").len(), 2);
    assert!(of_part("视图").contains(&"rent_ledger"));
    assert!(
        !of_part("视图").contains(&"payment"),
        "only the marts that are needed"
    );
    let findings: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("a/findings.json")).unwrap())
            .unwrap();
    let found = findings["findings"].as_array().unwrap().iter();
    let count = found.filter(|f| f["rule"] == "C-012").count();
    let rule = rows.iter().find(|r| &r[1] == "C-012").unwrap();
    assert_eq!(rule[2].parse::<usize>().unwrap(), count);
    assert!(count > 0 && rule[3].contains('.'), "{rule:?}");
}
