//! 总览: the street's one table.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::show::{Wan, months};
use crate::model::{Money, Period};
use crate::report::overview::{Figure, Line, Overview};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::permissions::may_open;
use crate::web::street;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    to: String,
    #[serde(default)]
    sort: String,
}

impl Asked {
    /// The month up to which the table goes; `None`: the end of each one's books.
    ///
    /// # Errors
    /// A text that is no month.
    pub fn last(&self) -> Result<Option<Period>, Fault> {
        match self.to.trim() {
            "" => Ok(None),
            text => Period::parse(text)
                .map(Some)
                .map_err(|e| Fault::bad_input(&e.to_string())),
        }
    }
}

#[derive(Template)]
#[template(path = "web/overview.html")]
struct OverviewPage {
    frame: Frame,
    to: String,
    sort: String,
    table: Overview,
    /// This person may open runs.
    audits: bool,
}

/// What the template asks for.
impl OverviewPage {
    fn wan(&self, money: &Option<Money>) -> Wan {
        Wan(*money)
    }

    fn money(&self, money: &Money) -> Wan {
        Wan(Some(*money))
    }

    fn figures<'a>(&self, line: &'a Line) -> [&'a Figure; 5] {
        [
            &line.cash,
            &line.assets,
            &line.liabilities,
            &line.income,
            &line.expense,
        ]
    }

    fn totals(&self) -> [Wan; 5] {
        let total = |f: fn(&Line) -> Option<Money>| Wan(self.table.total(f));
        [
            total(|l| l.cash.now),
            total(|l| l.assets.now),
            total(|l| l.liabilities.now),
            total(|l| l.income.now),
            total(|l| l.expense.now),
        ]
    }

    fn due(&self) -> Wan {
        Wan(self.table.total(|l| Some(l.rent.due)))
    }

    fn unpaid(&self) -> Wan {
        Wan(self.table.total(|l| Some(l.rent.unpaid)))
    }

    fn amount(&self) -> Wan {
        Wan(self.table.total(|l| Some(l.amount)))
    }

    fn contracts(&self) -> i64 {
        self.table.lines.iter().map(|l| l.rent.contracts).sum()
    }

    fn findings(&self) -> i64 {
        self.table.lines.iter().map(|l| l.findings).sum()
    }

    fn gaps(&self) -> Vec<&Line> {
        self.table
            .lines
            .iter()
            .filter(|l| !l.gap.is_empty())
            .collect()
    }

    fn range(&self, line: &Line) -> String {
        months(line.range)
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let street = street::table(&workspace, asked.last()?).await?;
    let own = street
        .lines
        .iter()
        .filter(|l| visitor.scope.covers(&l.organisation));
    let mut table = Overview {
        lines: own.cloned().collect(),
    };
    // Largest first; the books' own order otherwise.
    let by: Option<fn(&Line) -> i64> = match asked.sort.as_str() {
        "findings" => Some(|l| l.findings),
        "amount" => Some(|l| l.amount.0),
        "unpaid" => Some(|l| l.rent.unpaid.0),
        "cash" => Some(|l| l.cash.now.map_or(i64::MIN, |m| m.0)),
        "assets" => Some(|l| l.assets.now.map_or(i64::MIN, |m| m.0)),
        _ => None,
    };
    if let Some(by) = by {
        table.lines.sort_by_key(|l| std::cmp::Reverse(by(l)));
    }
    draw(&OverviewPage {
        frame: Frame::new(&visitor, "/overview", "总览"),
        to: asked.to,
        sort: asked.sort,
        table,
        audits: may_open(visitor.user().role, "/audit"),
    })
}
