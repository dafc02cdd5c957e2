//! What the audit has found in a project's scope: items by organisation, and those that are due first.

use std::collections::BTreeMap;

use super::View;
use crate::model::Money;
use crate::review::list::{self, Filter, Line};
use crate::supervision::Project;
use crate::web::fault::Fault;
use crate::web::pages::findings::masked;
use crate::web::pages::registers::Organisations;
use crate::web::pages::show::{Yuan, yuan};
use crate::web::paging::query;

/// Items shown on the page itself.
const SHOWN: u32 = 20;

/// Items of one organisation.
pub struct OfOrganisation {
    pub name: String,
    pub open: i64,
    /// Of the open ones, those that the last run still finds.
    pub present: i64,
    pub rested: i64,
    amount: Money,
    /// Where they are listed.
    pub path: String,
}

impl OfOrganisation {
    /// Of the open ones.
    pub fn yuan(&self) -> Yuan {
        yuan(self.amount)
    }
}

/// An open item.
pub struct Item {
    pub line: Line,
    pub fact: String,
    pub overdue: bool,
}

impl Item {
    pub fn yuan(&self) -> Yuan {
        Yuan(self.line.amount)
    }

    pub fn severity(&self) -> &'static str {
        match self.line.severity.as_str() {
            "high" => "高",
            "medium" => "中",
            _ => "低",
        }
    }
}

/// What a project's scope holds for this person.
#[derive(Default)]
pub struct Scope {
    pub organisations: Vec<OfOrganisation>,
    pub items: Vec<Item>,
    /// Open items in all.
    pub open: i64,
    pub rested: i64,
}

/// The rules of a project as the lists of items take them: ids, none for all.
fn filter(view: &View<'_>, project: &Project) -> Filter {
    let own = project.own(&view.actor);
    Filter {
        organisations: own.into_iter().map(str::to_owned).collect(),
        rules: project.plan.rule_ids(&view.workspace.rules),
        ..Filter::default()
    }
}

pub async fn scope(
    view: &View<'_>,
    names: &Organisations,
    project: &Project,
    today: chrono::NaiveDate,
) -> Result<Scope, Fault> {
    let db = view.workspace.store.db();
    let mut filter = filter(view, project);
    if filter.organisations.is_empty() {
        return Ok(Scope::default());
    }
    let rules = filter.rules.join(",");
    let rests = |state: &str| view.desk.workflow.state(state).is_some_and(|s| s.rests);
    let mut by: BTreeMap<String, OfOrganisation> = BTreeMap::new();
    for code in &filter.organisations {
        let row = OfOrganisation {
            name: names.name(code).to_owned(),
            open: 0,
            present: 0,
            rested: 0,
            amount: Money::ZERO,
            path: format!("/items{}", query(&[("org", code), ("rule", &rules)])),
        };
        by.insert(code.clone(), row);
    }
    for tally in list::tally(db, &view.desk, &view.actor, &filter).await? {
        let Some(row) = by.get_mut(&tally.organisation) else {
            continue;
        };
        if rests(&tally.state) {
            row.rested += tally.count;
            continue;
        }
        row.open += tally.count;
        row.present += if tally.present { tally.count } else { 0 };
        row.amount = Money(row.amount.0.saturating_add(tally.amount.0));
    }
    let states = view.desk.workflow.states.iter().filter(|s| !s.rests);
    filter.states = states.map(|s| s.code.clone()).collect();
    filter.limit = Some(SHOWN);
    let lines = list::list(db, &view.desk, &view.actor, &filter).await?;
    let organisations: Vec<OfOrganisation> = by.into_values().collect();
    Ok(Scope {
        open: organisations.iter().map(|o| o.open).sum(),
        rested: organisations.iter().map(|o| o.rested).sum(),
        organisations,
        items: lines
            .into_iter()
            .map(|line| Item {
                fact: masked(&line.message),
                overdue: line.overdue(today),
                line,
            })
            .collect(),
    })
}
