//! A balance table in itself: an account's figures are the sum of those right below it.

use std::collections::BTreeMap;

use super::books::lineage;
use super::rows::{NAMES, Stated};
use crate::import::codes;
use crate::model::{Charts, Money, Problems, Text};

/// Rows of one table and span, by account.
type Table<'r> = BTreeMap<&'r Text, &'r Stated>;

/// What was compared.
#[derive(Debug, Default)]
pub struct Summed {
    /// Accounts with others below them.
    pub parents: usize,
    pub problems: Problems,
}

/// Compares every account that has others below it in its table.
pub fn check(rows: &[Stated], charts: Charts<'_>) -> Summed {
    let mut tables: BTreeMap<(&str, Option<&str>, String), Table<'_>> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.counterparty.is_none()) {
        let place = &row.place;
        let key = (
            place.file.as_str(),
            place.sheet.as_deref(),
            row.span.to_string(),
        );
        tables.entry(key).or_default().insert(&row.account, row);
    }
    let mut out = Summed::default();
    for table in tables.values() {
        check_table(table, charts, &mut out);
    }
    out
}

fn check_table(table: &Table<'_>, charts: Charts<'_>, out: &mut Summed) {
    let mut sums: BTreeMap<&Text, [i64; 4]> = BTreeMap::new();
    for (account, row) in table {
        let chart = charts.of(row.span.first.year);
        let mut above = lineage(chart, account).skip(1);
        let Some(parent) = above.find_map(|code| table.get_key_value(code)) else {
            continue;
        };
        let sum = sums.entry(*parent.0).or_default();
        for (sum, figure) in sum.iter_mut().zip(row.figures) {
            *sum = sum.saturating_add(figure.unwrap_or(0));
        }
    }
    out.parents += sums.len();
    for (account, sum) in sums {
        let row = table[account];
        let differences: Vec<String> = NAMES
            .iter()
            .zip(row.figures.iter().zip(sum))
            .filter_map(|(name, (stated, sum))| {
                let stated = stated.filter(|s| *s != sum)?;
                let (stated, sum) = (Money(stated).grouped(), Money(sum).grouped());
                Some(format!("{name} {stated},下级之和 {sum}"))
            })
            .collect();
        if !differences.is_empty() {
            let message = format!("科目 {account} {} {}", row.span, differences.join(";"));
            out.problems
                .push(codes::CHILDREN_DIFFER.at(row.place.clone(), message, ""));
        }
    }
}
