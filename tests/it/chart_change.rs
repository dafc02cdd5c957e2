//! A book that goes from the 2004 village chart to that of 2023: each year under its own chart, and the balances between.

use std::collections::HashMap;

use sanzi::audit::load;
use sanzi::audit::rule::RulePack;
use sanzi::audit::run::{self, RunOptions};
use sanzi::import::commit::Defects;
use sanzi::ledger::trial_balance::trial_balance;
use sanzi::ledger::undo::{self, Undo};
use sanzi::ledger::{LedgerError, charts, verify};
use sanzi::model::{Money, PeriodRange, Standard};
use sanzi::pack::Pack;
use sanzi::statement::{Kind, Options, Statement, prepare};
use sanzi::store::Store;
use sanzi::transition::{self, Carry, TransitionError};

use crate::hand_in::{fixture, read, write};
use crate::support::{TestStore, now, stores};

async fn street(store: &Store) {
    let hand_in = read(&fixture("chart_change"), None);
    let codes: Vec<&str> = hand_in
        .companies
        .iter()
        .flat_map(|c| c.problems.iter().map(|p| p.code.as_ref()))
        .collect();
    assert_eq!(codes, ["导入-1090", "导入-1090"]);
    write(store, &hand_in, Defects::Refuse).await;
}

fn range(text: &str) -> PeriodRange {
    PeriodRange::parse(text).unwrap()
}

/// Name and closing balance, debit positive, of an account at the end of a year.
async fn closing(store: &Store, organisation: &str, year: i32, code: &str) -> (String, i64) {
    let year = range(&format!("{year}-01..{year}-12"));
    let balance = trial_balance(store.db(), organisation, year).await.unwrap();
    let row = balance
        .rows
        .into_iter()
        .find(|r| r.account == code)
        .unwrap();
    (row.name, (row.closing_debit - row.closing_credit).0)
}

#[tokio::test]
async fn each_year_is_read_and_balanced_under_its_own_chart() {
    for TestStore { store, .. } in &stores().await {
        street(store).await;
        for (year, code, name, fen) in [
            (2023, "153", "固定资产清理", 1_500_000),
            (2023, "154", "在建工程", 35_000_000),
            (2023, "211", "应付工资", -2_200_000),
            (2023, "212", "应付福利费", -600_000),
            (2024, "153", "在建工程", 0),
            (2024, "154", "固定资产清理", 0),
            (2024, "211", "应付款", 0),
            (2024, "212", "应付工资", 0),
            (2024, "502", "投资收益", -600_000),
            (2024, "511", "经营支出", 400_000),
            (2024, "521", "所得税费用", 50_000),
            (2024, "171", "长期待摊费用", 1_200_000),
        ] {
            let found = closing(store, "CC01", year, code).await;
            assert_eq!(found, (name.to_owned(), fen), "{year} {code}");
        }
        let history = charts::history(store.db(), "CC01").await.unwrap();
        assert_eq!(history.of(2023).standard, Standard::Village2004);
        assert_eq!(history.of(2024).standard, Standard::Village2023);
        let both = trial_balance(store.db(), "CC01", range("2023-12..2024-01")).await;
        assert!(matches!(both, Err(LedgerError::CrossesCharts { .. })));
        for report in verify::verify(store, None, |_| {}).await.unwrap() {
            assert_eq!(report.fault, None);
        }
    }
}

async fn sheets(store: &Store, organisation: &str, months: &str) -> Vec<Statement> {
    let options = Options {
        organisation,
        range: range(months),
        kinds: &Kind::ALL,
    };
    prepare(store.db(), &Pack::embedded(), &options)
        .await
        .unwrap()
}

#[tokio::test]
async fn statements_follow_the_form_of_their_year() {
    for TestStore { store, .. } in &stores().await {
        street(store).await;
        for (months, works) in [("2023-01..2023-12", 35_000_000), ("2024-01..2024-12", 0)] {
            let statements = sheets(store, "CC01", months).await;
            assert!(
                statements.iter().all(|s| s.differences.is_empty()),
                "{months}"
            );
            let works_line = statements[0]
                .lines
                .iter()
                .find(|l| l.label.contains("在建工程"))
                .unwrap();
            assert_eq!(works_line.amounts[0], Some(Money(works)), "{months}");
        }
        let late = sheets(store, "CC01", "2024-01..2024-12").await;
        assert!(!late[1].columns.contains(&"上年同期".to_owned()));
        assert!(late[1].notes.iter().any(|n| n.contains("chart-change")));
    }
}

fn amounts(sheet: &Statement, id: &str) -> Vec<i64> {
    let line = sheet.line(id).unwrap_or_else(|| panic!("{id}"));
    line.amounts.iter().map(|m| m.map_or(0, |m| m.0)).collect()
}

#[tokio::test]
async fn the_sheet_shows_old_closing_new_opening_and_what_differs() {
    for TestStore { store, .. } in &stores().await {
        street(store).await;
        let sheet = transition::sheet(store.db(), &Pack::embedded(), "CC01", 2024)
            .await
            .unwrap();
        assert_eq!(
            amounts(&sheet, "153-154"),
            [1_500_000, 1_500_000, 1_500_000, 0]
        );
        assert_eq!(
            amounts(&sheet, "154-153"),
            [35_000_000, 35_000_000, 35_000_000, 0]
        );
        // Split accounts are compared together, and shown one by one.
        let together = "202-211-211-212-213-214";
        assert_eq!(
            amounts(&sheet, together),
            [-8_200_000, -8_200_000, -8_200_000, 0]
        );
        assert_eq!(amounts(&sheet, "新214"), [0, 0, -500_000, -500_000]);
        let old = sheet.line("旧202").unwrap();
        assert!(
            old.label.contains("214 应交税费(拆分,把握中)"),
            "{}",
            old.label
        );
        // What the company did otherwise than the map says.
        assert_eq!(
            amounts(&sheet, "212-311-311"),
            [-30_600_000, -30_600_000, -30_000_000, 600_000]
        );
        assert_eq!(amounts(&sheet, "322-322")[3], -600_000);
        assert_eq!(sheet.differences.len(), 2);
        assert_eq!(amounts(&sheet, "合计"), [0, 0, 0, 0]);
        let none = transition::sheet(store.db(), &Pack::embedded(), "CC01", 2023).await;
        assert!(matches!(none, Err(TransitionError::NoChange { .. })));
    }
}

#[tokio::test]
async fn what_was_not_carried_over_is_carried_on_request_and_can_be_undone() {
    let pack = Pack::embedded();
    for TestStore { store, .. } in &stores().await {
        street(store).await;
        let early = trial_balance(store.db(), "CC02", range("2024-12")).await;
        assert!(matches!(
            early,
            Err(LedgerError::NotCarriedOver { year: 2024, .. })
        ));
        let carry = |targets| Carry {
            organisation: "CC02",
            year: 2024,
            targets,
            by: "会计甲",
            at: now(),
        };
        let unsure = transition::carry(store, &pack, &carry(&[]))
            .await
            .unwrap_err();
        assert!(matches!(&unsure, TransitionError::Uncertain(which) if which == "212 应付福利费"));
        let to = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        let nowhere = [to("212", "999")];
        let bad = transition::carry(store, &pack, &carry(&nowhere)).await;
        assert!(matches!(bad, Err(TransitionError::BadTarget(_))));
        let targets = [to("212", "311"), to("20202", "214"), to("20203", "213")];
        let carried = transition::carry(store, &pack, &carry(&targets))
            .await
            .unwrap();
        assert_eq!(carried.voucher.to_string(), "2024-01-期初-0000");
        let twice = transition::carry(store, &pack, &carry(&targets)).await;
        assert!(matches!(twice, Err(TransitionError::HasOpening { .. })));
        for (code, fen) in [
            ("153", 0),
            ("154", 0),
            ("21101", 0),
            ("214", -500_000),
            ("213", 0),
            ("212", 0),
            ("311", -30_600_000),
            ("322", -16_500_000),
        ] {
            if fen != 0 || ["153", "154", "21101"].contains(&code) {
                assert_eq!(closing(store, "CC02", 2024, code).await.1, fen, "{code}");
            }
        }
        let sheet = transition::sheet(store.db(), &pack, "CC02", 2024)
            .await
            .unwrap();
        assert_eq!(amounts(&sheet, "合计"), [0, 0, 0, 0]);
        assert!(sheet.differences.is_empty(), "{:?}", sheet.differences);
        let undo = Undo {
            batch_id: carried.batch_id,
            by: "会计甲",
            reason: "改按清产核资结果",
            at: now(),
        };
        undo::undo(store, &undo).await.unwrap();
        let again = trial_balance(store.db(), "CC02", range("2024-12")).await;
        assert!(matches!(again, Err(LedgerError::NotCarriedOver { .. })));
        transition::carry(store, &pack, &carry(&targets))
            .await
            .unwrap();
    }
}

/// Rules see tags and names of the year's own chart, and the change itself is no finding.
#[tokio::test]
async fn rules_see_each_year_under_its_own_chart() {
    let pack = RulePack::load(&Pack::embedded());
    for TestStore { store, .. } in &stores().await {
        street(store).await;
        let snapshot = load::load(store, &pack, None, |_| {}).await.unwrap();
        let options = RunOptions {
            rules: vec!["L-004".into(), "L-005".into()],
            ..RunOptions::default()
        };
        let run = run::run(&snapshot, &pack, &options).await.unwrap();
        let mut found: HashMap<&str, Vec<String>> = HashMap::new();
        for finding in &run.findings {
            found.entry(&finding.rule).or_default().push(format!(
                "{} {}",
                finding.organisation,
                finding.key_text()
            ));
        }
        assert_eq!(found, HashMap::new());
        let _ = std::fs::remove_dir_all(sanzi::store::segments::folder(store).unwrap());
    }
}

/// The two years handed in one after the other, without 单位: the store's year does not decide the next one.
#[tokio::test]
async fn years_handed_in_apart_are_read_as_if_together() {
    let folder = tempfile::tempdir().unwrap();
    for TestStore { store, .. } in &stores().await {
        for year in ["2023", "2024"] {
            let at = folder.path().join(year);
            std::fs::create_dir_all(&at).unwrap();
            let file = format!("凭证{year}.csv");
            std::fs::copy(fixture("chart_change/CC01").join(&file), at.join(&file)).unwrap();
            let hand_in = read(&at, Some("CC01"));
            let problems = &hand_in.companies[0].problems;
            assert!(problems.is_empty(), "{problems:?}");
            write(store, &hand_in, Defects::Refuse).await;
        }
        let history = charts::history(store.db(), "CC01").await.unwrap();
        assert_eq!(
            history.of(2023).account("153").unwrap().name.as_str(),
            "固定资产清理"
        );
        assert_eq!(
            history.of(2024).account("153").unwrap().name.as_str(),
            "在建工程"
        );
    }
}
