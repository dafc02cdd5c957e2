//! Runs as a whole, on rows made by hand: what is found, what is not run, what stays the same under shuffling, and what
//! the fences stop.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

use super::diff::{PreviousRun, remember};
use super::engine::{Database, Limits, QueryError};
use super::outcome::{AuditRun, DiffState, FindingKind};
use super::rule::RulePack;
use super::rule::load::parse_rule;
use super::rule::trial;
use super::run::{RunOptions, load_tables, run};
use super::snapshot::{Snapshot, SnapshotBuilder};
use super::tables::books::Books;
use crate::model::date::parse_date;
use crate::model::{
    Account, Chart, Entry, Money, Period, RegisterRow, Side, Source, Standard, Value, Voucher,
    VoucherId, catalogue,
};
use crate::pack::Pack;

const LEASES: &str = r#"
id = "X-001"
version = 1
title = "租金过高"
kind = "violation"
severity = "high"
subject = "contract"
requires = ["contract", "entry"]
key = ["contract_no"]
[[law]]
ref = "民法典#705"
[params.limit]
type = "money"
default = "1000.00"
label = "限额"
source = "placeholder"
[query]
sql = """
SELECT c.organisation, c.contract_no, c.start_date AS occurred_on, c.annual_rent AS amount, c.kind, c.counterparty,
       (SELECT array_agg(DISTINCT e.voucher ORDER BY e.voucher) FROM entry e
        WHERE e.organisation = c.organisation AND e.contract_no = c.contract_no) AS vouchers
FROM contract c JOIN params p USING (organisation) WHERE c.annual_rent > p.limit
"""
message = "合同{contract_no}自{occurred_on}起年租金{amount}元,超过{limit}元"
"#;

fn day(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

fn pack(rules: &[&str]) -> RulePack {
    let mut pack = RulePack::load(&Pack::embedded());
    pack.faults.clear();
    pack.marts.clear();
    pack.rules = rules
        .iter()
        .map(|text| parse_rule("audit/contract/X-001_x.toml", text).unwrap())
        .collect();
    pack
}

fn row(table: &str, cells: &[(&str, &str)], number: u32) -> RegisterRow {
    let table = catalogue().table(table).unwrap();
    let mut values = vec![Value::Null; table.columns.len()];
    for (column, text) in cells {
        let i = table.position(column).unwrap();
        values[i] = Value::parse(text, &table.columns[i]).unwrap();
    }
    RegisterRow {
        values,
        source_row: number,
    }
}

fn chart() -> Chart {
    let account = |code: &str, side, tag: &str| Account {
        code: code.into(),
        name: code.into(),
        side,
        parent: None,
        is_leaf: true,
        category: "资产".into(),
        tag: Some(tag.into()),
        active_from: None,
        active_to: None,
    };
    let accounts = [
        account("1002", Side::Debit, "bank"),
        account("5051", Side::Credit, "rent_income"),
    ];
    Chart {
        standard: Standard::SmallEnterprise,
        accounts: accounts.into_iter().map(|a| (a.code.clone(), a)).collect(),
    }
}

fn voucher(number: u32, date: &str, contract: &str, fen: i64) -> Voucher {
    let date = day(date);
    let entry = |line, account: &str, debit, credit| Entry {
        line,
        account: account.into(),
        debit: Money(debit),
        credit: Money(credit),
        contract_no: Some(contract.into()),
        source_row: number * 10 + line,
        ..Entry::default()
    };
    let source = Source {
        file: "凭证.csv".into(),
        sheet: None,
        row: number * 10 + 1,
    };
    Voucher::new(
        VoucherId::new(Period::of(date), "记".into(), &number.to_string()),
        date,
        source,
        vec![entry(1, "1002", fen, 0), entry(2, "5051", 0, fen)],
    )
}

fn snapshot(shuffled: bool) -> Snapshot {
    let table = |name: &str| catalogue().table(name).unwrap();
    let mut contracts = vec![
        row(
            "contract",
            &[
                ("contract_no", "HT-1"),
                ("kind", "lease"),
                ("counterparty", "甲商贸"),
                ("start_date", "2024-01-01"),
                ("annual_rent", "1200.00"),
                ("cycle", "month"),
            ],
            2,
        ),
        row(
            "contract",
            &[
                ("contract_no", "HT-2"),
                ("kind", "lease"),
                ("counterparty", "乙商贸"),
                ("start_date", "2024-01-01"),
                ("annual_rent", "1000.00"),
            ],
            3,
        ),
        row(
            "contract",
            &[
                ("contract_no", "HT-3"),
                ("kind", "lease"),
                ("counterparty", "丙商贸"),
                ("start_date", "2024-02-01"),
                ("annual_rent", "9999.99"),
            ],
            4,
        ),
    ];
    let mut vouchers = vec![
        voucher(1, "2024-01-05", "HT-1", 10_000),
        voucher(2, "2024-02-05", "HT-1", 10_000),
        voucher(3, "2024-03-05", "HT-3", 5_000),
    ];
    let mut organisations = vec!["A", "B"];
    if shuffled {
        contracts.reverse();
        vouchers.rotate_left(1);
        organisations.reverse();
    }
    let mut builder = SnapshotBuilder::new();
    for code in organisations {
        let unit = row(
            "organisation",
            &[
                ("code", code),
                ("name", "样例公司"),
                ("kind", "village_company"),
                ("standard", "small_enterprise"),
                ("regime", "company"),
            ],
            2,
        );
        builder.register(
            None,
            table("organisation"),
            [unit],
            &"单位.csv".into(),
            None,
        );
        if code == "A" {
            builder.register(
                Some("A"),
                table("contract"),
                contracts.clone(),
                &"合同.csv".into(),
                None,
            );
            let mut books = Books::default();
            for v in &vouchers {
                books.voucher("A", v, 1, &chart()).unwrap();
            }
            books.chart("A", &chart());
            builder.book("A", books);
        }
    }
    builder.chain("A", "head", 3);
    builder.finish().unwrap()
}

async fn audit(snapshot: &Snapshot, pack: &RulePack) -> AuditRun {
    run(snapshot, pack, &RunOptions::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_explains_and_lists_what_did_not_run() {
    let run = audit(&snapshot(false), &pack(&[LEASES])).await;
    assert_eq!(run.failed, []);
    assert_eq!(run.as_of, day("2024-03-31"));
    let keys: Vec<String> = run.findings.iter().map(|f| f.key_text()).collect();
    assert_eq!(keys, ["HT-3", "HT-1"]);
    let first = &run.findings[1];
    assert_eq!(
        first.kind,
        FindingKind::RedFlag,
        "a placeholder makes a red flag of a violation"
    );
    assert_eq!(
        first.message,
        "合同HT-1自2024-01-01起年租金1,200.00元,超过1,000.00元(按占位值,街道尚未设定)"
    );
    assert_eq!(first.vouchers, ["2024-01-记-0001", "2024-02-记-0002"]);
    assert_eq!(first.voucher_lines.len(), 4);
    assert_eq!(first.voucher_lines[1].row, 12);
    assert_eq!(first.register_lines.len(), 1);
    assert_eq!(
        (
            first.register_lines[0].title.as_str(),
            first.register_lines[0].row
        ),
        ("合同", 2)
    );
    let kind = first.evidence.iter().find(|e| e.name == "kind").unwrap();
    assert_eq!(
        (kind.label.as_str(), kind.value.as_str()),
        ("合同类型", "租赁")
    );
    assert_eq!(run.not_run.len(), 1);
    assert_eq!(run.not_run[0].organisation, "B");
    assert_eq!(run.not_run[0].missing, ["合同", "凭证分录"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_alternative_tables_one_is_enough() {
    let either = |tables: &str| LEASES.replace(r#"["contract", "entry"]"#, tables);
    let run = audit(
        &snapshot(false),
        &pack(&[&either(r#"["receipt|contract"]"#)]),
    )
    .await;
    assert_eq!(run.findings.len(), 2);
    assert_eq!(run.not_run.len(), 1);
    assert_eq!(run.not_run[0].missing, ["收据或合同"]);
    let run = audit(
        &snapshot(false),
        &pack(&[&either(r#"["receipt|invoice", "contract"]"#)]),
    )
    .await;
    assert_eq!(run.findings.len(), 0);
    assert_eq!(run.not_run.len(), 2);
    assert_eq!(run.not_run[0].missing, ["收据或发票"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn shuffled_rows_give_the_same_run() {
    let pack = pack(&[LEASES]);
    let mut one = audit(&snapshot(false), &pack).await;
    let mut two = audit(&snapshot(true), &pack).await;
    for run in [&mut one, &mut two] {
        run.steps.clear();
    }
    assert_eq!(one, two);
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        serde_json::to_string(&two).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn compares_with_the_run_before_and_tries_values() {
    let (snapshot, pack) = (snapshot(false), pack(&[LEASES]));
    let before = audit(&snapshot, &pack).await;
    let options = RunOptions {
        previous: Some(PreviousRun {
            digest: before.digest.clone(),
            findings: before.findings.iter().map(remember).collect(),
        }),
        ..RunOptions::default()
    };
    let again = run(&snapshot, &pack, &options).await.unwrap();
    assert!(again.findings.iter().all(|f| f.state == DiffState::Same));
    assert!(again.gone.is_empty());
    let values = trial::parse_trial(&pack, "X-001", &["limit=5000".to_owned()]).unwrap();
    let tried = trial::compare(&snapshot, &pack, "X-001", values, &RunOptions::default())
        .await
        .unwrap();
    assert_eq!(tried.removed.len(), 1);
    assert_eq!((tried.added.len(), tried.unchanged), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_fails_stops_nobody() {
    let bad = LEASES.replace("X-001", "X-002").replace(
        "c.annual_rent > p.limit",
        "c.annual_rent / (c.annual_rent - c.annual_rent) > 1",
    );
    let run = audit(&snapshot(false), &pack(&[LEASES, &bad])).await;
    assert_eq!(run.findings.len(), 2);
    assert_eq!(run.failed.len(), 1);
    assert_eq!(run.failed[0].rule, "X-002");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_the_street_replace_placeholders_by_day() {
    let table = |name: &str| catalogue().table(name).unwrap();
    let mut builder = SnapshotBuilder::new();
    let settings = [
        row(
            "parameter",
            &[
                ("rule", "X-001"),
                ("name", "limit"),
                ("value", "1100"),
                ("valid_from", "2023-01-01"),
                ("basis", "街道文件"),
            ],
            2,
        ),
        row(
            "parameter",
            &[
                ("rule", "X-001"),
                ("name", "limit"),
                ("organisation", "A"),
                ("value", "5000"),
            ],
            3,
        ),
    ];
    builder.register(None, table("parameter"), settings, &"参数.csv".into(), None);
    for code in ["A", "B"] {
        let contract = row(
            "contract",
            &[
                ("contract_no", "HT-1"),
                ("kind", "lease"),
                ("counterparty", "甲"),
                ("start_date", "2024-01-01"),
                ("annual_rent", "1200.00"),
            ],
            2,
        );
        builder.register(
            Some(code),
            table("contract"),
            [contract],
            &"合同.csv".into(),
            None,
        );
        let mut books = Books::default();
        let only = voucher(1, "2024-01-05", "HT-1", 100);
        books.voucher(code, &only, 1, &chart()).unwrap();
        builder.book(code, books);
    }
    let run = audit(&builder.finish().unwrap(), &pack(&[LEASES])).await;
    assert_eq!(run.findings.len(), 1);
    let finding = &run.findings[0];
    assert_eq!(
        (finding.organisation.as_str(), finding.kind),
        ("B", FindingKind::Violation)
    );
    assert_eq!(
        (
            finding.params[0].source.as_str(),
            finding.params[0].basis.as_str()
        ),
        ("street", "街道文件")
    );
    assert!(!finding.placeholder);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_stop_what_does_not_end() {
    let mut database = Database::new(Arc::new(Default::default()));
    load_tables(&mut database, &snapshot(false)).unwrap();
    let limits = Limits {
        timeout: Duration::from_secs(1),
        memory_bytes: 64 << 20,
        max_rows: 10,
        partitions: 2,
    };
    let endless =
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r";
    let error = database.query(endless, &limits).await.unwrap_err();
    assert!(
        matches!(error, QueryError::Timeout(_) | QueryError::Memory),
        "{error}"
    );
    let wide = "SELECT unnest(generate_series(1, 100))";
    assert_eq!(
        database.query(wide, &limits).await.unwrap_err(),
        QueryError::TooMany(10)
    );
    for sql in [
        "SELECT now()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM nowhere",
    ] {
        assert!(
            matches!(
                database.query(sql, &limits).await,
                Err(QueryError::Fence(_))
            ),
            "{sql}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_and_text_work_in_sql() {
    let mut database = Database::new(Arc::new(Default::default()));
    load_tables(&mut database, &snapshot(false)).unwrap();
    let check = |sql: &'static str| {
        let database = database.clone();
        async move {
            let result = database
                .query(sql, &Limits::default())
                .await
                .map_err(|e| format!("{sql}: {e}"))
                .unwrap();
            let columns = result
                .schema
                .fields()
                .iter()
                .map(|f| f.name().clone())
                .collect();
            let rows = super::tables::cell::Rows::read(columns, &result.batches).unwrap();
            rows.rows
                .iter()
                .map(|r| r.iter().map(|c| c.machine()).collect::<Vec<_>>().join(","))
                .collect::<Vec<_>>()
                .join("|")
        }
    };
    assert_eq!(check("SELECT add_months(DATE '2024-01-31', 1), months_between(DATE '2024-01-31', DATE '2024-02-29')").await, "2024-02-29,1");
    assert_eq!(
        check(
            "SELECT working_days(DATE '2024-03-01', DATE '2024-03-04'), valid_date('2023-02-29')"
        )
        .await,
        "1,false"
    );
    assert_eq!(check("SELECT count(*) FROM contract WHERE counterparty LIKE '甲%' OR regexp_like(counterparty, '^乙') OR norm_name(counterparty) = norm_name('丙商贸有限公司')").await, "3");
    assert_eq!(check("SELECT first_digit(annual_rent), last_two(annual_rent), similarity(counterparty, '甲商贸') FROM contract WHERE contract_no = 'HT-1'").await, "1,0,100");
    assert_eq!(check("SELECT rolling_sum(debit, date, 32) OVER (PARTITION BY organisation ORDER BY date) FROM entry WHERE debit > 0 ORDER BY date").await, "100.00|200.00|150.00");
    assert_eq!(
        check("SELECT due_date, due FROM rent_due WHERE contract_no = 'HT-1' ORDER BY seq").await,
        "2024-01-01,100.00|2024-02-01,100.00|2024-03-01,100.00"
    );
    assert_eq!(check("SELECT count(*) FROM entry e JOIN account a ON e.organisation = a.organisation AND e.account = a.code WHERE a.tag = 'bank'").await, "3");
}
