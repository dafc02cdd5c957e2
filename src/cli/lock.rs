//! `sanzi lock`.

use super::args::LockArgs;
use super::output::{Failure, Outcome};
use super::session;
use crate::ledger::lock;
use crate::store::Store;

pub async fn run(args: LockArgs) -> Result<Outcome, Failure> {
    let store = Store::open(&args.book.db.db).await?;
    let mut period = args.period.range.first;
    while period <= args.period.range.last {
        let locked =
            lock::lock(store.db(), &args.book.org, period, &args.by, session::now()).await?;
        println!(
            "{} {period} {}",
            args.book.org,
            if locked {
                "已锁定"
            } else {
                "早已锁定,未作改动"
            }
        );
        period = period.next();
    }
    Ok(Outcome::Done)
}
