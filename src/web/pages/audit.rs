//! 审计: the list of runs, a new run, and how it goes.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use serde::Deserialize;

use super::findings::shows;
use crate::access::Scope;
use crate::access::log::{self, Act};
use crate::audit::engine::Limits;
use crate::audit::run::RunOptions;
use crate::model::Money;
use crate::model::date::parse_date;
use crate::store::run_list::{self, Filter, Run};
use crate::web::auditor::{self, Order};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::jobs::{Job, State as JobState};
use crate::web::permissions::may_post;
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, apart, now};

/// A run with what it found in the person's scope.
struct RunRow {
    run: Run,
    organisations: usize,
    /// Findings of high, medium and low severity; data quality apart.
    counts: [i64; 3],
    quality: i64,
    amount: Money,
}

/// What a link fills into the form beforehand: nothing runs before the person has looked.
#[derive(Deserialize)]
pub struct Prefilled {
    #[serde(default)]
    as_of: String,
    #[serde(default)]
    rules: String,
    /// Codes joined by commas.
    #[serde(default)]
    orgs: String,
}

impl Prefilled {
    fn chosen(&self, code: &str) -> bool {
        self.orgs.split(',').any(|o| o == code)
    }

    fn any(&self) -> bool {
        !(self.as_of.is_empty() && self.rules.is_empty() && self.orgs.is_empty())
    }
}

#[derive(Template)]
#[template(path = "web/audit.html")]
struct AuditPage {
    frame: Frame,
    tab: &'static str,
    may_run: bool,
    filled: Prefilled,
    /// Code and title of the organisations that may be chosen.
    organisations: Vec<(String, String)>,
    jobs: Vec<Job>,
    runs: Vec<RunRow>,
}

impl AuditPage {
    fn yuan(&self, money: &Money) -> super::show::Yuan {
        super::show::yuan(*money)
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(filled): Query<Prefilled>,
) -> Page {
    let db = workspace.store.db();
    let mut runs = Vec::new();
    let all = run_list::all(db).await?;
    for run in all.into_iter().filter(|r| shows(&visitor, r)) {
        let organisations = match &visitor.scope {
            Scope::All => None,
            Scope::Only(codes) => Some(codes.iter().map(String::as_str).collect()),
        };
        let filter = Filter {
            organisations,
            ..Filter::default()
        };
        let mut row = RunRow {
            organisations: run.scope.split(',').filter(|o| !o.is_empty()).count(),
            counts: [0; 3],
            quality: 0,
            amount: Money::ZERO,
            run,
        };
        for tally in run_list::tally(db, row.run.id, &filter).await? {
            if tally.kind == "data_quality" {
                row.quality += tally.count;
                continue;
            }
            let at = match tally.severity.as_str() {
                "high" => 0,
                "medium" => 1,
                _ => 2,
            };
            row.counts[at] += tally.count;
            row.amount = Money(row.amount.0.saturating_add(tally.amount));
        }
        runs.push(row);
    }
    draw(&AuditPage {
        frame: Frame::new(&visitor, "/audit", "审计"),
        tab: "runs",
        may_run: may_post(visitor.user().role, "/audit"),
        filled,
        organisations: visitor.companies(),
        jobs: workspace.jobs.running(visitor.login()),
        runs,
    })
}

/// What to audit, as asked for: a day or nothing, numbers of rules and codes of organisations (none: all).
pub struct Wish<'a> {
    pub as_of: &'a str,
    pub rules: Vec<String>,
    pub organisations: Vec<String>,
}

impl Wish<'_> {
    fn of(fields: &Fields) -> Wish<'_> {
        let separators = |c: char| c.is_whitespace() || [',', ',', '、'].contains(&c);
        let rules = fields.get("rules").split(separators);
        Wish {
            as_of: fields.get("as_of"),
            rules: rules.filter(|r| !r.is_empty()).map(str::to_owned).collect(),
            organisations: fields.all("org").map(str::to_owned).collect(),
        }
    }

    /// # Errors
    /// A day that is none, an unknown rule, an organisation outside the person's scope.
    fn options(mut self, visitor: &Visitor, workspace: &Workspace) -> Result<RunOptions, Fault> {
        let as_of = match self.as_of {
            "" => None,
            text => Some(parse_date(text).ok_or_else(|| {
                Fault::bad_input(&format!("截止日「{text}」不是日期;请写成 2024-12-31"))
            })?),
        };
        let rules: Vec<String> = self.rules.iter().map(|r| r.to_uppercase()).collect();
        if let Some(unknown) = rules.iter().find(|r| workspace.rules.rule(r).is_none()) {
            return Err(Fault::bad_input(&format!("没有编号为「{unknown}」的规则")));
        }
        for organisation in &self.organisations {
            visitor.sees(organisation)?;
        }
        self.organisations.sort();
        Ok(RunOptions {
            as_of,
            rules,
            ..beside_pages(visitor, self.organisations)
        })
    }
}

/// A run over these organisations, or over all that the person sees, on one thread: pages go on being served meanwhile.
pub fn beside_pages(visitor: &Visitor, mut organisations: Vec<String>) -> RunOptions {
    if let (true, Scope::Only(codes)) = (organisations.is_empty(), &visitor.scope) {
        organisations = codes.iter().cloned().collect();
    }
    RunOptions {
        organisations,
        concurrency: 1,
        limits: Limits {
            partitions: 1,
            ..Limits::default()
        },
        ..RunOptions::default()
    }
}

/// Starts a run in the background.
pub async fn start(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Redirect, Fault> {
    let job = begin(&workspace, &visitor, Wish::of(&fields)).await?;
    Ok(Redirect::to(&format!("/audit/jobs/{job}")))
}

/// Begins a run in the background; the number of its job.
///
/// # Errors
/// Why it cannot be run; nothing is begun then.
pub async fn begin(workspace: &Workspace, visitor: &Visitor, wish: Wish<'_>) -> Result<u64, Fault> {
    let options = wish.options(visitor, workspace)?;
    let chosen = options.organisations.join(",");
    let act = Act::new("audit.run", visitor.login());
    let act = match chosen.is_empty() {
        true => act,
        false => act.organisation(&chosen),
    };
    log::append(&workspace.store, &act, now()).await?;
    let job = workspace.jobs.begin(visitor.login(), "等待前一次审计结束");
    let background = workspace.clone();
    let turn = workspace.jobs.audits();
    tokio::spawn(async move {
        let Ok(_turn) = turn.acquire_owned().await else {
            return;
        };
        let work = background.clone();
        let done = apart(move || async move { run(&work, job, options).await }).await;
        let state = match done {
            Ok(id) => JobState::Done(format!("/audit/runs/{id}")),
            Err(fault) => JobState::Failed(format!("{} {}", fault.code, fault.message)),
        };
        background.jobs.set(job, state);
    });
    Ok(job)
}

async fn run(workspace: &Workspace, job: u64, options: RunOptions) -> Result<i64, Fault> {
    let tell = |text: &str| workspace.jobs.set(job, JobState::Running(text.to_owned()));
    let (store, pack, rules) = (&workspace.store, &workspace.pack, &workspace.rules);
    match &workspace.auditor {
        Some(auditor) => auditor.audit(&Order::new(&options, rules), tell),
        None => auditor::audit(store, pack, rules, options, tell).await,
    }
}

#[derive(Template)]
#[template(path = "web/job.html")]
struct JobPage {
    frame: Frame,
    job: Job,
}

pub async fn job(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<u64>,
) -> Page {
    let job = workspace.jobs.get(id).filter(|j| j.by == visitor.login());
    draw(&JobPage {
        frame: Frame::new(&visitor, "/audit", "运行审计").after("审计", "/audit"),
        job: job.ok_or_else(Fault::not_found)?,
    })
}
