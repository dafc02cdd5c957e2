//! What people do on a project's page. What is refused is shown beside its form, as typed.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::View;
use super::form::refusal;
use super::page::{self, Refused};
use crate::model::date::parse_date;
use crate::supervision::act::{self, Acting, Decision, Progress};
use crate::supervision::event::Status;
use crate::supervision::{SupervisionError, Wrong};
use crate::web::fault::Fault;
use crate::web::pages::item_acts::Filled;
use crate::web::visitor::{Fields, MarkedUpload, Visitor};
use crate::web::workspace::{Workspace, now};

fn acting<'a>(view: &'a View<'_>, filled: &Filled) -> Result<Acting<'a>, Fault> {
    Ok(Acting {
        actor: &view.actor,
        at: now(),
        seen: Some(filled.seen()?),
    })
}

/// Back to the project; what was refused is shown again.
async fn answer(
    view: &View<'_>,
    number: &str,
    form: &'static str,
    filled: Filled,
    done: Result<(), SupervisionError>,
) -> Result<Response, Fault> {
    let error = match done {
        Ok(()) => return Ok(Redirect::to(&format!("/plan/{number}")).into_response()),
        Err(error) => error,
    };
    let (status, (wrong, whole)) = refusal(error)?;
    let refused = Refused {
        form,
        filled,
        wrong,
        whole,
    };
    let page = page::drawn(view, number, Some(refused)).await?;
    Ok((status, page).into_response())
}

fn filled(form: &'static str, fields: Fields) -> Filled {
    Filled::sent(form, String::new(), fields.0, Vec::new())
}

pub async fn progress(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    let form = "progress";
    let mut filled = Filled::receive(form, multipart).await?;
    let view = View::of(&workspace, &visitor).await?;
    let number = view.project(&number).await?.number;
    let files = filled.take_files();
    let (status, on) = (
        Status::parse(filled.get("status")),
        parse_date(filled.get("on")),
    );
    let done = match (status, on) {
        (Some(status), Some(on)) => {
            let progress = Progress {
                step: filled.get("step"),
                status,
                on,
                text: filled.get("text"),
                files,
            };
            let acting = acting(&view, &filled)?;
            act::progress(&workspace.store, &view.steps, acting, &number, progress).await
        }
        _ => {
            let missing = [
                (status.is_none(), "status", "请选状态"),
                (on.is_none(), "on", "请写日期,例如 2026-03-02"),
            ];
            let wrong = missing.into_iter().filter(|(missing, ..)| *missing);
            let wrong = wrong.map(|(_, field, message)| Wrong::new(field, message));
            Err(SupervisionError::Invalid(wrong.collect()))
        }
    };
    answer(&view, &number, form, filled, done).await
}

pub async fn note(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    let form = "note";
    let mut filled = Filled::receive(form, multipart).await?;
    let view = View::of(&workspace, &visitor).await?;
    let number = view.project(&number).await?.number;
    let files = filled.take_files();
    let acting = acting(&view, &filled)?;
    let done = act::note(&workspace.store, acting, &number, filled.get("text"), files);
    let done = done.await;
    answer(&view, &number, form, filled, done).await
}

pub async fn decide(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let form = "decide";
    let filled = filled(form, fields);
    let view = View::of(&workspace, &visitor).await?;
    let number = view.project(&number).await?.number;
    let decision = match filled.get("decision") {
        "approve" => Some(Decision::Approve),
        "return" => Some(Decision::Return),
        _ => None,
    };
    let done = match decision {
        Some(decision) => {
            let reason = Some(filled.get("reason"));
            let acting = acting(&view, &filled)?;
            act::decide(&workspace.store, acting, &number, decision, reason).await
        }
        None => {
            let wrong = Wrong::new("decision", "请选批准或退回");
            Err(SupervisionError::Invalid(vec![wrong]))
        }
    };
    answer(&view, &number, form, filled, done).await
}

pub async fn withdraw(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let form = "withdraw";
    let filled = filled(form, fields);
    let view = View::of(&workspace, &visitor).await?;
    let number = view.project(&number).await?.number;
    let acting = acting(&view, &filled)?;
    let reason = Some(filled.get("reason"));
    let done = act::withdraw(&workspace.store, acting, &number, reason).await;
    answer(&view, &number, form, filled, done).await
}
