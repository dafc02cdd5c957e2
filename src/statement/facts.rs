//! What the books say of one year, folded for statements: every account and counterparty with its balance at the start
//! of the year and its turnover by month, apart for vouchers that move the retained accounts (closing, distribution).

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use super::StatementError;
use super::form::Form;
use crate::ledger::charts;
use crate::ledger::turnover::{Turnover, base_year, turnover};
use crate::model::{Chart, ChartHistory, Period, PeriodRange};

/// Account and counterparty (empty: none named).
pub type Key = (String, String);

/// An account of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub tag: String,
    /// The account of the standard that it belongs to; `None`: the standard's chart has none.
    pub head: Option<String>,
}

/// Turnover of a month, 分. `touched_…` is the part in vouchers that move the retained accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    pub debit: i128,
    pub credit: i128,
    pub touched_debit: i128,
    pub touched_credit: i128,
}

/// One account with one counterparty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Debit less credit at the start of the year.
    pub opening: i128,
    /// January to December.
    pub months: [Flow; 12],
}

/// Months of the year that a column shows: `1..=12` the year, `1..=0` its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub first: u32,
    pub last: u32,
}

impl Cell {
    fn before(&self, month: u32) -> i128 {
        let moved = self.months.iter().take(month.saturating_sub(1) as usize);
        self.opening + moved.map(|m| m.debit - m.credit).sum::<i128>()
    }

    /// Debit less credit before the window.
    pub fn opening(&self, window: Window) -> i128 {
        self.before(window.first)
    }

    /// Debit less credit after the window.
    pub fn closing(&self, window: Window) -> i128 {
        self.before(window.last + 1)
    }

    /// Turnover within the window.
    pub fn flow(&self, window: Window) -> Flow {
        let mut sum = Flow::default();
        let (skip, last) = (
            window.first.saturating_sub(1) as usize,
            window.last as usize,
        );
        for month in self.months.iter().take(last).skip(skip) {
            sum.debit += month.debit;
            sum.credit += month.credit;
            sum.touched_debit += month.touched_debit;
            sum.touched_credit += month.touched_credit;
        }
        sum
    }
}

/// One year of one organisation's books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub accounts: BTreeMap<String, Named>,
    pub cells: BTreeMap<Key, Cell>,
}

impl Facts {
    /// Cells whose account belongs to the standard's account `head`.
    pub fn of<'a>(&'a self, head: &'a str) -> impl Iterator<Item = (&'a Key, &'a Cell)> {
        self.cells
            .iter()
            .filter(move |((account, _), _)| self.head(account) == Some(head))
    }

    pub fn head(&self, account: &str) -> Option<&str> {
        self.accounts.get(account)?.head.as_deref()
    }

    pub fn name(&self, account: &str) -> &str {
        self.accounts.get(account).map_or("", |a| a.name.as_str())
    }
}

/// Reads the year of `last` up to `last`. `None`: the books begin later.
///
/// # Errors
/// [`StatementError::Ledger`].
pub async fn load<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    form: &Form,
    history: &ChartHistory,
    last: Period,
) -> Result<Option<Facts>, StatementError> {
    let Some(base) = base_year(connection, organisation, last.year).await? else {
        return Ok(None);
    };
    let month = PeriodRange { first: last, last };
    charts::one_chart(history, organisation, base, month)?;
    let accounts = named_accounts(history.of(last.year), form);
    let retained: Vec<&str> = accounts
        .iter()
        .filter(|(_, a)| a.head.as_ref().is_some_and(|h| form.retained.contains(h)))
        .map(|(code, _)| code.as_str())
        .collect();
    let rows = turnover(connection, organisation, base, last, &retained).await?;
    let mut facts = Facts {
        cells: BTreeMap::new(),
        accounts: BTreeMap::new(),
    };
    for row in rows {
        fold(&mut facts.cells, row, last.year);
    }
    facts.accounts = accounts;
    Ok((!facts.cells.is_empty()).then_some(facts))
}

fn fold(cells: &mut BTreeMap<Key, Cell>, row: Turnover, year: i32) {
    let cell = cells.entry((row.account, row.counterparty)).or_default();
    let (debit, credit) = (i128::from(row.debit), i128::from(row.credit));
    let month = row.month.checked_sub(1).map(|m| m as usize);
    match month.and_then(|m| cell.months.get_mut(m)) {
        Some(flow) if row.year == year => {
            flow.debit += debit;
            flow.credit += credit;
            if row.touching {
                flow.touched_debit += debit;
                flow.touched_credit += credit;
            }
        }
        _ => cell.opening += debit - credit,
    }
}

/// The accounts of a chart with their places in a form.
pub(super) fn named_accounts(chart: &Chart, form: &Form) -> BTreeMap<String, Named> {
    let accounts = chart.accounts.values();
    let parents: BTreeMap<&str, Option<&str>> = accounts
        .clone()
        .map(|a| (&*a.code, a.parent.as_deref()))
        .collect();
    let named = accounts.map(|a| {
        let named = Named {
            name: a.name.to_string(),
            tag: a.tag.as_deref().unwrap_or_default().to_owned(),
            head: head_of(&a.code, &parents, form),
        };
        (a.code.to_string(), named)
    });
    named.collect()
}

/// The nearest account above, itself included, that the standard's chart knows.
fn head_of(code: &str, parents: &BTreeMap<&str, Option<&str>>, form: &Form) -> Option<String> {
    let mut at = code;
    // A chart handed in may hold a cycle: no walk is longer than the chart.
    for _ in 0..=parents.len() {
        if form.chart.contains_key(at) {
            return Some(at.to_owned());
        }
        at = parents.get(at).copied().flatten()?;
    }
    None
}
