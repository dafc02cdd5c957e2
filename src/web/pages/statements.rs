//! Statutory statements of one book, each line drilled to the accounts under it.

use askama::Template;
use axum::extract::{Path, Query, State};

use super::books::{self, Asked, Book};
use super::show::Yuan;
use crate::model::Money;
use crate::statement::{Kind, Options, Statement, prepare};
use crate::web::frame::{Frame, Page, draw};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

#[derive(Template)]
#[template(path = "web/statements.html")]
struct StatementsPage {
    frame: Frame,
    book: Book,
    tab: &'static str,
    period: String,
    statements: Vec<Statement>,
}

impl StatementsPage {
    fn yuan(&self, money: &Option<Money>) -> Yuan {
        Yuan(*money)
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(organisation): Path<String>,
    Query(asked): Query<Asked>,
) -> Page {
    let book = books::find(&workspace, &organisation).await?;
    let range = book.range(&asked.period)?;
    let options = Options {
        organisation: &organisation,
        range,
        kinds: &[Kind::BalanceSheet, Kind::Income, Kind::Flows],
    };
    let statements = prepare(workspace.store.db(), &workspace.pack, &options).await?;
    draw(&StatementsPage {
        frame: books::framed(&visitor, &book, "会计报表", ""),
        book,
        tab: "statements",
        period: range.to_string(),
        statements,
    })
}
