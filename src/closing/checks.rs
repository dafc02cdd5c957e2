//! The checks before a month is closed. Each looks at one thing and names what it found.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use sea_orm::ConnectionTrait;

use crate::ledger::charts;
use crate::ledger::lock::Closing;
use crate::ledger::trial_balance::trial_balance;
use crate::model::voucher::serial;
use crate::model::{Period, PeriodRange, Value, catalogue};
use crate::pack::Pack;
use crate::statement::{Kind, Options, StatementError, prepare};
use crate::store::Scan;
use crate::store::bulk::statement;
use crate::store::registers;

/// Why a month cannot be closed. Each text begins with a stable code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The chain does not verify.
    Chain(String),
    /// Earlier months with a book that are still open.
    EarlierOpen(Vec<Period>),
    /// Vouchers kept outside the books.
    Held(Vec<String>),
    /// Missing voucher numbers: word and numbers.
    Gaps(Vec<String>),
    /// Balances that differ from those the company handed in: account and both amounts.
    Stated(Vec<String>),
    /// Income and expense accounts with a balance at the end of the year.
    ProfitOpen(Vec<String>),
    /// Statements with a difference.
    Statements(Vec<String>),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Chain(what) => write!(
                f,
                "结账-1001 凭证链核验不符:{what}。请运行 sanzi verify 查明"
            ),
            Obstacle::EarlierOpen(periods) => {
                let periods: Vec<String> = periods.iter().map(Period::to_string).collect();
                write!(
                    f,
                    "结账-1002 以前期间尚未结账:{}。请先结这些期间",
                    periods.join("、")
                )
            }
            Obstacle::Held(vouchers) => write!(
                f,
                "结账-1003 有问题的凭证尚未纠正:{}。请改正后重新交来",
                list(vouchers)
            ),
            Obstacle::Gaps(gaps) => write!(
                f,
                "结账-1004 凭证断号:{}。请补交或登记作废;确有原因的,用 --explain 写明",
                list(gaps)
            ),
            Obstacle::Stated(accounts) => write!(
                f,
                "结账-1005 与交来的科目余额表不符:{}。请核对后再结",
                list(accounts)
            ),
            Obstacle::ProfitOpen(accounts) => write!(
                f,
                "结账-1006 年末收入、支出科目尚未结转:{}。请先做结转凭证",
                list(accounts)
            ),
            Obstacle::Statements(differences) => {
                write!(f, "结账-1007 报表不平:{}。请先查明差额", list(differences))
            }
        }
    }
}

/// At most twenty, then how many there are.
fn list(items: &[String]) -> String {
    let shown: Vec<&str> = items.iter().take(20).map(String::as_str).collect();
    let more = match items.len() {
        n if n > 20 => format!(" 等 {n} 项"),
        _ => String::new(),
    };
    format!("{}{more}", shown.join("、"))
}

/// All obstacles to closing the month.
pub async fn obstacles<C: ConnectionTrait + Scan>(
    connection: &C,
    pack: &Pack,
    organisation: &str,
    period: Period,
    closing: &Closing<'_>,
    closed: &HashSet<Period>,
) -> Result<Vec<Obstacle>, StatementError> {
    let mut found = Vec::new();
    let earlier = earlier_open(connection, organisation, period, closed).await?;
    if !earlier.is_empty() {
        found.push(Obstacle::EarlierOpen(earlier));
    }
    let held = held(connection, organisation, period).await?;
    if !held.is_empty() {
        found.push(Obstacle::Held(held));
    }
    let gaps = gaps(connection, organisation, period).await?;
    if !gaps.is_empty() && closing.explained.is_none_or(|e| e.trim().is_empty()) {
        found.push(Obstacle::Gaps(gaps));
    }
    let stated = stated(connection, organisation, period).await?;
    if !stated.is_empty() {
        found.push(Obstacle::Stated(stated));
    }
    if period.month == 12 {
        let open = profit_open(connection, organisation, period).await?;
        if !open.is_empty() {
            found.push(Obstacle::ProfitOpen(open));
        }
    }
    let differences = differences(connection, pack, organisation, period).await?;
    if !differences.is_empty() {
        found.push(Obstacle::Statements(differences));
    }
    Ok(found)
}

/// Months from the first with vouchers up to this one that are not closed.
async fn earlier_open<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    period: Period,
    closed: &HashSet<Period>,
) -> Result<Vec<Period>, StatementError> {
    let sql = "SELECT MIN(year * 100 + month) FROM current_voucher WHERE organisation = ? AND word <> '期初'";
    let row = connection
        .query_one_raw(statement(connection, sql, [organisation.into()]))
        .await?;
    let first: Option<i64> = row.map(|r| r.try_get_by_index(0)).transpose()?.flatten();
    let first = first
        .and_then(|ym| Period::new(i32::try_from(ym / 100).ok()?, u32::try_from(ym % 100).ok()?));
    let mut open = Vec::new();
    let mut at = first.unwrap_or(period);
    while at < period {
        if !closed.contains(&at) {
            open.push(at);
        }
        at = at.next();
    }
    Ok(open)
}

async fn held<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    period: Period,
) -> Result<Vec<String>, StatementError> {
    let sql = "SELECT word, number, codes FROM held_voucher WHERE organisation = ? AND year = ? AND month = ? AND reason = 'defective' AND settled_in IS NULL ORDER BY id";
    let mut out = Vec::new();
    for row in connection
        .query_all_raw(statement(connection, sql, month(organisation, period)))
        .await?
    {
        let cell = |i| row.try_get_by_index::<String>(i);
        out.push(format!("{period}-{}-{}({})", cell(0)?, cell(1)?, cell(2)?));
    }
    Ok(out)
}

fn month(organisation: &str, period: Period) -> [sea_orm::Value; 3] {
    [
        organisation.into(),
        i64::from(period.year).into(),
        i64::from(period.month).into(),
    ]
}

/// Numbers missing in the month, by word. Held and void vouchers have their numbers; the program's own reversals do not
/// count. Where a package numbers on through the year, the month begins after the highest number before it.
async fn gaps<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    period: Period,
) -> Result<Vec<String>, StatementError> {
    let sql = "SELECT month, word, number FROM current_voucher WHERE organisation = ? AND year = ? AND month <= ? AND word NOT IN ('期初', '红冲') \
               UNION SELECT month, word, number FROM held_voucher WHERE organisation = ? AND year = ? AND month <= ? AND settled_in IS NULL";
    let (now, again) = (month(organisation, period), month(organisation, period));
    let values = now.into_iter().chain(again);
    let mut numbers: BTreeMap<String, (BTreeSet<u64>, BTreeSet<u64>)> = BTreeMap::new();
    for row in connection
        .query_all_raw(statement(connection, sql, values))
        .await?
    {
        let at: i64 = row.try_get_by_index(0)?;
        let (word, number): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let Some(number) = serial(&number) else {
            continue;
        };
        let (before, own) = numbers.entry(word).or_default();
        if at == i64::from(period.month) {
            own.insert(number);
        } else {
            before.insert(number);
        }
    }
    let mut out = Vec::new();
    for (word, (before, own)) in numbers {
        let missing = missing(before.last().copied(), &own);
        if !missing.is_empty() {
            out.push(format!("{word}字 {}", missing.join("、")));
        }
    }
    Ok(out)
}

/// Runs of numbers that are missing between the start of the month and its highest number.
fn missing(before: Option<u64>, own: &BTreeSet<u64>) -> Vec<String> {
    let lowest = own.first().copied().unwrap_or(1);
    let mut next = match before {
        Some(highest) if lowest > highest => highest + 1,
        _ => 1,
    };
    let mut runs = Vec::new();
    for &number in own {
        if number > next {
            runs.push(if number - 1 == next {
                format!("{next}")
            } else {
                format!("{next}—{}", number - 1)
            });
        }
        next = next.max(number + 1);
    }
    runs
}

/// Closing balances that differ from the 科目余额表 handed in for the month.
async fn stated<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    period: Period,
) -> Result<Vec<String>, StatementError> {
    let Some(table) = catalogue().table("stated_balance") else {
        return Ok(Vec::new());
    };
    let at = |name: &str| table.position(name).unwrap_or(usize::MAX);
    let columns = [
        "year",
        "month",
        "account",
        "closing_debit",
        "closing_credit",
        "counterparty",
    ]
    .map(at);
    let range = PeriodRange {
        first: period,
        last: period,
    };
    let mut out = Vec::new();
    let mut booked: Option<BTreeMap<String, i64>> = None;
    for stored in registers::load(connection, table, Some(organisation)).await? {
        let cell = |i: usize| stored.row.values.get(columns[i]);
        let int = |i: usize| match cell(i) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        };
        let month = (int(0), int(1));
        let wanted = (Some(i64::from(period.year)), Some(i64::from(period.month)));
        let of_party = matches!(cell(5), Some(Value::Text(_)));
        if month != wanted || of_party || (int(3), int(4)) == (None, None) {
            continue;
        }
        if booked.is_none() {
            let balance = trial_balance(connection, organisation, range).await?;
            let rows = balance.rows.into_iter();
            booked = Some(
                rows.map(|r| (r.account, r.closing_debit.0 - r.closing_credit.0))
                    .collect(),
            );
        }
        let Some(Value::Text(account)) = cell(2) else {
            continue;
        };
        let stated = int(3).unwrap_or(0) - int(4).unwrap_or(0);
        let ours = booked
            .as_ref()
            .and_then(|b| b.get(&**account))
            .copied()
            .unwrap_or(0);
        if stated != ours {
            let (stated, ours) = (crate::model::Money(stated), crate::model::Money(ours));
            out.push(format!("{account}(交来 {stated},账上 {ours})"));
        }
    }
    Ok(out)
}

/// Income and expense accounts that still have a balance.
async fn profit_open<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    period: Period,
) -> Result<Vec<String>, StatementError> {
    let range = PeriodRange {
        first: period,
        last: period,
    };
    let history = charts::history(connection, organisation).await?;
    let chart = history.of(period.year);
    let of_result = |code: &str| chart.account(code).is_some_and(|a| &*a.category == "损益");
    let balance = trial_balance(connection, organisation, range).await?;
    let open = balance
        .rows
        .into_iter()
        .filter(|r| r.is_leaf && of_result(&r.account) && r.closing_debit != r.closing_credit);
    Ok(open
        .map(|r| {
            format!(
                "{} {}({})",
                r.account,
                r.name,
                r.closing_debit - r.closing_credit
            )
        })
        .collect())
}

async fn differences<C: ConnectionTrait + Scan>(
    connection: &C,
    pack: &Pack,
    organisation: &str,
    period: Period,
) -> Result<Vec<String>, StatementError> {
    let options = Options {
        organisation,
        range: PeriodRange {
            first: period,
            last: period,
        },
        kinds: &[Kind::BalanceSheet, Kind::Income],
    };
    let statements = match prepare(connection, pack, &options).await {
        // A month before the first voucher has nothing that could differ.
        Err(StatementError::Empty { .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let lines = statements
        .iter()
        .flat_map(|s| s.differences.iter().map(move |l| (s, l)));
    Ok(lines
        .map(|(s, l)| {
            let amount = l.amounts.first().copied().flatten();
            format!(
                "{} {} {}元",
                s.title,
                l.label,
                amount.unwrap_or(crate::model::Money::ZERO)
            )
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_by_month_and_through_the_year() {
        let set = |n: &[u64]| n.iter().copied().collect::<BTreeSet<u64>>();
        assert_eq!(missing(None, &set(&[1, 2, 5, 7])), ["3—4", "6"]);
        assert_eq!(missing(Some(9), &set(&[1, 2])), Vec::<String>::new());
        assert_eq!(missing(Some(9), &set(&[10, 12])), ["11"]);
        assert_eq!(missing(Some(9), &set(&[12])), ["10—11"]);
        assert_eq!(missing(None, &set(&[])), Vec::<String>::new());
    }
}
