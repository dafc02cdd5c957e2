//! 科目余额表 of a package, with or without a row for each auxiliary item.

use super::subtotal::{self, Counted, Figures, TotalRow};
use super::{Named, SideFields, View, amount, whole};
use crate::import::codes;
use crate::import::handin::SetAside;
use crate::import::span::Span;
use crate::import::table::Row;
use crate::import::words::Role;
use crate::model::{Money, Text, Value};

const OPENING: SideFields = SideFields {
    debit: "opening_debit",
    credit: "opening_credit",
    single: "opening",
    side: "opening_side",
};
const CLOSING: SideFields = SideFields {
    debit: "closing_debit",
    credit: "closing_credit",
    single: "closing",
    side: "closing_side",
};

/// Reads all rows, then ties the totals out.
pub(super) fn read(view: &mut View<'_>) {
    if !["year", "month", "period"]
        .iter()
        .any(|field| view.has(field))
    {
        let place = view.sheet.place(None, None);
        return whole(
            view,
            codes::PERIOD_MISSING.at(place, "科目余额表没有写期间", ""),
        );
    }
    let (mut counted, mut totals) = (Vec::new(), Vec::new());
    let mut items = Items::default();
    for row in view.data() {
        let before = view.problems.len();
        let account = view.account(&row);
        let figures = figures(view, &row);
        if !account.code.starts_with(|c: char| c.is_ascii_digit()) {
            no_account(view, &row, (before, figures), counted.len(), &mut totals);
            continue;
        }
        let span = span(view, &row);
        let (party, is_item) = party(view, &row);
        // Only parties are kept one by one; departments and the like count in the row of their account.
        if is_item && party.is_empty() && view.problems.len() == before {
            items.add(&account.code, figures);
            view.aside(&row, "辅助明细");
            continue;
        }
        if is_item {
            items.add(&account.code, figures);
        } else {
            items.close(view, &row, &account.code, &figures);
            counted.push(Counted {
                account: account.code.to_string(),
                figures,
            });
        }
        take(view, &row, before, span, &account, party, figures);
    }
    view.problems.extend(subtotal::check(&counted, &totals));
    view.set_aside.extend(totals.into_iter().map(|t| t.aside));
}

/// The party of a row of an auxiliary item, and whether it is one.
fn party<'s>(view: &View<'s>, row: &Row<'s>) -> (&'s str, bool) {
    let (party, item) = (view.text(row, "counterparty"), view.text(row, "aux"));
    let items = &view.words.aux;
    match (party, item) {
        ("", item) => (
            items.items(item).counterparty.unwrap_or(""),
            !item.is_empty(),
        ),
        (party, _) => (items.items(party).counterparty.unwrap_or(party), true),
    }
}

fn take<'s>(
    view: &mut View<'s>,
    row: &Row<'s>,
    before: usize,
    span: Option<Span>,
    account: &Named<'s>,
    party: &str,
    figures: Figures,
) {
    let (year, first, last) =
        span.map_or((0, 0, 0), |s| (s.first.year, s.first.month, s.last.month));
    // `银行存款科目合计` is the row of the account itself.
    let name = ["合计", "小计", "科目"]
        .into_iter()
        .fold(account.name, |name, word| {
            name.strip_suffix(word).unwrap_or(name)
        });
    let [
        opening_debit,
        opening_credit,
        debit,
        credit,
        closing_debit,
        closing_credit,
    ] = figures.map(amount);
    let cells = [
        ("year", Value::Int(year.into())),
        ("month", Value::Int(last.into())),
        (
            "first_month",
            if first == last {
                Value::Null
            } else {
                Value::Int(first.into())
            },
        ),
        ("account", Value::Text(account.code.clone())),
        ("account_name", view.filled(name)),
        ("counterparty", view.filled(party)),
        ("opening_debit", opening_debit),
        ("opening_credit", opening_credit),
        ("debit", debit),
        ("credit", credit),
        ("closing_debit", closing_debit),
        ("closing_credit", closing_credit),
    ];
    view.take(row, before, &cells);
}

/// A total to be tied out, or another row without an account.
fn no_account<'s>(
    view: &mut View<'s>,
    row: &Row<'s>,
    (before, figures): (usize, Figures),
    after: usize,
    totals: &mut Vec<TotalRow>,
) {
    match view.no_record(row) {
        Some((kind, Role::Total)) => totals.push(TotalRow {
            after,
            figures,
            place: view.sheet.place(Some(row.number), None),
            aside: SetAside {
                row: row.number,
                kind,
                text: row.joined(),
            },
        }),
        Some((kind, _)) => {
            view.problems.truncate(before);
            view.aside(row, &kind);
        }
        None => {
            let field = if view.has("account") {
                "account"
            } else {
                "account_full"
            };
            view.problem(
                codes::CELL_EMPTY,
                row,
                field,
                "没有科目编码",
                view.text(row, field),
            );
            view.refused += 1;
        }
    }
}

/// Sums of the items of the account being read, to be compared with the account's own row below them.
#[derive(Default)]
struct Items {
    account: Option<Text>,
    sums: [i64; 6],
}

impl Items {
    fn add(&mut self, account: &Text, figures: Figures) {
        if self.account.as_ref() != Some(account) {
            *self = Items {
                account: Some(account.clone()),
                sums: [0; 6],
            };
        }
        for (sum, figure) in self.sums.iter_mut().zip(figures) {
            *sum = sum.saturating_add(figure.unwrap_or_default().0);
        }
    }

    fn close(&mut self, view: &mut View<'_>, row: &Row<'_>, account: &Text, figures: &Figures) {
        let items = std::mem::take(self);
        if items.account.as_ref() != Some(account) {
            return;
        }
        // Balances are compared net: the account's row shows one side where its items stand on both.
        let net = |sums: &[i64; 6], at: usize| sums[at] - sums[at + 1];
        let stated = figures.map(|f| f.unwrap_or_default().0);
        let pairs = [
            ("期初余额", net(&items.sums, 0), net(&stated, 0)),
            ("本期借方", items.sums[2], stated[2]),
            ("本期贷方", items.sums[3], stated[3]),
            ("期末余额", net(&items.sums, 4), net(&stated, 4)),
        ];
        for (name, sum, stated) in pairs.into_iter().filter(|(_, sum, stated)| sum != stated) {
            let message = format!(
                "科目 {account} {name}:小计 {},辅助明细之和 {}",
                Money(stated).grouped(),
                Money(sum).grouped()
            );
            let place = view.sheet.place(Some(row.number), None);
            view.problems
                .push(codes::CHILDREN_DIFFER.at(place, message, ""));
        }
    }
}

fn figures<'s>(view: &mut View<'s>, row: &Row<'s>) -> Figures {
    let opening = view.sides(row, &OPENING);
    let turnover = (view.money(row, "debit"), view.money(row, "credit"));
    let closing = view.sides(row, &CLOSING);
    [
        opening.0, opening.1, turnover.0, turnover.1, closing.0, closing.1,
    ]
}

/// The months of a row, from its columns or from the title. All lie in one year.
fn span<'s>(view: &mut View<'s>, row: &Row<'s>) -> Option<Span> {
    let (year, month) = (view.text(row, "year"), view.text(row, "month"));
    let text = if month.is_empty() {
        view.text(row, "period")
    } else {
        month
    };
    let number = year.trim_end_matches(".0").trim_end_matches(['年', '度']);
    let span = match text {
        "" => Span::parse(year),
        text => Span::parse(text).or_else(|| Span::within(number.parse().ok()?, text)),
    };
    let span = span.filter(|s| s.first.year == s.last.year);
    if span.is_none() {
        let message = "看不出是哪一年的哪个期间";
        let found = format!("{year} {text}");
        view.problem(codes::PERIOD_BAD, row, "period", message, &found);
    }
    span
}
