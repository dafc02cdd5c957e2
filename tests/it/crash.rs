//! The program killed at random moments of an import, of an undo and of a step with an item: the store is as before or as after, never between;
//! run again it does the rest once. `SANZI_CRASH_SEED` repeats a run, `SANZI_CRASH_KILLS` makes it longer.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sanzi::generate::{GenerateOptions, generate};
use sanzi::ledger::verify;
use sanzi::store::Store;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

/// Moments at which an import is killed; an undo and a step at a fifth as many.
const KILLS: u32 = 50;

/// xorshift: a seed gives the same moments everywhere.
pub struct Moments(u64);

impl Moments {
    pub fn new(name: &str) -> Moments {
        let given = std::env::var("SANZI_CRASH_SEED").ok();
        let clock = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_nanos() as u64
        };
        let seed = given.map_or_else(clock, |s| s.parse().unwrap());
        println!("{name}: SANZI_CRASH_SEED={seed}");
        Moments(seed | 1)
    }

    /// Between nothing and a fifth more than `whole`.
    pub fn next(&mut self, whole: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        whole * ((self.0 >> 11) % 1200) as u32 / 1000
    }
}

pub fn kills() -> u32 {
    let given = std::env::var("SANZI_CRASH_KILLS").ok();
    given.map_or(KILLS, |k| k.parse().unwrap())
}

/// The program with a line of arguments on a database.
pub fn program(db: &str, line: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("sanzi"));
    command
        .env("SANZI_ID_KEY", "test")
        .env("SANZI_DB", db)
        .args(line)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

pub fn run(db: &str, line: &[&str]) {
    let status = program(db, line).status().unwrap();
    assert!(status.success(), "{line:?} on {db}");
}

/// Whether the program was still at work when it was killed.
fn killed(db: &str, line: &[&str], after: Duration) -> bool {
    let mut child = program(db, line).spawn().unwrap();
    std::thread::sleep(after);
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    at_work
}

/// Everything that an import or an undo writes: counts and sums of each table, and the chain heads of an import; those of an
/// undo hold the time at which it was done.
async fn state(store: &Store, heads: bool) -> Vec<String> {
    let counted = [
        "batch",
        "batch_file",
        "batch_posting",
        "batch_undo",
        "problem",
        "voucher",
        "entry",
        "held_voucher",
        "held_entry",
        "account_version",
        "chart_year",
        "audit_run",
        "finding",
        "review_item",
        "review_run",
        "review_event",
        "review_attachment",
    ];
    let mut sql: Vec<String> = counted
        .iter()
        .map(|table| format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}"))
        .collect();
    for table in ["contract", "receipt", "organisation", "bank_txn"] {
        sql.push(format!(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM {table} WHERE retired_in IS NULL"
        ));
    }
    for column in ["debit", "credit"] {
        sql.push(format!(
            "SELECT CAST(COALESCE(SUM({column}), 0) AS BIGINT) FROM account_balance"
        ));
    }
    let mut out = Vec::new();
    for sql in sql {
        let statement = Statement::from_string(store.db().get_database_backend(), sql);
        let row = store.db().query_one_raw(statement).await.unwrap().unwrap();
        out.push(row.try_get_by_index::<i64>(0).unwrap().to_string());
    }
    for report in sanzi::review::verify::verify(store, None).await.unwrap() {
        assert_eq!(report.fault, None, "{}", report.organisation);
    }
    for report in verify::verify(store, None, |_| {}).await.unwrap() {
        assert_eq!(report.fault, None, "{}", report.organisation);
        if heads {
            out.push(format!("{} {}", report.organisation, report.head));
        }
    }
    out
}

/// Where the databases of a test come from: each one a copy of one that was made ready.
pub enum Source<'a> {
    Sqlite(&'a Path),
    Postgres {
        server: &'a str,
        admin: DatabaseConnection,
    },
}

impl Source<'_> {
    pub fn url(&self, name: &str) -> String {
        match self {
            Source::Sqlite(folder) => format!("sqlite://{}", folder.join(name).display()),
            Source::Postgres { server, .. } => {
                let (base, query) = server.split_once('?').unwrap_or((server, ""));
                let base = base.rsplit_once('/').unwrap().0;
                format!(
                    "{base}/{}{}{query}",
                    database(name),
                    if query.is_empty() { "" } else { "?" }
                )
            }
        }
    }

    pub async fn copy(&self, from: &str, to: &str) -> String {
        match self {
            Source::Sqlite(folder) => {
                std::fs::copy(folder.join(from), folder.join(to)).unwrap();
            }
            Source::Postgres { admin, .. } => {
                let (from, to) = (database(from), database(to));
                let sql = format!("CREATE DATABASE {to} TEMPLATE {from}");
                admin.execute_unprepared(&sql).await.unwrap();
            }
        }
        self.url(to)
    }

    pub async fn make(&self, name: &str) -> String {
        if let Source::Postgres { admin, .. } = self {
            let sql = format!("CREATE DATABASE {}", database(name));
            admin.execute_unprepared(&sql).await.unwrap();
        }
        self.url(name)
    }

    pub async fn drop(&self, name: &str) {
        match self {
            Source::Sqlite(folder) => {
                for ending in ["", "-wal", "-shm", "-journal"] {
                    let _ = std::fs::remove_file(folder.join(format!("{name}{ending}")));
                }
            }
            Source::Postgres { admin, .. } => {
                let sql = format!("DROP DATABASE {} WITH (FORCE)", database(name));
                admin.execute_unprepared(&sql).await.unwrap();
            }
        }
    }

    /// The server notices a dead client by itself; until then its transaction is still open.
    pub async fn settle(&self, name: &str) {
        let Source::Postgres { admin, .. } = self else {
            return;
        };
        let sql = format!(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_stat_activity WHERE datname = '{}'",
            database(name)
        );
        for _ in 0..600 {
            let statement = Statement::from_string(sea_orm::DbBackend::Postgres, sql.clone());
            let row = admin.query_one_raw(statement).await.unwrap().unwrap();
            if row.try_get_by_index::<i64>(0).unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server still works for a client that is dead");
    }
}

fn database(name: &str) -> String {
    format!("crash{}_{name}", std::process::id())
}

pub async fn state_of(url: &str, heads: bool) -> Vec<String> {
    let store = Store::open(url).await.unwrap();
    let state = state(&store, heads).await;
    store.close().await.unwrap();
    state
}

/// Kills `line` at random moments, each time on a copy of the database `from`, then runs it to its end.
async fn kill(source: &Source<'_>, moments: &mut Moments, from: &str, line: &[&str], times: u32) {
    let heads = !line.contains(&"undo");
    let before = state_of(&source.url(from), heads).await;
    let whole = source.copy(from, "whole").await;
    let start = Instant::now();
    run(&whole, line);
    let takes = start.elapsed();
    let after = state_of(&whole, heads).await;
    assert_ne!(before, after);
    let (mut at_work, mut untouched) = (0, 0);
    for n in 0..times {
        let moment = moments.next(takes);
        let url = source.copy(from, "struck").await;
        at_work += u32::from(killed(&url, line, moment));
        source.settle("struck").await;
        let now = state_of(&url, heads).await;
        let none = now == before;
        assert!(
            none || now == after,
            "kill {n} of {line:?} after {moment:?}: half done"
        );
        if none {
            untouched += 1;
            run(&url, line);
            assert_eq!(
                state_of(&url, heads).await,
                after,
                "kill {n} of {line:?} after {moment:?}"
            );
        }
        source.drop("struck").await;
    }
    println!(
        "{} {times} times killed, {at_work} times at work, {untouched} times before the commit; {takes:?} when left alone",
        line[0]
    );
    assert!(at_work > 0, "never killed at work");
    source.drop("whole").await;
}

async fn crash(source: &Source<'_>, folder: &Path, mut moments: Moments) {
    let options = GenerateOptions {
        companies: 2,
        postings: 0,
        months: 2,
        seed: 7,
        inject_ppm: 200_000,
        out: folder.join("street"),
    };
    generate(&options, &|_, _| {}).unwrap();
    let street = options.out.to_str().unwrap();
    let import = ["import", street, "--quarantine", "--by", "会计甲"];
    let ready = source.make("ready").await;
    Store::open(&ready).await.unwrap().close().await.unwrap();
    kill(source, &mut moments, "ready", &import, kills()).await;
    run(&ready, &import);
    // Once more in full is nothing more.
    let once = state_of(&ready, true).await;
    run(&ready, &import);
    assert_eq!(state_of(&ready, true).await, once);
    let undo = ["import", "undo", "1", "--by", "会计甲", "--reason", "导错"];
    kill(source, &mut moments, "ready", &undo, kills() / 5).await;
    step(source, folder, &mut moments).await;
    source.drop("ready").await;
}

/// Killed while a person takes a step with a large attachment: the event with its attachment stands, or neither does.
async fn step(source: &Source<'_>, folder: &Path, moments: &mut Moments) {
    let store = Store::open(&source.url("ready")).await.unwrap();
    let hit = crate::review::hit("A01", "HT-1", 100);
    let looked = crate::review::looked(&["A01"]);
    crate::review::run(&store, &looked, std::slice::from_ref(&hit), "2026-03-02").await;
    store.close().await.unwrap();
    let file = folder.join("证明.pdf");
    std::fs::write(&file, vec![7; 1 << 20]).unwrap();
    let number = crate::review::number(&hit);
    let line = "--to 误报 --reason 不属实 --as 甲 --role 街道监管员 --attach";
    let mut words = vec!["review", &number];
    words.extend(line.split(' ').chain(file.to_str()));
    kill(source, moments, "ready", &words, kills() / 5).await;
}

#[tokio::test]
async fn killed_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Sqlite(folder.path());
    crash(&source, folder.path(), Moments::new("SQLite")).await;
}

#[tokio::test]
async fn killed_on_postgresql() {
    let Ok(server) = std::env::var("SANZI_TEST_POSTGRES") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let admin = Database::connect(&server).await.unwrap();
    let source = Source::Postgres {
        server: &server,
        admin,
    };
    crash(&source, folder.path(), Moments::new("PostgreSQL")).await;
}
