//! Entries of some accounts by day and counterparty, the opening balances among them: what ageing is made of.

use chrono::{Datelike, NaiveDate};
use sea_orm::ConnectionTrait;

use super::LedgerError;
use crate::store::bulk::statement;

/// One entry; `net` is debit less credit, 分.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub account: String,
    /// Empty when the entry names none.
    pub counterparty: String,
    /// An opening balance is dated the day before its year.
    pub date: NaiveDate,
    pub net: i64,
    pub opening: bool,
}

/// Entries of exactly these accounts from a year (the first of the accounts' chart) up to a day, in the order of their dates. Of several years' opening balances only the
/// first counts, because the others repeat what the vouchers between say.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn items<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    accounts: &[&str],
    (from_year, as_of): (i32, NaiveDate),
) -> Result<Vec<Item>, LedgerError> {
    let from_year = i64::from(from_year);
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let marks = vec!["?"; accounts.len()].join(",");
    let sql = format!(
        "SELECT e.account, COALESCE(e.counterparty, ''), v.date, e.debit - e.credit, v.word FROM entry e \
         JOIN current_voucher v ON v.organisation = e.organisation AND v.position = e.position \
         WHERE e.organisation = ? AND v.date <= ? AND e.account IN ({marks}) \
         AND v.year >= COALESCE((SELECT MIN(year) FROM current_voucher WHERE organisation = ? AND word = '期初' AND year >= ?), ?) \
         AND (v.word <> '期初' OR v.year = (SELECT MIN(year) FROM current_voucher WHERE organisation = ? AND word = '期初' AND year >= ?)) \
         ORDER BY v.date, CASE WHEN v.word = '期初' THEN 0 ELSE 1 END, v.word, LENGTH(v.number), v.number, e.line"
    );
    let values = [organisation.into(), as_of.into()]
        .into_iter()
        .chain(accounts.iter().map(|a| (*a).into()))
        .chain([
            organisation.into(),
            from_year.into(),
            from_year.into(),
            organisation.into(),
            from_year.into(),
        ]);
    let mut out = Vec::new();
    for row in connection
        .query_all_raw(statement(connection, &sql, values))
        .await?
    {
        let (date, word): (NaiveDate, String) =
            (row.try_get_by_index(2)?, row.try_get_by_index(4)?);
        let opening = word == "期初";
        let before = NaiveDate::from_ymd_opt(date.year() - 1, 12, 31);
        out.push(Item {
            account: row.try_get_by_index(0)?,
            counterparty: row.try_get_by_index(1)?,
            date: before.filter(|_| opening).unwrap_or(date),
            net: row.try_get_by_index(3)?,
            opening,
        });
    }
    Ok(out)
}
