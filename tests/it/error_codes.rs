//! Every code of the program that is not the reader's (those have broken hand-ins): how it comes about, and that what the
//! user sees begins with it. The codes shown here and those of the source are the same set.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use sanzi::access::login::TRIES;
use sanzi::access::password::Hasher;
use sanzi::access::user::Profile;
use sanzi::access::{Scope, first};
use sanzi::audit::AuditError;
use sanzi::audit::suppression::SuppressionError;
use sanzi::generate::GenerateError;
use sanzi::ledger::post::post;
use sanzi::model::{Chart, Role, Voucher};
use sanzi::pack::Pack;
use sanzi::report::ReportError;
use sanzi::store::{Store, StoreError, batch};
use sanzi::web::auditor::{COMMAND, Order};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::command_line::{sanzi, stderr};
use crate::docs::codes_of_the_source;
use crate::support::{chart, now, voucher};
use crate::workspace::{House, PASSWORD, encoded, login_of};

/// Runs a line of arguments; the refusal must begin with the code and end with the exit code.
fn refused(folder: &Path, line: &str, exit: i32, code: &str) {
    let output = sanzi(folder, &line.split_whitespace().collect::<Vec<_>>());
    check(&output, line, exit, code);
}

fn done(folder: &Path, line: &str) {
    let output = sanzi(folder, &line.split_whitespace().collect::<Vec<_>>());
    assert!(output.status.success(), "{line}: {}", stderr(&output));
}

fn check(output: &std::process::Output, line: &str, exit: i32, code: &str) {
    let text = stderr(output);
    let refusal = text.lines().find(|l| l.contains(code)).unwrap_or_default();
    let refusal = refusal.trim_start().trim_start_matches("错误 ");
    assert!(refusal.starts_with(code), "{line}: {code}: {text}");
    assert_eq!(output.status.code(), Some(exit), "{line}: {text}");
    assert!(!text.contains("panicked"), "{line}: {text}");
}

/// The same for what is listed on standard output: for each code a line must begin with it.
fn listed(folder: &Path, line: &str, codes: &[&str]) {
    let output = sanzi(folder, &line.split_whitespace().collect::<Vec<_>>());
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    for code in codes {
        let mark = format!("错误 {code} ");
        assert!(
            text.lines().any(|l| l.starts_with(&mark)),
            "{line}: {code}: {text}{}",
            stderr(&output)
        );
    }
    assert_eq!(output.status.code(), Some(3), "{line}: {text}");
}

/// A folder with a small book of A01 in `x.db`.
struct Books {
    folder: tempfile::TempDir,
}

impl Books {
    async fn small() -> Books {
        let entries = [("1001", 100, 0), ("5001", 0, 100)];
        let vouchers = [voucher(2024, 1, 1, &entries), voucher(2024, 2, 1, &entries)];
        Books::of(&chart(), &vouchers).await
    }

    async fn of(chart: &Chart, vouchers: &[Voucher]) -> Books {
        let folder = tempfile::tempdir().unwrap();
        let books = Books { folder };
        let store = Store::open(&books.url()).await.unwrap();
        let transaction = store.begin().await.unwrap();
        let batch_id = batch::open(&transaction, "test", now()).await.unwrap();
        let vouchers: Vec<&Voucher> = vouchers.iter().collect();
        let posted = post(&transaction, batch_id, "A01", chart, "测试", &vouchers);
        posted.await.unwrap();
        transaction.commit().await.unwrap();
        store.close().await.unwrap();
        books
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.path().join("x.db").display())
    }

    /// The database behind the program's back.
    async fn raw(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url());
        options.max_connections(1);
        Database::connect(options).await.unwrap()
    }
}

const DB: &str = "--db sqlite://x.db --org A01";

#[tokio::test]
async fn store() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("file"), "x").unwrap();
    refused(at, "verify --db mysql://x", 3, "存储-1001");
    refused(at, "verify --db sqlite://file/x.db", 3, "存储-1002");
    let books = Books::small().await;
    let other = format!("sqlite://{}?mode=rwc", at.join("other.db").display());
    let foreign = Database::connect(other).await.unwrap();
    let table = "CREATE TABLE voucher (x TEXT)";
    foreign.execute_unprepared(table).await.unwrap();
    refused(at, "verify --db sqlite://other.db", 4, "存储-1003");
    let raw = books.raw().await;
    let drop = "DROP TABLE period_lock";
    raw.execute_unprepared(drop).await.unwrap();
    let close = "close A01 2024-01 --db sqlite://x.db --by 主管甲";
    refused(books.path(), close, 4, "存储-1004");
}

#[tokio::test]
async fn a_store_in_use() {
    let books = Books::small().await;
    let (first, second) = (books.raw().await, books.raw().await);
    // The program waits for half a minute; here nobody has that long.
    second
        .execute_unprepared("PRAGMA busy_timeout = 0")
        .await
        .unwrap();
    first.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    let error = second
        .execute_unprepared("BEGIN IMMEDIATE")
        .await
        .unwrap_err();
    let error = StoreError::from(error);
    assert!(matches!(error, StoreError::Busy), "{error}");
    assert!(error.to_string().starts_with("存储-1005 "));
}

#[tokio::test]
async fn keys_of_identifiers() {
    let folder = tempfile::tempdir().unwrap();
    let street = crate::hand_in::fixture("broken/导入-1047");
    let import = |envs: &[(&str, &str)]| {
        let mut command = assert_cmd::Command::cargo_bin("sanzi").unwrap();
        command
            .current_dir(folder.path())
            .env_remove("SANZI_ID_KEY");
        command
            .envs(envs.iter().copied())
            .arg("import")
            .arg(&street);
        command.args(["--org", "C01", "--db", "sqlite://x.db"]);
        command.output().unwrap()
    };
    import(&[("SANZI_ID_KEY", "a")]);
    let output = import(&[("SANZI_ID_KEY", "b")]);
    check(&output, "import", 3, "存储-1006");
    std::fs::write(folder.path().join("config"), "no folder").unwrap();
    let output = import(&[("XDG_CONFIG_HOME", "config")]);
    check(&output, "import", 4, "存储-1007");
}

#[tokio::test]
async fn ledger() {
    let books = Books::small().await;
    let reverse = |voucher: &str, date: &str| {
        format!("reverse {DB} --voucher {voucher} --date {date} --maker 会计甲 --reason 记错")
    };
    let period = "--period 2024-01";
    let at = books.path();
    let unknown = format!("trial-balance --db sqlite://x.db --org ZZ {period}");
    refused(at, &unknown, 3, "账本-1001");
    refused(
        at,
        &format!("ledger {DB} --account 9999 {period}"),
        3,
        "账本-1002",
    );
    refused(
        at,
        &reverse("2024-01-记-0009", "2024-03-01"),
        3,
        "账本-1003",
    );
    let first = reverse("2024-01-记-0001", "2024-03-01");
    done(at, &first);
    refused(at, &first, 3, "账本-1005");
    done(at, "close A01 2024-01 --db sqlite://x.db --by 主管甲");
    refused(
        at,
        &reverse("2024-02-记-0001", "2024-01-31"),
        3,
        "账本-2003",
    );
}

#[test]
fn batches() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let street = crate::hand_in::fixture("chart_change/CC01");
    let import = format!("import {} --org CC01 --db sqlite://x.db", street.display());
    done(at, &import);
    let undo = |batch: u32, reason: &str| {
        format!("import undo {batch} --db sqlite://x.db --by 会计甲 --reason {reason}")
    };
    refused(at, &undo(9, "导错"), 3, "账本-3012");
    let blank = [
        "import",
        "undo",
        "1",
        "--db",
        "sqlite://x.db",
        "--by",
        " ",
        "--reason",
        "x",
    ];
    check(&sanzi(at, &blank), "undo", 3, "账本-3016");
    let reverse = "reverse --db sqlite://x.db --org CC01 --voucher 2024-02-记-0001 --date 2024-12-31 --maker 会计甲 --reason 记错";
    done(at, reverse);
    refused(at, &undo(1, "导错"), 3, "账本-3015");
    done(at, &undo(2, "冲错"));
    done(at, &undo(1, "导错"));
    refused(at, &undo(1, "导错"), 3, "账本-3013");
    refused(at, &undo(3, "导错"), 3, "账本-3014");
    done(at, &import);
    let list = sanzi(at, &["import", "list", "--db", "sqlite://x.db"]);
    let text = String::from_utf8(list.stdout).unwrap();
    assert!(
        text.contains("撤销了批次 1") && text.contains("原因:导错"),
        "{text}"
    );
}

#[test]
fn change_of_charts() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let street = crate::hand_in::fixture("chart_change")
        .display()
        .to_string();
    done(at, &format!("import {street} --db sqlite://x.db"));
    let line = |org: &str, more: &str| format!("{more} --db sqlite://x.db --org {org}");
    refused(
        at,
        &line("CC02", "trial-balance --period 2024-12"),
        3,
        "账本-3010",
    );
    let both = "trial-balance --period 2023-12..2024-01";
    refused(at, &line("CC01", both), 3, "账本-3011");
    refused(
        at,
        &line("CC01", "chart-change --year 2023"),
        3,
        "账本-3017",
    );
    refused(
        at,
        &line("CC01", "chart-change --year 2024"),
        1,
        "报表-2001",
    );
    write_rules(at);
    let map = at.join("rules/charts/map_2004_to_2023.csv");
    std::fs::remove_file(map).unwrap();
    let without = line("CC01", "--rules rules chart-change --year 2024");
    refused(at, &without, 3, "账本-3018");
    let carry = |org: &str, to: &str| {
        line(
            org,
            &format!("chart-change --year 2024 --carry --by 会计甲 {to}"),
        )
    };
    refused(at, &carry("CC01", ""), 3, "账本-3019");
    refused(at, &carry("CC02", ""), 3, "账本-3020");
    refused(at, &carry("CC02", "--to 212=999"), 3, "账本-3022");
    done(at, &carry("CC02", "--to 212=311"));
    done(at, &line("CC02", "trial-balance --period 2024-12"));
    // A year whose income was never carried to profit.
    let open = crate::hand_in::fixture("chart_change/CC02");
    let copy = at.join("open");
    std::fs::create_dir(&copy).unwrap();
    for file in ["凭证2023.csv", "凭证2024.csv", "期初余额.csv"] {
        let text = std::fs::read_to_string(open.join(file)).unwrap();
        let kept = text.lines().filter(|l| !l.contains("结转"));
        std::fs::write(copy.join(file), kept.collect::<Vec<_>>().join("\n")).unwrap();
    }
    done(at, "import open --org CC03 --db sqlite://x.db");
    refused(at, &carry("CC03", "--to 212=311"), 3, "账本-3021");
}

#[tokio::test]
async fn sums_beyond_64_bits() {
    // The database takes no such amounts; it would need a million entries at its bound.
    let books = Books::small().await;
    let raw = books.raw().await;
    crate::ledger::disable_guards(&raw, true).await;
    for table in ["entry", "account_balance"] {
        let sql = format!("UPDATE {table} SET debit = {} WHERE debit > 0", i64::MAX);
        raw.execute_unprepared(&sql).await.unwrap();
    }
    let balance = format!("trial-balance {DB} --period 2024-01..2024-02");
    refused(books.path(), &balance, 3, "账本-1004");
    refused(books.path(), "audit sqlite://x.db --out a", 3, "审计-2001");
}

#[tokio::test]
async fn a_database_changed_by_hand() {
    let books = Books::small().await;
    done(books.path(), SET);
    let raw = books.raw().await;
    for (sql, code) in [
        ("UPDATE voucher SET maker = 'x'", "账本-2001"),
        ("DELETE FROM entry", "账本-2002"),
        ("UPDATE book SET length = 1", "账本-2005"),
        ("UPDATE book SET length = 9", "账本-2006"),
        ("DELETE FROM parameter", "账本-2010"),
    ] {
        let error = StoreError::from(raw.execute_unprepared(sql).await.unwrap_err());
        assert!(error.to_string().starts_with(code), "{sql}: {error}");
    }
    crate::ledger::disable_guards(&raw, true).await;
    let sql = "UPDATE voucher SET source_row = -1 WHERE position = 2";
    raw.execute_unprepared(sql).await.unwrap();
    refused(books.path(), "audit sqlite://x.db --out a", 3, "账本-1006");
}

const SET: &str = "params set F-003.cash_limit 8000 --from 2024-01-01 --basis 会议纪要 --approver 主任甲 --db sqlite://x.db";

#[tokio::test]
async fn parameters() {
    let books = Books::small().await;
    let at = books.path();
    let with = |old: &str, new: &str| SET.replace(old, new);
    refused(at, &with("cash_limit", "limit"), 3, "参数-1001");
    refused(
        at,
        &with("F-003.cash_limit", "C-001.max_years"),
        3,
        "参数-1002",
    );
    refused(at, &with("8000", "很多"), 3, "参数-1003");
    refused(at, &format!("{SET} --org ZZ"), 3, "参数-1004");
    let blank = [
        "params",
        "set",
        "F-003.cash_limit",
        "1",
        "--from",
        "2024-01-01",
        "--basis",
        " ",
    ];
    let rest = ["--approver", "主任甲", "--db", "sqlite://x.db"];
    let output = sanzi(at, &[&blank[..], &rest].concat());
    check(&output, "params set", 3, "参数-1005");
    refused(at, &format!("{SET} --to 2023-01-01"), 3, "参数-1006");
    refused(at, "params --db sqlite://x.db --org ZZ", 3, "参数-1004");
    refused(
        at,
        "rules explain F-003 --db sqlite://x.db --org ZZ",
        3,
        "参数-1004",
    );
}

#[tokio::test]
async fn sampling() {
    let books = Books::small().await;
    let at = books.path();
    let line = |rest: &str| format!("sample draw {DB} --period 2024-01..2024-02 {rest}");
    std::fs::create_dir(at.join("full")).unwrap();
    std::fs::write(at.join("full/x"), "x").unwrap();
    std::fs::write(at.join("file"), "x").unwrap();
    let mus = "--method mus --interval 0.5";
    refused(at, &line(&format!("{mus} --out full")), 3, "抽样-1001");
    refused(at, &line(&format!("{mus} --out file/a")), 3, "抽样-1002");
    refused(at, "sample evaluate nowhere", 3, "抽样-1003");
    let none = line(&format!("{mus} --out a --account 5602"));
    refused(at, &none, 3, "抽样-1004");
    refused(at, &line("--method mus --out a"), 3, "抽样-1005");
    refused(
        at,
        &line("--method mus --interval 0.5 --start 9 --out a"),
        3,
        "抽样-1005",
    );
    done(at, &line(&format!("{mus} --out a")));
    let paper = at.join("a/抽样底稿.csv");
    let empty = std::fs::read_to_string(&paper).unwrap();
    refused(at, "sample evaluate a", 3, "抽样-1007");
    for (old, new, code) in [
        (",1.00,,", ",2.00,2.00,", "抽样-1006"),
        (",1.00,,", ",1.00,一元,", "抽样-1008"),
        ("审定金额", "金额", "抽样-1006"),
    ] {
        std::fs::write(&paper, empty.replace(old, new)).unwrap();
        refused(at, "sample evaluate a", 3, code);
    }
    // Of one 分 a hundred thousand million 元 were right: no bound of it fits into 64 bits.
    let sample = at.join("a/sample.json");
    let text = std::fs::read_to_string(&sample).unwrap();
    let text = text.replace("\"amount\": 100", "\"amount\": 1");
    let text = text.replace("\"interval\": 50", "\"interval\": 9000000000000");
    std::fs::write(&sample, text.replace("\"stratum\": 0", "\"stratum\": 1")).unwrap();
    let filled = empty.replace(",1.00,,", ",0.01,99999999999.00,");
    std::fs::write(&paper, filled).unwrap();
    refused(at, "sample evaluate a", 3, "抽样-1009");
}

#[tokio::test]
async fn closing() {
    let books = Books::small().await;
    let at = books.path();
    let close = |months: &str| format!("close A01 {months} --db sqlite://x.db --by 主管甲");
    let reopen = |month: &str, by: &str| {
        format!(
            "reopen A01 {month} --db sqlite://x.db --by 主管甲 --approved-by {by} --reason 补记"
        )
    };
    refused(at, &close("2024-02"), 3, "结账-1002");
    done(at, &close("2024-01"));
    refused(at, &reopen("2024-02", "主管乙"), 3, "账本-3002");
    done(at, &close("2024-02"));
    refused(at, &reopen("2024-01", "主管乙"), 3, "账本-3001");
    refused(at, &reopen("2024-02", "主管甲"), 3, "账本-3003");
    refused(at, &close("2024-03..2024-12"), 3, "结账-1006");
    let raw = books.raw().await;
    let again = "INSERT INTO period_event (organisation, year, month, event, at, by_whom, length, head) \
                 SELECT organisation, year, month, 'closed', at, by_whom, length, head FROM period_event WHERE month = 2";
    for (sql, code) in [
        (again, "账本-2007"),
        ("DELETE FROM period_lock", "账本-2008"),
    ] {
        let error = StoreError::from(raw.execute_unprepared(sql).await.unwrap_err());
        assert!(error.to_string().starts_with(code), "{sql}: {error}");
    }
    crate::ledger::disable_guards(&raw, true).await;
    let sql = "UPDATE voucher SET maker = 'x' WHERE position = 1";
    raw.execute_unprepared(sql).await.unwrap();
    refused(at, &close("2024-12"), 3, "结账-1001");
}

/// Months that what was handed in keeps open.
#[tokio::test]
async fn obstacles_of_closing() {
    let entries = [("1001", 100, 0), ("5001", 0, 100)];
    let gap = [voucher(2024, 1, 1, &entries), voucher(2024, 1, 3, &entries)];
    let books = Books::of(&chart(), &gap).await;
    let close = "close A01 2024-01 --db sqlite://x.db --by 主管甲";
    refused(books.path(), close, 3, "结账-1004");
    let mut chart = chart();
    let mut odd = chart.accounts["1001"].clone();
    odd.code = "8888".into();
    chart.accounts.insert(odd.code.clone(), odd);
    let outside = [("8888", 70, 0), ("5001", 0, 70)];
    let books = Books::of(&chart, &[voucher(2024, 1, 1, &outside)]).await;
    refused(books.path(), close, 3, "结账-1007");
    let statements = format!("statements {DB} --period 2024-01");
    refused(books.path(), &statements, 1, "报表-2001");
    let folder = tempfile::tempdir().unwrap();
    for (fixture, code) in [("导入-1032", "结账-1005"), ("导入-1021", "结账-1003")] {
        let path = crate::hand_in::fixture(&format!("broken/{fixture}"));
        let db = format!("--db sqlite://{fixture}.db");
        let import = format!("import {} --org C01 --quarantine {db}", path.display());
        done(folder.path(), &import);
        let close = format!("close C01 2024-01..2024-12 {db} --by 主管甲");
        refused(folder.path(), &close, 3, code);
    }
}

#[tokio::test]
async fn statements() {
    let books = Books::small().await;
    let at = books.path();
    let line = |more: &str| format!("statements {DB} {more}");
    refused(at, &line("--period 2024-01..2025-02"), 3, "报表-1003");
    refused(at, &line("--period 2023-01"), 3, "报表-1004");
    let drill = line("--period 2024-01 --kind balance-sheet --drill 999");
    refused(at, &drill, 3, "报表-1005");
    let with_rules = line("--period 2024-01 --rules rules");
    write_rules(at);
    let file = |name: &str| at.join("rules/statements").join(name);
    std::fs::remove_file(file("ageing.toml")).unwrap();
    refused(at, &with_rules, 3, "报表-1007");
    write_rules(at);
    std::fs::write(file("small_enterprise.toml"), "[[").unwrap();
    refused(at, &with_rules, 3, "报表-1002");
    std::fs::remove_file(file("small_enterprise.toml")).unwrap();
    refused(at, &with_rules, 3, "报表-1001");
    let raw = books.raw().await;
    crate::ledger::disable_guards(&raw, true).await;
    for table in ["entry", "account_balance"] {
        let sql = format!("UPDATE {table} SET debit = {} WHERE debit > 0", i64::MAX);
        raw.execute_unprepared(&sql).await.unwrap();
    }
    refused(at, &line("--period 2024-02"), 3, "报表-1008");
    for table in ["book", "chart_year"] {
        let sql = format!("UPDATE {table} SET standard = 'x'");
        raw.execute_unprepared(&sql).await.unwrap();
    }
    refused(at, &line("--period 2024-02"), 3, "报表-1006");
}

/// A book with one finding of A01, absorbed; its number.
async fn reviewed(books: &Books) -> String {
    let store = Store::open(&books.url()).await.unwrap();
    let hit = crate::review::hit("A01", "HT-1", 100);
    let looked = crate::review::looked(&["A01"]);
    crate::review::run(&store, &looked, std::slice::from_ref(&hit), "2026-03-02").await;
    store.close().await.unwrap();
    crate::review::number(&hit)
}

#[tokio::test]
async fn review() {
    let books = Books::small().await;
    let at = books.path();
    let id = reviewed(&books).await;
    let line = |user: &str, role: &str, rest: &str| {
        format!("review {id} --db sqlite://x.db --as {user} --role {role} {rest}")
    };
    let (supervisor, reviewer) = ("街道监管员", "街道复核人");
    let by = |rest: &str| line("甲", supervisor, rest);
    let company = |rest: &str| line("丙", "公司负责人", &format!("--of A01 {rest}"));
    std::fs::write(at.join("empty.pdf"), "").unwrap();
    std::fs::write(at.join("full.pdf"), "x").unwrap();
    for (line, code) in [
        (by("--to 结案"), "核查-1003"),
        (by("--to 已销号 --reason x"), "核查-1004"),
        (line("乙", reviewer, "--to 待核"), "核查-1005"),
        (by("--to 误报"), "核查-1007"),
        (by("--to 误报 --reason x --attach empty.pdf"), "核查-1015"),
        (by("--to 误报 --reason x --attach nowhere.pdf"), "核查-1015"),
        (company("--record 答复"), "核查-1002"),
        (by("--record 答复"), "核查-1016"),
        (by("--record 备注"), "核查-1018"),
    ] {
        refused(at, &line, 3, code);
    }
    let nobody = [
        "review",
        &id,
        "--db",
        "sqlite://x.db",
        "--as",
        " ",
        "--role",
        "只读",
        "--to",
        "待核",
    ];
    check(&sanzi(at, &nobody), "nobody", 3, "核查-1019");
    done(at, &by("--to 待核"));
    refused(
        at,
        &line("乙", reviewer, "--to 存查 --reason x"),
        3,
        "核查-1009",
    );
    done(at, &by("--to 已核实 --reason 属实"));
    done(at, &by("--to 取证"));
    refused(at, &by("--to 征求意见"), 3, "核查-1008");
    done(at, &by("--to 征求意见 --attach full.pdf"));
    let determine = |user: &str| line(user, reviewer, "--to 认定 --reason 违约");
    refused(at, &determine("乙"), 3, "核查-1010");
    done(at, &company("--record 答复 --disagree --text 已整改"));
    refused(at, &determine("甲"), 3, "核查-1006");
    done(at, &determine("乙"));
    refused(at, &by("--to 整改中"), 3, "核查-1011");
    done(at, &by("--to 整改中 --due 2099-12-31"));
    refused(
        at,
        &company("--to 待验收 --attach full.pdf"),
        3,
        "核查-1012",
    );
    refused(
        at,
        &line("乙", reviewer, "--record 批准延期"),
        3,
        "核查-1017",
    );
    refused(
        at,
        &company("--record 整改金额 --recovered=-1"),
        3,
        "核查-1018",
    );
    done(
        at,
        &company("--record 整改措施 --measure 重签 --lead 丁 --due 2099-06-30 --target 二十年"),
    );
    done(at, &company("--record 整改金额 --recovered 12.50"));
    done(at, &company("--to 待验收 --attach full.pdf"));
    let close = line("乙", reviewer, "--to 已销号 --reason 验收合格");
    refused(at, &close, 3, "核查-1013");
    done(at, &format!("{close} --exception 历史事实"));
    let show = format!("findings show {id} --db sqlite://x.db");
    let text = sanzi(at, &show.split(' ').collect::<Vec<_>>()).stdout;
    let text = String::from_utf8(text).unwrap();
    for part in [
        "认定 → 整改中",
        "已追回 12.50 元",
        "提出人:丙",
        "附件:full.pdf(1 字节",
        "例外:历史事实",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    refused(
        at,
        "findings show C-001-00000000 --db sqlite://x.db",
        3,
        "核查-1002",
    );
    done(at, "verify --db sqlite://x.db");
    write_rules(at);
    std::fs::write(at.join("rules/workflow/roles.toml"), "[nobody]").unwrap();
    refused(
        at,
        "--rules rules findings list --db sqlite://x.db",
        3,
        "核查-1001",
    );
    let stale = sanzi::review::ReviewError::Stale { number: id.clone() };
    assert!(stale.to_string().starts_with("核查-1014 "));
    let internal = sanzi::review::ReviewError::Internal("x".into());
    assert!(internal.to_string().starts_with("核查-1029 "));
}

/// `review::the_database_holds_what_must_hold` shows 核查-2001, 核查-2002, 核查-2003, 核查-2004, 核查-2005 and 核查-2006.
#[tokio::test]
async fn reviews_changed_by_hand() {
    let books = Books::small().await;
    let id = reviewed(&books).await;
    let raw = books.raw().await;
    crate::ledger::disable_guards(&raw, true).await;
    let audit = "INSERT INTO audit_run (digest, data_digest, pack_digest, program, as_of, scope, finished_at, outcome) \
                 SELECT digest, data_digest, pack_digest, program, as_of, scope, finished_at, 'x' FROM audit_run";
    raw.execute_unprepared(audit).await.unwrap();
    let line = "audit sqlite://x.db --rule C-001 --out a";
    refused(books.path(), line, 3, "核查-1021");
    raw.execute_unprepared("UPDATE review_event SET payload = 'x'")
        .await
        .unwrap();
    let line = format!("findings show {id} --db sqlite://x.db");
    refused(books.path(), &line, 3, "核查-1020");
    let output = sanzi(books.path(), &["verify", "--db", "sqlite://x.db"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains(&format!("核查链不符  第 1 条(事项 {id})")),
        "{text}"
    );
}

#[tokio::test]
async fn supervision() {
    let books = Books::small().await;
    let at = books.path();
    refused(at, "plan show 2025-001 --db sqlite://x.db", 3, "监督-1002");
    let decide = "plan decide 2025-001 approve --db sqlite://x.db --as 甲";
    refused(at, decide, 3, "监督-1002");
    done(at, "plan list --db sqlite://x.db");
    write_rules(at);
    std::fs::write(at.join("rules/supervision/steps.toml"), "[[").unwrap();
    let list = "--rules rules plan list --db sqlite://x.db";
    refused(at, list, 3, "监督-1001");
}

/// The built-in rule pack as a folder.
pub fn write_rules(folder: &Path) {
    let pack = Pack::embedded();
    for file in pack.files("") {
        let path = folder.join("rules").join(&file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, pack.bytes(&file).unwrap()).unwrap();
    }
}

#[test]
fn audit_and_rules() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    refused(at, "rules explain Z-999", 3, "审计-2003");
    refused(at, "audit sqlite://empty.db --out a", 3, "审计-2004");
    refused(at, "--rules nowhere rules list", 3, "规则-1001");
    std::fs::write(at.join("file"), "x").unwrap();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let line = format!("export {street} --db sqlite://x.db --out file/a");
    refused(at, &line, 3, "审计-2005");
    write_rules(at);
    let pack = Pack::embedded();
    let rules = pack.files("audit/");
    let rule = rules.iter().find(|f| f.ends_with(".toml")).unwrap();
    std::fs::write(at.join("rules").join(rule), "id = ").unwrap();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let line = format!("--rules rules audit {street} --out a");
    refused(at, &line, 3, "审计-2002");
    let internal = AuditError::Internal("x".into());
    assert!(internal.to_string().starts_with("审计-2009 "));
}

#[test]
fn the_lock_of_a_pack() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    refused(at, "rules lock", 3, "用法-1008");
    write_rules(at);
    done(at, "rules lock --rules rules");
    let change = |file: &str, from: &str, to: &str| {
        let path = at.join("rules").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    let pack = Pack::embedded();
    let (rules, marts) = (pack.files("audit/"), pack.files("marts/"));
    let rule = rules.iter().find(|f| f.ends_with(".toml")).unwrap();
    change(rule, "title = \"", "title = \"又");
    listed(at, "rules lock --rules rules", &["规则-1002"]);
    change("audit/pack.lock", "mart ", "view ");
    change(&marts[0], "-- version 1\n", "");
    let codes = ["规则-1002", "规则-1003", "规则-1004", "规则-1005"];
    listed(at, "rules check --rules rules", &codes);
}

#[test]
fn suppression() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    done(
        at,
        &format!("audit {street} --rule C-001 --db sqlite://x.db --out a"),
    );
    let text = std::fs::read_to_string(at.join("a/findings.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = json["findings"][0]["number"].as_str().unwrap();
    let line = |finding: &str, until: &str, approved_by: &str| {
        format!(
            "suppress add {finding} --reason 理由 --document 文件 --until {until} --by 甲 --approved-by {approved_by} --db sqlite://x.db"
        )
    };
    refused(at, &line("C-001-x", "2999-12-31", "乙"), 3, "压制-1001");
    refused(at, &line(number, "2999-12-31", "甲"), 3, "压制-1002");
    refused(at, &line(number, "2024-12-31", "乙"), 3, "压制-1003");
    done(at, &line(number, "2999-12-31", "乙"));
    refused(at, &line(number, "2999-12-31", "乙"), 3, "压制-1005");
    refused(
        at,
        "suppress lift 9 --by 甲 --reason 误压 --db sqlite://x.db",
        3,
        "压制-1006",
    );
    let unsigned = [
        "suppress",
        "lift",
        "1",
        "--by",
        "甲",
        "--reason",
        " ",
        "--db",
        "sqlite://x.db",
    ];
    check(&sanzi(at, &unsigned), "suppress lift", 3, "压制-1007");
    let ambiguous = SuppressionError::Ambiguous {
        name: "n".into(),
        fingerprints: vec!["a".into(), "b".into()],
    };
    assert!(ambiguous.to_string().starts_with("压制-1004 "));
    // Asking and answering are acts of the workspace: `suppressions.rs` and `suppression_pages.rs` bring them about.
    let (number, by, state) = ("n".to_owned(), "x".to_owned(), "s".to_owned());
    let asked = SuppressionError::Asked {
        number: number.clone(),
        id: 1,
    };
    for (error, code) in [
        (SuppressionError::Unfounded, "压制-1008 "),
        (asked, "压制-1009 "),
        (SuppressionError::NotWaiting(1), "压制-1010 "),
        (SuppressionError::WrongPerson { by }, "压制-1011 "),
        (SuppressionError::NoReason, "压制-1012 "),
        (SuppressionError::Changed(number.clone()), "压制-1013 "),
        (SuppressionError::UnderWay { number, state }, "压制-1014 "),
    ] {
        assert!(error.to_string().starts_with(code), "{error}");
    }
}

#[test]
fn settings_of_a_street() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    refused(at, "rules list --overlay nowhere", 3, "规则-1006");
    std::fs::create_dir(at.join("own")).unwrap();
    std::fs::write(at.join("own/a.toml"), "[rule]\nid = 1\n").unwrap();
    refused(at, "rules list --overlay own", 3, "规则-1007");
}

#[test]
fn report() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let line = format!("audit {street} --rule C-001 --db sqlite://x.db --out file/a");
    refused(folder.path(), &line, 4, "报告-6001");
    let table = rust_xlsxwriter::XlsxError::RowColumnLimitError;
    let number = serde_json::from_str::<u8>("x").unwrap_err();
    let row = csv::Error::from(std::io::Error::other("x"));
    for (error, code) in [
        (ReportError::from(table), "报告-6002"),
        (ReportError::from(askama::Error::Fmt), "报告-6003"),
        (ReportError::from(number), "报告-6004"),
        (ReportError::from(row), "报告-6005"),
    ] {
        assert!(error.to_string().starts_with(code), "{error}");
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn export() {
    let books = Books::small().await;
    let at = books.path();
    std::fs::create_dir(at.join("full")).unwrap();
    std::fs::write(at.join("full/x"), "x").unwrap();
    std::fs::write(at.join("file"), "x").unwrap();
    let line = |rest: &str| format!("export sqlite://x.db --format bundle {rest}");
    refused(at, &line("--out full"), 3, "导出-1001");
    refused(at, &line("--out file/a"), 3, "导出-1002");
    refused(at, &line("--out a --org A99"), 3, "导出-1003");
    let line = "export sqlite://x.db --format saft --out a --period 2030-01";
    refused(at, line, 3, "导出-1003");
    let line = "export sqlite://x.db --format parquet --out a --period 2030-01";
    refused(at, line, 3, "用法-1001");
    write_rules(at);
    std::fs::remove_file(at.join("rules/profiles/formats/saft.toml")).unwrap();
    let line = "--rules rules export sqlite://x.db --format saft --out a";
    refused(at, line, 3, "导出-1004");
    assert!(!at.join("a").exists());
}

#[test]
fn generate() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("file"), "x").unwrap();
    refused(at, "generate --companies 0 --out a", 3, "生成-1001");
    refused(at, "generate --out .", 3, "生成-1002");
    refused(at, "generate --out file/a", 3, "生成-1003");
    let unknown = GenerateError::UnknownName("x".into());
    assert!(unknown.to_string().starts_with("生成-1004"));
}

#[test]
fn usage() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    refused(at, "nothing", 2, "用法-1001");
    refused(at, "audit nowhere", 3, "用法-1002");
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let line = format!("audit {street} --out a --rule C-001 --labels nowhere.csv");
    refused(at, &line, 3, "用法-1003");
    std::fs::write(at.join("bad.toml"), "id = 1").unwrap();
    refused(at, "profile check bad.toml", 3, "用法-1006");
    // With the ending of a profile the name is longer than file systems take.
    let long = format!("{}.csv", "a".repeat(251));
    std::fs::copy(
        crate::hand_in::fixture("mapping/流水账.csv"),
        at.join(&long),
    )
    .unwrap();
    refused(at, &format!("import {long} --map"), 3, "用法-1007");
    let line = "rules try C-001 --param nothing=1 --db sqlite://a/sanzi.db";
    refused(at, line, 3, "用法-1004");
}

/// What is refused about users.
#[tokio::test]
async fn access() {
    let house = House::new().await;
    for _ in 0..TRIES {
        assert_eq!(house.try_in("nobody", "x").await.code(), "访问-1001");
    }
    assert_eq!(house.try_in("nobody", "x").await.code(), "访问-1002");
    let admin = house.log_in(&login_of(Role::Administrator)).await;
    let user = |login: &str, role: &str, password: &str| {
        format!(
            "csrf={}&login={login}&name=x&role={role}&organisations=&password={password}",
            admin.csrf
        )
    };
    let long = encoded(PASSWORD);
    for (fields, code) in [
        (user("a1", "read_only", "short"), "访问-1003"),
        (user("read-only", "read_only", &long), "访问-1004"),
        (user("a1", "company_officer", &long), "访问-1005"),
    ] {
        let refused = house.post("/settings/users", Some(&admin), &fields).await;
        assert_eq!(refused.code(), code, "{}", refused.text);
    }
    let unknown = house.get("/settings/users/zz", Some(&admin)).await;
    assert_eq!(unknown.code(), "访问-1006");
    let path = format!("/settings/users/{}", login_of(Role::Administrator));
    let fields = user("", "administrator", "") + "&disabled=yes";
    let last = house.post(&path, Some(&admin), &fields).await;
    assert_eq!(last.code(), "访问-1010", "{}", last.text);
    let client = house.log_in("street-all").await;
    let path = "/books/A01/vouchers/2024-01-记-0001/reveal";
    let fields = format!("csrf={}", client.csrf);
    let without_reason = house.post(path, Some(&client), &fields).await;
    assert_eq!(without_reason.code(), "访问-1008");
    let fields = format!("csrf={}&label=&days=1", client.csrf);
    let nameless = house.post("/tokens", Some(&client), &fields).await;
    assert_eq!(nameless.code(), "访问-1012");
    let empty = crate::support::sqlite().await;
    let hasher = Hasher::of_cost(8, 1).unwrap();
    let profile = Profile {
        login: "root1".into(),
        name: "x".into(),
        role: Role::Administrator,
        scope: Scope::All,
    };
    let taken = first::take(&empty.store, &hasher, "x", &profile, PASSWORD, now()).await;
    assert!(taken.unwrap_err().to_string().starts_with("访问-1007 "));
    let raw = house.store.db();
    crate::ledger::disable_guards(raw, true).await;
    let sql = "UPDATE access_log SET login = 'x' WHERE position = 2";
    raw.execute_unprepared(sql).await.unwrap();
    let page = house.get("/settings/log", Some(&admin)).await;
    assert!(
        page.text.contains("访问-1009 访问日志第 2 条"),
        "{}",
        page.text
    );
    let impossible = Hasher::of_cost(0, 0).unwrap_err();
    assert!(impossible.to_string().starts_with("访问-1011 "));
}

/// What a page or the API does not do. `网页-1011` and `网页-1015` have their tests beside their sources, `网页-1013` and `网页-1014`
/// in `api.rs`.
#[tokio::test]
async fn web() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::StreetSupervisor)).await;
    let get = async |path| house.get(path, Some(&client)).await.code();
    let post = async |path, fields: &str| {
        let fields = format!("csrf={}{fields}", client.csrf);
        house.post(path, Some(&client), &fields).await.code()
    };
    assert_eq!(house.get("/api/v1/runs", None).await.code(), "网页-1001");
    assert_eq!(get("/settings").await, "网页-1002");
    assert_eq!(get("/books/B01/vouchers").await, "网页-1003");
    let without_mark = house.post("/large-type", Some(&client), "").await;
    assert_eq!(without_mark.code(), "网页-1004");
    let large = "x".repeat(300 * 1024);
    assert_eq!(post("/audit", &large).await, "网页-1006");
    assert_eq!(post("/audit", "&as_of=x").await, "网页-1007");
    assert_eq!(post("/handin/x/submit", "").await, "网页-1012");
    let drop = "ALTER TABLE audit_run RENAME TO gone";
    house.store.db().execute_unprepared(drop).await.unwrap();
    assert_eq!(get("/audit").await, "网页-1008");
    let try_from = || {
        let here: SocketAddr = "10.0.0.9:1".parse().unwrap();
        let mut request = Request::post("/login")
            .header("cookie", "sanzi_form=x")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("csrf=x&login=&password="))
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(here));
        house.send(request)
    };
    let mut codes = Vec::new();
    for _ in 0..40 {
        codes.push(try_from().await.code());
    }
    assert_eq!(codes[0], "访问-1001");
    assert_eq!(codes.last().unwrap(), "网页-1005");
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("no.pem"), "x").unwrap();
    let serve = "serve --db sqlite://x.db --listen";
    let certificate = format!("{serve} 127.0.0.1:0 --cert no.pem --key no.pem");
    refused(at, &certificate, 3, "网页-1009");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    refused(at, &format!("{serve} {address}"), 3, "网页-1010");
}

/// The workspace orders an audit by rules that are no longer the same.
#[test]
fn an_audit_by_other_rules() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("x.db").display());
    let mut command = crate::crash::program(&url, &[COMMAND]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let order = Order {
        as_of: None,
        rules: Vec::new(),
        organisations: Vec::new(),
        pack: "another".to_owned(),
        overlay: None,
    };
    // Held: the program ends when this pipe closes.
    let mut orders = child.stdin.take().unwrap();
    writeln!(orders, "{}", serde_json::to_string(&order).unwrap()).unwrap();
    let mut said = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.starts_with(r#"{"failed":"网页-1016 "#), "{said}");
    assert!(child.wait().unwrap().success());
}

/// With few enough open files allowed, the program starts and its runtime does not. How many that is depends on the files
/// that the tests themselves have inherited.
#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_resources() {
    let program = assert_cmd::cargo::cargo_bin("sanzi");
    let folder = tempfile::tempdir().unwrap();
    let starved = |files: u32| {
        let line = format!("ulimit -n {files} && exec \"$0\" verify --db sqlite://x.db");
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", &line])
            .arg(&program)
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let outputs: Vec<_> = (4..40).map(starved).collect();
    let refusal = outputs.iter().find(|o| stderr(o).starts_with("内部-1001"));
    let output = refusal.unwrap_or_else(|| panic!("{}", stderr(&outputs[0])));
    check(output, "ulimit -n", 4, "内部-1001");
}

/// A code that appears nowhere in this file or those of documents, bundles and rectification has no test that shows it. `内部-1002` and `用法-1005` have theirs beside their
/// source.
#[test]
fn every_code_is_shown() {
    let here = concat!(
        include_str!("error_codes.rs"),
        include_str!("document.rs"),
        include_str!("../../pdf/tests/pdf.rs"),
        include_str!("rectification.rs"),
        include_str!("../../src/rectification/tests.rs"),
        include_str!("evidence.rs"),
        include_str!("supervision.rs"),
    );
    let codes = codes_of_the_source();
    let missing: BTreeSet<_> = codes
        .iter()
        .filter(|c| !c.starts_with("导入") && !here.contains(c.as_str()))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}
