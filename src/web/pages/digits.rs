//! Leading digits of what a company spent in a year, beside Benford's law: where to draw samples, never more.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::books;
use crate::audit::digits::{Digits, RULE};
use crate::web::chart::{Chart, Series, Shape, Unit};
use crate::web::frame::{Frame, Page, draw};
use crate::web::street;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

#[derive(Default, Deserialize)]
pub struct Asked {
    /// The latest year of the books when left out.
    year: Option<i64>,
}

#[derive(Template)]
#[template(path = "web/digits.html")]
struct DigitsPage {
    frame: Frame,
    rule: &'static str,
    rule_title: String,
    years: Vec<i64>,
    year: i64,
    total: i64,
    /// From how many entries on the rule looks at them; unknown where the pack does not have the rule.
    least: Option<i64>,
    chart: Chart,
}

fn chart(digits: &Digits) -> Chart {
    Chart {
        title: "支出金额的首位数字",
        note: "条形是账上的占比,折线是本福特定律的期望。".to_owned(),
        shape: Shape::Line,
        head: "首位数字",
        categories: (1..=9).map(|d| d.to_string()).collect(),
        series: vec![
            Series {
                only_table: true,
                ..Series::new("条数", Unit::Count, digits.times.to_vec())
            },
            Series::new("账上占比", Unit::Share, digits.shares().to_vec()),
            Series::new("定律期望", Unit::Share, Digits::expected().to_vec()),
        ],
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(organisation): Path<String>,
    Query(asked): Query<Asked>,
) -> Page {
    let book = books::find(&workspace, &organisation).await?;
    let spending = street::spending_of_all(&workspace).await?;
    let own = spending.years.keys().filter(|(o, _)| *o == organisation);
    let mut years: Vec<i64> = own.map(|(_, year)| *year).collect();
    years.reverse();
    let year = asked.year.or(years.first().copied()).unwrap_or_default();
    let digits = spending.years.get(&(organisation.clone(), year));
    let digits = digits.copied().unwrap_or_default();
    let rule = workspace.rules.rule(RULE);
    let title = format!("{} 首位数字", book.title());
    draw(&DigitsPage {
        frame: Frame::new(&visitor, "/audit", &title).after("审计", "/audit"),
        rule: RULE,
        rule_title: rule.map_or(String::new(), |r| r.file.title.clone()),
        years,
        year,
        total: digits.total(),
        least: spending.least.get(&organisation).copied(),
        chart: chart(&digits),
    })
}
