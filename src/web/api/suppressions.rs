//! 压制 for programs: what is set aside, what waits for consent, and the acts of both persons.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::repeat::{self, Request};
use super::{Problem, body_of};
use crate::audit::suppression::Standing;
use crate::store::suppressions::Stored;
use crate::store::suppressions::requests::Asked;
use crate::web::fault::Fault;
use crate::web::pages::item::View;
use crate::web::pages::items::{actor, desk};
use crate::web::pages::suppressions::{
    Wish, answered, asked, lifted, request_of, requests_of, stored_of, suppression_of,
};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// A finding set aside by two persons, as it read then, for a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suppression {
    id: i64,
    /// The item's number.
    number: String,
    organisation: String,
    /// `standing`, `outdated` (the finding says something else now), `expired`, `lifted`.
    state: String,
    /// The last day.
    until: String,
    reason: String,
    document: String,
    at: String,
    by: String,
    approved_by: String,
    lifted_at: Option<String>,
    lifted_by: Option<String>,
    lifted_why: Option<String>,
}

/// A request for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressionRequest {
    id: i64,
    number: String,
    organisation: String,
    until: String,
    reason: String,
    document: String,
    at: String,
    by: String,
    /// `approved`, `refused`, `withdrawn`; none: it waits.
    answer: Option<String>,
    answered_by: Option<String>,
    answered_why: Option<String>,
    /// What it became.
    suppression: Option<i64>,
}

/// Both lists, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suppressions {
    suppressions: Vec<Suppression>,
    requests: Vec<SuppressionRequest>,
}

/// What is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuppression {
    reason: String,
    /// The document that it rests on.
    document: String,
    /// The last day, `2026-12-31`.
    until: String,
}

/// What is answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionAnswer {
    /// `approve`, `refuse`, or `withdraw` by the person who asked.
    answer: String,
    /// Needed unless it is approved.
    #[serde(default)]
    #[schema(required = false)]
    reason: String,
}

/// Why it is lifted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionLift {
    reason: String,
}

/// The number that something got or has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Numbered {
    id: i64,
}

fn described((stored, standing): (Stored, Standing)) -> Suppression {
    let lifted = stored.lifted;
    Suppression {
        id: stored.id,
        number: stored.finding.number,
        organisation: stored.finding.organisation,
        state: standing.code().to_owned(),
        until: stored.until.to_string(),
        reason: stored.reason,
        document: stored.document,
        at: stored.at.to_string(),
        by: stored.by,
        approved_by: stored.approved_by,
        lifted_at: lifted.as_ref().map(|l| l.at.to_string()),
        lifted_by: lifted.as_ref().map(|l| l.by.clone()),
        lifted_why: lifted.map(|l| l.reason),
    }
}

fn request(asked: Asked) -> SuppressionRequest {
    let answered = asked.answered;
    SuppressionRequest {
        id: asked.id,
        number: asked.finding.number,
        organisation: asked.finding.organisation,
        until: asked.until.to_string(),
        reason: asked.reason,
        document: asked.document,
        at: asked.at.to_string(),
        by: asked.by,
        answer: answered.as_ref().map(|a| a.answer.clone()),
        answered_by: answered.as_ref().map(|a| a.by.clone()),
        suppression: answered.as_ref().and_then(|a| a.suppression),
        answered_why: answered.and_then(|a| a.reason),
    }
}

/// Findings set aside, and requests for it.
#[utoipa::path(get, path = "/api/v1/suppressions", responses(
    (status = 200, body = Suppressions),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
) -> Result<Json<Suppressions>, Fault> {
    let stored = stored_of(&workspace, &visitor).await?;
    let asked = requests_of(&workspace, &visitor).await?;
    Ok(Json(Suppressions {
        suppressions: stored.into_iter().map(described).collect(),
        requests: asked.into_iter().map(request).collect(),
    }))
}

fn numbered(id: i64) -> Result<(StatusCode, String), Fault> {
    repeat::answer(StatusCode::OK, &Numbered { id })
}

/// Asks for an item to be set aside; another person answers. The same `Idempotency-Key` with the same body is done once.
#[utoipa::path(post, path = "/api/v1/items/{number}/suppress", request_body = NewSuppression,
    params(("number" = String, Path, description = "疑点编号"),
        ("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 200, body = Numbered, description = "the number of the request"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn ask(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let view = View {
        workspace: &workspace,
        visitor: &visitor,
        desk: &desk,
        actor: &actor,
    };
    // Whether there is such an item comes before what is wrong with the body.
    view.read(&number).await?;
    let request = Request::of(&headers, &[b"suppress", number.as_bytes(), &body])?;
    let new: NewSuppression = body_of(&body)?;
    let (shared, login) = (workspace.clone(), visitor.login().to_owned());
    let work = move || async move {
        let view = View {
            workspace: &workspace,
            visitor: &visitor,
            desk: &desk,
            actor: &actor,
        };
        let wish = Wish {
            reason: &new.reason,
            document: &new.document,
            until: &new.until,
        };
        numbered(asked(&view, &number, wish).await?)
    };
    repeat::once(shared, &login, request, work).await
}

/// Agrees to a request, refuses or withdraws it. The same `Idempotency-Key` with the same body is done once.
#[utoipa::path(post, path = "/api/v1/suppressions/requests/{request}/answer", request_body = SuppressionAnswer,
    params(("request" = i64, Path, description = "第几号申请"),
        ("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 200, body = Numbered, description = "the number of the request"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn answer(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    // Whether there is one comes before what is wrong with the body.
    request_of(&workspace, &visitor, &id).await?;
    let request = Request::of(&headers, &[b"suppression.answer", id.as_bytes(), &body])?;
    let said: SuppressionAnswer = body_of(&body)?;
    let (shared, login) = (workspace.clone(), visitor.login().to_owned());
    let work = move || async move {
        let words = (said.answer.as_str(), said.reason.as_str());
        numbered(answered(&workspace, &visitor, &id, words).await?.id)
    };
    repeat::once(shared, &login, request, work).await
}

/// Lifts a suppression before its day. The same `Idempotency-Key` with the same body is done once.
#[utoipa::path(post, path = "/api/v1/suppressions/{suppression}/lift", request_body = SuppressionLift,
    params(("suppression" = i64, Path, description = "第几号压制"),
        ("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 200, body = Numbered, description = "the number of the suppression"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn lift(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    suppression_of(&workspace, &visitor, &id).await?;
    let request = Request::of(&headers, &[b"suppression.lift", id.as_bytes(), &body])?;
    let said: SuppressionLift = body_of(&body)?;
    let (shared, login) = (workspace.clone(), visitor.login().to_owned());
    let work =
        move || async move { numbered(lifted(&workspace, &visitor, &id, &said.reason).await?.id) };
    repeat::once(shared, &login, request, work).await
}
