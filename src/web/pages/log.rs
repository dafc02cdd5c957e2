//! 设置: the access log, and whether its chain holds.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::access::AccessError;
use crate::access::log::{self, Line};
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::{Paging, SIZE, query};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

#[derive(Deserialize)]
pub struct Asked {
    page: Option<i64>,
}

#[derive(Template)]
#[template(path = "web/log.html")]
struct LogPage {
    frame: Frame,
    tab: &'static str,
    lines: Vec<Line>,
    paging: Paging,
    /// Lines of a chain that holds, or what is wrong with it.
    chain: Result<i64, String>,
}

impl LogPage {
    fn act(&self, line: &Line) -> String {
        log::label(&line.act).to_owned()
    }

    fn text(&self, text: &Option<String>) -> String {
        text.clone().unwrap_or_default()
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let db = workspace.store.db();
    let (_, total) = log::page(db, 0, 1).await?;
    let paging = Paging::new(total, asked.page, query(&[]));
    let (lines, _) = log::page(db, paging.page - 1, SIZE).await?;
    let chain = match log::verify(db).await {
        Ok(lines) => Ok(lines),
        Err(error @ AccessError::LogChanged { .. }) => Err(error.to_string()),
        Err(other) => return Err(other.into()),
    };
    draw(&LogPage {
        frame: Frame::new(&visitor, "/settings", "设置"),
        tab: "log",
        lines,
        paging,
        chain,
    })
}
