//! Shops, buildings and parcels with what the street wants to see of each: use, contracts, arrears, idle, open items, place. The map,
//! the list beside it and the API all draw from here; arrears are those of `audit::rent`, items those that this person may read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::class::{Found as FoundClass, Occupancy, Rent, Use};
use crate::audit::rent::Rents;
use crate::model::{Geometry, Money, Position, Table};
use crate::web::fault::Fault;
use crate::web::pages::registers::{
    Cells, Found, Open, Organisations, Parties, contracts, load, naming, table,
};
use crate::web::paging::encoded;
use crate::web::street;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Days after which arrears are old.
pub const OLD: i64 = 90;

/// A contract on a place.
#[derive(Debug, Clone)]
pub struct Contract {
    pub number: String,
    /// Its page.
    pub path: String,
    /// Masked where it is a person.
    pub party: String,
    pub state: String,
    pub start: Option<NaiveDate>,
    pub end: Option<NaiveDate>,
    /// What is owed, and how much of it for longer than [`OLD`] days; `None`: it brings no rent.
    pub owed: Option<(Money, Money)>,
}

/// A shop, a building, a parcel.
#[derive(Debug, Clone)]
pub struct Place {
    pub owner: String,
    pub owner_name: String,
    /// Slug of the register: `assets`, `resources`.
    pub register: &'static str,
    pub number: String,
    pub name: String,
    /// 类别 or 地类 as handed in.
    pub kind: String,
    pub class: Use,
    /// What it is used for, as far as the register says.
    pub purpose: String,
    /// With its unit.
    pub area: String,
    pub location: String,
    /// 状态 as handed in.
    pub state: String,
    pub idle: Occupancy,
    pub idle_since: Option<NaiveDate>,
    /// Those that run first, then the latest.
    pub contracts: Vec<Contract>,
    /// Of the thing and of the contracts on it.
    pub open: Vec<Open>,
    pub geometry: Option<Geometry>,
}

impl Place {
    /// Its name on a page and in a program: unique within the street.
    pub fn id(&self) -> String {
        format!("{}|{}|{}", self.owner, self.register, self.number)
    }

    /// Its row in the register.
    pub fn path(&self) -> String {
        let (register, owner) = (self.register, encoded(&self.owner));
        format!(
            "/registers/{register}?org={owner}&q={}",
            encoded(&self.number)
        )
    }

    /// All that is owed on it; `None`: no contract on it brings rent.
    pub fn unpaid(&self) -> Option<Money> {
        let owed = self.contracts.iter().filter_map(|c| Some(c.owed?.0));
        owed.reduce(|a, b| Money(a.0.saturating_add(b.0)))
    }

    pub fn rent(&self) -> Rent {
        let old = self.contracts.iter().filter_map(|c| c.owed);
        match (self.unpaid(), old.map(|o| o.1.0).sum::<i64>()) {
            (None, _) => Rent::None,
            (Some(unpaid), _) if unpaid.0 <= 0 => Rent::Paid,
            (Some(_), 0) => Rent::Recent,
            (Some(_), _) => Rent::Old,
        }
    }

    pub fn found(&self) -> FoundClass {
        FoundClass::of(self.open.iter().map(|o| o.severity.as_str()))
    }

    /// Code and word of its class in each of [`super::MODES`], in their order.
    pub fn classes(&self) -> [(&'static str, &'static str); 4] {
        [
            self.class.class(),
            self.rent().class(),
            self.idle.class(),
            self.found().class(),
        ]
    }
}

/// The places of a person, and what is owed on contracts about none of them.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// In order of organisation, register and number.
    pub all: Vec<Place>,
    /// Contracts in arrears about something that no register of places has: organisation and contract.
    pub strays: Vec<(String, Contract)>,
}

/// Contracts by organisation and the thing that they are about.
type Contracts = BTreeMap<(String, String), Vec<Contract>>;

/// A register of places: table, slug, column of the number.
const REGISTERS: [(&str, &str, &str); 2] = [
    ("asset", "assets", "asset_no"),
    ("resource_parcel", "resources", "parcel_no"),
];

/// Everything within a person's organisations; `org` narrows them to one.
///
/// # Errors
/// What the store says.
pub async fn places(workspace: &Workspace, visitor: &Visitor, org: &str) -> Result<Places, Fault> {
    let names = Organisations::of(workspace, visitor).await?;
    let mut contracts = on_contract(workspace, visitor, org).await?;
    let of_contracts = Found::load(workspace, visitor, contracts::NAMING).await?;
    let mut all = Vec::new();
    for (name, slug, number) in REGISTERS {
        let (table, naming) = (table(name)?, naming(slug)?);
        let found = Found::load(workspace, visitor, naming).await?;
        let reading = Reading {
            slug,
            number,
            names: &names,
            found: &found,
            of_contracts: &of_contracts,
        };
        for stored in &load(workspace, visitor, table, org).await? {
            all.extend(reading.place(Cells { table, stored }, &mut contracts));
        }
    }
    all.sort_by(|a, b| (&a.owner, a.register, &a.number).cmp(&(&b.owner, b.register, &b.number)));
    let mut seen = BTreeSet::new();
    // Two cards of one number are one place: the register page shows both.
    all.retain(|p| seen.insert(p.id()));
    let left = contracts.into_iter().flat_map(|((owner, _), on)| {
        let owed = on
            .into_iter()
            .filter(|c| c.owed.is_some_and(|o| o.0.0 != 0));
        owed.map(move |c| (owner.clone(), c))
    });
    Ok(Places {
        all,
        strays: left.collect(),
    })
}

async fn on_contract(
    workspace: &Workspace,
    visitor: &Visitor,
    org: &str,
) -> Result<Contracts, Fault> {
    let table = table("contract")?;
    let rents = street::rent_of_all(workspace).await?;
    let parties = Parties::load(workspace, visitor, org).await?;
    let mut out = Contracts::new();
    for stored in &load(workspace, visitor, table, org).await? {
        let cells = Cells { table, stored };
        let key = (
            stored.owner.to_string(),
            cells.text("subject_no").to_owned(),
        );
        out.entry(key)
            .or_default()
            .push(contract(cells, &parties, &rents));
    }
    for on in out.values_mut() {
        on.sort_by_key(|c| std::cmp::Reverse(c.start));
    }
    Ok(out)
}

fn contract(cells: Cells<'_>, parties: &Parties, rents: &Rents) -> Contract {
    let owner = cells.stored.owner.to_string();
    let number = cells.text("contract_no").to_owned();
    let path = format!(
        "/registers/contracts/{}/{}",
        encoded(&owner),
        encoded(&number)
    );
    let lease = rents.leases.get(&(owner.clone(), number.clone()));
    Contract {
        path,
        party: parties.shown(&owner, cells.text("counterparty")),
        state: cells.shown("status"),
        start: cells.date("start_date"),
        end: cells.date("end_date"),
        owed: lease.map(|l| (l.unpaid(), l.ageing(&[OLD])[1])),
        number,
    }
}

/// What a register's rows are read with.
struct Reading<'a> {
    slug: &'static str,
    number: &'static str,
    names: &'a Organisations,
    found: &'a Found,
    of_contracts: &'a Found,
}

impl Reading<'_> {
    /// `None`: the row is no place, such as a car, or is no longer the company's.
    fn place(&self, cells: Cells<'_>, contracts: &mut Contracts) -> Option<Place> {
        let owner = cells.stored.owner.to_string();
        let number = cells.text(self.number).to_owned();
        let class = match self.slug {
            "assets" => Use::of_asset(cells.text("category"))?,
            _ => Use::of_parcel(cells.text("kind")),
        };
        if cells.text("status") == "disposed" {
            return None;
        }
        let on = contracts.remove(&(owner.clone(), number.clone()));
        let on = on.unwrap_or_default();
        let mut open = self.found.of_row(cells);
        for contract in &on {
            for item in self.of_contracts.at(&owner, &contract.number) {
                if !open.contains(item) {
                    open.push(item.clone());
                }
            }
        }
        Some(Place {
            owner_name: self.names.name(&owner).to_owned(),
            register: self.slug,
            name: cells.shown("name"),
            kind: cells.shown(if self.slug == "assets" {
                "category"
            } else {
                "kind"
            }),
            class,
            purpose: purpose(cells),
            area: area(cells),
            location: cells.shown(if self.slug == "assets" {
                "location"
            } else {
                "bounds"
            }),
            state: cells.shown("status"),
            idle: Occupancy::of(cells.text("status")),
            idle_since: cells.date("idle_since"),
            contracts: on,
            open,
            geometry: geometry(cells),
            owner,
            number,
        })
    }
}

/// Of a parcel what it is used for, and what it is meant for where that is something else; of an asset its nature.
fn purpose(cells: Cells<'_>) -> String {
    let (actual, planned) = (cells.shown("actual_use"), cells.shown("planning_use"));
    match (actual.as_str(), planned.as_str()) {
        ("", "") => cells.shown("nature"),
        (actual, planned) if actual == planned || planned.is_empty() => actual.to_owned(),
        ("", planned) => format!("规划为{planned}"),
        (actual, planned) => format!("{actual}(规划为{planned})"),
    }
}

/// A parcel's area as registered, or as surveyed or certified where the register has none.
fn area(cells: Cells<'_>) -> String {
    let (columns, unit): (&[&str], _) = match is_asset(cells.table) {
        true => (&["area"], "平方米"),
        false => (&["area_book", "area_survey", "area_title"], "亩"),
    };
    let areas = columns.iter().map(|name| cells.shown(name));
    let found = areas.into_iter().find(|text| !text.is_empty());
    found.map_or(String::new(), |text| format!("{text} {unit}"))
}

fn is_asset(table: &Table) -> bool {
    table.position("asset_no").is_some()
}

/// What was handed in before places were checked and cannot be drawn is no place.
fn geometry(cells: Cells<'_>) -> Option<Geometry> {
    match is_asset(cells.table) {
        true => {
            let position = Position::new(cells.int("lon")?, cells.int("lat")?);
            position.ok().map(Geometry::Point)
        }
        false => Geometry::parse(cells.text("geometry")).ok(),
    }
}
