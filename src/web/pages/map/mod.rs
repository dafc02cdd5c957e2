//! 一图: the street's shops, buildings and parcels on a map, coloured by use, arrears, idleness or open items, and beside it the same
//! as a list, which works without script, without sight and without a place.

mod class;
mod places;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

pub use class::{MODES, Mode, Occupancy, Rent};
pub use places::{Contract, Place, Places, places};

use super::registers::{Organisations, Tab, tabs};
use super::show::Yuan;
use crate::model::Money;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::{Paging, SIZE, query};
use crate::web::permissions::may_open;
use crate::web::tiles::Tiles;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Parts of the address that choose places.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub org: String,
    /// One of [`SHOWN`]; empty: all.
    #[serde(default)]
    pub show: String,
    pub page: Option<i64>,
}

/// Which places may be asked for.
const SHOWN: [(&str, &str); 4] = [
    ("arrears", "只看欠租"),
    ("idle", "只看闲置"),
    ("found", "只看有疑点"),
    ("unplaced", "只看没有位置的"),
];

impl Asked {
    /// # Errors
    /// A word that chooses nothing.
    pub fn chosen(&self, places: Places) -> Result<Vec<Place>, Fault> {
        let mut all = places.all;
        match self.show.as_str() {
            "" => {}
            "arrears" => all.retain(|p| p.unpaid().is_some_and(|m| m.0 > 0)),
            "idle" => all.retain(|p| p.idle == Occupancy::Idle),
            "found" => all.retain(|p| !p.open.is_empty()),
            "unplaced" => all.retain(|p| p.geometry.is_none()),
            _ => {
                let words: Vec<&str> = SHOWN.iter().map(|(code, _)| *code).collect();
                let text = format!("show 只能是 {}", words.join("、"));
                return Err(Fault::bad_input(&text));
            }
        }
        Ok(all)
    }

    fn base(&self) -> String {
        query(&[("org", &self.org), ("show", &self.show)])
    }
}

/// The picture with its legend, on whatever page it stands.
pub struct Drawing {
    pub tiles: Option<Tiles>,
    /// Where its data come from.
    pub source: String,
    /// Beside other things, or the page's own.
    pub small: bool,
}

impl Drawing {
    pub fn new(workspace: &Workspace, asked: &Asked, small: bool) -> Drawing {
        let base = asked.base();
        Drawing {
            tiles: workspace.tiles.clone(),
            source: format!("/api/v1/places{}", base.trim_end_matches(['?', '&'])),
            small,
        }
    }

    pub fn modes(&self) -> &'static [Mode] {
        &MODES
    }
}

/// Numbers of places and what is owed.
pub struct Sums {
    pub all: usize,
    pub unplaced: usize,
    pub idle: usize,
    pub found: usize,
    pub owing: usize,
    /// Of the places shown.
    pub unpaid: Money,
    /// Contracts about nothing that a register has, and what is owed on them.
    pub strays: usize,
    pub stray: Money,
}

impl Sums {
    pub fn of(places: &Places) -> Sums {
        let count = |is: &dyn Fn(&Place) -> bool| places.all.iter().filter(|p| is(p)).count();
        let owing = |r: Rent| matches!(r, Rent::Old | Rent::Recent);
        let unpaid = places.all.iter().filter_map(Place::unpaid);
        let strays = places.strays.iter().filter_map(|(_, c)| Some(c.owed?.0));
        Sums {
            all: places.all.len(),
            unplaced: count(&|p| p.geometry.is_none()),
            idle: count(&|p| p.idle == Occupancy::Idle),
            found: count(&|p| !p.open.is_empty()),
            owing: count(&|p| owing(p.rent())),
            unpaid: unpaid.sum(),
            strays: places.strays.len(),
            stray: strays.sum(),
        }
    }

    pub fn total(&self) -> Money {
        Money(self.unpaid.0.saturating_add(self.stray.0))
    }
}

#[derive(Template)]
#[template(path = "web/map.html")]
struct MapPage {
    frame: Frame,
    tabs: Vec<Tab>,
    organisations: Organisations,
    map: Drawing,
    asked: Asked,
    sums: Sums,
    strays: Vec<(String, Contract)>,
    rows: Vec<Place>,
    paging: Paging,
}

impl MapPage {
    fn shown(&self) -> &'static [(&'static str, &'static str)] {
        &SHOWN
    }

    fn yuan(&self, money: &Money) -> Yuan {
        Yuan(Some(*money))
    }

    fn total(&self) -> Yuan {
        Yuan(Some(self.sums.total()))
    }

    fn unpaid(&self, place: &Place) -> Yuan {
        Yuan(place.unpaid())
    }

    fn owed(&self, contract: &Contract) -> Yuan {
        Yuan(contract.owed.map(|o| o.0))
    }

    fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.organisations.name(code)
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let mut found = places(&workspace, &visitor, &asked.org).await?;
    let sums = Sums::of(&found);
    let strays = std::mem::take(&mut found.strays);
    let chosen = asked.chosen(found)?;
    let total = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(total, asked.page, asked.base());
    let before = usize::try_from((paging.page - 1) * SIZE).unwrap_or(0);
    let size = usize::try_from(SIZE).unwrap_or(0);
    let role = visitor.user().role;
    let frame = match may_open(role, "/overview") {
        true => Frame::new(&visitor, "/overview", "一图").after("总览", "/overview"),
        false => Frame::new(&visitor, "/registers", "一图").after("台账", "/registers"),
    };
    draw(&MapPage {
        frame,
        tabs: tabs("map"),
        organisations: Organisations::of(&workspace, &visitor).await?,
        map: Drawing::new(&workspace, &asked, false),
        asked,
        sums,
        strays,
        rows: chosen.into_iter().skip(before).take(size).collect(),
        paging,
    })
}
