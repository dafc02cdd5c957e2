//! 规则: what the pack looks for and what it found last, one rule with its law and values, a threshold tried before it is set.

mod rule;
mod tried;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

pub use rule::page;
pub use tried::page as tried;

use super::findings::{Asked as Chosen, shows};
use crate::audit::outcome::{FindingKind, FindingSeverity};
use crate::audit::rule::{ParamSource, Rule};
use crate::report::words;
use crate::store::run_list::{self, Run};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Parts of the address that choose rules.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    family: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    q: String,
    /// `hit`: with findings in the latest run; `open`: with values that the street has yet to decide.
    #[serde(default)]
    only: String,
}

/// A rule in the list.
struct Line<'a> {
    rule: &'a Rule,
    severity: FindingSeverity,
    /// Parameters that still hold their placeholder in the pack.
    placeholders: usize,
    /// Findings of the latest run in the person's scope, and organisations with any.
    hits: i64,
    organisations: usize,
}

impl Line<'_> {
    fn chosen(&self, asked: &Asked) -> bool {
        let file = &self.rule.file;
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        let wanted = asked.q.trim().to_lowercase();
        let named = |text: &str| text.to_lowercase().contains(&wanted);
        is(&asked.family, &self.rule.family)
            && is(&asked.kind, file.kind.code())
            && is(&asked.severity, self.severity.code())
            && (wanted.is_empty() || named(&file.id) || named(&file.title))
            && match asked.only.as_str() {
                "hit" => self.hits > 0,
                "open" => self.placeholders > 0,
                _ => true,
            }
    }
}

/// A choice of a filter: value, label, whether it is the present one.
type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "web/rules.html")]
struct ListPage<'a> {
    frame: Frame,
    tab: &'static str,
    asked: Asked,
    families: Vec<Choice>,
    kinds: Vec<Choice>,
    severities: Vec<Choice>,
    latest: Option<Run>,
    lines: Vec<Line<'a>>,
    total: usize,
}

impl ListPage<'_> {
    fn family(&self, line: &Line<'_>) -> String {
        words::family(&line.rule.family).to_owned()
    }
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let latest = latest(&workspace, &visitor).await?;
    let mut hits: BTreeMap<String, (i64, usize)> = BTreeMap::new();
    if let Some(run) = &latest {
        let whole = Chosen::default();
        let filter = whole.filter(&visitor.scope);
        for tally in run_list::tally(workspace.store.db(), run.id, &filter).await? {
            let (count, organisations) = hits.entry(tally.rule).or_default();
            *count += tally.count;
            *organisations += 1;
        }
    }
    let mut lines: Vec<Line<'_>> = workspace
        .rules
        .rules
        .iter()
        .map(|rule| {
            let (hits, organisations) = hits.get(rule.id()).copied().unwrap_or_default();
            Line {
                severity: severity(rule),
                placeholders: placeholders(rule),
                rule,
                hits,
                organisations,
            }
        })
        .collect();
    let total = lines.len();
    lines.retain(|line| line.chosen(&asked));
    lines.sort_by_key(|line| (words::family_order(&line.rule.family).0, line.rule.id()));
    let kinds = [
        FindingKind::Violation,
        FindingKind::RedFlag,
        FindingKind::DataQuality,
    ];
    let severities = [
        FindingSeverity::High,
        FindingSeverity::Medium,
        FindingSeverity::Low,
    ];
    draw(&ListPage {
        frame: Frame::new(&visitor, "/audit", "规则").after("审计", "/audit"),
        tab: "rules",
        families: words::FAMILIES
            .iter()
            .map(|(code, label)| (*code, *label, *code == asked.family))
            .collect(),
        kinds: kinds
            .iter()
            .map(|k| (k.code(), k.label(), k.code() == asked.kind))
            .collect(),
        severities: severities
            .iter()
            .map(|s| (s.code(), s.label(), s.code() == asked.severity))
            .collect(),
        asked,
        latest,
        lines,
        total,
    })
}

/// The latest run of which this person may see something.
async fn latest(workspace: &Workspace, visitor: &Visitor) -> Result<Option<Run>, Fault> {
    let all = run_list::all(workspace.store.db()).await?;
    Ok(all.into_iter().find(|run| shows(visitor, run)))
}

/// As the street wants it.
pub fn severity(rule: &Rule) -> FindingSeverity {
    let overlay = rule.overlay.severity.as_ref();
    overlay.map_or(rule.file.severity, |s| s.now)
}

pub fn placeholders(rule: &Rule) -> usize {
    let params = rule.file.params.values();
    params
        .filter(|p| p.source == ParamSource::Placeholder)
        .count()
}
