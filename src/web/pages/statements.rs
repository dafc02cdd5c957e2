//! Statutory statements of one book, each line drilled to the accounts under it.

use askama::Template;
use axum::extract::{Path, Query, State};

use super::books::{self, Asked, Book};
use super::show::Yuan;
use crate::model::Money;
use crate::statement::{Kind, Month, Options, Statement, monthly, prepare};
use crate::web::chart::{Chart, Series, Shape, Unit};
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
    months: Chart,
}

impl StatementsPage {
    fn yuan(&self, money: &Option<Money>) -> Yuan {
        Yuan(*money)
    }
}

/// Income and expense of each month: they add up to the statement of flows.
fn chart(months: &[Month]) -> Chart {
    let of = |f: fn(&Month) -> Money| months.iter().map(|m| f(m).0).collect();
    Chart {
        title: "各月收入和支出",
        note: "不含结转凭证,与收支明细表同一口径。".to_owned(),
        shape: Shape::Bars,
        head: "月份",
        categories: months.iter().map(|m| m.period.to_string()).collect(),
        series: vec![
            Series::new("收入", Unit::Money, of(|m| m.income)),
            Series::new("支出", Unit::Money, of(|m| m.expense)),
        ],
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
    let db = workspace.store.db();
    let months = monthly(db, &workspace.pack, &organisation, range).await?;
    draw(&StatementsPage {
        months: chart(&months),
        frame: books::framed(&visitor, &book, "会计报表", ""),
        book,
        tab: "statements",
        period: range.to_string(),
        statements,
    })
}
