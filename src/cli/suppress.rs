//! `sanzi suppress add|list|lift`: findings set aside by two persons for a time.

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::args::{DbArg, Format, OutputArg, parse_date};
use super::output::{Failure, Outcome};
use super::session;
use super::table::{Align, csv_text, layout};
use crate::audit::suppression::{self, Request, Standing, SuppressionError};
use crate::store::Store;
use crate::store::suppressions::{self, Lift, Stored};

#[derive(Debug, Args)]
pub struct SuppressArgs {
    #[command(subcommand)]
    pub command: SuppressCommand,
}

#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// 压制一条疑点:到期、解除或内容有变即恢复
    Add {
        /// 报告里的编号或指纹
        #[arg(value_name = "编号|指纹")]
        finding: String,
        /// 理由
        #[arg(long, value_name = "理由")]
        reason: String,
        /// 依据的文件,如会议纪要、批复的文号
        #[arg(long, value_name = "文件")]
        document: String,
        /// 有效期的最后一天
        #[arg(long, value_name = "日期", value_parser = parse_date)]
        until: NaiveDate,
        /// 经办人
        #[arg(long, value_name = "姓名", env = "SANZI_USER")]
        by: String,
        /// 批准人(须是另一人)
        #[arg(long, value_name = "姓名")]
        approved_by: String,
        #[command(flatten)]
        db: DbArg,
    },
    /// 列出全部压制,连同已到期、已解除的
    List {
        #[command(flatten)]
        db: DbArg,
        #[command(flatten)]
        output: OutputArg,
    },
    /// 解除一项压制:下次审计起照常列出
    Lift {
        /// 压制的序号(见 suppress list)
        #[arg(value_name = "序号")]
        id: i64,
        /// 经办人
        #[arg(long, value_name = "姓名", env = "SANZI_USER")]
        by: String,
        /// 解除原因
        #[arg(long, value_name = "原因")]
        reason: String,
        #[command(flatten)]
        db: DbArg,
    },
}

pub async fn run(args: SuppressArgs) -> Result<Outcome, Failure> {
    match args.command {
        SuppressCommand::Add {
            finding,
            reason,
            document,
            until,
            by,
            approved_by,
            db,
        } => {
            let store = Store::open(&db.db).await?;
            let request = Request {
                finding: &finding,
                reason: &reason,
                document: &document,
                until,
                by: &by,
                approved_by: &approved_by,
                at: session::now(),
            };
            let done = suppression::add(&store, &request).await?;
            println!(
                "已压制 {}(第 {} 号),有效期至 {}:{}经办,{}批准。下次审计起单独列出,不计入合计",
                done.finding.number, done.id, done.until, done.by, done.approved_by
            );
        }
        SuppressCommand::List { db, output } => {
            let store = Store::open(&db.db).await?;
            let all = suppressions::all(store.db()).await?;
            let today = session::now().date();
            match output.format {
                Format::Table if all.is_empty() => println!("没有压制任何疑点"),
                Format::Table => print!("{}", layout(&HEADERS, &rows(&all, today))),
                Format::Csv => print!(
                    "{}",
                    csv_text(&HEADERS.map(|(title, _)| title), rows(&all, today))?
                ),
                Format::Json => println!("{}", as_json(&all, today)),
            }
        }
        SuppressCommand::Lift { id, by, reason, db } => {
            let store = Store::open(&db.db).await?;
            let at = session::now();
            let lifted = suppression::lift(&store, id, Lift { at, by, reason }).await?;
            println!(
                "已解除对 {} 的压制,下次审计起照常列出",
                lifted.finding.number
            );
        }
    }
    Ok(Outcome::Done)
}

const HEADERS: [(&str, Align); 10] = [
    ("序号", Align::Right),
    ("编号", Align::Left),
    ("单位", Align::Left),
    ("状态", Align::Left),
    ("有效期至", Align::Left),
    ("理由", Align::Left),
    ("依据文件", Align::Left),
    ("经办人", Align::Left),
    ("批准人", Align::Left),
    ("解除", Align::Left),
];

fn rows(all: &[Stored], today: NaiveDate) -> Vec<Vec<String>> {
    let row = |s: &Stored| {
        let lifted = s.lifted.as_ref();
        vec![
            s.id.to_string(),
            s.finding.number.clone(),
            s.finding.organisation.clone(),
            Standing::of(s, today).label().to_owned(),
            s.until.to_string(),
            s.reason.clone(),
            s.document.clone(),
            s.by.clone(),
            s.approved_by.clone(),
            lifted.map_or(String::new(), |l| format!("{} {}:{}", l.at, l.by, l.reason)),
        ]
    };
    all.iter().map(row).collect()
}

fn as_json(all: &[Stored], today: NaiveDate) -> serde_json::Value {
    let one = |s: &Stored| {
        let lift = s.lifted.as_ref();
        let lift = lift.map(|l| serde_json::json!({ "at": l.at, "by": l.by, "reason": l.reason }));
        serde_json::json!({
            "id": s.id, "number": s.finding.number, "fingerprint": s.finding.fingerprint,
            "organisation": s.finding.organisation, "state": Standing::of(s, today).code(),
            "until": s.until, "reason": s.reason, "document": s.document, "at": s.at,
            "by": s.by, "approved_by": s.approved_by, "lifted": lift,
        })
    };
    all.iter().map(one).collect()
}

impl From<SuppressionError> for Failure {
    fn from(error: SuppressionError) -> Failure {
        match error {
            SuppressionError::Store(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}
