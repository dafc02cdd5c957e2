//! 明细账: the entries of an account and its details, in order, with the running balance.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use super::{LedgerError, charts, trial_balance};
use crate::model::{Chart, Money, PeriodRange};
use crate::store::bulk::statement;

/// One line of the account ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub date: NaiveDate,
    /// `2024-03-记-0012`.
    pub voucher: String,
    pub line: u32,
    pub account: String,
    pub summary: String,
    pub counterparty: String,
    pub debit: Money,
    pub credit: Money,
    /// Debit less credit up to and with this line.
    pub balance: Money,
    pub source_file: String,
    pub source_row: u32,
}

/// The ledger of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLedger {
    pub organisation: String,
    pub account: String,
    pub name: String,
    pub range: PeriodRange,
    /// Debit less credit before the range.
    pub opening: Money,
    pub lines: Vec<Line>,
    pub closing: Money,
}

/// Reads the ledger of `code` and all its details over the months of `range`.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`], [`LedgerError::UnknownAccount`], [`LedgerError::Overflow`].
pub async fn account_ledger<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    code: &str,
    range: PeriodRange,
) -> Result<AccountLedger, LedgerError> {
    let history = charts::history(connection, organisation).await?;
    let chart = history.of(range.last.year);
    let Some(own) = chart.account(code) else {
        return Err(LedgerError::UnknownAccount {
            organisation: organisation.to_owned(),
            account: code.to_owned(),
        });
    };
    let family = family(code, chart);
    let balance = trial_balance::trial_balance(connection, organisation, range).await?;
    let opening = balance
        .rows
        .iter()
        .find(|r| r.account == code)
        .map_or(Money::ZERO, |r| r.opening_debit - r.opening_credit);
    let mut running = opening;
    let mut lines = Vec::new();
    for mut line in entries(connection, organisation, range, &family).await? {
        let moved = running
            .checked_add(line.debit)
            .and_then(|sum| sum.checked_add(-line.credit));
        running = moved.ok_or_else(|| LedgerError::Overflow(organisation.to_owned()))?;
        line.balance = running;
        lines.push(line);
    }
    Ok(AccountLedger {
        organisation: organisation.to_owned(),
        account: code.to_owned(),
        name: own.name.to_string(),
        range,
        opening,
        lines,
        closing: running,
    })
}

/// The account and everything below it.
pub fn family(code: &str, chart: &Chart) -> BTreeSet<String> {
    let mut family = BTreeSet::from([code.to_owned()]);
    loop {
        let before = family.len();
        family.extend(
            chart
                .accounts
                .values()
                .filter(|a| a.parent.as_ref().is_some_and(|p| family.contains(&**p)))
                .map(|a| a.code.to_string())
                .collect::<Vec<_>>(),
        );
        if family.len() == before {
            return family;
        }
    }
}

async fn entries<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    range: PeriodRange,
    family: &BTreeSet<String>,
) -> Result<Vec<Line>, LedgerError> {
    let marks = vec!["?"; family.len()].join(",");
    let sql = format!(
        "SELECT v.date, v.year, v.month, v.word, v.number, e.line, e.account, e.summary, e.counterparty, e.debit, e.credit, v.source_file, e.source_row \
         FROM entry e JOIN current_voucher v ON v.organisation = e.organisation AND v.position = e.position \
         WHERE e.organisation = ? AND v.word <> '期初' AND v.year * 100 + v.month BETWEEN ? AND ? AND e.account IN ({marks}) \
         ORDER BY v.year, v.month, v.date, v.word, LENGTH(v.number), v.number, e.line"
    );
    let ordinal = |p: crate::model::Period| i64::from(p.year) * 100 + i64::from(p.month);
    let values = [
        organisation.into(),
        ordinal(range.first).into(),
        ordinal(range.last).into(),
    ];
    let values = values
        .into_iter()
        .chain(family.iter().map(|a| a.clone().into()));
    let mut lines = Vec::new();
    for row in connection
        .query_all_raw(statement(connection, &sql, values))
        .await?
    {
        let (year, month): (i64, i64) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let (word, number): (String, String) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        let (line, source_row): (i64, i64) = (row.try_get_by_index(5)?, row.try_get_by_index(12)?);
        lines.push(Line {
            date: row.try_get_by_index(0)?,
            voucher: format!("{year:04}-{month:02}-{word}-{number:0>4}"),
            line: u32::try_from(line).unwrap_or(0),
            account: row.try_get_by_index(6)?,
            summary: row
                .try_get_by_index::<Option<String>>(7)?
                .unwrap_or_default(),
            counterparty: row
                .try_get_by_index::<Option<String>>(8)?
                .unwrap_or_default(),
            debit: Money(row.try_get_by_index(9)?),
            credit: Money(row.try_get_by_index(10)?),
            balance: Money::ZERO,
            source_file: row.try_get_by_index(11)?,
            source_row: u32::try_from(source_row).unwrap_or(0),
        });
    }
    Ok(lines)
}
