//! From one chart of accounts to the next within one book: which old account became which new one and how sure that is,
//! the closing balances under the old chart beside the opening balances under the new one, and, where the company booked no
//! opening, its carrying over. Nothing is forced to fit: what differs is listed.

mod carry;
mod error;
mod map;
mod sheet;

pub use carry::{Carried, Carry, carry};
pub use error::TransitionError;
pub use map::{ChartMap, Pair};
pub use sheet::sheet;

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use crate::ledger::charts;
use crate::ledger::turnover::{base_year, turnover};
use crate::model::{Account, Chart, ChartHistory, Period, PeriodRange};
use crate::pack::Pack;
use crate::store::bulk::statement;

/// What is known of an organisation's change of charts at the start of a year.
struct Change {
    history: ChartHistory,
    year: i32,
    map: ChartMap,
    /// Debit less credit at the end of the year before, by account and counterparty, 分.
    closing: BTreeMap<(String, String), i128>,
    /// Debit less credit as booked at the start of the year, by account, 分.
    opening: BTreeMap<String, i128>,
}

impl Change {
    async fn load<C: ConnectionTrait>(
        connection: &C,
        pack: &Pack,
        organisation: &str,
        year: i32,
    ) -> Result<Change, TransitionError> {
        let history = charts::history(connection, organisation).await?;
        let (old, new) = (history.of(year - 1).standard, history.of(year).standard);
        if history.same(year - 1, year) {
            return Err(TransitionError::NoChange {
                organisation: organisation.to_owned(),
                year,
                standard: new.label(),
            });
        }
        let map = ChartMap::load(pack, old, new)?;
        let closing = closing(connection, &history, organisation, year - 1).await?;
        let opening = opening(connection, organisation, year).await?;
        Ok(Change {
            history,
            year,
            map,
            closing,
            opening,
        })
    }

    fn old(&self) -> &Chart {
        self.history.of(self.year - 1)
    }

    fn new(&self) -> &Chart {
        self.history.of(self.year)
    }
}

/// The top account above an account. `None`: the chart does not have it.
fn top<'c>(chart: &'c Chart, code: &str) -> Option<&'c Account> {
    let mut at = chart.account(code)?;
    // A chart handed in may hold a circle: no walk is longer than the chart.
    for _ in 0..chart.accounts.len() {
        match at.parent.as_deref().and_then(|p| chart.account(p)) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    Some(at)
}

async fn closing<C: ConnectionTrait>(
    connection: &C,
    history: &ChartHistory,
    organisation: &str,
    year: i32,
) -> Result<BTreeMap<(String, String), i128>, TransitionError> {
    let mut sums = BTreeMap::new();
    let Some(base) = base_year(connection, organisation, year).await? else {
        return Ok(sums);
    };
    let last = Period { year, month: 12 };
    let month = PeriodRange { first: last, last };
    charts::one_chart(history, organisation, base, month)?;
    for row in turnover(connection, organisation, base, last, &[]).await? {
        let sum: &mut i128 = sums.entry((row.account, row.counterparty)).or_default();
        *sum += i128::from(row.debit) - i128::from(row.credit);
    }
    sums.retain(|_, net| *net != 0);
    Ok(sums)
}

async fn opening<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    year: i32,
) -> Result<BTreeMap<String, i128>, TransitionError> {
    let sql = "SELECT account, debit, credit FROM account_balance WHERE organisation = ? AND year = ? AND month = 0";
    let values = [organisation.into(), i64::from(year).into()];
    let mut out = BTreeMap::new();
    for row in connection
        .query_all_raw(statement(connection, sql, values))
        .await?
    {
        let (debit, credit): (i64, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        out.insert(
            row.try_get_by_index(0)?,
            i128::from(debit) - i128::from(credit),
        );
    }
    Ok(out)
}
