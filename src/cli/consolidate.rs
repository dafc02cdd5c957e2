//! `sanzi consolidate`: 合并资产负债表 of a joint company and its members, or of the street.

use std::path::PathBuf;

use clap::Args;

use super::args::{DbArg, parse_range};
use super::output::{Failure, Outcome};
use super::session;
use super::statements::{StatementOutput, print};
use crate::consolidation::{Scope, consolidate};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct ConsolidateArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 村级联合公司的单位编码:合并它和它的成员单位;不写则合并全部单位
    #[arg(long, value_name = "单位编码")]
    pub org: Option<String>,
    /// 期间:2024-12(该月月末)
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: crate::model::PeriodRange,
    #[command(flatten)]
    pub output: StatementOutput,
}

pub async fn run(args: ConsolidateArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let store = Store::open(&args.db.db).await?;
    let scope = args.org.as_deref().map_or(Scope::Street, Scope::Around);
    let table = consolidate(store.db(), &pack, scope, args.period).await?;
    print(&[table], &args.output)
}
