//! The open items that point at a row of a register, as far as this person may read them: the workflow decides, so that a company
//! sees beside a row what was sent to it and nothing more.

use std::collections::BTreeMap;

use super::Cells;
use crate::audit::functions::names::norm_name;
use crate::review::list::Line;
use crate::web::fault::Fault;
use crate::web::kept;
use crate::web::pages::findings::masked;
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
    /// Columns of an item's own key that name a row together, and those of the row that hold the same.
    pub together: (&'static [&'static str], &'static [&'static str]),
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

/// The key that an item's columns make together; none where it lacks one of them.
fn together(naming: Naming, line: &Line) -> Option<String> {
    let columns = naming.together.0.iter();
    let values = columns.map(|wanted| {
        let found = line.key.iter().find(|(column, _)| column == wanted);
        found.map(|(_, value)| value.as_str())
    });
    let values = values.collect::<Option<Vec<_>>>()?;
    (!values.is_empty()).then(|| values.join("|"))
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
        let lines = kept::open_items(workspace, visitor).await?;
        Ok(Found::of(naming, &lines))
    }

    fn of(naming: Naming, lines: &[Line]) -> Found {
        let mut open: BTreeMap<(String, String), Vec<Open>> = BTreeMap::new();
        for line in lines {
            let rows = line.rows.iter().filter(|(of, _)| of == naming.table);
            let named = |column: &str| naming.columns.contains(&column);
            let named = line.key.iter().filter(|(column, _)| named(column));
            let keys = rows.chain(named).map(|(_, key)| key.clone());
            for key in keys.chain(together(naming, line)) {
                let here = open
                    .entry(naming.key(&line.organisation, &key))
                    .or_default();
                if !here.iter().any(|o| o.number == line.number) {
                    here.push(Open::of(line));
                }
            }
        }
        Found { naming, open }
    }

    /// Those that point at a row, by its whole key or by the columns that name it together.
    pub fn of_row(&self, cells: Cells<'_>) -> Vec<Open> {
        let owner = &cells.stored.owner;
        let columns = self.naming.together.1.iter();
        let named: Vec<&str> = columns.map(|name| cells.text(name)).collect();
        let mut open = self.at(owner, &cells.key()).to_vec();
        if !named.is_empty() {
            let more = self.at(owner, &named.join("|")).iter();
            let fresh: Vec<Open> = more.filter(|o| !open.contains(o)).cloned().collect();
            open.extend(fresh);
        }
        open
    }

    /// Those that point at the row with this key.
    pub fn at(&self, owner: &str, key: &str) -> &[Open] {
        let found = self.open.get(&self.naming.key(owner, key));
        found.map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::registers::described::registers;

    #[test]
    fn an_item_names_a_row_by_what_it_rests_on_or_by_its_own_key() {
        let line = |key: &[(&str, &str)], rows: &[(&str, &str)]| Line {
            number: "N-1".into(),
            organisation: "A01".into(),
            organisation_name: String::new(),
            fingerprint: String::new(),
            rule: String::new(),
            title: String::new(),
            kind: crate::audit::outcome::FindingKind::RedFlag,
            severity: "high".into(),
            amount: None,
            message: String::new(),
            state: String::new(),
            state_label: String::new(),
            due: None,
            due_provisional: false,
            cycle: 1,
            present: true,
            at: Default::default(),
            seq: 1,
            first_run: 1,
            version_run: 1,
            key: owned(key),
            rows: owned(rows),
        };
        let naming = |slug: &str| {
            let found = registers().iter().find(|r| r.slug == slug);
            found.unwrap().naming
        };
        let found = |slug, line| Found::of(naming(slug), &[line]);
        let rests = found("assets", line(&[("matter", "x")], &[("asset", "ZC-1")]));
        assert_eq!(rests.at("A01", "ZC-1").len(), 1);
        assert!(rests.at("B01", "ZC-1").is_empty());
        let both = line(&[("asset_no", "ZC-1")], &[("asset", "ZC-1")]);
        assert_eq!(found("assets", both).at("A01", "ZC-1").len(), 1);
        let party = found("parties", line(&[("party", "甲商贸")], &[]));
        assert_eq!(party.at("A01", "甲商贸有限公司").len(), 1);
        let counted = line(&[("batch_no", "2024"), ("object", "ZC-1")], &[]);
        let counted = found("inventory", counted);
        assert_eq!(counted.at("A01", "2024|ZC-1").len(), 1);
        assert!(counted.at("A01", "2023|ZC-1").is_empty());
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let all = pairs.iter();
        all.map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }
}
