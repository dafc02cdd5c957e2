//! 期初余额 → one voucher a year, with the word 期初, dated 1 January.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::handin::RegisterTable;
use crate::model::voucher::OPENING_WORD;
use crate::model::{Entry, Money, Period, RegisterRow, Source, Text, Value, Voucher, VoucherId};

/// Builds the opening vouchers, in order of year. A row with amounts on both sides gives two entries; one without any, none.
pub(super) fn vouchers(tables: &[&RegisterTable]) -> Vec<Voucher> {
    let mut years: BTreeMap<i32, Voucher> = BTreeMap::new();
    for table in tables {
        for row in &table.rows {
            let Some(year) = year(table, row) else {
                continue;
            };
            let Some(period) = Period::new(year, 1) else {
                continue;
            };
            let voucher = years
                .entry(year)
                .or_insert_with(|| empty(table, row, period));
            add_row(voucher, table, row);
        }
    }
    years
        .into_values()
        .filter(|v| !v.entries.is_empty())
        .collect()
}

fn value<'r>(table: &RegisterTable, row: &'r RegisterRow, column: &str) -> Option<&'r Value> {
    row.values.get(table.table.position(column)?)
}

fn year(table: &RegisterTable, row: &RegisterRow) -> Option<i32> {
    i32::try_from(value(table, row, "year")?.int()?).ok()
}

fn empty(table: &RegisterTable, row: &RegisterRow, period: Period) -> Voucher {
    Voucher {
        id: VoucherId::new(period, OPENING_WORD.into(), "0"),
        date: NaiveDate::from_ymd_opt(period.year, 1, 1).unwrap_or_default(),
        attachments: None,
        maker: None,
        checker: None,
        poster: None,
        cashier: None,
        entered_at: None,
        reverses: None,
        origin: None,
        source: Source {
            file: table.file.clone(),
            sheet: table.sheet.clone(),
            row: row.source_row,
        },
        entries: Vec::new(),
    }
}

fn add_row(voucher: &mut Voucher, table: &RegisterTable, row: &RegisterRow) {
    let text = |column: &str| {
        value(table, row, column)
            .and_then(Value::text)
            .map(Text::from)
    };
    let money = |column: &str| Money(value(table, row, column).and_then(Value::int).unwrap_or(0));
    let (debit, credit) = (money("debit"), money("credit"));
    for (debit, credit) in [(debit, Money::ZERO), (Money::ZERO, credit)] {
        if debit.is_zero() && credit.is_zero() {
            continue;
        }
        voucher.entries.push(Entry {
            line: voucher.entries.len() as u32 + 1,
            summary: Some("期初余额".into()),
            account: text("account").unwrap_or_default(),
            debit,
            credit,
            counterparty: text("counterparty"),
            source_row: row.source_row,
            ..Entry::default()
        });
    }
}
