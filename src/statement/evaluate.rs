//! A form filled with the facts of a window: every row as the accounts it is made of. A row's amount is the sum of them,
//! so that what is printed and what is drilled into cannot differ.

use std::collections::BTreeMap;

use super::facts::{Cell, Facts, Key, Window};
use super::form::{Form, Row, Section};
use super::formula::Term;
use super::table::Half;
use crate::model::Side;

/// What each account and counterparty adds, signed as the row is.
pub type Parts = BTreeMap<Key, i128>;

/// Fills all rows of a section, in order.
pub fn fill(form: &Form, section: &Section, facts: &Facts, window: Window) -> Vec<Parts> {
    let filler = Filler {
        form,
        section,
        facts,
        window,
    };
    let mut done: Vec<Option<Parts>> = vec![None; section.rows.len()];
    for index in 0..section.rows.len() {
        filler.row(index, &mut done);
    }
    done.into_iter().map(Option::unwrap_or_default).collect()
}

/// The retained accounts with income and expense not yet carried over, credit positive; at the start or end of a window.
pub fn retained(form: &Form, facts: &Facts, balance: impl Fn(&Cell) -> i128) -> Parts {
    let mut parts = Parts::new();
    for (key, cell) in &facts.cells {
        let head = facts.head(&key.0);
        if head.is_some_and(|h| form.is_retained(h) || form.is_profit_or_loss(h)) {
            add(&mut parts, key, -balance(cell));
        }
    }
    parts
}

fn add(parts: &mut Parts, key: &Key, amount: i128) {
    if amount == 0 {
        return;
    }
    let sum = parts.entry(key.clone()).or_default();
    *sum += amount;
    if *sum == 0 {
        parts.remove(key);
    }
}

struct Filler<'a> {
    form: &'a Form,
    section: &'a Section,
    facts: &'a Facts,
    window: Window,
}

impl Filler<'_> {
    /// The loader has refused cycles, so the walk ends.
    fn row(&self, index: usize, done: &mut Vec<Option<Parts>>) -> Parts {
        if let Some(parts) = &done[index] {
            return parts.clone();
        }
        let row = &self.section.rows[index];
        let mut sum = Parts::new();
        for (plus, term) in &row.terms {
            let sign = if *plus { 1 } else { -1 };
            for (key, amount) in self.term(row, term, done) {
                add(&mut sum, &key, sign * amount);
            }
        }
        done[index] = Some(sum.clone());
        sum
    }

    fn term(&self, row: &Row, term: &Term, done: &mut Vec<Option<Parts>>) -> Parts {
        match term {
            Term::Account(code) => self.account(row, code, |_| true),
            Term::Detail(code, words) => self.account(row, code, |name| {
                words.iter().any(|w| name.contains(w.as_str()))
            }),
            Term::Debit(code) => self.one_side(code, 1),
            Term::Credit(code) => self.one_side(code, -1),
            Term::Row(id) => self.rows(id, id, done),
            Term::Rows(first, last) => self.rows(first, last, done),
            Term::Retained => retained(self.form, self.facts, |c| c.closing(self.window)),
            Term::OpeningRetained => retained(self.form, self.facts, |c| c.opening(self.window)),
            Term::Given(codes) => self.against(|h| has(codes, h), 1, 0),
            Term::Taken(codes) => self.against(|h| has(codes, h), 0, 1),
            Term::Shared(codes) => self.against(|h| has(codes, h), 1, -1),
            Term::Rest => self.against(|h| !self.section.named_against(h), 1, -1),
        }
    }

    fn rows(&self, first: &str, last: &str, done: &mut Vec<Option<Parts>>) -> Parts {
        let mut sum = Parts::new();
        let (from, to) = (self.section.position(first), self.section.position(last));
        let (Some(from), Some(to)) = (from, to) else {
            return sum;
        };
        for index in from..=to {
            if from != to && self.section.rows[index].memo {
                continue;
            }
            for (key, amount) in self.row(index, done) {
                add(&mut sum, &key, amount);
            }
        }
        sum
    }

    /// An account in its normal direction: its balance in a balance sheet, its turnover without closing elsewhere.
    fn account(&self, row: &Row, code: &str, wanted: impl Fn(&str) -> bool) -> Parts {
        let sign = match (self.form.chart.get(code).map(|a| a.side), row.half) {
            (Some(Side::Debit), _) | (Some(Side::Either), Some(Half::Assets)) => 1,
            _ => -1,
        };
        let mut parts = Parts::new();
        for (key, cell) in self.facts.of(code) {
            if !wanted(self.facts.name(&key.0)) {
                continue;
            }
            let net = if row.half.is_some() {
                cell.closing(self.window)
            } else {
                let flow = cell.flow(self.window);
                (flow.debit - flow.touched_debit) - (flow.credit - flow.touched_credit)
            };
            add(&mut parts, key, sign * net);
        }
        parts
    }

    /// Those counterparties whose balance stands on one side (`sign` 1 debit, -1 credit). A detail account without a
    /// named counterparty stands for one.
    fn one_side(&self, code: &str, sign: i128) -> Parts {
        let party = |(account, counterparty): &Key| {
            if counterparty.is_empty() {
                (account.clone(), String::new())
            } else {
                (String::new(), counterparty.clone())
            }
        };
        let mut nets: BTreeMap<Key, i128> = BTreeMap::new();
        for (key, cell) in self.facts.of(code) {
            *nets.entry(party(key)).or_default() += cell.closing(self.window);
        }
        let mut parts = Parts::new();
        for (key, cell) in self.facts.of(code) {
            if nets.get(&party(key)).is_some_and(|net| net * sign > 0) {
                add(&mut parts, key, sign * cell.closing(self.window));
            }
        }
        parts
    }

    /// Turnover, in vouchers that move the retained accounts, of accounts that are neither these nor income nor expense.
    fn against(&self, wanted: impl Fn(Option<&str>) -> bool, credit: i128, debit: i128) -> Parts {
        let mut parts = Parts::new();
        for (key, cell) in &self.facts.cells {
            let head = self.facts.head(&key.0);
            let inside = |h| self.form.is_retained(h) || self.form.is_profit_or_loss(h);
            if head.is_some_and(inside) || !wanted(head) {
                continue;
            }
            let flow = cell.flow(self.window);
            let amount = credit * flow.touched_credit + debit * flow.touched_debit;
            add(&mut parts, key, amount);
        }
        parts
    }
}

fn has(codes: &[String], head: Option<&str>) -> bool {
    head.is_some_and(|h| codes.iter().any(|c| c == h))
}
