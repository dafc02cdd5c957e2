//! 科目余额表: opening, movement and closing of every account over a span of months, details summed into their parents.
//! `opening + movement = closing` holds for every row.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use super::turnover::base_year;
use super::{LedgerError, charts};
use crate::model::{Account, ChartHistory, Money, PeriodRange};
use crate::store::bulk::statement;

/// One account of the trial balance. Balances stand on one side only: debit when the net is positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub account: String,
    pub name: String,
    /// 1 for a top account, 2 for its details, and so on.
    pub level: u32,
    pub is_leaf: bool,
    pub opening_debit: Money,
    pub opening_credit: Money,
    pub debit: Money,
    pub credit: Money,
    pub closing_debit: Money,
    pub closing_credit: Money,
}

/// The trial balance of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalance {
    pub organisation: String,
    pub range: PeriodRange,
    /// Accounts that moved or stand, by code; parents before their details.
    pub rows: Vec<Row>,
}

/// Opening net and movement of one account, 分.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    opening: i128,
    debit: i128,
    credit: i128,
}

impl TrialBalance {
    /// Totals over the top accounts: opening, movement, closing, each debit and credit.
    pub fn totals(&self) -> [Money; 6] {
        let mut totals = [Money::ZERO; 6];
        for row in self.rows.iter().filter(|r| r.level == 1) {
            let cells = [
                row.opening_debit,
                row.opening_credit,
                row.debit,
                row.credit,
                row.closing_debit,
                row.closing_credit,
            ];
            for (total, cell) in totals.iter_mut().zip(cells) {
                *total += cell;
            }
        }
        totals
    }
}

/// Computes the trial balance. The opening is that of the range's first month: the opening balances handed in for its year,
/// or, where that year has none, those of the nearest earlier year carried forward by all vouchers since.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`]; [`LedgerError::Overflow`] when a sum leaves the range of money.
pub async fn trial_balance<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    range: PeriodRange,
) -> Result<TrialBalance, LedgerError> {
    let history = charts::history(connection, organisation).await?;
    let accounts = &history.of(range.last.year).accounts;
    let sums = leaf_sums(connection, organisation, range, &history).await?;
    let parents: BTreeMap<&str, Option<&str>> = accounts
        .values()
        .map(|a| (&*a.code, a.parent.as_deref()))
        .collect();
    let mut totals: BTreeMap<&str, Sums> = BTreeMap::new();
    for (code, leaf) in &sums {
        for ancestor in lineage(code, &parents) {
            let total = totals.entry(ancestor).or_default();
            total.opening += leaf.opening;
            total.debit += leaf.debit;
            total.credit += leaf.credit;
        }
    }
    let mut rows = Vec::new();
    for account in accounts.values() {
        let Some(total) = totals.get(&*account.code) else {
            continue;
        };
        if total.opening == 0 && total.debit == 0 && total.credit == 0 {
            continue;
        }
        let level = lineage(&account.code, &parents).len() as u32;
        rows.push(
            row(account, level, *total)
                .ok_or_else(|| LedgerError::Overflow(organisation.to_owned()))?,
        );
    }
    Ok(TrialBalance {
        organisation: organisation.to_owned(),
        range,
        rows,
    })
}

/// The account and its ancestors, itself first. A cycle in a handed-in chart ends the walk.
fn lineage<'a>(code: &'a str, parents: &BTreeMap<&'a str, Option<&'a str>>) -> Vec<&'a str> {
    let mut out = vec![code];
    let mut at = code;
    while let Some(Some(parent)) = parents.get(at) {
        if out.contains(parent) || !parents.contains_key(parent) {
            break;
        }
        out.push(parent);
        at = parent;
    }
    out
}

async fn leaf_sums<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    range: PeriodRange,
    history: &ChartHistory,
) -> Result<BTreeMap<String, Sums>, LedgerError> {
    let first_year = i64::from(range.first.year);
    let base_year = base_year(connection, organisation, range.first.year).await?;
    let base_year = base_year.unwrap_or(range.first.year);
    charts::one_chart(history, organisation, base_year, range)?;
    let base_year = i64::from(base_year);
    // Between the base year and the range, openings of later years are the books' own carry-forward and not added again.
    let sql = "SELECT year, month, account, debit, credit FROM account_balance WHERE organisation = ? AND year >= ? AND year <= ? AND (month > 0 OR year = ?)";
    let values = [
        organisation.into(),
        base_year.into(),
        i64::from(range.last.year).into(),
        base_year.into(),
    ];
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    let ordinal = |year: i64, month: i64| year * 100 + month;
    let first = ordinal(first_year, i64::from(range.first.month));
    let last = ordinal(i64::from(range.last.year), i64::from(range.last.month));
    for row in connection
        .query_all_raw(statement(connection, sql, values))
        .await?
    {
        let at = ordinal(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if at > last {
            continue;
        }
        let (debit, credit): (i64, i64) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        let sum = sums.entry(row.try_get_by_index(2)?).or_default();
        if at < first {
            sum.opening += i128::from(debit) - i128::from(credit);
        } else {
            sum.debit += i128::from(debit);
            sum.credit += i128::from(credit);
        }
    }
    Ok(sums)
}

fn row(account: &Account, level: u32, sums: Sums) -> Option<Row> {
    let money = |value: i128| i64::try_from(value).ok().map(Money);
    let split = |net: i128| Some((money(net.max(0))?, money((-net).max(0))?));
    let (opening_debit, opening_credit) = split(sums.opening)?;
    let (closing_debit, closing_credit) = split(sums.opening + sums.debit - sums.credit)?;
    Some(Row {
        account: account.code.to_string(),
        name: account.name.to_string(),
        level,
        is_leaf: account.is_leaf,
        opening_debit,
        opening_credit,
        debit: money(sums.debit)?,
        credit: money(sums.credit)?,
        closing_debit,
        closing_credit,
    })
}
