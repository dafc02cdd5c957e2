//! Income and expense month by month: the two totals of 收支明细表, each month by itself, so that the months of a year add up to
//! the statement of the year.

use sea_orm::ConnectionTrait;

use super::facts::{self, Window};
use super::form::Forms;
use super::prepare::form_of;
use super::{StatementError, flows};
use crate::model::{Money, Period, PeriodRange};
use crate::pack::Pack;

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    pub period: Period,
    pub income: Money,
    pub expense: Money,
}

/// The months of a range within one year.
///
/// # Errors
/// [`StatementError`]: no such book, no form for its standard, a range over two years, nothing posted yet.
pub async fn monthly<C: ConnectionTrait>(
    connection: &C,
    pack: &Pack,
    organisation: &str,
    range: PeriodRange,
) -> Result<Vec<Month>, StatementError> {
    if range.first.year != range.last.year {
        return Err(StatementError::CrossesYears(range.to_string()));
    }
    let forms = Forms::load(pack)?;
    let (form, history) = form_of(connection, &forms, organisation, range.last.year).await?;
    let facts = facts::load(connection, organisation, form, &history, range.last).await?;
    let facts = facts.ok_or_else(|| StatementError::Empty {
        organisation: organisation.to_owned(),
        period: range.last.to_string(),
    })?;
    let total = |month, income| {
        let window = Window {
            first: month,
            last: month,
        };
        let fen = flows::total(form, &facts, window, income);
        let fen = i64::try_from(fen).ok().map(Money);
        fen.ok_or_else(|| StatementError::Overflow(organisation.to_owned()))
    };
    let months = (range.first.month..=range.last.month).map(|month| {
        Ok(Month {
            period: Period {
                month,
                ..range.last
            },
            income: total(month, true)?,
            expense: total(month, false)?,
        })
    });
    months.collect()
}
