//! `sanzi export`: the books as a hand-in folder or in a data interface, and the tables of the audit, for other programs.

use std::path::{Path, PathBuf};

use super::args::{ExportArgs, ExportFormat};
use super::output::{Failure, Outcome};
use super::progress::Progress;
use super::{audit, session};
use crate::audit::export::{self as tables, TableForm};
use crate::audit::run::RunOptions;
use crate::audit::{AuditError, load};
use crate::export::{self, ExportError, ExportOptions, Exported, Interface};
use crate::pack::Pack;

pub async fn run(
    args: ExportArgs,
    rules: &Option<PathBuf>,
    overlay: &Option<PathBuf>,
) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    match args.format {
        ExportFormat::Arrow => of_audit(args, &pack, overlay, TableForm::Arrow).await,
        ExportFormat::Parquet => of_audit(args, &pack, overlay, TableForm::Parquet).await,
        ExportFormat::Bundle => of_books(args, &pack, Interface::Bundle).await,
        ExportFormat::Gbt24589Xml => of_books(args, &pack, Interface::Gbt24589Xml).await,
        ExportFormat::Gbt24589Json => of_books(args, &pack, Interface::Gbt24589Json).await,
        ExportFormat::Saft => of_books(args, &pack, Interface::Saft).await,
    }
}

/// The tables that rules see.
async fn of_audit(
    args: ExportArgs,
    pack: &Pack,
    overlay: &Option<PathBuf>,
    form: TableForm,
) -> Result<Outcome, Failure> {
    if args.period.is_some() {
        return Err(Failure::Input(
            "用法-1001 --period 只用于 bundle、gbt24589-xml、gbt24589-json 和 saft;arrow 和 parquet 用 --as-of".to_owned(),
        ));
    }
    let rule_pack = session::rule_pack(pack, overlay)?;
    let store = audit::open_source(&args.source, &args.out, &args.db, &args.org, pack).await?;
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
    let contents = tables::write(&snapshot, &rule_pack, &options, form, &args.out).await?;
    progress.finish();
    let rows: u64 = contents.tables.iter().map(|t| t.rows).sum();
    println!(
        "截止日 {};已写入 {} 个表、{} 行,目录见 {}",
        contents.as_of,
        contents.tables.len(),
        rows,
        args.out.join(tables::CONTENTS).display()
    );
    Ok(Outcome::Done)
}

/// The books themselves.
async fn of_books(args: ExportArgs, pack: &Pack, interface: Interface) -> Result<Outcome, Failure> {
    // What is read from a folder goes through a database of its own, which must not lie among what is exported.
    let scratch = tempfile::tempdir().map_err(|source| ExportError::Unwritable {
        path: std::env::temp_dir(),
        source,
    })?;
    // In a street's folder the company is a folder; a company's own files must be told whose they are.
    let inside = |org: &String| Path::new(&args.source).join(org).is_dir();
    let owner = args.org.clone().filter(|org| !inside(org));
    let store = audit::open_source(&args.source, scratch.path(), &args.db, &owner, pack).await?;
    let options = ExportOptions {
        interface,
        org: args.org,
        period: args.period,
        rules: pack,
        ids: &session::id_hasher()?,
    };
    let progress = Progress::start("导出");
    let exported = export::export(&store, &options, &args.out, |org| progress.note(org)).await;
    progress.finish();
    store.close().await?;
    print!("{}", account(&exported?, &args.out));
    Ok(Outcome::Done)
}

fn account(exported: &Exported, out: &Path) -> String {
    let mut text = format!(
        "已写入 {}:单位 {} 家,文件 {} 个,凭证 {} 张",
        out.display(),
        exported.organisations,
        exported.files,
        exported.vouchers
    );
    if exported.rows > 0 {
        text.push_str(&format!(",台账 {} 行", exported.rows));
    }
    if exported.held > 0 {
        text.push_str(&format!(",待纠正或作废的凭证 {} 张", exported.held));
    }
    text.push('\n');
    if exported.left_out > 0 {
        text.push_str(&format!(
            "  另有待纠正的凭证 {} 张没有写出:同号的凭证已经入账,或只因期间已结账而未入账\n",
            exported.left_out
        ));
    }
    text
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Failure {
        match error {
            ExportError::Ledger(e) => e.into(),
            ExportError::Store(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}
