//! One rule: what it looks for, on what basis, with which values for an organisation, from which data, how often it hit.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use chrono::NaiveDateTime;
use serde::Deserialize;

use super::severity;
use crate::audit::outcome::{Citation, FindingSeverity};
use crate::audit::params::{Origin, Trial, in_force, resolve};
use crate::audit::rule::{ParamSource, ParamType, Rule, explain, questions};
use crate::audit::settings;
use crate::audit::tables::schema;
use crate::model::Money;
use crate::report::words;
use crate::store::run_list;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::pages::findings;
use crate::web::pages::findings::{Asked as Chosen, shows};
use crate::web::pages::show::{Yuan, yuan};
use crate::web::permissions::may_open;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// Runs whose hits are told.
const RUNS: usize = 12;

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The organisation whose values are shown; empty: the whole street's.
    #[serde(default)]
    org: String,
}

/// A parameter with its value today.
struct Param {
    name: String,
    label: String,
    value: String,
    unit: String,
    source: String,
    /// The street has yet to decide.
    open: bool,
    /// Fixed by law.
    fixed: bool,
    next: String,
    default: String,
    /// What the trial's field proposes; empty where a range makes no sense.
    range: String,
}

/// Hits of one organisation in the latest run.
struct Hits {
    organisation: String,
    name: String,
    count: i64,
    amount: Money,
    /// Why the rule did not run there.
    not_run: String,
}

/// Hits of a run.
struct Past {
    run: i64,
    at: NaiveDateTime,
    count: i64,
}

#[derive(Template)]
#[template(path = "web/rule.html")]
struct RulePage<'a> {
    frame: Frame,
    rule: &'a Rule,
    severity: FindingSeverity,
    org: String,
    organisations: Vec<(String, String)>,
    sentence: String,
    citations: Vec<Citation>,
    params: Vec<Param>,
    required: Vec<String>,
    optional: Vec<String>,
    latest: Option<i64>,
    hits: Vec<Hits>,
    past: Vec<Past>,
    may_try: bool,
}

impl RulePage<'_> {
    fn family(&self) -> String {
        words::family(&self.rule.family).to_owned()
    }

    fn yuan(&self, money: &Money) -> Yuan {
        yuan(*money)
    }

    /// `未核对原文` beside articles whose text was not read.
    fn unread(&self, citation: &Citation) -> bool {
        citation.checked != "read"
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Page {
    let rule = workspace.rules.rule(&id).ok_or_else(Fault::not_found)?;
    let organisations = visitor.companies();
    if !asked.org.is_empty() {
        visitor.sees(&asked.org)?;
    }
    let (latest, hits, past) = hits(&workspace, &visitor, rule, &organisations).await?;
    let titles = |tables: &[String]| tables.iter().map(|t| either(t)).collect();
    draw(&RulePage {
        frame: Frame::new(&visitor, "/audit", &format!("{id} {}", rule.file.title))
            .after("审计", "/audit")
            .after("规则", "/audit/rules"),
        severity: severity(rule),
        sentence: explain::sentence(&workspace.rules, rule),
        citations: workspace.rules.laws.cite(&rule.file.laws, now().date()),
        params: params(&workspace, rule, &asked.org).await?,
        required: titles(&rule.file.requires),
        optional: titles(&rule.file.optional),
        org: asked.org,
        organisations,
        rule,
        latest,
        hits,
        past,
        may_try: may_open(visitor.user().role, "/audit/rules/{rule}/try"),
    })
}

/// The titles of tables of which one is enough.
fn either(group: &str) -> String {
    let title = |table| schema::table(table).map_or(table, |s| s.title.as_str());
    group.split('|').map(title).collect::<Vec<_>>().join("或")
}

async fn params(workspace: &Workspace, rule: &Rule, org: &str) -> Result<Vec<Param>, Fault> {
    let stands = settings::load(&workspace.store).await?;
    let spans = resolve(rule, &stands, &Trial::new(), org);
    let today = now().date();
    let params = rule.file.params.iter().filter_map(|(name, spec)| {
        let value = in_force(&spans, name, today)?;
        let next = value.next.as_ref();
        Some(Param {
            label: questions::label(rule, name),
            unit: spec.unit.clone(),
            source: match (&value.origin, spec.basis.as_str()) {
                (Origin::Default(_), basis) if !basis.is_empty() => {
                    format!("{};{basis}", value.origin.shown())
                }
                (origin, _) => origin.shown(),
            },
            open: value.origin == Origin::Default(ParamSource::Placeholder),
            fixed: spec.source == ParamSource::Statute,
            next: next.map_or(String::new(), |(day, v)| {
                format!("{day} 起为 {}{}", v.shown(), spec.unit)
            }),
            default: questions::default(rule, name),
            range: range(spec.kind, &value.value.shown()),
            value: value.value.shown(),
            name: name.clone(),
        })
    });
    Ok(params.collect())
}

/// From half to twice the present value.
fn range(kind: ParamType, shown: &str) -> String {
    let plain = shown.replace(',', "");
    let numeric = matches!(
        kind,
        ParamType::Integer | ParamType::Money | ParamType::Decimal
    );
    let whole = plain.split('.').next().unwrap_or_default();
    match whole.parse::<i64>() {
        Ok(n) if numeric && n > 1 => format!("{}..{}", n / 2, n.saturating_mul(2)),
        _ => String::new(),
    }
}

type Found = (Option<i64>, Vec<Hits>, Vec<Past>);

/// The latest run by organisation, and the last runs as a whole.
async fn hits(
    workspace: &Workspace,
    visitor: &Visitor,
    rule: &Rule,
    organisations: &[(String, String)],
) -> Result<Found, Fault> {
    let db = workspace.store.db();
    let chosen = Chosen {
        rule: rule.id().to_owned(),
        ..Chosen::default()
    };
    let filter = chosen.filter(&visitor.scope);
    let runs = run_list::all(db).await?;
    let (mut latest, mut hits, mut past) = (None, Vec::new(), Vec::new());
    for run in runs.iter().filter(|r| shows(visitor, r)).take(RUNS) {
        let tallies = run_list::tally(db, run.id, &filter).await?;
        past.push(Past {
            run: run.id,
            at: run.finished_at,
            count: tallies.iter().map(|t| t.count).sum(),
        });
        if latest.is_some() {
            continue;
        }
        latest = Some(run.id);
        let not_run: BTreeMap<String, String> = findings::not_run(run, rule.id());
        for (code, name) in organisations {
            if !run.scope.split(',').any(|o| o == code) {
                continue;
            }
            let of = || tallies.iter().filter(|t| t.organisation == *code);
            hits.push(Hits {
                organisation: code.clone(),
                name: name.clone(),
                count: of().map(|t| t.count).sum(),
                amount: Money(of().map(|t| t.amount).sum()),
                not_run: not_run.get(code).cloned().unwrap_or_default(),
            });
        }
    }
    Ok((latest, hits, past))
}
