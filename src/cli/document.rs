//! `sanzi document`: audit documents as DOCX or PDF.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::args::{BookArgs, parse_role};
use super::output::{Failure, Outcome};
use super::session;
use crate::document::values::{self, Values};
use crate::document::{self, DocumentError, Form, Sheet, Typesetter, Wanted};
use crate::model::Role;
use crate::pack::Pack;
use crate::review::{Actor, Desk};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct DocumentArgs {
    #[command(subcommand)]
    pub command: DocumentCommand,
}

#[derive(Debug, Subcommand)]
pub enum DocumentCommand {
    /// 列出文书,以及模板可用的名称
    List {
        /// 列出模板里可以写的名称
        #[arg(long)]
        names: bool,
    },
    /// 制作一份文书
    Make(Box<MakeArgs>),
}

#[derive(Debug, Args)]
pub struct MakeArgs {
    /// 文书名称或代号(见 sanzi document list)
    #[arg(value_name = "文书")]
    pub form: String,
    #[command(flatten)]
    pub book: BookArgs,
    /// 只用这些疑点(可多次给出;默认该单位全部)
    #[arg(long, value_name = "编号")]
    pub item: Vec<String>,
    /// 只用处于这些状态的疑点(可多次给出)
    #[arg(long, value_name = "状态")]
    pub state: Vec<String>,
    /// 填写内容:名称=内容(可多次给出)
    #[arg(long, value_name = "名称=内容", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// 从 CSV 读取填写内容(两列:名称,内容)
    #[arg(long, value_name = "CSV 文件")]
    pub fields: Option<PathBuf>,
    /// 文件格式;PDF 由另装的程序 sanzi-pdf 排版
    #[arg(long, value_name = "格式", value_enum, default_value = "docx")]
    pub format: DocumentFormat,
    /// 用街道自己的 .docx 模板(写有 {{名称}})代替内置版式
    #[arg(long, value_name = "DOCX 文件")]
    pub template: Option<PathBuf>,
    /// 经办人
    #[arg(long = "as", value_name = "姓名")]
    pub user: String,
    /// 经办人的角色:看不到的疑点不会写入
    #[arg(long, value_name = "角色", default_value = "street_supervisor", value_parser = parse_role)]
    pub role: Role,
    /// 写到这个文件夹
    #[arg(long, value_name = "文件夹", default_value = ".")]
    pub out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    Docx,
    Pdf,
}

/// How the documents of one command are written.
enum Writer<'a> {
    Docx,
    Pdf(Typesetter),
    Letterhead(&'a Path),
}

impl Writer<'_> {
    /// # Errors
    /// A letterhead as PDF, or no program that makes PDF: said before anything is read.
    fn of(args: &MakeArgs) -> Result<Writer<'_>, DocumentError> {
        match (&args.template, args.format) {
            (Some(_), DocumentFormat::Pdf) => Err(DocumentError::LetterheadAsPdf),
            (Some(template), DocumentFormat::Docx) => Ok(Writer::Letterhead(template)),
            (None, DocumentFormat::Docx) => Ok(Writer::Docx),
            (None, DocumentFormat::Pdf) => Ok(Writer::Pdf(Typesetter::find()?)),
        }
    }

    fn ending(&self) -> &'static str {
        match self {
            Writer::Docx | Writer::Letterhead(_) => "docx",
            Writer::Pdf(_) => "pdf",
        }
    }

    /// The bytes, and the names that were left blank. `name` is the file's without its ending.
    fn written(
        &self,
        form: &Form,
        values: &Values,
        name: &str,
    ) -> Result<(Vec<u8>, Vec<String>), DocumentError> {
        if let Writer::Letterhead(template) = self {
            return document::fill_template(template, values);
        }
        let filled = document::fill(form, values);
        let bytes = match self {
            Writer::Pdf(typesetter) => typesetter.render(&filled.document, name)?,
            _ => document::render(&filled.document)?,
        };
        Ok((bytes, filled.blank))
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("应写成 名称=内容")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

pub async fn run(args: DocumentArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    match args.command {
        DocumentCommand::List { names } => print_forms(&pack, names),
        DocumentCommand::Make(args) => make(*args, &pack).await,
    }
}

fn print_forms(pack: &Pack, names: bool) -> Result<Outcome, Failure> {
    for form in document::forms(pack)? {
        println!("{:<22}{}:{}", form.id, form.title, form.purpose);
    }
    if names {
        println!(
            "\n由经办人填写(--set、--fields):{}",
            values::GIVEN.join("、")
        );
        println!("取自账簿和审计:{}", values::OF_RUN.join("、"));
        println!("取自一个疑点:{}", values::OF_FINDING.join("、"));
        for table in values::TABLE_NAMES {
            let names = values::row_names(table).unwrap_or(&[]);
            println!(
                "表「{table}」的一行:{}",
                names
                    .iter()
                    .map(|n| format!("{table}.{n}"))
                    .collect::<Vec<_>>()
                    .join("、")
            );
        }
    }
    Ok(Outcome::Done)
}

async fn make(args: MakeArgs, pack: &Pack) -> Result<Outcome, Failure> {
    let form = document::form(pack, &args.form)?;
    let writer = Writer::of(&args)?;
    let given = given(&args)?;
    let store = Store::open(&args.book.db.db).await?;
    let desk = Desk::open(&store, pack)
        .await
        .map_err(DocumentError::Review)?;
    let states = states(&desk, &args.state)?;
    let organisation = &args.book.org;
    let only = Some(BTreeSet::from([organisation.clone()]));
    let actor = Actor::new(&args.user, args.role, only).map_err(DocumentError::Review)?;
    let wanted = Wanted {
        organisation,
        items: &args.item,
        states: &states,
    };
    let sheets = document::sheets(&store, &desk, &actor, &form, wanted).await?;
    if sheets.is_empty() {
        println!("没有符合条件的疑点,没有制作文书");
        return Ok(Outcome::Done);
    }
    let mut blank = Vec::new();
    for Sheet { name, mut values } in sheets {
        for (name, value) in &given {
            values.set(name, value.as_str());
        }
        let name = format!("{}_{name}", form.title);
        let (bytes, left) = writer.written(&form, &values, &name)?;
        blank = left;
        let path = args.out.join(format!("{name}.{}", writer.ending()));
        save(&args.out, &path, &bytes)?;
        println!("已写入 {}", path.display());
    }
    if !blank.is_empty() {
        println!("留空待填:{}", blank.join("、"));
    }
    Ok(Outcome::Done)
}

/// What is said on the command line goes before what stands in the file.
fn given(args: &MakeArgs) -> Result<Vec<(String, String)>, Failure> {
    let mut given = match &args.fields {
        Some(path) => document::read_fields(path)?,
        None => Vec::new(),
    };
    given.extend(args.set.iter().cloned());
    Ok(given)
}

/// Codes of states given by code or label.
fn states(desk: &Desk, wanted: &[String]) -> Result<Vec<String>, Failure> {
    let all = &desk.workflow.states;
    let known = || {
        all.iter()
            .map(|s| s.label.as_str())
            .collect::<Vec<_>>()
            .join("、")
    };
    let code = |name: &String| {
        let found = all.iter().find(|s| &s.code == name || &s.label == name);
        found.map(|s| s.code.clone()).ok_or_else(|| {
            let error = crate::review::ReviewError::UnknownState(name.clone(), known());
            Failure::Input(error.to_string())
        })
    };
    wanted.iter().map(code).collect()
}

/// The file appears whole or not at all.
fn save(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |e: std::io::Error| {
        let reason = format!("{}:{e}", path.display());
        Failure::from(DocumentError::Write { reason })
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}
