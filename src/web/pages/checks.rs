//! 设置: whether the chains of books and of reviews hold, recomputed on demand. Nothing of their content is shown.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use crate::access::log::{self, Act};
use crate::ledger::verify;
use crate::review;
use crate::web::frame::{Frame, Page, draw};
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, apart, now};

/// A chain recomputed.
struct Line {
    chain: &'static str,
    organisation: String,
    length: i64,
    head: String,
    /// Where it breaks first.
    broken_at: Option<i64>,
}

#[derive(Template)]
#[template(path = "web/checks.html")]
struct ChecksPage {
    frame: Frame,
    tab: &'static str,
    /// `None`: not asked for yet.
    lines: Option<Vec<Line>>,
}

impl ChecksPage {
    fn broken(&self) -> usize {
        let lines = self.lines.iter().flatten();
        lines.filter(|l| l.broken_at.is_some()).count()
    }
}

fn drawn(visitor: &Visitor, lines: Option<Vec<Line>>) -> Page {
    draw(&ChecksPage {
        frame: Frame::new(visitor, "/settings", "设置"),
        tab: "checks",
        lines,
    })
}

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Anything: recompute.
    #[serde(default)]
    run: String,
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    if asked.run.is_empty() {
        return drawn(&visitor, None);
    }
    let act = Act::new("chains.verify", visitor.login());
    log::append(&workspace.store, &act, now()).await?;
    let work = workspace.clone();
    let lines = apart(move || async move {
        let books = verify::verify(&work.store, None, |_| {}).await?;
        let reviews = review::verify::verify(&work.store, None).await?;
        let line = |chain, organisation, length, head, broken_at| Line {
            chain,
            organisation,
            length,
            head,
            broken_at,
        };
        let books = books.into_iter().map(|r| {
            let broken = r.fault.map(|f| f.position);
            line("账簿", r.organisation, r.length, r.head, broken)
        });
        let reviews = reviews.into_iter().map(|r| {
            let broken = r.fault.map(|f| f.position);
            line("核查记录", r.organisation, r.length, r.head, broken)
        });
        let plans = crate::supervision::verify::verify(&work.store).await?;
        let plans = plans.into_iter().filter(|r| r.length > 0).map(|r| {
            let broken = r.fault.map(|(position, _)| position);
            line(r.name, "全街道".to_owned(), r.length, r.head, broken)
        });
        Ok(books.chain(reviews).chain(plans).collect())
    });
    drawn(&visitor, Some(lines.await?))
}
