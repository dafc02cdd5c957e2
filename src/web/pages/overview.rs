//! 总览: the street's one table, its map, how old arrears are and when what was found happened.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::map;
use super::show::{self, Wan};
use crate::access::Scope;
use crate::audit::rent::Rents;
use crate::model::{Money, Period};
use crate::report::overview::{Figure, Line, Overview};
use crate::report::timeline::Timeline;
use crate::report::words;
use crate::web::chart::{Chart, Series, Shape, Unit};
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
    map: map::Drawing,
    ageing: Chart,
    months: Chart,
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
        show::months(line.range)
    }
}

/// Days after which arrears go on to the next bar; the same as on a contract's page.
const AGES: [(&str, i64); 3] = [("90 天以内", 90), ("91—180 天", 180), ("181—365 天", 365)];

/// What is owed, by the days since it was due: the sums of the contracts' own pages.
fn ageing(rents: &Rents, scope: &Scope) -> Chart {
    let limits = AGES.map(|(_, days)| days);
    let (mut owed, mut contracts) = (vec![0i64; AGES.len() + 1], vec![0i64; AGES.len() + 1]);
    let own = rents.leases.iter().filter(|((o, _), _)| scope.covers(o));
    for (_, lease) in own {
        for (at, money) in lease.ageing(&limits).into_iter().enumerate() {
            owed[at] = owed[at].saturating_add(money.0);
            contracts[at] += i64::from(!money.is_zero());
        }
    }
    let names = AGES.iter().map(|(name, _)| (*name).to_owned());
    Chart {
        title: "拖欠租金账龄",
        note: "从应收日期算到各家账上最后一天。一份合同可以有几段账龄。".to_owned(),
        shape: Shape::Bars,
        head: "账龄",
        categories: names.chain(["一年以上".to_owned()]).collect(),
        series: vec![
            Series::new("拖欠", Unit::Money, owed),
            Series {
                only_table: true,
                ..Series::new("合同份数", Unit::Count, contracts)
            },
        ],
    }
}

/// The findings that the table counts, by family and month.
fn months(timeline: &Timeline, scope: &Scope) -> Chart {
    let months = timeline.months(|o| scope.covers(o));
    let rows = months.rows.into_iter().map(|(family, counts)| {
        let name = words::family(&family).to_owned();
        Series::new(&name, Unit::Count, counts)
    });
    Chart {
        title: "疑点按类别和月份",
        note: "按事情发生的月份,不是查出的月份;最近一次审计所列,不含数据质量项。".to_owned(),
        shape: Shape::Rows,
        head: "类别",
        categories: months.columns,
        series: rows.collect(),
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
    let rents = street::rent_of_all(&workspace).await?;
    let timeline = street::timeline_of_all(&workspace).await?;
    draw(&OverviewPage {
        map: map::Drawing::new(&workspace, &map::Asked::default(), true),
        ageing: ageing(&rents, &visitor.scope),
        months: months(&timeline, &visitor.scope),
        frame: Frame::new(&visitor, "/overview", "总览"),
        to: asked.to,
        sort: asked.sort,
        table,
        audits: may_open(visitor.user().role, "/audit"),
    })
}
