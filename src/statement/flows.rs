//! 收支明细表: what came in and what was spent, account by account with the details under each. Its format is set by each
//! province; this one lists every account of income and expense that moved, closing entries left out.

use super::evaluate::Parts;
use super::facts::{Facts, Key, Window};
use super::form::{ChartAccount, Form};
use super::prepare::Context;
use super::{Kind, Line, Statement, StatementError};
use crate::model::Side;

pub(super) fn flows(context: &Context<'_>) -> Result<Statement, StatementError> {
    let spans = context.spans();
    let columns = spans
        .iter()
        .map(|(title, ..)| (*title).to_owned())
        .collect();
    let mut out = context.blank(Kind::Flows, "收支明细表", columns);
    let spans: Vec<(&Facts, Window)> = spans.iter().map(|(_, f, w)| (*f, *w)).collect();
    let mut surplus = vec![Parts::new(); spans.len()];
    for (id, label, income) in [
        ("收入", "一、收入合计", true),
        ("支出", "二、支出合计", false),
    ] {
        let (mut total, mut details) = (vec![Parts::new(); spans.len()], Vec::new());
        for (head, account) in heads(context.form, income) {
            let columns: Vec<Parts> = spans.iter().map(|s| moved(s, head, income)).collect();
            merge(&mut total, &columns);
            details.extend(of_account(context, head, &account.name, &columns)?);
        }
        let mut line = context.line(id, label, &total)?;
        line.total = true;
        out.lines.push(line);
        out.lines.extend(details);
        for (sum, column) in surplus.iter_mut().zip(total) {
            for (key, amount) in column {
                *sum.entry(key).or_default() += if income { amount } else { -amount };
            }
        }
    }
    let mut line = context.line("结余", "三、收支相抵", &surplus)?;
    line.total = true;
    out.lines.push(line);
    out.notes
        .push("按科目列示,不含结转凭证;格式以本地要求为准。".to_owned());
    Ok(out)
}

/// The accounts of the standard whose turnover is income, or expense.
fn heads(form: &Form, income: bool) -> impl Iterator<Item = (&String, &ChartAccount)> {
    let own = move |a: &ChartAccount| a.category == "损益" && (a.side == Side::Debit) != income;
    form.chart.iter().filter(move |(_, account)| own(account))
}

/// All income, or all expense, within a window: what the statement's total says, 分.
pub(super) fn total(form: &Form, facts: &Facts, window: Window, income: bool) -> i128 {
    let moved = heads(form, income).map(|(head, _)| moved(&(facts, window), head, income));
    moved.flat_map(Parts::into_values).sum()
}

/// The account of the standard, then its details where it has any.
fn of_account(
    context: &Context<'_>,
    head: &str,
    name: &str,
    columns: &[Parts],
) -> Result<Vec<Line>, StatementError> {
    let mut line = context.line(head, name, columns)?;
    if line.parts.is_empty() {
        return Ok(Vec::new());
    }
    line.indent = 1;
    let accounts: std::collections::BTreeSet<&String> = columns
        .iter()
        .flat_map(|c| c.keys().map(|(a, _)| a))
        .collect();
    let mut lines = vec![line];
    for account in accounts.into_iter().filter(|a| *a != head) {
        let own: Vec<Parts> = columns
            .iter()
            .map(|c| {
                c.iter()
                    .filter(|((a, _), _)| a == account)
                    .map(|(k, v)| (k.clone(), *v))
                    .collect()
            })
            .collect();
        let mut detail = context.line(account, context.facts.name(account), &own)?;
        detail.indent = 2;
        lines.push(detail);
    }
    Ok(lines)
}

fn moved((facts, window): &(&Facts, Window), head: &str, income: bool) -> Parts {
    let mut parts = Parts::new();
    for (key, cell) in facts.of(head) {
        let flow = cell.flow(*window);
        let debit = flow.debit - flow.touched_debit - (flow.credit - flow.touched_credit);
        let amount = if income { -debit } else { debit };
        if amount != 0 {
            parts.insert(Key::clone(key), amount);
        }
    }
    parts
}

fn merge(total: &mut [Parts], columns: &[Parts]) {
    for (sum, column) in total.iter_mut().zip(columns) {
        for (key, amount) in column {
            *sum.entry(key.clone()).or_default() += amount;
        }
    }
}
