//! `sanzi verify`.

use super::args::VerifyArgs;
use super::output::{Failure, Outcome};
use crate::ledger::verify;
use crate::review;
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
    for report in review::verify::verify(&store, args.org.as_deref()).await? {
        match &report.fault {
            None => println!(
                "{}  核查链完好  记录 {} 条  链头 {}",
                report.organisation, report.length, report.head
            ),
            Some(fault) => {
                outcome = Outcome::Found;
                let item = fault.item.as_deref();
                let item = item.map(|i| format!("(事项 {i})")).unwrap_or_default();
                println!(
                    "{}  核查链不符  第 {} 条{item}:{}",
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
