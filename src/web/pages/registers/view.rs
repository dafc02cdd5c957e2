//! A row of a register as pages and files show it, column by column as its description says.

use super::described::{Register, Shown};
use super::{Cells, Found, Open, Organisations, Parties};
use crate::model::{ColumnType, Money, Table, Value};
use crate::report::csv::Cell;
use crate::store::registers::StoredRow;
use crate::web::pages::export::{self, figure, text};
use crate::web::pages::show::Yuan;

/// A cell as shown.
pub enum View {
    Text(String),
    /// A number of a row, here or elsewhere: not broken over lines.
    Reference(String),
    /// A day or time.
    Day(String),
    /// A quantity, an area, a rate.
    Figure(String),
    Money(Option<Money>),
}

impl View {
    pub fn class(&self) -> &'static str {
        match self {
            View::Text(_) => "",
            View::Reference(_) | View::Day(_) => "keep",
            View::Figure(text) if text.starts_with('-') => "num neg",
            View::Figure(_) | View::Money(_) => "num",
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            View::Text(text) | View::Reference(text) | View::Day(text) | View::Figure(text) => {
                Some(text)
            }
            View::Money(_) => None,
        }
    }

    pub fn yuan(&self) -> Yuan {
        match self {
            View::Money(money) => Yuan(*money),
            _ => Yuan(None),
        }
    }

    pub fn exported(&self) -> Cell {
        match self {
            View::Text(shown) | View::Reference(shown) => text(shown),
            View::Day(shown) | View::Figure(shown) => figure(shown),
            View::Money(money) => export::money(*money),
        }
    }
}

/// A row as shown.
pub struct Row {
    pub owner: String,
    pub cells: Vec<View>,
    pub open: Vec<Open>,
    /// Differences of the row, of any unit, in the order of the columns.
    pub differences: Vec<i64>,
}

/// What rows are drawn with.
pub struct Drawing<'a> {
    pub register: &'static Register,
    pub table: &'static Table,
    pub names: &'a Organisations,
    pub parties: Parties,
    pub found: Found,
}

impl Drawing<'_> {
    pub fn row(&self, stored: &StoredRow) -> Row {
        let cells = Cells {
            table: self.table,
            stored,
        };
        let mut differences = Vec::new();
        let views = self.register.columns.iter().map(|shown| match shown {
            Shown::Cell(name) => self.cell(cells, name),
            Shown::Party(name) => View::Text(self.parties.shown(&stored.owner, cells.text(name))),
            Shown::Organisation(name) => View::Text(self.names.name(cells.text(name)).to_owned()),
            Shown::Difference { book, counted, .. } => {
                let difference = difference(cells, book, counted);
                differences.extend(difference.filter(|d| *d != 0));
                self.number(counted, difference)
            }
        });
        Row {
            owner: stored.owner.to_string(),
            cells: views.collect(),
            open: self.found.of_row(cells),
            differences,
        }
    }

    fn cell(&self, cells: Cells<'_>, name: &str) -> View {
        match self.table.column(name).map(|c| &c.kind) {
            Some(ColumnType::Money) => View::Money(cells.money(name)),
            Some(ColumnType::Text) if name.ends_with("_no") => View::Reference(cells.shown(name)),
            Some(
                ColumnType::Text
                | ColumnType::Id
                | ColumnType::List
                | ColumnType::Geometry
                | ColumnType::Enum { .. },
            )
            | None => View::Text(cells.shown(name)),
            Some(ColumnType::Date | ColumnType::Time) => View::Day(cells.shown(name)),
            Some(_) => View::Figure(cells.shown(name)),
        }
    }

    /// A number of the kind of a column.
    fn number(&self, like: &str, value: Option<i64>) -> View {
        let kind = self.table.column(like).map(|c| &c.kind);
        match (kind, value) {
            (Some(ColumnType::Money), value) => View::Money(value.map(Money)),
            (_, Some(0)) => View::Figure("—".to_owned()),
            (Some(kind), Some(value)) => View::Figure(Value::Int(value).hand_in(kind)),
            _ => View::Figure(String::new()),
        }
    }
}

/// Counted less booked. Something found that no book has differs by all of it; what was not counted differs by nothing known.
fn difference(cells: Cells<'_>, book: &str, counted: &str) -> Option<i64> {
    let counted = cells.int(counted)?;
    counted.checked_sub(cells.int(book).unwrap_or(0))
}

/// The headers of a register, those that its columns are handed in with.
pub fn headers(register: &Register, table: &Table) -> Vec<(String, &'static str)> {
    let header = |name: &str| {
        let column = table.column(name);
        let header = column.and_then(|c| c.headers.first()).cloned();
        let (mut header, kind) = (header.unwrap_or_default(), column.map(|c| &c.kind));
        let unit = match kind {
            Some(ColumnType::Money) => "元",
            Some(ColumnType::Area) if !header.ends_with(register.area_unit) => register.area_unit,
            _ => "",
        };
        if !unit.is_empty() {
            header = format!("{header}({unit})");
        }
        let class = match kind {
            Some(kind) if kind.is_decimal() || *kind == ColumnType::Int => "num",
            _ => "",
        };
        (header, class)
    };
    let all = register.columns.iter().map(|shown| match shown {
        Shown::Cell(name) | Shown::Party(name) | Shown::Organisation(name) => header(name),
        Shown::Difference { header, .. } => ((*header).to_owned(), "num"),
    });
    all.collect()
}
