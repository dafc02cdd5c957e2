//! A threshold tried: what each value of a range would find, beside the value in force. Nothing is set by it.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use crate::audit::load;
use crate::audit::rule::curve::{Curve, curve, parse_sweep};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::pages::audit::beside_pages;
use crate::web::paging::encoded;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, apart};

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    param: String,
    /// `a..b`, `a..b/step`, or single values.
    #[serde(default)]
    values: String,
}

#[derive(Template)]
#[template(path = "web/rule_tried.html")]
struct TriedPage {
    frame: Frame,
    asked: Asked,
    curve: Curve,
    /// Hits of the longest bar; never 0.
    most: usize,
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Page {
    let rule = workspace.rules.rule(&id).ok_or_else(Fault::not_found)?;
    let title = format!("{id} {}:试算", rule.file.title);
    let assignment = format!("{}={}", asked.param.trim(), asked.values.trim());
    let sweep = parse_sweep(&workspace.rules, &id, &[assignment], true)
        .map_err(|problem| Fault::bad_input(&problem))?
        .ok_or_else(Fault::not_found)?;
    let options = beside_pages(&visitor, Vec::new());
    // An audit and a trial hold the books in memory: one at a time.
    let turn = workspace.jobs.audits().acquire_owned().await;
    let _turn = turn.map_err(|e| Fault::internal(&e.to_string()))?;
    let (work, of) = (workspace.clone(), id.clone());
    let curve = apart(move || async move {
        let snapshot = load::load(&work.store, &work.rules, None, |_| {}).await?;
        Ok(curve(&snapshot, &work.rules, &of, &sweep, &options).await?)
    })
    .await?;
    draw(&TriedPage {
        frame: Frame::new(&visitor, "/audit", &title)
            .after("审计", "/audit")
            .after("规则", "/audit/rules")
            .after(&id, format!("/audit/rules/{}", encoded(&id))),
        most: curve
            .points
            .iter()
            .map(|p| p.hits)
            .max()
            .unwrap_or(0)
            .max(1),
        asked,
        curve,
    })
}
