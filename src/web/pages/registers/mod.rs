//! 台账: contracts with their rent, and the other registers from one description, each row with the open items that point at it.

pub mod contract;
pub mod contracts;
mod described;
mod found;
pub mod list;
mod objects;
mod rows;
mod view;

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Redirect, Response};

pub use found::{Found, Naming, Open};
pub use rows::{Cells, Parties, load, table};

use crate::ledger::read;
use crate::statement::name_of;
use crate::web::fault::Fault;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// How items name the rows of a register that is described.
///
/// # Errors
/// Only a slug that our own code has wrong.
pub fn naming(slug: &str) -> Result<Naming, Fault> {
    let found = described::registers().iter().find(|r| r.slug == slug);
    let found = found.ok_or_else(|| Fault::internal(&format!("no register {slug}")))?;
    Ok(found.naming)
}

/// A register's tab: address and title.
pub struct Tab {
    pub path: String,
    pub title: &'static str,
    pub here: bool,
}

/// The tabs of all registers, with the one shown.
pub fn tabs(here: &str) -> Vec<Tab> {
    let contracts = std::iter::once(("contracts", "合同"));
    let others = described::registers().iter().map(|r| (r.slug, r.title));
    let all = contracts.chain(others).map(|(slug, title)| Tab {
        path: format!("/registers/{slug}"),
        title,
        here: slug == here,
    });
    let map = Tab {
        path: "/map".to_owned(),
        title: "地图",
        here: here == "map",
    };
    all.chain([map]).collect()
}

/// The table of a register and the columns that its page shows, each with whether it names a party; none: no such register of
/// an organisation's own.
pub fn shown_columns(slug: &str) -> Option<(&'static str, Vec<(&'static str, bool)>)> {
    if slug == "contracts" {
        return Some(("contract", contracts::COLUMNS.to_vec()));
    }
    let own = |r: &&described::Register| r.slug == slug && !r.naming.street;
    let register = described::registers().iter().find(own)?;
    let columns = register.columns.iter().flat_map(|shown| match shown {
        described::Shown::Cell(name) | described::Shown::Organisation(name) => vec![(*name, false)],
        described::Shown::Party(name) => vec![(*name, true)],
        described::Shown::Difference { book, counted, .. } => {
            vec![(*book, false), (*counted, false)]
        }
    });
    Some((register.naming.table, columns.collect()))
}

/// The entry opens at the contracts: most money is there.
pub async fn home() -> Response {
    Redirect::to("/registers/contracts").into_response()
}

/// Organisations of a person: code and name.
pub struct Organisations(pub BTreeMap<String, String>);

impl Organisations {
    pub async fn of(workspace: &Workspace, visitor: &Visitor) -> Result<Organisations, Fault> {
        let db = workspace.store.db();
        let mut names = BTreeMap::new();
        for book in read::books(db).await? {
            if visitor.scope.covers(&book.organisation) {
                let name = name_of(db, &book.organisation).await?;
                names.insert(book.organisation, name);
            }
        }
        Ok(Organisations(names))
    }

    /// The name, or the code where none was handed in.
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        match self.0.get(code).map(String::as_str) {
            None | Some("") => code,
            Some(name) => name,
        }
    }

    /// To choose from: code, name, chosen.
    pub fn choices<'a>(
        &'a self,
        chosen: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, bool)> {
        let all = self.0.keys();
        all.map(move |code| (code.as_str(), self.name(code), code == chosen))
    }
}
