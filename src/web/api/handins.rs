//! Handing books in from a program: files, what was read of them, submitting, and taking a batch back.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::repeat::{self, Request};
use super::{Problem, body_of};
use crate::import::commit;
use crate::import::gates::Outcome;
use crate::model::{self, Severity};
use crate::store::batch::{self, State as BatchState, Summary};
use crate::store::registers::Saved;
use crate::web::fault::Fault;
use crate::web::handin::preview::{CompanyCard, FileCard, Preview};
use crate::web::handin::uploads::{Reading, Upload};
use crate::web::handin::{desk, files};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Files to hand in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form")]
pub struct Files {
    /// Code of the organisation; left out for a folder that holds several.
    #[schema(required = false)]
    org: String,
    /// The file names may carry folders: `九峰/JF01/凭证.csv`.
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<u8>,
}

/// An upload that waits to be submitted.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandIn {
    upload: String,
    /// `reading`, `read`, `failed`.
    state: String,
    /// Rows read so far.
    rows: u64,
    /// Why it could not be read.
    note: String,
    #[serde(flatten)]
    account: Account,
}

/// What was read, and where every row went.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Account {
    files: Vec<File>,
    companies: Vec<Company>,
    problems: Vec<Trouble>,
    asides: Vec<Aside>,
    /// What is not the caller's to hand in; nothing is written while there is any.
    outside: Vec<String>,
}

/// A file or sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct File {
    file: String,
    layout: String,
    encoding: String,
    rows: u32,
    heads: u32,
    taken: u32,
    aside: usize,
    refused: u32,
}

/// A company of a hand-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Company {
    organisation: String,
    standard: String,
    openings: usize,
    vouchers: usize,
    entries: usize,
    defective: usize,
    void: usize,
    errors: usize,
    checks: Vec<Check>,
}

/// A tie-out.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    name: String,
    /// `passed`, `failed`, `not_possible`.
    outcome: String,
    detail: String,
}

/// A problem with its place.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trouble {
    organisation: String,
    /// `导入-1003`.
    code: String,
    /// `error`, `warning`, `note`.
    severity: String,
    file: String,
    sheet: Option<String>,
    row: Option<u32>,
    column: Option<String>,
    message: String,
    found: String,
    advice: String,
}

/// A row that is recognised and is no entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct Aside {
    file: String,
    row: u32,
    kind: String,
    text: String,
}

/// How to submit.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Keeps defective vouchers outside the books and posts the rest, instead of refusing the book.
    #[serde(default)]
    #[schema(required = false)]
    quarantine: bool,
}

/// What was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// Left out when nothing was new.
    batch: Option<i64>,
    /// Rows of the street's tables.
    street: Rows,
    companies: Vec<Written>,
}

/// What was written of one company.
#[derive(Debug, Serialize, ToSchema)]
pub struct Written {
    organisation: String,
    /// It has errors; nothing of it was written.
    refused: bool,
    added: u64,
    unchanged: u64,
    revised: u64,
    /// Vouchers posted before and voided now: taken off the books.
    voided: u64,
    entries: u64,
    /// Vouchers newly kept outside the books.
    held: u64,
    registers: Rows,
    locked: Vec<Trouble>,
}

/// Rows of registers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rows {
    added: u64,
    changed: u64,
    unchanged: u64,
}

/// A batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct Batch {
    id: i64,
    label: String,
    at: String,
    by: Option<String>,
    files: i64,
    rows: i64,
    vouchers: i64,
    organisations: Vec<String>,
    /// `standing`, `undone`, `undo`.
    state: String,
    /// The batch that undid it, or that it undid.
    other: Option<i64>,
}

/// Why a batch is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    reason: String,
}

/// Takes files and reads them in the background; nothing is written yet. An upload waits a day for its submission.
#[utoipa::path(post, path = "/api/v1/handins",
    request_body(content = Files, content_type = "multipart/form-data"), responses(
    (status = 202, body = HandIn),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 413, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn upload(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Fault> {
    let wrong = |_| Fault::bad_input("请求须是 multipart/form-data:字段 org 和一个以上的 files");
    let received = files::receive(multipart.map_err(wrong)?).await?;
    let upload = desk::begin(&workspace, &visitor, received).await?;
    let answer = HandIn::of(upload, &Reading::Running(0));
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// How an upload stands, and once it is read the account of every row.
#[utoipa::path(get, path = "/api/v1/handins/{upload}",
    params(("upload" = String, Path, description = "POST /api/v1/handins 给出的名称")), responses(
    (status = 200, body = HandIn),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub async fn handin(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(upload): Path<String>,
) -> Result<Json<HandIn>, Fault> {
    let look = |u: &Upload| u.reading.clone();
    let reading = workspace.uploads.with(&upload, visitor.login(), look);
    let reading = reading.ok_or_else(desk::gone)?;
    Ok(Json(HandIn::of(upload, &reading)))
}

/// Writes an upload, each company whole or not at all. The same `Idempotency-Key` with the same body is done once.
#[utoipa::path(post, path = "/api/v1/handins/{upload}/submit", request_body = Submission,
    params(("upload" = String, Path, description = "POST /api/v1/handins 给出的名称"),
        ("Idempotency-Key" = Option<String>, Header, description = "一次请求一个,重发时不变")), responses(
    (status = 200, body = Receipt),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn submit(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(upload): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let request = Request::of(&headers, &[b"handin", upload.as_bytes(), &body])?;
    let asked: Submission = body_of(&body)?;
    let (shared, login) = (workspace.clone(), visitor.login().to_owned());
    let work = move || async move {
        let receipt = desk::submit(&workspace, &visitor, &upload, asked.quarantine).await?;
        repeat::answer(StatusCode::OK, &Receipt::of(&receipt))
    };
    repeat::once(shared, &login, request, work).await
}

/// Batches that were written, the latest first.
#[utoipa::path(get, path = "/api/v1/batches", responses(
    (status = 200, body = Vec<Batch>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn batches(
    State(workspace): State<Workspace>,
    visitor: Visitor,
) -> Result<Json<Vec<Batch>>, Fault> {
    let all = batch::list(workspace.store.db()).await?;
    let seen = all.into_iter().filter(|b| desk::shows(&visitor, b));
    Ok(Json(seen.map(Batch::of).collect()))
}

/// Takes a batch back: what counts in no book is removed, what was posted is reversed.
#[utoipa::path(post, path = "/api/v1/batches/{batch}/undo", request_body = Undo,
    params(("batch" = i64, Path, description = "批次号")), responses(
    (status = 200, body = Batch),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn undo(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(batch): Path<String>,
    body: Bytes,
) -> Result<Json<Batch>, Fault> {
    let id = batch.parse().map_err(|_| Fault::not_found())?;
    desk::batch_of(&workspace, &visitor, id).await?;
    let asked: Undo = body_of(&body)?;
    desk::take_back(&workspace, &visitor, id, asked.reason.trim()).await?;
    let now = desk::batch_of(&workspace, &visitor, id).await?;
    Ok(Json(Batch::of(now)))
}

impl HandIn {
    fn of(upload: String, reading: &Reading) -> HandIn {
        let (state, rows, note, account) = match reading {
            Reading::Running(rows) => ("reading", *rows, "", Account::default()),
            Reading::Failed(why) => ("failed", 0, why.as_str(), Account::default()),
            Reading::Read(preview) => {
                let rows = preview.files.iter().map(|f| u64::from(f.rows)).sum();
                ("read", rows, "", Account::of(preview))
            }
        };
        HandIn {
            upload,
            state: state.to_owned(),
            rows,
            note: note.to_owned(),
            account,
        }
    }
}

impl Account {
    fn of(preview: &Preview) -> Account {
        let problems = preview.problems.iter().map(|(o, p)| Trouble::of(o, p));
        let asides = preview.asides.iter().map(|(file, row, kind, text)| Aside {
            file: file.clone(),
            row: *row,
            kind: kind.clone(),
            text: super::masked(text.clone()),
        });
        Account {
            files: preview.files.iter().map(File::of).collect(),
            companies: preview.companies.iter().map(Company::of).collect(),
            problems: problems.collect(),
            asides: asides.collect(),
            outside: preview.outside.clone(),
        }
    }
}

impl File {
    fn of(card: &FileCard) -> File {
        File {
            file: card.place.clone(),
            layout: card.layout.clone(),
            encoding: card.encoding.clone(),
            rows: card.rows,
            heads: card.heads,
            taken: card.taken,
            aside: card.aside,
            refused: card.refused,
        }
    }
}

impl Company {
    fn of(card: &CompanyCard) -> Company {
        let checks = card.gates.iter().map(|gate| Check {
            name: gate.name.to_owned(),
            outcome: match gate.outcome {
                Outcome::Passed => "passed",
                Outcome::Failed => "failed",
                Outcome::NotPossible => "not_possible",
            }
            .to_owned(),
            detail: gate.detail.clone(),
        });
        Company {
            organisation: card.organisation.clone(),
            standard: card.standard.clone(),
            openings: card.openings,
            vouchers: card.vouchers,
            entries: card.entries,
            defective: card.defective,
            void: card.void,
            errors: card.errors,
            checks: checks.collect(),
        }
    }
}

impl Trouble {
    fn of(organisation: &str, problem: &model::Problem) -> Trouble {
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        Trouble {
            organisation: organisation.to_owned(),
            code: problem.code.to_string(),
            severity: severity.to_owned(),
            file: problem.place.file.clone(),
            sheet: problem.place.sheet.clone(),
            row: problem.place.row,
            column: problem.place.column.clone(),
            message: problem.message.clone(),
            found: problem.found.clone(),
            advice: problem.advice.to_string(),
        }
    }
}

impl Receipt {
    fn of(receipt: &commit::Receipt) -> Receipt {
        let companies = receipt.companies.iter().map(|c| Written {
            organisation: c.organisation.clone(),
            refused: c.refused,
            added: c.posted.added,
            unchanged: c.posted.unchanged,
            revised: c.posted.revised,
            voided: c.voided.len() as u64,
            entries: c.posted.entries,
            held: c.held,
            registers: Rows::of(c.registers),
            locked: c
                .locked
                .iter()
                .map(|p| Trouble::of(&c.organisation, p))
                .collect(),
        });
        Receipt {
            batch: receipt.batch,
            street: Rows::of(receipt.street),
            companies: companies.collect(),
        }
    }
}

impl Rows {
    fn of(saved: Saved) -> Rows {
        Rows {
            added: saved.added,
            changed: saved.changed,
            unchanged: saved.unchanged,
        }
    }
}

impl Batch {
    fn of(batch: Summary) -> Batch {
        let (state, other) = match batch.state {
            BatchState::Standing => ("standing", None),
            BatchState::Undone { undone_in, .. } => ("undone", Some(undone_in)),
            BatchState::Undo { of } => ("undo", Some(of)),
        };
        Batch {
            id: batch.id,
            label: batch.label,
            at: batch.at.to_string(),
            by: batch.by,
            files: batch.files,
            rows: batch.rows,
            vouchers: batch.vouchers,
            organisations: batch.organisations,
            state: state.to_owned(),
            other,
        }
    }
}
