//! The books themselves.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::business::purchase_as;
use super::super::calendar::plus;
use super::{GenerateError, Injection, day, other_way, repair};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    Injection::new("L-001", 3, unbalanced),
    Injection::new("L-002", 3, number_missing),
    // The month must have been closed since.
    Injection::new("L-003", 4, entered_after_closing),
    Injection::new("L-004", 13, opening_raised),
    Injection::new("L-005", 2, wrong_account),
    Injection::new("L-006", 2, balance_list_off),
    // Items are stale after thirty days.
    Injection::new("L-007", 3, not_in_the_books),
    Injection::new("L-008", 2, paid_from_nothing),
    // The month, the next days' grace, and a count after it.
    Injection::new("L-009", 3, cash_not_counted),
    // The month must have been closed since.
    Injection::new("L-010", 3, exported_twice),
    Injection::new("L-011", 3, closed_late),
];

fn unbalanced(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(900, 3_000);
    let off = book.rng.between(1, 50_000);
    let lines = vec![dr(A::Salary, fen, ""), cr(A::Wages, fen - off, "")];
    let mut draft = Draft::new(day(book, 2, 11), "分摊值班费", lines);
    draft.bad = true;
    book.post(draft.after(After::Label("L-001")));
    Ok(())
}

fn number_missing(book: &mut Book) -> Result<(), GenerateError> {
    let mut draft = repair(day(book, 2, 11), "付五金款", 31_415, "辛五金店");
    draft.skip_number = true;
    let month = draft.date.format("%Y-%m").to_string();
    book.post(draft);
    book.label("L-002", format!("{month}|记"));
    Ok(())
}

fn entered_after_closing(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(600, 9_000), "乙绿化队");
    let mut draft = repair(day(book, 2, 11), "补记绿化费", fen, party);
    draft.entered = Some(plus(draft.date, 60));
    purchase_as(book, draft.after(After::Label("L-003")), fen, party)?;
    Ok(())
}

/// Fixed assets and capital are raised between the years, without a voucher.
fn opening_raised(book: &mut Book) -> Result<(), GenerateError> {
    book.opening_shift = Some((2025, book.rng.odd_money(1, 500_000)));
    for account in [A::Fixed, A::Capital] {
        let code = account.code(book.village);
        book.label("L-004", format!("2025|{code}"));
    }
    // The cards stay as they were, and so does what the members paid into the joint company.
    book.label("L-006", "固定资产卡片|固定资产原值");
    if book.index > 0 && book.joint.is_none() {
        let key = format!("全体|{}", book.code);
        book.label("J-003", key);
    }
    Ok(())
}

/// Booked on an account above the details, or on one that was stopped (such a voucher is held outside the books).
fn wrong_account(book: &mut Book) -> Result<(), GenerateError> {
    let (account, issue) = if other_way(book) {
        (A::Meeting, "已停用科目")
    } else {
        (A::Admin, "非末级科目")
    };
    let (fen, party) = (book.rng.odd_money(600, 6_000), "戊会务公司");
    let lines = vec![dr(account, fen, party), cr(A::Bank, fen, party)];
    let mut draft = Draft::new(day(book, 1, 13), "付培训会务费", lines);
    draft.bad = account == A::Meeting;
    purchase_as(book, draft, fen, party)?;
    let code = account.code(book.village);
    book.label("L-005", format!("{code}|{issue}"));
    Ok(())
}

/// The list of balances handed in shows more reserve than the account, which nothing moves.
fn balance_list_off(book: &mut Book) -> Result<(), GenerateError> {
    let (account, off) = (A::Reserve, book.rng.between(1, 90_000));
    let stated = Money(off - book.total(account));
    let (code, name) = (account.code(book.village), account.name(book.village));
    book.folder.row(
        "stated_balance",
        &[
            ("year", &2024),
            ("month", &2),
            ("account", &code),
            ("closing_credit", &stated),
        ],
    )?;
    book.label("L-006", format!("科目余额表|{code}{name}"));
    Ok(())
}

/// The bank knows of money that came in, or came in and went out again, and the books do not.
fn not_in_the_books(book: &mut Book) -> Result<(), GenerateError> {
    let (date, fen) = (day(book, 0, 20), book.rng.odd_money(2_000, 30_000));
    let mut lines = vec![dr(A::Bank, fen, "外来往来户")];
    let mut issue = "银行已记账未记";
    if other_way(book) {
        lines.push(cr(A::Bank, fen, "外来收款户"));
        issue = "一进一出未入账";
    }
    let mut draft = Draft::new(date, "转账", lines);
    draft.statement_only = true;
    book.post(draft);
    let account = book.account_no(A::Bank);
    let key = format!(
        "{}(尾号{})|{issue}",
        book.name,
        &account[account.len() - 4..]
    );
    book.label("L-007", key);
    Ok(())
}

/// Paid out of an account that holds nothing: a dividend that was not declared, or a collective's other capital.
fn paid_from_nothing(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(300, 900), "己货运户");
    let account = if book.village {
        A::Surplus
    } else {
        A::Dividend
    };
    let lines = vec![dr(account, fen, party), cr(A::Bank, fen, party)];
    book.post(Draft::new(day(book, 1, 15), "退往年款项", lines));
    book.label("L-008", account.code(book.village));
    Ok(())
}

fn cash_not_counted(book: &mut Book) -> Result<(), GenerateError> {
    book.odd.uncounted = Some(1);
    book.label("L-009", "2024-02|没有盘点");
    Ok(())
}

/// An earlier export lies beside the present one, with another amount under the same number. Both are held; the number counts
/// as used twice.
fn exported_twice(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(900, 3_000);
    for (file, more) in [
        (None, 0),
        (Some("凭证(更正前)"), book.rng.between(1, 90_000)),
    ] {
        for (line, account, side) in [(1, A::Salary, "debit"), (2, A::Wages, "credit")] {
            let (maker, checker) = (book.staff("会计"), book.staff("复核"));
            let cells: [(&str, &dyn std::fmt::Display); 14] = [
                ("date", &"2024-02-27"),
                ("word", &"更"),
                ("number", &"0001"),
                ("line", &line),
                ("summary", &"分摊值班费"),
                ("account", &account.code(book.village)),
                ("account_name", &account.name(book.village)),
                (side, &Money(fen + more)),
                ("attachments", &1),
                ("maker", &maker),
                ("checker", &checker),
                ("poster", &checker),
                ("entered_at", &"2024-02-27 10:00"),
                ("source", &"手工"),
            ];
            match file {
                Some(file) => book.folder.row_in(file, "voucher", &cells)?,
                None => book.folder.row("voucher", &cells)?,
            }
        }
    }
    book.label("L-010", "2024-02-更-0001");
    book.label("L-002", "2024-02|更");
    Ok(())
}

fn closed_late(book: &mut Book) -> Result<(), GenerateError> {
    book.odd.late_closing = Some(1);
    book.label("L-011", "2024|结账逾期");
    Ok(())
}
