//! The balances that the package states (科目余额表) against those that follow from openings and vouchers, account by
//! account, and against themselves.

mod books;
mod children;
pub mod derive;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Charts, Money, Place, Problem, Problems, Text, Voucher};

use super::codes;
use super::handin::RegisterTable;
use super::span::Span;
use books::{Books, lineage};
use rows::{NAMES, Stated};

/// What the comparison came to.
#[derive(Debug, Default)]
pub struct Compared {
    /// Rows stated.
    pub rows: usize,
    /// Rows and accounts that differ.
    pub differences: usize,
    /// No vouchers were handed in: nothing could be compared.
    pub without_books: bool,
    /// Spans whose opening could not be compared, because what comes before them was not handed in.
    pub unopened: BTreeSet<String>,
    /// Accounts with others below them, and how many of them are not their sum.
    pub parents: usize,
    pub parents_differ: usize,
    pub problems: Problems,
}

/// Compares every row. An account's figures include those of the accounts below it.
pub fn compare(
    tables: &[RegisterTable],
    charts: Charts<'_>,
    openings: &[Voucher],
    vouchers: &[Voucher],
) -> Compared {
    let rows = rows::rows(tables);
    if rows.is_empty() {
        return Compared::default();
    }
    let summed = children::check(&rows, charts);
    let mut out = Compared {
        rows: rows.len(),
        parents: summed.parents,
        parents_differ: summed.problems.len(),
        problems: summed.problems,
        ..Compared::default()
    };
    let books = Books::of(charts, openings, vouchers);
    if books.is_empty() {
        out.without_books = true;
        return out;
    }
    let began_empty = years_opened_with_nothing(&rows);
    let mut differences = Vec::new();
    for row in &rows {
        let (year, month) = (row.span.first.year, row.span.first.month);
        let opened = books.has_opening(year) || began_empty.contains(&year);
        let known = opened && books.reaches_before(year, month);
        if !known {
            out.unopened.insert(row.span.to_string());
        }
        differences.extend(difference(row, &books, known));
    }
    differences.extend(unstated(&rows, &books, charts));
    out.differences = differences.len();
    out.problems.extend(differences);
    out
}

/// Years of which the tables themselves say that they began with nothing.
fn years_opened_with_nothing(rows: &[Stated]) -> BTreeSet<i32> {
    let januaries = || rows.iter().filter(|r| r.span.first.month == 1);
    let year = |row: &Stated| row.span.first.year;
    let stated = januaries().filter(|r| r.figures[0].unwrap_or(0) != 0);
    let stated: BTreeSet<i32> = stated.map(year).collect();
    let all: BTreeSet<i32> = januaries().map(year).collect();
    &all - &stated
}

/// What differs in a row. Where the opening is not known, the stated one is taken to be right.
fn difference(row: &Stated, books: &Books, opening_known: bool) -> Option<Problem> {
    let mut computed = books.figures(&row.account, row.counterparty.as_deref(), row.span);
    let mut stated = row.figures;
    if !opening_known {
        match stated[0] {
            Some(opening) => computed[3] = opening.saturating_add(computed[1] - computed[2]),
            None => stated[3] = None,
        }
        stated[0] = None;
    }
    let pairs = NAMES.iter().zip(stated.iter().zip(computed));
    let wrong: Vec<(&str, String)> = pairs
        .filter_map(|(name, (stated, computed))| {
            let stated = stated.filter(|s| *s != computed)?;
            let figures = [stated, computed, stated.saturating_sub(computed)];
            let [stated, computed, apart] = figures.map(|fen| Money(fen).grouped());
            Some((
                *name,
                format!("{name}表上 {stated},按凭证算出 {computed},相差 {apart}"),
            ))
        })
        .collect();
    let (column, _) = wrong.first()?;
    let party = row.counterparty.as_deref().map(|p| format!("「{p}」"));
    let list: Vec<&str> = wrong.iter().map(|(_, text)| text.as_str()).collect();
    let message = format!(
        "科目 {}{} {} {}",
        row.account,
        party.unwrap_or_default(),
        row.span,
        list.join(";")
    );
    let place = Place {
        column: Some((*column).to_owned()),
        ..row.place.clone()
    };
    Some(codes::STATED_DIFFERS.at(place, message, ""))
}

/// Accounts of the books that a table says nothing of, neither itself nor through an account above. Tables by counterparty
/// hold only some accounts and are not asked.
fn unstated(rows: &[Stated], books: &Books, charts: Charts<'_>) -> Problems {
    let with_parties = rows.iter().filter(|r| r.counterparty.is_some());
    let some_only: BTreeSet<(&str, Option<&str>)> = with_parties.map(|r| sheet(&r.place)).collect();
    let mut tables: BTreeMap<(String, i32), (Span, &Place, BTreeSet<&Text>)> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|r| !some_only.contains(&sheet(&r.place)))
    {
        let key = (row.span.to_string(), row.span.first.year);
        let table = tables
            .entry(key)
            .or_insert_with(|| (row.span, &row.place, BTreeSet::new()));
        table.2.insert(&row.account);
    }
    let mut problems = Problems::new();
    for (span, place, stated) in tables.values() {
        let chart = charts.of(span.first.year);
        // An account of the table speaks for those below it, and is spoken for by them.
        let mut covered = stated.clone();
        covered.extend(stated.iter().flat_map(|code| lineage(chart, code)));
        for account in books.accounts(span.first.year) {
            let figures = books.figures(account, None, *span);
            let top = chart.account(account).is_none_or(|a| a.parent.is_none());
            let silent = !lineage(chart, account).any(|code| covered.contains(code));
            if figures != [0; 4] && top && silent {
                let list = NAMES.iter().zip(figures).filter(|(_, fen)| *fen != 0);
                let list: Vec<String> = list
                    .map(|(name, fen)| format!("{name} {}", Money(fen).grouped()))
                    .collect();
                let message = format!(
                    "科目 {account} {span} 表上没有这个科目,账上{}",
                    list.join(";")
                );
                let place = Place {
                    row: None,
                    ..(*place).clone()
                };
                problems.push(codes::STATED_DIFFERS.at(place, message, ""));
            }
        }
    }
    problems
}

fn sheet(place: &Place) -> (&str, Option<&str>) {
    (&place.file, place.sheet.as_deref())
}
