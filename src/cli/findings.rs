//! `sanzi findings`: items as a list, and one item with its whole history.

use clap::{Args, Subcommand};
use serde_json::json;

use super::args::{DbArg, Format, OutputArg, parse_role};
use super::output::{Failure, Outcome};
use super::session;
use super::table::{Align, csv_text, layout};
use crate::model::{Money, Role};
use crate::review::dossier::Dossier;
use crate::review::event::{Event, Payload};
use crate::review::list::{self, Aside, Filter, Line};
use crate::review::log::Sealed;
use crate::review::transition::open_steps;
use crate::review::workflow::Clock;
use crate::review::{Actor, Desk, ReviewError};
use crate::store::Store;

#[derive(Debug, Args)]
pub struct FindingsArgs {
    #[command(subcommand)]
    pub command: FindingsCommand,
}

#[derive(Debug, Subcommand)]
pub enum FindingsCommand {
    /// 列出事项:编号、单位、状态、期限
    List {
        #[command(flatten)]
        db: DbArg,
        /// 只列这些单位(可多次给出)
        #[arg(long, value_name = "单位编码")]
        org: Vec<String>,
        /// 只列这些规则(可多次给出)
        #[arg(long, value_name = "规则编号")]
        rule: Vec<String>,
        /// 只列这些状态(可多次给出)
        #[arg(long, value_name = "状态")]
        state: Vec<String>,
        /// 只列已逾期的
        #[arg(long)]
        overdue: bool,
        /// 只列需要提醒的:已逾期、即将到期、待第二人批准、了结后内容有变化
        #[arg(long, conflicts_with = "overdue")]
        remind: bool,
        /// 只列已压制的;不给出则不列它们
        #[arg(long)]
        suppressed: bool,
        #[command(flatten)]
        reader: Reader,
        #[command(flatten)]
        output: OutputArg,
    },
    /// 显示一个事项:事实、状态、全部经过、附件、现在可以办理的步骤
    Show {
        /// 事项编号(见 findings list)
        #[arg(value_name = "编号")]
        id: String,
        #[command(flatten)]
        db: DbArg,
        #[command(flatten)]
        reader: Reader,
        #[command(flatten)]
        output: OutputArg,
    },
    /// 制作证据包:事项及其凭证、台账、附件、规则、依据和链上证明,签名,可离线打开(见 docs/bundle.md)
    Bundle(super::bundle::BundleArgs),
}

// As whom a person reads. (No doc comment: clap would show it as the command's own description.)
#[derive(Debug, Args)]
pub struct Reader {
    /// 以什么角色查看
    #[arg(long, value_name = "角色", value_parser = parse_role, default_value = "街道监管员")]
    pub role: Role,
    /// 该人负责的单位(可多次给出;公司角色必填,其他角色默认全部单位)
    #[arg(long = "of", value_name = "单位编码")]
    pub of: Vec<String>,
}

impl Reader {
    pub(super) fn actor(&self) -> Result<Actor, ReviewError> {
        actor("命令行", self.role, &self.of)
    }
}

/// A person in a role, for the organisations named, or for all when none is.
pub fn actor(user: &str, role: Role, of: &[String]) -> Result<Actor, ReviewError> {
    let named = (!of.is_empty()).then(|| of.iter().cloned().collect());
    Actor::new(user, role, named)
}

pub async fn run(
    args: FindingsArgs,
    rules: &Option<std::path::PathBuf>,
) -> Result<Outcome, Failure> {
    let pack = session::pack(rules)?;
    match args.command {
        FindingsCommand::List {
            db,
            org,
            rule,
            state,
            overdue,
            remind,
            suppressed,
            reader,
            output,
        } => {
            let store = Store::open(&db.db).await?;
            let desk = Desk::open(&store, &pack).await?;
            let today = session::now().date();
            let filter = Filter {
                organisations: org,
                rules: rule,
                states: states(&desk, &state)?,
                overdue_on: overdue.then_some(today),
                aside: match suppressed {
                    true => Aside::Only,
                    false => Aside::Without,
                },
                ..Filter::default()
            };
            let actor = reader.actor()?;
            let rows: Vec<(Option<&str>, Line)> = match remind {
                true => list::reminders(store.db(), &desk, &actor, &filter, today)
                    .await?
                    .into_iter()
                    .map(|r| (Some(r.why.label()), r.line))
                    .collect(),
                false => list::list(store.db(), &desk, &actor, &filter)
                    .await?
                    .into_iter()
                    .map(|line| (None, line))
                    .collect(),
            };
            print!("{}", listed(&desk, &rows, today, output.format)?);
        }
        FindingsCommand::Bundle(args) => super::bundle::run(args, &pack).await?,
        FindingsCommand::Show {
            id,
            db,
            reader,
            output,
        } => {
            let store = Store::open(&db.db).await?;
            let desk = Desk::open(&store, &pack).await?;
            let dossier = Dossier::read(store.db(), &desk.workflow, &reader.actor()?, &id).await?;
            let attachments = dossier.attachments(store.db()).await?;
            print!(
                "{}",
                shown(&desk, &dossier, &attachments, reader.role, output.format)?
            );
        }
    }
    Ok(Outcome::Done)
}

/// Codes of states named by code or label.
fn states(desk: &Desk, names: &[String]) -> Result<Vec<String>, ReviewError> {
    let code = |name: &String| {
        let found = desk.workflow.state(name.trim()).map(|s| s.code.clone());
        found.ok_or_else(|| {
            let labels = desk.workflow.states.iter().map(|s| s.label.as_str());
            let labels: Vec<&str> = labels.collect();
            ReviewError::UnknownState(name.clone(), labels.join("、"))
        })
    };
    names.iter().map(code).collect()
}

fn listed(
    desk: &Desk,
    rows: &[(Option<&str>, Line)],
    today: chrono::NaiveDate,
    format: Format,
) -> Result<String, Failure> {
    let headers = [
        "编号", "单位", "规则", "标题", "性质", "金额", "状态", "期限", "备注",
    ];
    let cells = |(why, line): &(Option<&str>, Line)| -> Vec<String> {
        vec![
            line.number.clone(),
            line.organisation.clone(),
            line.rule.clone(),
            line.title.clone(),
            line.kind.label().to_owned(),
            line.amount.map(Money::grouped).unwrap_or_default(),
            line.state_label.clone(),
            day(line.due, line.due_provisional),
            remarks(line, *why, today),
        ]
    };
    match format {
        Format::Json => {
            let lines: Vec<serde_json::Value> = rows
                .iter()
                .map(|(why, line)| {
                    let mut value = serde_json::to_value(line).map_err(Failure::unwritable)?;
                    value["overdue"] = json!(line.overdue(today));
                    value["remind"] = json!(why);
                    Ok(value)
                })
                .collect::<Result<_, Failure>>()?;
            let text = serde_json::to_string_pretty(&lines).map_err(Failure::unwritable)?;
            Ok(text + "\n")
        }
        Format::Csv => csv_text(&headers, rows.iter().map(cells)),
        Format::Table => {
            if rows.is_empty() {
                return Ok("没有符合条件的事项\n".to_owned());
            }
            let columns = headers.map(|h| match h {
                "金额" => (h, Align::Right),
                _ => (h, Align::Left),
            });
            let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
            let mut text = layout(&columns, &cells);
            text.push_str(&format!("共 {} 项\n", rows.len()));
            text.push_str(&notes(desk, rows.iter().map(|(_, l)| l)));
            Ok(text)
        }
    }
}

/// What must be said of the deadlines in a list.
fn notes<'a>(desk: &Desk, lines: impl Iterator<Item = &'a Line> + Clone) -> String {
    let mut text = String::new();
    let proposed = |line: &Line| {
        let clock = desk.workflow.state(&line.state).and_then(|s| s.clock);
        matches!(clock, Some(Clock::WorkingDays { confirmed, .. }) if !confirmed)
    };
    if lines.clone().any(proposed) {
        text.push_str("期限按建议时限计算,街道尚未确认\n");
    }
    if lines.clone().any(|l| l.due_provisional) {
        let until = desk.known_until;
        text.push_str(&format!("暂定:节假日安排只到 {until},其后的期限可能变动\n"));
    }
    text
}

fn day(due: Option<chrono::NaiveDate>, provisional: bool) -> String {
    match (due, provisional) {
        (None, _) => String::new(),
        (Some(day), false) => day.to_string(),
        (Some(day), true) => format!("{day}(暂定)"),
    }
}

fn remarks(line: &Line, why: Option<&str>, today: chrono::NaiveDate) -> String {
    let mut remarks: Vec<&str> = why.into_iter().collect();
    if why.is_none() && line.overdue(today) {
        remarks.push("已逾期");
    }
    if line.cycle > 1 {
        remarks.push("销号后再次发现");
    }
    if !line.present {
        remarks.push("最近一次未再发现");
    }
    remarks.join(";")
}

fn shown(
    desk: &Desk,
    dossier: &Dossier,
    attachments: &[Sealed],
    role: Role,
    format: Format,
) -> Result<String, Failure> {
    match format {
        Format::Json => {
            let value = as_json(desk, dossier, attachments, role)?;
            let text = serde_json::to_string_pretty(&value).map_err(Failure::unwritable)?;
            Ok(text + "\n")
        }
        Format::Csv => {
            let headers = [
                "序号",
                "时间",
                "经过",
                "状态",
                "办理人",
                "角色",
                "理由",
                "内容",
            ];
            let rows = dossier.events.iter().map(|e| {
                let role = e.role().map(Role::label).unwrap_or_default();
                let (what, details) = described(desk, e)?;
                Ok(vec![
                    e.seq.to_string(),
                    e.at.to_string(),
                    what,
                    desk.workflow.label(&e.state).to_owned(),
                    e.by.clone(),
                    role.to_owned(),
                    e.reason.clone().unwrap_or_default(),
                    details.join(";"),
                ])
            });
            csv_text(&headers, rows.collect::<Result<Vec<_>, ReviewError>>()?)
        }
        Format::Table => as_text(desk, dossier, attachments, role),
    }
}

fn as_text(
    desk: &Desk,
    dossier: &Dossier,
    attachments: &[Sealed],
    role: Role,
) -> Result<String, Failure> {
    let payload: serde_json::Value =
        serde_json::from_str(&dossier.finding.payload).unwrap_or_default();
    let text = |name: &str| payload[name].as_str().unwrap_or_default();
    let item = &dossier.item;
    let mut out = format!(
        "{}  {}  {}\n{}({})  {}\n",
        item.number,
        text("title"),
        dossier.kind.label(),
        text("organisation_name"),
        item.organisation,
        text("message"),
    );
    let due = day(dossier.due(), dossier.last().due_provisional);
    let present = match dossier.present() {
        true => "最近一次审计仍然发现",
        false => "最近一次审计未再发现",
    };
    let state = desk.workflow.label(dossier.state());
    let until = match due.is_empty() {
        true => String::new(),
        false => format!("  期限 {due}"),
    };
    out.push_str(&format!("状态 {state}{until}  {present}\n\n经过\n"));
    for event in &dossier.events {
        out.push_str(&history_line(desk, event, attachments)?);
    }
    let open: Vec<&str> = open_steps(desk, dossier, role)
        .map(|(state, _)| state.label.as_str())
        .collect();
    if !open.is_empty() {
        let role = role.label();
        out.push_str(&format!("\n{role}现在可以转到:{}\n", open.join("、")));
    }
    Ok(out)
}

fn history_line(desk: &Desk, event: &Event, attachments: &[Sealed]) -> Result<String, ReviewError> {
    let who = match event.role() {
        Some(role) => format!("{}({role})", event.by),
        None => format!("{} {}", event.by, event.run_id.unwrap_or_default()),
    };
    let (what, details) = described(desk, event)?;
    let mut out = format!("  {:>3}  {}  {who}  {what}\n", event.seq, event.at);
    let reason = event.reason.iter().map(|r| format!("理由:{r}"));
    let of_event = attachments.iter().filter(|a| a.position == event.position);
    let files = of_event.map(|a| {
        let hash = crate::model::hex(&a.sha256);
        format!("附件:{}({} 字节,SHA-256 {hash})", a.name, a.size)
    });
    for line in reason.chain(details).chain(files) {
        out.push_str(&format!("       {line}\n"));
    }
    Ok(out)
}

/// What happened, and its particulars line by line.
fn described(desk: &Desk, event: &Event) -> Result<(String, Vec<String>), ReviewError> {
    let payload = event.payload()?;
    let label = payload.label().to_owned();
    let to = desk.workflow.label(&event.state).to_owned();
    let changes = |list: &[crate::review::difference::Difference]| -> Vec<String> {
        let line = |d: &crate::review::difference::Difference| {
            format!("{}:「{}」→「{}」", d.field, d.old, d.new)
        };
        list.iter().map(line).collect()
    };
    Ok(match payload {
        Payload::Moved { exception } => {
            let from = desk
                .workflow
                .label(event.state_before.as_deref().unwrap_or_default());
            let exception = exception.map(|e| format!("例外:{e}"));
            let proposed = event.proposed_by.as_ref().map(|p| format!("提出人:{p}"));
            let details = exception.into_iter().chain(proposed).collect();
            (format!("{from} → {to}"), details)
        }
        Payload::Changed { differences, .. } => (label, changes(&differences)),
        Payload::Returned {
            differences,
            recurrence,
            ..
        } => {
            let mut details = changes(&differences);
            if let Some(r) = recurrence {
                let word = if r.repeated {
                    "屡审屡犯"
                } else {
                    "再次发现"
                };
                let closed = format!(
                    "{word}:上次于 {} 销号(第 {} 条),现重新打开为「{to}」",
                    r.closed_at, r.closed_seq
                );
                details.insert(0, closed);
            }
            (label, details)
        }
        Payload::Proposed { to } => (format!("提出转到「{}」", desk.workflow.label(&to)), vec![]),
        Payload::Replied { agrees, text } => {
            let opinion = if agrees { "属实" } else { "有异议" };
            (format!("{label}:{opinion}"), vec![text])
        }
        Payload::Planned(p) => {
            let details = vec![
                format!("措施:{}({})", p.measure, p.kind.label()),
                format!("责任人:{},完成期限 {},目标:{}", p.lead, p.due, p.target),
            ];
            (label, details)
        }
        Payload::Progress { on, text } => (label, vec![format!("{on} {text}")]),
        Payload::Amounts(a) => {
            let (recovered, booked, lost) = (
                a.recovered.grouped(),
                a.booked.grouped(),
                a.unrecoverable.grouped(),
            );
            let line = format!("已追回 {recovered} 元,已调账 {booked} 元,无法追回 {lost} 元");
            (label, vec![line])
        }
        Payload::ExtensionAsked { until } => (format!("{label}至 {until}"), vec![]),
        Payload::Extended { until } | Payload::ExtensionRefused { until } => {
            let proposed = event.proposed_by.as_ref().map(|p| format!("申请人:{p}"));
            (format!("{label}至 {until}"), proposed.into_iter().collect())
        }
        Payload::Noted { text } => (label, vec![text]),
        Payload::Appeared { .. } | Payload::Gone => (label, vec![]),
    })
}

fn as_json(
    desk: &Desk,
    dossier: &Dossier,
    attachments: &[Sealed],
    role: Role,
) -> Result<serde_json::Value, Failure> {
    let finding: serde_json::Value =
        serde_json::from_str(&dossier.finding.payload).map_err(Failure::unwritable)?;
    let events = dossier.events.iter().map(|e| {
        let payload = e.payload().map_err(Failure::from)?;
        let files: Vec<&Sealed> = attachments
            .iter()
            .filter(|a| a.position == e.position)
            .collect();
        Ok(json!({
            "seq": e.seq,
            "position": e.position,
            "at": e.at,
            "by": e.by,
            "role": e.role,
            "state": e.state,
            "proposed_by": e.proposed_by,
            "reason": e.reason,
            "due": e.due,
            "due_provisional": e.due_provisional,
            "run": e.run_id,
            "what": payload,
            "attachments": files,
            "hash": crate::model::hex(&e.hash),
        }))
    });
    let open: Vec<&str> = open_steps(desk, dossier, role)
        .map(|(state, _)| state.code.as_str())
        .collect();
    Ok(json!({
        "number": dossier.item.number,
        "organisation": dossier.item.organisation,
        "fingerprint": dossier.item.fingerprint,
        "rule": dossier.item.rule,
        "state": dossier.state(),
        "state_label": desk.workflow.label(dossier.state()),
        "due": dossier.due(),
        "present": dossier.present(),
        "finding": finding,
        "events": events.collect::<Result<Vec<_>, Failure>>()?,
        "open": open,
    }))
}
