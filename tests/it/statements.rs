//! Statements: what must agree on every book, and the tables as they are printed.

use std::collections::BTreeMap;
use std::path::Path;

use sanzi::ledger::trial_balance::trial_balance;
use sanzi::model::{Money, PeriodRange};
use sanzi::pack::Pack;
use sanzi::statement::{Kind, Options, Statement, drill::drill, prepare};
use sanzi::store::Store;

use crate::command_line::{sanzi, stderr};

fn range(text: &str) -> PeriodRange {
    PeriodRange::parse(text).unwrap()
}

async fn prepared(store: &Store, organisation: &str, period: &str) -> Vec<Statement> {
    let options = Options {
        organisation,
        range: range(period),
        kinds: &Kind::ALL,
    };
    prepare(store.db(), &Pack::embedded(), &options)
        .await
        .unwrap()
}

fn import(folder: &Path, source: &str, url: &str) {
    let output = sanzi(folder, &["import", source, "--db", url, "--quarantine"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

async fn jiufeng() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    import(folder.path(), &street, "sqlite://x.db");
    let url = format!("sqlite://{}", folder.path().join("x.db").display());
    let store = Store::open(&url).await.unwrap();
    (folder, store)
}

/// What holds on every book: no difference, each line the sum of its accounts, and each account on the balance sheet
/// with exactly its closing balance.
async fn check(store: &Store, organisation: &str, period: &str) {
    let all = prepared(store, organisation, period).await;
    for statement in &all {
        assert!(statement.differences.is_empty(), "{statement:?}");
        for line in &statement.lines {
            for (column, amount) in line.amounts.iter().enumerate() {
                let sum: i64 = line.parts.iter().map(|p| p.amounts[column].0).sum();
                let shown = amount.map_or(0, |m| m.0);
                assert_eq!(sum, shown, "{organisation} {} {}", statement.title, line.id);
            }
        }
    }
    let sheet = &all[0];
    let ends: Vec<&sanzi::statement::Line> = sheet
        .lines
        .iter()
        .filter(|l| l.label == "资产总计" || l.label == "负债和所有者权益总计")
        .collect();
    assert_eq!(ends.len(), 2);
    assert_eq!(ends[0].amounts, ends[1].amounts);
    let mut nets: BTreeMap<&str, i64> = BTreeMap::new();
    for (line, sign) in [(ends[0], 1), (ends[1], -1)] {
        for part in &line.parts {
            *nets.entry(&part.account).or_default() += sign * part.amounts[0].0;
        }
    }
    nets.retain(|_, net| *net != 0);
    let balance = trial_balance(store.db(), organisation, range(period))
        .await
        .unwrap();
    let booked: BTreeMap<&str, i64> = balance
        .rows
        .iter()
        .filter(|r| r.is_leaf && r.closing_debit != r.closing_credit)
        .map(|r| (r.account.as_str(), r.closing_debit.0 - r.closing_credit.0))
        .collect();
    assert_eq!(nets, booked, "{organisation} {period}");
}

#[tokio::test]
async fn jiufeng_adds_up_in_every_company_and_year() {
    let (_folder, store) = jiufeng().await;
    for organisation in ["JF01", "JF02", "JF03", "JF04"] {
        for period in [
            "2024-01",
            "2024-12",
            "2025-06",
            "2025-12",
            "2025-01..2025-12",
        ] {
            check(&store, organisation, period).await;
        }
    }
}

#[tokio::test]
async fn generated_books_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "generate",
        "--companies",
        "3",
        "--postings",
        "3000",
        "--months",
        "14",
        "--seed",
        "7",
        "--inject",
        "0.5",
        "--out",
        "g",
    ];
    let output = sanzi(folder.path(), &args);
    assert!(output.status.success(), "{}", stderr(&output));
    import(folder.path(), "g", "sqlite://x.db");
    let url = format!("sqlite://{}", folder.path().join("x.db").display());
    let store = Store::open(&url).await.unwrap();
    for book in sanzi::ledger::read::books(store.db()).await.unwrap() {
        for period in ["2024-06", "2024-12", "2025-02"] {
            check(&store, &book.organisation, period).await;
        }
    }
}

/// 年末未分配 = 年初未分配 + 净利润 when nothing was distributed; and it is the balance sheet's.
#[tokio::test]
async fn net_profit_is_the_change_of_retained_profit() {
    let (_folder, store) = jiufeng().await;
    let all = prepared(&store, "JF01", "2025-01..2025-12").await;
    let amount =
        |s: &Statement, id: &str, column: usize| s.line(id).unwrap().amounts[column].unwrap();
    let (sheet, income) = (&all[0], &all[1]);
    assert_eq!(income.columns, ["本年累计", "上年同期"]);
    let change = amount(sheet, "51", 0) - amount(sheet, "51", 1);
    assert_eq!(amount(income, "32", 0), change);
    assert_ne!(change, Money::ZERO);
    let flows = &all[2];
    assert_eq!(amount(flows, "结余", 0), change);
    let december = prepared(&store, "JF03", "2025-12").await;
    assert_eq!(amount(&december[1], "20", 0), amount(&december[0], "E3", 0));
    assert_eq!(amount(&december[1], "14", 1), amount(&december[0], "E3", 1));
}

#[tokio::test]
async fn a_row_opens_into_the_vouchers_it_is_made_of() {
    let (_folder, store) = jiufeng().await;
    let all = prepared(&store, "JF01", "2025-01..2025-12").await;
    let opened = drill(store.db(), &Pack::embedded(), &all[1], "18")
        .await
        .unwrap();
    let (part, entries) = &opened.parts[0];
    let moved: i64 = entries.iter().map(|e| e.debit.0 - e.credit.0).sum();
    assert_eq!(part.amounts[0].0, moved);
    assert!(entries.len() >= 4, "{entries:?}");
    assert!(
        drill(store.db(), &Pack::embedded(), &all[1], "99")
            .await
            .is_err()
    );
}

/// An account that no row takes is shown as a difference and named; the command ends with 1.
#[tokio::test]
async fn an_account_outside_the_chart_is_a_difference() {
    use crate::support::{chart, now, voucher};
    use sanzi::ledger::post::post;
    let test = crate::support::sqlite().await;
    let mut chart = chart();
    let mut odd = chart.accounts["1001"].clone();
    (odd.code, odd.name) = ("8888".into(), "备查科目".into());
    chart.accounts.insert(odd.code.clone(), odd);
    let vouchers = [voucher(2024, 1, 1, &[("8888", 70, 0), ("5001", 0, 70)])];
    let transaction = test.store.begin().await.unwrap();
    let batch = sanzi::store::batch::open(&transaction, "test", now())
        .await
        .unwrap();
    let vouchers: Vec<_> = vouchers.iter().collect();
    post(&transaction, batch, "A01", &chart, "测试", &vouchers)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let all = prepared(&test.store, "A01", "2024-01").await;
    assert_eq!(all[0].differences[0].amounts[0], Some(Money(-70)));
    assert!(
        all[0].notes.iter().any(|n| n.contains("8888")),
        "{:?}",
        all[0].notes
    );
    let args = [
        "statements",
        "--db",
        &test.url,
        "--org",
        "A01",
        "--period",
        "2024-01",
    ];
    let output = sanzi(Path::new("."), &args);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("报表-2001"));
}

#[tokio::test]
async fn both_databases_state_the_same() {
    use crate::support::{chart, now, stores, voucher};
    use sanzi::ledger::post::post;
    let mut seen = Vec::new();
    for test in &stores().await {
        let transaction = test.store.begin().await.unwrap();
        let batch = sanzi::store::batch::open(&transaction, "test", now())
            .await
            .unwrap();
        let vouchers = [
            voucher(2024, 1, 1, &[("1002.01", 900, 0), ("5001", 0, 900)]),
            voucher(2024, 2, 1, &[("5602", 200, 0), ("1002.01", 0, 200)]),
        ];
        let vouchers: Vec<_> = vouchers.iter().collect();
        post(&transaction, batch, "A01", &chart(), "测试", &vouchers)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        seen.push(prepared(&test.store, "A01", "2024-02").await);
    }
    assert!(seen.windows(2).all(|w| w[0] == w[1]));
    assert_eq!(seen[0][0].line("51").unwrap().amounts[0], Some(Money(700)));
}

#[test]
fn the_tables_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    import(folder.path(), &street, "sqlite://x.db");
    let state = |more: &[&str]| {
        let mut args = vec![
            "statements",
            "--db",
            "sqlite://x.db",
            "--org",
            "JF03",
            "--period",
            "2025-12",
        ];
        args.extend(more);
        let output = sanzi(folder.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    insta::assert_snapshot!("statements_jf03", state(&[]));
    let csv = state(&["--kind", "balance-sheet", "--format", "csv"]);
    assert!(
        csv.contains("资产负债表,JF03,2025年12月31日,A1,货币资金,1757642.83,1660869.88\n"),
        "{csv}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&state(&["--kind", "income", "--format", "json"])).unwrap();
    assert_eq!(
        json["statements"][0]["lines"][12]["amounts"][1],
        "-246497.70"
    );
    let html = state(&["--format", "html"]);
    assert!(
        html.contains("1,757,642.83") && !html.contains("http://") && !html.contains("https://"),
        "offline"
    );
    state(&["--format", "xlsx", "--out", "r.xlsx"]);
    use calamine::{Data, Reader};
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(folder.path().join("r.xlsx")).unwrap();
    let sheet = book.worksheet_range("资产负债表").unwrap();
    assert_eq!(sheet.get_value((3, 2)), Some(&Data::Float(1_757_642.83)));
    let totals: Vec<usize> = sheet
        .rows()
        .enumerate()
        .filter(|(_, r)| {
            r[0] == Data::String("资产总计".into())
                || r[4] == Data::String("负债和所有者权益总计".into())
        })
        .map(|(i, _)| i)
        .collect();
    assert_eq!(totals.len(), 1, "both totals on one row");
    assert!(book.sheet_names().contains(&"资产负债表·科目".to_owned()));
}
