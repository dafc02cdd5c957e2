//! `sanzi serve`: the workspace in the browser. `--demo` fills one with a fictitious street and a user for every role.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::demo_plan;
use super::import::{self, Reading};
use super::output::{Failure, Outcome};
use super::progress::Progress;
use super::session;
use crate::access::password::Hasher;
use crate::access::user::{self, Profile, is_company};
use crate::access::{AccessError, Scope, first};
use crate::audit::examine::examine;
use crate::audit::record;
use crate::audit::rule::RulePack;
use crate::audit::run::RunOptions;
use crate::document::Typesetter;
use crate::generate::{self, GenerateOptions};
use crate::import::IdHasher;
use crate::import::commit::Defects;
use crate::model::Role;
use crate::pack::Pack;
use crate::review::Desk;
use crate::review::absorb::absorb;
use crate::store::Store;
use crate::web::auditor::Auditor;
use crate::web::{ServeError, Tiles, TilesError, Tls, Workspace, serve};

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// 数据库:sqlite://文件 或 postgres://用户:口令@主机/库
    #[arg(
        long,
        value_name = "地址",
        env = "SANZI_DB",
        required_unless_present = "demo"
    )]
    pub db: Option<String>,
    /// 在这个地址和端口上服务
    #[arg(long, value_name = "地址:端口", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// TLS 证书链(PEM);给出后只接受 https
    #[arg(long, value_name = "文件", requires = "key")]
    pub cert: Option<PathBuf>,
    /// 证书的私钥(PEM)
    #[arg(long, value_name = "文件", requires = "cert")]
    pub key: Option<PathBuf>,
    /// 地图的底图:瓦片服务的地址,含 {z}、{x}、{y};不给出就没有底图,也不向外请求
    #[arg(long, value_name = "地址", env = "SANZI_TILES", value_parser = parse_tiles)]
    pub tiles: Option<Tiles>,
    /// 底图的版权说明,显示在图上
    #[arg(
        long,
        value_name = "文字",
        env = "SANZI_TILES_CREDIT",
        default_value = "",
        hide_default_value = true
    )]
    pub tiles_credit: String,
    /// 演示:临时数据库,装入这个文件夹里的账套并审计,每种角色一位用户
    #[arg(long, value_name = "文件夹", num_args = 0..=1, conflicts_with = "db")]
    pub demo: Option<Option<PathBuf>>,
}

fn parse_tiles(text: &str) -> Result<Tiles, TilesError> {
    Tiles::new(text, "")
}

/// The password of all demo users.
const DEMO_PASSWORD: &str = "三资演示口令2025";

pub async fn run(
    args: ServeArgs,
    rules: &Option<PathBuf>,
    overlay: &Option<PathBuf>,
) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let rule_pack = session::rule_pack(&pack, overlay)?;
    // Gone when the program ends.
    let folder = tempfile::tempdir().map_err(|e| Failure::Internal(e.to_string()))?;
    let url = match (&args.demo, args.db) {
        (None, Some(url)) => url,
        _ => format!("sqlite://{}", folder.path().join("demo.db").display()),
    };
    let (store, ids) = session::open_store(&url).await?;
    let hasher = Hasher::default();
    if let Some(source) = &args.demo {
        let source = source.as_deref();
        fill(&store, &ids, &pack, source, folder.path()).await?;
        audit(&store, &rule_pack).await?;
        demo_users(&store, &hasher).await?;
        demo_plan::fill(&store, &pack, &rule_pack).await?;
    }
    // A new SQLite file keeps its write-ahead log from the second opening on, and without it readers wait for writers.
    store.close().await?;
    let (store, ids) = session::open_store(&url).await?;
    take_up(&store, &pack).await?;
    let code = first::offer(&store).await?;
    let tls = args.cert.zip(args.key);
    let tls = tls.map(|(certificate, key)| Tls { certificate, key });
    let mut workspace = Workspace::new(store, pack, rule_pack, ids, hasher, tls.is_some());
    if let Some(tiles) = args.tiles {
        let credit = args.tiles_credit;
        workspace = workspace.with_tiles(Tiles { credit, ..tiles });
    }
    if let Ok(program) = std::env::current_exe() {
        let arguments = session::rules_arguments(rules, overlay);
        workspace = workspace.with_auditor(Auditor::new(program, arguments, url));
    }
    // Without it documents are DOCX only, and their page says so.
    if let Ok(typesetter) = Typesetter::find() {
        workspace = workspace.with_typesetter(typesetter);
    }
    let served = serve(&workspace, args.listen, tls.as_ref()).await?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("在 {scheme}://{}/ 服务,按 Ctrl+C 停止", served.address);
    if tls.is_none() && !served.address.ip().is_loopback() {
        println!("注意:没有证书,口令在网络上是明文。请用 --cert、--key 指定证书");
    }
    if let Some(code) = code {
        println!("还没有用户。打开上面的地址,用一次性代码 {code} 建立首位系统管理员");
    }
    served.until(stopped()).await?;
    println!("已停止");
    Ok(Outcome::Done)
}

/// Ctrl+C, or what a service manager sends.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}

/// Fills the demo: a folder that was named, the street that lies in the sources, or, where neither is, a generated one.
async fn fill(
    store: &Store,
    ids: &IdHasher,
    pack: &Pack,
    named: Option<&Path>,
    scratch: &Path,
) -> Result<(), Failure> {
    let shipped = Path::new("fixtures/jiufeng");
    let source = match (named, shipped.is_dir()) {
        (Some(named), _) => named.to_path_buf(),
        (None, true) => shipped.to_path_buf(),
        (None, false) => generated(scratch)?,
    };
    let reading = Reading {
        source: &source,
        org: None,
        pack,
        ids,
    };
    println!("演示:装入 {}", source.display());
    import::receive(&reading, store, Defects::Quarantine, Some("演示")).await?;
    Ok(())
}

/// Audits what was filled in.
async fn audit(store: &Store, rules: &RulePack) -> Result<(), Failure> {
    let progress = Progress::start("审计");
    let note = |text: &str| progress.note(text);
    let (result, _) = examine(store, rules, RunOptions::default(), note).await?;
    record::save(store, &result, session::now()).await?;
    progress.finish();
    Ok(())
}

/// Makes items of the findings of stored runs: those of the demo, and of a run after which the program died.
async fn take_up(store: &Store, pack: &Pack) -> Result<(), Failure> {
    let desk = Desk::open(store, pack).await?;
    absorb(store, &desk, session::now()).await?;
    Ok(())
}

fn generated(scratch: &Path) -> Result<PathBuf, Failure> {
    let options = GenerateOptions {
        companies: 4,
        postings: 10_000,
        months: 24,
        seed: 1,
        inject_ppm: 500_000,
        out: scratch.join("演示街道"),
    };
    let made = generate::generate(&options, &|_, _| {});
    made.map_err(|e| Failure::Input(e.to_string()))?;
    Ok(options.out)
}

/// One user a role; those of companies belong to the first.
async fn demo_users(store: &Store, hasher: &Hasher) -> Result<(), Failure> {
    let books = crate::ledger::read::books(store.db()).await?;
    let company = books.first().map(|b| b.organisation.clone());
    println!("\n登录名(口令都是 {DEMO_PASSWORD}):");
    for role in Role::ALL {
        let scope = match (is_company(role), &company) {
            (true, Some(code)) => Scope::Only([code.clone()].into()),
            (true, None) => continue,
            (false, _) => Scope::All,
        };
        let login = role.code().replace('_', "-");
        let profile = Profile {
            name: format!("演示{}", role.label()),
            login: login.clone(),
            role,
            scope,
        };
        // Made by themselves, so that the password need not be changed first.
        user::create(
            store,
            hasher,
            &profile,
            DEMO_PASSWORD,
            &login,
            session::now(),
        )
        .await?;
        println!("  {login:<20} {}", role.label());
    }
    println!();
    Ok(())
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Failure {
        match error {
            AccessError::Store(e) => e.into(),
            AccessError::Hashing(_) => Failure::Internal(error.to_string()),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Failure {
        Failure::Input(error.to_string())
    }
}
