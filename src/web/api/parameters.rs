//! 阈值 for programs: the questions that rules ask of the street, the values by company, and a value set.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::repeat::{self, Request};
use super::{Problem, body_of};
use crate::audit::rule::questions::Answer;
use crate::web::fault::Fault;
use crate::web::pages::parameters::{self as page, Form, Told};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// A question that one or several rules ask alike, with the street's answer today.
#[derive(Debug, Serialize, ToSchema)]
pub struct Question {
    /// Of the first rule that asks: the address of its values.
    rule: String,
    name: String,
    label: String,
    unit: String,
    /// As shown to people.
    value: String,
    default: String,
    /// Where the value comes from.
    source: String,
    /// Nobody has decided it yet: a placeholder is used.
    open: bool,
    /// `typed`, `one` or `some` of the choices, `some_or_others`.
    answer: String,
    /// Words to choose from.
    choices: Vec<String>,
    /// All that ask it: `规则.参数`.
    uses: Vec<String>,
}

/// A value of one organisation; of the whole street where none is named.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParameterValue {
    organisation: Option<String>,
    value: String,
    source: String,
    since: Option<String>,
    /// What follows, and from when.
    next: Option<String>,
    open: bool,
}

/// A value as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedValue {
    organisation: Option<String>,
    value: String,
    from: Option<String>,
    to: Option<String>,
    basis: String,
    approver: String,
    by: Option<String>,
    at: String,
    /// Nothing has replaced it.
    standing: bool,
}

/// A question with its values.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionDetail {
    #[serde(flatten)]
    question: Question,
    values: Vec<ParameterValue>,
    /// The latest first.
    recorded: Vec<RecordedValue>,
}

/// A value that the street has decided on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewValue {
    /// Code; left out for the whole street.
    #[serde(default)]
    #[schema(required = false)]
    organisation: String,
    /// Words of choices are joined by `;`.
    value: String,
    /// The first day, `2025-01-01`.
    from: String,
    /// The last day; left out: until another value follows.
    #[serde(default)]
    #[schema(required = false)]
    to: String,
    /// The document that says so.
    basis: String,
    approver: String,
    /// Others of `uses` that get the same answer.
    #[serde(default)]
    #[schema(required = false)]
    uses: Vec<String>,
}

/// What was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueSet {
    rule: String,
    name: String,
}

fn question(told: Told) -> Question {
    let (answer, choices) = match told.question.answer {
        Answer::Typed => ("typed", Vec::new()),
        Answer::One(words) => ("one", words),
        Answer::Some { words, open: false } => ("some", words),
        Answer::Some { words, open: true } => ("some_or_others", words),
    };
    let uses = told.question.uses.iter().map(|(r, n)| format!("{r}.{n}"));
    Question {
        rule: told.rule,
        name: told.name,
        uses: uses.collect(),
        label: told.question.label,
        unit: told.question.unit,
        value: told.value,
        default: told.question.default,
        source: told.source,
        open: told.open,
        answer: answer.to_owned(),
        choices,
    }
}

/// What the street may decide, with what holds today.
#[utoipa::path(get, path = "/api/v1/parameters", responses(
    (status = 200, body = Vec<Question>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(State(workspace): State<Workspace>) -> Result<Json<Vec<Question>>, Fault> {
    let told = page::told(&workspace, true).await?;
    Ok(Json(told.into_iter().map(question).collect()))
}

/// One of them, with the values of the caller's organisations and what was ever recorded.
#[utoipa::path(get, path = "/api/v1/parameters/{rule}/{name}",
    params(("rule" = String, Path, description = "规则编号"), ("name" = String, Path, description = "参数")), responses(
    (status = 200, body = QuestionDetail),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub async fn parameter(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((rule, name)): Path<(String, String)>,
) -> Result<Json<QuestionDetail>, Fault> {
    let (told, values, recorded) = page::detail(&workspace, &visitor, (&rule, &name)).await?;
    let values = values.into_iter().map(|v| ParameterValue {
        organisation: Some(v.organisation).filter(|o| !o.is_empty()),
        value: v.value,
        source: v.source,
        since: Some(v.since).filter(|d| !d.is_empty()),
        next: Some(v.next).filter(|n| !n.is_empty()),
        open: v.open,
    });
    let recorded = recorded.into_iter().map(|(r, words)| RecordedValue {
        organisation: r.setting.organisation,
        value: words,
        from: r.setting.from.map(|d| d.to_string()),
        to: r.setting.to.map(|d| d.to_string()),
        basis: r.setting.basis,
        approver: r.setting.approver,
        by: r.by,
        at: r.at.to_string(),
        standing: r.replaced.is_none(),
    });
    Ok(Json(QuestionDetail {
        question: question(told),
        values: values.collect(),
        recorded: recorded.collect(),
    }))
}

/// Records a value; the next audit goes by it. The same `Idempotency-Key` with the same body is done once.
#[utoipa::path(post, path = "/api/v1/parameters/{rule}/{name}", request_body = NewValue,
    params(("rule" = String, Path, description = "规则编号"), ("name" = String, Path, description = "参数"),
        ("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 200, body = ValueSet),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn set(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((rule, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    page::question(&workspace.rules, &rule, &name)?;
    let parts = [b"parameter", rule.as_bytes(), name.as_bytes(), &body];
    let request = Request::of(&headers, &parts)?;
    let new: NewValue = body_of(&body)?;
    let form = Form {
        org: new.organisation.trim().to_owned(),
        value: new.value,
        from: new.from.trim().to_owned(),
        to: new.to.trim().to_owned(),
        basis: new.basis,
        approver: new.approver,
        uses: new.uses,
    };
    let (shared, login) = (workspace.clone(), visitor.login().to_owned());
    let work = move || async move {
        page::decide(&workspace, &visitor, (&rule, &name), &form)
            .await?
            .map_err(|problem| fault(&problem))?;
        repeat::answer(StatusCode::OK, &ValueSet { rule, name })
    };
    repeat::once(shared, &login, request, work).await
}

/// A refusal, with its own code where it has one.
fn fault(problem: &str) -> Fault {
    match problem.starts_with("参数-") || problem.starts_with("审计-") {
        true => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, problem),
        false => Fault::bad_input(problem),
    }
}
