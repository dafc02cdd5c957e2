//! The form of a project: proposed anew, or revised. What is wrong stands beside its field, all at once, and nothing typed is lost.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{Datelike, NaiveDate};

use super::{View, wrong_of};
use crate::model::date::parse_date;
use crate::supervision::act::{self, Acting};
use crate::supervision::plan::{FAMILIES, Kind, Known, Plan};
use crate::supervision::project::State as Standing;
use crate::supervision::{Project, SupervisionError, Wrong};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page};
use crate::web::pages::registers::Organisations;
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

/// What stands in the fields: as typed, or as on record.
struct Typed {
    year: String,
    title: String,
    kind: String,
    organisations: Vec<String>,
    period: String,
    families: Vec<String>,
    rules: String,
    basis: String,
    goal: String,
    leader: String,
    members: Vec<String>,
    start: String,
    end: String,
}

impl Typed {
    /// A fresh form: this year's plan for the books of last year.
    fn fresh() -> Typed {
        let year = now().year();
        Typed {
            year: year.to_string(),
            title: String::new(),
            kind: Kind::Annual.code().to_owned(),
            organisations: Vec::new(),
            period: format!("{0}-01..{0}-12", year - 1),
            families: Vec::new(),
            rules: String::new(),
            basis: String::new(),
            goal: String::new(),
            leader: String::new(),
            members: Vec::new(),
            start: String::new(),
            end: String::new(),
        }
    }

    fn of(plan: &Plan) -> Typed {
        let family = |wanted: &&String| FAMILIES.iter().any(|(code, _)| code == *wanted);
        let (families, rules): (Vec<_>, Vec<_>) = plan.rules.iter().partition(family);
        let rules: Vec<&str> = rules.into_iter().map(String::as_str).collect();
        Typed {
            year: plan.year.to_string(),
            title: plan.title.clone(),
            kind: plan.kind.code().to_owned(),
            organisations: plan.organisations.clone(),
            period: plan.period.clone(),
            families: families.into_iter().cloned().collect(),
            rules: rules.join("、"),
            basis: plan.basis.clone(),
            goal: plan.goal.clone(),
            leader: plan.team.first().cloned().unwrap_or_default(),
            members: plan.team.iter().skip(1).cloned().collect(),
            start: plan.start.to_string(),
            end: plan.end.to_string(),
        }
    }

    fn from(fields: &Fields) -> Typed {
        let text = |name: &str| fields.get(name).to_owned();
        let all = |name: &str| fields.all(name).map(str::to_owned).collect();
        Typed {
            year: text("year"),
            title: text("title"),
            kind: text("kind"),
            organisations: all("org"),
            period: text("period"),
            families: all("family"),
            rules: text("rules"),
            basis: text("basis"),
            goal: text("goal"),
            leader: text("leader"),
            members: all("member"),
            start: text("start"),
            end: text("end"),
        }
    }

    /// The plan, or what cannot even be read.
    fn plan(&self) -> Result<Plan, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut day = |field, text: &str| match parse_date(text) {
            Some(day) => day,
            None => {
                let message = "请写日期,例如 2026-03-02";
                wrong.push(Wrong::new(field, message));
                NaiveDate::default()
            }
        };
        let (start, end) = (day("start", &self.start), day("end", &self.end));
        let year = self.year.parse().ok();
        if year.is_none() {
            let message = "请写四位数字的年度,例如 2026";
            wrong.push(Wrong::new("year", message));
        }
        let kind = Kind::parse(&self.kind);
        if kind.is_none() {
            wrong.push(Wrong::new("kind", "请选类型"));
        }
        let mut organisations = self.organisations.clone();
        organisations.sort();
        organisations.dedup();
        let mut rules = self.families.clone();
        let apart = |c: char| c.is_whitespace() || [',', '\u{ff0c}', '、'].contains(&c);
        let single = self.rules.split(apart).filter(|r| !r.is_empty());
        rules.extend(single.map(str::to_uppercase));
        let leader = Some(&self.leader).filter(|l| !l.is_empty());
        let members = self.members.iter().filter(|m| **m != self.leader);
        match (kind, year) {
            (Some(kind), Some(year)) if wrong.is_empty() => Ok(Plan {
                year,
                title: self.title.clone(),
                kind,
                organisations,
                period: self.period.clone(),
                rules,
                basis: self.basis.clone(),
                goal: self.goal.clone(),
                team: leader.into_iter().chain(members).cloned().collect(),
                start,
                end,
            }),
            _ => Err(wrong),
        }
    }
}

#[derive(Template)]
#[template(path = "web/plan_form.html")]
struct FormPage {
    frame: Frame,
    /// Where the form goes.
    action: String,
    /// Number of the project's last record; empty for a new one.
    seen: String,
    /// It was approved before: the change must be approved again.
    approved: bool,
    typed: Typed,
    wrong: Vec<Wrong>,
    /// What is wrong with no field in particular.
    refused: Option<String>,
    organisations: Organisations,
    /// Login, name and role of those who may be in the team.
    people: Vec<(String, String, &'static str)>,
}

impl FormPage {
    fn wrong(&self, field: &str) -> Option<&str> {
        wrong_of(&self.wrong, field)
    }

    fn kinds(&self) -> [Kind; 3] {
        Kind::ALL
    }

    fn families(&self) -> [(&'static str, &'static str); 11] {
        FAMILIES
    }

    fn has(&self, list: &[String], value: &str) -> bool {
        list.iter().any(|v| v == value)
    }
}

/// Draws the form, for a project that stands or a new one.
async fn drawn(
    view: &View<'_>,
    known: &Known<'_>,
    project: Option<&Project>,
    typed: Typed,
    (wrong, refused): Refused,
) -> Result<Html<String>, Fault> {
    let (title, action) = match project {
        Some(p) => (format!("调整 {}", p.number), format!("/plan/{}", p.number)),
        None => ("立项".to_owned(), "/plan".to_owned()),
    };
    let mut frame = Frame::new(view.visitor, "/plan", &title).after("监督计划", "/plan");
    if let Some(p) = project {
        frame = frame.after(&p.number, format!("/plan/{}", p.number));
    }
    let people = known.team();
    let page = FormPage {
        frame,
        action,
        seen: project.map_or(String::new(), |p| p.seen().to_string()),
        approved: project.is_some_and(|p| p.approved_once),
        typed,
        wrong,
        refused,
        organisations: Organisations::of(view.workspace, view.visitor).await?,
        people: people
            .map(|u| (u.login.clone(), u.name.clone(), u.role.label()))
            .collect(),
    };
    Ok(Html(page.render()?))
}

async fn known(workspace: &Workspace) -> Result<Known<'_>, Fault> {
    Ok(Known::of(&workspace.store, &workspace.rules).await?)
}

pub async fn new(State(workspace): State<Workspace>, visitor: Visitor) -> Page {
    let view = View::of(&workspace, &visitor).await?;
    let known = known(&workspace).await?;
    drawn(&view, &known, None, Typed::fresh(), Refused::default()).await
}

pub async fn propose(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Fault> {
    let view = View::of(&workspace, &visitor).await?;
    let known = known(&workspace).await?;
    let typed = Typed::from(&fields);
    let acting = Acting {
        actor: &view.actor,
        at: now(),
        seen: None,
    };
    let proposed = match typed.plan() {
        Ok(plan) => act::propose(&workspace.store, &known, acting, plan).await,
        Err(wrong) => Err(SupervisionError::Invalid(wrong)),
    };
    match proposed {
        Ok(number) => Ok(Redirect::to(&format!("/plan/{number}")).into_response()),
        Err(error) => again(&view, &known, None, typed, error).await,
    }
}

pub async fn edit(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Result<Response, Fault> {
    let view = View::of(&workspace, &visitor).await?;
    let project = own(&view, &number).await?;
    // Nothing of it can be changed any more: its page says so.
    if project.state == Standing::Withdrawn {
        return Ok(Redirect::to(&format!("/plan/{}", project.number)).into_response());
    }
    let known = known(&workspace).await?;
    let typed = Typed::of(&project.plan);
    let page = drawn(&view, &known, Some(&project), typed, Refused::default()).await?;
    Ok(page.into_response())
}

/// A project all of whose organisations are the person's own: nobody else changes it.
async fn own(view: &View<'_>, number: &str) -> Result<Project, Fault> {
    let project = view.project(number).await?;
    match project.within(&view.actor) {
        true => Ok(project),
        false => Err(Fault::not_found()),
    }
}

pub async fn revise(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let view = View::of(&workspace, &visitor).await?;
    let project = own(&view, &number).await?;
    let known = known(&workspace).await?;
    let typed = Typed::from(&fields);
    let acting = Acting {
        actor: &view.actor,
        at: now(),
        seen: Some(fields.get("seen").parse().unwrap_or(0)),
    };
    let revised = match typed.plan() {
        Ok(plan) => act::revise(&workspace.store, &known, acting, &project.number, plan).await,
        Err(wrong) => Err(SupervisionError::Invalid(wrong)),
    };
    match revised {
        Ok(()) => Ok(Redirect::to(&format!("/plan/{}", project.number)).into_response()),
        Err(error) => again(&view, &known, Some(&project), typed, error).await,
    }
}

/// Why a form was refused: field by field, or as a whole.
type Refused = (Vec<Wrong>, Option<String>);

/// The form with what was typed and why it was refused; what is no fault of the form stays a fault.
async fn again(
    view: &View<'_>,
    known: &Known<'_>,
    project: Option<&Project>,
    typed: Typed,
    error: SupervisionError,
) -> Result<Response, Fault> {
    let (status, refused) = refusal(error)?;
    let page = drawn(view, known, project, typed, refused).await?;
    Ok((status, page).into_response())
}

/// How a refusal is shown beside its form; what cannot be is handed on.
pub fn refusal(error: SupervisionError) -> Result<(StatusCode, Refused), Fault> {
    if let SupervisionError::Invalid(wrong) = error {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, (wrong, None)));
    }
    let fault = Fault::from(error);
    match fault.status {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => {
            let text = format!("{} {}", fault.code, fault.message);
            Ok((fault.status, (Vec::new(), Some(text))))
        }
        _ => Err(fault),
    }
}
