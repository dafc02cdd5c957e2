//! Receiving, submitting, and taking back, for pages and programs alike.

use std::sync::Arc;

use axum::http::StatusCode;

use super::files::{Received, read};
use super::preview::{Preview, outside};
use super::uploads::{Reading, Upload};
use crate::access::Scope;
use crate::access::log::{self, Act};
use crate::import::commit::{Defects, Entering, Receipt, enter};
use crate::ledger::undo::{self, Undo};
use crate::store::batch::{self, State as BatchState, Summary};
use crate::web::fault::Fault;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, apart, now};

/// How a person signs a batch: names may be alike, logins are not.
fn signature(visitor: &Visitor) -> String {
    format!("{}({})", visitor.user().name, visitor.login())
}

/// Whether a person may take a batch back: whoever sees the street, any that stands; others their own, because a batch of
/// the street may hold tables that are not theirs.
pub fn may_undo(visitor: &Visitor, batch: &Summary) -> bool {
    let own = || batch.by.as_deref() == Some(&signature(visitor));
    batch.state == BatchState::Standing && (visitor.scope == Scope::All || own())
}

/// A batch is shown to those who see all of its organisations.
pub fn shows(visitor: &Visitor, batch: &Summary) -> bool {
    visitor
        .scope
        .covers_all(batch.organisations.iter().map(String::as_str))
}

/// Keeps the files and reads them in the background; the upload's name.
///
/// # Errors
/// No file, no organisation where one is needed, one that is not the visitor's.
pub async fn begin(
    workspace: &Workspace,
    visitor: &Visitor,
    received: Received,
) -> Result<String, Fault> {
    let organisation = Some(received.organisation.trim().to_owned()).filter(|o| !o.is_empty());
    match &organisation {
        Some(code) => visitor.sees(code)?,
        None if visitor.scope == Scope::All => {}
        None => return Err(Fault::bad_input("请选定这些文件是哪家单位的")),
    }
    let label = match received.names.as_slice() {
        [] => {
            return Err(Fault::bad_input(
                "没有收到文件。请选文件,或把文件拖进虚线框",
            ));
        }
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} 等 {} 个文件", rest.len() + 1),
    };
    let act = Act::new("import.read", visitor.login()).object(&label);
    let act = Act {
        organisation: organisation.as_deref(),
        ..act
    };
    log::append(&workspace.store, &act, now()).await?;
    let upload = Upload::new(
        visitor.login(),
        organisation.clone(),
        label,
        received.into_folder(),
    );
    let folder = Arc::clone(&upload.folder);
    let name = workspace.uploads.add(upload);
    let (background, job, scope) = (workspace.clone(), name.clone(), visitor.scope.clone());
    tokio::spawn(async move {
        let read = read(&background, &job, folder, organisation).await;
        let reading = match read {
            Ok(hand_in) => Reading::Read(Arc::new(Preview::of(&hand_in, &scope))),
            Err(fault) => Reading::Failed(format!("{} {}", fault.code, fault.message)),
        };
        background.uploads.set(&job, reading);
    });
    Ok(name)
}

pub fn gone() -> Fault {
    let text = "网页-1012 这批文件已经提交或过期,不在了。请重新选文件上传";
    Fault::coded(StatusCode::NOT_FOUND, text)
}

/// What is submitted, by whom.
struct Submission {
    visitor: Visitor,
    name: String,
    label: String,
    organisation: Option<String>,
    folder: Arc<tempfile::TempDir>,
    quarantine: bool,
}

/// Reads the same files once more and writes what was read, in one transaction. What is checked is what is written.
///
/// # Errors
/// [`gone`]; content of other organisations; what the ledger refuses. The upload stays, to be submitted again.
pub async fn submit(
    workspace: &Workspace,
    visitor: &Visitor,
    name: &str,
    quarantine: bool,
) -> Result<Receipt, Fault> {
    let upload = workspace.uploads.take(name, visitor.login());
    let upload = upload.ok_or_else(gone)?;
    let submission = Submission {
        visitor: visitor.clone(),
        name: name.to_owned(),
        label: upload.label.clone(),
        organisation: upload.organisation.clone(),
        folder: Arc::clone(&upload.folder),
        quarantine,
    };
    let work = workspace.clone();
    let written = apart(move || async move { write(&work, &submission).await }).await;
    if written.is_err() {
        workspace.uploads.put_back(name, upload);
    }
    written
}

async fn write(workspace: &Workspace, submission: &Submission) -> Result<Receipt, Fault> {
    let visitor = &submission.visitor;
    let folder = Arc::clone(&submission.folder);
    let organisation = submission.organisation.clone();
    let hand_in = read(workspace, &submission.name, folder, organisation).await?;
    let outside = outside(&hand_in, &visitor.scope);
    if !outside.is_empty() {
        let what = format!(
            "含有不属于您单位的内容:{}。请去掉后再交",
            outside.join("、")
        );
        return Err(Fault::bad_input(&what));
    }
    let signature = signature(visitor);
    let entering = Entering {
        label: &submission.label,
        defects: match submission.quarantine {
            true => Defects::Quarantine,
            false => Defects::Refuse,
        },
        now: now(),
        by: Some(&signature),
    };
    let codes: Vec<&str> = hand_in.companies.iter().map(|c| &*c.organisation).collect();
    let codes = codes.join(",");
    let act = Act::new("import.submit", visitor.login())
        .organisation(&codes)
        .object(&submission.label);
    log::append(&workspace.store, &act, now()).await?;
    Ok(enter(&workspace.store, &hand_in, entering, |_| {}).await?)
}

/// A batch within the person's scope.
pub async fn batch_of(workspace: &Workspace, visitor: &Visitor, id: i64) -> Result<Summary, Fault> {
    let all = batch::list(workspace.store.db()).await?;
    let found = all.into_iter().find(|b| b.id == id);
    found
        .filter(|b| shows(visitor, b))
        .ok_or_else(Fault::not_found)
}

/// Takes a batch back: what was not posted is removed, what was posted is reversed.
///
/// # Errors
/// No reason; a batch that is not the visitor's; what the ledger refuses.
pub async fn take_back(
    workspace: &Workspace,
    visitor: &Visitor,
    id: i64,
    reason: &str,
) -> Result<(), Fault> {
    let batch = batch_of(workspace, visitor, id).await?;
    if reason.is_empty() {
        return Err(Fault::bad_input("撤销批次须写明原因,原因会留在批次上"));
    }
    // One that was undone before is refused by the ledger, which says so.
    if batch.state == BatchState::Standing && !may_undo(visitor, &batch) {
        return Err(Fault::forbidden());
    }
    let (object, store) = (id.to_string(), &workspace.store);
    let act = Act::new("import.undo", visitor.login())
        .object(&object)
        .reason(reason);
    log::append(store, &act, now()).await?;
    let (work, by, reason) = (workspace.clone(), signature(visitor), reason.to_owned());
    apart(move || async move {
        let undo = Undo {
            batch_id: id,
            by: &by,
            reason: &reason,
            at: now(),
        };
        undo::undo(&work.store, &undo).await.map_err(Fault::from)
    })
    .await?;
    Ok(())
}
