//! `sanzi verify`: the chains of a database, or a bundle without one.

use std::path::Path;

use super::args::VerifyArgs;
use super::output::{Failure, Outcome};
use crate::evidence::check::{self, Checked, Problem};
use crate::evidence::key;
use crate::ledger::verify;
use crate::review;
use crate::store::Store;

pub async fn run(args: VerifyArgs) -> Result<Outcome, Failure> {
    match (&args.bundle, &args.db) {
        (Some(path), _) => bundle(path, args.key.as_deref()),
        (None, db) => chains(db.as_deref().unwrap_or_default(), args.org.as_deref()).await,
    }
}

/// Every problem of a bundle, or that it is whole and who signed it.
fn bundle(path: &Path, key: Option<&str>) -> Result<Outcome, Failure> {
    let expected = key.map(key::expected).transpose()?;
    let checked = match std::fs::read(path) {
        Ok(bytes) => check::check(&bytes, expected.as_deref()),
        Err(e) => Checked {
            problems: vec![Problem::Unreadable(format!("{}:{e}", path.display()))],
            ..Checked::default()
        },
    };
    for problem in &checked.problems {
        println!("错误 {problem}");
    }
    if let Some(manifest) = &checked.manifest {
        println!(
            "{} 由 {} 制作,{},事项 {}",
            manifest.made_at,
            manifest.made_by,
            manifest.program,
            manifest.items.join("、")
        );
        println!(
            "已核对:文件 {} 个,凭证 {} 张,链上 {} 条,核查记录 {} 条",
            manifest.files.len(),
            checked.vouchers,
            checked.links,
            checked.events
        );
    }
    match (&checked.signed_by, &expected) {
        (Some(by), Some(expected)) if by == expected => println!("签名成立,是所指定的签名者:{by}"),
        (Some(by), None) => println!(
            "签名成立,签名公钥指纹 {by}。没有给出 --key:只证明签名之后未被改动,不证明签名者是谁;请另行核对指纹"
        ),
        _ => {}
    }
    if checked.problems.is_empty() {
        println!("证据包完好");
        return Ok(Outcome::Done);
    }
    println!("证据包不符:{} 处", checked.problems.len());
    Ok(Outcome::Found)
}

async fn chains(db: &str, org: Option<&str>) -> Result<Outcome, Failure> {
    let store = Store::open(db).await?;
    let reports = verify::verify(&store, org, |_| {}).await?;
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
    for report in review::verify::verify(&store, org).await? {
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
    // The plan is the street's, not one organisation's.
    if org.is_none() {
        for report in crate::supervision::verify::verify(&store).await? {
            match &report.fault {
                None if report.length == 0 => {}
                None => println!(
                    "{}  完好  记录 {} 条  链头 {}",
                    report.name, report.length, report.head
                ),
                Some((position, reason)) => {
                    outcome = Outcome::Found;
                    println!("{}  不符  第 {position} 条:{reason}", report.name);
                }
            }
        }
    }
    if reports.is_empty() {
        println!("库中还没有账");
    }
    Ok(outcome)
}
