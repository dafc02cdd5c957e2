//! 压制: findings that two persons set aside for a time. Asked for on the item's page, answered and lifted on the list.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;

use super::item::{self, View};
use super::item_acts::Filled;
use super::items::{actor, desk};
use crate::access::log::{self, Act};
use crate::access::user;
use crate::audit::suppression::request::{self, Answer, Answering, Ask};
use crate::audit::suppression::{self, Standing, SuppressionError};
use crate::model::Role;
use crate::model::date::parse_date;
use crate::review::dossier::Dossier;
use crate::store::suppressions::requests::{self, Asked};
use crate::store::suppressions::{self, Lift, Named, Stored};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::encoded;
use crate::web::permissions::{may_open, may_post};
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

/// The form on an item's page.
pub const SUPPRESS: &str = "suppress";
/// The routes whose rules say who may do what.
const ASK: &str = "/items/{number}/suppress";
const LIFT: &str = "/suppressions/{suppression}/lift";
const ANSWER: &str = "/suppressions/requests/{request}/answer";

/// What an item's page says of it.
#[derive(Default)]
pub struct OfItem {
    pub holding: Option<Stored>,
    pub waiting: Option<Asked>,
    /// This person may ask for it now.
    pub asks: bool,
    /// As typed, when it was refused.
    pub reason: String,
    pub document: String,
    pub until: String,
}

/// Whether somebody in this role is the second person.
fn consents(role: Role) -> bool {
    role == Role::StreetReviewer
}

/// A finding as suppressions name it.
fn named(dossier: &Dossier) -> Named {
    Named {
        fingerprint: dossier.item.fingerprint.clone(),
        content: dossier.finding.content.clone(),
        number: dossier.item.number.clone(),
        organisation: dossier.item.organisation.clone(),
    }
}

/// Whether findings in this state can be set aside.
fn can_be(view: &View<'_>, dossier: &Dossier) -> bool {
    let state = view.desk.workflow.state(dossier.state());
    state.is_some_and(|s| s.set_aside)
}

/// How an item stands in this; nothing for those who do not read the list.
///
/// # Errors
/// What the database says.
pub async fn of_item(
    view: &View<'_>,
    dossier: &Dossier,
    refused: Option<&Filled>,
) -> Result<OfItem, Fault> {
    let role = view.actor.role;
    if !may_open(role, "/suppressions") || !can_be(view, dossier) {
        return Ok(OfItem::default());
    }
    let (store, finding) = (&view.workspace.store, named(dossier));
    let holding = suppression::holding(store, &finding, now().date()).await?;
    let mut waiting = requests::all(store.db()).await?;
    let mine = |f: &Named| f.fingerprint == finding.fingerprint;
    waiting.retain(|r| r.answered.is_none() && mine(&r.finding));
    let waiting = waiting.pop();
    let typed = |name| refused.map_or(String::new(), |f| f.get(name).to_owned());
    Ok(OfItem {
        asks: may_post(role, ASK) && holding.is_none() && waiting.is_none() && dossier.present(),
        reason: typed("reason"),
        document: typed("document"),
        until: typed("until"),
        holding,
        waiting,
    })
}

/// What is asked for with an item.
pub struct Wish<'a> {
    pub reason: &'a str,
    pub document: &'a str,
    pub until: &'a str,
}

/// Asks for a finding to be set aside, and returns the number of the request.
///
/// # Errors
/// Why it is refused; nothing is written then.
pub async fn asked(view: &View<'_>, number: &str, wish: Wish<'_>) -> Result<i64, Fault> {
    let dossier = view.read(number).await?;
    if !can_be(view, &dossier) {
        let state = view.desk.workflow.label(dossier.state()).to_owned();
        let number = dossier.item.number;
        return Err(SuppressionError::UnderWay { number, state }.into());
    }
    let wrong = || Fault::bad_input("请写明压制到哪一天为止,例如 2026-12-31");
    let ask = Ask {
        finding: &named(&dossier),
        reason: wish.reason,
        document: wish.document,
        until: parse_date(wish.until.trim()).ok_or_else(wrong)?,
        by: view.visitor.login(),
        at: now(),
    };
    let id = request::ask(&view.workspace.store, &ask).await?;
    let act = Act::new("suppression.ask", view.visitor.login())
        .organisation(&dossier.item.organisation)
        .object(&dossier.item.number)
        .reason(wish.reason);
    log::append(&view.workspace.store, &act, now()).await?;
    Ok(id)
}

pub async fn ask(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let view = View {
        workspace: &workspace,
        visitor: &visitor,
        desk: &desk,
        actor: &actor,
    };
    let wish = Wish {
        reason: fields.get("reason"),
        document: fields.get("document"),
        until: fields.get("until"),
    };
    match asked(&view, &number, wish).await {
        Ok(_) => Ok(Redirect::to(&format!("/items/{}", encoded(&number))).into_response()),
        Err(fault) if fault.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let message = format!("{} {}", fault.code, fault.message);
            let filled = Filled::sent(SUPPRESS, String::new(), fields.0, Vec::new());
            let page = item::drawn(&view, &number, Some(&(filled, message))).await?;
            Ok((fault.status, page).into_response())
        }
        Err(fault) => Err(fault),
    }
}

/// The request with this number, if it is about an organisation of this person.
///
/// # Errors
/// There is none.
pub async fn request_of(
    workspace: &Workspace,
    visitor: &Visitor,
    id: &str,
) -> Result<Asked, Fault> {
    let id: i64 = id.parse().map_err(|_| Fault::not_found())?;
    let all = requests::all(workspace.store.db()).await?;
    let found = all.into_iter().find(|r| r.id == id);
    let found = found.filter(|r| visitor.scope.covers(&r.finding.organisation));
    found.ok_or_else(Fault::not_found)
}

/// Answers a request.
///
/// # Errors
/// Why it is refused; nothing is written then.
pub async fn answered(
    workspace: &Workspace,
    visitor: &Visitor,
    id: &str,
    (answer, reason): (&str, &str),
) -> Result<Asked, Fault> {
    let asked = request_of(workspace, visitor, id).await?;
    let answer = Answer::parse(answer.trim());
    let answer = answer.ok_or_else(|| Fault::bad_input("请选同意、不同意或撤回"))?;
    // Whoever may withdraw an own request may not therefore agree to others'.
    if answer != Answer::Withdraw && !consents(visitor.user().role) {
        return Err(Fault::forbidden());
    }
    let answering = Answering {
        answer,
        by: visitor.login(),
        at: now(),
        reason,
    };
    let done = request::answer(&workspace.store, asked.id, &answering).await?;
    let act = Act::new("suppression.answer", visitor.login())
        .organisation(&done.finding.organisation)
        .object(&done.finding.number)
        .reason(reason);
    log::append(&workspace.store, &act, now()).await?;
    Ok(done)
}

pub async fn answer(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let words = (fields.get("answer"), fields.get("reason"));
    let done = answered(&workspace, &visitor, &id, words).await;
    back(&workspace, &visitor, done.map(|_| ())).await
}

/// The suppression with this number, if it is about an organisation of this person.
///
/// # Errors
/// There is none.
pub async fn suppression_of(
    workspace: &Workspace,
    visitor: &Visitor,
    id: &str,
) -> Result<Stored, Fault> {
    let id: i64 = id.parse().map_err(|_| Fault::not_found())?;
    let all = suppressions::all(workspace.store.db()).await?;
    let found = all.into_iter().find(|s| s.id == id);
    let found = found.filter(|s| visitor.scope.covers(&s.finding.organisation));
    found.ok_or_else(Fault::not_found)
}

/// Lifts a suppression.
///
/// # Errors
/// Why it is refused; nothing is written then.
pub async fn lifted(
    workspace: &Workspace,
    visitor: &Visitor,
    id: &str,
    reason: &str,
) -> Result<Stored, Fault> {
    let id = suppression_of(workspace, visitor, id).await?.id;
    let lift = Lift {
        at: now(),
        by: visitor.login().to_owned(),
        reason: reason.to_owned(),
    };
    let done = suppression::lift(&workspace.store, id, lift).await?;
    let act = Act::new("suppression.lift", visitor.login())
        .organisation(&done.finding.organisation)
        .object(&done.finding.number)
        .reason(reason);
    log::append(&workspace.store, &act, now()).await?;
    Ok(done)
}

pub async fn lift(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let done = lifted(&workspace, &visitor, &id, fields.get("reason")).await;
    back(&workspace, &visitor, done.map(|_| ())).await
}

/// Back to the list; what was refused is said above it.
async fn back(
    workspace: &Workspace,
    visitor: &Visitor,
    done: Result<(), Fault>,
) -> Result<Response, Fault> {
    match done {
        Ok(()) => Ok(Redirect::to("/suppressions").into_response()),
        Err(fault) if fault.status == StatusCode::UNPROCESSABLE_ENTITY => {
            let message = format!("{} {}", fault.code, fault.message);
            let page = drawn(workspace, visitor, message).await?;
            Ok((fault.status, page).into_response())
        }
        Err(fault) => Err(fault),
    }
}

/// A suppression on the list.
struct Row {
    stored: Stored,
    standing: Standing,
    by: String,
    approved_by: String,
    lifted_by: String,
}

impl Row {
    fn ends(&self) -> bool {
        self.standing == Standing::Lifted || self.standing == Standing::Expired
    }

    fn mark(&self) -> &'static str {
        match self.standing {
            Standing::Holds => "good",
            Standing::Outdated => "bad",
            Standing::Expired | Standing::Lifted => "off",
        }
    }
}

/// A request on the list, that waits.
struct Waiting {
    asked: Asked,
    by: String,
    /// This person asked.
    own: bool,
}

#[derive(Template)]
#[template(path = "web/suppressions.html")]
struct ListPage {
    frame: Frame,
    waiting: Vec<Waiting>,
    rows: Vec<Row>,
    answers: bool,
    withdraws: bool,
    lifts: bool,
    problem: String,
}

pub async fn list(State(workspace): State<Workspace>, visitor: Visitor) -> Page {
    drawn(&workspace, &visitor, String::new()).await
}

/// The suppressions of the person's organisations, the latest first.
///
/// # Errors
/// What the database says.
pub async fn stored_of(
    workspace: &Workspace,
    visitor: &Visitor,
) -> Result<Vec<(Stored, Standing)>, Fault> {
    let today = now().date();
    let all = suppressions::all(workspace.store.db()).await?;
    let own = all
        .into_iter()
        .filter(|s| visitor.scope.covers(&s.finding.organisation));
    let standing = |s: Stored| {
        let standing = Standing::of(&s, today);
        (s, standing)
    };
    Ok(own.map(standing).rev().collect())
}

/// The requests of the person's organisations, the latest first.
///
/// # Errors
/// What the database says.
pub async fn requests_of(workspace: &Workspace, visitor: &Visitor) -> Result<Vec<Asked>, Fault> {
    let mut all = requests::all(workspace.store.db()).await?;
    all.retain(|r| visitor.scope.covers(&r.finding.organisation));
    all.reverse();
    Ok(all)
}

async fn drawn(workspace: &Workspace, visitor: &Visitor, problem: String) -> Page {
    let users = user::list(workspace.store.db()).await?;
    let names: BTreeMap<String, String> = users.into_iter().map(|u| (u.login, u.name)).collect();
    let name = |login: &str| names.get(login).cloned().unwrap_or(login.to_owned());
    let role = visitor.user().role;
    let waiting = requests_of(workspace, visitor).await?.into_iter();
    let waiting = waiting.filter(|r| r.answered.is_none()).map(|r| Waiting {
        by: name(&r.by),
        own: r.by == visitor.login(),
        asked: r,
    });
    let rows = stored_of(workspace, visitor).await?.into_iter();
    let rows = rows.map(|(stored, standing)| Row {
        by: name(&stored.by),
        approved_by: name(&stored.approved_by),
        lifted_by: stored
            .lifted
            .as_ref()
            .map_or(String::new(), |l| name(&l.by)),
        stored,
        standing,
    });
    draw(&ListPage {
        frame: Frame::new(visitor, "/items", "压制").after("疑点", "/items"),
        waiting: waiting.collect(),
        rows: rows.collect(),
        answers: consents(role),
        withdraws: may_post(role, ANSWER),
        lifts: may_post(role, LIFT),
        problem,
    })
}

/// How many requests wait for somebody in this role.
///
/// # Errors
/// What the database says.
pub async fn waiting_for(workspace: &Workspace, visitor: &Visitor) -> Result<i64, Fault> {
    if !consents(visitor.user().role) {
        return Ok(0);
    }
    let all = requests_of(workspace, visitor).await?;
    let waits = |r: &&Asked| r.answered.is_none() && r.by != visitor.login();
    Ok(i64::try_from(all.iter().filter(waits).count()).unwrap_or(i64::MAX))
}

/// The last day of what sets an item aside today.
///
/// # Errors
/// What the database says.
pub async fn until(view: &View<'_>, dossier: &Dossier) -> Result<Option<NaiveDate>, Fault> {
    if !can_be(view, dossier) {
        return Ok(None);
    }
    let holding =
        suppression::holding(&view.workspace.store, &named(dossier), now().date()).await?;
    Ok(holding.map(|s| s.until))
}
