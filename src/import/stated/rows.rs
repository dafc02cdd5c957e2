//! The rows of 科目余额 tables, ready to be compared.

use crate::import::handin::RegisterTable;
use crate::import::span::Span;
use crate::model::{Period, Place, RegisterRow, Text, Value};

/// Names of what is compared, for people.
pub const NAMES: [&str; 4] = ["期初余额", "本期借方", "本期贷方", "期末余额"];

/// One row: opening, debit, credit, closing of an account over months of one year, in 分; balances are debit less credit.
#[derive(Debug, Clone)]
pub struct Stated {
    pub span: Span,
    pub account: Text,
    pub counterparty: Option<Text>,
    pub figures: [Option<i64>; 4],
    pub place: Place,
}

/// All rows that name a month. The others are problems already.
pub fn rows(tables: &[RegisterTable]) -> Vec<Stated> {
    let tables = tables.iter().filter(|t| t.table.name == "stated_balance");
    tables
        .flat_map(|table| table.rows.iter().filter_map(|row| stated(table, row)))
        .collect()
}

fn stated(table: &RegisterTable, row: &RegisterRow) -> Option<Stated> {
    let value = |name: &str| row.values.get(table.table.position(name)?);
    let int = |name: &str| value(name).and_then(Value::int);
    let text = |name: &str| value(name).and_then(Value::text).map(Text::from);
    let period = |month: i64| {
        Period::new(
            i32::try_from(int("year")?).ok()?,
            u32::try_from(month).ok()?,
        )
    };
    let last = int("month")?;
    let first = int("first_month").unwrap_or(last);
    let net = |debit: &str, credit: &str| match (int(debit), int(credit)) {
        (None, None) => None,
        (debit, credit) => Some(debit.unwrap_or(0).saturating_sub(credit.unwrap_or(0))),
    };
    Some(Stated {
        span: Span {
            first: period(first)?,
            last: period(last)?,
        },
        account: text("account")?,
        counterparty: text("counterparty"),
        figures: [
            net("opening_debit", "opening_credit"),
            int("debit"),
            int("credit"),
            net("closing_debit", "closing_credit"),
        ],
        place: Place {
            file: table.file.to_string(),
            sheet: table.sheet.as_deref().map(str::to_owned),
            row: Some(row.source_row),
            column: None,
        },
    })
}
