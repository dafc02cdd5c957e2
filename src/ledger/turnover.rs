//! Turnover by account, counterparty and month: what statements are made of. Only current revisions count.

use sea_orm::ConnectionTrait;

use super::LedgerError;
use crate::model::Period;
use crate::store::bulk::statement;

/// What one account moved with one counterparty in one month, 分.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turnover {
    pub account: String,
    /// Empty when the entries name none.
    pub counterparty: String,
    pub year: i32,
    /// 0: the opening balances of `year`.
    pub month: u32,
    /// The vouchers also move one of the accounts asked about.
    pub touching: bool,
    pub debit: i64,
    pub credit: i64,
}

/// The year whose opening balances hold for `year`: the latest that has any, else the first year of the books.
/// `None`: nothing was posted up to then.
pub async fn base_year<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    year: i32,
) -> Result<Option<i32>, LedgerError> {
    let sql = "SELECT COALESCE(MAX(CASE WHEN month = 0 THEN year END), MIN(year)) FROM account_balance WHERE organisation = ? AND year <= ?";
    let query = statement(
        connection,
        sql,
        [organisation.into(), i64::from(year).into()],
    );
    let found = connection
        .query_one_raw(query)
        .await?
        .and_then(|r| r.try_get_by_index::<Option<i64>>(0).ok().flatten());
    Ok(found.and_then(|y| i32::try_from(y).ok()))
}

/// Turnover from the opening balances of `base` up to and with `last`. Openings of later years are the books' own
/// carry-forward and are left out. A voucher is `touching` when it moves one of `accounts`.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn turnover<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    base: i32,
    last: Period,
    accounts: &[&str],
) -> Result<Vec<Turnover>, LedgerError> {
    // An empty list is no SQL; no account has an empty code.
    let accounts = if accounts.is_empty() { &[""] } else { accounts };
    let marks = vec!["?"; accounts.len()].join(",");
    let sql = format!(
        "SELECT e.account, COALESCE(e.counterparty, ''), v.year, CASE WHEN v.word = '期初' THEN 0 ELSE v.month END, \
                CASE WHEN t.position IS NULL THEN 0 ELSE 1 END, CAST(SUM(e.debit) AS BIGINT), CAST(SUM(e.credit) AS BIGINT) \
         FROM entry e JOIN current_voucher v ON v.organisation = e.organisation AND v.position = e.position \
         LEFT JOIN (SELECT DISTINCT position FROM entry WHERE organisation = ? AND account IN ({marks})) t ON t.position = e.position \
         WHERE e.organisation = ? AND v.year >= ? AND v.year * 100 + v.month <= ? AND (v.word <> '期初' OR v.year = ?) \
         GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
    );
    let base = i64::from(base);
    let values = std::iter::once(organisation.into())
        .chain(accounts.iter().map(|a| (*a).into()))
        .chain([
            organisation.into(),
            base.into(),
            (i64::from(last.year) * 100 + i64::from(last.month)).into(),
            base.into(),
        ]);
    let mut out = Vec::new();
    for row in connection
        .query_all_raw(statement(connection, &sql, values))
        .await?
    {
        let (year, month): (i64, i64) = (row.try_get_by_index(2)?, whole(&row, 3)?);
        out.push(Turnover {
            account: row.try_get_by_index(0)?,
            counterparty: row.try_get_by_index(1)?,
            year: i32::try_from(year).unwrap_or(0),
            month: u32::try_from(month).unwrap_or(0),
            touching: whole(&row, 4)? != 0,
            debit: row.try_get_by_index(5)?,
            credit: row.try_get_by_index(6)?,
        });
    }
    Ok(out)
}

/// A whole number that PostgreSQL may give as four bytes, because it comes from literals.
fn whole(row: &sea_orm::QueryResult, index: usize) -> Result<i64, sea_orm::DbErr> {
    row.try_get_by_index::<i64>(index)
        .or_else(|_| row.try_get_by_index::<i32>(index).map(i64::from))
}
