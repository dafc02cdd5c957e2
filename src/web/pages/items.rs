//! 疑点 and 整改: the items that a person may read, by state, with the filter in the address.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::findings::masked;
use super::items_bulk;
use super::show::Yuan;
use crate::access::Scope;
use crate::rectification::STATES;
use crate::review::dossier::Dossier;
use crate::review::event::Plan;
use crate::review::list::{self, Aside, Filter, Line};
use crate::review::{Actor, Desk};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::{Paging, SIZE, query};
use crate::web::permissions::{may_open, may_post};
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// Parts of the address that choose items.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    org: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    q: String,
    /// Anything: only what is overdue.
    #[serde(default)]
    overdue: String,
    /// Anything: what is set aside, and that alone.
    #[serde(default)]
    aside: String,
    page: Option<i64>,
}

impl Asked {
    /// The state that is asked for; empty for any.
    pub fn state(&self) -> &str {
        self.state.trim()
    }
}

/// The person as the workflow knows one: in a role, for the organisations that the route shows.
///
/// # Errors
/// Only a login that is blank.
pub fn actor(visitor: &Visitor) -> Result<Actor, Fault> {
    let organisations = match &visitor.scope {
        Scope::All => None,
        Scope::Only(codes) => Some(codes.clone()),
    };
    Ok(Actor::new(
        visitor.login(),
        visitor.user().role,
        organisations,
    )?)
}

/// The workflow with the street's own calendar.
///
/// # Errors
/// What the pack or the database says.
pub async fn desk(workspace: &Workspace) -> Result<Desk, Fault> {
    Ok(Desk::open(&workspace.store, &workspace.pack).await?)
}

/// A state with how many items are in it.
struct Tab {
    code: String,
    label: String,
    count: i64,
    here: bool,
}

/// An item in the list.
struct Row {
    line: Line,
    fact: String,
    overdue: bool,
    /// The measure, on the page of rectification.
    plan: Option<Plan>,
}

impl Row {
    fn yuan(&self) -> Yuan {
        Yuan(self.line.amount)
    }

    fn severity(&self) -> &'static str {
        match self.line.severity.as_str() {
            "high" => "高",
            "medium" => "中",
            _ => "低",
        }
    }
}

#[derive(Template)]
#[template(path = "web/items.html")]
struct ItemsPage {
    frame: Frame,
    /// The page of rectification, with measures.
    measures: bool,
    /// This person may make documents.
    papers: bool,
    /// The address of this list.
    here: &'static str,
    asked: Asked,
    /// Those of the person, to choose from.
    organisations: Vec<(String, String)>,
    tabs: Vec<Tab>,
    /// The address without its state.
    stateless: String,
    /// Steps that may be taken with several at once, by code and label: only where a state is chosen.
    together: Vec<(String, String)>,
    /// The filter as the workbook takes it.
    exported: String,
    /// This person sees what is set aside: how many of these there are.
    aside: Option<i64>,
    /// This person may hand a workbook in.
    fills: bool,
    rows: Vec<Row>,
    paging: Paging,
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    shown(&workspace, &visitor, asked, false).await
}

pub async fn rectification(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    shown(&workspace, &visitor, asked, true).await
}

/// The filter of the address, in any state of the page.
pub fn filter(asked: &Asked, measures: bool) -> Filter {
    let one = |text: &str| {
        let text = text.trim();
        let some = (!text.is_empty()).then(|| text.to_owned());
        some.into_iter().collect::<Vec<_>>()
    };
    let states: &[&str] = if measures { &STATES } else { &[] };
    // Several rules at once, as the pages of the plan ask for them.
    let apart = |c: char| c.is_whitespace() || [',', '\u{ff0c}', '、'].contains(&c);
    let rules = asked.rule.split(apart).filter(|r| !r.is_empty());
    Filter {
        organisations: one(&asked.org),
        rules: rules.map(str::to_uppercase).collect(),
        states: states.iter().map(|s| (*s).to_owned()).collect(),
        severity: asked.severity.trim().to_owned(),
        text: asked.q.trim().to_owned(),
        overdue_on: (!asked.overdue.is_empty()).then(|| now().date()),
        aside: match asked.aside.is_empty() {
            true => Aside::Without,
            false => Aside::Only,
        },
        ..Filter::default()
    }
}

/// How many items of a filter are set aside.
async fn set_aside(
    workspace: &Workspace,
    (desk, actor): (&Desk, &Actor),
    filter: &Filter,
) -> Result<i64, Fault> {
    let filter = Filter {
        aside: Aside::Only,
        ..filter.clone()
    };
    let counts = list::count(workspace.store.db(), desk, actor, &filter).await?;
    Ok(counts.iter().map(|(_, n)| n).sum())
}

async fn shown(workspace: &Workspace, visitor: &Visitor, asked: Asked, measures: bool) -> Page {
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    let db = workspace.store.db();
    let (title, here) = match measures {
        true => ("整改", "/rectification"),
        false => ("疑点", "/items"),
    };
    let mut filter = filter(&asked, measures);
    let counts = list::count(db, &desk, &actor, &filter).await?;
    let aside = match !measures && may_open(actor.role, "/suppressions") {
        true => Some(set_aside(workspace, (&desk, &actor), &filter).await?),
        false => None,
    };
    let chosen = |code: &str| asked.state.is_empty() || asked.state == code;
    let total = counts.iter().filter(|(s, _)| chosen(s)).map(|(_, n)| n);
    let total = total.sum();
    let parts = [
        ("org", asked.org.as_str()),
        ("rule", asked.rule.as_str()),
        ("severity", asked.severity.as_str()),
        ("q", asked.q.as_str()),
        ("overdue", asked.overdue.as_str()),
        ("aside", asked.aside.as_str()),
    ];
    let stateless = query(&parts);
    let base = query(&[&parts[..], &[("state", asked.state.as_str())]].concat());
    let paging = Paging::new(total, asked.page, base);
    if !asked.state.is_empty() {
        // A state that this page does not have shows nothing, not everything.
        let known = !measures || STATES.contains(&asked.state.as_str());
        filter.states = vec![if known {
            asked.state.clone()
        } else {
            "-".into()
        }];
    }
    filter.limit = u32::try_from(SIZE).ok();
    filter.offset = u32::try_from((paging.page - 1) * SIZE).unwrap_or(u32::MAX);
    let mut rows = Vec::new();
    for line in list::list(db, &desk, &actor, &filter).await? {
        let plan = match measures {
            true => Dossier::read(db, &desk.workflow, &actor, &line.number)
                .await?
                .plan()?,
            false => None,
        };
        rows.push(Row {
            fact: masked(&line.message),
            overdue: line.overdue(now().date()),
            plan,
            line,
        });
    }
    let tabs = counts.into_iter().map(|(code, count)| Tab {
        label: desk.workflow.label(&code).to_owned(),
        here: asked.state == code,
        code,
        count,
    });
    draw(&ItemsPage {
        frame: Frame::new(visitor, here, title),
        measures,
        papers: may_open(visitor.user().role, "/documents"),
        here,
        organisations: visitor.companies(),
        tabs: tabs.collect(),
        together: match measures {
            true => Vec::new(),
            false => items_bulk::steps(&desk, &asked.state, actor.role),
        },
        stateless,
        aside,
        exported: paging.base.clone(),
        fills: may_post(visitor.user().role, "/rectification"),
        rows,
        paging,
        asked,
    })
}
