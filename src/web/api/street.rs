//! 一表 and the rules for programs.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Ask, Problem};
use crate::model::{Money, Period};
use crate::report::overview;
use crate::web::fault::Fault;
use crate::web::pages::rules::{placeholders, severity};
use crate::web::street;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// A figure with the one it is compared with: the beginning of the year, or the same months of last year. 元.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figure {
    now: Option<String>,
    before: Option<String>,
}

/// A company in the street's table; amounts in 元.
#[derive(Debug, Serialize, ToSchema)]
pub struct Company {
    organisation: String,
    name: String,
    /// The months that the figures cover.
    period: Option<String>,
    cash: Figure,
    assets: Figure,
    liabilities: Figure,
    income: Figure,
    expense: Figure,
    /// Why there are no figures.
    gap: String,
    contracts: i64,
    rent_due: String,
    rent_unpaid: String,
    findings: i64,
    amount: String,
}

/// The month up to which the table goes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewQuery {
    /// `2024-12`; the end of each one's books when left out.
    #[serde(default)]
    #[param(required = false)]
    to: String,
}

/// A parameter of a rule as the pack has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Parameter {
    name: String,
    label: String,
    value: String,
    unit: String,
    /// The street has yet to decide it.
    open: bool,
}

/// A rule of the pack.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rule {
    /// `C-001`.
    id: String,
    version: u32,
    title: String,
    family: String,
    /// `violation`, `red_flag`, `data_quality`.
    kind: String,
    /// `high`, `medium`, `low`; as the street has set it.
    severity: String,
    /// `民法典#705`.
    laws: Vec<String>,
    /// Tables without which it does not run; of `a|b` one is enough.
    requires: Vec<String>,
    parameters: Vec<Parameter>,
    /// How many of its parameters the street has yet to decide.
    open: usize,
}

/// The street's one table, a line a company.
#[utoipa::path(get, path = "/api/v1/overview", params(OverviewQuery), responses(
    (status = 200, body = Vec<Company>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn overview(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Ask(asked): Ask<OverviewQuery>,
) -> Result<Json<Vec<Company>>, Fault> {
    let last = match asked.to.trim() {
        "" => None,
        text => Some(Period::parse(text).map_err(|e| Fault::bad_input(&e.to_string()))?),
    };
    let table = street::table(&workspace, last).await?;
    let own = table.lines.iter();
    let own = own.filter(|l| visitor.scope.covers(&l.organisation));
    Ok(Json(own.map(Company::of).collect()))
}

/// The rules of the pack with their law and their parameters.
#[utoipa::path(get, path = "/api/v1/rules", responses(
    (status = 200, body = Vec<Rule>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn rules(State(workspace): State<Workspace>) -> Json<Vec<Rule>> {
    Json(workspace.rules.rules.iter().map(Rule::of).collect())
}

impl Company {
    fn of(line: &overview::Line) -> Company {
        let text = |money: Option<Money>| money.map(|m| m.to_string());
        let figure = |f: overview::Figure| Figure {
            now: text(f.now),
            before: text(f.before),
        };
        Company {
            organisation: line.organisation.clone(),
            name: line.name.clone(),
            period: line.range.map(|r| r.to_string()),
            cash: figure(line.cash),
            assets: figure(line.assets),
            liabilities: figure(line.liabilities),
            income: figure(line.income),
            expense: figure(line.expense),
            gap: line.gap.clone(),
            contracts: line.rent.contracts,
            rent_due: line.rent.due.to_string(),
            rent_unpaid: line.rent.unpaid.to_string(),
            findings: line.findings,
            amount: line.amount.to_string(),
        }
    }
}

impl Rule {
    fn of(rule: &crate::audit::rule::Rule) -> Rule {
        let file = &rule.file;
        let parameters = file.params.iter().map(|(name, spec)| Parameter {
            name: name.clone(),
            label: spec.label.clone(),
            value: rule.defaults.get(name).map_or(String::new(), |v| v.shown()),
            unit: spec.unit.clone(),
            open: spec.source == crate::audit::rule::ParamSource::Placeholder,
        });
        Rule {
            id: file.id.clone(),
            version: file.version,
            title: file.title.clone(),
            family: rule.family.clone(),
            kind: file.kind.code().to_owned(),
            severity: severity(rule).code().to_owned(),
            laws: file.laws.iter().map(|l| l.reference.clone()).collect(),
            requires: file.requires.clone(),
            parameters: parameters.collect(),
            open: placeholders(rule),
        }
    }
}
