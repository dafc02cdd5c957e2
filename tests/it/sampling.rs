//! `sanzi sample`: drawn the same again, filled, evaluated, checked.

use std::path::Path;

use sanzi::ledger::post::post;
use sanzi::model::Voucher;
use sanzi::store::{Store, batch};

use crate::command_line::{sanzi, stderr};
use crate::support::{chart, now, stores, voucher};

const PAPER: &str = "抽样底稿.csv";

fn run(folder: &Path, line: &str, exit: i32) -> String {
    let args: Vec<&str> = line.split_whitespace().collect();
    let output = sanzi(folder, &args);
    let errors = stderr(&output);
    assert_eq!(output.status.code(), Some(exit), "{line}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// So many vouchers of expenses: voucher n is of n² × 10 元, every tenth in red.
fn expenses(count: u32) -> Vec<Voucher> {
    let one = |n: u32| {
        let sign = if n.is_multiple_of(10) { -1 } else { 1 };
        let amount = sign * i64::from(n * n) * 1_000;
        voucher(
            2024,
            1 + n % 12,
            n,
            &[("5602", amount, 0), ("1001", 0, amount)],
        )
    };
    (1..=count).map(one).collect()
}

async fn add(store: &Store, vouchers: &[Voucher]) {
    let transaction = store.begin().await.unwrap();
    let batch_id = batch::open(&transaction, "test", now()).await.unwrap();
    let vouchers: Vec<&Voucher> = vouchers.iter().collect();
    let chart = chart();
    let posted = post(&transaction, batch_id, "A01", &chart, "测试", &vouchers);
    posted.await.unwrap();
    transaction.commit().await.unwrap();
}

fn draw(url: &str, rest: &str) -> String {
    format!(
        "sample draw --db {url} --org A01 --period 2024-01..2024-12 --account 5602 --seed 甲 {rest}"
    )
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Fills the working paper: `audited` gives the amount found right in 分, from number and book amount in 分.
fn fill(folder: &Path, audited: impl Fn(usize, i64) -> i64) {
    let text = std::fs::read_to_string(folder.join(PAPER)).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    for (number, record) in (1..).zip(reader.records().map(Result::unwrap)) {
        let book: i64 = record[10].replace('.', "").parse().unwrap();
        let right = audited(number, book);
        let sign = if right < 0 { "-" } else { "" };
        let yuan = format!("{sign}{}.{:02}", right.abs() / 100, right.abs() % 100);
        let mut cells: Vec<&str> = record.iter().collect();
        cells[11] = &yuan;
        cells[12] = if right == book { "" } else { "单据不符" };
        writer.write_record(cells).unwrap();
    }
    std::fs::write(folder.join(PAPER), writer.into_inner().unwrap()).unwrap();
}

#[tokio::test]
async fn a_sample_is_the_same_on_every_database_and_whatever_the_order_of_the_rows() {
    let mut drawn = Vec::new();
    let (mut forward, mut backward) = (expenses(60), expenses(60));
    backward.reverse();
    forward.rotate_left(7);
    for vouchers in [forward, backward] {
        for made in stores().await {
            add(&made.store, &vouchers).await;
            let folder = tempfile::tempdir().unwrap();
            for (method, out) in [
                ("--method mus --interval 20000", "a"),
                ("--method stratified --bounds 1000,10000 --size 12", "b"),
                ("--method top --top 5 --size 4", "c"),
            ] {
                run(
                    folder.path(),
                    &draw(&made.url, &format!("{method} --out {out}")),
                    0,
                );
            }
            let items = ["a", "b", "c"].map(|out| {
                let sample = json(&folder.path().join(out).join("sample.json"));
                (
                    sample["items"].clone(),
                    sample["strata"].clone(),
                    sample["population"]["digest"].clone(),
                )
            });
            drawn.push(items);
            made.store.close().await.unwrap();
        }
    }
    assert!(drawn.windows(2).all(|w| w[0] == w[1]));
    let [mus, stratified, top] = &drawn[0];
    // Every item of at least the interval of 20 000 元 (n ≥ 45, not red) is in the sample.
    let large = (45..=60).filter(|n| n % 10 != 0).count() as u64;
    assert_eq!(mus.1[0]["count"], large);
    assert_eq!(mus.1[0]["sampled"], large);
    assert!(
        mus.0
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["amount"].as_i64() > Some(0))
    );
    let sampled: i64 = (0..3)
        .map(|i| stratified.1[i]["sampled"].as_i64().unwrap())
        .sum();
    assert_eq!(sampled, 12);
    let greatest: Vec<i64> = top.0.as_array().unwrap()[..5]
        .iter()
        .map(|i| i["amount"].as_i64().unwrap().abs())
        .collect();
    let mut sorted = greatest.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [56, 57, 58, 59, 60].map(|n: i64| n * n * 1_000));
}

#[tokio::test]
async fn a_monetary_unit_sample_is_filled_and_evaluated() {
    let made = crate::support::sqlite().await;
    add(&made.store, &expenses(60)).await;
    made.store.clone().close().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let said = run(
        at,
        &draw(&made.url, "--method mus --interval 20000 --out a"),
        0,
    );
    assert!(said.contains("金额为零或负(红字)"), "{said}");
    let sample = json(&at.join("a/sample.json"));
    let population = &sample["population"];
    assert_eq!(
        (&population["count"], &population["unreachable_count"]),
        (&60.into(), &6.into())
    );
    let total: i64 = expenses(60).iter().map(|v| v.entries[0].debit.0).sum();
    assert_eq!(
        (&population["total"], &sample["currency_unit"]),
        (&total.into(), &"分".into())
    );
    // Unfilled is not evaluated; a clean one leaves the basic precision: 2.995733 × 20 000.
    fill(&at.join("a"), |_, book| book);
    let evaluate = "sample evaluate a --format json";
    let clean: serde_json::Value = serde_json::from_str(&run(at, evaluate, 0)).unwrap();
    assert_eq!(clean["bound"]["over"]["upper"], 5_991_466);
    assert_eq!(clean["errors"].as_array().unwrap().len(), 0);
    // The last item drawn is below the interval; half of it is wrong: 10 000 projected.
    let last = sample["items"].as_array().unwrap().len();
    fill(
        &at.join("a"),
        |number, book| if number == last { book / 2 } else { book },
    );
    let half: serde_json::Value = serde_json::from_str(&run(at, evaluate, 0)).unwrap();
    let over = &half["bound"]["over"];
    assert_eq!(
        (&over["projected"], &over["errors"]),
        (&1_000_000.into(), &1.into())
    );
    assert!(over["upper"].as_i64() > Some(5_991_466 + 1_740_000));
    let text = run(at, "sample evaluate a --tolerable 10000 --confidence 90", 0);
    assert!(
        text.contains("超过可容忍错报") && text.contains("单据不符"),
        "{text}"
    );
    // As a Chinese spreadsheet saves it.
    let utf8 = std::fs::read_to_string(at.join("a").join(PAPER)).unwrap();
    let (gbk, _, _) = encoding_rs::GBK.encode(&utf8);
    std::fs::write(at.join("filled.csv"), gbk).unwrap();
    let other: serde_json::Value =
        serde_json::from_str(&run(at, &format!("{evaluate} --paper filled.csv"), 0)).unwrap();
    assert_eq!(other, half);
}

#[tokio::test]
async fn a_stratified_sample_estimates_the_total() {
    let made = crate::support::sqlite().await;
    add(&made.store, &expenses(60)).await;
    made.store.clone().close().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let total: i64 = expenses(60).iter().map(|v| v.entries[0].debit.0).sum();
    for method in [
        "--method stratified --bounds 1000,10000 --sizes 5,10,20",
        "--method top --top 10 --size 10 --unit voucher",
    ] {
        let out = format!("x{}", method.len());
        run(at, &draw(&made.url, &format!("{method} --out {out}")), 0);
        // One tenth too much everywhere: the ratio says so, with no doubt left.
        fill(&at.join(&out), |_, book| book / 10 * 9);
        let line = format!("sample evaluate {out} --format json");
        let result: serde_json::Value = serde_json::from_str(&run(at, &line, 0)).unwrap();
        let estimates = &result["estimates"];
        assert_eq!(estimates["book"], total);
        assert_eq!(estimates["ratio"]["error"], total / 10);
        assert!(estimates["ratio"]["margin"].as_i64() <= Some(1), "{result}");
        assert!(
            estimates["mean"]["margin"].as_i64() > Some(1_000),
            "{result}"
        );
    }
}

#[tokio::test]
async fn a_check_says_whether_the_same_comes_out_and_what_has_changed() {
    for made in stores().await {
        add(&made.store, &expenses(60)).await;
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        run(
            at,
            &draw(&made.url, "--method top --top 3 --size 5 --out a"),
            0,
        );
        let check = format!("sample check a --db {}", made.url);
        let same = run(at, &check, 0);
        assert!(
            same.contains("凭证链:与抽样时相同") && same.contains("与原样本相同"),
            "{same}"
        );
        // A later month does not touch the population.
        add(
            &made.store,
            &[voucher(2025, 1, 1, &[("5602", 500, 0), ("1001", 0, 500)])],
        )
        .await;
        let grown = run(at, &check, 0);
        assert!(
            grown.contains("追加了 1 张") && grown.contains("总体:没有变动"),
            "{grown}"
        );
        // A greater one within the period does.
        add(
            &made.store,
            &[voucher(
                2024,
                3,
                900,
                &[("5602", 99_000_000, 0), ("1001", 0, 99_000_000)],
            )],
        )
        .await;
        let other = run(at, &check, 1);
        assert!(
            other.contains("总体:已变动") && other.contains("原样本没有、重抽有:2024-03-记-0900#1"),
            "{other}"
        );
        // Another seed is another sample.
        let path = at.join("a/sample.json");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"seed\": \"甲\"", "\"seed\": \"乙\"")).unwrap();
        assert!(run(at, &check, 1).contains("重抽:与原样本不同"));
    }
}
