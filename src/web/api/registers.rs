//! Registers for programs: the columns that pages show, masked alike, with the place each row was handed in.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Ask, Paged, Problem};
use crate::web::fault::Fault;
use crate::web::pages::registers::{Cells, Parties, load, shown_columns, table};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// A column of a register.
#[derive(Debug, Serialize, ToSchema)]
pub struct Column {
    /// `contract_no`.
    name: String,
    /// 合同编号.
    title: String,
}

/// A row as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Row {
    /// By the names of the columns; as handed in, personal data masked.
    cells: BTreeMap<String, String>,
    source_file: String,
    source_sheet: Option<String>,
    source_row: u32,
}

/// A page of a register.
#[derive(Debug, Serialize, ToSchema)]
pub struct Register {
    total: usize,
    page: i64,
    columns: Vec<Column>,
    items: Vec<Row>,
}

/// A register of an organisation: `contracts`, `assets`, `resources`, `parties`, `decisions`, `special-funds`, `inventory`.
#[utoipa::path(get, path = "/api/v1/organisations/{org}/registers/{register}",
    params(("org" = String, Path, description = "单位编码"),
        ("register" = String, Path, description = "台账:与网页地址同名"), Paged), responses(
    (status = 200, body = Register),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn register(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((organisation, slug)): Path<(String, String)>,
    Ask(paged): Ask<Paged>,
) -> Result<Json<Register>, Fault> {
    let paged = paged.checked()?;
    let (name, columns) = shown_columns(&slug).ok_or_else(Fault::not_found)?;
    let table = table(name)?;
    let parties = Parties::load(&workspace, &visitor, &organisation).await?;
    let rows = load(&workspace, &visitor, table, &organisation).await?;
    let title = |name: &str| {
        let at = table.position(name);
        let headers = at.map(|at| &table.columns[at].headers);
        headers
            .and_then(|h| h.first().cloned())
            .unwrap_or_else(|| name.to_owned())
    };
    let skip = usize::try_from(paged.offset()).unwrap_or(usize::MAX);
    let take = usize::try_from(paged.limit()).unwrap_or(usize::MAX);
    let items = rows.iter().skip(skip).take(take).map(|stored| {
        let cells = Cells { table, stored };
        let cells = columns.iter().map(|(name, party)| {
            let text = match party {
                true => parties.shown(&stored.owner, cells.text(name)),
                false => cells.shown(name),
            };
            ((*name).to_owned(), text)
        });
        Row {
            cells: cells.collect(),
            source_file: stored.source_file.to_string(),
            source_sheet: stored.source_sheet.as_deref().map(str::to_owned),
            source_row: stored.row.source_row,
        }
    });
    let columns = columns.iter().map(|(name, _)| Column {
        name: (*name).to_owned(),
        title: title(name),
    });
    Ok(Json(Register {
        total: rows.len(),
        page: paged.page(),
        columns: columns.collect(),
        items: items.collect(),
    }))
}
