//! 账套接收: files in, an account of every row before anything is written, then submitted, listed, undone.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use askama::Template;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use tokio::io::AsyncWriteExt;

use super::books;
use crate::access::Scope;
use crate::access::log::{self, Act};
use crate::import::commit::{Defects, Entering, Receipt, enter};
use crate::import::gates::{Gate, Outcome};
use crate::import::handin::HandIn;
use crate::import::{self, ImportError, Known, ReadOptions};
use crate::ledger::undo::{self, Undo};
use crate::model::{HeldReason, Problem, Severity};
use crate::store::batch::{self, State as BatchState, Summary};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::uploads::{Reading, Upload, place};
use crate::web::visitor::{Fields, MarkedUpload, Visitor};
use crate::web::workspace::{Workspace, apart, now};

/// Rows of one kind that a page shows; the rest is counted.
const SHOWN: usize = 500;

/// One file or sheet, and where its rows went.
#[derive(Debug)]
pub struct FileCard {
    pub place: String,
    pub layout: String,
    pub encoding: String,
    pub rows: u32,
    pub heads: u32,
    pub taken: u32,
    pub aside: usize,
    pub refused: u32,
}

/// One company of a hand-in.
#[derive(Debug)]
pub struct CompanyCard {
    pub organisation: String,
    pub standard: String,
    pub openings: usize,
    pub vouchers: usize,
    pub entries: usize,
    pub defective: usize,
    pub void: usize,
    pub errors: usize,
    pub gates: Vec<Gate>,
}

/// The account of an upload: what would be posted, what would not, and why.
#[derive(Debug)]
pub struct Preview {
    pub files: Vec<FileCard>,
    pub companies: Vec<CompanyCard>,
    /// Organisation and problem, errors first.
    pub problems: Vec<(String, Problem)>,
    /// Place, row, kind and text of rows that are recognised and are no entries.
    pub asides: Vec<(String, u32, String, String)>,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// What lies outside the person's organisations; nothing is submitted then.
    pub outside: Vec<String>,
}

impl Preview {
    fn of(hand_in: &HandIn, scope: &Scope) -> Preview {
        let files = hand_in.files.iter().map(|f| FileCard {
            place: f.place.to_string(),
            layout: f.layout.clone(),
            encoding: f.encoding.clone(),
            rows: f.rows,
            heads: f.heads,
            taken: f.taken,
            aside: f.set_aside.len(),
            refused: f.refused,
        });
        let asides = hand_in.files.iter().flat_map(|f| {
            let place = f.place.to_string();
            let rows = f.set_aside.iter();
            rows.map(move |a| (place.clone(), a.row, a.kind.clone(), a.text.clone()))
        });
        let street = hand_in.problems.iter().map(|p| (String::new(), p.clone()));
        let own = hand_in.companies.iter().flat_map(|c| {
            let code = c.organisation.to_string();
            c.problems.iter().map(move |p| (code.clone(), p.clone()))
        });
        let mut problems: Vec<(String, Problem)> = street.chain(own).collect();
        problems.sort_by_key(|(_, p)| std::cmp::Reverse(p.severity));
        let count = |s| problems.iter().filter(|(_, p)| p.severity == s).count();
        Preview {
            files: files.collect(),
            companies: hand_in.companies.iter().map(company).collect(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            asides: asides.collect(),
            outside: outside(hand_in, scope),
            problems,
        }
    }
}

fn company(company: &import::CompanyHandIn) -> CompanyCard {
    let held = |r| company.held.iter().filter(|h| h.reason == r).count();
    let errors = company.problems.iter();
    CompanyCard {
        organisation: company.organisation.to_string(),
        standard: format!(
            "{}({})",
            company.chart.standard.label(),
            company.chart_evidence
        ),
        openings: company.openings.len(),
        vouchers: company.vouchers.len(),
        entries: company.vouchers.iter().map(|v| v.entries.len()).sum(),
        defective: held(HeldReason::Defective),
        void: held(HeldReason::Void),
        errors: errors.filter(|p| p.severity == Severity::Error).count(),
        gates: company.gates.clone(),
    }
}

/// What a hand-in holds that its bringer may not write: other organisations, and tables of the whole street.
fn outside(hand_in: &HandIn, scope: &Scope) -> Vec<String> {
    let companies = hand_in.companies.iter().map(|c| &*c.organisation);
    let mut out: Vec<String> = companies
        .filter(|c| !scope.covers(c))
        .map(|c| format!("单位 {c}"))
        .collect();
    if *scope != Scope::All {
        let tables = hand_in.street.iter().filter(|t| !t.rows.is_empty());
        out.extend(tables.map(|t| format!("街道的表「{}」", t.table.file)));
    }
    out
}

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

/// How a person signs a batch: names may be alike, logins are not.
fn signature(visitor: &Visitor) -> String {
    format!("{}({})", visitor.user().name, visitor.login())
}

/// Whether a person may take a batch back: whoever sees the street, any that stands; others their own, because a batch of
/// the street may hold tables that are not theirs.
fn may_undo(visitor: &Visitor, batch: &Summary) -> bool {
    let own = || batch.by.as_deref() == Some(&signature(visitor));
    batch.state == BatchState::Standing && (visitor.scope == Scope::All || own())
}

/// A batch is shown to those who see all of its organisations.
fn shows(visitor: &Visitor, batch: &Summary) -> bool {
    visitor
        .scope
        .covers_all(batch.organisations.iter().map(String::as_str))
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

/// What the form with the files says.
struct Received {
    organisation: String,
    names: Vec<String>,
    folder: tempfile::TempDir,
}

/// Takes the files, reads them in the background, and leads to the page that shows how it goes.
pub async fn upload(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    let received = receive(multipart).await?;
    let organisation = Some(received.organisation.trim().to_owned()).filter(|o| !o.is_empty());
    match &organisation {
        Some(code) => visitor.sees(code)?,
        None if visitor.scope == Scope::All => {}
        None => return Err(Fault::bad_input("请选定这些文件是哪家单位的")),
    }
    if received.names.is_empty() {
        return Err(Fault::bad_input(
            "没有收到文件。请选文件,或把文件拖进虚线框",
        ));
    }
    let label = match received.names.as_slice() {
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} 等 {} 个文件", rest.len() + 1),
        [] => String::new(),
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
        received.folder,
    );
    let folder = Arc::clone(&upload.folder);
    let name = workspace.uploads.add(upload);
    let (background, job) = (workspace.clone(), name.clone());
    tokio::spawn(async move {
        let scope = visitor.scope.clone();
        let read = read(&background, &job, folder, organisation).await;
        let reading = match read {
            Ok(hand_in) => Reading::Read(Arc::new(Preview::of(&hand_in, &scope))),
            Err(fault) => Reading::Failed(format!("{} {}", fault.code, fault.message)),
        };
        background.uploads.set(&job, reading);
    });
    Ok(Redirect::to(&format!("/handin/{name}")).into_response())
}

async fn receive(mut multipart: Multipart) -> Result<Received, Fault> {
    let unreadable = |e: axum::extract::multipart::MultipartError| Fault::of_status(e.status());
    let folder = tempfile::tempdir().map_err(|e| Fault::internal(&e.to_string()))?;
    let mut received = Received {
        organisation: String::new(),
        names: Vec::new(),
        folder,
    };
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("org") => received.organisation = field.text().await.map_err(unreadable)?,
            Some("files") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                if name.is_empty() {
                    continue;
                }
                let path = place(received.folder.path(), &name);
                let path = path.ok_or_else(|| {
                    Fault::bad_input(&format!("文件名「{name}」不能用。请改名后再传"))
                })?;
                keep(field, path).await?;
                received.names.push(name);
            }
            _ => {}
        }
    }
    Ok(received)
}

/// Writes the bytes of a file as they come.
async fn keep(mut field: Field<'_>, path: PathBuf) -> Result<(), Fault> {
    let io = |e: std::io::Error| Fault::internal(&e.to_string());
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(io)?;
    }
    let mut file = tokio::fs::File::create(&path).await.map_err(io)?;
    loop {
        let chunk = field.chunk().await;
        match chunk.map_err(|e| Fault::of_status(e.status()))? {
            Some(bytes) => file.write_all(&bytes).await.map_err(io)?,
            None => break,
        }
    }
    file.flush().await.map_err(io)
}

/// Counts rows for the page that waits.
struct Counter {
    rows: AtomicU64,
    workspace: Workspace,
    upload: String,
}

impl import::Progress for Counter {
    fn rows(&self, count: u64) {
        let rows = self.rows.fetch_add(count, Ordering::Relaxed) + count;
        self.workspace
            .uploads
            .set(&self.upload, Reading::Running(rows));
    }
}

/// Where the files of an upload begin: one folder that holds everything is the hand-in itself, as is one file.
fn root(folder: &std::path::Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).map(|all| all.flatten().map(|e| e.path()));
    let entries: Vec<PathBuf> = entries.map(Iterator::collect).unwrap_or_default();
    match entries.as_slice() {
        [only] => only.clone(),
        _ => folder.to_path_buf(),
    }
}

/// Reads an upload and writes nothing.
async fn read(
    workspace: &Workspace,
    upload: &str,
    folder: Arc<tempfile::TempDir>,
    organisation: Option<String>,
) -> Result<HandIn, Fault> {
    let known = Known::load(&workspace.store).await?;
    let counter = Counter {
        rows: AtomicU64::new(0),
        workspace: workspace.clone(),
        upload: upload.to_owned(),
    };
    let work = workspace.clone();
    let reading = tokio::task::spawn_blocking(move || -> Result<HandIn, ImportError> {
        let options = ReadOptions {
            org: organisation,
            rules: &work.pack,
            ids: &work.ids,
            known,
            progress: Some(&counter),
        };
        import::read(&root(folder.path()), &options)
    });
    let read = reading.await.map_err(|e| Fault::internal(&e.to_string()))?;
    Ok(read?)
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
    let (label, organisation, reading) = found.ok_or_else(gone)?;
    draw(&PreviewPage {
        frame: Frame::new(&visitor, "/handin", "试读结果").after("账套接收", "/handin"),
        upload,
        label,
        organisation: organisation.unwrap_or_default(),
        reading,
    })
}

fn gone() -> Fault {
    let text = "网页-1012 这批文件已经提交或过期,不在了。请重新选文件上传";
    Fault::coded(axum::http::StatusCode::NOT_FOUND, text)
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
pub async fn submit(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let upload = workspace.uploads.take(&name, visitor.login());
    let upload = upload.ok_or_else(gone)?;
    let submission = Submission {
        visitor: visitor.clone(),
        name: name.clone(),
        label: upload.label.clone(),
        organisation: upload.organisation.clone(),
        folder: Arc::clone(&upload.folder),
        quarantine: fields.get("quarantine") == "yes",
    };
    let work = workspace.clone();
    match apart(move || async move { write(&work, &submission).await }).await {
        Ok(receipt) => draw_receipt(&visitor, &receipt),
        Err(fault) => {
            workspace.uploads.put_back(&name, upload);
            Err(fault)
        }
    }
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

/// A batch within the person's scope.
async fn batch_of(workspace: &Workspace, visitor: &Visitor, id: i64) -> Result<Summary, Fault> {
    let all = batch::list(workspace.store.db()).await?;
    let found = all.into_iter().find(|b| b.id == id);
    found
        .filter(|b| shows(visitor, b))
        .ok_or_else(Fault::not_found)
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
    let batch = batch_of(&workspace, &visitor, id).await?;
    let reason = fields.get("reason");
    if reason.is_empty() {
        return Err(Fault::bad_input("撤销批次须写明原因,原因会留在批次上"));
    }
    // One that was undone before is refused by the ledger, which says so.
    if batch.state == BatchState::Standing && !may_undo(&visitor, &batch) {
        return Err(Fault::forbidden());
    }
    let (object, store) = (id.to_string(), &workspace.store);
    let act = Act::new("import.undo", visitor.login())
        .object(&object)
        .reason(reason);
    log::append(store, &act, now()).await?;
    let (work, by, reason) = (workspace.clone(), signature(&visitor), reason.to_owned());
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
    Ok(Redirect::to(&format!("/handin/batches/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_is_the_hand_in_itself() {
        let folder = tempfile::tempdir().unwrap();
        let street = folder.path().join("九峰");
        std::fs::create_dir(&street).unwrap();
        assert_eq!(root(folder.path()), street);
        std::fs::write(folder.path().join("a.csv"), "x").unwrap();
        assert_eq!(root(folder.path()), folder.path());
    }
}
