//! The 台账 of rectification as a workbook: taken away to be filled in, and handed back.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::findings::masked;
use super::items::{Asked, actor, desk, filter};
use crate::access::log::{self, Act};
use crate::model::Problem;
use crate::rectification::{self as sheet, Line, Refused};
use crate::review::list::Filter;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, draw};
use crate::web::paging::encoded;
use crate::web::visitor::{MarkedUpload, Visitor};
use crate::web::workspace::{Workspace, apart, now};

/// Name of the file that is given out.
const NAME: &str = "整改台账.xlsx";
/// Problems shown at once.
const SHOWN: usize = 200;

pub async fn workbook(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let mut wanted = filter(&asked, true);
    if !asked.state().is_empty() {
        wanted.states = vec![asked.state().to_owned()];
    }
    let mut lines = lines(&workspace, &visitor, &wanted).await?;
    for line in &mut lines {
        line.message = masked(&line.message);
    }
    let bytes = tokio::task::spawn_blocking(move || sheet::render(&lines));
    let bytes = bytes.await.map_err(|e| Fault::internal(&e.to_string()))?;
    let bytes = bytes.map_err(|e| Fault::internal(&e.to_string()))?;
    let act = Act::new("export", visitor.login()).object(NAME);
    log::append(&workspace.store, &act, now()).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename*=UTF-8''{}", encoded(NAME)),
        ),
    ];
    Ok((headers, bytes).into_response())
}

async fn lines(
    workspace: &Workspace,
    visitor: &Visitor,
    filter: &Filter,
) -> Result<Vec<Line>, Fault> {
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    Ok(sheet::gather(workspace.store.db(), &desk, &actor, filter).await?)
}

#[derive(Template)]
#[template(path = "web/rectification.html")]
struct ReceivedPage {
    frame: Frame,
    file: String,
    /// Rows with something new, and records put.
    rows: usize,
    records: usize,
    problems: Vec<Problem>,
    more: usize,
}

pub async fn receive(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    MarkedUpload(mut multipart): MarkedUpload,
) -> Result<Response, Fault> {
    let unreadable = |e: axum::extract::multipart::MultipartError| Fault::of_status(e.status());
    let mut received = None;
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.file_name().unwrap_or_default();
        let name = name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_owned();
        if field.name() == Some("files") && !name.is_empty() {
            received = Some((name, field.bytes().await.map_err(unreadable)?));
        }
    }
    let (file, bytes) =
        received.ok_or_else(|| Fault::bad_input("没有选文件。请选填好的整改台账 xlsx"))?;
    apart(move || async move { taken(&workspace, &visitor, file, &bytes).await }).await
}

/// Reads the workbook and puts what is new on record, all or nothing.
async fn taken(
    workspace: &Workspace,
    visitor: &Visitor,
    file: String,
    bytes: &[u8],
) -> Result<Response, Fault> {
    let lines = lines(workspace, visitor, &Filter::default()).await?;
    let (mut rows, mut records) = (0, 0);
    let mut problems = Vec::new();
    match sheet::read(&file, bytes, &lines) {
        Err(found) => problems = found,
        Ok(changes) => {
            let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
            let put = sheet::submit(&workspace.store, &desk, &actor, (&file, &changes), now());
            match put.await {
                Ok(count) => (rows, records) = (changes.len(), count),
                Err(Refused::Rows(found)) => problems = found,
                Err(Refused::Review(error)) => return Err(error.into()),
            }
        }
    }
    let status = match problems.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    let frame = Frame::new(visitor, "/rectification", "交回整改台账");
    let page: Html<String> = draw(&ReceivedPage {
        frame: frame.after("整改", "/rectification"),
        file,
        rows,
        records,
        problems,
        more,
    })?;
    Ok((status, page).into_response())
}
