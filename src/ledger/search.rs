//! Finding vouchers: the ones that count, by month, account and any text that stands on them, a page at a time.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Value};

use super::LedgerError;
use crate::model::{Money, Period, PeriodRange, VoucherId};
use crate::store::bulk::statement;

/// What is looked for in one book.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    pub organisation: &'a str,
    pub range: Option<PeriodRange>,
    /// In a voucher number, summary, counterparty, contract, asset, invoice or receipt number, a name of who made or checked
    /// it, an account's code or name; an amount, when it reads as one. Empty: everything.
    pub text: &'a str,
    pub limit: i64,
    pub offset: i64,
}

/// A voucher in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub id: String,
    pub date: NaiveDate,
    /// Of the first line.
    pub summary: String,
    pub lines: i64,
    pub debit: Money,
    pub maker: String,
    pub checker: String,
    pub source_file: String,
    pub source_row: i64,
}

/// Texts of a line that are searched.
const TEXTS: [&str; 9] = [
    "e.summary",
    "e.counterparty",
    "e.contract_no",
    "e.asset_no",
    "e.project",
    "e.invoice_no",
    "e.receipt_no",
    "e.account",
    "e.account_name",
];

/// The vouchers of a page, the latest first, and how many there are in all.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn vouchers<C: ConnectionTrait>(
    connection: &C,
    query: &Query<'_>,
) -> Result<(Vec<Found>, i64), LedgerError> {
    let source = source(connection, query.organisation).await?;
    let (condition, values) = condition(query);
    let sql = format!("SELECT COUNT(*) FROM {source} v WHERE {condition}");
    let count = connection
        .query_one_raw(statement(connection, &sql, values.clone()))
        .await?;
    let total = count.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))?;
    // The page is cut first: what is read of lines is read of its vouchers only.
    // Months first: the key is in their order, so that a page of the latest does not sort the whole book.
    let order =
        "v.year DESC, v.month DESC, v.date DESC, v.word, LENGTH(v.number) DESC, v.number DESC";
    let sql = format!(
        "SELECT v.year, v.month, v.word, v.number, v.date, v.lines, v.maker, v.checker, v.source_file, v.source_row, \
           (SELECT e.summary FROM entry e WHERE e.organisation = v.organisation AND e.position = v.position AND e.line = 1), \
           (SELECT CAST(SUM(e.debit) AS BIGINT) FROM entry e WHERE e.organisation = v.organisation AND e.position = v.position) \
         FROM (SELECT v.* FROM {source} v WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?) v ORDER BY {order}"
    );
    let page = [query.limit.into(), query.offset.into()];
    let rows = connection
        .query_all_raw(statement(connection, &sql, values.into_iter().chain(page)))
        .await?;
    let found = rows.iter().map(|row| {
        let (year, month): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (word, number): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let text = |at| {
            Ok::<_, sea_orm::DbErr>(
                row.try_get_by_index::<Option<String>>(at)?
                    .unwrap_or_default(),
            )
        };
        Ok(Found {
            id: format!("{year:04}-{month:02}-{word}-{number:0>4}"),
            date: row.try_get_by_index(4)?,
            lines: row.try_get_by_index(5)?,
            maker: text(6)?,
            checker: text(7)?,
            source_file: row.try_get_by_index(8)?,
            source_row: row.try_get_by_index(9)?,
            summary: text(10)?,
            debit: Money(row.try_get_by_index(11)?),
        })
    });
    Ok((found.collect::<Result<_, LedgerError>>()?, total))
}

/// The vouchers that count. In a book in which nothing was revised they are all but those of an undo; the view would look for a later
/// form of each.
async fn source<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<&'static str, LedgerError> {
    let sql = "SELECT 1 FROM voucher WHERE organisation = ? AND revision > 1 LIMIT 1";
    let query = statement(connection, sql, [organisation.into()]);
    let revised = connection.query_one_raw(query).await?.is_some();
    Ok(match revised {
        true => "current_voucher",
        false => "(SELECT * FROM voucher WHERE COALESCE(origin, '') <> 'undo')",
    })
}

fn condition(query: &Query<'_>) -> (String, Vec<Value>) {
    let mut sql = "v.organisation = ?".to_owned();
    let mut values: Vec<Value> = vec![query.organisation.into()];
    if let Some(range) = query.range {
        let ordinal = |p: Period| i64::from(p.year) * 100 + i64::from(p.month);
        sql.push_str(" AND v.year * 100 + v.month BETWEEN ? AND ?");
        values.extend([ordinal(range.first).into(), ordinal(range.last).into()]);
    }
    let text = query.text.trim();
    if text.is_empty() {
        return (sql, values);
    }
    if let Some(id) = VoucherId::parse(text) {
        sql.push_str(" AND v.year = ? AND v.month = ? AND v.word = ? AND v.number = ?");
        values.extend([
            i64::from(id.period.year).into(),
            i64::from(id.period.month).into(),
            id.word.to_string().into(),
            id.number.to_string().into(),
        ]);
        return (sql, values);
    }
    let pattern = format!("%{}%", escaped(text));
    let like = |column: &str| format!("{column} LIKE ? ESCAPE '!'");
    let mut lines: Vec<String> = TEXTS.iter().map(|t| like(t)).collect();
    let money = Money::parse(text).ok().filter(|m| !m.is_zero());
    if money.is_some() {
        lines.push("e.debit = ? OR e.credit = ?".to_owned());
    }
    sql.push_str(&format!(
        " AND (v.number = ? OR {} OR {} OR EXISTS (SELECT 1 FROM entry e WHERE e.organisation = v.organisation AND e.position = v.position AND ({})))",
        like("v.maker"),
        like("v.checker"),
        lines.join(" OR ")
    ));
    values.push(VoucherId::plain_number(text).into());
    values.extend((0..2 + TEXTS.len()).map(|_| pattern.clone().into()));
    if let Some(money) = money {
        values.extend([money.0.into(), money.0.into()]);
    }
    (sql, values)
}

/// A text that stands for itself in a pattern.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if ['!', '%', '_'].contains(&c) {
            out.push('!');
        }
        out.push(c);
        out
    })
}

/// First and last month with movements of one book or every book, from the balances: the vouchers themselves would take long to read.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn spans<C: ConnectionTrait>(
    connection: &C,
    organisation: Option<&str>,
) -> Result<std::collections::BTreeMap<String, PeriodRange>, LedgerError> {
    let of_one = organisation.map_or("", |_| " AND organisation = ?");
    let sql = format!(
        "SELECT organisation, MIN(year * 100 + month), MAX(year * 100 + month) FROM account_balance WHERE month > 0{of_one} GROUP BY organisation"
    );
    let values = organisation.map(sea_orm::Value::from);
    let mut out = std::collections::BTreeMap::new();
    for row in connection
        .query_all_raw(statement(connection, &sql, values))
        .await?
    {
        let month = |at| {
            let ordinal: i64 = row.try_get_by_index(at)?;
            let year = i32::try_from(ordinal / 100).ok();
            let month = u32::try_from(ordinal % 100).ok();
            Ok::<_, sea_orm::DbErr>(year.zip(month).and_then(|(y, m)| Period::new(y, m)))
        };
        if let (Some(first), Some(last)) = (month(1)?, month(2)?) {
            out.insert(row.try_get_by_index(0)?, PeriodRange { first, last });
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_percent_sign_is_looked_for_as_such() {
        assert_eq!(super::escaped("5%_!"), "5!%!_!!");
    }
}
