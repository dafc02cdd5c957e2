//! What a finding rests on: labels and plain words for its columns, its voucher lines, its register rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};

use super::outcome::{Finding, RegisterLine, VoucherLine};
use super::rule::{Rule, RulePack};
use super::snapshot::Snapshot;
use super::tables::build::date_of;
use super::tables::cell::Cell;
use super::tables::schema::{self, TableSpec};
use crate::model::{ColumnType, Money};

/// No finding shows more voucher lines than this; its list of vouchers stays whole.
const MAX_LINES: usize = 500;

/// The tables a rule rests on, through marts too: its subject first, then what it requires, then the rest by name.
pub fn base_tables(pack: &RulePack, rule: &Rule) -> Vec<&'static TableSpec> {
    let mut names: BTreeSet<&str> = rule.relations.iter().map(String::as_str).collect();
    for mart in pack.marts_needed(&rule.relations) {
        names.extend(mart.relations.iter().map(String::as_str));
    }
    let first = std::iter::once(rule.file.subject.as_str());
    let order = first
        .chain(rule.file.requirements().flatten())
        .chain(names.iter().copied());
    let mut seen = HashSet::new();
    order
        .filter(|n| seen.insert(*n))
        .filter_map(schema::table)
        .collect()
}

/// The Chinese label of a result column: the rule's own, else that of the first table that has the column.
pub fn label(rule: &Rule, tables: &[&'static TableSpec], column: &str) -> Option<String> {
    if let Some(label) = rule.file.labels.get(column) {
        return Some(label.clone());
    }
    let known = tables.iter().copied().chain(schema::tables().iter());
    known
        .filter_map(|t| t.column(column))
        .find_map(|c| c.headers.first().cloned())
}

/// A cell as shown: codes of enumerations in Chinese, taken from the rule's own tables first.
pub fn shown(tables: &[&'static TableSpec], column: &str, cell: &Cell) -> String {
    if let Cell::Text(code) = cell {
        let known = tables.iter().copied().chain(schema::tables().iter());
        let word = known
            .filter_map(|t| t.column(column))
            .find_map(|c| match &c.kind {
                ColumnType::Enum { values, .. } => values.iter().find(|(_, en)| en == code),
                _ => None,
            });
        if let Some((zh, _)) = word {
            return zh.clone();
        }
    }
    cell.shown()
}

/// Fills the voucher lines of all findings in one pass over the entries.
pub fn add_voucher_lines(snapshot: &Snapshot, findings: &mut [Finding]) {
    let mut wanted: HashSet<(&str, &str)> = HashSet::new();
    for finding in findings.iter() {
        wanted.extend(
            finding
                .vouchers
                .iter()
                .map(|v| (finding.organisation.as_str(), v.as_str())),
        );
    }
    if wanted.is_empty() {
        return;
    }
    let mut lines: HashMap<(String, String), Vec<VoucherLine>> = HashMap::new();
    let no_batches = Vec::new();
    let batches = |table: &str| snapshot.tables.get(table).unwrap_or(&no_batches);
    for batch in batches("entry") {
        collect_lines(batch, &wanted, &HashMap::new(), &mut lines);
    }
    let held_dates = held_dates(batches("held_voucher"));
    for batch in batches("held_entry") {
        collect_lines(batch, &wanted, &held_dates, &mut lines);
    }
    for finding in findings.iter_mut() {
        for voucher in &finding.vouchers {
            let key = (finding.organisation.clone(), voucher.clone());
            let room = MAX_LINES - finding.voucher_lines.len();
            if let Some(found) = lines.get(&key) {
                finding
                    .voucher_lines
                    .extend(found.iter().take(room).cloned());
            }
        }
    }
}

type HeldDates = HashMap<(String, String), NaiveDate>;

fn held_dates(batches: &[RecordBatch]) -> HeldDates {
    let mut dates = HashMap::new();
    for batch in batches {
        let columns = Columns { batch };
        for row in 0..batch.num_rows() {
            if let Some(date) = columns.date("date", row) {
                dates.insert(
                    (
                        columns.text("organisation", row),
                        columns.text("voucher", row),
                    ),
                    date,
                );
            }
        }
    }
    dates
}

/// Lines of a voucher stand together, so the lookup is made once per voucher and not once per line.
fn collect_lines(
    batch: &RecordBatch,
    wanted: &HashSet<(&str, &str)>,
    held_dates: &HeldDates,
    lines: &mut HashMap<(String, String), Vec<VoucherLine>>,
) {
    let (Some(organisations), Some(vouchers)) = (
        batch
            .column_by_name("organisation")
            .and_then(|c| c.as_string_opt::<i32>()),
        batch
            .column_by_name("voucher")
            .and_then(|c| c.as_string_opt::<i32>()),
    ) else {
        return;
    };
    let columns = Columns { batch };
    let (mut last, mut hit) = (("", ""), false);
    for row in 0..batch.num_rows() {
        let key = (organisations.value(row), vouchers.value(row));
        if key != last {
            last = key;
            hit = wanted.contains(&key);
        }
        if !hit {
            continue;
        }
        let owned = (key.0.to_owned(), key.1.to_owned());
        let date = columns
            .date("date", row)
            .or_else(|| held_dates.get(&owned).copied());
        let line = VoucherLine {
            voucher: owned.1.clone(),
            line: columns.number("line", row),
            date: date.unwrap_or_default(),
            summary: columns.text("summary", row),
            account: columns.text("account", row),
            account_name: columns.text("account_name", row),
            debit: columns.money("debit", row),
            credit: columns.money("credit", row),
            counterparty: columns.text("counterparty", row),
            file: columns.text("source_file", row),
            sheet: columns.text("source_sheet", row),
            row: columns.number("source_row", row),
        };
        lines.entry(owned).or_default().push(line);
    }
}

/// Cells of a batch by column name; empty where there is none.
struct Columns<'a> {
    batch: &'a RecordBatch,
}

impl Columns<'_> {
    fn text(&self, column: &str, row: usize) -> String {
        let array = self
            .batch
            .column_by_name(column)
            .and_then(|c| c.as_string_opt::<i32>());
        match array {
            Some(array) if array.is_valid(row) => array.value(row).to_owned(),
            _ => String::new(),
        }
    }

    fn date(&self, column: &str, row: usize) -> Option<NaiveDate> {
        let array = self
            .batch
            .column_by_name(column)?
            .as_primitive_opt::<Date32Type>()?;
        array.is_valid(row).then(|| date_of(array.value(row)))?
    }

    fn number(&self, column: &str, row: usize) -> u32 {
        let array = self
            .batch
            .column_by_name(column)
            .and_then(|c| c.as_primitive_opt::<Int64Type>());
        let valid = array.filter(|a| a.is_valid(row)).map(|a| a.value(row));
        valid.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
    }

    fn money(&self, column: &str, row: usize) -> Money {
        let array = self
            .batch
            .column_by_name(column)
            .and_then(|c| c.as_primitive_opt::<Decimal128Type>());
        let valid = array.filter(|a| a.is_valid(row)).map(|a| a.value(row));
        Money(valid.and_then(|n| i64::try_from(n).ok()).unwrap_or(0))
    }
}

/// Register rows by natural key, one index per table, built when first asked for.
pub struct Registers<'a> {
    snapshot: &'a Snapshot,
    indexes: BTreeMap<&'static str, HashMap<Vec<String>, Vec<RegisterLine>>>,
}

impl<'a> Registers<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Registers<'a> {
        Registers {
            snapshot,
            indexes: BTreeMap::new(),
        }
    }

    /// The rows that a result row names by their whole natural key, in the tables that its rule rests on.
    pub fn lines(
        &mut self,
        tables: &[&'static TableSpec],
        organisation: &str,
        value: impl Fn(&str) -> Option<String>,
    ) -> Vec<RegisterLine> {
        let mut found = Vec::new();
        for spec in tables
            .iter()
            .filter(|s| s.is_register() && !s.key.is_empty())
        {
            let key: Option<Vec<String>> = spec.key.iter().map(|column| value(column)).collect();
            let Some(mut key) = key.filter(|k| k.iter().any(|v| !v.is_empty())) else {
                continue;
            };
            key.insert(0, organisation.to_owned());
            found.extend(self.index(spec).get(&key).into_iter().flatten().cloned());
        }
        found
    }

    fn index(&mut self, spec: &'static TableSpec) -> &HashMap<Vec<String>, Vec<RegisterLine>> {
        let snapshot = self.snapshot;
        self.indexes.entry(spec.name.as_str()).or_insert_with(|| {
            let mut index: HashMap<Vec<String>, Vec<RegisterLine>> = HashMap::new();
            let names: Vec<String> = spec.columns.iter().map(|c| c.name.clone()).collect();
            let batches = snapshot
                .tables
                .get(&spec.name)
                .map_or(&[][..], Vec::as_slice);
            let Ok(rows) = super::tables::cell::Rows::read(names, batches) else {
                return index;
            };
            let cell = |row: &Vec<Cell>, column: &str| {
                rows.position(column)
                    .map(|i| row[i].machine())
                    .unwrap_or_default()
            };
            for row in &rows.rows {
                let mut key = vec![cell(row, "organisation")];
                key.extend(spec.key.iter().map(|column| cell(row, column)));
                let line = RegisterLine {
                    table: spec.name.clone(),
                    title: spec.title.clone(),
                    key: spec
                        .key
                        .iter()
                        .map(|c| super::tables::cell::mask_identifiers(&cell(row, c)))
                        .collect::<Vec<_>>()
                        .join("|"),
                    file: cell(row, "source_file"),
                    sheet: cell(row, "source_sheet"),
                    row: cell(row, "source_row").parse().unwrap_or(0),
                };
                index.entry(key).or_default().push(line);
            }
            index
        })
    }
}
