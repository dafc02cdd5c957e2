//! The projects of a year: filtered, sorted, taken away as CSV. All of it stands in the address.

use std::cmp::Reverse;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::{Bar, People, Tab, View, tabs};
use crate::report::csv::Cell;
use crate::supervision::Project;
use crate::supervision::plan::Kind;
use crate::supervision::project::State as Standing;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::pages::export::{List, figure, give, text};
use crate::web::pages::registers::Organisations;
use crate::web::paging::{Paging, SIZE, query};
use crate::web::permissions::may_open;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// Parts of the address that choose and order projects.
#[derive(Deserialize)]
pub struct Asked {
    /// A year, `all`, or nothing: the latest year with a project.
    #[serde(default)]
    year: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    org: String,
    /// Anything: only those with an overdue step.
    #[serde(default)]
    overdue: String,
    #[serde(default)]
    q: String,
    /// Name of a column; a minus before it turns the order round.
    #[serde(default)]
    sort: String,
    page: Option<i64>,
}

/// States to choose from: those of a project, and finished.
const FINISHED: &str = "finished";

/// A project in the list.
pub struct Row {
    pub number: String,
    pub title: String,
    pub kind: &'static str,
    /// Names of the organisations that the person is there for.
    pub organisations: Vec<String>,
    /// How many others there are.
    pub others: usize,
    pub period: String,
    pub leader: String,
    pub start: NaiveDate,
    pub end: NaiveDate,
    pub standing: &'static str,
    /// Colour of the mark.
    pub mark: &'static str,
    pub bar: Bar,
    pub overdue: usize,
    year: i32,
    code: &'static str,
    codes: Vec<String>,
    kind_code: &'static str,
}

impl Row {
    pub fn of(view: &View<'_>, people: &People, names: &Organisations, project: &Project) -> Row {
        let lines = view.lines(project);
        let plan = &project.plan;
        let own = project.own(&view.actor);
        let done = view.finished(project);
        Row {
            number: project.number.clone(),
            title: plan.title.clone(),
            kind: plan.kind.label(),
            organisations: own.iter().map(|o| names.name(o).to_owned()).collect(),
            others: match view.outside() {
                true => 0,
                false => plan.organisations.len() - own.len(),
            },
            period: plan.period.clone(),
            leader: plan
                .team
                .first()
                .map_or(String::new(), |l| people.name(l).to_owned()),
            start: plan.start,
            end: plan.end,
            standing: view.standing(project),
            mark: match project.state {
                Standing::Approved => "good",
                Standing::Withdrawn => "off",
                Standing::Proposed | Standing::Returned => "",
            },
            bar: Bar::of(&lines),
            overdue: lines.iter().filter(|l| l.overdue).count(),
            year: plan.year,
            code: if done { FINISHED } else { project.state.code() },
            codes: own.into_iter().map(str::to_owned).collect(),
            kind_code: plan.kind.code(),
        }
    }
}

/// Columns by which the list may be ordered.
const COLUMNS: [(&str, &str); 5] = [
    ("number", "编号"),
    ("title", "项目"),
    ("start", "进点"),
    ("end", "结束"),
    ("progress", "进度"),
];

/// Rows that the address asks for, in its order; the years there are, latest first; the year shown.
struct Found {
    rows: Vec<Row>,
    years: Vec<i32>,
    year: String,
    organisations: Organisations,
}

async fn found(view: &View<'_>, asked: &Asked) -> Result<Found, Fault> {
    let people = People::of(view.workspace).await?;
    let organisations = Organisations::of(view.workspace, view.visitor).await?;
    let projects = view.projects().await?;
    let all = projects
        .iter()
        .map(|p| Row::of(view, &people, &organisations, p));
    let mut rows: Vec<Row> = all.collect();
    let mut years: Vec<i32> = rows.iter().map(|r| r.year).collect();
    years.sort_by_key(|y| Reverse(*y));
    years.dedup();
    let latest = years.first().copied().unwrap_or_else(|| now().year());
    let year = match asked.year.trim() {
        "" => latest.to_string(),
        year => year.to_owned(),
    };
    let wanted = asked.q.trim().to_lowercase();
    let same = |chosen: &str, of: &str| chosen.is_empty() || chosen == of;
    rows.retain(|r| {
        (year == "all" || r.year.to_string() == year)
            && same(&asked.state, r.code)
            && same(&asked.kind, r.kind_code)
            && (asked.org.is_empty() || r.codes.contains(&asked.org))
            && (asked.overdue.is_empty() || r.overdue > 0)
            && (wanted.is_empty()
                || r.title.to_lowercase().contains(&wanted)
                || r.number.contains(&wanted))
    });
    let (down, column) = match asked.sort.strip_prefix('-') {
        Some(column) => (true, column),
        None => (false, asked.sort.as_str()),
    };
    match column {
        "title" => rows.sort_by(|a, b| a.title.cmp(&b.title)),
        "start" => rows.sort_by_key(|r| r.start),
        "end" => rows.sort_by_key(|r| r.end),
        "progress" => rows.sort_by_key(|r| r.bar.percent()),
        _ => rows.sort_by(|a, b| a.number.cmp(&b.number)),
    }
    if down {
        rows.reverse();
    }
    Ok(Found {
        rows,
        years,
        year,
        organisations,
    })
}

#[derive(Template)]
#[template(path = "web/plan_list.html")]
struct ListPage {
    frame: Frame,
    tabs: Vec<Tab>,
    asked: Asked,
    years: Vec<i32>,
    year: String,
    organisations: Organisations,
    rows: Vec<Row>,
    paging: Paging,
    /// The address without the order.
    unsorted: String,
    /// What the CSV takes.
    exported: String,
    proposes: bool,
    outside: bool,
}

impl ListPage {
    fn kinds(&self) -> [Kind; 3] {
        Kind::ALL
    }

    fn states(&self) -> Vec<(&'static str, &'static str)> {
        let all = Standing::ALL.map(|s| (s.code(), s.label()));
        all.into_iter().chain([(FINISHED, "已完成")]).collect()
    }

    /// A header that orders the list, or turns the order round: its address and its words.
    fn order(&self, column: &str) -> (String, String) {
        let label = COLUMNS.iter().find(|(code, _)| *code == column);
        let label = label.map_or("", |(_, label)| label);
        let now = match self.asked.sort.as_str() {
            "" => "number",
            sort => sort,
        };
        let (to, arrow) = if now == column {
            (format!("-{column}"), " ↑")
        } else if now.strip_prefix('-') == Some(column) {
            (column.to_owned(), " ↓")
        } else {
            (column.to_owned(), "")
        };
        let address = format!("/plan{}sort={to}", self.unsorted);
        (address, format!("{label}{arrow}"))
    }

    fn late(&self) -> usize {
        self.rows.iter().filter(|r| r.overdue > 0).count()
    }
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let view = View::of(&workspace, &visitor).await?;
    let found = found(&view, &asked).await?;
    let parts = [
        ("year", asked.year.as_str()),
        ("state", asked.state.as_str()),
        ("kind", asked.kind.as_str()),
        ("org", asked.org.as_str()),
        ("overdue", asked.overdue.as_str()),
        ("q", asked.q.as_str()),
    ];
    let unsorted = query(&parts);
    let base = query(&[&parts[..], &[("sort", asked.sort.as_str())]].concat());
    let total = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(total, asked.page, base.clone());
    let skipped = usize::try_from((paging.page - 1) * SIZE).unwrap_or(0);
    let rows = found.rows.into_iter().skip(skipped);
    let rows = rows.take(usize::try_from(SIZE).unwrap_or(usize::MAX));
    draw(&ListPage {
        frame: Frame::new(&visitor, "/plan", "监督计划"),
        tabs: tabs(visitor.user().role, "/plan"),
        years: found.years,
        year: found.year,
        organisations: found.organisations,
        rows: rows.collect(),
        paging,
        unsorted,
        exported: base,
        proposes: may_open(visitor.user().role, "/plan/new"),
        outside: view.outside(),
        asked,
    })
}

pub async fn csv(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let view = View::of(&workspace, &visitor).await?;
    let found = found(&view, &asked).await?;
    let rows = found.rows.iter().map(|r| {
        let cells: Vec<Cell> = vec![
            figure(&r.number),
            text(&r.title),
            text(r.kind),
            text(&r.organisations.join("、")),
            figure(&r.period),
            text(&r.leader),
            figure(r.start),
            figure(r.end),
            text(r.standing),
            figure(r.bar.done),
            figure(r.bar.all),
            figure(r.overdue),
        ];
        cells
    });
    let list = List {
        title: format!(
            "监督计划 {}",
            if found.year == "all" {
                "全部"
            } else {
                &found.year
            }
        ),
        organisation: None,
        headers: &[
            "编号",
            "项目",
            "类型",
            "单位",
            "审计期间",
            "组长",
            "进点日",
            "结束日",
            "状态",
            "已办步骤",
            "全部步骤",
            "逾期步骤",
        ],
        rows: rows.collect(),
    };
    give(&workspace, &visitor, list).await
}
