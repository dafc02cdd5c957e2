//! `sanzi export`: the tables of the audit as files for other programs.

use std::path::PathBuf;

use super::args::{ExportArgs, ExportFormat};
use super::output::{Failure, Outcome};
use super::progress::Progress;
use super::{audit, session};
use crate::audit::rule::RulePack;
use crate::audit::run::RunOptions;
use crate::audit::{AuditError, export, load};

pub async fn run(args: ExportArgs, rules: &Option<PathBuf>) -> Result<Outcome, Failure> {
    let ExportFormat::Arrow = args.format;
    let pack = session::pack(rules)?;
    let rule_pack = RulePack::load(&pack);
    let store = audit::open_source(&args.source, &args.out, &args.db, &args.org, &pack).await?;
    let progress = Progress::start("导出");
    let snapshot = load::load(&store, &rule_pack, args.as_of, |n| {
        progress.note(&format!("已载入凭证 {n} 张"))
    })
    .await?;
    store.close().await?;
    if snapshot.organisations.is_empty() {
        return Err(AuditError::Empty.into());
    }
    let options = RunOptions {
        as_of: args.as_of,
        ..RunOptions::default()
    };
    let contents = export::write(&snapshot, &rule_pack, &options, &args.out).await?;
    progress.finish();
    let rows: u64 = contents.tables.iter().map(|t| t.rows).sum();
    println!(
        "截止日 {};已写入 {} 个表、{} 行,目录见 {}",
        contents.as_of,
        contents.tables.len(),
        rows,
        args.out.join(export::CONTENTS).display()
    );
    Ok(Outcome::Done)
}
