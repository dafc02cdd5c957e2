//! Opening balances as packages and hand ledgers write them: two columns, or one amount with its side; the account by code
//! or by name; the year in a column, in the title, or nowhere.

use super::{SideFields, View, amount};
use crate::import::codes;
use crate::import::span::Span;
use crate::import::table::Row;
use crate::import::words::Role;
use crate::model::Value;

const BALANCE: SideFields = SideFields {
    debit: "debit",
    credit: "credit",
    single: "balance",
    side: "side",
};

/// Reads all rows. A row without a year is settled when the book is known.
pub(super) fn read(view: &mut View<'_>) {
    let mut turnover = None;
    for row in view.data() {
        let before = view.problems.len();
        let account = view.account(&row);
        let (debit, credit) = view.sides(&row, &BALANCE);
        // A hand ledger names its accounts; the chart knows their codes.
        let named = match &*account.code {
            "" => account.name,
            code => code,
        };
        let total = view
            .no_record(&row)
            .filter(|(_, role)| *role == Role::Total || account.code.is_empty());
        if let Some((kind, _)) = total {
            view.problems.truncate(before);
            view.aside(&row, &kind);
            continue;
        }
        if named.is_empty() {
            view.problem(codes::CELL_EMPTY, &row, "account", "没有科目", "");
        }
        let year = year(view, &row);
        for field in ["year_debit", "year_credit"] {
            let moved = view.money(&row, field).is_some_and(|m| !m.is_zero());
            turnover = turnover.or(moved.then_some(row.number));
        }
        let cells = [
            ("year", year),
            ("account", view.filled(named)),
            ("account_name", view.filled(account.name)),
            ("counterparty", view.filled(view.text(&row, "counterparty"))),
            ("debit", amount(debit)),
            ("credit", amount(credit)),
        ];
        view.take(&row, before, &cells);
    }
    if let Some(row) = turnover {
        let place = view
            .sheet
            .place(Some(row), view.places.header("year_debit"));
        let message = "年中启用的账:本年累计发生额没有对应的凭证,期初按启用时的余额记入";
        view.problems
            .push(codes::OPENING_MIDYEAR.at(place, message, ""));
    }
}

fn year<'s>(view: &mut View<'s>, row: &Row<'s>) -> Value {
    let text = view.text(row, "year");
    if text.is_empty() {
        return Value::Null;
    }
    match crate::import::cell::year(text)
        .ok()
        .or_else(|| Some(Span::parse(text)?.first.year.into()))
    {
        Some(year) => Value::Int(year),
        None => {
            view.problem(codes::NUMBER_BAD, row, "year", "不是年份", text);
            Value::Null
        }
    }
}
