//! Registers that every company keeps whatever its business: accounts, officers, bank account, periods, disclosures.

use chrono::Datelike;

use super::GenerateError;
use super::account::A;
use super::book::Book;
use super::calendar::{self, month_of, plus};
use super::street::{DUTIES, person};
use crate::model::Money;

/// Everything known before the first month.
pub fn write(book: &mut Book) -> Result<(), GenerateError> {
    accounts(book)?;
    officers(book)?;
    bank_accounts(book)?;
    disclosures(book)
}

fn accounts(book: &mut Book) -> Result<(), GenerateError> {
    let village = book.village;
    for account in A::all() {
        let name = account.name(village);
        let name = name.rsplit('-').next().unwrap_or(name);
        let side = if account.is_credit() { "贷" } else { "借" };
        let tag = if account == A::Internal {
            "internal_current"
        } else {
            ""
        };
        let leaf = if account == A::Admin { "否" } else { "是" };
        let stopped = if account == A::Meeting {
            "2023-12-31"
        } else {
            ""
        };
        book.folder.row(
            "account",
            &[
                ("code", &account.code(village)),
                ("name", &name),
                ("normal_side", &side),
                ("is_leaf", &leaf),
                ("tag", &tag),
                ("active_to", &stopped),
            ],
        )?;
    }
    Ok(())
}

fn officers(book: &mut Book) -> Result<(), GenerateError> {
    for (n, (duty, role)) in DUTIES.iter().enumerate() {
        let name = book.staff(duty);
        book.folder.row(
            "staff_role",
            &[
                ("person", &person(book.index, n)),
                ("name", &name),
                ("duty", role),
                ("start_date", &"2020-01-01"),
            ],
        )?;
    }
    Ok(())
}

fn bank_accounts(book: &mut Book) -> Result<(), GenerateError> {
    for (account, purpose) in [(A::Bank, "基本户"), (A::CompBank, "征地补偿专户")] {
        let no = book.account_no(account);
        book.folder.row(
            "bank_account",
            &[
                ("account_hash", &no),
                ("holder_name", &book.name),
                ("holder_kind", &"单位"),
                ("bank", &"甲农商行"),
                ("purpose", &purpose),
                ("account", &account.code(book.village)),
                ("opened_on", &"2018-05-01"),
                ("pledged", &"否"),
            ],
        )?;
    }
    Ok(())
}

fn disclosures(book: &mut Book) -> Result<(), GenerateError> {
    for month in 0..book.months {
        let start = month_of(book.first, month);
        if book.hidden_quarter == Some(month / 3) {
            continue;
        }
        disclose(
            book,
            &start.format("%Y-%m").to_string(),
            plus(calendar::month_end(start), 8),
        )?;
        if start.month().is_multiple_of(3) {
            let period = format!("{}Q{}", start.year(), start.month() / 3);
            disclose(book, &period, plus(calendar::month_end(start), 9))?;
        }
    }
    Ok(())
}

fn disclose(book: &mut Book, period: &str, on: chrono::NaiveDate) -> Result<(), GenerateError> {
    book.folder.row(
        "disclosure",
        &[
            ("disclosure_no", &format_args!("GK-{period}")),
            ("kind", &"财务收支"),
            ("period", &period),
            ("published_on", &on),
            ("channel", &"公开栏"),
        ],
    )
}

/// The month is closed on the 9th of the next; the last one is still open.
pub fn month(book: &mut Book, month: u32) -> Result<(), GenerateError> {
    let start = month_of(book.first, month);
    let late = if book.odd.late_closing == Some(month) {
        14
    } else {
        0
    };
    let closed = plus(calendar::month_end(start), 9 + late);
    let cells: [(&str, &dyn std::fmt::Display); 3] = [
        ("year", &start.year()),
        ("month", &start.month()),
        (
            "status",
            if month + 1 < book.months {
                &"已结"
            } else {
                &"未结"
            },
        ),
    ];
    if month + 1 < book.months {
        let clerk = book.staff("会计");
        let more: [(&str, &dyn std::fmt::Display); 2] =
            [("closed_on", &closed), ("closed_by", &clerk)];
        book.folder.row("period", &[&cells[..], &more[..]].concat())
    } else {
        book.folder.row("period", &cells)
    }
}

/// What can be written only when the month's vouchers are: the count of the cash box, and the figures of the disclosure.
pub fn month_end(book: &mut Book, month: u32) -> Result<(), GenerateError> {
    let start = month_of(book.first, month);
    if book.odd.uncounted != Some(month) {
        count_cash(book, calendar::month_end(start))?;
    }
    if book.hidden_quarter == Some(month / 3) {
        return Ok(());
    }
    let off = book
        .odd
        .misstated
        .filter(|o| o.0 == month)
        .map_or(0, |o| o.1);
    let money = book.total(A::Cash) + book.total(A::Bank) + book.total(A::CompBank);
    let no = format!("GK-{}", start.format("%Y-%m"));
    for (item, fen) in [
        ("收入合计", book.earned + off),
        ("支出合计", book.spent),
        ("货币资金", money),
    ] {
        book.folder.row(
            "disclosure_item",
            &[
                ("disclosure_no", &no),
                ("item", &item),
                ("amount", &Money(fen)),
            ],
        )?;
    }
    Ok(())
}

/// The cashier counts, the accountant watches.
fn count_cash(book: &mut Book, day: chrono::NaiveDate) -> Result<(), GenerateError> {
    let have = book.total(A::Cash);
    let (cashier, witness) = (book.staff("出纳"), book.staff("会计"));
    book.folder.row(
        "cash_count",
        &[
            ("date", &day),
            ("counted", &Money(have.max(0))),
            ("book", &Money(have)),
            ("iou", &Money(0)),
            ("counters", &cashier),
            ("witness", &witness),
        ],
    )
}
