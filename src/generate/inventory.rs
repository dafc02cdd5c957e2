//! The yearly inventory (清产核资): one batch for every year-end that the books have left behind, and what was counted.

use chrono::{Datelike, NaiveDate};

use super::GenerateError;
use super::book::Book;
use super::calendar::plus;
use crate::model::Money;

/// The inventory that counted everything before the books begin.
pub const FIRST: &str = "QC-2023";

/// Days after the base date: counted, published, published until, reported.
const STEPS: [i64; 4] = [20, 22, 31, 60];

/// What can be wrong with an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InventoryFault {
    NotPublished,
    ReportedLate,
}

/// A line of an inventory where book and count agree.
pub struct Counted<'a> {
    kind: &'a str,
    no: &'a str,
    cost: Option<i64>,
    area: Option<i64>,
    /// Gone before the next inventory.
    gone: bool,
}

impl<'a> Counted<'a> {
    /// One asset of a cost in 分.
    pub fn asset(no: &'a str, cost: i64) -> Counted<'a> {
        Counted {
            kind: "资产",
            no,
            cost: Some(cost),
            area: None,
            gone: false,
        }
    }

    /// The same, but counted in the first inventory only.
    pub fn gone(mut self, gone: bool) -> Counted<'a> {
        self.gone = gone;
        self
    }

    /// A parcel of so many hundredths of a 亩.
    pub fn parcel(no: &'a str, area: i64) -> Counted<'a> {
        Counted {
            kind: "资源",
            no,
            cost: None,
            area: Some(area),
            gone: false,
        }
    }
}

/// Base dates of the inventories: the year-end before the books, and each that they have left a month behind.
fn base_dates(book: &Book) -> Vec<NaiveDate> {
    let first = book.first.year() - 1;
    (first..=book.last().year())
        .filter_map(|year| NaiveDate::from_ymd_opt(year, 12, 31))
        .filter(|base| base.year() == first || plus(*base, STEPS[2]) <= book.last())
        .collect()
}

fn number(base: NaiveDate) -> String {
    format!("QC-{}", base.year())
}

/// Writes a line into every inventory.
pub fn count(book: &mut Book, line: &Counted<'_>) -> Result<(), GenerateError> {
    let text = |value: Option<i64>| value.map_or(String::new(), |v| Money(v).to_string());
    let (cost, area) = (text(line.cost), text(line.area));
    let pieces = if line.cost.is_some() { "1" } else { "" };
    let times = if line.gone { 1 } else { usize::MAX };
    for base in base_dates(book).into_iter().take(times) {
        book.folder.row(
            "inventory_count",
            &[
                ("batch_no", &number(base)),
                ("kind", &line.kind),
                ("subject_no", &line.no),
                ("qty_book", &pieces),
                ("qty_counted", &pieces),
                ("amount_book", &cost),
                ("amount_counted", &cost),
                ("area_book", &area),
                ("area_counted", &area),
            ],
        )?;
    }
    Ok(())
}

/// Writes the batches; what happens after the last day of the books is not known yet.
pub fn write(book: &mut Book) -> Result<(), GenerateError> {
    let counters = format!("{}、{}", book.staff("会计"), book.staff("复核"));
    let witness = book.staff("监事");
    for base in base_dates(book) {
        let fault = book.inventory_fault.filter(|_| number(base) == FIRST);
        let last = book.last();
        let known = |days: i64| match plus(base, days) {
            day if day <= last => day.to_string(),
            _ => String::new(),
        };
        let [counted, mut from, mut to, mut reported] = STEPS.map(known);
        match fault {
            Some(InventoryFault::NotPublished) => (from, to) = (String::new(), String::new()),
            Some(InventoryFault::ReportedLate) => reported = known(110),
            None => {}
        }
        book.folder.row(
            "inventory_batch",
            &[
                ("batch_no", &number(base)),
                ("base_date", &base),
                ("scope", &"资金;债权债务;资产;资源"),
                ("started_on", &plus(base, 2)),
                ("completed_on", &counted),
                ("notice_from", &from),
                ("notice_to", &to),
                ("reported_on", &reported),
                ("counters", &counters),
                ("witness", &witness),
            ],
        )?;
    }
    Ok(())
}
