//! `sanzi import`: read, check, show all problems, write in whole or not at all.

use std::path::Path;

use super::args::{Format, ImportArgs};
use super::batches;
use super::gates;
use super::mapping;
use super::output::{Failure, Outcome};
use super::progress::Progress;
use super::session;
use super::table::{Align, layout};
use crate::import::codes;
use crate::import::commit::{CompanyReceipt, Defects, Entering, Receipt};
use crate::import::handin::HandIn;
use crate::import::pipeline::{self, Failed};
use crate::import::{self, IdHasher, Known, ReadOptions};
use crate::model::{HeldReason, Problem, Severity};
use crate::pack::Pack;
use crate::store::Store;

/// Rows of one kind of set-aside or problem that the terminal shows before it only counts.
const SHOWN: usize = 200;

pub async fn run(args: ImportArgs, rules: &Option<std::path::PathBuf>) -> Result<Outcome, Failure> {
    let source = match (&args.command, &args.source) {
        (Some(command), _) => return batches::run(command).await,
        (None, Some(source)) => source,
        // The argument parser asks for one of them before it comes to this.
        (None, None) => return Ok(Outcome::Done),
    };
    let pack = session::pack(rules)?;
    if args.map {
        return mapping::run(source, args.kind, &pack, rules.as_deref());
    }
    let pack = session::with_profiles(&pack, &args.profile)?;
    let (store, ids) = match &args.db {
        Some(url) if !args.dry_run => {
            let (store, ids) = session::open_store(url).await?;
            (Some(store), ids)
        }
        _ => (None, session::id_hasher()?),
    };
    let defects = match args.quarantine {
        true => Defects::Quarantine,
        false => Defects::Refuse,
    };
    let reading = Reading {
        source,
        org: args.org.clone(),
        pack: &pack,
        ids: &ids,
    };
    let (hand_in, receipt) = match &store {
        None => (read_hand_in(&reading).await?, None),
        Some(store) => {
            let (hand_in, receipt) = receive(&reading, store, defects, args.by.as_deref()).await?;
            (hand_in, Some(receipt))
        }
    };
    match args.format {
        Format::Json => println!("{}", as_json(&hand_in, receipt.as_ref())),
        _ => print!("{}", as_text(&hand_in, receipt.as_ref())),
    }
    let refused = receipt
        .as_ref()
        .is_some_and(|r| r.companies.iter().any(|c| c.refused));
    let errors = problems(&hand_in).any(|(_, p)| p.severity == Severity::Error);
    // In a folder a file that is no table may be passed over; the one file that was named may not.
    let passed_over = source.is_file()
        && hand_in
            .files
            .iter()
            .all(|f| f.taken == 0 && f.set_aside.is_empty())
        && problems(&hand_in).any(|(_, p)| p.code == codes::FILE_SKIPPED.code);
    Ok(if refused || passed_over || (errors && !args.quarantine) {
        Outcome::BadInput
    } else {
        Outcome::Done
    })
}

/// What is read, and how.
pub struct Reading<'a> {
    pub source: &'a Path,
    pub org: Option<String>,
    pub pack: &'a Pack,
    pub ids: &'a IdHasher,
}

impl<'a> Reading<'a> {
    fn options(&self, progress: &'a Progress) -> ReadOptions<'a> {
        ReadOptions {
            org: self.org.clone(),
            rules: self.pack,
            ids: self.ids,
            known: Default::default(),
            progress: Some(progress),
        }
    }
}

/// Reads a hand-in and writes nothing.
async fn read_hand_in(reading: &Reading<'_>) -> Result<HandIn, Failure> {
    let progress = Progress::start("读取");
    let hand_in = import::read(reading.source, &reading.options(&progress));
    progress.finish();
    hand_in.map_err(|e| Failure::Input(e.to_string()))
}

/// Reads a hand-in with the standards that the store already knows, and writes each company while others are still read.
pub async fn receive(
    reading: &Reading<'_>,
    store: &Store,
    defects: Defects,
    by: Option<&str>,
) -> Result<(HandIn, Receipt), Failure> {
    let progress = Progress::start("读取、记账");
    let mut options = reading.options(&progress);
    options.known = Known::load(store).await?;
    let label = pipeline::label(reading.source);
    let entering = Entering {
        label: &label,
        defects,
        now: session::now(),
        by,
    };
    let received = tokio::task::block_in_place(|| {
        pipeline::receive(reading.source, &options, store, entering)
    });
    progress.finish();
    received.map_err(|error| match error {
        Failed::Reading(e) => Failure::Input(e.to_string()),
        Failed::Writing(e) => e.into(),
    })
}

fn problems(hand_in: &HandIn) -> impl Iterator<Item = (Option<&str>, &Problem)> {
    let street = hand_in.problems.iter().map(|p| (None, p));
    let companies = hand_in
        .companies
        .iter()
        .flat_map(|c| c.problems.iter().map(move |p| (Some(&*c.organisation), p)));
    street.chain(companies)
}

/// The account of a hand-in: every file, what became of its rows, every problem, what was written.
pub fn as_text(hand_in: &HandIn, receipt: Option<&Receipt>) -> String {
    let mut out = format!("读入 {}\n\n", hand_in.label);
    out.push_str(&files_table(hand_in));
    out.push_str(&set_aside_list(hand_in));
    for company in &hand_in.companies {
        let void = company
            .held
            .iter()
            .filter(|h| h.reason == HeldReason::Void)
            .count();
        let defective = company.held.len() - void;
        let mut line = format!(
            "\n{}  {}({})\n  期初 {} 年,凭证 {} 张,分录 {} 条",
            company.organisation,
            company.chart.standard.label(),
            company.chart_evidence,
            company.openings.len(),
            company.vouchers.len(),
            company
                .vouchers
                .iter()
                .map(|v| v.entries.len())
                .sum::<usize>(),
        );
        if defective > 0 {
            line.push_str(&format!(",待纠正 {defective} 张"));
        }
        if void > 0 {
            line.push_str(&format!(",作废 {void} 张"));
        }
        out.push_str(&line);
        out.push('\n');
        out.push_str(&gates::as_text(&company.gates));
    }
    out.push_str(&problem_list(hand_in));
    out.push('\n');
    out.push_str(&match receipt {
        None => "试读:未写入任何内容\n".to_owned(),
        Some(receipt) => receipt_text(receipt),
    });
    out
}

fn files_table(hand_in: &HandIn) -> String {
    let rows: Vec<Vec<String>> = hand_in
        .files
        .iter()
        .map(|f| {
            let place = f.place.sheet.as_ref().map_or_else(
                || f.place.file.clone(),
                |sheet| format!("{}[{sheet}]", f.place.file),
            );
            let counts = [
                f.rows,
                f.heads,
                f.taken,
                f.set_aside.len() as u32,
                f.refused,
            ]
            .map(|n| n.to_string());
            [place, f.layout.clone(), f.encoding.clone()]
                .into_iter()
                .chain(counts)
                .collect()
        })
        .collect();
    let headers = [
        ("文件", Align::Left),
        ("识别为", Align::Left),
        ("编码", Align::Left),
        ("行数", Align::Right),
        ("表头", Align::Right),
        ("读入", Align::Right),
        ("非分录", Align::Right),
        ("未读入", Align::Right),
    ];
    layout(&headers, &rows)
}

fn set_aside_list(hand_in: &HandIn) -> String {
    let mut lines = Vec::new();
    for file in &hand_in.files {
        for aside in &file.set_aside {
            lines.push(format!(
                "  {} 第{}行 {}:{}",
                file.place, aside.row, aside.kind, aside.text
            ));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let total = lines.len();
    lines.truncate(SHOWN);
    if total > SHOWN {
        lines.push(format!("  …… 另有 {} 行,见 --format json", total - SHOWN));
    }
    format!(
        "\n识别为非分录、单独列出的行({total} 行):\n{}\n",
        lines.join("\n")
    )
}

fn problem_list(hand_in: &HandIn) -> String {
    let all: Vec<(Option<&str>, &Problem)> = problems(hand_in).collect();
    if all.is_empty() {
        return "\n没有发现问题\n".to_owned();
    }
    let count = |severity| all.iter().filter(|(_, p)| p.severity == severity).count();
    let mut out = format!(
        "\n问题:错误 {},注意 {},提示 {}\n",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note)
    );
    for (organisation, problem) in &all {
        out.push_str(&organisation.map_or_else(String::new, |o| format!("[{o}] ")));
        out.push_str(&format!("{problem}\n"));
    }
    out
}

fn receipt_text(receipt: &Receipt) -> String {
    let Some(batch) = receipt.batch else {
        let refused: Vec<&str> = receipt
            .companies
            .iter()
            .filter(|c| c.refused)
            .map(|c| c.organisation.as_str())
            .collect();
        return if refused.is_empty() {
            "内容与库中相同,没有写入\n".to_owned()
        } else {
            format!(
                "账套有错误,未写入:{}。请改正后重新导入,或用 --quarantine 把有错的凭证单独留存\n",
                refused.join("、")
            )
        };
    };
    let mut out = format!("已写入,批次 {batch}\n");
    for company in &receipt.companies {
        out.push_str(&company_line(company));
    }
    out
}

fn company_line(company: &CompanyReceipt) -> String {
    if company.refused {
        return format!(
            "  {}  有错误,整套未写入。请改正后重新导入,或用 --quarantine 把有错的凭证单独留存\n",
            company.organisation
        );
    }
    let posted = &company.posted;
    let mut line = format!(
        "  {}  新增凭证 {},未变 {},有改动 {}",
        company.organisation, posted.added, posted.unchanged, posted.revised
    );
    if company.held > 0 {
        line.push_str(&format!(",单独留存 {}", company.held));
    }
    line.push_str(&format!(
        ";台账新增 {},更新 {},未变 {}\n",
        company.registers.added, company.registers.changed, company.registers.unchanged
    ));
    for id in &posted.revised_ids {
        line.push_str(&format!(
            "    凭证 {id} 与以前报送的不同,已作为新版本记入,旧版本保留\n"
        ));
    }
    for id in &company.voided {
        line.push_str(&format!(
            "    凭证 {id} 以前报送过并已入账,这次作废,已从账上退出,原凭证保留\n"
        ));
    }
    for problem in &company.locked {
        line.push_str(&format!("    {problem}\n"));
    }
    line
}

fn as_json(hand_in: &HandIn, receipt: Option<&Receipt>) -> serde_json::Value {
    let files: Vec<serde_json::Value> = hand_in
        .files
        .iter()
        .map(|f| {
            let asides: Vec<serde_json::Value> = f.set_aside.iter().map(|a| serde_json::json!({ "row": a.row, "kind": a.kind, "text": a.text })).collect();
            serde_json::json!({
                "place": f.place, "organisation": f.organisation.as_deref(), "layout": f.layout, "encoding": f.encoding, "sha256": f.digest,
                "rows": f.rows, "heads": f.heads, "taken": f.taken, "set_aside": asides, "refused": f.refused,
            })
        })
        .collect();
    let companies: Vec<serde_json::Value> = hand_in
        .companies
        .iter()
        .map(|c| {
            serde_json::json!({
                "organisation": &*c.organisation, "standard": c.chart.standard.code(), "standard_evidence": c.chart_evidence,
                "openings": c.openings.len(), "vouchers": c.vouchers.len(),
                "entries": c.vouchers.iter().map(|v| v.entries.len()).sum::<usize>(), "held": c.held.len(),
                "gates": c.gates,
            })
        })
        .collect();
    let all: Vec<serde_json::Value> = problems(hand_in)
        .map(|(o, p)| serde_json::json!({ "organisation": o, "problem": p }))
        .collect();
    let written = receipt.map(|r| {
        let companies: Vec<serde_json::Value> = r
            .companies
            .iter()
            .map(|c| {
                serde_json::json!({
                    "organisation": c.organisation, "refused": c.refused, "added": c.posted.added, "unchanged": c.posted.unchanged,
                    "revised": c.posted.revised, "voided": c.voided.len(), "held": c.held,
                    "registers": { "added": c.registers.added, "changed": c.registers.changed, "unchanged": c.registers.unchanged },
                })
            })
            .collect();
        serde_json::json!({ "batch": r.batch, "companies": companies })
    });
    serde_json::json!({ "source": hand_in.label, "files": files, "companies": companies, "problems": all, "written": written })
}
