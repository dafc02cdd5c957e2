//! The workspace killed with kill -9 while it works for somebody: taking a step, receiving files, booking them, auditing,
//! handing out. Started again, the store is as before or as after, never between; chains hold; nothing half-written is shown.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use sanzi::access::login::log_in;
use sanzi::access::password::Hasher;
use sanzi::access::session::Opened;
use sanzi::access::user::{self, Profile};
use sanzi::access::{Scope, log};
use sanzi::audit::outcome::FindingKind;
use sanzi::generate::{GenerateOptions, generate};
use sanzi::model::Role;
use sanzi::review::absorb::absorb;
use sanzi::store::Store;
use sea_orm::Database;

use crate::crash::{Moments, Source, kills, program, run, state_of};
use crate::support::now;
use crate::workspace::finding;

const LOGIN: &str = "supervisor";

/// The workspace as a process.
struct Serving {
    child: Child,
    port: u16,
}

impl Serving {
    /// Serves a database; its uploads go to `folder`.
    fn start(db: &str, folder: &Path) -> Serving {
        let mut command = program(db, &["serve", "--listen", "127.0.0.1:0"]);
        command
            .env("TMPDIR", folder)
            .env("SANZI_SIGN_KEY", "11".repeat(32));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        printed.read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).unwrap_or_default();
        let port = port.split('/').next().unwrap_or_default();
        let port = port.parse().unwrap_or_else(|_| panic!("{line}"));
        Serving { child, port }
    }

    /// Kill -9, which leaves nothing to be done at the end.
    fn kill(self) {
        drop(self);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer as it came: status, headers and body in one text, bytes beyond UTF-8 replaced.
type Answer = std::io::Result<String>;

/// Somebody who is logged in, at a workspace on some port.
struct Client<'a> {
    session: &'a Opened,
    port: u16,
}

impl Client<'_> {
    fn send(&self, head: &str, kind: &str, body: &[u8], pace: Duration) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sanzi={}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.session.token,
            body.len()
        )?;
        // A slow line, where one is asked for: twenty pieces.
        for piece in body.chunks(body.len().div_ceil(20).max(1)) {
            stream.write_all(piece)?;
            if !pace.is_zero() {
                std::thread::sleep(pace);
            }
        }
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn get(&self, path: &str) -> Answer {
        let head = format!("GET {}", crate::workspace::encoded(path));
        self.send(&head, "text/plain", b"", Duration::ZERO)
    }

    fn post(&self, path: &str, fields: &str) -> Answer {
        let head = format!("POST {path}");
        let body = format!("csrf={}&{fields}", self.session.csrf);
        let kind = "application/x-www-form-urlencoded";
        self.send(&head, kind, body.as_bytes(), Duration::ZERO)
    }

    fn post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(String, Vec<u8>)],
        pace: Duration,
    ) -> Answer {
        let mut body = Vec::new();
        let mut part = |head: &str, bytes: &[u8]| {
            body.extend(format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        };
        part("name=\"csrf\"", self.session.csrf.as_bytes());
        for (name, value) in fields {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, bytes) in files {
            part(&format!("name=\"files\"; filename=\"{name}\""), bytes);
        }
        body.extend(b"--X--\r\n");
        let kind = "multipart/form-data; boundary=X";
        self.send(&format!("POST {path}"), kind, &body, pace)
    }

    /// Asks for a page until it says this.
    fn wait_for(&self, path: &str, words: &str) -> Answer {
        loop {
            let page = self.get(path)?;
            if page.contains(words) {
                return Ok(page);
            }
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Where an answer leads.
fn location(answer: &str) -> String {
    let found = answer.lines().find_map(|l| l.strip_prefix("location: "));
    found
        .unwrap_or_else(|| panic!("{answer}"))
        .trim()
        .to_owned()
}

/// What is under way when the program is killed.
struct Work<'a> {
    name: &'static str,
    /// What is done first and left in peace; its result is given to `act`.
    before: &'a (dyn Fn(&Client) -> Answer + Sync),
    act: &'a (dyn Fn(&Client, &str) -> Answer + Sync),
    /// Whether anything is written when it is left alone.
    writes: bool,
    /// What is looked at once more in the workspace started again: whether it was done, and the workspace.
    look: &'a dyn Fn(bool, &Client),
}

fn nothing_before(_: &Client) -> Answer {
    Ok(String::new())
}

/// A database ready for the work, and somebody logged in there.
struct Stage<'a> {
    source: &'a Source<'a>,
    folder: &'a Path,
    session: Opened,
}

impl Stage<'_> {
    fn client(&self, serving: &Serving) -> Client<'_> {
        Client {
            session: &self.session,
            port: serving.port,
        }
    }

    /// How long the work takes when it is left alone, and what stands afterwards.
    async fn alone(&self, work: &Work<'_>) -> (Duration, Vec<String>) {
        let url = self.source.copy("ready", "whole").await;
        let serving = Serving::start(&url, self.folder);
        let client = self.client(&serving);
        let prepared = (work.before)(&client).unwrap();
        let start = Instant::now();
        let answer = (work.act)(&client, &prepared).unwrap();
        let takes = start.elapsed();
        let fine = ["HTTP/1.1 200", "HTTP/1.1 303"];
        assert!(fine.iter().any(|f| answer.starts_with(f)), "{answer}");
        serving.kill();
        self.source.settle("whole").await;
        let after = state_of(&url, true).await;
        self.source.drop("whole").await;
        (takes, after)
    }

    /// Kills the workspace at random moments of the work, each time on a copy of the database.
    async fn strike(&self, work: &Work<'_>, moments: &mut Moments, times: u32) {
        let before = state_of(&self.source.url("ready"), true).await;
        let (takes, after) = self.alone(work).await;
        assert_eq!(before != after, work.writes, "{}", work.name);
        let (mut at_work, mut untouched) = (0, 0);
        for n in 0..times {
            let moment = moments.next(takes);
            let case = format!("{} killed after {moment:?}, the {n}th time", work.name);
            let url = self.source.copy("ready", "struck").await;
            let serving = Serving::start(&url, self.folder);
            let client = self.client(&serving);
            let prepared = (work.before)(&client).unwrap();
            let answered = std::thread::scope(|scope| {
                let acting = scope.spawn(|| (work.act)(&client, &prepared));
                std::thread::sleep(moment);
                let answered = acting.is_finished();
                serving.kill();
                // The line breaks: that is no answer, and no fault of the work.
                let _ = acting.join();
                answered
            });
            at_work += u32::from(!answered);
            self.source.settle("struck").await;
            let again = Serving::start(&url, self.folder);
            let now = state_of(&url, true).await;
            assert!(
                now == before || now == after,
                "{case}: half done\n{now:?}\n{before:?}\n{after:?}"
            );
            assert!(!answered || now == after, "{case}: answered and not kept");
            untouched += u32::from(now == before);
            let store = Store::open(&url).await.unwrap();
            log::verify(store.db()).await.unwrap();
            store.close().await.unwrap();
            (work.look)(now == after && work.writes, &self.client(&again));
            again.kill();
            self.source.settle("struck").await;
            self.source.drop("struck").await;
        }
        println!(
            "{}: {times} times killed, {at_work} times at work, {untouched} times before it was done; {takes:?} when left alone",
            work.name
        );
        assert!(at_work > 0, "{}: never killed at work", work.name);
    }
}

/// Books of one company in the store, those of another to hand in, an item, and a supervisor who is logged in.
async fn stage<'a>(source: &'a Source<'a>, folder: &'a Path) -> (Stage<'a>, PathBuf) {
    let options = GenerateOptions {
        companies: 2,
        postings: 0,
        months: 2,
        seed: 7,
        inject_ppm: 0,
        out: folder.join("street"),
    };
    generate(&options, &|_, _| {}).unwrap();
    let companies = std::fs::read_dir(&options.out).unwrap().flatten();
    let mut companies: Vec<PathBuf> = companies.map(|c| c.path()).filter(|c| c.is_dir()).collect();
    companies.sort();
    let url = source.make("ready").await;
    let kept = companies[0].to_str().unwrap();
    let code = companies[0].file_name().unwrap().to_str().unwrap();
    run(&url, &["import", kept, "--org", code, "--quarantine"]);
    let store = Store::open(&url).await.unwrap();
    crate::workspace::book(&store, "A01").await;
    crate::workspace::run(&store, "A01").await;
    absorb(&store, &crate::review::desk(), now()).await.unwrap();
    let hasher = Hasher::of_cost(8, 1).unwrap();
    let profile = Profile {
        login: LOGIN.into(),
        name: "监管员".into(),
        role: Role::StreetSupervisor,
        scope: Scope::All,
    };
    // Sessions go by the clock on the wall.
    let now = chrono::Local::now().naive_local();
    let password = crate::workspace::PASSWORD;
    let made = user::create(&store, &hasher, &profile, password, LOGIN, now).await;
    made.unwrap();
    let (_, session) = log_in(&store, &hasher, LOGIN, password, now).await.unwrap();
    store.close().await.unwrap();
    let stage = Stage {
        source,
        folder,
        session,
    };
    (stage, companies.remove(1))
}

/// The files of a company, as a browser sends a folder.
fn files(company: &Path) -> Vec<(String, Vec<u8>)> {
    let all = std::fs::read_dir(company).unwrap().flatten();
    let named = all.map(|f| (f.file_name().into_string().unwrap(), f.path()));
    named
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

async fn crash(source: &Source<'_>, folder: &Path, mut moments: Moments) {
    let (stage, company) = stage(source, folder).await;
    let times = kills().div_ceil(10);
    let org = company.file_name().unwrap().to_str().unwrap();
    let number = finding("A01", FindingKind::Violation).number;
    let item = format!("/items/{number}");
    let (paper, books) = (
        vec![("证明.pdf".to_owned(), vec![7; 1 << 20])],
        files(&company),
    );

    let act = |client: &Client, _: &str| {
        let page = client.get(&item)?;
        let seen = page
            .split("name=\"seen\" value=\"")
            .nth(1)
            .unwrap_or_default();
        let seen = seen.split('"').next().unwrap_or_default();
        let fields = [("seen", seen), ("what", "dismissed"), ("reason", "不属实")];
        client.post_files(&format!("{item}/step"), &fields, &paper, Duration::ZERO)
    };
    let look = |done: bool, client: &Client| {
        let page = client.get(&item).unwrap();
        assert_eq!(page.contains("证明.pdf"), done, "{page}");
        if done {
            let link = page
                .split("<a href=\"")
                .find(|p| p.contains("证明.pdf"))
                .unwrap();
            let file = client.get(link.split('"').next().unwrap()).unwrap();
            let (_, bytes) = file.split_once("\r\n\r\n").unwrap();
            assert_eq!(bytes.as_bytes(), paper[0].1, "the attachment is whole");
        }
    };
    let work = Work {
        name: "a step with an attachment",
        before: &nothing_before,
        act: &act,
        writes: true,
        look: &look,
    };
    stage.strike(&work, &mut moments, times).await;

    let send = |client: &Client, pace| client.post_files("/handin", &[("org", org)], &books, pace);
    let slowly = |client: &Client, _: &str| send(client, Duration::from_millis(20));
    let none = |_: bool, client: &Client| {
        let page = client.get("/handin").unwrap();
        assert_eq!(page.matches("/handin/batches/").count(), 2, "{page}");
        assert!(!page.contains(org), "{page}");
    };
    let work = Work {
        name: "an upload",
        before: &nothing_before,
        act: &slowly,
        writes: false,
        look: &none,
    };
    stage.strike(&work, &mut moments, times).await;

    let uploaded = |client: &Client| {
        let at = location(&send(client, Duration::ZERO)?);
        client.wait_for(&at, "提交入账")?;
        Ok(at)
    };
    let submit = |client: &Client, at: &str| client.post(&format!("{at}/submit"), "quarantine=yes");
    let booked = |done: bool, client: &Client| {
        let page = client.get("/handin").unwrap();
        assert_eq!(page.contains(org), done, "{page}");
        let books = client.get("/books").unwrap();
        assert_eq!(books.contains(org), done, "{books}");
    };
    let work = Work {
        name: "the booking of an upload",
        before: &uploaded,
        act: &submit,
        writes: true,
        look: &booked,
    };
    stage.strike(&work, &mut moments, times).await;

    let audit = |client: &Client, _: &str| {
        let job = location(&client.post("/audit", "rules=L-001,L-002,C-012,A-001")?);
        client.wait_for(&job, "审计完成")
    };
    let runs = |done: bool, client: &Client| {
        let page = client.get("/audit").unwrap();
        assert_eq!(page.contains("/audit/runs/2"), done, "{page}");
    };
    let work = Work {
        name: "an audit",
        before: &nothing_before,
        act: &audit,
        writes: true,
        look: &runs,
    };
    stage.strike(&work, &mut moments, times).await;

    let bundle = |client: &Client, _: &str| client.post(&format!("{item}/bundle"), "reason=test");
    let work = Work {
        name: "an evidence bundle",
        before: &nothing_before,
        act: &bundle,
        writes: false,
        look: &|_, client| assert!(client.get(&item).unwrap().starts_with("HTTP/1.1 200")),
    };
    stage.strike(&work, &mut moments, times).await;
    source.drop("ready").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workspace_killed_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Sqlite(folder.path());
    crash(&source, folder.path(), Moments::new("SQLite")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workspace_killed_on_postgresql() {
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
