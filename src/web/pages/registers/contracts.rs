//! The register of contracts: who rents what until when, what was due and what is owed, what is still open about it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::objects::Objects;
use super::{Cells, Found, Naming, Open, Organisations, Parties, Tab, load, table, tabs};
use crate::audit::rent::{Lease, Rents};
use crate::model::date::parse_date;
use crate::model::{ColumnType, Money};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::pages::export::{self, List, figure, give, text};
use crate::web::pages::show::{Yuan, yuan};
use crate::web::paging::{Paging, SIZE, encoded, query};
use crate::web::street;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// How open items name contracts.
pub const NAMING: Naming = Naming {
    table: "contract",
    columns: &["contract_no"],
    together: (&[], &[]),
    spelling: false,
    street: false,
};

/// The columns of 合同 that programs are given, each with whether it names a party.
pub const COLUMNS: [(&str, bool); 17] = [
    ("contract_no", false),
    ("kind", false),
    ("subject_no", false),
    ("counterparty", true),
    ("sign_date", false),
    ("start_date", false),
    ("end_date", false),
    ("area", false),
    ("area_unit", false),
    ("unit_price", false),
    ("annual_rent", false),
    ("total_amount", false),
    ("cycle", false),
    ("deposit", false),
    ("decision_no", false),
    ("registered_on", false),
    ("status", false),
];

/// Parts of the address that choose contracts.
#[derive(Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    org: String,
    /// Code of a state.
    #[serde(default)]
    state: String,
    /// Ends within so many days.
    #[serde(default)]
    within: String,
    /// The day from which the days are counted; today when empty.
    #[serde(default)]
    on: String,
    /// Anything: only what is owed on.
    #[serde(default)]
    arrears: String,
    #[serde(default)]
    q: String,
    page: Option<i64>,
}

impl Asked {
    fn base(&self) -> String {
        query(&[
            ("org", &self.org),
            ("state", &self.state),
            ("within", &self.within),
            ("on", &self.on),
            ("arrears", &self.arrears),
            ("q", &self.q),
        ])
    }

    fn day(&self) -> Result<NaiveDate, Fault> {
        match self.on.trim() {
            "" => Ok(now().date()),
            text => parse_date(text)
                .ok_or_else(|| Fault::bad_input("「从哪天算起」请写日期,例如 2024-12-31")),
        }
    }
}

/// A contract in the list.
pub struct Row {
    pub owner: String,
    pub contract_no: String,
    pub kind: String,
    pub party: String,
    pub object: String,
    pub start: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
    /// Days until it ends, for one that runs.
    pub left: Option<i64>,
    pub rent: Option<Money>,
    pub state: String,
    /// Due, received, owed; `None`: it brings no rent.
    pub lease: Option<(Money, Money, Money)>,
    pub open: Vec<Open>,
}

impl Row {
    pub fn path(&self) -> String {
        let (owner, contract) = (encoded(&self.owner), encoded(&self.contract_no));
        format!("/registers/contracts/{owner}/{contract}")
    }

    fn rent(&self) -> Yuan {
        Yuan(self.rent)
    }

    fn unpaid(&self) -> Money {
        self.lease.map_or(Money::ZERO, |l| l.2)
    }

    /// Due, received, owed.
    fn figures(&self) -> [Yuan; 3] {
        let one = |f: fn((Money, Money, Money)) -> Money| Yuan(self.lease.map(f));
        [one(|l| l.0), one(|l| l.1), one(|l| l.2)]
    }

    /// Runs out soon, or is over and still goes as running.
    fn note(&self) -> Option<String> {
        match self.left? {
            left if left < 0 => Some("已过期".to_owned()),
            left if left <= 90 => Some(format!("还有 {left} 天")),
            _ => None,
        }
    }
}

/// What a lease comes to: due, received, owed.
pub fn figures(lease: &Lease) -> (Money, Money, Money) {
    (lease.due(), lease.received, lease.unpaid())
}

/// All contracts that an address chooses, in order of organisation and number; the largest arrears or the nearest end first
/// where that is asked for.
async fn chosen(
    workspace: &Workspace,
    visitor: &Visitor,
    asked: &Asked,
) -> Result<(Vec<Row>, Organisations), Fault> {
    let day = asked.day()?;
    let organisations = Organisations::of(workspace, visitor).await?;
    let table = table("contract")?;
    let rents = street::rent_of_all(workspace).await?;
    let parties = Parties::load(workspace, visitor, &asked.org).await?;
    let objects = Objects::load(workspace, visitor, &asked.org).await?;
    let found = Found::load(workspace, visitor, NAMING).await?;
    let mut rows = Vec::new();
    for stored in &load(workspace, visitor, table, &asked.org).await? {
        let cells = Cells { table, stored };
        if matches(asked, &organisations, &cells, &objects) {
            rows.push(row(cells, day, &rents, &parties, &objects, &found));
        }
    }
    if !asked.arrears.is_empty() {
        rows.retain(|r| r.unpaid().0 > 0);
        rows.sort_by_key(|r| std::cmp::Reverse(r.unpaid()));
    }
    if let Ok(days) = asked.within.parse::<u64>() {
        let last = day.checked_add_days(Days::new(days)).unwrap_or(day);
        rows.retain(|r| r.left.is_some() && r.end.is_some_and(|e| (day..=last).contains(&e)));
        rows.sort_by_key(|r| r.end);
    }
    Ok((rows, organisations))
}

/// State and search text; days and arrears are looked at when they are known.
fn matches(asked: &Asked, names: &Organisations, cells: &Cells<'_>, objects: &Objects) -> bool {
    let owner = &*cells.stored.owner;
    let object = objects.shown(owner, cells.text("subject_no"));
    let wanted = asked.q.trim().to_lowercase();
    let held = [
        cells.text("contract_no"),
        cells.text("counterparty"),
        &object,
        names.name(owner),
    ];
    let state = asked.state.is_empty() || asked.state == cells.text("status");
    state && held.iter().any(|t| t.to_lowercase().contains(&wanted))
}

fn row(
    cells: Cells<'_>,
    day: NaiveDate,
    rents: &Rents,
    parties: &Parties,
    objects: &Objects,
    found: &Found,
) -> Row {
    let owner = cells.stored.owner.to_string();
    let contract_no = cells.text("contract_no").to_owned();
    let end = cells.date("end_date");
    let runs = matches!(cells.text("status"), "active" | "");
    let lease = rents.leases.get(&(owner.clone(), contract_no.clone()));
    Row {
        kind: cells.shown("kind"),
        party: parties.shown(&owner, cells.text("counterparty")),
        object: objects.shown(&owner, cells.text("subject_no")),
        start: cells.date("start_date"),
        end,
        left: end.filter(|_| runs).map(|e| (e - day).num_days()),
        rent: cells.money("annual_rent"),
        state: cells.shown("status"),
        lease: lease.map(figures),
        open: found.at(&owner, &contract_no).to_vec(),
        contract_no,
        owner,
    }
}

/// Due, received and owed of all rows.
fn totals(rows: &[Row]) -> [Money; 3] {
    let all = rows.iter().filter_map(|r| r.lease);
    all.fold([Money::ZERO; 3], |sum, (due, received, unpaid)| {
        let add = |at: usize, m: Money| Money(sum[at].0.saturating_add(m.0));
        [add(0, due), add(1, received), add(2, unpaid)]
    })
}

#[derive(Template)]
#[template(path = "web/contracts.html")]
struct ContractsPage {
    frame: Frame,
    tabs: Vec<Tab>,
    organisations: Organisations,
    /// Codes and words of the states that a contract may have.
    states: Vec<(String, String)>,
    day: NaiveDate,
    asked: Asked,
    rows: Vec<Row>,
    totals: [Yuan; 3],
    paging: Paging,
}

impl ContractsPage {
    fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.organisations.name(code)
    }
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let (mut rows, organisations) = chosen(&workspace, &visitor, &asked).await?;
    let totals = totals(&rows).map(yuan);
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(total, asked.page, asked.base());
    let before = usize::try_from((paging.page - 1) * SIZE).unwrap_or(0);
    let size = usize::try_from(SIZE).unwrap_or(0);
    rows = rows.into_iter().skip(before).take(size).collect();
    let states = match table("contract")?.column("status").map(|c| &c.kind) {
        Some(ColumnType::Enum { values, .. }) => values.clone(),
        _ => Vec::new(),
    };
    draw(&ContractsPage {
        frame: Frame::new(&visitor, "/registers", "合同台账"),
        tabs: tabs("contracts"),
        organisations,
        states,
        day: asked.day()?,
        asked,
        rows,
        totals,
        paging,
    })
}

const HEADERS: [&str; 14] = [
    "单位编码",
    "单位",
    "合同编号",
    "类型",
    "相对方",
    "标的",
    "起始日期",
    "截止日期",
    "状态",
    "年租金",
    "应收租金",
    "已到账",
    "拖欠",
    "未了结疑点",
];

pub async fn csv(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (rows, organisations) = chosen(&workspace, &visitor, &asked).await?;
    let day = |d: Option<NaiveDate>| figure(d.map_or(String::new(), |d| d.to_string()));
    let rows = rows.iter().map(|r| {
        let [due, received, unpaid] = r.figures().map(|y| export::money(y.0));
        let numbers: Vec<&str> = r.open.iter().map(|o| o.number.as_str()).collect();
        vec![
            text(&r.owner),
            text(organisations.name(&r.owner)),
            text(&r.contract_no),
            text(&r.kind),
            text(&r.party),
            text(&r.object),
            day(r.start),
            day(r.end),
            text(&r.state),
            export::money(r.rent),
            due,
            received,
            unpaid,
            text(&numbers.join(";")),
        ]
    });
    let list = List {
        title: "合同台账".to_owned(),
        organisation: None,
        headers: &HEADERS,
        rows: rows.collect(),
    };
    give(&workspace, &visitor, list).await
}
