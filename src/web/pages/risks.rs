//! 廉政风险点: each point of a post in a process, the rules that watch it, and what they have found, organisation by organisation.
//! Not for the people of companies: it would teach them what is watched how.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::items::{actor, desk};
use super::plan::{Tab, tabs};
use super::registers::Organisations;
use crate::audit::outcome::FindingSeverity;
use crate::review::list::{self, Filter};
use crate::supervision::risk::{RiskPoint, RiskPoints};
use crate::supervision::{SupervisionError, policy};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::query;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// Parts of the address that choose points.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    post: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    org: String,
    /// Anything: only points with open items.
    #[serde(default)]
    open: String,
}

/// Open items of an organisation at a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub organisation: String,
    pub name: String,
    pub open: i64,
    /// Of these, those that the last run still finds.
    pub present: i64,
    /// Where they are listed.
    pub path: String,
}

/// A point with what was found.
pub struct Row {
    pub point: RiskPoint,
    /// Id and title.
    pub rules: Vec<(String, String)>,
    pub found: Vec<Found>,
    /// Documents in force that a rule of the point rests on: id and title.
    pub policies: Vec<(i64, String)>,
}

impl Row {
    pub fn open(&self) -> i64 {
        self.found.iter().map(|f| f.open).sum()
    }

    pub fn present(&self) -> i64 {
        self.found.iter().map(|f| f.present).sum()
    }
}

/// Every point with what this person may read of it.
pub async fn rows(workspace: &Workspace, visitor: &Visitor) -> Result<Vec<Row>, Fault> {
    let points = RiskPoints::load(&workspace.pack, &workspace.rules)?;
    let names = Organisations::of(workspace, visitor).await?;
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    let db = workspace.store.db();
    // Open and still found, by rule and organisation.
    let mut counts: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for tally in list::tally(db, &desk, &actor, &Filter::default()).await? {
        let rests = desk.workflow.state(&tally.state).is_some_and(|s| s.rests);
        if !rests {
            let count = counts.entry((tally.rule, tally.organisation)).or_default();
            count.0 += tally.count;
            count.1 += if tally.present { tally.count } else { 0 };
        }
    }
    let documents = standing_documents(workspace).await?;
    let all = points.0.into_iter().map(|point| {
        let joined = point.rules.join(",");
        let mut by: BTreeMap<&str, Found> = BTreeMap::new();
        let own = counts.iter().filter(|((r, _), _)| point.rules.contains(r));
        for ((_, organisation), (open, present)) in own {
            let found = by.entry(organisation).or_insert_with(|| Found {
                organisation: organisation.clone(),
                name: names.name(organisation).to_owned(),
                open: 0,
                present: 0,
                path: format!(
                    "/items{}",
                    query(&[("org", organisation), ("rule", &joined)])
                ),
            });
            found.open += open;
            found.present += present;
        }
        let mut found: Vec<Found> = by.into_values().collect();
        found.sort_by(|a, b| {
            b.open
                .cmp(&a.open)
                .then(a.organisation.cmp(&b.organisation))
        });
        let rules = point.rules.iter().map(|id| {
            let rule = workspace.rules.rule(id);
            let title = rule.map_or(String::new(), |r| r.file.title.clone());
            (id.clone(), title)
        });
        let policies = documents
            .iter()
            .filter(|(_, _, rules)| rules.iter().any(|r| point.rules.contains(r)));
        Row {
            rules: rules.collect(),
            policies: policies
                .map(|(id, title, _)| (*id, title.clone()))
                .collect(),
            found,
            point,
        }
    });
    Ok(all.collect())
}

/// Documents in force: id, title, the rules that rest on them.
async fn standing_documents(
    workspace: &Workspace,
) -> Result<Vec<(i64, String, Vec<String>)>, SupervisionError> {
    let all = policy::all(workspace.store.db()).await?;
    let latest = policy::latest(&all);
    let today = now().date();
    let standing = all.into_iter().filter(|v| {
        let last = latest.get(&v.series).copied().unwrap_or(v.version);
        v.standing(last, today) == policy::Standing::InForce
    });
    let rule = |basis: &String| {
        let (rule, _) = basis.split_once('.').unwrap_or((basis, ""));
        rule.to_owned()
    };
    Ok(standing
        .map(|v| {
            let rules = v.policy.basis_for.iter().map(rule).collect();
            (v.id, v.policy.title, rules)
        })
        .collect())
}

#[derive(Template)]
#[template(path = "web/risks.html")]
struct RisksPage {
    frame: Frame,
    tabs: Vec<Tab>,
    asked: Asked,
    posts: Vec<String>,
    organisations: Organisations,
    rows: Vec<Row>,
    /// Points in all, before the filter.
    all: usize,
}

impl RisksPage {
    fn levels(&self) -> [FindingSeverity; 3] {
        [
            FindingSeverity::High,
            FindingSeverity::Medium,
            FindingSeverity::Low,
        ]
    }

    fn rule_path(&self, rule: &str) -> String {
        let parts = [("org", self.asked.org.as_str()), ("rule", rule)];
        format!("/items{}", query(&parts))
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let mut rows = rows(&workspace, &visitor).await?;
    let all = rows.len();
    let mut posts: Vec<String> = Vec::new();
    for row in &rows {
        if !posts.contains(&row.point.post) {
            posts.push(row.point.post.clone());
        }
    }
    if !asked.org.is_empty() {
        for row in &mut rows {
            row.found.retain(|f| f.organisation == asked.org);
        }
    }
    rows.retain(|r| {
        (asked.post.is_empty() || r.point.post == asked.post)
            && (asked.level.is_empty() || r.point.level.code() == asked.level)
            && (asked.open.is_empty() || r.open() > 0)
    });
    draw(&RisksPage {
        frame: Frame::new(&visitor, "/plan", "廉政风险点"),
        tabs: tabs(visitor.user().role, "/risks"),
        organisations: Organisations::of(&workspace, &visitor).await?,
        asked,
        posts,
        rows,
        all,
    })
}
