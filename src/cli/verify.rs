//! `sanzi verify`.

use super::args::VerifyArgs;
use super::output::{Failure, Outcome};
use crate::ledger::verify;
use crate::store::Store;

pub async fn run(args: VerifyArgs) -> Result<Outcome, Failure> {
    let store = Store::open(&args.db.db).await?;
    let reports = verify::verify(&store, args.org.as_deref(), |_| {}).await?;
    let mut outcome = Outcome::Done;
    for report in &reports {
        match &report.fault {
            None => println!(
                "{}  完好  凭证 {} 张  链头 {}",
                report.organisation, report.length, report.head
            ),
            Some(fault) => {
                outcome = Outcome::Found;
                let voucher = fault
                    .voucher
                    .as_deref()
                    .map(|v| format!("(凭证 {v})"))
                    .unwrap_or_default();
                println!(
                    "{}  不符  第 {} 张{voucher}:{}",
                    report.organisation, fault.position, fault.reason
                );
            }
        }
    }
    if reports.is_empty() {
        println!("库中还没有账");
    }
    Ok(outcome)
}
