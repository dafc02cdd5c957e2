//! Opening balances from a 科目余额表 that begins in January, for companies that hand in no 期初余额.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{self, Stated};
use crate::import::handin::RegisterTable;
use crate::model::{Chart, Charts, Money, RegisterRow, Table, Text, Value, catalogue};

use super::books::lineage;

/// Where such an opening comes from; stands as the origin of its voucher.
pub const ORIGIN: &str = "科目余额表";

/// An account and one of its counterparties.
type Key = (Text, Option<Text>);

/// The openings of the years asked for, one table each, in the order of the years.
pub fn openings(
    tables: &[RegisterTable],
    charts: Charts<'_>,
    years: &BTreeSet<i32>,
) -> BTreeMap<i32, RegisterTable> {
    let rows = rows::rows(tables);
    let opening = |year: &i32| {
        let rows: Vec<&Stated> = rows
            .iter()
            .filter(|r| r.span.first.year == *year && r.span.first.month == 1)
            .collect();
        Some((*year, table(*year, &rows, charts.of(*year))?))
    };
    years.iter().filter_map(opening).collect()
}

fn table(year: i32, rows: &[&Stated], chart: &Chart) -> Option<RegisterTable> {
    let first = rows.first()?;
    // The first table that names an account counts; another one that says otherwise shows in the comparison.
    let mut stated: BTreeMap<Key, (i64, u32)> = BTreeMap::new();
    for row in rows {
        let key = (row.account.clone(), row.counterparty.clone());
        let figure = (row.figures[0].unwrap_or(0), row.place.row.unwrap_or(0));
        stated.entry(key).or_insert(figure);
    }
    let table = catalogue().table("opening_balance")?;
    let rows = lines(&stated, chart);
    let rows = rows
        .into_iter()
        .map(|(key, (net, source_row))| RegisterRow {
            values: values(table, year, key, net),
            source_row,
        });
    let rows: Vec<RegisterRow> = rows.collect();
    (!rows.is_empty()).then(|| RegisterTable {
        table,
        file: first.place.file.as_str().into(),
        sheet: first.place.sheet.as_deref().map(Text::from),
        rows,
    })
}

/// The lowest accounts; those with counterparties by counterparty where these add up.
fn lines<'s>(
    stated: &'s BTreeMap<Key, (i64, u32)>,
    chart: &Chart,
) -> BTreeMap<&'s Key, (i64, u32)> {
    let mut parties: BTreeMap<&Text, i64> = BTreeMap::new();
    let mut parents: BTreeSet<&Text> = BTreeSet::new();
    for ((account, party), (net, _)) in stated {
        if party.is_some() {
            *parties.entry(account).or_default() += net;
        }
        parents.extend(lineage(chart, account).skip(1));
    }
    let by_party = |account: &Text| {
        let sum = parties.get(account);
        let own = stated.get(&(account.clone(), None));
        sum.is_some_and(|sum| own.is_none_or(|(net, _)| net == sum))
    };
    let counts = |((account, party), (net, _)): &(&Key, &(i64, u32))| {
        *net != 0 && !parents.contains(account) && party.is_some() == by_party(account)
    };
    let rows = stated.iter().filter(counts);
    rows.map(|(key, figure)| (key, *figure)).collect()
}

fn values(table: &Table, year: i32, key: &Key, net: i64) -> Vec<Value> {
    let mut values = vec![Value::Null; table.columns.len()];
    let mut set = |name: &str, value| {
        if let Some(at) = table.position(name) {
            values[at] = value;
        }
    };
    set("year", Value::Int(year.into()));
    set("account", Value::Text(key.0.clone()));
    if let Some(party) = &key.1 {
        set("counterparty", Value::Text(party.clone()));
    }
    let side = if net < 0 { "credit" } else { "debit" };
    set(side, Value::Int(Money(net).abs().0));
    values
}
