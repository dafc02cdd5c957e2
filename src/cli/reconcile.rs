//! `sanzi reconcile`: 银行存款余额调节表.

use std::path::PathBuf;

use clap::Args;

use super::args::{BookArgs, parse_range};
use super::output::{Failure, Outcome};
use super::session;
use super::statements::{StatementOutput, print};
use crate::reconcile::reconcile;
use crate::store::Store;

#[derive(Debug, Args)]
pub struct ReconcileArgs {
    #[command(flatten)]
    pub book: BookArgs,
    /// 期间:2024-12(对到该月月末)
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: crate::model::PeriodRange,
    #[command(flatten)]
    pub output: StatementOutput,
}

pub async fn run(args: ReconcileArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let store = Store::open(&args.book.db.db).await?;
    crate::ledger::read::book(store.db(), &args.book.org).await?;
    let tables = reconcile(store.db(), &pack, &args.book.org, args.period).await?;
    print(&tables, &args.output)
}
