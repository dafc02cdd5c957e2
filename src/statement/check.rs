//! The checks on a form when it is read: accounts and rows that do not exist, circular rows, and accounts of the standard's
//! chart that do not arrive in exactly one row.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;

use super::FormFault;
use super::evaluate::{Parts, fill};
use super::facts::{Cell, Facts, Flow, Named, Window};
use super::form::{ChartAccount, Form, Row, Section};
use super::formula::Term;

/// Collects the faults of one file.
pub struct Faults<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub found: Vec<FormFault>,
}

impl Faults<'_> {
    pub fn add(&mut self, span: Option<Range<usize>>, message: String) {
        let line = span.map(|s| {
            1 + self.text[..s.start.min(self.text.len())]
                .matches('\n')
                .count()
        });
        self.found.push(FormFault {
            file: self.file.to_owned(),
            line,
            message,
        });
    }

    pub fn check_ends(&mut self, section: &Section, ends: [Option<&Spanned<String>>; 2]) {
        for end in ends.into_iter().flatten() {
            if section.position(end.get_ref()).is_none() {
                self.add(Some(end.span()), format!("没有行次「{}」", end.get_ref()));
            }
        }
    }

    pub fn check_section(
        &mut self,
        section: &Section,
        spans: &[Range<usize>],
        chart: &BTreeMap<String, ChartAccount>,
    ) {
        for (row, span) in section.rows.iter().zip(spans) {
            for (_, term) in &row.terms {
                for code in accounts_of(term) {
                    if !chart.contains_key(code) {
                        let message = format!("行次「{}」:科目表里没有科目 {code}", row.id);
                        self.add(Some(span.clone()), message);
                    }
                }
                for id in rows_of(term) {
                    if section.position(id).is_none() {
                        let message = format!("行次「{}」:没有行次「{id}」", row.id);
                        self.add(Some(span.clone()), message);
                    }
                }
            }
        }
        for (index, span) in spans.iter().enumerate() {
            if reaches(section, index, index, &mut BTreeSet::new()) {
                let message = format!("行次「{}」的公式绕回自身", section.rows[index].id);
                self.add(Some(span.clone()), message);
            }
        }
    }

    /// Puts 1 分 on one account after the other and looks where it arrives.
    pub fn check_coverage(&mut self, form: &Form) {
        for (code, account) in &form.chart {
            for net in [1, -1] {
                if !(form.is_profit_or_loss(code) || self.balance_holds(form, code, net)) {
                    let message = format!(
                        "科目 {code} {} 的{}余额没有恰好列入资产负债表的一行",
                        account.name,
                        if net > 0 { "借方" } else { "贷方" }
                    );
                    self.add(None, message);
                }
            }
            if form.is_profit_or_loss(code) && !income_holds(form, code) {
                let message = format!(
                    "科目 {code} {} 没有恰好列入{}的一行",
                    account.name, form.income.title
                );
                self.add(None, message);
            }
        }
    }

    fn balance_holds(&self, form: &Form, code: &str, net: i128) -> bool {
        let facts = single(
            code,
            Cell {
                opening: net,
                ..Cell::default()
            },
        );
        let section = &form.balance_sheet;
        let filled = fill(form, section, &facts, Window { first: 1, last: 0 });
        let total = |id: Option<&String>| {
            let at = id.and_then(|id| section.position(id));
            at.map_or(0, |i| sum(&filled[i]))
        };
        let whole = total(Some(&section.ends.0)) - total(section.ends.1.as_ref());
        direct(section, &filled) == 1 && whole == net
    }
}

fn income_holds(form: &Form, code: &str) -> bool {
    let mut cell = Cell::default();
    cell.months[0] = Flow {
        credit: 1,
        ..Flow::default()
    };
    let facts = single(code, cell);
    let filled = fill(form, &form.income, &facts, Window { first: 1, last: 1 });
    let net = form.income.position(&form.income.ends.0);
    direct(&form.income, &filled) == 1 && net.is_some_and(|i| sum(&filled[i]) == 1)
}

fn single(code: &str, cell: Cell) -> Facts {
    let named = Named {
        name: String::new(),
        tag: String::new(),
        head: Some(code.to_owned()),
    };
    Facts {
        accounts: [(code.to_owned(), named)].into(),
        cells: [((code.to_owned(), String::new()), cell)].into(),
    }
}

fn sum(parts: &Parts) -> i128 {
    parts.values().sum()
}

/// How many rows take the amount from the accounts themselves, not from other rows.
fn direct(section: &Section, filled: &[Parts]) -> usize {
    let takes = |row: &Row| !row.memo && row.terms.iter().any(|(_, t)| rows_of(t).is_empty());
    let rows = section.rows.iter().zip(filled);
    rows.filter(|(row, parts)| takes(row) && !parts.is_empty())
        .count()
}

fn accounts_of(term: &Term) -> Vec<&str> {
    match term {
        Term::Account(c) | Term::Debit(c) | Term::Credit(c) | Term::Detail(c, _) => vec![c],
        Term::Given(codes) | Term::Taken(codes) | Term::Shared(codes) => {
            codes.iter().map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}

fn rows_of(term: &Term) -> Vec<&str> {
    match term {
        Term::Row(id) => vec![id],
        Term::Rows(first, last) => vec![first, last],
        _ => Vec::new(),
    }
}

/// Whether the row at `from` leads to the row at `goal`, directly or through others.
fn reaches(section: &Section, from: usize, goal: usize, seen: &mut BTreeSet<usize>) -> bool {
    for (_, term) in &section.rows[from].terms {
        let ids = rows_of(term);
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            continue;
        };
        let (Some(first), Some(last)) = (section.position(first), section.position(last)) else {
            continue;
        };
        for next in first..=last {
            if next == goal || (seen.insert(next) && reaches(section, next, goal, seen)) {
                return true;
            }
        }
    }
    false
}
