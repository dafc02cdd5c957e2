//! `sanzi audit`: from files, or from a database, to a report.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{AuditArgs, FailOn};
use super::import;
use super::output::{Failure, Outcome};
use super::progress::Progress;
use super::{labels, session};
use crate::audit::examine::examine;
use crate::audit::outcome::{AuditRun, FindingSeverity};
use crate::audit::run::RunOptions;
use crate::audit::timing::{Part, Step, Stopwatch};
use crate::audit::{AuditError, record, suppression};
use crate::import::commit::{Defects, Receipt};
use crate::import::handin::HandIn;
use crate::model::{HeldReason, Severity};
use crate::pack::Pack;
use crate::report;
use crate::review::Desk;
use crate::review::absorb::{Absorbed, absorb};
use crate::store::Store;

/// Findings that the terminal shows.
const SHOWN: usize = 20;

pub async fn run(
    args: AuditArgs,
    rules: &Option<PathBuf>,
    overlay: &Option<PathBuf>,
) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    let rule_pack = session::rule_pack(&pack, overlay)?;
    let reading = session::with_profiles(&pack, &args.profile)?;
    let store = open_source(&args.source, &args.out, &args.db, &args.org, &reading).await?;
    let progress = Progress::start("审计");
    let options = RunOptions {
        as_of: args.as_of,
        rules: args.only.clone(),
        suppressions: suppression::in_force(&store, session::now().date()).await?,
        ..RunOptions::default()
    };
    let note = |text: &str| progress.note(text);
    let (result, loaded) = examine(&store, &rule_pack, options, note).await?;
    progress.note("写报告");
    let watch = Stopwatch::start();
    record::save(&store, &result, session::now()).await?;
    let absorbed = follow_up(&store, &pack).await?;
    store.close().await?;
    let files = report::write_all(&result, &args.out, session::now())
        .map_err(|e| Failure::Internal(e.to_string()))?;
    let reported = watch.step(Part::Report, "", result.findings.len() as u64);
    progress.finish();
    if let Some(path) = &args.timings {
        let steps = std::iter::once(&loaded).chain(&result.steps);
        write_timings(path, steps.chain([&reported]))?;
    }
    print!(
        "{}",
        report::terminal::ranked_table(&result, SHOWN, terminal_width())
    );
    print!("\n{}", followed_up(&absorbed));
    println!("\n报告已写入:");
    for file in files {
        println!("  {}", file.display());
    }
    if let Some(path) = &args.labels {
        print!("\n{}", labels::compare(&result, path)?);
    }
    Ok(if reaches(&result, args.fail_on) {
        Outcome::Found
    } else {
        Outcome::Done
    })
}

/// The run into the life of its findings.
async fn follow_up(store: &Store, pack: &Pack) -> Result<Absorbed, Failure> {
    let desk = Desk::open(store, pack).await?;
    Ok(absorb(store, &desk, session::now()).await?)
}

fn followed_up(absorbed: &Absorbed) -> String {
    let Absorbed {
        appeared,
        changed,
        gone,
        returned,
        reopened,
        ..
    } = absorbed;
    format!(
        "核查事项:新增 {appeared},内容有变化 {changed},未再发现 {gone},再次发现 {returned}(其中销号后重新打开 {reopened});\
         用 sanzi findings list 查看\n"
    )
}

/// The store that a command works on: the database named as its source, or one that the folder is read into.
pub async fn open_source(
    source: &str,
    out: &Path,
    db: &Option<String>,
    org: &Option<String>,
    pack: &Pack,
) -> Result<Store, Failure> {
    match database(source) {
        Some(url) => Ok(session::open_store(&url).await?.0),
        None => {
            let beside = || format!("sqlite://{}", out.join("sanzi.db").display());
            let url = db.clone().unwrap_or_else(beside);
            receive(source, &url, org.clone(), pack).await
        }
    }
}

/// One line per step; the CPU time is that of the whole process while the step ran.
fn write_timings<'a>(path: &Path, steps: impl Iterator<Item = &'a Step>) -> Result<(), Failure> {
    let millis = |d: Duration| format!("{}.{:03}", d.as_millis(), d.as_micros() % 1000);
    let write = || -> Result<(), csv::Error> {
        let mut csv = csv::Writer::from_path(path)?;
        csv.write_record(["步骤", "名称", "行数", "金额合计", "毫秒", "处理器毫秒"])?;
        for step in steps {
            csv.write_record([
                step.part.label(),
                &step.name,
                &step.rows.to_string(),
                &step.amount,
                &millis(step.wall),
                &step.cpu.map(millis).unwrap_or_default(),
            ])?;
        }
        Ok(csv.flush()?)
    };
    write().map_err(|e| {
        AuditError::Unwritable {
            path: path.to_owned(),
            reason: e.to_string(),
        }
        .into()
    })
}

/// The source as a database address, if it is one.
fn database(source: &str) -> Option<String> {
    let by_scheme = ["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|s| source.starts_with(s));
    let is_sqlite_file = || {
        use std::io::Read;
        let mut magic = [0u8; 16];
        std::fs::File::open(source)
            .and_then(|mut f| f.read_exact(&mut magic))
            .is_ok()
            && &magic == b"SQLite format 3\0"
    };
    (by_scheme || is_sqlite_file()).then(|| source.to_owned())
}

/// Reads a folder into the store; sound vouchers are posted, defective ones kept aside.
async fn receive(
    source: &str,
    url: &str,
    org: Option<String>,
    pack: &Pack,
) -> Result<Store, Failure> {
    let source = Path::new(source);
    if !source.exists() {
        return Err(Failure::Input(format!(
            "用法-1002 找不到「{}」。请核对路径",
            source.display()
        )));
    }
    let (store, ids) = session::open_store(url).await?;
    let reading = import::Reading {
        source,
        org,
        pack,
        ids: &ids,
    };
    let quarantine = Defects::Quarantine;
    let (hand_in, receipt) = import::receive(&reading, &store, quarantine, None).await?;
    print!("{}", received(&hand_in, &receipt));
    Ok(store)
}

/// What was received, in a few lines; errors in full.
fn received(hand_in: &HandIn, receipt: &Receipt) -> String {
    let mut out = format!("读入 {}\n", hand_in.label);
    for company in &hand_in.companies {
        let defective = company
            .held
            .iter()
            .filter(|h| h.reason == HeldReason::Defective)
            .count();
        let entries: usize = company.vouchers.iter().map(|v| v.entries.len()).sum();
        out.push_str(&format!(
            "  {}  凭证 {} 张,分录 {} 条,待纠正 {} 张;{}({})\n",
            company.organisation,
            company.vouchers.len(),
            entries,
            defective,
            company.chart.standard.label(),
            company.chart_evidence
        ));
    }
    let all = || {
        hand_in
            .problems
            .iter()
            .chain(hand_in.companies.iter().flat_map(|c| &c.problems))
    };
    for problem in all().filter(|p| p.severity == Severity::Error) {
        out.push_str(&format!("  {problem}\n"));
    }
    let warnings = all().filter(|p| p.severity == Severity::Warning).count();
    if warnings > 0 {
        out.push_str(&format!(
            "  另有 {warnings} 处「注意」,用 sanzi import --dry-run 查看\n"
        ));
    }
    if receipt.batch.is_none() {
        out.push_str("  内容与库中相同,没有新写入\n");
    }
    out.push('\n');
    out
}

fn reaches(run: &AuditRun, fail_on: Option<FailOn>) -> bool {
    let limit = match fail_on {
        None => return false,
        Some(FailOn::High) => FindingSeverity::High,
        Some(FailOn::Medium) => FindingSeverity::Medium,
        Some(FailOn::Low) => FindingSeverity::Low,
    };
    // Severities are ordered from high to low.
    run.findings.iter().any(|f| f.severity <= limit)
}

fn terminal_width() -> usize {
    std::env::var("COLUMNS")
        .ok()
        .and_then(|c| c.parse().ok())
        .unwrap_or(120)
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Failure {
        match error {
            AuditError::Ledger(e) => e.into(),
            AuditError::Store(e) => e.into(),
            AuditError::Pack(_)
            | AuditError::UnknownRule(_)
            | AuditError::Empty
            | AuditError::Unwritable { .. }
            | AuditError::Overflow { .. } => Failure::Input(error.to_string()),
            other => Failure::Internal(other.to_string()),
        }
    }
}
