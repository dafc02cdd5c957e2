//! Audits of the workspace as a program of its own: what an audit holds (gigabytes, for a large street) is gone when it ends, it
//! runs with less priority than pages, and one that dies takes nothing with it. The order goes through the program's standard
//! input, what it says comes back line by line.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::workspace::now;
use crate::audit::examine::examine;
use crate::audit::rule::RulePack;
use crate::audit::run::RunOptions;
use crate::audit::{record, suppression};
use crate::pack::Pack;
use crate::review::Desk;
use crate::review::absorb::absorb;
use crate::store::Store;

/// The hidden command that takes an order.
pub const COMMAND: &str = "audit-order";

/// What is to be audited, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub as_of: Option<NaiveDate>,
    /// None: all.
    pub rules: Vec<String>,
    /// Codes; none: all.
    pub organisations: Vec<String>,
    /// Digests of pack and overlay as the workspace shows them.
    pub pack: String,
    pub overlay: Option<String>,
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    /// What it is doing.
    Doing(String),
    /// The run that is stored.
    Done(i64),
    /// Why there is none, beginning with a code.
    Failed(String),
}

impl Order {
    pub fn new(options: &RunOptions, rules: &RulePack) -> Order {
        Order {
            as_of: options.as_of,
            rules: options.rules.clone(),
            organisations: options.organisations.clone(),
            pack: rules.digest.clone(),
            overlay: rules.overlay_digest.clone(),
        }
    }
}

/// The program that audits.
#[derive(Debug, Clone)]
pub struct Auditor {
    program: PathBuf,
    /// What stands before the command: where the rules are.
    arguments: Vec<OsString>,
    /// The database; told by the environment, because a process list shows arguments, and an address may hold a password.
    url: String,
}

impl Auditor {
    pub fn new(program: PathBuf, arguments: Vec<OsString>, url: String) -> Auditor {
        Auditor {
            program,
            arguments,
            url,
        }
    }

    /// Audits, stores the run and takes it up; its number. Waits: not for a thread that serves.
    ///
    /// # Errors
    /// What the program says, or that it could not be started or ended without a word.
    pub fn audit(&self, order: &Order, mut tell: impl FnMut(&str)) -> Result<i64, Fault> {
        let mut child = self.start()?;
        let mut done = None;
        // Held until the end: the program ends itself when this pipe closes, however that comes.
        let mut orders = child.stdin.take();
        if let (Some(orders), Ok(mut line)) = (&mut orders, serde_json::to_vec(order)) {
            line.push(b'\n');
            // A program that has ended already says so below.
            let _ = orders.write_all(&line);
        }
        let said = child.stdout.take().map(BufReader::new);
        for line in said
            .into_iter()
            .flat_map(BufReader::lines)
            .map_while(Result::ok)
        {
            match serde_json::from_str(&line) {
                Ok(Word::Doing(what)) => tell(&what),
                Ok(Word::Done(run)) => done = Some(Ok(run)),
                Ok(Word::Failed(why)) => {
                    done = Some(Err(Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &why)));
                }
                Err(_) => tracing::warn!("web: an auditor said {line:?}"),
            }
        }
        let ended = child.wait();
        done.unwrap_or_else(|| {
            let how = ended.map_or_else(|e| e.to_string(), |status| status.to_string());
            let text = format!("网页-1015 审计程序没有说出结果就结束了({how}),没有写入。请重新运行;再次出现时请看服务的日志,多半是内存不够");
            Err(Fault::coded(StatusCode::INTERNAL_SERVER_ERROR, &text))
        })
    }

    /// With less priority than what serves pages, where the system has a word for that.
    fn start(&self) -> Result<Child, Fault> {
        let mut nice = Command::new("nice");
        nice.args(["-n", "10"]).arg(&self.program);
        let started = match self.spawn(nice) {
            Err(e) if e.kind() == ErrorKind::NotFound => self.spawn(Command::new(&self.program)),
            started => started,
        };
        started.map_err(|e| {
            let text =
                format!("网页-1015 审计程序启动不了:{e}。请核对 sanzi 程序文件还在原处,再重启服务");
            Fault::coded(StatusCode::INTERNAL_SERVER_ERROR, &text)
        })
    }

    fn spawn(&self, mut command: Command) -> std::io::Result<Child> {
        command
            .args(&self.arguments)
            .arg(COMMAND)
            .env("SANZI_DB", &self.url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
    }
}

/// The other end: carries out an order and says how it goes.
///
/// # Errors
/// When nobody listens any more.
pub async fn obey(
    store: &Store,
    pack: &Pack,
    rules: &RulePack,
    order: Order,
    mut out: impl Write,
) -> std::io::Result<()> {
    let mut say = |word: &Word| {
        let line = serde_json::to_string(word)?;
        writeln!(out, "{line}")?;
        out.flush()
    };
    if (&order.pack, &order.overlay) != (&rules.digest, &rules.overlay_digest) {
        let why = "网页-1016 规则在服务启动之后改过,没有审计:页面上看到的与要运行的不是同一套。请重启 sanzi serve";
        return say(&Word::Failed(why.to_owned()));
    }
    let options = RunOptions {
        as_of: order.as_of,
        rules: order.rules,
        organisations: order.organisations,
        ..RunOptions::default()
    };
    let mut lost = Ok(());
    let tell = |what: &str| {
        if lost.is_ok() {
            lost = say(&Word::Doing(what.to_owned()));
        }
    };
    let done = match audit(store, pack, rules, options, tell).await {
        Ok(run) => Word::Done(run),
        Err(fault) => Word::Failed(format!("{} {}", fault.code, fault.message)),
    };
    lost?;
    say(&done)
}

/// Examines, stores the run, and takes it into the life of its findings; the run's number.
///
/// # Errors
/// Those of all three.
pub async fn audit(
    store: &Store,
    pack: &Pack,
    rules: &RulePack,
    options: RunOptions,
    mut tell: impl FnMut(&str),
) -> Result<i64, Fault> {
    tell("载入账册");
    let options = RunOptions {
        suppressions: suppression::in_force(store, now().date()).await?,
        ..options
    };
    let (result, _) = examine(store, rules, options, &mut tell).await?;
    tell("保存结果");
    let id = record::save(store, &result, now()).await?;
    let desk = Desk::open(store, pack).await?;
    absorb(store, &desk, now()).await?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        Order {
            as_of: None,
            rules: vec!["C-001".into()],
            organisations: Vec::new(),
            pack: "p".into(),
            overlay: None,
        }
    }

    /// A program of the shell in place of ours.
    fn auditor(script: &str) -> Auditor {
        let arguments = vec!["-c".into(), script.into()];
        Auditor::new("sh".into(), arguments, "sqlite://x.db".into())
    }

    #[cfg(unix)]
    #[test]
    fn what_the_program_says_is_told() {
        let script = "read order; echo '{\"doing\":\"载入\"}'; echo noise; test \"$SANZI_DB\" = sqlite://x.db && echo '{\"done\":7}'";
        let mut told = Vec::new();
        let run = auditor(script).audit(&order(), |what| told.push(what.to_owned()));
        assert_eq!((run.unwrap(), told), (7, vec!["载入".to_owned()]));
        let failed = auditor("echo '{\"failed\":\"审计-2005 没有账\"}'").audit(&order(), |_| ());
        let failed = failed.unwrap_err();
        assert_eq!(
            (failed.code.as_str(), failed.message.as_str()),
            ("审计-2005", "没有账")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_ends_without_a_word_or_is_not_there_is_told_of() {
        for auditor in [
            auditor("exit 3"),
            Auditor::new("/nowhere/sanzi".into(), Vec::new(), String::new()),
        ] {
            assert_eq!(
                auditor.audit(&order(), |_| ()).unwrap_err().code,
                "网页-1015"
            );
        }
    }
}
