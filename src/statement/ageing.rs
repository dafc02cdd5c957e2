//! 往来账龄: what is still open with each counterparty and since when. What is paid settles the oldest first (FIFO).

use std::collections::{BTreeMap, VecDeque};

use chrono::{Months, NaiveDate};
use sea_orm::ConnectionTrait;
use serde::Deserialize;

use super::prepare::Context;
use super::{Kind, Line, Part, Statement, StatementError};
use crate::ledger::items::{Item, items};
use crate::model::Money;
use crate::pack::Pack;

const FILE: &str = "statements/ageing.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    receivable: Vec<String>,
    payable: Vec<String>,
    bucket: Vec<Bucket>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bucket {
    label: String,
    months: u32,
}

/// Account of the standard and counterparty; a detail account without a named counterparty stands for one.
type Party = (String, String);

pub(super) async fn ageing<C: ConnectionTrait>(
    connection: &C,
    pack: &Pack,
    context: &Context<'_>,
) -> Result<Statement, StatementError> {
    let rules = read(pack)?;
    let mut columns = vec!["期末余额".to_owned()];
    columns.extend(rules.bucket.iter().map(|b| b.label.clone()));
    columns.push(format!("{}以上", last_bound(&rules)));
    let mut out = context.blank(Kind::Ageing, "往来账龄分析表", columns);
    let as_of = context.range.last.last_day();
    let mut of_opening = false;
    for (id, label, tags, sign) in [
        ("应收", "一、应收及预付", &rules.receivable, 1),
        ("应付", "二、应付及预收", &rules.payable, -1),
    ] {
        let accounts: Vec<&str> = context
            .facts
            .accounts
            .iter()
            .filter(|(_, a)| tags.contains(&a.tag))
            .map(|(code, _)| code.as_str())
            .collect();
        let span = (context.history.first_year(context.range.last.year), as_of);
        let found = items(connection, context.organisation, &accounts, span).await?;
        of_opening |= found.iter().any(|i| i.opening);
        let lines = section(context, &rules, found, sign, as_of)?;
        let mut total = heading(id, label, rules.bucket.len() + 2);
        for line in lines.iter().filter(|l| l.indent == 1) {
            for (sum, amount) in total.amounts.iter_mut().zip(&line.amounts) {
                *sum = Some(sum.unwrap_or(Money::ZERO) + amount.unwrap_or(Money::ZERO));
            }
            total.parts.extend(line.parts.iter().cloned());
        }
        out.lines.push(total);
        out.lines.extend(lines);
    }
    out.notes
        .push("先收(付)的款抵先发生的账。与往来方向相反的余额以负数列示。".to_owned());
    if of_opening {
        out.notes
            .push("期初余额没有发生日期,按期初前一日起算,实际账龄更长。".to_owned());
    }
    Ok(out)
}

/// Whether the file of buckets can be used.
///
/// # Errors
/// [`StatementError::Pack`].
pub fn check(pack: &Pack) -> Result<(), StatementError> {
    read(pack).map(|_| ())
}

fn read(pack: &Pack) -> Result<Rules, StatementError> {
    let bad = |reason: String| StatementError::Pack {
        file: FILE.to_owned(),
        reason,
    };
    let text = pack.text(FILE).ok_or_else(|| bad("没有这个文件".into()))?;
    let rules: Rules = toml::from_str(&text).map_err(|e| bad(e.message().to_owned()))?;
    if rules.bucket.is_empty() || !rules.bucket.is_sorted_by(|a, b| a.months < b.months) {
        return Err(bad("bucket 的 months 应由小到大".into()));
    }
    Ok(rules)
}

fn last_bound(rules: &Rules) -> String {
    let months = rules.bucket.last().map_or(0, |b| b.months);
    if months.is_multiple_of(12) {
        format!("{}年", months / 12)
    } else {
        format!("{months}个月")
    }
}

fn heading(id: &str, label: &str, columns: usize) -> Line {
    Line {
        id: id.to_owned(),
        label: label.to_owned(),
        indent: 0,
        total: true,
        half: None,
        amounts: vec![Some(Money::ZERO); columns],
        parts: Vec::new(),
        note: String::new(),
    }
}

/// Lines of one half: each account of the standard, its counterparties under it.
fn section(
    context: &Context<'_>,
    rules: &Rules,
    found: Vec<Item>,
    sign: i128,
    as_of: NaiveDate,
) -> Result<Vec<Line>, StatementError> {
    let mut parties: BTreeMap<Party, Vec<Item>> = BTreeMap::new();
    for item in found {
        let head = context
            .facts
            .head(&item.account)
            .unwrap_or(&item.account)
            .to_owned();
        let party = if item.counterparty.is_empty() {
            item.account.clone()
        } else {
            item.counterparty.clone()
        };
        parties.entry((head, party)).or_default().push(item);
    }
    let mut by_head: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for ((head, party), items) in parties {
        let amounts = buckets(rules, &items, sign, as_of);
        if amounts.iter().all(|a| *a == 0) {
            continue;
        }
        let amounts = amounts.into_iter().map(|a| context.money(a));
        let amounts = amounts.collect::<Result<Vec<Money>, _>>()?;
        // A party that is an account code shows the account's name.
        let known = context
            .facts
            .accounts
            .get(&party)
            .filter(|a| !a.name.is_empty());
        let label = known.map_or(party.clone(), |a| format!("{}(无往来单位)", a.name));
        let mut line = heading("", &label, 0);
        (line.indent, line.total) = (2, false);
        line.parts = parts_of(context, &items, &amounts);
        line.amounts = amounts.into_iter().map(Some).collect();
        by_head.entry(head).or_default().push(line);
    }
    let mut out = Vec::new();
    for (head, lines) in by_head {
        let name = context
            .form
            .chart
            .get(&head)
            .map_or(head.clone(), |a| a.name.clone());
        let mut line = heading(&head, &name, rules.bucket.len() + 2);
        (line.indent, line.total) = (1, false);
        for party in &lines {
            for (sum, amount) in line.amounts.iter_mut().zip(&party.amounts) {
                *sum = Some(sum.unwrap_or(Money::ZERO) + amount.unwrap_or(Money::ZERO));
            }
            line.parts.extend(party.parts.iter().cloned());
        }
        out.push(line);
        out.extend(lines.into_iter().zip(1..).map(|(mut line, n)| {
            line.id = format!("{head}.{n}");
            line
        }));
    }
    Ok(out)
}

/// One part per line: the counterparty, on the account it moved last.
fn parts_of(context: &Context<'_>, items: &[Item], amounts: &[Money]) -> Vec<Part> {
    let last = items.last();
    let account = last.map_or(String::new(), |i| i.account.clone());
    vec![Part {
        name: context.facts.name(&account).to_owned(),
        counterparty: last.map_or(String::new(), |i| i.counterparty.clone()),
        account,
        amounts: amounts.to_vec(),
    }]
}

/// Balance, then what of it falls in each bucket, signed so that the usual direction is positive.
fn buckets(rules: &Rules, items: &[Item], sign: i128, as_of: NaiveDate) -> Vec<i128> {
    let open = settle(items.iter().map(|i| (i.date, i128::from(i.net))));
    let mut amounts = vec![0; rules.bucket.len() + 2];
    for (date, net) in open {
        let bound = |b: &&Bucket| {
            as_of
                .checked_sub_months(Months::new(b.months))
                .is_some_and(|d| date > d)
        };
        let at = rules.bucket.iter().take_while(|b| !bound(b)).count();
        amounts[0] += sign * net;
        amounts[at + 1] += sign * net;
    }
    amounts
}

/// What is left open, oldest first, after each movement has settled the oldest of the other direction.
pub fn settle(movements: impl IntoIterator<Item = (NaiveDate, i128)>) -> Vec<(NaiveDate, i128)> {
    let mut open: VecDeque<(NaiveDate, i128)> = VecDeque::new();
    for (date, mut net) in movements {
        while net != 0 {
            let Some(oldest) = open.front_mut().filter(|o| (o.1 > 0) != (net > 0)) else {
                open.push_back((date, net));
                break;
            };
            let settled = oldest.1.abs().min(net.abs());
            oldest.1 -= settled * oldest.1.signum();
            net -= settled * net.signum();
            if oldest.1 == 0 {
                open.pop_front();
            }
        }
    }
    open.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        crate::model::date::parse_date(text).unwrap()
    }

    #[test]
    fn the_oldest_is_settled_first() {
        let moved = [
            ("2022-05-01", 100),
            ("2023-05-01", 50),
            ("2024-01-01", -120),
        ];
        let open = settle(moved.map(|(d, n)| (day(d), n)));
        assert_eq!(open, [(day("2023-05-01"), 30)]);
        let moved = [
            ("2022-05-01", 100),
            ("2023-05-01", -150),
            ("2024-01-01", -5),
        ];
        let open = settle(moved.map(|(d, n)| (day(d), n)));
        assert_eq!(open, [(day("2023-05-01"), -50), (day("2024-01-01"), -5)]);
    }

    #[test]
    fn a_year_to_the_day_is_more_than_a_year() {
        let rules = read(&Pack::embedded()).unwrap();
        let item = |date: &str, net| Item {
            account: "112".into(),
            counterparty: "甲".into(),
            date: day(date),
            net,
            opening: false,
        };
        let items = [
            item("2019-12-31", 1),
            item("2023-12-31", 20),
            item("2024-01-01", 300),
        ];
        let amounts = buckets(&rules, &items, 1, day("2024-12-31"));
        assert_eq!(amounts, [321, 300, 20, 0, 0, 1]);
    }
}
