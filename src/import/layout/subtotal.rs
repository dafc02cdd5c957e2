//! The 小计 and 合计 rows of a balance table against the rows above them.

use crate::import::codes;
use crate::import::handin::SetAside;
use crate::model::{Money, Place, Problem};

/// Opening, turnover and closing, debit and credit each.
pub(super) type Figures = [Option<Money>; 6];

/// Names of the figures, for people.
pub(super) const NAMES: [&str; 6] = [
    "期初借方",
    "期初贷方",
    "本期借方",
    "本期贷方",
    "期末借方",
    "期末贷方",
];

/// A row that counts: its account and figures.
#[derive(Debug)]
pub(super) struct Counted {
    pub account: String,
    pub figures: Figures,
}

/// A total row with its place among the counted ones.
#[derive(Debug)]
pub(super) struct TotalRow {
    /// How many counted rows stand above it.
    pub after: usize,
    pub figures: Figures,
    pub place: Place,
    pub aside: SetAside,
}

/// Compares every total with the accounts of the highest level above it: since the last total, or since the beginning.
/// A table that prints details without their parents has the details as its highest level.
pub(super) fn check(rows: &[Counted], totals: &[TotalRow]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut since = 0;
    for total in totals {
        let all = sums(rows, 0..total.after);
        let part = sums(rows, since..total.after);
        since = total.after;
        let agrees = |sums: &[i128; 6]| {
            let pairs = total.figures.iter().zip(sums);
            pairs
                .into_iter()
                .all(|(stated, sum)| stated.is_none_or(|s| i128::from(s.0) == *sum))
        };
        if agrees(&all) || agrees(&part) {
            continue;
        }
        let wrong = NAMES.iter().zip(&total.figures).zip(&all);
        let list: Vec<String> = wrong
            .filter_map(|((name, stated), sum)| {
                let stated = stated.filter(|s| i128::from(s.0) != *sum)?;
                let sum = Money(i64::try_from(*sum).ok()?);
                Some(format!(
                    "{name}行上 {}、明细 {}",
                    stated.grouped(),
                    sum.grouped()
                ))
            })
            .collect();
        let message = format!("{}与明细不符:{}", total.aside.kind, list.join(";"));
        problems.push(codes::TOTAL_DIFFERS.at(total.place.clone(), message, &total.aside.text));
    }
    problems
}

fn sums(rows: &[Counted], range: std::ops::Range<usize>) -> [i128; 6] {
    let rows = &rows[range];
    let mut sums = [0; 6];
    for row in rows.iter().filter(|row| is_top(rows, &row.account)) {
        for (sum, figure) in sums.iter_mut().zip(&row.figures) {
            *sum += figure.map_or(0, |m| i128::from(m.0));
        }
    }
    sums
}

/// No other row is an account above it.
fn is_top(rows: &[Counted], account: &str) -> bool {
    !rows.iter().any(|other| is_below(account, &other.account))
}

/// `100201` and `1002.01` are below `1002`. In one table all codes of one level are of one length, so a prefix is an
/// ancestor.
pub(super) fn is_below(account: &str, other: &str) -> bool {
    account.len() > other.len() && account.starts_with(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(account: &str, fen: i64) -> Counted {
        Counted {
            account: account.to_owned(),
            figures: [Some(Money(fen)), None, None, None, None, None],
        }
    }

    fn total(after: usize, fen: i64) -> TotalRow {
        TotalRow {
            after,
            figures: [Some(Money(fen)), None, None, None, None, None],
            place: Place::default(),
            aside: SetAside {
                row: 0,
                kind: "小计".to_owned(),
                text: String::new(),
            },
        }
    }

    #[test]
    fn parents_count_once_and_totals_add_up() {
        let rows = [
            row("1001", 5),
            row("1002", 7),
            row("100201", 7),
            row("2001", 3),
        ];
        assert!(check(&rows, &[total(3, 12), total(4, 3), total(4, 15)]).is_empty());
        let wrong = check(&rows, &[total(3, 13)]);
        assert!(wrong[0].message.contains("明细 0.12"), "{}", wrong[0]);
    }
}
