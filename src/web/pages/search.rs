//! One box for everything: items, contracts, parties and vouchers within the person's scope, a few of each with the way to the rest.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::books::{self, Book};
use super::findings::masked;
use super::items::{actor, desk};
use super::registers::{Cells, Parties, load, table};
use super::show::{Yuan, yuan};
use crate::access::reveal;
use crate::ledger::search::{self, Found};
use crate::model::Money;
use crate::review::list::{self, Aside, Filter, Line};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, draw};
use crate::web::paging::encoded;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Of each sort on the page; the rest is a link away.
const FEW: usize = 8;

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// A row of a register.
struct Row {
    path: String,
    name: String,
    organisation: String,
    more: String,
}

/// Vouchers of one book.
struct Vouchers {
    book: Book,
    found: Vec<Found>,
    total: i64,
}

#[derive(Template)]
#[template(path = "web/search.html")]
struct SearchPage {
    frame: Frame,
    q: String,
    items: Vec<Line>,
    item_count: i64,
    contracts: Vec<Row>,
    contract_count: usize,
    parties: Vec<Row>,
    party_count: usize,
    vouchers: Vec<Vouchers>,
}

impl SearchPage {
    fn yuan(&self, money: &Money) -> Yuan {
        yuan(*money)
    }

    fn amount(&self, line: &Line) -> Yuan {
        Yuan(line.amount)
    }

    fn masked(&self, text: &str) -> String {
        reveal::masked(text).unwrap_or_else(|| text.to_owned())
    }

    fn nothing(&self) -> bool {
        self.items.is_empty()
            && self.contracts.is_empty()
            && self.parties.is_empty()
            && self.vouchers.is_empty()
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let q = asked.q.trim().to_owned();
    let mut page = SearchPage {
        frame: Frame::new(&visitor, "", "查找").searched(&q),
        items: Vec::new(),
        item_count: 0,
        contracts: Vec::new(),
        contract_count: 0,
        parties: Vec::new(),
        party_count: 0,
        vouchers: Vec::new(),
        q,
    };
    if page.q.is_empty() {
        return Ok(draw(&page)?.into_response());
    }
    (page.items, page.item_count) = items(&workspace, &visitor, &page.q).await?;
    if let [only] = page.items.as_slice()
        && only.number.eq_ignore_ascii_case(&page.q)
    {
        let path = format!("/items/{}", encoded(&only.number));
        return Ok(Redirect::to(&path).into_response());
    }
    let books = books::within(&workspace, &visitor).await?;
    let masks = Parties::load(&workspace, &visitor, "").await?;
    (page.contracts, page.contract_count) =
        contracts(&workspace, &visitor, (&books, &masks), &page.q).await?;
    (page.parties, page.party_count) =
        parties(&workspace, &visitor, (&books, &masks), &page.q).await?;
    for book in books {
        let query = search::Query {
            organisation: &book.code,
            range: None,
            text: &page.q,
            limit: FEW as i64,
            offset: 0,
        };
        let (found, total) = search::vouchers(workspace.store.db(), &query).await?;
        if total > 0 {
            page.vouchers.push(Vouchers { book, found, total });
        }
    }
    Ok(draw(&page)?.into_response())
}

async fn items(
    workspace: &Workspace,
    visitor: &Visitor,
    q: &str,
) -> Result<(Vec<Line>, i64), Fault> {
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    let db = workspace.store.db();
    let mut filter = Filter {
        text: q.to_owned(),
        // Who knows the number finds it.
        aside: Aside::With,
        ..Filter::default()
    };
    let counts = list::count(db, &desk, &actor, &filter).await?;
    filter.limit = u32::try_from(FEW).ok();
    let mut found = list::list(db, &desk, &actor, &filter).await?;
    for line in &mut found {
        line.message = masked(&line.message);
    }
    Ok((found, counts.iter().map(|(_, n)| n).sum()))
}

fn title<'a>(books: &'a [Book], code: &'a str) -> &'a str {
    let book = books.iter().find(|b| b.code == code);
    book.map_or(code, Book::title)
}

async fn contracts(
    workspace: &Workspace,
    visitor: &Visitor,
    (books, masks): (&[Book], &Parties),
    q: &str,
) -> Result<(Vec<Row>, usize), Fault> {
    let table = table("contract")?;
    let rows = load(workspace, visitor, table, "").await?;
    let wanted = q.to_lowercase();
    let cells = rows.iter().map(|stored| Cells { table, stored });
    let holds = |c: &Cells<'_>| {
        let names = ["contract_no", "subject_no", "counterparty", "trade_no"];
        names
            .iter()
            .any(|n| c.text(n).to_lowercase().contains(&wanted))
    };
    let found: Vec<Row> = cells
        .filter(holds)
        .map(|c| {
            let (owner, number) = (&*c.stored.owner, c.text("contract_no"));
            Row {
                path: format!(
                    "/registers/contracts/{}/{}",
                    encoded(owner),
                    encoded(number)
                ),
                name: number.to_owned(),
                organisation: title(books, owner).to_owned(),
                more: masks.shown(owner, c.text("counterparty")),
            }
        })
        .collect();
    Ok(few(found))
}

async fn parties(
    workspace: &Workspace,
    visitor: &Visitor,
    (books, masks): (&[Book], &Parties),
    q: &str,
) -> Result<(Vec<Row>, usize), Fault> {
    let table = table("counterparty")?;
    let rows = load(workspace, visitor, table, "").await?;
    let wanted = q.to_lowercase();
    let cells = rows.iter().map(|stored| Cells { table, stored });
    let found: Vec<Row> = cells
        .filter(|c| c.text("name").to_lowercase().contains(&wanted))
        .map(|c| Row {
            path: format!(
                "/registers/parties?org={}&q={}",
                encoded(&c.stored.owner),
                encoded(c.text("name"))
            ),
            name: masks.shown(&c.stored.owner, c.text("name")),
            organisation: title(books, &c.stored.owner).to_owned(),
            more: c.shown("kind"),
        })
        .collect();
    Ok(few(found))
}

/// The first of them, and how many there are.
fn few(mut rows: Vec<Row>) -> (Vec<Row>, usize) {
    let all = rows.len();
    rows.truncate(FEW);
    (rows, all)
}
