//! 疑点 for programs: the list, one with its history and what may be done next, and the doing.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::repeat::{self, Request};
use super::{Ask, Paged, Problem, body_of, masked};
use crate::review::dossier::Dossier;
use crate::review::list::{self, Aside, Filter};
use crate::review::log::Attachment;
use crate::web::fault::Fault;
use crate::web::pages::item::{self as page, Happening, View};
use crate::web::pages::item_acts::{Filled, RECORD, STEP, done};
use crate::web::pages::item_forms::{self, Form, Input};
use crate::web::pages::items::{actor, desk};
use crate::web::pages::suppressions::until;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// Which items.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItemQuery {
    /// Code of an organisation.
    #[serde(default)]
    #[param(required = false)]
    org: String,
    /// `C-001`.
    #[serde(default)]
    #[param(required = false)]
    rule: String,
    /// Code of a state, such as `suspected`, `rectifying`, `closed`.
    #[serde(default)]
    #[param(required = false)]
    state: String,
    /// `high`, `medium`, `low`.
    #[serde(default)]
    #[param(required = false)]
    severity: String,
    /// A text in the number or in what the finding says.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// Only what is overdue today.
    #[serde(default)]
    #[param(required = false)]
    overdue: bool,
    /// Only what two persons set aside for a time, which is left out otherwise.
    #[serde(default)]
    #[param(required = false)]
    suppressed: bool,
}

/// An item: 疑似 until a person confirms it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Item {
    number: String,
    organisation: String,
    rule: String,
    title: String,
    /// `violation`, `red_flag`, `data_quality`.
    kind: String,
    /// `high`, `medium`, `low`.
    severity: String,
    /// 元.
    amount: Option<String>,
    message: String,
    /// Code of the state.
    state: String,
    state_label: String,
    /// `2026-03-31`.
    due: Option<String>,
    /// Above 1: it came back after it was closed.
    cycle: i64,
    /// Whether the last run that looked finds it.
    present: bool,
    /// Number of its last event: what a step must name as `seen`.
    seen: i64,
}

/// A page of items.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items {
    total: i64,
    page: i64,
    items: Vec<Item>,
}

/// An item with its history, and what the caller may do now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemDetail {
    #[serde(flatten)]
    item: Item,
    /// The last day on which it is set aside; none: it is not.
    suppressed_until: Option<String>,
    /// The latest first.
    history: Vec<Event>,
    actions: Vec<Action>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    at: String,
    by: String,
    role: String,
    what: String,
    from: Option<String>,
    to: Option<String>,
    /// Name and text.
    said: Vec<(String, String)>,
    attachments: Vec<Paper>,
    run: Option<i64>,
}

/// An attachment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Paper {
    name: String,
    /// Bytes.
    size: i64,
    /// Address of its bytes, for somebody who is logged in.
    path: String,
}

/// What may be sent to `…/step` or `…/record`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Action {
    /// `step` or `record`: the last part of the address.
    act: String,
    what: String,
    title: String,
    hint: String,
    fields: Vec<Field>,
}

/// A field of an action.
#[derive(Debug, Serialize, ToSchema)]
pub struct Field {
    name: String,
    label: String,
    /// `text`, `date`, `choice`, `files`.
    r#type: String,
    required: bool,
    /// Values and labels of a choice.
    choices: Vec<(String, String)>,
}

/// A step to take or something to put on record, as an [`Action`] describes it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Doing {
    /// The state to go to, or the kind of record.
    what: String,
    /// `seen` of the item as it was read: what happened since is not overlooked.
    seen: i64,
    /// Fields by name.
    #[serde(default)]
    #[schema(required = false)]
    fields: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    #[schema(required = false)]
    files: Vec<File>,
}

/// A file to attach.
#[derive(Debug, Deserialize, ToSchema)]
pub struct File {
    pub(super) name: String,
    /// Its bytes in base64.
    pub(super) content: String,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    number: String,
    /// `moved`, or the kind of record.
    event: String,
    state: String,
    state_label: String,
    due: Option<String>,
    seen: i64,
}

/// Items that the caller may read, the heaviest first.
#[utoipa::path(get, path = "/api/v1/items", params(ItemQuery, Paged), responses(
    (status = 200, body = Items),
    (status = 304, description = "unchanged since the ETag of If-None-Match"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Ask(asked): Ask<ItemQuery>,
    Ask(paged): Ask<Paged>,
) -> Result<Json<Items>, Fault> {
    let paged = paged.checked()?;
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let one = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let filter = Filter {
        organisations: one(&asked.org).into_iter().collect(),
        rules: one(&asked.rule.to_uppercase()).into_iter().collect(),
        states: one(&asked.state).into_iter().collect(),
        severity: asked.severity.trim().to_owned(),
        text: asked.q.trim().to_owned(),
        overdue_on: asked.overdue.then(|| now().date()),
        aside: match asked.suppressed {
            true => Aside::Only,
            false => Aside::Without,
        },
        limit: u32::try_from(paged.limit()).ok(),
        offset: u32::try_from(paged.offset()).unwrap_or(u32::MAX),
        ..Filter::default()
    };
    let db = workspace.store.db();
    let counts = list::count(db, &desk, &actor, &filter).await?;
    let lines = list::list(db, &desk, &actor, &filter).await?;
    let items = lines.into_iter().map(|line| Item {
        number: line.number,
        organisation: line.organisation,
        rule: line.rule,
        title: line.title,
        kind: line.kind.code().to_owned(),
        severity: line.severity,
        amount: line.amount.map(|a| a.to_string()),
        message: masked(line.message),
        state: line.state,
        state_label: line.state_label,
        due: line.due.map(|d| d.to_string()),
        cycle: line.cycle,
        present: line.present,
        seen: line.seq,
    });
    let wanted = |code: &str| asked.state.trim().is_empty() || asked.state.trim() == code;
    let counted = counts.iter().filter(|(state, _)| wanted(state));
    Ok(Json(Items {
        total: counted.map(|(_, n)| n).sum(),
        page: paged.page(),
        items: items.collect(),
    }))
}

/// One item.
#[utoipa::path(get, path = "/api/v1/items/{number}",
    params(("number" = String, Path, description = "疑点编号")), responses(
    (status = 200, body = ItemDetail),
    (status = 304, description = "unchanged since the ETag of If-None-Match"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub async fn item(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Result<Json<ItemDetail>, Fault> {
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let view = View {
        workspace: &workspace,
        visitor: &visitor,
        desk: &desk,
        actor: &actor,
    };
    let dossier = view.read(&number).await?;
    view.note("finding.read", &dossier, &dossier.item.number)
        .await?;
    let steps = item_forms::steps(&desk, &dossier, actor.role, None);
    let records = item_forms::records(&desk, &dossier, actor.role, None)?;
    let history = page::history(&view, &dossier).await?;
    Ok(Json(ItemDetail {
        suppressed_until: until(&view, &dossier).await?.map(|d| d.to_string()),
        item: described(&view, &dossier)?,
        history: history.into_iter().map(event).collect(),
        actions: steps.into_iter().chain(records).map(action).collect(),
    }))
}

fn described(view: &View<'_>, dossier: &Dossier) -> Result<Item, Fault> {
    let found = crate::web::pages::findings::Item::of(&dossier.finding)?.0;
    let last = dossier.last();
    Ok(Item {
        number: dossier.item.number.clone(),
        organisation: dossier.item.organisation.clone(),
        rule: found.rule,
        title: found.title,
        kind: dossier.kind.code().to_owned(),
        severity: found.severity.code().to_owned(),
        amount: found.amount.map(|a| a.to_string()),
        message: masked(found.message),
        state: last.state.clone(),
        state_label: view.desk.workflow.label(&last.state).to_owned(),
        due: last.due.map(|d| d.to_string()),
        cycle: last.cycle,
        present: last.present,
        seen: last.seq,
    })
}

fn event(happening: Happening) -> Event {
    let (from, to) = happening.moved.unzip();
    let said = happening.said.into_iter();
    let papers = happening.attachments.into_iter();
    Event {
        at: happening.at.to_string(),
        by: happening.who,
        role: happening.role.to_owned(),
        what: happening.what,
        from,
        to,
        said: said.map(|(name, text)| (name.to_owned(), text)).collect(),
        attachments: papers
            .map(|(name, size, path)| Paper { name, size, path })
            .collect(),
        run: happening.run,
    }
}

fn action(form: Form) -> Action {
    let fields = form.fields.into_iter().map(|field| {
        let (kind, choices) = match field.input {
            Input::Line | Input::Text => ("text", Vec::new()),
            Input::Day => ("date", Vec::new()),
            Input::Choice(choices) => ("choice", choices),
            Input::Files => ("files", Vec::new()),
        };
        Field {
            name: field.name.to_owned(),
            label: field.label,
            r#type: kind.to_owned(),
            required: field.required,
            choices,
        }
    });
    Action {
        act: form.act.to_owned(),
        what: form.what,
        title: form.title,
        hint: form.hint,
        fields: fields.collect(),
    }
}

/// Takes a step. The same `Idempotency-Key` with the same body is done once and answered twice.
#[utoipa::path(post, path = "/api/v1/items/{number}/step", request_body = Doing,
    params(("number" = String, Path, description = "疑点编号"),
        ("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 200, body = Done),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn step(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    submitted(workspace, visitor, STEP, number, &headers, body).await
}

/// Puts something on record. The same `Idempotency-Key` with the same body is done once and answered twice.
#[utoipa::path(post, path = "/api/v1/items/{number}/record", request_body = Doing,
    params(("number" = String, Path, description = "疑点编号"),
        ("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 200, body = Done),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn record(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    submitted(workspace, visitor, RECORD, number, &headers, body).await
}

async fn submitted(
    workspace: Workspace,
    visitor: Visitor,
    act: &'static str,
    number: String,
    headers: &HeaderMap,
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
    let request = Request::of(headers, &[act.as_bytes(), number.as_bytes(), &body])?;
    let mut filled = filled(act, &body)?;
    let (shared, login) = (workspace.clone(), visitor.login().to_owned());
    let work = move || async move {
        let view = View {
            workspace: &workspace,
            visitor: &visitor,
            desk: &desk,
            actor: &actor,
        };
        carried_out(&view, &number, &mut filled).await
    };
    repeat::once(shared, &login, request, work).await
}

/// The body as a form; every byte of it is the caller's.
fn filled(act: &'static str, body: &[u8]) -> Result<Filled, Fault> {
    let doing: Doing = body_of(body)?;
    let mut files = Vec::with_capacity(doing.files.len());
    for file in doing.files {
        let bytes = STANDARD.decode(file.content.as_bytes());
        let wrong = |_| Fault::bad_input(&format!("附件「{}」不是 base64,没有写入", file.name));
        files.push(Attachment {
            bytes: bytes.map_err(wrong)?,
            name: file.name,
        });
    }
    let mut fields: Vec<(String, String)> = doing.fields.into_iter().collect();
    fields.retain(|(name, _)| name != "seen");
    fields.push(("seen".to_owned(), doing.seen.to_string()));
    Ok(Filled::sent(act, doing.what, fields, files))
}

async fn carried_out(
    view: &View<'_>,
    number: &str,
    filled: &mut Filled,
) -> Result<(StatusCode, String), Fault> {
    let event = done(view, number, filled).await?;
    let done = Done {
        number: number.to_owned(),
        state_label: view.desk.workflow.label(&event.state).to_owned(),
        due: event.due.map(|d| d.to_string()),
        event: event.event,
        state: event.state,
        seen: event.seq,
    };
    repeat::answer(StatusCode::OK, &done)
}
