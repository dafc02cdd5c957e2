//! One contract: its rent roll, what is owed by age, what came in, who had the object before and after, how the row in the
//! register changed, and what is open about it.

use askama::Template;
use axum::extract::{Path, State};
use chrono::NaiveDate;

use super::contracts::{NAMING, figures};
use super::objects::Objects;
use super::{Cells, Found, Open, Organisations, Parties, Tab, load, table, tabs};
use crate::audit::rent::{Instalment, Lease};
use crate::model::{ColumnType, Table, Value};
use crate::store::registers::{self, Form, StoredRow};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::pages::show::{Yuan, yuan};
use crate::web::paging::encoded;
use crate::web::street;
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Days after which arrears go on to the next column.
const AGES: [i64; 3] = [90, 180, 365];

/// Cells shown above the rent roll.
const FACTS: [&str; 17] = [
    "kind",
    "sign_date",
    "start_date",
    "end_date",
    "area",
    "annual_rent",
    "total_amount",
    "cycle",
    "first_due",
    "escalation",
    "rent_free",
    "deposit",
    "in_kind",
    "award",
    "decision_no",
    "trade_no",
    "renewal_of",
];

/// A line of the rent roll.
struct Line {
    name: String,
    due_date: NaiveDate,
    due: Yuan,
    waived: Yuan,
    received: Yuan,
    unpaid: Yuan,
    owed: bool,
    /// Why the books say nothing of it.
    outside: &'static str,
}

impl Line {
    fn of(instalment: &Instalment, books_to: Option<NaiveDate>) -> Line {
        let (received, unpaid) = instalment.settled.unzip();
        Line {
            name: match instalment.seq {
                0 => "建账前结欠".to_owned(),
                n => format!("第 {n} 期"),
            },
            due_date: instalment.due_date,
            due: yuan(instalment.due),
            waived: yuan(instalment.waived),
            received: Yuan(received),
            unpaid: Yuan(unpaid),
            owed: unpaid.is_some_and(|m| m.0 > 0),
            outside: match (instalment.settled, books_to) {
                (Some(_), _) => "",
                (None, Some(end)) if instalment.due_date > end => "未到期",
                (None, _) => "账上看不到",
            },
        }
    }
}

/// A contract about the same object, or the days between two of them.
struct Turn {
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
    /// Number and address.
    contract: (String, String),
    party: String,
    rent: Yuan,
    state: String,
    here: bool,
    /// Days without a contract before it.
    gap: Option<i64>,
}

/// A change of the row in the register.
struct Change {
    batch: i64,
    place: String,
    /// Column, before, after.
    cells: Vec<(String, String, String)>,
}

/// What was due and what came of it.
struct Roll {
    totals: [Yuan; 3],
    /// Limit in words, and what is owed; nothing where nothing is.
    ages: Vec<(String, Yuan)>,
    lines: Vec<Line>,
    /// Voucher, its address, day, without and with tax.
    receipts: Vec<(String, String, NaiveDate, Yuan, Yuan)>,
    books_to: Option<NaiveDate>,
}

impl Roll {
    fn of(lease: &Lease, organisation: &str) -> Roll {
        let (due, received, unpaid) = figures(lease);
        let names = [
            "90 天以内".to_owned(),
            "91—180 天".to_owned(),
            "181—365 天".to_owned(),
            "一年以上".to_owned(),
        ];
        let ages = names.into_iter().zip(lease.ageing(&AGES));
        let receipts = lease.receipts.iter().map(|r| {
            let path = format!(
                "/books/{}/vouchers/{}",
                encoded(organisation),
                encoded(&r.voucher)
            );
            (r.voucher.clone(), path, r.date, yuan(r.net), yuan(r.gross))
        });
        let lines = lease.instalments.iter();
        Roll {
            totals: [due, received, unpaid].map(yuan),
            ages: match unpaid.is_zero() {
                true => Vec::new(),
                false => ages.map(|(name, m)| (name, yuan(m))).collect(),
            },
            lines: lines.map(|i| Line::of(i, lease.books_to)).collect(),
            receipts: receipts.collect(),
            books_to: lease.books_to,
        }
    }
}

#[derive(Template)]
#[template(path = "web/contract.html")]
struct ContractPage {
    frame: Frame,
    tabs: Vec<Tab>,
    organisation: String,
    party: String,
    object: String,
    state: String,
    /// Header and value of what the register says.
    facts: Vec<(String, String)>,
    source: String,
    roll: Option<Roll>,
    turns: Vec<Turn>,
    changes: Vec<Change>,
    open: Vec<Open>,
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((organisation, contract_no)): Path<(String, String)>,
) -> Page {
    let table = table("contract")?;
    let rows = load(&workspace, &visitor, table, &organisation).await?;
    let mut all = rows.iter().map(|stored| Cells { table, stored });
    let Some(here) = all.find(|c| c.text("contract_no") == contract_no) else {
        return Err(Fault::not_found());
    };
    let parties = Parties::load(&workspace, &visitor, &organisation).await?;
    let objects = Objects::load(&workspace, &visitor, &organisation).await?;
    let names = Organisations::of(&workspace, &visitor).await?;
    let rents = street::rent_of_all(&workspace).await?;
    let lease = rents
        .leases
        .get(&(organisation.clone(), contract_no.clone()));
    let found = Found::load(&workspace, &visitor, NAMING).await?;
    let forms = registers::forms(&workspace.store, table, &organisation, &[&contract_no]).await?;
    let title = format!("合同 {contract_no}");
    let frame = Frame::new(&visitor, "/registers", &title);
    draw(&ContractPage {
        frame: frame.after("合同台账", "/registers/contracts"),
        tabs: tabs("contracts"),
        party: parties.shown(&organisation, here.text("counterparty")),
        object: objects.shown(&organisation, here.text("subject_no")),
        state: here.shown("status"),
        facts: facts(here),
        source: place(here.stored),
        roll: lease.map(|l| Roll::of(l, &organisation)),
        turns: turns(
            here,
            rows.iter().map(|stored| Cells { table, stored }),
            &parties,
        ),
        changes: changes(table, &forms, &parties),
        open: found.at(&organisation, &contract_no).to_vec(),
        organisation: names.name(&organisation).to_owned(),
    })
}

fn facts(cells: Cells<'_>) -> Vec<(String, String)> {
    let told = FACTS.iter().filter_map(|name| {
        let column = cells.table.column(name)?;
        let header = column.headers.first()?.clone();
        let value = match (&column.kind, cells.money(name)) {
            (ColumnType::Money, Some(money)) => format!("{} 元", money.grouped()),
            (ColumnType::Area, Some(_)) => {
                format!("{} {}", cells.shown(name), cells.shown("area_unit"))
            }
            _ => cells.shown(name),
        };
        (!value.is_empty()).then_some((header, value))
    });
    told.collect()
}

/// File, sheet and row that a row was handed in with.
fn place(stored: &StoredRow) -> String {
    let sheet = stored.source_sheet.as_ref();
    let sheet = sheet.map_or(String::new(), |s| format!(" {s}"));
    format!(
        "{}{sheet} 第{}行",
        stored.source_file, stored.row.source_row
    )
}

/// All contracts about the object of this one, in order of time, with the days that lay between them. Void ones never ran.
fn turns<'a>(
    here: Cells<'_>,
    all: impl Iterator<Item = Cells<'a>>,
    parties: &Parties,
) -> Vec<Turn> {
    let object = here.text("subject_no");
    let owner = &*here.stored.owner;
    let same = all.filter(|c| !object.is_empty() && c.text("subject_no") == object);
    let mut same: Vec<Cells<'_>> = same.filter(|c| c.text("status") != "void").collect();
    same.sort_by_key(|c| (c.date("start_date"), c.date("end_date")));
    let mut until: Option<NaiveDate> = None;
    let turn = |cells: Cells<'_>| {
        let (start, end) = (cells.date("start_date"), cells.date("end_date"));
        let gap = until.zip(start).map(|(u, s)| (s - u).num_days() - 1);
        until = until.max(end);
        let number = cells.text("contract_no");
        let path = format!(
            "/registers/contracts/{}/{}",
            encoded(owner),
            encoded(number)
        );
        Turn {
            start,
            end,
            here: number == here.text("contract_no"),
            contract: (number.to_owned(), path),
            party: parties.shown(owner, cells.text("counterparty")),
            rent: Yuan(cells.money("annual_rent")),
            state: cells.shown("status"),
            gap: gap.filter(|days| *days > 0),
        }
    };
    same.into_iter().map(turn).collect()
}

/// What changed between the forms that the row was handed in with, the latest first.
fn changes(table: &Table, forms: &[Form], parties: &Parties) -> Vec<Change> {
    let pairs = forms.windows(2).filter(|p| p[0].ordinal == p[1].ordinal);
    let changed = pairs.map(|pair| {
        let [before, after] = [&pair[0], &pair[1]].map(|f| Cells {
            table,
            stored: &f.stored,
        });
        let cells = table.columns.iter().enumerate().filter_map(|(at, column)| {
            let value = |c: Cells<'_>| c.stored.row.values.get(at).cloned().unwrap_or(Value::Null);
            if value(before) == value(after) {
                return None;
            }
            let shown = |c: Cells<'_>| match column.name.as_str() {
                "counterparty" => parties.shown(&c.stored.owner, c.text("counterparty")),
                name => c.shown(name),
            };
            let header = column.headers.first().cloned().unwrap_or_default();
            Some((header, shown(before), shown(after)))
        });
        Change {
            batch: pair[1].batch_id,
            place: place(&pair[1].stored),
            cells: cells.collect(),
        }
    });
    let mut all: Vec<Change> = changed.collect();
    all.reverse();
    all
}
