//! Rows of registers as pages show them: within the person's organisations, in the words in which they were handed in, persons
//! masked.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::audit::functions::names::{mask, norm_name};
use crate::audit::tables::cell::mask_identifiers;
use crate::model::{Column, ColumnType, Money, Table, Value, catalogue};
use crate::store::registers::StoredRow;
use crate::web::fault::Fault;
use crate::web::kept;
use crate::web::pages::findings::masked;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// A table of the catalogue.
///
/// # Errors
/// Only a name that our own code has wrong.
pub fn table(name: &str) -> Result<&'static Table, Fault> {
    let found = catalogue().table(name);
    found.ok_or_else(|| Fault::internal(&format!("no table {name}")))
}

/// The current rows of a company's register within a person's organisations; `org` narrows them to one.
///
/// # Errors
/// What the store says.
pub async fn load(
    workspace: &Workspace,
    visitor: &Visitor,
    table: &Table,
    org: &str,
) -> Result<Vec<Arc<StoredRow>>, Fault> {
    let one = (!org.is_empty()).then_some(org).or(visitor.scope.single());
    let all = kept::register(workspace, table, one).await?;
    let asked = |r: &&Arc<StoredRow>| org.is_empty() || &*r.owner == org;
    let own = all.iter().filter(asked);
    Ok(own
        .filter(|r| visitor.scope.covers(&r.owner))
        .cloned()
        .collect())
}

/// A row with the table that says what its cells are.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    pub table: &'a Table,
    pub stored: &'a StoredRow,
}

impl<'a> Cells<'a> {
    fn cell(&self, name: &str) -> Option<(&'a Value, &'a Column)> {
        let at = self.table.position(name)?;
        Some((self.stored.row.values.get(at)?, &self.table.columns[at]))
    }

    pub fn text(&self, name: &str) -> &'a str {
        self.cell(name)
            .and_then(|(v, _)| v.text())
            .unwrap_or_default()
    }

    pub fn date(&self, name: &str) -> Option<NaiveDate> {
        self.cell(name)?.0.date()
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.cell(name)?.0.int()
    }

    pub fn money(&self, name: &str) -> Option<Money> {
        self.int(name).map(Money)
    }

    /// As handed in, with personal numbers masked. Keys and references are no personal numbers, however long they are.
    pub fn shown(&self, name: &str) -> String {
        let Some((value, column)) = self.cell(name) else {
            return String::new();
        };
        let text = value.hand_in(&column.kind);
        let reference = self.table.key.iter().any(|k| k == name)
            || name.ends_with("_no")
            || name.ends_with("_hash");
        match column.kind {
            ColumnType::Id => mask_identifiers(&text),
            ColumnType::Text | ColumnType::List if !reference => masked(&text),
            _ => text,
        }
    }

    /// The values of the natural key joined by `|`, as findings name the row.
    pub fn key(&self) -> String {
        let positions = self.table.key_positions();
        let cells = positions.into_iter().map(|at| {
            let value = self.stored.row.values.get(at).unwrap_or(&Value::Null);
            mask_identifiers(&value.display(&self.table.columns[at].kind))
        });
        cells.collect::<Vec<_>>().join("|")
    }
}

/// Which parties are persons: their names are masked wherever they stand in a register.
#[derive(Default)]
pub struct Parties(HashSet<(String, String)>);

impl Parties {
    pub async fn load(
        workspace: &Workspace,
        visitor: &Visitor,
        org: &str,
    ) -> Result<Parties, Fault> {
        let table = table("counterparty")?;
        let rows = load(workspace, visitor, table, org).await?;
        let persons = rows.iter().map(|stored| Cells { table, stored });
        let persons = persons.filter(|c| c.text("kind") == "person");
        let named = persons.map(|c| (c.stored.owner.to_string(), norm_name(c.text("name"))));
        Ok(Parties(named.collect()))
    }

    /// The name as pages show it.
    pub fn shown(&self, organisation: &str, name: &str) -> String {
        let key = (organisation.to_owned(), norm_name(name));
        match self.0.contains(&key) {
            true => mask(name),
            false => masked(name),
        }
    }
}
