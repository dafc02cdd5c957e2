//! Charts as the store keeps them: every batch's chart of each standard, and the standard of each year. What an undone batch
//! said is left out. `account` holds every code once, with its latest meaning, because sealed entries name it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, Value};

use super::{LedgerError, read};
use crate::model::{
    Account, Chart, ChartHistory, Charts, EarlierChart, PeriodRange, Side, Standard, Text,
};
use crate::store::bulk::{BulkInsert, statement, text};

/// The standard under which a year was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartYear {
    pub year: i32,
    pub standard: Standard,
    /// How it was found.
    pub evidence: String,
}

/// Rows of batches that were not undone.
const STANDING: &str = "batch_id NOT IN (SELECT batch_id FROM batch_undo)";

/// The years of an organisation's books with their standards, in order.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn years<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<Vec<ChartYear>, LedgerError> {
    let sql = format!(
        "SELECT year, standard, evidence FROM chart_year WHERE organisation = ? AND {STANDING} ORDER BY year, batch_id"
    );
    let mut years: BTreeMap<i32, ChartYear> = BTreeMap::new();
    for row in connection
        .query_all_raw(statement(connection, &sql, [organisation.into()]))
        .await?
    {
        let (year, standard): (i64, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let year = i32::try_from(year).unwrap_or(0);
        if let Some(standard) = Standard::from_code(&standard) {
            let evidence = row.try_get_by_index(2)?;
            let found = ChartYear {
                year,
                standard,
                evidence,
            };
            // A later batch outranks an earlier one.
            years.insert(year, found);
        }
    }
    Ok(years.into_values().collect())
}

/// The charts of an organisation.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`] when it has no book.
pub async fn history<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<ChartHistory, LedgerError> {
    let book = read::book(connection, organisation).await?;
    let years = years(connection, organisation).await?;
    let mut spans = years.chunk_by(|a, b| a.standard == b.standard).rev();
    let (standard, evidence) = match spans.next().and_then(<[ChartYear]>::last) {
        Some(last) => (last.standard, last.evidence.clone()),
        // No vouchers yet, or none any more.
        None => {
            let standard = Standard::from_code(&book.standard);
            let standard = standard.unwrap_or(Standard::Enterprise);
            (standard, book.standard_evidence)
        }
    };
    let mut earlier = Vec::new();
    for end in spans.filter_map(<[ChartYear]>::last) {
        earlier.push(EarlierChart {
            last_year: end.year,
            chart: of_standard(connection, organisation, end.standard).await?,
            evidence: end.evidence.clone(),
        });
    }
    earlier.reverse();
    Ok(ChartHistory {
        latest: of_standard(connection, organisation, standard).await?,
        evidence,
        earlier,
    })
}

/// Refuses figures that would add up accounts of two charts: a range over the change, or balances carried over it from
/// `base`, the year whose opening balances hold.
///
/// # Errors
/// [`LedgerError::CrossesCharts`], [`LedgerError::NotCarriedOver`].
pub fn one_chart(
    history: &ChartHistory,
    organisation: &str,
    base: i32,
    range: PeriodRange,
) -> Result<(), LedgerError> {
    let (first, last) = (range.first.year, range.last.year);
    let organisation = || organisation.to_owned();
    if !history.same(first, last) {
        return Err(LedgerError::CrossesCharts {
            organisation: organisation(),
            range: range.to_string(),
        });
    }
    if !history.same(base, first) {
        return Err(LedgerError::NotCarriedOver {
            organisation: organisation(),
            year: first,
            base,
        });
    }
    Ok(())
}

const COLUMNS: [&str; 10] = [
    "organisation",
    "code",
    "name",
    "normal_side",
    "parent",
    "is_leaf",
    "category",
    "tag",
    "active_from",
    "active_to",
];

/// The accounts that standing batches gave for one standard; of several versions of an account the latest.
async fn of_standard<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    standard: Standard,
) -> Result<Chart, LedgerError> {
    let sql = format!(
        "SELECT {} FROM account_version WHERE organisation = ? AND standard = ? AND {STANDING} ORDER BY batch_id",
        COLUMNS[1..].join(", ")
    );
    let values = [organisation.into(), standard.code().into()];
    let mut accounts = BTreeMap::new();
    for row in connection
        .query_all_raw(statement(connection, &sql, values))
        .await?
    {
        let required = |i| row.try_get_by_index::<String>(i).map(Text::from);
        let optional = |i| {
            row.try_get_by_index::<Option<String>>(i)
                .map(|t| t.map(Text::from))
        };
        let account = Account {
            code: required(0)?,
            name: required(1)?,
            side: Side::from_code(&required(2)?).unwrap_or(Side::Either),
            parent: optional(3)?,
            is_leaf: row.try_get_by_index(4)?,
            category: required(5)?,
            tag: optional(6)?,
            active_from: row.try_get_by_index(7)?,
            active_to: row.try_get_by_index(8)?,
        };
        accounts.insert(account.code.clone(), account);
    }
    let mut chart = Chart { standard, accounts };
    // A batch knows the details that it names, not those of other months.
    chart.mark_leaves();
    Ok(chart)
}

/// Keeps the charts of a batch and the standards of the years that it touches.
pub(super) async fn save<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    organisation: &str,
    charts: Charts<'_>,
    years: &BTreeSet<i32>,
) -> Result<(), LedgerError> {
    let merged = charts.merged();
    put(connection, organisation, merged.accounts.values()).await?;
    let mut columns = vec!["batch_id", "standard"];
    columns.extend(COLUMNS);
    let mut versions = BulkInsert::new(
        connection,
        "account_version",
        &columns,
        " ON CONFLICT DO NOTHING",
    );
    let all = charts.earlier.iter().map(|e| &e.chart);
    for chart in all.chain([charts.latest]) {
        for account in chart.accounts.values() {
            let head: [Value; 2] = [batch_id.into(), chart.standard.code().into()];
            let cells = head.into_iter().chain(cells(organisation, account));
            versions.push(cells).await?;
        }
    }
    versions.finish().await?;
    let columns = ["batch_id", "organisation", "year", "standard", "evidence"];
    let mut rows = BulkInsert::new(
        connection,
        "chart_year",
        &columns,
        " ON CONFLICT DO NOTHING",
    );
    for year in years {
        let (chart, evidence) = charts.with_evidence(*year);
        rows.push([
            batch_id.into(),
            organisation.into(),
            i64::from(*year).into(),
            chart.standard.code().into(),
            evidence.into(),
        ])
        .await?;
    }
    rows.finish().await?;
    set_standard(connection, organisation).await?;
    let standing = history(connection, organisation).await?.charts().merged();
    let otherwise = standing.accounts.values().filter(|a| {
        let given = merged.account(&a.code);
        given.is_some_and(|given| given.is_leaf != a.is_leaf)
    });
    put(connection, organisation, otherwise).await
}

/// After an undo: the accounts that standing batches name, and no other.
pub(super) async fn refresh<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<(), LedgerError> {
    let sql = "UPDATE account SET withdrawn = 1 WHERE organisation = ?";
    connection
        .execute_raw(statement(connection, sql, [organisation.into()]))
        .await?;
    let history = history(connection, organisation).await?;
    let merged = history.charts().merged();
    put(connection, organisation, merged.accounts.values()).await?;
    set_standard(connection, organisation).await
}

/// The book's standard is that of its latest year.
async fn set_standard<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<(), LedgerError> {
    let Some(latest) = years(connection, organisation).await?.pop() else {
        return Ok(());
    };
    let sql = "UPDATE book SET standard = ?, standard_evidence = ? WHERE organisation = ?";
    let values = [
        latest.standard.code().into(),
        latest.evidence.into(),
        organisation.into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    Ok(())
}

/// Makes accounts, or gives them what they mean now.
async fn put<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    accounts: impl Iterator<Item = &Account>,
) -> Result<(), LedgerError> {
    let tail = " ON CONFLICT (organisation, code) DO UPDATE SET name = excluded.name, normal_side = excluded.normal_side, parent = excluded.parent, \
                is_leaf = excluded.is_leaf, category = excluded.category, tag = excluded.tag, active_from = excluded.active_from, active_to = excluded.active_to, \
                withdrawn = 0";
    let mut insert = BulkInsert::new(connection, "account", &COLUMNS, tail);
    for account in accounts {
        insert.push(cells(organisation, account)).await?;
    }
    insert.finish().await?;
    Ok(())
}

fn cells(organisation: &str, account: &Account) -> [Value; COLUMNS.len()] {
    [
        organisation.into(),
        account.code.to_string().into(),
        account.name.to_string().into(),
        account.side.code().into(),
        text(account.parent.as_deref()),
        account.is_leaf.into(),
        account.category.to_string().into(),
        text(account.tag.as_deref()),
        account.active_from.into(),
        account.active_to.into(),
    ]
}
