//! Register tables: rows → typed rows, with every problem of every cell. A row with a problem is refused whole.

use foldhash::HashMap;

use crate::model::{
    ColumnType, Interner, Position, Problem, Problems, RegisterRow, Table, Text, Value,
};

use super::cell;
use super::codes;
use super::handin::{FileAccount, RegisterTable, SetAside};
use super::identifier::IdHasher;
use super::recognise::TableLayout;
use super::table::{Merged, Row, Sheet};

/// What was read from one sheet.
#[derive(Debug)]
pub struct RegisterSheet {
    pub table: RegisterTable,
    pub account: FileAccount,
    pub problems: Problems,
}

/// Reads a sheet in the layout found. `account` comes with its head filled in.
pub fn read(
    sheet: &Sheet,
    layout: &TableLayout,
    ids: &IdHasher,
    mut account: FileAccount,
) -> RegisterSheet {
    let mut problems = Problems::new();
    let header_row = sheet.grid.row(layout.header).number;
    account.heads = layout.header as u32 + 1;
    for name in &layout.missing {
        let message = format!("{}表缺少「{name}」列", layout.table.file);
        let place = sheet.place(Some(header_row), Some(name));
        problems.push(codes::COLUMN_MISSING.at(place, message, ""));
    }
    for name in &layout.twice {
        let place = sheet.place(Some(header_row), Some(name));
        let message = format!("「{name}」列出现两次,不知道该读哪一列");
        problems.push(codes::COLUMN_TWICE.at(place, message, name));
    }
    for name in &layout.unknown {
        let place = sheet.place(Some(header_row), Some(name));
        let message = format!("{}表没有「{name}」这一列", layout.table.file);
        problems.push(codes::COLUMN_UNKNOWN.at(place, message, name));
    }
    problems.extend(merged_rows(sheet, layout, header_row));
    let mut rows = Vec::new();
    let data = layout.header + 1..sheet.grid.len();
    if layout.missing.is_empty() && layout.twice.is_empty() {
        if data.is_empty() {
            let message = format!("{}表没有数据行", layout.table.file);
            problems.push(codes::TABLE_EMPTY.at(sheet.place(None, None), message, ""));
        }
        let mut texts = Interner::default();
        for index in data {
            let row = sheet.grid.row(index);
            if let Some(kind) = total_row(&row, layout) {
                account.set_aside.push(SetAside {
                    row: row.number,
                    kind: kind.to_owned(),
                    text: row.joined(),
                });
                continue;
            }
            match read_row(sheet, &row, layout, ids, &mut texts, &mut problems) {
                Some(row) => rows.push(row),
                None => account.refused += 1,
            }
        }
    } else {
        account.refused = data.len() as u32;
    }
    account.taken = rows.len() as u32;
    let table = RegisterTable {
        table: layout.table,
        file: sheet.file.clone(),
        sheet: sheet.sheet.clone(),
        rows,
    };
    RegisterSheet {
        table,
        account,
        problems,
    }
}

/// Cells below the header that span several rows: what stands in the first may hold for all of them or be their sum, so
/// the others stay blank and somebody is told.
fn merged_rows(sheet: &Sheet, layout: &TableLayout, header_row: u32) -> Option<Problem> {
    let below = |m: &&Merged| m.last_row > header_row;
    let first = sheet
        .merged
        .iter()
        .filter(below)
        .min_by_key(|m| m.first_row)?;
    let message = format!(
        "{}表有 {} 处上下合并的单元格,第一处为第{}至{}行",
        layout.table.file,
        sheet.merged.iter().filter(below).count(),
        first.first_row,
        first.last_row
    );
    let header = layout.headers.get(first.column).map(String::as_str);
    let place = sheet.place(Some(first.first_row), header);
    Some(codes::CELLS_MERGED.at(place, message, ""))
}

/// A row that begins with 合计 and leaves required columns empty is a total under the table.
fn total_row(row: &Row<'_>, layout: &TableLayout) -> Option<&'static str> {
    let first: String = row.first_text().split_whitespace().collect();
    let kind = ["合计", "总计", "小计"]
        .into_iter()
        .find(|word| first.starts_with(word))?;
    let required = layout.table.columns.iter().zip(&layout.columns);
    let gaps = required
        .filter_map(|(column, &at)| at.filter(|_| column.required))
        .any(|at| row.cell(at).is_empty());
    gaps.then_some(kind)
}

fn read_row(
    sheet: &Sheet,
    row: &Row<'_>,
    layout: &TableLayout,
    ids: &IdHasher,
    texts: &mut Interner,
    problems: &mut Problems,
) -> Option<RegisterRow> {
    let before = problems.len();
    let mut values = Vec::with_capacity(layout.columns.len());
    for (column, at) in layout.table.columns.iter().zip(&layout.columns) {
        let text = at.map_or("", |at| row.cell(at));
        let header = at.map_or(column.headers[0].as_str(), |at| &layout.headers[at]);
        let place = || sheet.place(Some(row.number), Some(header));
        if column.required && text.is_empty() {
            let message = format!("「{header}」没有填");
            problems.push(codes::CELL_EMPTY.at(place(), message, ""));
        }
        let read = match (&column.kind, column.name.as_str()) {
            (ColumnType::Int, "month") if !text.is_empty() => cell::month(text).map(Value::Int),
            (kind, _) => cell::read(text, kind, sheet.container, ids, texts),
        };
        values.push(read.unwrap_or_else(|bad| {
            // An identifier that cannot be read must not leak through the message.
            problems.push(bad.code.at(place(), bad.message, text));
            Value::Null
        }));
    }
    if problems.len() == before
        && let Err((column, message)) = position(layout.table, &values)
    {
        let place = sheet.place(Some(row.number), Some(column));
        problems.push(codes::POSITION_BAD.at(place, message, ""));
    }
    let beyond = layout.headers.len()..row.len();
    if let Some(text) = beyond.map(|i| row.cell(i)).find(|t| !t.is_empty()) {
        let message = "最后一列之后还有内容";
        let place = sheet.place(Some(row.number), None);
        problems.push(codes::CELLS_BEYOND.at(place, message, text));
    }
    (problems.len() == before).then_some(RegisterRow {
        values,
        source_row: row.number,
    })
}

/// Longitude and latitude come together and lie on the earth; the error names the column's header.
fn position<'t>(table: &'t Table, values: &[Value]) -> Result<(), (&'t str, String)> {
    let (Some(lon), Some(lat)) = (table.position("lon"), table.position("lat")) else {
        return Ok(());
    };
    let header = |at: usize| table.columns[at].headers[0].as_str();
    let missing = |at, other| {
        let message = format!("有{}而没有{}", header(other), header(at));
        Err((header(at), message))
    };
    match (values[lon].int(), values[lat].int()) {
        (None, None) => Ok(()),
        (None, Some(_)) => missing(lon, lat),
        (Some(_), None) => missing(lat, lon),
        (Some(east), Some(north)) => match Position::new(east, north) {
            Ok(_) => Ok(()),
            Err(error) => Err((header(lon), error.to_string())),
        },
    }
}

/// Rows that share a natural key, across all files of a table. All of them are kept: two receipts of one number are
/// evidence; the warning is for the accountant.
pub fn repeated_keys(tables: &[RegisterTable]) -> Problems {
    let mut problems = Problems::new();
    let mut seen: HashMap<(&str, Vec<&Value>), (&Text, u32)> = HashMap::default();
    for table in tables {
        let key = table.table.key_positions();
        for row in &table.rows {
            let values: Vec<&Value> = key.iter().map(|&i| &row.values[i]).collect();
            if values.is_empty() || values[0].is_null() {
                continue;
            }
            let here = (&table.file, row.source_row);
            match seen.entry((table.table.name.as_str(), values)) {
                std::collections::hash_map::Entry::Vacant(slot) => {
                    slot.insert(here);
                }
                std::collections::hash_map::Entry::Occupied(slot) => {
                    let (file, first) = slot.get();
                    let message = format!("与 {file} 第{first}行的编号相同");
                    let place = crate::model::Place {
                        file: table.file.to_string(),
                        sheet: table.sheet.as_deref().map(str::to_owned),
                        row: Some(row.source_row),
                        column: None,
                    };
                    problems.push(codes::KEY_TWICE.at(place, message, ""));
                }
            }
        }
    }
    problems
}
