//! `sanzi chart-change`: 新旧会计科目衔接.

use std::path::PathBuf;

use clap::Args;

use super::args::BookArgs;
use super::output::{Failure, Outcome};
use super::session;
use super::statements::{StatementOutput, print};
use crate::store::Store;
use crate::transition::{self, Carry, TransitionError};

#[derive(Debug, Args)]
pub struct ChartChangeArgs {
    #[command(flatten)]
    pub book: BookArgs,
    /// 换用新科目表的年度,如 2024
    #[arg(long, value_name = "年度")]
    pub year: i32,
    #[command(flatten)]
    pub output: StatementOutput,
    /// 账上没有年初余额时,按对照表结转上年年末余额(记为一个批次,可以撤销)
    #[arg(long, requires = "by")]
    pub carry: bool,
    /// 指明旧科目转入哪个新科目(可多次给出),明细随上级转
    #[arg(long, value_name = "旧科目=新科目", value_parser = parse_target, requires = "carry")]
    pub to: Vec<(String, String)>,
    /// 结转人
    #[arg(long, value_name = "姓名", env = "SANZI_USER")]
    pub by: Option<String>,
}

fn parse_target(text: &str) -> Result<(String, String), String> {
    let parts = text
        .split_once('=')
        .filter(|(a, b)| !a.is_empty() && !b.is_empty());
    let (old, new) = parts.ok_or("请写成 旧科目=新科目,如 212=311")?;
    Ok((old.to_owned(), new.to_owned()))
}

pub async fn run(args: ChartChangeArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let store = Store::open(&args.book.db.db).await?;
    let (organisation, year) = (args.book.org.as_str(), args.year);
    if let (true, Some(by)) = (args.carry, &args.by) {
        let carry = Carry {
            organisation,
            year,
            targets: &args.to,
            by,
            at: session::now(),
        };
        let carried = transition::carry(&store, &pack, &carry).await?;
        eprintln!(
            "已结转 {year} 年年初余额 {} 笔,批次 {}",
            carried.entries, carried.batch_id
        );
        for doubtful in &carried.doubtful {
            eprintln!("  请核对:{doubtful}");
        }
    }
    let sheet = transition::sheet(store.db(), &pack, organisation, year).await?;
    print(&[sheet], &args.output)
}

impl From<TransitionError> for Failure {
    fn from(error: TransitionError) -> Failure {
        match error {
            TransitionError::Ledger(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}
