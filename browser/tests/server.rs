//! The program under test, serving on a port of its own; gone with the guard.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::UNIX_EPOCH;

/// The program beside the folder of this test.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).unwrap();
    let program = built.join("sanzi");
    let path = program.display();
    assert!(program.exists(), "no {path}: run `cargo build` first");
    program
}

/// The root of the sources.
pub fn sources() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A command line of the program that leaves nothing outside `folder`.
pub fn command(folder: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .env("SANZI_ID_KEY", "test")
        .env("SANZI_SIGN_KEY", "11".repeat(32))
        .env("TMPDIR", folder)
        .current_dir(sources())
        .args(line);
    command
}

/// Runs a command line to its end.
pub fn run(folder: &Path, line: &[&str]) -> Output {
    let output = command(folder, line).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{line:?}: {said}");
    output
}

/// A workspace that is served.
pub struct Server {
    child: Child,
    /// What it still prints.
    printed: BufReader<ChildStdout>,
    /// `http://127.0.0.1:port`.
    pub address: String,
    pub folder: tempfile::TempDir,
}

impl Server {
    /// An empty database.
    pub fn empty() -> Server {
        Server::start(tempfile::tempdir().unwrap(), &["--db"])
    }

    /// The street of `fixtures/jiufeng`, audited, with a user for every role.
    pub fn demo() -> Server {
        let folder = tempfile::tempdir().unwrap();
        copy(&demo(), folder.path());
        Server::start(folder, &["--db"])
    }

    /// Serves `--demo`, or the database of the folder.
    fn start(folder: tempfile::TempDir, how: &[&str]) -> Server {
        let db = format!("sqlite://{}", folder.path().join("demo.db").display());
        let mut line = vec!["serve", "--listen", "127.0.0.1:0"];
        line.extend(how);
        if how == ["--db"] {
            line.push(&db);
        }
        let mut command = command(folder.path(), &line);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        let port = after(&mut printed, "http://127.0.0.1:");
        Server {
            child,
            printed,
            address: format!("http://127.0.0.1:{port}"),
            folder,
        }
    }

    /// The one-time code for the first administrator of an empty database.
    pub fn code(&mut self) -> String {
        after(&mut self.printed, "一次性代码 ")
    }

    /// The database, as the command line is given it.
    pub fn db(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("demo.db").display())
    }
}

/// The folder with the demo's database, which is made once for all tests and kept for as long as neither the program nor the
/// street changes: reading and auditing it takes longer than any of the stories.
fn demo() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
    std::fs::create_dir_all(&all).unwrap();
    let lock = std::fs::File::create(all.join("lock")).unwrap();
    lock.lock().unwrap();
    let made = all.join(stamp());
    if !made.exists() {
        let server = Server::start(tempfile::tempdir_in(&all).unwrap(), &["--demo"]);
        let within = files(server.folder.path());
        let database = within.iter().find(|f| f.is_dir()).unwrap();
        let ready = all.join("new");
        let _ = std::fs::remove_dir_all(&ready);
        std::fs::create_dir(&ready).unwrap();
        // It writes nothing now, and its end would take the database with it.
        copy(database, &ready);
        std::fs::rename(ready, &made).unwrap();
    }
    made
}

/// When the program or a file of the street was last changed.
fn stamp() -> String {
    let street = sources().join("fixtures/jiufeng");
    let companies = files(&street).into_iter().filter(|f| f.is_dir());
    let read = companies.flat_map(|c| files(&c)).chain(files(&street));
    let changed = read.chain([program()]).map(|file| {
        let modified = std::fs::metadata(file).and_then(|m| m.modified()).unwrap();
        modified.duration_since(UNIX_EPOCH).unwrap().as_millis()
    });
    changed.max().unwrap_or_default().to_string()
}

/// Copies what lies in a folder into one that is there.
fn copy(from: &Path, to: &Path) {
    for entry in files(from) {
        let copied = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            std::fs::create_dir(&copied).unwrap();
            copy(&entry, &copied);
        } else {
            std::fs::copy(&entry, copied).unwrap();
        }
    }
}

/// What lies in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.flatten().map(|e| e.path()).collect()
}

/// Reads lines until one holds `words`; what follows them there, up to a blank or a slash.
fn after(printed: &mut impl BufRead, words: &str) -> String {
    loop {
        let mut line = String::new();
        let read = printed.read_line(&mut line).unwrap();
        assert!(read > 0, "the program ended before it said 「{words}」");
        if let Some((_, rest)) = line.split_once(words) {
            let end = rest.find([' ', '/', '\n']).unwrap_or(rest.len());
            return rest[..end].to_owned();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
