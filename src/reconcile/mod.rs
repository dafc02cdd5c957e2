//! Bank reconciliation: the bank's lines against the entries of the bank account, and 银行存款余额调节表 with what is left on
//! either side. It only reads; what does not match is listed with its age and left to people.

mod load;
pub mod matching;

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use serde::Deserialize;

use crate::model::{Money, PeriodRange};
use crate::pack::Pack;
use crate::statement::{Half, Kind, Line, Statement, StatementError};
use crate::store::Scan;
use matching::{Item, Limits, match_items};

const FILE: &str = "statements/reconcile.toml";

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    days: i64,
    most: usize,
}

/// One 银行存款余额调节表 for each bank account of the books that has bank lines, as of the end of the range.
///
/// # Errors
/// [`StatementError`] of the ledger or when the file of limits cannot be read.
pub async fn reconcile<C: ConnectionTrait + Scan>(
    connection: &C,
    pack: &Pack,
    organisation: &str,
    range: PeriodRange,
) -> Result<Vec<Statement>, StatementError> {
    let limits = limits(pack)?;
    let (accounts, notes) = load::accounts(connection, organisation, range.last).await?;
    let mut out = Vec::new();
    for account in accounts {
        out.push(table(organisation, range, &account, limits));
    }
    match out.first_mut() {
        Some(first) => first.notes.extend(notes),
        None => {
            let mut empty = blank(organisation, range, "");
            empty.notes = notes;
            empty.notes.push("没有可以对账的银行流水。".to_owned());
            out.push(empty);
        }
    }
    Ok(out)
}

/// Whether the file of limits can be used.
///
/// # Errors
/// [`StatementError::Pack`].
pub fn check(pack: &Pack) -> Result<(), StatementError> {
    limits(pack).map(|_| ())
}

fn limits(pack: &Pack) -> Result<Limits, StatementError> {
    let bad = |reason: String| StatementError::Pack {
        file: FILE.to_owned(),
        reason,
    };
    let text = pack.text(FILE).ok_or_else(|| bad("没有这个文件".into()))?;
    let rules: Rules = toml::from_str(&text).map_err(|e| bad(e.message().to_owned()))?;
    Ok(Limits {
        days: rules.days,
        most: rules.most,
    })
}

fn blank(organisation: &str, range: PeriodRange, account: &str) -> Statement {
    Statement {
        kind: Kind::Reconciliation,
        title: format!("银行存款余额调节表 {account}")
            .trim_end()
            .to_owned(),
        organisation: organisation.to_owned(),
        name: String::new(),
        range,
        dated: range.last.last_day().format("%Y年%-m月%-d日").to_string(),
        columns: vec!["金额".to_owned()],
        lines: Vec::new(),
        differences: Vec::new(),
        notes: Vec::new(),
    }
}

fn table(
    organisation: &str,
    range: PeriodRange,
    account: &load::Account,
    limits: Limits,
) -> Statement {
    let matched = match_items(&account.bank, &account.book, limits);
    let mut out = blank(organisation, range, &account.code);
    out.name.clone_from(&account.name);
    let as_of = range.last.last_day();
    let mut adjusted = Vec::new();
    for (half, own, open, names) in [
        (
            Half::Assets,
            ("单位银行存款日记账余额", account.book_balance),
            (&account.bank, &matched.bank_open),
            ["加:银行已收、单位未收", "减:银行已付、单位未付"],
        ),
        (
            Half::Claims,
            ("银行对账单余额", account.bank_balance),
            (&account.book, &matched.book_open),
            ["加:单位已收、银行未收", "减:单位已付、银行未付"],
        ),
    ] {
        let id = |n: usize| format!("{}{n}", if half == Half::Assets { "账" } else { "行" });
        let mut lines = vec![line(id(1), own.0, half, own.1, true)];
        let mut balance = own.1;
        for (n, (name, sign)) in names.into_iter().zip([1, -1]).enumerate() {
            let items: Vec<&Item> = open
                .1
                .iter()
                .map(|&i| &open.0[i])
                .filter(|i| i.net * sign > 0)
                .collect();
            let sum: i64 = items.iter().map(|i| i.net * sign).sum();
            balance += sum * sign;
            lines.push(line(id(n + 2), name, half, sum, false));
            for (k, item) in items.iter().enumerate() {
                let age = (as_of - item.date).num_days();
                let label = format!(
                    "{} {} {} {}({age}天)",
                    item.date, item.number, item.party, item.text
                );
                let mut detail = line(
                    format!("{}.{}", id(n + 2), k + 1),
                    &label,
                    half,
                    item.net * sign,
                    false,
                );
                detail.indent = 1;
                lines.push(detail);
            }
        }
        lines.push(line(id(4), "调节后余额", half, balance, true));
        adjusted.push(balance);
        out.lines.extend(lines);
    }
    if adjusted[0] != adjusted[1] {
        let mut difference = line(
            "差额".into(),
            "差额(调节后两边不等)",
            Half::Assets,
            adjusted[0] - adjusted[1],
            true,
        );
        difference.half = None;
        out.differences.push(difference);
    }
    out.notes.extend(account.notes.iter().cloned());
    let counts: BTreeMap<&str, usize> = matched.groups.iter().fold(BTreeMap::new(), |mut m, g| {
        *m.entry(g.how).or_default() += 1;
        m
    });
    let counts: Vec<String> = counts
        .iter()
        .map(|(how, n)| format!("{how} {n} 组"))
        .collect();
    out.notes.push(format!(
        "自 {} 起对账:流水 {} 笔、分录 {} 笔;{}。",
        account.since,
        account.bank.len(),
        account.book.len(),
        if counts.is_empty() {
            "没有对上的".to_owned()
        } else {
            format!("对上 {}", counts.join("、"))
        }
    ));
    out
}

fn line(id: String, label: &str, half: Half, fen: i64, total: bool) -> Line {
    Line {
        id,
        label: label.trim().to_owned(),
        indent: 0,
        total,
        half: Some(half),
        amounts: vec![Some(Money(fen))],
        parts: Vec::new(),
        note: String::new(),
    }
}
