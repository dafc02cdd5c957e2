//! Exports of packages and banks that are no journals → rows of the catalogue's tables, with an account of every row.

mod accounts;
mod balance;
mod bank;
mod opening;
mod subtotal;

use crate::model::{
    ColumnType, Interner, Money, Problem, Problems, RegisterRow, Table, Text, Value,
};

use super::cell;
use super::codes::{self, Code};
use super::handin::{RegisterTable, SetAside};
use super::identifier::IdHasher;
use super::kind::Kind;
use super::matching::{Match, Places};
use super::profile::{Profile, plain_width};
use super::table::{Row, Sheet};
use super::words::{Role, RowWords};
use super::{Context, account_cell};

/// What was read from one sheet.
#[derive(Debug)]
pub struct LayoutSheet {
    pub table: RegisterTable,
    pub set_aside: Vec<SetAside>,
    pub refused: u32,
    pub problems: Problems,
}

/// Reads the rows below the header into the table of the profile's kind. `None`: the kind has no table.
pub fn read(
    sheet: &Sheet,
    profile: &Profile,
    found: &Match,
    context: &Context<'_>,
) -> Option<LayoutSheet> {
    let mut view = View {
        sheet,
        profile,
        places: &found.places,
        words: &context.words,
        ids: context.ids,
        table: profile.kind.table()?,
        first: found.header + 1,
        texts: Interner::default(),
        rows: Vec::new(),
        set_aside: Vec::new(),
        refused: 0,
        problems: Problems::new(),
    };
    match profile.kind {
        Kind::Balance => balance::read(&mut view),
        Kind::Accounts => accounts::read(&mut view),
        Kind::Opening => opening::read(&mut view),
        Kind::Bank => bank::read(&mut view),
        Kind::Journal | Kind::Heads => return None,
    }
    Some(LayoutSheet {
        table: RegisterTable {
            table: view.table,
            file: sheet.file.clone(),
            sheet: sheet.sheet.clone(),
            rows: view.rows,
        },
        set_aside: view.set_aside,
        refused: view.refused,
        problems: view.problems,
    })
}

/// A sheet seen through its layout, and what has been read of it.
struct View<'s> {
    sheet: &'s Sheet,
    profile: &'s Profile,
    places: &'s Places,
    words: &'s RowWords,
    ids: &'s IdHasher,
    table: &'static Table,
    /// Index of the first row below the header.
    first: usize,
    texts: Interner,
    rows: Vec<RegisterRow>,
    set_aside: Vec<SetAside>,
    refused: u32,
    problems: Problems,
}

/// An account as a row names it.
struct Named<'s> {
    code: Text,
    name: &'s str,
}

impl<'s> View<'s> {
    fn data(&self) -> impl Iterator<Item = Row<'s>> + use<'s> {
        let grid = &self.sheet.grid;
        (self.first..grid.len()).map(move |index| grid.row(index))
    }

    fn text(&self, row: &Row<'s>, field: &str) -> &'s str {
        self.places.text(row, field)
    }

    fn has(&self, field: &str) -> bool {
        self.places.has(field) || self.places.fixed(field).is_some()
    }

    fn problem(
        &mut self,
        code: &'static Code,
        row: &Row<'_>,
        field: &str,
        message: impl Into<String>,
        found: &str,
    ) {
        let place = self
            .sheet
            .place(Some(row.number), self.places.header(field));
        self.problems.push(code.at(place, message, found));
    }

    /// An amount; blank is none. What cannot be read is a problem and none.
    fn money(&mut self, row: &Row<'s>, field: &str) -> Option<Money> {
        let text = self.text(row, field);
        if text.is_empty() {
            return None;
        }
        match self.profile.money(text) {
            Ok(money) => Some(money),
            Err(bad) => {
                self.problem(bad.code, row, field, bad.message, text);
                None
            }
        }
    }

    /// The amounts of a side each: two columns, or one with its side in another. A negative amount stays on its side.
    fn sides(&mut self, row: &Row<'s>, of: &SideFields) -> (Option<Money>, Option<Money>) {
        if !self.has(of.single) {
            return (self.money(row, of.debit), self.money(row, of.credit));
        }
        let Some(amount) = self.money(row, of.single) else {
            return (None, None);
        };
        let side = self.text(row, of.side);
        match self.profile.side(side) {
            Some(true) => (Some(amount), None),
            Some(false) => (None, Some(amount)),
            // 平, or nothing at all beside nothing.
            None if amount.is_zero() => (Some(amount), None),
            None => {
                let message = "既不是借也不是贷";
                self.problem(codes::SIDE_BAD, row, of.side, message, side);
                (None, None)
            }
        }
    }

    /// Code and name of the row's account, from two columns or from one.
    fn account(&mut self, row: &Row<'s>) -> Named<'s> {
        let (code, name) = (self.text(row, "account"), self.text(row, "account_name"));
        if !code.is_empty() || !self.has("account_full") {
            return Named {
                code: self.texts.text(&self.profile.code(code)),
                name,
            };
        }
        let (code, inner) = account_cell::split(self.text(row, "account_full"));
        Named {
            code: self.texts.text(&self.profile.code(code)),
            name: if name.is_empty() { inner } else { name },
        }
    }

    /// A row that holds no account: a total, a heading, a remark, the header again. `None`: it is none of these.
    fn no_record(&self, row: &Row<'s>) -> Option<(String, Role)> {
        if self.places.is_header(row) {
            return Some(("表头".to_owned(), Role::Other));
        }
        let known = row.cells().find_map(|cell| self.words.role(cell));
        if let Some((kind, role)) = known {
            return Some((kind.to_owned(), role));
        }
        let filled = row.cells().filter(|c| !c.is_empty());
        let first = row.first_text();
        let total = ["小计", "合计"]
            .into_iter()
            .find(|word| first.ends_with(word));
        match total {
            Some(word) => Some((word.to_owned(), Role::Total)),
            None if filled.count() == 1 => Some(("说明行".to_owned(), Role::Other)),
            None => None,
        }
    }

    fn aside(&mut self, row: &Row<'_>, kind: &str) {
        self.set_aside.push(SetAside {
            row: row.number,
            kind: kind.to_owned(),
            text: row.joined(),
        });
    }

    /// Reads a cell as its column in the catalogue wants it.
    fn cell(&mut self, row: &Row<'s>, field: &str) -> Value {
        let text = self.text(row, field);
        let Some(column) = self.table.column(field) else {
            return Value::Null;
        };
        let text = match column.kind {
            ColumnType::Enum { .. } => text.trim_end_matches('方'),
            _ => text,
        };
        let kind = &column.kind;
        match cell::read(text, kind, self.sheet.container, self.ids, &mut self.texts) {
            Ok(value) => value,
            Err(bad) => {
                self.problem(bad.code, row, field, bad.message, text);
                Value::Null
            }
        }
    }

    fn filled(&mut self, text: &str) -> Value {
        self.texts
            .filled(&plain_width(text))
            .map_or(Value::Null, Value::Text)
    }

    /// Takes a row of the table, or refuses it if anything was wrong with it since `before`.
    fn take(&mut self, row: &Row<'_>, before: usize, cells: &[(&str, Value)]) {
        if self.problems.len() > before {
            self.refused += 1;
            return;
        }
        let mut values = vec![Value::Null; self.table.columns.len()];
        for (name, value) in cells {
            if let Some(at) = self.table.position(name) {
                values[at] = value.clone();
            }
        }
        self.rows.push(RegisterRow {
            values,
            source_row: row.number,
        });
    }
}

/// The fields of an amount that stands on one of two sides.
struct SideFields {
    debit: &'static str,
    credit: &'static str,
    single: &'static str,
    side: &'static str,
}

fn amount(money: Option<Money>) -> Value {
    money.map_or(Value::Null, |m| Value::Int(m.0))
}

/// The rows of a table by what went wrong with the whole sheet.
fn whole(view: &mut View<'_>, problem: Problem) {
    view.problems.push(problem);
    view.refused = u32::try_from(view.sheet.grid.len() - view.first).unwrap_or(u32::MAX);
}
