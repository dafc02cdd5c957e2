//! 科目余额 as handed in against what openings and vouchers give: a tie-out, never a source.

use std::collections::{BTreeMap, HashMap};

use super::codes;
use super::handin::{CompanyHandIn, RegisterTable};
use crate::model::{Money, Place, Problems, RegisterRow, Text, Value};

/// Opening (month 0) and movements by year, account and month: debit and credit in 分.
type Movements = HashMap<(i32, Text), BTreeMap<u32, (i64, i64)>>;

/// Every stated balance that differs, one warning each. Years without opening balances are compared in movement only.
pub(super) fn compare(company: &CompanyHandIn) -> Problems {
    let mut problems = Problems::new();
    let tables: Vec<&RegisterTable> = company
        .registers
        .iter()
        .filter(|t| t.table.name == "stated_balance")
        .collect();
    if tables.is_empty() {
        return problems;
    }
    let movements = movements(company);
    let opened: Vec<i32> = company.openings.iter().map(|v| v.id.period.year).collect();
    for table in tables {
        for row in &table.rows {
            problems.extend(compare_row(table, row, &movements, &opened));
        }
    }
    problems
}

/// Sums of each account with everything below it.
fn movements(company: &CompanyHandIn) -> Movements {
    let mut sums = Movements::new();
    for voucher in company.openings.iter().chain(&company.vouchers) {
        let month = if voucher.id.is_opening() {
            0
        } else {
            voucher.id.period.month
        };
        for entry in &voucher.entries {
            let mut next = Some(entry.account.clone());
            // The bound guards against a parent column that runs in a circle.
            for _ in 0..16 {
                let Some(code) = next else { break };
                let sum = sums
                    .entry((voucher.id.period.year, code.clone()))
                    .or_default()
                    .entry(month)
                    .or_default();
                sum.0 = sum.0.saturating_add(entry.debit.0);
                sum.1 = sum.1.saturating_add(entry.credit.0);
                next = company.chart.account(&code).and_then(|a| a.parent.clone());
            }
        }
    }
    sums
}

fn compare_row(
    table: &RegisterTable,
    row: &RegisterRow,
    movements: &Movements,
    opened: &[i32],
) -> Option<crate::model::Problem> {
    let value = |column: &str| table.table.position(column).and_then(|i| row.values.get(i));
    let int = |column: &str| value(column).and_then(Value::int);
    let (year, month) = (
        i32::try_from(int("year")?).ok()?,
        u32::try_from(int("month")?).ok()?,
    );
    let account = value("account")?.text()?;
    let empty = BTreeMap::new();
    let months = movements.get(&(year, account.into())).unwrap_or(&empty);
    let (debit, credit) = months.get(&month).copied().unwrap_or_default();
    let net: i64 = months.range(..=month).map(|(_, (d, c))| d - c).sum();
    let stated = |d: &str, c: &str| Some((int(d)?, int(c)?));
    let mut differences = Vec::new();
    if let Some((d, c)) = stated("debit", "credit")
        && (d, c) != (debit, credit)
    {
        differences.push(format!(
            "本期应为借 {}、贷 {}",
            Money(debit).grouped(),
            Money(credit).grouped()
        ));
    }
    if opened.contains(&year)
        && (int("closing_debit").is_some() || int("closing_credit").is_some())
        && int("closing_debit").unwrap_or(0) - int("closing_credit").unwrap_or(0) != net
    {
        differences.push(format!("期末应为借减贷 {}", Money(net).grouped()));
    }
    if differences.is_empty() {
        return None;
    }
    let place = Place {
        file: table.file.to_string(),
        sheet: table.sheet.as_deref().map(str::to_owned),
        row: Some(row.source_row),
        column: None,
    };
    let message = format!("科目 {account} {year}-{month:02}:{}", differences.join(";"));
    Some(codes::STATED_DIFFERS.at(place, message, ""))
}
