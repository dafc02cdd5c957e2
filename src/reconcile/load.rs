//! The two sides of a reconciliation from the store: bank lines by the ledger account that 银行账户 names for their account
//! number, and the entries of that account.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use super::matching::Item;
use crate::ledger::trial_balance::trial_balance;
use crate::model::{Period, PeriodRange, RegisterRow, Table, Value, catalogue};
use crate::statement::StatementError;
use crate::store::Scan;
use crate::store::bulk::statement;
use crate::store::registers;

/// A bank account of the books with both sides up to a day.
#[derive(Debug, Clone)]
pub struct Account {
    pub code: String,
    pub name: String,
    /// First day of the month of the first bank line: what was before is in the opening balances.
    pub since: NaiveDate,
    pub bank: Vec<Item>,
    pub book: Vec<Item>,
    /// 分.
    pub bank_balance: i64,
    pub book_balance: i64,
    pub notes: Vec<String>,
}

/// A bank line with its balance after it.
#[derive(Debug, Clone)]
struct BankLine {
    item: Item,
    account: String,
    order: (NaiveDate, String, u32),
    balance: Option<i64>,
}

/// The bank accounts that have lines up to the end of `last`, and notes on what could not be reconciled.
pub async fn accounts<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    last: Period,
) -> Result<(Vec<Account>, Vec<String>), StatementError> {
    let (codes, mut notes) = ledger_codes(connection, organisation).await?;
    let mut by_code: BTreeMap<String, BTreeMap<String, Vec<BankLine>>> = BTreeMap::new();
    let mut unknown = BTreeSet::new();
    for line in bank_lines(connection, organisation, last.last_day()).await? {
        match codes.get(&line.account) {
            Some(code) => {
                let numbers = by_code.entry(code.clone()).or_default();
                numbers.entry(line.account.clone()).or_default().push(line);
            }
            None => {
                unknown.insert(masked(&line.account));
            }
        }
    }
    if !unknown.is_empty() {
        let list: Vec<String> = unknown.into_iter().collect();
        notes.push(format!(
            "账号 {} 的流水没有在银行账户表中对应到科目,未对账。",
            list.join("、")
        ));
    }
    for code in codes.values().filter(|c| !by_code.contains_key(*c)) {
        notes.push(format!("科目 {code} 没有银行流水,未对账。"));
    }
    let mut out = Vec::new();
    for (code, numbers) in by_code {
        out.push(account(connection, organisation, &code, numbers, last).await?);
    }
    Ok((out, notes))
}

async fn account<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    code: &str,
    numbers: BTreeMap<String, Vec<BankLine>>,
    last: Period,
) -> Result<Account, StatementError> {
    let first = numbers.values().flatten().map(|l| l.item.date).min();
    let since = Period::of(first.unwrap_or(last.first_day()));
    let range = PeriodRange { first: since, last };
    let balance = trial_balance(connection, organisation, range).await?;
    let row = balance.rows.iter().find(|r| r.account == code);
    let mut notes = Vec::new();
    let (mut bank, mut bank_balance) = (Vec::new(), 0);
    let mut opening = 0;
    for (number, mut lines) in numbers {
        lines.sort_by(|a, b| a.order.cmp(&b.order));
        let moved: i64 = lines.iter().map(|l| l.item.net).sum();
        let before = lines.first().and_then(|l| Some(l.balance? - l.item.net));
        let after = lines.last().and_then(|l| l.balance);
        if before.zip(after).is_none() {
            notes.push(format!(
                "账号 {} 的流水没有余额,按发生额推算。",
                masked(&number)
            ));
        } else if before.map(|b| b + moved) != after {
            notes.push(format!(
                "账号 {} 的流水余额不连续,可能缺少流水。",
                masked(&number)
            ));
        }
        opening += before.unwrap_or(0);
        bank_balance += after.unwrap_or(moved);
        bank.extend(lines.into_iter().map(|l| l.item));
    }
    let booked = row.map_or(0, |r| (r.opening_debit - r.opening_credit).0);
    if booked != opening {
        notes.push(format!(
            "{} 时账上余额 {} 元,银行余额 {} 元,相差 {} 元:此前的未达账项不在本表内。",
            since.first_day(),
            crate::model::Money(booked),
            crate::model::Money(opening),
            crate::model::Money(booked - opening)
        ));
    }
    Ok(Account {
        code: code.to_owned(),
        name: row.map_or(String::new(), |r| r.name.clone()),
        since: since.first_day(),
        bank,
        book: entries(connection, organisation, code, range).await?,
        bank_balance,
        book_balance: row.map_or(0, |r| (r.closing_debit - r.closing_credit).0),
        notes,
    })
}

/// Account number (hashed) → ledger account, of accounts that the organisation itself holds.
async fn ledger_codes<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
) -> Result<(BTreeMap<String, String>, Vec<String>), StatementError> {
    let (mut codes, mut notes) = (BTreeMap::new(), Vec::new());
    for (cells, _) in rows(connection, organisation, "bank_account").await? {
        let (number, code) = (cells.text("account_hash"), cells.text("account"));
        if cells.text("holder_kind") == "person" {
            notes.push(format!("账号 {} 以个人名义开立,未对账。", masked(&number)));
        } else if code.is_empty() {
            notes.push(format!(
                "账号 {} 没有登记科目编码,未对账。",
                masked(&number)
            ));
        } else {
            codes.insert(number, code);
        }
    }
    Ok((codes, notes))
}

async fn bank_lines<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    until: NaiveDate,
) -> Result<Vec<BankLine>, StatementError> {
    let mut out = Vec::new();
    for (cells, source_row) in rows(connection, organisation, "bank_txn").await? {
        let Some(Value::Date(date)) = cells.value("date").cloned() else {
            continue;
        };
        if date > until {
            continue;
        }
        let number = cells.text("txn_no");
        out.push(BankLine {
            item: Item {
                date,
                net: cells.int("credit_in").unwrap_or(0) - cells.int("debit_out").unwrap_or(0),
                txn: number.clone(),
                number,
                party: cells.text("peer_name"),
                text: cells.text("memo"),
            },
            account: cells.text("account_hash"),
            order: (date, cells.text("time"), source_row),
            balance: cells.int("balance"),
        });
    }
    out.retain(|l| l.item.net != 0);
    Ok(out)
}

/// The cells of a register row by column name.
struct Cells {
    table: &'static Table,
    row: RegisterRow,
}

impl Cells {
    fn value(&self, column: &str) -> Option<&Value> {
        self.row.values.get(self.table.position(column)?)
    }

    fn text(&self, column: &str) -> String {
        match self.value(column) {
            Some(Value::Text(text)) => text.to_string(),
            _ => String::new(),
        }
    }

    fn int(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        }
    }
}

async fn rows<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    table: &str,
) -> Result<Vec<(Cells, u32)>, StatementError> {
    let Some(table) = catalogue().table(table) else {
        return Ok(Vec::new());
    };
    let stored = registers::load(connection, table, Some(organisation)).await?;
    Ok(stored
        .into_iter()
        .map(|s| {
            let row = s.row.source_row;
            (Cells { table, row: s.row }, row)
        })
        .collect())
}

/// An account number as it may be shown: its last four characters.
fn masked(number: &str) -> String {
    let last = number.rsplit(':').next().unwrap_or_default();
    format!("****{last}")
}

async fn entries<C: ConnectionTrait + Scan>(
    connection: &C,
    organisation: &str,
    code: &str,
    range: PeriodRange,
) -> Result<Vec<Item>, StatementError> {
    let sql = "SELECT v.date, e.debit - e.credit, COALESCE(e.bank_txn_no, ''), v.year, v.month, v.word, v.number, \
               COALESCE(e.counterparty, ''), COALESCE(e.summary, '') FROM entry e \
               JOIN current_voucher v ON v.organisation = e.organisation AND v.position = e.position \
               WHERE e.organisation = ? AND e.account = ? AND v.word <> '期初' AND v.year * 100 + v.month BETWEEN ? AND ? \
               ORDER BY v.date, v.word, LENGTH(v.number), v.number, e.line";
    let ordinal = |p: Period| i64::from(p.year) * 100 + i64::from(p.month);
    let values = [
        organisation.into(),
        code.into(),
        ordinal(range.first).into(),
        ordinal(range.last).into(),
    ];
    let mut out = Vec::new();
    for row in connection
        .query_all_raw(statement(connection, sql, values))
        .await?
    {
        let (year, month): (i64, i64) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        let (word, number): (String, String) = (row.try_get_by_index(5)?, row.try_get_by_index(6)?);
        out.push(Item {
            date: row.try_get_by_index(0)?,
            net: row.try_get_by_index(1)?,
            txn: row.try_get_by_index(2)?,
            number: format!("{year:04}-{month:02}-{word}-{number:0>4}"),
            party: row.try_get_by_index(7)?,
            text: row.try_get_by_index(8)?,
        });
    }
    Ok(out)
}
