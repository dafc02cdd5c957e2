//! What runs found: the list of a run with its filter in the address, one finding as the run found it, and the accountant's
//! own list. What people make of a finding stands on the page of its item ([`super::item`]).

use std::collections::BTreeMap;
use std::ops::Deref;

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::show::{Yuan, yuan};
use crate::access::Scope;
use crate::access::log::{self, Act};
use crate::audit::outcome::{Finding, FindingKind};
use crate::model::{Money, Role};
use crate::review;
use crate::store::StoreError;
use crate::store::run_list::{self, Filter, Run};
use crate::store::runs::StoredFinding;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::{Paging, SIZE, encoded, query};
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// A finding as it was stored, as pages show it.
#[derive(Debug, Clone)]
pub struct Item(pub Finding);

impl Deref for Item {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.0
    }
}

impl Item {
    /// # Errors
    /// A payload that another version of the program wrote and this one cannot read.
    pub fn of(stored: &StoredFinding) -> Result<Item, Fault> {
        serde_json::from_str(&stored.payload)
            .map(Item)
            .map_err(|e| Fault::internal(&format!("finding {}: {e}", stored.number)))
    }

    pub fn yuan(&self) -> Yuan {
        Yuan(self.amount)
    }

    /// The sentence with personal numbers masked.
    pub fn fact(&self) -> String {
        masked(&self.message)
    }

    pub fn money(&self, money: &Money) -> Yuan {
        yuan(*money)
    }

    pub fn masked(&self, text: &str) -> String {
        masked(text)
    }

    pub fn source(&self, code: &str) -> &'static str {
        match code {
            "statute" => "法定",
            "practice" => "惯例",
            "street" => "街道设定",
            _ => "占位值,街道尚未设定",
        }
    }

    pub fn voucher_path(&self, voucher: &str) -> String {
        format!(
            "/books/{}/vouchers/{}",
            encoded(&self.organisation),
            encoded(voucher)
        )
    }
}

/// A text with personal numbers masked.
pub fn masked(text: &str) -> String {
    crate::access::reveal::masked(text).unwrap_or_else(|| text.to_owned())
}

/// Parts of the address that choose findings.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub org: String,
    #[serde(default)]
    pub rule: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub severity: String,
    #[serde(default)]
    pub q: String,
    pub page: Option<i64>,
}

impl Asked {
    /// The filter of the address within a person's scope.
    pub fn filter<'a>(&'a self, scope: &'a Scope) -> Filter<'a> {
        let organisations = match (scope, self.org.as_str()) {
            (Scope::All, "") => None,
            (Scope::Only(codes), "") => Some(codes.iter().map(String::as_str).collect()),
            (scope, org) if scope.covers(org) => Some(vec![org]),
            _ => Some(Vec::new()),
        };
        Filter {
            organisations,
            rule: &self.rule,
            kind: &self.kind,
            severity: &self.severity,
            text: self.q.trim(),
        }
    }
}

/// A run of which this person may see something.
pub async fn run_of(workspace: &Workspace, visitor: &Visitor, id: i64) -> Result<Run, Fault> {
    let run = run_list::find(workspace.store.db(), id).await?;
    run.filter(|r| shows(visitor, r))
        .ok_or_else(Fault::not_found)
}

/// Whether a run covers an organisation of this person.
pub fn shows(visitor: &Visitor, run: &Run) -> bool {
    run.scope.split(',').any(|o| visitor.scope.covers(o))
}

/// A row of rules, or of organisations, with how many findings they have here.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub count: i64,
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "web/findings.html")]
struct FindingsPage {
    frame: Frame,
    run: Run,
    asked: Asked,
    organisations: Vec<Choice>,
    rules: Vec<Choice>,
    kinds: Vec<Choice>,
    severities: Vec<Choice>,
    amount: Money,
    items: Vec<Item>,
    paging: Paging,
    failed: Vec<(String, String)>,
    not_run: usize,
}

impl FindingsPage {
    fn yuan(&self, money: &Money) -> Yuan {
        yuan(*money)
    }
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Page {
    let run = run_of(&workspace, &visitor, id).await?;
    let db = workspace.store.db();
    // Choices are counted over everything in scope, the list over what was chosen.
    let whole = Asked::default();
    let all = run_list::tally(db, id, &whole.filter(&visitor.scope)).await?;
    let filter = asked.filter(&visitor.scope);
    let chosen = run_list::tally(db, id, &filter).await?;
    let total = chosen.iter().map(|t| t.count).sum();
    let base = query(&[
        ("org", &asked.org),
        ("rule", &asked.rule),
        ("kind", &asked.kind),
        ("severity", &asked.severity),
        ("q", &asked.q),
    ]);
    let paging = Paging::new(total, asked.page, base);
    let stored = run_list::findings(db, id, &filter, SIZE, (paging.page - 1) * SIZE).await?;
    let items = stored.iter().map(Item::of).collect::<Result<Vec<_>, _>>()?;
    let names: BTreeMap<String, String> = visitor.companies().into_iter().collect();
    let outcome = Outcome::of(&run);
    let named = |code: &str| names.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let rule = |id: &str| format!("{id} {}", outcome.title(id));
    let kind = |code: &str| match code {
        "violation" => FindingKind::Violation.label().to_owned(),
        "red_flag" => FindingKind::RedFlag.label().to_owned(),
        _ => FindingKind::DataQuality.label().to_owned(),
    };
    let severity = |code: &str| match code {
        "high" => "高".to_owned(),
        "medium" => "中".to_owned(),
        _ => "低".to_owned(),
    };
    let choices = |of: fn(&run_list::Tally) -> &str, now: &str, label: &dyn Fn(&str) -> String| {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        for tally in &all {
            *counts.entry(of(tally)).or_default() += tally.count;
        }
        let made = counts.into_iter().map(|(value, count)| Choice {
            label: label(value),
            chosen: value == now,
            value: value.to_owned(),
            count,
        });
        made.collect::<Vec<_>>()
    };
    draw(&FindingsPage {
        frame: Frame::new(&visitor, "/audit", &format!("第 {id} 次审计")).after("审计", "/audit"),
        organisations: choices(|t| &t.organisation, &asked.org, &named),
        rules: choices(|t| &t.rule, &asked.rule, &rule),
        kinds: choices(|t| &t.kind, &asked.kind, &kind),
        severities: choices(|t| &t.severity, &asked.severity, &severity),
        amount: Money(chosen.iter().map(|t| t.amount).sum()),
        not_run: outcome.not_run(&visitor.scope),
        failed: outcome.failed(),
        items,
        paging,
        asked,
        run,
    })
}

/// What a run says beside its findings.
struct Outcome(serde_json::Value);

impl Outcome {
    fn of(run: &Run) -> Outcome {
        Outcome(serde_json::from_str(&run.outcome).unwrap_or_default())
    }

    fn all<'a>(&'a self, part: &str) -> impl Iterator<Item = &'a serde_json::Value> {
        self.0[part].as_array().into_iter().flatten()
    }

    fn title(&self, rule: &str) -> &str {
        let found = self.all("rules").find(|r| r["id"] == rule);
        found.and_then(|r| r["title"].as_str()).unwrap_or_default()
    }

    fn not_run(&self, scope: &Scope) -> usize {
        let inside =
            |n: &&serde_json::Value| n["organisation"].as_str().is_some_and(|o| scope.covers(o));
        self.all("not_run").filter(inside).count()
    }

    fn reasons(&self, rule: &str) -> BTreeMap<String, String> {
        let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
        let of_rule = self.all("not_run").filter(|n| n["rule"] == rule);
        of_rule
            .map(|n| (text(&n["organisation"]), text(&n["reason"])))
            .collect()
    }

    fn failed(&self) -> Vec<(String, String)> {
        let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
        let failed = self.all("failed");
        failed
            .map(|f| (text(&f["rule"]), text(&f["reason"])))
            .collect()
    }
}

/// Why a rule did not run for an organisation, by organisation.
pub fn not_run(run: &Run, rule: &str) -> BTreeMap<String, String> {
    Outcome::of(run).reasons(rule)
}

#[derive(Template)]
#[template(path = "web/finding.html")]
struct ItemPage {
    frame: Frame,
    run: Run,
    item: Item,
    /// The number under which the matter is handled.
    handled: Option<String>,
}

pub async fn item(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((id, number)): Path<(i64, String)>,
) -> Page {
    let run = run_of(&workspace, &visitor, id).await?;
    let stored = run_list::finding_of(workspace.store.db(), id, &number).await?;
    let stored = stored.ok_or_else(Fault::not_found)?;
    visitor.sees(&stored.organisation)?;
    if visitor.user().role == Role::Inspector {
        let act = Act::new("finding.read", visitor.login())
            .organisation(&stored.organisation)
            .object(&number);
        log::append(&workspace.store, &act, now()).await?;
    }
    let item = Item::of(&stored)?;
    // Two matters may begin alike: the number is theirs only with the fingerprint.
    let handled = review::log::item(workspace.store.db(), &number).await?;
    let handled = handled.filter(|i| i.fingerprint == item.fingerprint);
    let frame = Frame::new(
        &visitor,
        "/audit",
        &format!("{} {}", item.number, item.title),
    );
    draw(&ItemPage {
        frame: frame
            .after("审计", "/audit")
            .after(&format!("第 {id} 次审计"), format!("/audit/runs/{id}")),
        run,
        item,
        handled: handled.map(|i| i.number),
    })
}

#[derive(Template)]
#[template(path = "web/quality.html")]
struct QualityPage {
    frame: Frame,
    /// When the latest run of the person's organisations was, and its items.
    at: Option<chrono::NaiveDateTime>,
    items: Vec<Item>,
    total: i64,
}

/// 数据质量 of the accountant's own organisations, from the latest run that covers them.
pub async fn quality(State(workspace): State<Workspace>, visitor: Visitor) -> Page {
    let db = workspace.store.db();
    let runs: Result<Vec<Run>, StoreError> = run_list::all(db).await;
    let latest = runs?.into_iter().find(|r| shows(&visitor, r));
    let (mut items, mut total, mut at) = (Vec::new(), 0, None);
    if let Some(run) = latest {
        let asked = Asked {
            kind: FindingKind::DataQuality.code().to_owned(),
            ..Asked::default()
        };
        let filter = asked.filter(&visitor.scope);
        let tallies = run_list::tally(db, run.id, &filter).await?;
        total = tallies.iter().map(|t| t.count).sum();
        let stored = run_list::findings(db, run.id, &filter, 500, 0).await?;
        items = stored.iter().map(Item::of).collect::<Result<Vec<_>, _>>()?;
        at = Some(run.finished_at);
    }
    draw(&QualityPage {
        frame: Frame::new(&visitor, "/quality", "数据质量"),
        at,
        items,
        total,
    })
}
