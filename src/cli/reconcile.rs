//! `sanzi reconcile`: 银行存款余额调节表.

use std::path::PathBuf;

use clap::Args;

use super::args::{DbArg, parse_range};
use super::output::{Failure, Outcome};
use super::session;
use super::statements::{StatementFormat, print};
use crate::reconcile::reconcile;
use crate::store::Store;

#[derive(Debug, Args)]
pub struct ReconcileArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: String,
    /// 期间:2024-12(对到该月月末)
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: crate::model::PeriodRange,
    #[arg(
        long,
        value_name = "格式",
        value_enum,
        default_value = "table",
        help = "table 表格、xlsx、html、csv、json"
    )]
    pub format: StatementFormat,
    /// 写到这个文件(xlsx 必须给出)
    #[arg(long, value_name = "文件", required_if_eq("format", "xlsx"))]
    pub out: Option<PathBuf>,
}

pub async fn run(args: ReconcileArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let store = Store::open(&args.db.db).await?;
    crate::ledger::read::book(store.db(), &args.org).await?;
    let tables = reconcile(store.db(), &pack, &args.org, args.period).await?;
    print(&tables, args.format, args.out.as_deref())
}
