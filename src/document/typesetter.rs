//! A document as PDF: the program `sanzi-pdf` is started, given the model on its standard input, and answers on its standard
//! output. It is a program of its own because Typst is large; whoever wants no PDF needs none of it.

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::DocumentError;
use super::blocks::Document;

const PROGRAM: &str = if cfg!(windows) {
    "sanzi-pdf.exe"
} else {
    "sanzi-pdf"
};
/// Names the program where it is found nowhere else, or another one is wanted.
const VARIABLE: &str = "SANZI_PDF";
/// Form of the model; changes with every change that an older `sanzi-pdf` would misread.
const VERSION: u32 = 1;
/// The longest report takes seconds; what takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Answers longer than this are none.
const LIMIT: u64 = 256 << 20;
/// How often a program at work is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// The program that makes PDF, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typesetter {
    program: PathBuf,
    patience: Duration,
}

/// What goes through the pipe.
#[derive(Serialize)]
struct Model<'a> {
    version: u32,
    ident: &'a str,
    #[serde(flatten)]
    document: &'a Document,
}

/// The model of `document` as JSON. `ident` is the same for each making of one document.
///
/// # Errors
/// [`DocumentError::Pdf`], never in practice.
pub fn model(document: &Document, ident: &str) -> Result<Vec<u8>, DocumentError> {
    let model = Model {
        version: VERSION,
        ident,
        document,
    };
    serde_json::to_vec(&model).map_err(|e| DocumentError::Pdf {
        program: PROGRAM.into(),
        reason: e.to_string(),
    })
}

impl Typesetter {
    pub fn new(program: impl Into<PathBuf>, patience: Duration) -> Typesetter {
        Typesetter {
            program: program.into(),
            patience,
        }
    }

    /// The program that `SANZI_PDF` names, else the one beside this program, else the one in PATH.
    ///
    /// # Errors
    /// [`DocumentError::NoPdf`] which says where was looked.
    pub fn find() -> Result<Typesetter, DocumentError> {
        let named = std::env::var_os(VARIABLE).filter(|v| !v.is_empty());
        let beside = std::env::current_exe().ok();
        let path = std::env::var_os("PATH").unwrap_or_default();
        found(named.as_deref(), beside.as_deref(), &path)
            .map(|program| Typesetter::new(program, PATIENCE))
    }

    /// `document` as PDF.
    ///
    /// # Errors
    /// [`DocumentError::Typeset`] with what the program said, [`DocumentError::Pdf`] when it said nothing that can be shown,
    /// answered with no PDF, or did not answer in time.
    pub fn render(&self, document: &Document, ident: &str) -> Result<Vec<u8>, DocumentError> {
        let input = model(document, ident)?;
        let child = Command::new(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|e| self.failed(format!("不能启动:{e}")))?;
        let answer = self.conversed(&mut child, input);
        // Nobody waits for a program that has been given up.
        if answer.is_err() {
            let _ = child.kill();
            let _ = child.wait();
        }
        answer
    }

    /// Writes and reads at once: a program that answers before it has read everything would otherwise wait for us for ever.
    fn conversed(&self, child: &mut Child, input: Vec<u8>) -> Result<Vec<u8>, DocumentError> {
        let until = Instant::now() + self.patience;
        if let Some(mut pipe) = child.stdin.take() {
            // A program that ends early closes its end; what it says tells why.
            thread::spawn(move || {
                let _ = pipe.write_all(&input);
            });
        }
        let (out, err) = (read(child.stdout.take()), read(child.stderr.take()));
        let status = loop {
            match child.try_wait().map_err(|e| self.failed(e.to_string()))? {
                Some(status) => break status,
                None if Instant::now() >= until => return Err(self.late()),
                None => thread::sleep(GLANCE),
            }
        };
        // A pipe can outlive the program, when somebody that it started holds it.
        let wait = || until.saturating_duration_since(Instant::now()) + Duration::from_secs(1);
        if !status.success() {
            let said = err.recv_timeout(wait()).unwrap_or_default();
            return Err(self.refused(&String::from_utf8_lossy(&said), &status.to_string()));
        }
        let pdf = out.recv_timeout(wait()).map_err(|_| self.late())?;
        if pdf.starts_with(b"%PDF-") && pdf.len() as u64 <= LIMIT {
            Ok(pdf)
        } else {
            Err(self.failed("交回的不是 PDF".to_owned()))
        }
    }

    /// What the program said, when it is a line of its own codes.
    fn refused(&self, said: &str, status: &str) -> DocumentError {
        let lines = || said.lines().map(str::trim).filter(|l| !l.is_empty());
        if let Some(line) = lines().find(|l| l.starts_with("排版-")) {
            return DocumentError::Typeset {
                said: line.to_owned(),
            };
        }
        let last = lines().next_back().unwrap_or("没有说明原因");
        self.failed(format!("{last}({status})"))
    }

    fn late(&self) -> DocumentError {
        let seconds = self.patience.as_secs();
        self.failed(format!("{seconds} 秒内没有完成,已停止"))
    }

    fn failed(&self, reason: String) -> DocumentError {
        DocumentError::Pdf {
            program: self.program.clone(),
            reason,
        }
    }
}

/// All that comes through a pipe, when it has come.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(LIMIT + 1).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

fn found(
    named: Option<&OsStr>,
    this: Option<&Path>,
    path: &OsStr,
) -> Result<PathBuf, DocumentError> {
    let missing = |looked: String| DocumentError::NoPdf { looked };
    if let Some(named) = named {
        let program = PathBuf::from(named);
        let looked = format!("{VARIABLE} 写的「{}」不是文件", program.display());
        return Some(program)
            .filter(|p| p.is_file())
            .ok_or_else(|| missing(looked));
    }
    let beside = this.and_then(Path::parent).map(Path::to_owned);
    let folders = beside.into_iter().chain(std::env::split_paths(path));
    let mut programs = folders.map(|folder| folder.join(PROGRAM));
    let looked = "本程序旁边、PATH 里都没有,也没有用 SANZI_PDF 指明";
    programs
        .find(|program| program.is_file())
        .ok_or_else(|| missing(looked.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Align, Block, Column};

    /// Every kind of block, several pages, characters that are rare or have a meaning in some markup.
    pub fn sample() -> Document {
        let column = |heading: &str, share, align| Column {
            heading: heading.into(),
            share,
            align,
        };
        let row = |n: u32| {
            let voucher = format!("2024-03-记-{n:04}");
            vec![voucher, "付龘靐齉工程款".into(), "1,234,567.89".into()]
        };
        Document {
            title: "审计工作底稿".into(),
            landscape: false,
            blocks: vec![
                Block::Fields {
                    columns: 2,
                    pairs: vec![
                        ("编号".into(), "C-001".into()),
                        ("单位".into(), "甲<公司>&#[]{}*_$\\\"".into()),
                        ("摘要".into(), String::new()),
                    ],
                },
                Block::Heading("一、事实".into()),
                Block::Text(format!("第一行,链头{}\n第二行", "0a1b2c3d".repeat(8))),
                Block::Table {
                    columns: vec![
                        column("凭证", 20, Align::Left),
                        column("摘要", 30, Align::Left),
                        column("金额(元)", 12, Align::Right),
                    ],
                    rows: (1..=60).map(row).collect(),
                },
                Block::Sign(vec!["审计人员(签名):".into(), "日期:".into()]),
                Block::PageBreak,
                Block::Heading("附件".into()),
                Block::Text("(无)".into()),
            ],
        }
    }

    /// What is written here is what `sanzi-pdf` reads in its own tests.
    #[test]
    fn the_model_is_the_one_that_the_other_program_is_tested_with() {
        let sample: serde_json::Value =
            serde_json::from_slice(&model(&sample(), "审计工作底稿_C-001").unwrap()).unwrap();
        let text = serde_json::to_string_pretty(&sample).unwrap() + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pdf/tests/model.json");
        if std::env::var_os("SANZI_UPDATE_DOCS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(stored, text, "SANZI_UPDATE_DOCS=1 writes it anew");
    }

    #[test]
    fn the_program_is_looked_for_where_it_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let (beside, elsewhere) = (folder.path().join("a"), folder.path().join("b"));
        for place in [&beside, &elsewhere] {
            std::fs::create_dir(place).unwrap();
        }
        let this = beside.join("sanzi");
        let path = elsewhere.as_os_str();
        let looked = |named: Option<&OsStr>| found(named, Some(&this), path);
        let said = looked(None).unwrap_err().to_string();
        assert!(said.starts_with("文书-1007 "), "{said}");
        let in_path = elsewhere.join(PROGRAM);
        std::fs::write(&in_path, "").unwrap();
        assert_eq!(looked(None).unwrap(), in_path);
        let near = beside.join(PROGRAM);
        std::fs::write(&near, "").unwrap();
        assert_eq!(looked(None).unwrap(), near);
        assert_eq!(looked(Some(in_path.as_os_str())).unwrap(), in_path);
        let nowhere = looked(Some(OsStr::new("/nowhere"))).unwrap_err();
        assert!(nowhere.to_string().contains("「/nowhere」"), "{nowhere}");
    }

    /// Runs `script` as the program.
    #[cfg(unix)]
    fn answer(script: &str, patience: Duration) -> Result<Vec<u8>, DocumentError> {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(PROGRAM);
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        // Larger than a pipe holds, so that one side waits for the other where both do not go at once.
        let mut document = sample();
        document.blocks.push(Block::Text("长".repeat(1 << 20)));
        Typesetter::new(program, patience).render(&document, "x")
    }

    #[cfg(unix)]
    #[test]
    fn what_the_program_answers_comes_back_whole() {
        let echo = "printf %%PDF-1.7; cat";
        let pdf = answer(echo, PATIENCE).unwrap();
        assert!(pdf.len() > 3 << 20, "{}", pdf.len());
        let early = answer("printf %%PDF-1.7", PATIENCE).unwrap();
        assert_eq!(early, b"%PDF-1.7", "it need not read to the end");
    }

    #[cfg(unix)]
    #[test]
    fn what_the_program_says_is_passed_on() {
        let said = |script: &str| answer(script, PATIENCE).unwrap_err().to_string();
        let coded = said("echo '排版-1002 没有可用的中文字体' >&2; exit 2");
        assert_eq!(coded, "排版-1002 没有可用的中文字体");
        let other = said("echo oh >&2; exit 1");
        assert!(
            other.starts_with("文书-1008 ") && other.contains("oh"),
            "{other}"
        );
        assert!(said("exit 3").contains("没有说明原因"));
        assert!(said("echo x").contains("交回的不是 PDF"));
        let gone = Typesetter::new("/nowhere", PATIENCE).render(&sample(), "x");
        assert!(gone.unwrap_err().to_string().contains("不能启动"));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_given_up() {
        let started = Instant::now();
        let said = answer("sleep 30", Duration::from_millis(300)).unwrap_err();
        assert!(said.to_string().contains("没有完成,已停止"), "{said}");
        // It answered, but somebody whom it left behind keeps the pipe open.
        let left = answer("sleep 30 & printf %%PDF-1.7", Duration::from_millis(300));
        assert!(left.is_err());
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
