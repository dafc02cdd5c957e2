//! The open items that point at a row of a register, as far as this person may read them: the workflow decides, so that a company
//! sees beside a row what was sent to it and nothing more.

use std::collections::BTreeMap;

use crate::audit::functions::names::norm_name;
use crate::review::list::{self, Filter, Line};
use crate::web::fault::Fault;
use crate::web::pages::findings::masked;
use crate::web::pages::items::{actor, desk};
use crate::web::paging::encoded;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// An open item beside a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub number: String,
    pub title: String,
    pub fact: String,
    pub severity: String,
    pub state: String,
}

impl Open {
    fn of(line: &Line) -> Open {
        Open {
            number: line.number.clone(),
            title: line.title.clone(),
            fact: masked(&line.message),
            severity: line.severity.clone(),
            state: line.state_label.clone(),
        }
    }

    pub fn path(&self) -> String {
        format!("/items/{}", encoded(&self.number))
    }

    pub fn word(&self) -> &'static str {
        match self.severity.as_str() {
            "high" => "高",
            "medium" => "中",
            _ => "低",
        }
    }
}

/// How items name the rows of a register.
#[derive(Debug, Clone, Copy)]
pub struct Naming {
    pub table: &'static str,
    /// Columns of an item's own key that name a row.
    pub columns: &'static [&'static str],
    /// The key is a name of a party, which has many spellings.
    pub spelling: bool,
    /// The table is the street's: its rows belong to no organisation.
    pub street: bool,
}

impl Naming {
    fn key(&self, owner: &str, key: &str) -> (String, String) {
        let owner = if self.street { "" } else { owner };
        match self.spelling {
            true => (owner.to_owned(), norm_name(key)),
            false => (owner.to_owned(), key.to_owned()),
        }
    }
}

/// Open items by organisation and key of the row that they point at.
#[derive(Debug)]
pub struct Found {
    naming: Naming,
    open: BTreeMap<(String, String), Vec<Open>>,
}

impl Found {
    /// Items that point at rows of a table, by what they rest on or by their own key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load(
        workspace: &Workspace,
        visitor: &Visitor,
        naming: Naming,
    ) -> Result<Found, Fault> {
        let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
        let states = desk.workflow.states.iter().filter(|s| !s.rests);
        let filter = Filter {
            states: states.map(|s| s.code.clone()).collect(),
            ..Filter::default()
        };
        let lines = list::list(workspace.store.db(), &desk, &actor, &filter).await?;
        Ok(Found::of(naming, &lines))
    }

    fn of(naming: Naming, lines: &[Line]) -> Found {
        let mut open: BTreeMap<(String, String), Vec<Open>> = BTreeMap::new();
        for line in lines {
            let rows = line.rows.iter().filter(|(of, _)| of == naming.table);
            let named = |column: &str| naming.columns.contains(&column);
            let named = line.key.iter().filter(|(column, _)| named(column));
            for (_, key) in rows.chain(named) {
                let here = open.entry(naming.key(&line.organisation, key)).or_default();
                if !here.iter().any(|o| o.number == line.number) {
                    here.push(Open::of(line));
                }
            }
        }
        Found { naming, open }
    }

    /// Those that point at the row with this key.
    pub fn at(&self, owner: &str, key: &str) -> &[Open] {
        let found = self.open.get(&self.naming.key(owner, key));
        found.map_or(&[], Vec::as_slice)
    }
}
