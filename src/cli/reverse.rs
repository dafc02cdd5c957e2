//! `sanzi reverse`.

use super::args::ReverseArgs;
use super::output::{Failure, Outcome};
use super::session;
use crate::ledger::reverse::{self, Reversal};
use crate::store::Store;

pub async fn run(args: ReverseArgs) -> Result<Outcome, Failure> {
    let store = Store::open(&args.book.db.db).await?;
    let reversal = Reversal {
        organisation: &args.book.org,
        voucher: &args.voucher,
        date: args.date,
        maker: &args.maker,
        reason: &args.reason,
    };
    let id = reverse::reverse(&store, &reversal, session::now()).await?;
    println!("已红字冲销 {},冲销凭证为 {id}", args.voucher);
    Ok(Outcome::Done)
}
