//! The page of a project: what it is, its steps as a checklist, what the audit found in its scope, what happened, what may be done.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use chrono::NaiveDate;

use super::scope::{Scope, scope};
use super::{Bar, People, View, wrong_of};
use crate::access::log::{self as access_log, Act};
use crate::model::{PeriodRange, Role};
use crate::review::log::Sealed;
use crate::supervision::checklist::Line;
use crate::supervision::event::{Event, Payload, Status};
use crate::supervision::project::State as Standing;
use crate::supervision::{Project, Wrong, log};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page};
use crate::web::pages::findings::masked;
use crate::web::pages::item_acts::Filled;
use crate::web::pages::registers::Organisations;
use crate::web::paging::{encoded, query};
use crate::web::permissions::may_post;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// A step as shown.
struct StepRow {
    number: u32,
    title: String,
    document: String,
    fields: String,
    law: String,
    status: &'static str,
    mark: &'static str,
    on: Option<NaiveDate>,
    by: String,
    text: String,
    due: Option<NaiveDate>,
    provisional: bool,
    unconfirmed: bool,
    overdue: bool,
    files: Vec<Paper>,
}

/// A file of a record.
#[derive(Clone)]
pub struct Paper {
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Hex.
    pub sha256: String,
    pub path: String,
}

/// Something that happened.
pub struct Happening {
    pub at: chrono::NaiveDateTime,
    pub who: String,
    pub role: &'static str,
    pub what: &'static str,
    pub said: Vec<(&'static str, String)>,
    pub files: Vec<Paper>,
}

/// A form that was refused: which, what was typed, and why.
pub struct Refused {
    pub form: &'static str,
    pub filled: Filled,
    pub wrong: Vec<Wrong>,
    pub whole: Option<String>,
}

#[derive(Template)]
#[template(path = "web/plan_page.html")]
struct ProjectPage {
    frame: Frame,
    number: String,
    kind: &'static str,
    organisations: Vec<String>,
    others: usize,
    period: String,
    rules: String,
    basis: String,
    goal: String,
    team: String,
    start: NaiveDate,
    end: NaiveDate,
    standing: &'static str,
    mark: &'static str,
    approved_by: Option<String>,
    bar: Bar,
    late: usize,
    steps: Vec<StepRow>,
    scope: Scope,
    history: Vec<Happening>,
    seen: i64,
    today: NaiveDate,
    outside: bool,
    /// Which forms there are for this person now.
    edits: bool,
    progresses: bool,
    decides: bool,
    withdraws: bool,
    notes: bool,
    /// The form of a run with this scope.
    run: Option<String>,
    /// Code and words of the steps that may be put on record.
    choices: Vec<(String, String)>,
    refused: Option<Refused>,
}

impl ProjectPage {
    fn statuses(&self) -> [Status; 4] {
        Status::ALL
    }

    fn refused_of(&self, form: &str) -> Option<&Refused> {
        self.refused.as_ref().filter(|r| r.form == form)
    }

    /// What stands in a field of a form: as typed before it was refused.
    fn typed(&self, form: &str, field: &str) -> &str {
        self.refused_of(form).map_or("", |r| r.filled.get(field))
    }

    /// The day to begin with: today.
    fn on(&self) -> String {
        match self.typed("progress", "on") {
            "" => self.today.to_string(),
            typed => typed.to_owned(),
        }
    }

    fn wrong(&self, form: &str, field: &str) -> Option<&str> {
        self.refused_of(form)
            .and_then(|r| wrong_of(&r.wrong, field))
    }

    fn whole(&self, form: &str) -> Option<&str> {
        self.refused_of(form).and_then(|r| r.whole.as_deref())
    }

    /// Why a form was refused that is no longer there.
    fn stray(&self) -> Option<&str> {
        let refused = self.refused.as_ref()?;
        let there = match refused.form {
            "progress" => self.progresses,
            "decide" => self.decides,
            "withdraw" => self.withdraws,
            _ => self.notes,
        };
        let first = refused.wrong.first().map(|w| w.message.as_str());
        refused.whole.as_deref().or(first).filter(|_| !there)
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Page {
    let view = View::of(&workspace, &visitor).await?;
    drawn(&view, &number, None).await
}

/// The page, with a form that was refused and why.
///
/// # Errors
/// There is no such project, or not for this person.
pub async fn drawn(
    view: &View<'_>,
    number: &str,
    refused: Option<Refused>,
) -> Result<Html<String>, Fault> {
    let project = view.project(number).await?;
    let (plan, role) = (&project.plan, view.actor.role);
    let people = People::of(view.workspace).await?;
    let names = Organisations::of(view.workspace, view.visitor).await?;
    let lines = view.lines(&project);
    let today = now().date();
    let papers = papers(view, &project).await?;
    let own = project.own(&view.actor);
    let outside = view.outside();
    // Who is there for some of its organisations only reads.
    let whole = project.within(&view.actor);
    let may = |path: &str| whole && may_post(role, path);
    let open = project.state != Standing::Withdrawn;
    let approves = project.approval().filter(|_| project.approved_once);
    let frame = Frame::new(
        view.visitor,
        "/plan",
        &format!("{} {}", project.number, plan.title),
    );
    let page = ProjectPage {
        frame: frame.after("监督计划", "/plan"),
        number: project.number.clone(),
        kind: plan.kind.label(),
        organisations: own.iter().map(|o| names.name(o).to_owned()).collect(),
        others: match outside {
            true => 0,
            false => plan.organisations.len() - own.len(),
        },
        period: plan.period.clone(),
        rules: plan.rules_in_words(),
        basis: plan.basis.clone(),
        goal: plan.goal.clone(),
        team: people.team(&plan.team),
        start: plan.start,
        end: plan.end,
        standing: view.standing(&project),
        mark: match project.state {
            Standing::Approved => "good",
            Standing::Withdrawn => "off",
            Standing::Proposed | Standing::Returned => "",
        },
        approved_by: approves.map(|e| format!("{} {}", people.name(&e.by), e.at.date())),
        bar: Bar::of(&lines),
        late: lines.iter().filter(|l| l.overdue).count(),
        steps: lines
            .iter()
            .map(|l| step_row(view, &people, &project, l, &papers))
            .collect::<Result<_, Fault>>()?,
        scope: match outside {
            true => Scope::default(),
            false => scope(view, &names, &project, today).await?,
        },
        history: history(view, &people, &project, &papers)?,
        seen: project.seen(),
        today,
        outside,
        edits: open && may("/plan/{plan}"),
        progresses: project.state == Standing::Approved && may("/plan/{plan}/progress"),
        decides: project.state == Standing::Proposed
            && may("/plan/{plan}/decide")
            && !project.wrote(view.actor.user()),
        withdraws: open && may("/plan/{plan}/withdraw") && withdraws(&project, view),
        notes: open && may("/plan/{plan}/note"),
        run: (whole && project.state == Standing::Approved && may_post(role, "/audit"))
            .then(|| run_form(view, &project, today)),
        choices: view
            .steps
            .0
            .iter()
            .filter(|s| !s.by_approval)
            .map(|s| (s.code.clone(), format!("{} {}", s.number, s.title)))
            .collect(),
        refused,
    };
    Ok(Html(page.render()?))
}

/// Before the approval whoever proposes takes a project back, afterwards a second person.
fn withdraws(project: &Project, view: &View<'_>) -> bool {
    match project.approved_once {
        true => view.actor.role == Role::StreetReviewer && !project.wrote(view.actor.user()),
        false => view.actor.role == Role::StreetSupervisor,
    }
}

/// The address of the form that runs an audit, with this scope filled in.
fn run_form(view: &View<'_>, project: &Project, today: NaiveDate) -> String {
    let plan = &project.plan;
    let last = PeriodRange::parse(&plan.period).map(|r| r.last.last_day());
    let as_of = last.ok().filter(|day| *day <= today);
    let as_of = as_of.map_or(String::new(), |d| d.to_string());
    let rules = plan.rule_ids(&view.workspace.rules).join(",");
    let orgs = plan.organisations.join(",");
    let parts = [
        ("as_of", as_of.as_str()),
        ("rules", rules.as_str()),
        ("orgs", orgs.as_str()),
    ];
    format!("/audit{}", query(&parts).trim_end_matches('&'))
}

/// Files by the number of their record.
type Papers = BTreeMap<i64, Vec<Paper>>;

async fn papers(view: &View<'_>, project: &Project) -> Result<Papers, Fault> {
    let db = view.workspace.store.db();
    let mut papers = Papers::new();
    for sealed in log::attachments(db, Some(&project.number)).await? {
        let mut events = project.events.iter();
        if let Some(event) = events.find(|e| e.position == sealed.position) {
            let paper = paper(&project.number, event.seq, &sealed);
            papers.entry(event.seq).or_default().push(paper);
        }
    }
    Ok(papers)
}

fn paper(number: &str, seq: i64, sealed: &Sealed) -> Paper {
    Paper {
        name: sealed.name.clone(),
        size: sealed.size,
        sha256: crate::model::hex(&sealed.sha256),
        path: format!(
            "/plan/{}/attachments/{seq}/{}",
            encoded(number),
            sealed.line
        ),
    }
}

fn step_row(
    view: &View<'_>,
    people: &People,
    project: &Project,
    line: &Line<'_>,
    papers: &Papers,
) -> Result<StepRow, Fault> {
    let step = line.step;
    let mut files = Vec::new();
    for event in project.events.iter().filter(|e| e.event == "step") {
        if let Payload::Step { step: of, .. } = event.payload()?
            && of == step.code
        {
            files.extend(papers.get(&event.seq).into_iter().flatten().cloned());
        }
    }
    let cited = |reference: &String| {
        let (id, no) = reference.split_once('#').unwrap_or((reference, ""));
        match no {
            "" => id.to_owned(),
            no => format!("{id}第{no}条"),
        }
    };
    Ok(StepRow {
        number: step.number,
        title: step.title.clone(),
        document: step.document.clone(),
        fields: step.fields.join("、"),
        law: step.law.iter().map(cited).collect::<Vec<_>>().join("、"),
        status: line.status_label(),
        mark: match line.status {
            Some(Status::Done) => "good",
            Some(Status::NotNeeded) => "off",
            Some(Status::Doing | Status::Reopened) => "",
            None => "off",
        },
        on: line.on,
        by: people.name(&line.by).to_owned(),
        // The street's note on a step is for the street.
        text: match view.outside() {
            true => String::new(),
            false => masked(&line.text),
        },
        due: line.due.filter(|_| !line.settled()),
        provisional: line.provisional,
        unconfirmed: line.proposed_time(),
        overdue: line.overdue,
        files,
    })
}

/// Whether a record is shown to this person: a company sees progress of its own steps, nothing else.
fn tells(view: &View<'_>, payload: &Payload) -> bool {
    if !view.outside() {
        return true;
    }
    match payload {
        Payload::Step { step, .. } => view.steps.step(step).is_some_and(|s| s.shown),
        Payload::Withdrawn => true,
        _ => false,
    }
}

/// Everything that happened, the latest first.
pub fn history(
    view: &View<'_>,
    people: &People,
    project: &Project,
    papers: &Papers,
) -> Result<Vec<Happening>, Fault> {
    let mut all = Vec::new();
    for event in project.events.iter().rev() {
        let payload = event.payload()?;
        if tells(view, &payload) {
            all.push(happening(view, people, event, &payload, papers));
        }
    }
    Ok(all)
}

fn happening(
    view: &View<'_>,
    people: &People,
    event: &Event,
    payload: &Payload,
    papers: &Papers,
) -> Happening {
    let mut said = Vec::new();
    match payload {
        Payload::Proposed { plan } | Payload::Revised { plan } => {
            said.push(("项目", format!("{}({})", plan.title, plan.kind.label())));
            said.push(("审计期间", plan.period.clone()));
            said.push(("规则", plan.rules_in_words()));
            said.push(("起止", format!("{} 至 {}", plan.start, plan.end)));
            said.push(("审计组", people.team(&plan.team)));
        }
        Payload::Step {
            step,
            status,
            on,
            text,
        } => {
            let step = view.steps.step(step).map_or(step.as_str(), |s| &s.title);
            said.push(("步骤", format!("{step} → {}", status.label())));
            said.push(("日期", on.to_string()));
            if !text.is_empty() && !view.outside() {
                said.push(("说明", masked(text)));
            }
        }
        Payload::Noted { text } => said.push(("备注", masked(text))),
        Payload::Approved | Payload::Returned | Payload::Withdrawn => {}
    }
    let reason = event.reason.as_ref().filter(|_| !view.outside());
    said.extend(reason.map(|reason| ("理由", masked(reason))));
    let role: Option<Role> = event.role.parse().ok();
    Happening {
        at: event.at,
        who: people.name(&event.by).to_owned(),
        role: role.map_or("", Role::label),
        what: payload.label(),
        said,
        files: papers.get(&event.seq).cloned().unwrap_or_default(),
    }
}

/// A file of a record, byte for byte as it was handed in.
pub async fn attachment(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((number, seq, line)): Path<(String, i64, i64)>,
) -> Result<Response, Fault> {
    let view = View::of(&workspace, &visitor).await?;
    let project = view.project(&number).await?;
    let event = project.events.iter().find(|e| e.seq == seq);
    let event = event.ok_or_else(Fault::not_found)?;
    if !tells(&view, &event.payload()?) {
        return Err(Fault::not_found());
    }
    let db = workspace.store.db();
    let own = log::attachments(db, Some(&project.number)).await?;
    let own = own
        .into_iter()
        .find(|a| a.position == event.position && a.line == line);
    let own = own.ok_or_else(Fault::not_found)?;
    let bytes = log::attachment_bytes(db, own.position, line).await?;
    let bytes = bytes.ok_or_else(Fault::not_found)?;
    if visitor.user().role == Role::Inspector {
        let object = format!("{number} {}", own.name);
        let act = Act::new("attachment.read", visitor.login()).object(&object);
        access_log::append(&workspace.store, &act, now()).await?;
    }
    Ok(file(&own.name, bytes))
}

/// A file to be saved, never opened by the browser.
pub fn file(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename*=UTF-8''{}", encoded(name)),
        ),
    ];
    (headers, bytes).into_response()
}
