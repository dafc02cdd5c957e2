//! `sanzi findings bundle`: items as one signed zip.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{DbArg, parse_role};
use super::findings::actor;
use super::output::Failure;
use super::session;
use crate::evidence::key::Signer;
use crate::evidence::{self, EvidenceError};
use crate::model::Role;
use crate::pack::Pack;
use crate::review::Desk;
use crate::store::Store;

#[derive(Debug, Args)]
pub struct BundleArgs {
    /// 事项编号(可给出多个,见 findings list)
    #[arg(value_name = "编号", required = true)]
    pub items: Vec<String>,
    #[command(flatten)]
    pub db: DbArg,
    /// 写成这个文件
    #[arg(long, value_name = "ZIP 文件")]
    pub out: PathBuf,
    /// 制作人
    #[arg(long = "as", value_name = "姓名")]
    pub user: String,
    /// 制作人的角色:纪检监察、街道监管员、街道复核人
    #[arg(long, value_name = "角色", value_parser = parse_role, default_value = "inspector")]
    pub role: Role,
    /// 制作人负责的单位(可多次给出;默认全部单位)
    #[arg(long = "of", value_name = "单位编码")]
    pub of: Vec<String>,
}

pub async fn run(args: BundleArgs, pack: &Pack) -> Result<(), Failure> {
    let actor = actor(&args.user, args.role, &args.of)?;
    let signer = Signer::load()?;
    let store = Store::open(&args.db.db).await?;
    let desk = Desk::open(&store, pack).await?;
    let (bytes, manifest) = evidence::make(
        &store,
        &desk,
        pack,
        &actor,
        &args.items,
        &signer,
        session::now(),
    )
    .await?;
    save(&args.out, &bytes)?;
    println!(
        "已写入 {}:文件 {} 个",
        args.out.display(),
        manifest.files.len()
    );
    println!("签名公钥 {}", manifest.signer.public_key);
    println!("公钥指纹 {}", manifest.signer.fingerprint);
    Ok(())
}

/// The file appears whole or not at all.
fn save(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    let failed = |e: std::io::Error| EvidenceError::Write(format!("{}:{e}", path.display()));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}
