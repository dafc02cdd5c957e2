//! Opening balances → one voucher a year, word 期初, number 0, dated 1 January: one entry per account and counterparty.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use crate::model::voucher::OPENING_WORD;
use crate::model::{
    Chart, Charts, Entry, Money, Period, Place, Problem, Problems, RegisterRow, Source, Text,
    Value, Voucher, VoucherId,
};

use super::check;
use super::codes::{self, Code};
use super::handin::{FileAccount, RegisterTable};
use super::named;

/// The opening of one year with its problems, and the rows of each file that went into it.
#[derive(Debug)]
pub struct Opening {
    pub voucher: Voucher,
    pub problems: Vec<Problem>,
    /// File, row.
    pub rows: Vec<(usize, u32)>,
}

/// Rows that carry nothing of their own: file, row, kind.
pub type Aside = (usize, u32, &'static str);

struct Line {
    file: usize,
    row: u32,
    source: Source,
    account: Text,
    counterparty: Option<Text>,
    debit: Money,
    credit: Money,
}

/// Builds the openings of all years.
pub fn build(tables: &[(usize, RegisterTable)], charts: Charts<'_>) -> (Vec<Opening>, Vec<Aside>) {
    let mut years: BTreeMap<i32, Vec<Line>> = BTreeMap::new();
    for (file, table) in tables {
        for row in &table.rows {
            if let Some((year, line)) = line(*file, table, row) {
                years.entry(year).or_default().push(line);
            }
        }
    }
    let mut aside = Vec::new();
    let openings = years
        .into_iter()
        .filter_map(|(year, lines)| opening(year, lines, charts.of(year), &mut aside))
        .collect();
    (openings, aside)
}

/// Openings without a year belong to the year of the vouchers, if these have only one. Other such rows are refused.
pub fn settle_years(
    tables: &mut [(usize, RegisterTable)],
    years: &BTreeSet<i32>,
    accounts: &mut [FileAccount],
) -> Problems {
    let only = (years.len() == 1).then(|| years.first()).flatten();
    revise(tables, accounts, "year", |value| match (value, only) {
        (Value::Null, Some(year)) => Ok(Some(Value::Int(i64::from(*year)))),
        (Value::Null, None) => Err((codes::YEAR_MISSING, "不知道是哪一年的期初".to_owned())),
        _ => Ok(None),
    })
}

/// Accounts that a hand ledger names get their codes. Names that fit no account, or several, are refused.
pub fn settle_names(
    tables: &mut [(usize, RegisterTable)],
    chart: &Chart,
    accounts: &mut [FileAccount],
) -> Problems {
    revise(tables, accounts, "account", |value| match value.text() {
        Some(name) if !name.starts_with(|c: char| c.is_ascii_digit()) => {
            let code = named::account(chart, name);
            let code =
                code.map_err(|why| (codes::ACCOUNT_NAME_UNCLEAR, format!("科目「{name}」{why}")))?;
            Ok(Some(Value::Text(code)))
        }
        _ => Ok(None),
    })
}

/// Changes one cell of each row, or refuses the row.
fn revise(
    tables: &mut [(usize, RegisterTable)],
    accounts: &mut [FileAccount],
    column: &str,
    change: impl Fn(&Value) -> Result<Option<Value>, (&'static Code, String)>,
) -> Problems {
    let mut problems = Problems::new();
    for (file, table) in tables {
        let Some(at) = table.table.position(column) else {
            continue;
        };
        let place = |row: &RegisterRow| Place {
            file: table.file.to_string(),
            sheet: table.sheet.as_deref().map(str::to_owned),
            row: Some(row.source_row),
            column: None,
        };
        table.rows.retain_mut(|row| match change(&row.values[at]) {
            Ok(new) => {
                if let Some(new) = new {
                    row.values[at] = new;
                }
                true
            }
            Err((code, message)) => {
                problems.push(code.at(place(row), message, ""));
                accounts[*file].taken -= 1;
                accounts[*file].refused += 1;
                false
            }
        });
    }
    problems
}

fn line(file: usize, table: &RegisterTable, row: &RegisterRow) -> Option<(i32, Line)> {
    let value = |name: &str| row.values.get(table.table.position(name)?);
    let text = |name: &str| value(name).and_then(Value::text).map(Text::from);
    let money = |name: &str| Money(value(name).and_then(Value::int).unwrap_or(0));
    let year = i32::try_from(value("year")?.int()?).ok()?;
    let source = Source {
        file: table.file.clone(),
        sheet: table.sheet.clone(),
        row: row.source_row,
    };
    Some((
        year,
        Line {
            file,
            row: row.source_row,
            source,
            account: text("account")?,
            counterparty: text("counterparty"),
            debit: money("debit"),
            credit: money("credit"),
        },
    ))
}

fn opening(year: i32, lines: Vec<Line>, chart: &Chart, aside: &mut Vec<Aside>) -> Option<Opening> {
    let summed = summary_accounts(&lines, chart);
    let date = NaiveDate::from_ymd_opt(year, 1, 1)?;
    let mut rows = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut at: HashMap<(Text, Option<Text>), usize> = HashMap::new();
    let mut source = None;
    for line in lines {
        if line.debit.is_zero() && line.credit.is_zero() {
            aside.push((line.file, line.row, "零余额"));
            continue;
        }
        if summed.contains_key(&line.account) {
            aside.push((line.file, line.row, "上级科目汇总"));
            continue;
        }
        rows.push((line.file, line.row));
        source.get_or_insert(line.source);
        let key = (line.account.clone(), line.counterparty.clone());
        let index = *at.entry(key).or_insert(entries.len());
        if index < entries.len() {
            let entry = &mut entries[index];
            entry.debit = entry.debit.checked_add(line.debit)?;
            entry.credit = entry.credit.checked_add(line.credit)?;
        } else {
            entries.push(Entry {
                line: index as u32 + 1,
                summary: Some("期初余额".into()),
                account_name: chart.account(&line.account).map(|a| a.name.clone()),
                account: line.account,
                debit: line.debit,
                credit: line.credit,
                counterparty: line.counterparty,
                source_row: line.row,
                ..Entry::default()
            });
        }
    }
    let id = VoucherId::new(Period::of(date), OPENING_WORD.into(), "0");
    let voucher = Voucher::new(id, date, source?, entries);
    let mut problems = Vec::new();
    check::voucher(
        &voucher,
        &check::KnownAccounts::new(chart),
        true,
        &mut problems,
    );
    Some(Opening {
        voucher,
        problems,
        rows,
    })
}

/// Accounts whose balance only repeats the sum of the accounts below them, as trial balances print them.
fn summary_accounts(lines: &[Line], chart: &Chart) -> HashMap<Text, Money> {
    let mut own: HashMap<&Text, Money> = HashMap::new();
    let mut above: HashMap<&Text, bool> = HashMap::new();
    for line in lines {
        let net = own.entry(&line.account).or_default();
        *net = Money(
            net.0
                .saturating_add(line.debit.0)
                .saturating_sub(line.credit.0),
        );
    }
    let ancestors = |code: &str| {
        let mut chain = Vec::new();
        let mut next = chart.account(code).and_then(|a| a.parent.as_ref());
        while let Some(parent) = next.filter(|_| chain.len() < 16) {
            chain.push(parent);
            next = chart.account(parent).and_then(|a| a.parent.as_ref());
        }
        chain
    };
    let mut below: HashMap<&Text, Money> = HashMap::new();
    for code in own.keys() {
        for ancestor in ancestors(code) {
            above.insert(ancestor, true);
        }
    }
    for (code, net) in own.iter().filter(|(code, _)| !above.contains_key(*code)) {
        for ancestor in ancestors(code) {
            let sum = below.entry(ancestor).or_default();
            *sum = Money(sum.0.saturating_add(net.0));
        }
    }
    let repeats = |code: &Text, net: Money| below.get(code).is_some_and(|sum| *sum == net);
    own.iter()
        .filter(|(code, net)| repeats(code, **net))
        .map(|(code, net)| ((*code).clone(), *net))
        .collect()
}
