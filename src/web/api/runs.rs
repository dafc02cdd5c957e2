//! Starting an audit run from a program, and watching it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::repeat::{self, Request};
use super::{Problem, body_of};
use crate::web::fault::Fault;
use crate::web::jobs::State as JobState;
use crate::web::pages::audit::{Wish, begin};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// What to audit; whatever is left out means all.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// The day up to which dues are counted, `2024-12-31`; the last month's end in the books when left out.
    #[serde(default)]
    #[schema(required = false)]
    as_of: String,
    /// `C-001`.
    #[serde(default)]
    #[schema(required = false)]
    rules: Vec<String>,
    /// Codes of organisations.
    #[serde(default)]
    #[schema(required = false)]
    organisations: Vec<String>,
}

/// Work in the background.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    id: u64,
    /// `running`, `done`, `failed`.
    state: String,
    /// What it is doing, or why it stopped.
    note: String,
    /// The run that it made.
    run: Option<i64>,
}

/// Begins an audit run in the background. The same `Idempotency-Key` with the same body is begun once and answered twice.
#[utoipa::path(post, path = "/api/v1/runs", request_body = NewRun,
    params(("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 202, body = Job),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn start(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let request = Request::of(&headers, &[b"run", &body])?;
    let new: NewRun = body_of(&body)?;
    let (shared, login) = (workspace.clone(), visitor.login().to_owned());
    let work = move || async move {
        let wish = Wish {
            as_of: new.as_of.trim(),
            rules: new.rules,
            organisations: new.organisations,
        };
        let id = begin(&workspace, &visitor, wish).await?;
        let job = Job {
            id,
            state: "running".to_owned(),
            note: String::new(),
            run: None,
        };
        repeat::answer(StatusCode::ACCEPTED, &job)
    };
    repeat::once(shared, &login, request, work).await
}

/// How work in the background stands. Jobs are forgotten when the program ends; what they wrote is not.
#[utoipa::path(get, path = "/api/v1/jobs/{job}",
    params(("job" = u64, Path, description = "POST /api/v1/runs 给出的编号")), responses(
    (status = 200, body = Job),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub async fn job(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(job): Path<String>,
) -> Result<Json<Job>, Fault> {
    let id = job.parse().map_err(|_| Fault::not_found())?;
    let found = workspace.jobs.get(id);
    let job = found.filter(|j| j.by == visitor.login());
    let job = job.ok_or_else(Fault::not_found)?;
    let (state, note, run) = match job.state {
        JobState::Running(note) => ("running", note, None),
        JobState::Done(path) => {
            let run = path.rsplit('/').next().and_then(|n| n.parse().ok());
            ("done", String::new(), run)
        }
        JobState::Failed(why) => ("failed", why, None),
    };
    Ok(Json(Job {
        id,
        state: state.to_owned(),
        note,
        run,
    }))
}
