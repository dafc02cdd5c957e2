//! All files of one run, read back and compared figure by figure; and the JSON against its published schema.

use std::collections::BTreeMap;
use std::path::PathBuf;

use calamine::{Data, DataType, Reader, Xlsx, open_workbook};
use serde_json::Value;

use super::*;
use crate::audit::outcome::AuditRun;

type Sums = BTreeMap<(String, String), (u64, i64)>;

fn written(run: &AuditRun) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = write_all(run, &folder.path().join("out"), sample::generated_at()).unwrap();
    (folder, paths)
}

fn fen(yuan: &str) -> i64 {
    crate::model::Money::parse(yuan).unwrap().0
}

/// Company × family label, from the summary that `findings.json` and the page share.
fn from_summary(summary: &Value) -> Sums {
    summary["by_organisation_family"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| {
            let family = words::family(cell["family"].as_str().unwrap());
            let key = (
                cell["organisation"].as_str().unwrap().to_owned(),
                family.to_owned(),
            );
            let sum = (
                cell["count"].as_u64().unwrap(),
                cell["amount"]["fen"].as_i64().unwrap(),
            );
            assert_eq!(fen(cell["amount"]["yuan"].as_str().unwrap()), sum.1);
            (key, sum)
        })
        .collect()
}

fn from_workbook(path: &PathBuf) -> (Sums, (u64, i64)) {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range(xlsx::SUMMARY).unwrap();
    let mut cells = Sums::new();
    let mut total = (0, 0);
    for row in range.rows().skip(1) {
        let text = |i: usize| row[i].to_string();
        let Data::Float(count) = row[3] else {
            panic!("count")
        };
        // Formatting with two decimals gives back the exact text that the cell was made from.
        let Data::Float(yuan) = row[4] else {
            panic!("amount")
        };
        let sum = (count as u64, fen(&format!("{yuan:.2}")));
        if text(2) == "合计" {
            total = sum;
        } else if !text(0).is_empty() && text(2) != "单位小计" {
            cells.insert((text(0), text(2)), sum);
        }
    }
    (cells, total)
}

/// Counted from the rows themselves; the CSV has no family, the rule leads to it.
fn from_csv(path: &PathBuf, run: &AuditRun) -> Sums {
    let bytes = std::fs::read(path).unwrap();
    let mut sums = Sums::new();
    for row in csv_crate_reader(&bytes[3..]).records().map(Result::unwrap) {
        let rule = run.rules.iter().find(|r| r.id == row[1]).unwrap();
        let key = (row[4].to_owned(), words::family(&rule.family).to_owned());
        let slot = sums.entry(key).or_default();
        slot.0 += 1;
        slot.1 += fen(&row[7]);
    }
    sums
}

/// Counted from the results; those of the run before and those set aside are left out.
fn from_sarif(path: &PathBuf) -> Sums {
    let log: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let run = &log["runs"][0];
    let mut sums = Sums::new();
    for result in run["results"].as_array().unwrap() {
        let aside = !result["suppressions"].as_array().is_none_or(Vec::is_empty);
        if result["baselineState"] == "absent" || aside {
            continue;
        }
        let rule = result["ruleIndex"].as_u64().unwrap() as usize;
        let family = &run["tool"]["driver"]["rules"][rule]["properties"]["family"];
        let properties = &result["properties"];
        let organisation = properties["organisation"].as_str().unwrap();
        let key = (organisation.to_owned(), family.as_str().unwrap().to_owned());
        let slot = sums.entry(key).or_default();
        slot.0 += 1;
        slot.1 += properties["amount"]["fen"].as_i64().unwrap_or(0);
    }
    sums
}

fn csv_crate_reader(bytes: &[u8]) -> ::csv::Reader<&[u8]> {
    ::csv::Reader::from_reader(bytes)
}

fn page_data(path: &PathBuf) -> Value {
    let page = std::fs::read_to_string(path).unwrap();
    let data = page.split_once("id=\"data\">").unwrap().1;
    serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn all_files_tell_the_same_figures() {
    let run = sample::run();
    let (_folder, paths) = written(&run);
    let names: Vec<_> = paths
        .iter()
        .map(|p| p.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "report.xlsx",
            "report.html",
            "findings.json",
            "findings.csv",
            "suppressed.csv",
            "findings.sarif"
        ]
    );
    let json: Value = serde_json::from_slice(&std::fs::read(&paths[2]).unwrap()).unwrap();
    let page = page_data(&paths[1]);
    let (cells, total) = from_workbook(&paths[0]);
    assert_eq!(from_summary(&json["summary"]), cells);
    assert_eq!(from_summary(&page["summary"]), cells);
    assert_eq!(from_csv(&paths[3], &run), cells);
    assert_eq!(from_sarif(&paths[5]), cells);
    assert_eq!(json["summary"], page["summary"]);
    assert_eq!(json["summary"]["total"]["count"], total.0);
    assert_eq!(json["summary"]["total"]["amount"]["fen"], total.1);
    assert_eq!(total.0, 20);
    // And each list holds as many findings as the figures say.
    assert_eq!(json["findings"].as_array().unwrap().len(), 20);
    assert_eq!(page["findings"].as_array().unwrap().len(), 20);
}

/// Number, amount in 分, reason, document, last day, the two persons: the same in every file.
#[test]
fn all_files_list_the_same_findings_set_aside() {
    let run = sample::run();
    let (_folder, paths) = written(&run);
    type Row = (String, i64, Vec<String>);
    let expected: Vec<Row> = run
        .suppressed
        .iter()
        .map(|s| {
            let why = &s.suppression;
            let until = why.until.to_string();
            let words = [
                &why.reason,
                &why.document,
                &until,
                &why.by,
                &why.approved_by,
            ];
            let fen = s.finding.amount.unwrap().0;
            (
                s.finding.number.clone(),
                fen,
                words.map(Clone::clone).to_vec(),
            )
        })
        .collect();

    let json: Value = serde_json::from_slice(&std::fs::read(&paths[2]).unwrap()).unwrap();
    let from_json: Vec<Row> = json["suppressed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            let word = |name: &str| s[name].as_str().unwrap().to_owned();
            let words = ["reason", "document", "until", "by", "approved_by"].map(word);
            let finding = &s["finding"];
            let number = finding["number"].as_str().unwrap().to_owned();
            (
                number,
                finding["amount"]["fen"].as_i64().unwrap(),
                words.to_vec(),
            )
        })
        .collect();
    assert_eq!(from_json, expected);
    assert_eq!(json["summary"]["suppressed"]["count"], 2);

    let bytes = std::fs::read(&paths[4]).unwrap();
    let from_csv: Vec<Row> = csv_crate_reader(&bytes[3..])
        .records()
        .map(Result::unwrap)
        .map(|row| {
            assert_eq!(&row[9], words::SUPPRESSED);
            let words = (12..17).map(|i| row[i].trim_start_matches('\'').to_owned());
            (row[0].to_owned(), fen(&row[7]), words.collect())
        })
        .collect();
    assert_eq!(from_csv, expected);

    let mut book: Xlsx<_> = open_workbook(&paths[0]).unwrap();
    let range = book.worksheet_range(xlsx::SUPPRESSED).unwrap();
    let from_book: Vec<Row> = range
        .rows()
        .skip(1)
        .map(|row| {
            let Data::Float(yuan) = row[7] else {
                panic!("amount")
            };
            let until = row[11].as_date().unwrap().to_string();
            let words = [
                row[9].to_string(),
                row[10].to_string(),
                until,
                row[12].to_string(),
                row[13].to_string(),
            ];
            (
                row[0].to_string(),
                fen(&format!("{yuan:.2}")),
                words.to_vec(),
            )
        })
        .collect();
    assert_eq!(from_book, expected);

    let page = std::fs::read_to_string(&paths[1]).unwrap();
    let rows: Vec<&str> = page.split("<tr data-suppressed=\"").skip(1).collect();
    assert_eq!(rows.len(), expected.len());
    for (row, (number, fen, words)) in rows.iter().zip(&expected) {
        let row = row.split("</tr>").next().unwrap();
        assert!(
            row.starts_with(&format!("{number}\" data-fen=\"{fen}\"")),
            "{row}"
        );
        for word in words {
            assert!(row.contains(&format!("<td>{word}</td>")), "{word}: {row}");
        }
    }
    let data = page_data(&paths[1]);
    assert_eq!(data["summary"]["suppressed"], json["summary"]["suppressed"]);
}

#[test]
fn nothing_but_the_reports_is_left_in_the_folder() {
    let (folder, paths) = written(&sample::run());
    let count = std::fs::read_dir(folder.path().join("out"))
        .unwrap()
        .count();
    assert_eq!(count, paths.len());
}

#[test]
fn a_run_without_findings_is_a_report_too() {
    let mut run = sample::run_of(0);
    run.organisations.clear();
    run.rules.clear();
    let (_folder, paths) = written(&run);
    let page = std::fs::read_to_string(&paths[1]).unwrap();
    assert!(page.contains("本次运行没有发现疑点"));
}

#[test]
fn five_thousand_findings_are_written_whole() {
    let run = sample::run_of(5_000);
    let report = Report::new(&run, sample::generated_at());
    let page = html::render(&report).unwrap();
    assert_eq!(page.matches("<tbody class=\"f\"").count(), 5_000);
}

/// Not a test of anything: writes the sample for a person to look at, into the folder named by `SANZI_SAMPLE_OUT`.
#[test]
#[ignore = "writes files for a person to look at"]
fn write_sample() {
    let out = std::env::var("SANZI_SAMPLE_OUT").unwrap();
    let count = std::env::var("SANZI_SAMPLE_COUNT").map_or(20, |n| n.parse().unwrap());
    write_all(&sample::run_of(count), out.as_ref(), sample::generated_at()).unwrap();
}
