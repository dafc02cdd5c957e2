//! 账套接收: files in, an account of every row before anything is written, then submitted, listed, undone.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::books;
use crate::access::Scope;
use crate::import::commit::Receipt;
use crate::import::gates::Outcome;
use crate::model::{Problem, Severity};
use crate::store::batch::{self, State as BatchState, Summary};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::handin::desk::{self, batch_of, may_undo, shows};
use crate::web::handin::files;
use crate::web::handin::uploads::{Reading, Upload};
use crate::web::visitor::{Fields, MarkedUpload, Visitor};
use crate::web::workspace::Workspace;

/// Rows of one kind that a page shows; the rest is counted.
const SHOWN: usize = 500;

/// A batch in the list.
struct BatchRow {
    batch: Summary,
    may_undo: bool,
}

#[derive(Template)]
#[template(path = "web/handin.html")]
struct HandInPage {
    frame: Frame,
    /// Code and name of the organisations that may be handed in for.
    organisations: Vec<(String, String)>,
    /// A street folder may be handed in, and an organisation that is new.
    street: bool,
    batches: Vec<BatchRow>,
}

pub async fn page(State(workspace): State<Workspace>, visitor: Visitor) -> Page {
    let batches = batch::list(workspace.store.db()).await?;
    let batches = batches.into_iter().filter(|b| shows(&visitor, b));
    let known = books::within(&workspace, &visitor).await?;
    let mut organisations: Vec<(String, String)> =
        known.into_iter().map(|b| (b.code, b.name)).collect();
    if let Scope::Only(codes) = &visitor.scope {
        for code in codes {
            if !organisations.iter().any(|(known, _)| known == code) {
                organisations.push((code.clone(), String::new()));
            }
        }
    }
    draw(&HandInPage {
        frame: Frame::new(&visitor, "/handin", "账套接收"),
        organisations,
        street: visitor.scope == Scope::All,
        batches: batches
            .map(|batch| BatchRow {
                may_undo: may_undo(&visitor, &batch),
                batch,
            })
            .collect(),
    })
}

/// Takes the files, and leads to the page that shows how their reading goes.
pub async fn upload(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    let received = files::receive(multipart).await?;
    let name = desk::begin(&workspace, &visitor, received).await?;
    Ok(Redirect::to(&format!("/handin/{name}")).into_response())
}

#[derive(Template)]
#[template(path = "web/handin_preview.html")]
struct PreviewPage {
    frame: Frame,
    upload: String,
    label: String,
    organisation: String,
    reading: Reading,
}

impl PreviewPage {
    fn shape(&self, outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Passed => "good",
            Outcome::Failed => "bad",
            Outcome::NotPossible => "off",
        }
    }

    fn severity(&self, problem: &Problem) -> &'static str {
        match problem.severity {
            Severity::Error => "high",
            Severity::Warning => "medium",
            Severity::Note => "low",
        }
    }

    fn first<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        all.get(..SHOWN).unwrap_or(all)
    }

    fn more<T>(&self, all: &[T]) -> usize {
        all.len().saturating_sub(SHOWN)
    }
}

pub async fn preview(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(upload): Path<String>,
) -> Page {
    let look = |u: &Upload| (u.label.clone(), u.organisation.clone(), u.reading.clone());
    let found = workspace.uploads.with(&upload, visitor.login(), look);
    let (label, organisation, reading) = found.ok_or_else(desk::gone)?;
    draw(&PreviewPage {
        frame: Frame::new(&visitor, "/handin", "试读结果").after("账套接收", "/handin"),
        upload,
        label,
        organisation: organisation.unwrap_or_default(),
        reading,
    })
}

pub async fn submit(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let quarantine = fields.get("quarantine") == "yes";
    let receipt = desk::submit(&workspace, &visitor, &name, quarantine).await?;
    draw_receipt(&visitor, &receipt)
}

#[derive(Template)]
#[template(path = "web/receipt.html")]
struct ReceiptPage<'a> {
    frame: Frame,
    receipt: &'a Receipt,
}

impl ReceiptPage<'_> {
    fn refused(&self) -> Vec<&str> {
        let refused = self.receipt.companies.iter().filter(|c| c.refused);
        refused.map(|c| c.organisation.as_str()).collect()
    }
}

fn draw_receipt(visitor: &Visitor, receipt: &Receipt) -> Result<Response, Fault> {
    let page = ReceiptPage {
        frame: Frame::new(visitor, "/handin", "提交结果").after("账套接收", "/handin"),
        receipt,
    };
    Ok(draw(&page)?.into_response())
}

#[derive(Template)]
#[template(path = "web/batch.html")]
struct BatchPage {
    frame: Frame,
    row: BatchRow,
}

pub async fn batch(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Page {
    let batch = batch_of(&workspace, &visitor, id).await?;
    draw(&BatchPage {
        frame: Frame::new(&visitor, "/handin", &format!("批次 {id}")).after("账套接收", "/handin"),
        row: BatchRow {
            may_undo: may_undo(&visitor, &batch),
            batch,
        },
    })
}

pub async fn undo(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Redirect, Fault> {
    desk::take_back(&workspace, &visitor, id, fields.get("reason")).await?;
    Ok(Redirect::to(&format!("/handin/batches/{id}")))
}
