//! Statements of banks. A bank writes from its own side: its 借方 is money that went out. Some write one signed amount.

use std::collections::HashMap;

use super::{View, amount, whole};
use crate::import::table::Row;
use crate::import::{cell, codes};
use crate::model::{Money, Place, Problem, Value};

/// A line as far as balances go.
struct Line {
    place: Place,
    /// In less out.
    net: i64,
    balance: Option<Money>,
    date: Option<chrono::NaiveDate>,
}

/// Reads all rows; the balance after each line must be the one before it and the line's amount.
pub(super) fn read(view: &mut View<'_>) {
    if !view.has("account_hash") {
        let place = view.sheet.place(None, None);
        let message = "银行流水没有写账号,不知道是哪个账户的";
        return whole(view, codes::BANK_ACCOUNT_MISSING.at(place, message, ""));
    }
    let mut lines: HashMap<Value, Vec<Line>> = HashMap::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    for row in view.data() {
        let before = view.problems.len();
        if cell::date(view.text(&row, "date"), view.sheet.container).is_none()
            && let Some((kind, _)) = view.no_record(&row)
        {
            view.aside(&row, &kind);
            continue;
        }
        let account = view.cell(&row, "account_hash");
        let date = view.cell(&row, "date");
        let (credit_in, debit_out) = amounts(view, &row);
        let balance = view.money(&row, "balance");
        for field in ["account_hash", "date"] {
            if view.text(&row, field).is_empty() {
                view.problem(codes::CELL_EMPTY, &row, field, "没有填", "");
            }
        }
        let number = number(view, &row, &mut numbers);
        let line = Line {
            place: view
                .sheet
                .place(Some(row.number), view.places.header("balance")),
            net: credit_in.unwrap_or_default().0 - debit_out.unwrap_or_default().0,
            balance,
            date: date.date(),
        };
        let cells = [
            ("account_hash", account.clone()),
            ("txn_no", view.filled(&number)),
            ("date", date),
            ("time", view.cell(&row, "time")),
            ("credit_in", amount(credit_in)),
            ("debit_out", amount(debit_out)),
            ("balance", amount(balance)),
            ("peer_name", view.cell(&row, "peer_name")),
            ("peer_account_hash", view.cell(&row, "peer_account_hash")),
            ("memo", view.cell(&row, "memo")),
        ];
        view.take(&row, before, &cells);
        lines.entry(account).or_default().push(line);
    }
    let mut breaks: Vec<Problem> = lines
        .into_values()
        .filter_map(|l| discontinuity(&l))
        .collect();
    breaks.sort_by_key(|p| p.place.row);
    view.problems.extend(breaks);
}

/// Money in and money out.
fn amounts<'s>(view: &mut View<'s>, row: &Row<'s>) -> (Option<Money>, Option<Money>) {
    if !view.has("amount") {
        return (view.money(row, "credit_in"), view.money(row, "debit_out"));
    }
    let Some(signed) = view.money(row, "amount") else {
        return (None, None);
    };
    let direction = view.text(row, "direction");
    match (view.has("direction"), view.profile.side(direction)) {
        (false, _) if signed.0 < 0 => (None, Some(signed.abs())),
        (false, _) => (Some(signed), None),
        // A correction by the bank is negative and stays on its side.
        (true, Some(true)) => (None, Some(signed)),
        (true, Some(false)) => (Some(signed), None),
        (true, None) => {
            let message = "看不出是收入还是支出";
            view.problem(codes::SIDE_BAD, row, "direction", message, direction);
            (None, None)
        }
    }
}

/// The bank's number of the line. Where it gives none, what the line says stands for it: the same line of another export
/// has the same number, and equal lines are counted.
fn number<'s>(view: &View<'s>, row: &Row<'s>, seen: &mut HashMap<String, u32>) -> String {
    let own = view.text(row, "txn_no");
    if !own.is_empty() {
        return own.to_owned();
    }
    let fields = [
        "date",
        "time",
        "amount",
        "debit_out",
        "credit_in",
        "balance",
    ];
    let texts = fields.map(|field| view.text(row, field));
    let filled: Vec<&str> = texts.into_iter().filter(|t| !t.is_empty()).collect();
    let number = filled.join("/");
    let count = seen.entry(number.clone()).or_default();
    *count += 1;
    match count {
        1 => number,
        n => format!("{number}#{n}"),
    }
}

/// Where the balances of one account do not follow from each other; statements run forwards or backwards.
fn discontinuity(lines: &[Line]) -> Option<Problem> {
    let backwards = match (lines.first()?.date, lines.last()?.date) {
        (Some(first), Some(last)) if first != last => first > last,
        _ => breaks(lines, true).len() < breaks(lines, false).len(),
    };
    let found = breaks(lines, backwards);
    let first = *found.first()?;
    let (line, before) = match backwards {
        true => (&lines[first], &lines[first + 1]),
        false => (&lines[first], &lines[first - 1]),
    };
    let expected = before.balance.map_or(0, |b| b.0) + line.net;
    let message = format!(
        "余额不连续,共 {} 处;第一处余额应为 {},表上是 {}",
        found.len(),
        Money(expected).grouped(),
        line.balance.unwrap_or_default().grouped()
    );
    Some(codes::BANK_BALANCE.at(line.place.clone(), message, ""))
}

/// Indexes of the lines whose balance is not the one before and their amount.
fn breaks(lines: &[Line], backwards: bool) -> Vec<usize> {
    let follows = |before: &Line, after: &Line| match (before.balance, after.balance) {
        (Some(a), Some(b)) => a.0.checked_add(after.net) == Some(b.0),
        _ => true,
    };
    (1..lines.len())
        .filter_map(|i| match backwards {
            true => (!follows(&lines[i], &lines[i - 1])).then_some(i - 1),
            false => (!follows(&lines[i - 1], &lines[i])).then_some(i),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(day: u32, net: i64, balance: i64) -> Line {
        Line {
            place: Place::default(),
            net,
            balance: Some(Money(balance)),
            date: chrono::NaiveDate::from_ymd_opt(2026, 1, day),
        }
    }

    #[test]
    fn balances_follow_forwards_and_backwards() {
        let forwards = [line(1, 100, 100), line(2, -30, 70), line(3, 5, 75)];
        assert!(discontinuity(&forwards).is_none());
        let backwards = [line(3, 5, 75), line(2, -30, 70), line(1, 100, 100)];
        assert!(discontinuity(&backwards).is_none());
        let one_day = [line(2, 5, 75), line(2, -30, 70), line(2, 100, 100)];
        assert!(discontinuity(&one_day).is_none());
        let missing = [line(1, 100, 100), line(3, 5, 75)];
        let problem = discontinuity(&missing).unwrap();
        assert!(
            problem.message.contains("应为 1.05,表上是 0.75"),
            "{problem}"
        );
    }
}
