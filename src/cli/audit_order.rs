//! The hidden command with which `sanzi serve` audits in a program of its own.

use std::io::{self, BufRead, BufReader, Read};

use clap::Args;

use super::output::{Failure, Outcome};
use super::session;
use crate::web::auditor::{Order, obey};

#[derive(Debug, Args)]
pub struct AuditOrderArgs {
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: String,
}

pub async fn run(
    args: AuditOrderArgs,
    rules: &Option<std::path::PathBuf>,
    overlay: &Option<std::path::PathBuf>,
) -> Result<Outcome, Failure> {
    let order = ordered().map_err(|e| Failure::Internal(e.to_string()))?;
    let pack = session::pack(rules)?;
    let rule_pack = session::rule_pack(&pack, overlay)?;
    let (store, _) = session::open_store(&args.db).await?;
    let done = obey(&store, &pack, &rule_pack, order, io::stdout()).await;
    store.close().await?;
    done.map_err(|e| Failure::Internal(e.to_string()))?;
    Ok(Outcome::Done)
}

/// Reads the order. Whoever gave it holds the other end of standard input: when that closes, nobody wants the result.
fn ordered() -> io::Result<Order> {
    let mut input = BufReader::new(io::stdin());
    let mut line = String::new();
    input.read_line(&mut line)?;
    let order = serde_json::from_str(&line)?;
    std::thread::spawn(move || {
        let _ = io::copy(&mut input.by_ref(), &mut io::sink());
        std::process::exit(i32::from(Outcome::INTERNAL));
    });
    Ok(order)
}
