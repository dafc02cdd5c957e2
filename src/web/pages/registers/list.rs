//! A register as its description says: filtered by the address, page by page, or whole as a file.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::described::{Register, Shown, registers};
use super::view::{Drawing, Row, View, headers};
use super::{Cells, Found, Organisations, Parties, Tab, load, table, tabs};
use crate::model::ColumnType;
use crate::store::registers::StoredRow;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::kept;
use crate::web::pages::export::{List, give, text};
use crate::web::paging::{Paging, SIZE, query};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Parts of the address that choose rows.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    org: String,
    /// Code of a word of the column that may be chosen by.
    #[serde(default)]
    kind: String,
    /// Anything: only rows with a difference.
    #[serde(default)]
    differs: String,
    /// Anything: only rows with open items.
    #[serde(default)]
    found: String,
    #[serde(default)]
    q: String,
    page: Option<i64>,
}

impl Asked {
    fn base(&self) -> String {
        query(&[
            ("org", &self.org),
            ("kind", &self.kind),
            ("differs", &self.differs),
            ("found", &self.found),
            ("q", &self.q),
        ])
    }
}

/// The rows within a person's organisations. A row of the street's own table is theirs when it names one of them.
async fn own(
    workspace: &Workspace,
    visitor: &Visitor,
    register: &Register,
    org: &str,
) -> Result<Vec<Arc<StoredRow>>, Fault> {
    let table = table(register.naming.table)?;
    if !register.naming.street {
        return load(workspace, visitor, table, org).await;
    }
    let all = kept::register(workspace, table, None).await?;
    let own = all.iter().filter(|stored| {
        let cells = Cells { table, stored };
        let mut named = register.columns.iter().filter_map(|shown| match shown {
            Shown::Organisation(name) => Some(cells.text(name)),
            _ => None,
        });
        named.any(|code| visitor.scope.covers(code) && (org.is_empty() || code == org))
    });
    Ok(own.cloned().collect())
}

/// All rows that an address chooses; those with differences first, the greatest first.
async fn chosen(
    workspace: &Workspace,
    visitor: &Visitor,
    register: &'static Register,
    asked: &Asked,
    names: &Organisations,
) -> Result<Vec<Row>, Fault> {
    let table = table(register.naming.table)?;
    let drawing = Drawing {
        register,
        table,
        names,
        parties: Parties::load(workspace, visitor, &asked.org).await?,
        found: Found::load(workspace, visitor, register.naming).await?,
    };
    let wanted = asked.q.trim().to_lowercase();
    let mut rows = Vec::new();
    for stored in &own(workspace, visitor, register, &asked.org).await? {
        let cells = Cells { table, stored };
        let of_kind = asked.kind.is_empty() || cells.text(register.choose) == asked.kind;
        if of_kind && holds(register, cells, names, &wanted) {
            rows.push(drawing.row(stored));
        }
    }
    rows.retain(|r| asked.differs.is_empty() || !r.differences.is_empty());
    rows.retain(|r| asked.found.is_empty() || !r.open.is_empty());
    rows.sort_by_key(|r| {
        let greatest = r.differences.first().map_or(0, |d| d.unsigned_abs());
        std::cmp::Reverse(greatest)
    });
    Ok(rows)
}

/// Whether a shown cell, as it was handed in, holds the text.
fn holds(register: &Register, cells: Cells<'_>, names: &Organisations, wanted: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    let mut shown = register.columns.iter().map(|shown| match shown {
        Shown::Cell(name) => holds(&cells.shown(name)),
        Shown::Party(name) => holds(cells.text(name)),
        Shown::Organisation(name) => holds(cells.text(name)) || holds(names.name(cells.text(name))),
        Shown::Difference { .. } => false,
    });
    wanted.is_empty() || shown.any(|held| held) || holds(names.name(&cells.stored.owner))
}

#[derive(Template)]
#[template(path = "web/register.html")]
struct RegisterPage {
    frame: Frame,
    tabs: Vec<Tab>,
    register: &'static Register,
    organisations: Organisations,
    /// Header and words of the column that may be chosen by.
    choose: Option<(String, Vec<(String, String)>)>,
    differs: bool,
    headers: Vec<(String, &'static str)>,
    asked: Asked,
    rows: Vec<Row>,
    paging: Paging,
}

impl RegisterPage {
    fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.organisations.name(code)
    }

    /// Class and text of the cell that heads a row.
    fn first<'a>(&self, row: &'a Row) -> (&'static str, &'a str) {
        let first = row.cells.first();
        first.map_or(("", ""), |c| (c.class(), c.text().unwrap_or_default()))
    }
}

fn find(slug: &str) -> Result<&'static Register, Fault> {
    let found = registers().iter().find(|r| r.slug == slug);
    found.ok_or_else(Fault::not_found)
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Page {
    let register = find(&slug)?;
    let organisations = Organisations::of(&workspace, &visitor).await?;
    let rows = chosen(&workspace, &visitor, register, &asked, &organisations).await?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(total, asked.page, asked.base());
    let before = usize::try_from((paging.page - 1) * SIZE).unwrap_or(0);
    let size = usize::try_from(SIZE).unwrap_or(0);
    let table = table(register.naming.table)?;
    let choose = table.column(register.choose).and_then(|c| match &c.kind {
        ColumnType::Enum { values, .. } => Some((c.headers.first()?.clone(), values.clone())),
        _ => None,
    });
    let title = format!("{}台账", register.title);
    let difference = |shown: &Shown| matches!(shown, Shown::Difference { .. });
    draw(&RegisterPage {
        frame: Frame::new(&visitor, "/registers", &title),
        tabs: tabs(&slug),
        organisations,
        choose,
        differs: register.columns.iter().any(difference),
        headers: headers(register, table),
        asked,
        rows: rows.into_iter().skip(before).take(size).collect(),
        paging,
        register,
    })
}

pub async fn csv(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let register = find(&slug)?;
    let names = Organisations::of(&workspace, &visitor).await?;
    let rows = chosen(&workspace, &visitor, register, &asked, &names).await?;
    let headers = headers(register, table(register.naming.table)?);
    let own = headers.iter().map(|(header, _)| header.as_str());
    // Rows of the street's own table belong to no organisation.
    let owner: &[&str] = match register.naming.street {
        true => &[],
        false => &["单位编码", "单位"],
    };
    let rows = rows.iter().map(|r| {
        let numbers: Vec<&str> = r.open.iter().map(|o| o.number.as_str()).collect();
        let owner = owner.iter().zip([&*r.owner, names.name(&r.owner)]);
        let owner = owner.map(|(_, value)| text(value));
        let cells = r.cells.iter().map(View::exported);
        owner
            .chain(cells)
            .chain([text(&numbers.join(";"))])
            .collect()
    });
    let list = List {
        title: format!("{}台账", register.title),
        organisation: None,
        headers: &owner
            .iter()
            .copied()
            .chain(own)
            .chain(["未了结疑点"])
            .collect::<Vec<_>>(),
        rows: rows.collect(),
    };
    give(&workspace, &visitor, list).await
}
