//! A picture of figures with the figures behind it: one description is drawn as a table, which everybody can read, and handed to the
//! script as data, so that the two cannot differ. Money goes to the script in 分 and is shown in 万元; the table has it exact.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use super::pages::show::yuan;
use crate::model::Money;

/// How it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A bar for every category; several series stand side by side.
    Bars,
    /// Bars, with the last series as a line over them.
    Line,
    /// A row of small bars for every series, all to one scale.
    Rows,
}

/// What the numbers of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 分.
    Money,
    Count,
    /// Hundredths of a per cent.
    Share,
}

/// Figures, one a category.
#[derive(Debug, Clone)]
pub struct Series {
    pub name: String,
    pub unit: Unit,
    pub values: Vec<i64>,
    /// Stands in the table only.
    pub only_table: bool,
}

/// A figure as the table shows it.
pub struct Figure {
    unit: Unit,
    value: i64,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Money => yuan(Money(self.value)).fmt(f),
            Unit::Count if self.value == 0 => f.write_str("—"),
            Unit::Count => self.value.fmt(f),
            Unit::Share => write!(f, "{}%", Money(self.value)),
        }
    }
}

/// Digits, signs, and the tag of [`yuan`].
impl HtmlSafe for Figure {}

/// See the module.
#[derive(Debug, Clone, Template)]
#[template(path = "web/chart.html")]
pub struct Chart {
    pub title: &'static str,
    /// Beneath the picture: what is counted, and how.
    pub note: String,
    pub shape: Shape,
    /// Heading of the categories.
    pub head: &'static str,
    pub categories: Vec<String>,
    pub series: Vec<Series>,
}

/// Drawn with the escaping of its own template.
impl HtmlSafe for Chart {}

impl Series {
    pub fn new(name: &str, unit: Unit, values: Vec<i64>) -> Series {
        Series {
            name: name.to_owned(),
            unit,
            values,
            only_table: false,
        }
    }

    pub fn heading(&self) -> String {
        match self.unit {
            Unit::Money => format!("{}(元)", self.name),
            Unit::Count | Unit::Share => self.name.clone(),
        }
    }

    pub fn figures(&self) -> impl Iterator<Item = Figure> {
        self.values.iter().map(|value| self.figure(*value))
    }

    pub fn at(&self, place: &usize) -> Figure {
        self.figure(self.values.get(*place).copied().unwrap_or(0))
    }

    pub fn total(&self) -> Figure {
        let sum = self
            .values
            .iter()
            .fold(0i64, |sum, v| sum.saturating_add(*v));
        self.figure(sum)
    }

    fn figure(&self, value: i64) -> Figure {
        Figure {
            unit: self.unit,
            value,
        }
    }
}

impl Chart {
    /// What the script draws.
    fn data(&self) -> String {
        let drawn = self.series.iter().filter(|s| !s.only_table);
        let series = drawn.map(|s| {
            let unit = match s.unit {
                Unit::Money => "money",
                Unit::Count => "count",
                Unit::Share => "share",
            };
            serde_json::json!({ "name": s.name, "unit": unit, "values": s.values })
        });
        let shape = match self.shape {
            Shape::Bars => "bars",
            Shape::Line => "line",
            Shape::Rows => "rows",
        };
        serde_json::json!({
            "shape": shape,
            "categories": self.categories,
            "series": series.collect::<Vec<_>>(),
        })
        .to_string()
    }

    /// Names of the series, where there is more than one to tell apart in the picture.
    fn keys(&self) -> Vec<&str> {
        let drawn = self.series.iter().filter(|s| !s.only_table);
        let names: Vec<&str> = drawn.map(|s| s.name.as_str()).collect();
        match names.len() > 1 && self.shape != Shape::Rows {
            true => names,
            false => Vec::new(),
        }
    }

    fn as_line(&self) -> bool {
        self.shape == Shape::Line
    }

    fn in_rows(&self) -> bool {
        self.shape == Shape::Rows
    }

    /// The sum of each category over the series, then of all.
    fn columns(&self) -> Vec<Figure> {
        let unit = self.series.first().map_or(Unit::Count, |s| s.unit);
        let of = |at: usize| self.series.iter().filter_map(move |s| s.values.get(at));
        let sums = (0..self.categories.len()).map(|at| of(at).sum::<i64>());
        let sums: Vec<i64> = sums.collect();
        let all = sums.iter().sum();
        let each = sums.into_iter().chain([all]);
        each.map(|value| Figure { unit, value }).collect()
    }

    /// Shares add up to a hundred per cent, which nobody needs to be told.
    fn adds_up(&self) -> bool {
        self.series.iter().all(|s| s.unit != Unit::Share)
    }

    fn is_empty(&self) -> bool {
        self.series.iter().all(|s| s.values.iter().all(|v| *v == 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_figures_of_the_picture() {
        let chart = Chart {
            title: "拖欠",
            note: "说明 <1>".into(),
            shape: Shape::Bars,
            head: "账龄",
            categories: vec!["90 天以内".into(), "一年以上".into()],
            series: vec![
                Series::new("拖欠", Unit::Money, vec![123_456, -100]),
                Series {
                    only_table: true,
                    ..Series::new("合同", Unit::Count, vec![3, 0])
                },
            ],
        };
        let html = chart.to_string();
        for part in [
            "&#60;1&#62;",
            "&#34;values&#34;:[123456,-100]",
            "<td class=\"num\">1,234.56</td><td class=\"num\">3</td>",
            "<span class=\"neg\">-1.00</span></td><td class=\"num\">—</td>",
            "<td class=\"num\">1,233.56</td>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!chart.data().contains("合同"), "{html}");
        let share = Series::new("占比", Unit::Share, vec![3_010]);
        assert_eq!(share.at(&0).to_string(), "30.10%");
    }
}
