//! Plain rows → [`Snapshot`]. Rows may come in any order; what is built depends only on what they say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use datafusion::arrow::record_batch::RecordBatch;
use sha2::{Digest, Sha256};

use super::AuditError;
use super::derive::rent_due;
use super::engine::{BATCH_ROWS, coalesce};
use super::outcome::{AuditedOrganisation, HeldSummary};
use super::params::Setting;
use super::snapshot::{RegimeSpan, Snapshot};
use super::tables::books::Books;
use super::tables::build::TableBuilder;
use super::tables::schema::{self, TableSpec};
use crate::model::{
    Chart, HeldVoucher, Period, RegisterRow, Table, Text, Value, Voucher, catalogue,
};

/// A register row with the place it was handed in.
#[derive(Debug, Clone)]
pub struct Placed {
    pub file: Text,
    pub sheet: Option<Text>,
    pub row: RegisterRow,
}

/// Collects what an audit runs on, then freezes it.
#[derive(Default)]
pub struct SnapshotBuilder {
    /// Table → organisation → rows.
    registers: BTreeMap<&'static str, BTreeMap<String, Vec<Placed>>>,
    books: BTreeMap<String, Books>,
    chains: BTreeMap<String, (String, u64)>,
    held: Vec<HeldSummary>,
    keywords: Vec<(String, String)>,
    calendar_days: Vec<(NaiveDate, bool, String)>,
    until: Option<NaiveDate>,
    /// Tables given row by row instead of derived (rule tests).
    given: BTreeMap<String, Vec<Vec<Value>>>,
}

impl SnapshotBuilder {
    pub fn new() -> SnapshotBuilder {
        SnapshotBuilder::default()
    }

    /// Rows of a register. `organisation` is the folder they were handed in under; street-level rows name their own, or
    /// belong to none.
    pub fn register(
        &mut self,
        organisation: Option<&str>,
        table: &'static Table,
        rows: impl IntoIterator<Item = RegisterRow>,
        file: &Text,
        sheet: Option<&Text>,
    ) {
        let own = table.organisation_column();
        let groups = self.registers.entry(table.name.as_str()).or_default();
        for row in rows {
            let named = own.and_then(|i| row.values.get(i)).and_then(Value::text);
            let code = named.or(organisation).unwrap_or_default().to_owned();
            groups.entry(code).or_default().push(Placed {
                file: file.clone(),
                sheet: sheet.cloned(),
                row,
            });
        }
    }

    /// A current posted voucher. Opening balances (word 期初) go to [`SnapshotBuilder::opening`].
    pub fn voucher(
        &mut self,
        organisation: &str,
        voucher: &Voucher,
        revision: u32,
        chart: &Chart,
    ) -> Result<(), AuditError> {
        self.books_of(organisation)
            .voucher(organisation, voucher, revision, chart)
    }

    /// An opening voucher of a year.
    pub fn opening(&mut self, organisation: &str, voucher: &Voucher, chart: &Chart) {
        self.books_of(organisation)
            .opening(organisation, voucher, chart);
    }

    /// A revision that a later hand-in superseded.
    pub fn superseded(&mut self, organisation: &str, voucher: &Voucher, revision: u32) {
        self.books_of(organisation)
            .superseded(organisation, voucher, revision);
    }

    /// A voucher kept outside the books.
    pub fn held(&mut self, organisation: &str, held: &HeldVoucher, chart: Option<&Chart>) {
        self.held
            .push(self.books.entry(organisation.to_owned()).or_default().held(
                organisation,
                held,
                chart,
            ));
    }

    /// The accounts of an organisation.
    pub fn chart(&mut self, organisation: &str, chart: &Chart) {
        self.books_of(organisation).chart(organisation, chart);
    }

    /// Head and length of the organisation's hash chain, hex.
    pub fn chain(&mut self, organisation: &str, head: &str, length: u64) {
        self.chains
            .insert(organisation.to_owned(), (head.to_owned(), length));
    }

    /// Key-word lists and calendar of the rule pack.
    pub fn pack(&mut self, pack: &super::rule::RulePack) {
        self.keywords = pack.keywords.clone();
        self.calendar_days = pack.calendar.days();
    }

    /// Open-ended contracts are counted up to this day (default: the last day of the last month with vouchers).
    pub fn until(&mut self, day: NaiveDate) {
        self.until = Some(day);
    }

    /// A table as rule tests give it; it replaces what would be built or derived.
    pub fn given(&mut self, table: &str, rows: Vec<Vec<Value>>) {
        self.given.insert(table.to_owned(), rows);
    }

    fn books_of(&mut self, organisation: &str) -> &mut Books {
        if !self.books.contains_key(organisation) {
            self.books.insert(organisation.to_owned(), Books::default());
        }
        self.books.entry(organisation.to_owned()).or_default()
    }

    /// Freezes what was collected.
    ///
    /// # Errors
    /// [`AuditError::Overflow`] when the amounts of a column are too large to be added up exactly.
    pub fn finish(mut self) -> Result<Snapshot, AuditError> {
        for groups in self.registers.values_mut() {
            for rows in groups.values_mut() {
                rows.sort_by(|a, b| place(a).cmp(&place(b)));
            }
        }
        let mut snapshot = Snapshot {
            data_digest: self.digest(),
            last_day: self.last_day(),
            ..Snapshot::default()
        };
        snapshot.held = std::mem::take(&mut self.held);
        snapshot.held.sort_by(|a, b| {
            (&a.organisation, &a.voucher, a.row).cmp(&(&b.organisation, &b.voucher, b.row))
        });
        self.read_street(&mut snapshot);
        self.list_organisations(&mut snapshot);
        for spec in schema::tables() {
            if spec.is_register() {
                self.freeze_register(spec, &mut snapshot)?;
            }
        }
        self.freeze_derived(&mut snapshot)?;
        self.freeze_books(&mut snapshot)?;
        self.freeze_given(&mut snapshot)?;
        Ok(snapshot)
    }

    fn last_day(&self) -> Option<NaiveDate> {
        let last = self.books.values().filter_map(Books::last_date).max()?;
        Some(Period::of(last).last_day())
    }

    /// Chain heads, then every register row with its place: equal data, equal digest, in whatever order it came.
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let mut part = |text: &str| {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        };
        for (organisation, (head, length)) in &self.chains {
            part(organisation);
            part(head);
            part(&length.to_string());
        }
        for held in &self.held {
            part(&held.organisation);
            part(&held.voucher);
            part(&held.file);
            part(&held.row.to_string());
        }
        for (table, groups) in &self.registers {
            part(table);
            for (organisation, rows) in groups {
                part(organisation);
                for placed in rows {
                    part(&placed.file);
                    part(placed.sheet.as_deref().unwrap_or_default());
                    part(&placed.row.source_row.to_string());
                    let kinds = catalogue().table(table).map_or(&[][..], |t| &t.columns);
                    for (value, column) in placed.row.values.iter().zip(kinds) {
                        part(&value.display(&column.kind));
                    }
                }
            }
        }
        hex(&hasher.finalize())
    }

    /// Settings, calendar and regimes: what the engine itself reads.
    fn read_street(&self, snapshot: &mut Snapshot) {
        for (_, cells) in self.rows_of("parameter") {
            let text = |column: &str| cells.text(column).unwrap_or_default().to_owned();
            snapshot.settings.push(Setting {
                rule: text("rule"),
                name: text("name"),
                organisation: cells.text("organisation").map(str::to_owned),
                value: text("value"),
                from: cells.value("valid_from").date(),
                to: cells.value("valid_to").date(),
                basis: text("basis"),
            });
        }
        for (_, cells) in self.rows_of("calendar") {
            if let (Some(date), Value::Bool(off)) =
                (cells.value("date").date(), cells.value("is_off"))
            {
                let name = cells.text("name").unwrap_or_default().to_owned();
                snapshot.calendar.push((date, *off, name));
            }
        }
        for (code, cells) in self.rows_of("organisation") {
            let Some(regime) = cells.text("regime") else {
                continue;
            };
            snapshot
                .regimes
                .entry(code.to_owned())
                .or_default()
                .push(RegimeSpan {
                    from: cells.value("valid_from").date(),
                    to: cells.value("valid_to").date(),
                    regime: regime.to_owned(),
                });
        }
        for spans in snapshot.regimes.values_mut() {
            spans.sort_by_key(|s| s.from);
        }
    }

    /// Every company with books or registers, and every one that 单位 names (the street itself keeps no books).
    fn list_organisations(&self, snapshot: &mut Snapshot) {
        let mut codes: BTreeSet<&str> = self.books.keys().map(String::as_str).collect();
        for groups in self.registers.values() {
            codes.extend(groups.keys().map(String::as_str));
        }
        codes.extend(self.given_codes());
        codes.remove("");
        for code in codes {
            let latest = self
                .rows_of("organisation")
                .filter(|(c, _)| *c == code)
                .max_by_key(|(_, cells)| cells.value("valid_from").date());
            let text = |column: &str| {
                let cells = latest.as_ref().map(|(_, cells)| cells);
                cells
                    .and_then(|c| c.text(column))
                    .unwrap_or_default()
                    .to_owned()
            };
            let books = self.books.get(code);
            if text("kind") == "street" && books.is_none() {
                continue;
            }
            let (chain_head, chain_length) = self.chains.get(code).cloned().unwrap_or_default();
            let (first, last) = books.map(Books::span).unwrap_or_default();
            let name = text("name");
            snapshot.organisations.push(AuditedOrganisation {
                code: code.to_owned(),
                name: if name.is_empty() {
                    code.to_owned()
                } else {
                    name
                },
                kind: text("kind"),
                standard: text("standard"),
                regime: text("regime"),
                first_period: first.map(|p| p.to_string()).unwrap_or_default(),
                last_period: last.map(|p| p.to_string()).unwrap_or_default(),
                vouchers: books.map_or(0, Books::vouchers),
                entries: books.map_or(0, Books::entries),
                chain_head,
                chain_length,
            });
        }
    }

    fn given_codes(&self) -> Vec<&str> {
        let organisation_first =
            |t: &str| schema::table(t).is_some_and(|s| s.columns[0].name == "organisation");
        self.given
            .iter()
            .filter(|(table, _)| organisation_first(table))
            .flat_map(|(_, rows)| rows.iter().filter_map(|r| r.first()?.text()))
            .collect()
    }

    fn rows_of(&self, table: &'static str) -> impl Iterator<Item = (&str, Cells<'_>)> {
        let spec = catalogue().table(table);
        self.registers
            .get(table)
            .into_iter()
            .flatten()
            .flat_map(move |(code, rows)| {
                rows.iter().filter_map(move |placed| {
                    Some((
                        code.as_str(),
                        Cells {
                            table: spec?,
                            row: &placed.row,
                        },
                    ))
                })
            })
    }

    fn freeze_register(
        &self,
        spec: &'static TableSpec,
        snapshot: &mut Snapshot,
    ) -> Result<(), AuditError> {
        let mut table = Frozen::new(spec);
        if spec.name == "calendar" {
            let mut days: BTreeMap<NaiveDate, (bool, &str)> = BTreeMap::new();
            for (date, off, name) in self.calendar_days.iter().chain(&snapshot.calendar) {
                days.insert(*date, (*off, name));
            }
            for (date, (off, name)) in days {
                table
                    .builder
                    .row()
                    .date(Some(date))
                    .bool(Some(off))
                    .text(Some(name).filter(|n| !n.is_empty()));
                table.counted("")?;
            }
            return table.store(snapshot);
        }
        let Some(groups) = self.registers.get(spec.name.as_str()) else {
            return table.store(snapshot);
        };
        for (organisation, rows) in groups {
            for placed in rows {
                let mut cells = table.builder.row();
                cells.text(Some(organisation.as_str()).filter(|o| !o.is_empty()));
                for from in spec
                    .from_catalogue
                    .iter()
                    .skip(1)
                    .take(spec.columns.len() - 4)
                {
                    cells.value(
                        from.and_then(|i| placed.row.values.get(i))
                            .unwrap_or(&Value::Null),
                    );
                }
                cells
                    .text(Some(&placed.file))
                    .text(placed.sheet.as_deref())
                    .int(Some(placed.row.source_row.into()));
                drop(cells);
                table.counted(organisation)?;
            }
        }
        table.store(snapshot)
    }

    fn freeze_derived(&self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
        if let Some(spec) = schema::table("keyword") {
            let mut table = Frozen::new(spec);
            for (list, word) in &self.keywords {
                table.builder.row().text(Some(list)).text(Some(word));
                table.counted("")?;
            }
            table.store(snapshot)?;
        }
        let (Some(spec), Some(contracts), Some(schedules)) = (
            schema::table("rent_due"),
            catalogue().table("contract"),
            catalogue().table("payment_schedule"),
        ) else {
            return Ok(());
        };
        let until = self
            .until
            .or(snapshot.last_day)
            .unwrap_or_else(super::run::default_day);
        let mut table = Frozen::new(spec);
        let empty = BTreeMap::new();
        let group = |name: &str| self.registers.get(name).unwrap_or(&empty);
        for (organisation, rows) in group("contract") {
            let contract_rows: Vec<&RegisterRow> = rows.iter().map(|p| &p.row).collect();
            let planned = group("payment_schedule").get(organisation);
            let planned: Vec<&RegisterRow> =
                planned.into_iter().flatten().map(|p| &p.row).collect();
            for due in rent_due::instalments(contracts, &contract_rows, schedules, &planned, until)
            {
                table
                    .builder
                    .row()
                    .text(Some(organisation))
                    .text(Some(&due.contract_no))
                    .int(Some(due.seq))
                    .date(Some(due.due_date))
                    .date(due.period_start)
                    .date(due.period_end)
                    .int(Some(due.due))
                    .int(Some(due.waived))
                    .bool(Some(due.derived));
                table.counted(organisation)?;
            }
        }
        table.store(snapshot)
    }

    fn freeze_books(&mut self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
        let mut all: BTreeMap<&'static str, Vec<RecordBatch>> = BTreeMap::new();
        for (organisation, books) in std::mem::take(&mut self.books) {
            for (table, batches) in books.finish()? {
                let rows: u64 = batches.iter().map(|b| b.num_rows() as u64).sum();
                if rows > 0 {
                    let counts = snapshot.rows.entry(table.to_owned()).or_default();
                    counts.insert(organisation.clone(), rows);
                    all.entry(table).or_default().extend(batches);
                }
            }
        }
        for table in Books::TABLES {
            let Some(spec) = schema::table(table) else {
                continue;
            };
            let batches = coalesce(&spec.arrow(), all.remove(table).unwrap_or_default())?;
            snapshot.tables.insert(table.to_owned(), batches);
        }
        Ok(())
    }

    fn freeze_given(&mut self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
        for (name, mut rows) in std::mem::take(&mut self.given) {
            let Some(spec) = schema::table(&name) else {
                continue;
            };
            if spec.columns[0].name == "organisation" {
                rows.sort_by(|a, b| a[0].text().cmp(&b[0].text()));
            }
            let mut table = Frozen::new(spec);
            snapshot.rows.remove(&name);
            for values in &rows {
                let mut cells = table.builder.row();
                for value in values {
                    cells.value(value);
                }
                drop(cells);
                let organisation = match spec.columns[0].name.as_str() {
                    "organisation" => values[0].text().unwrap_or_default(),
                    _ => "",
                };
                table.counted(organisation)?;
            }
            table.store(snapshot)?;
        }
        Ok(())
    }
}

/// A register row's cells by name.
struct Cells<'a> {
    table: &'a Table,
    row: &'a RegisterRow,
}

impl Cells<'_> {
    fn value(&self, column: &str) -> &Value {
        let position = self.table.position(column);
        position
            .and_then(|i| self.row.values.get(i))
            .unwrap_or(&Value::Null)
    }

    fn text(&self, column: &str) -> Option<&str> {
        self.value(column).text()
    }
}

/// A table being frozen: batches and counts.
struct Frozen {
    spec: &'static TableSpec,
    builder: TableBuilder,
    batches: Vec<RecordBatch>,
    counts: BTreeMap<String, u64>,
}

impl Frozen {
    fn new(spec: &'static TableSpec) -> Frozen {
        Frozen {
            spec,
            builder: TableBuilder::new(spec),
            batches: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Counts the row just written.
    fn counted(&mut self, organisation: &str) -> Result<(), AuditError> {
        match self.counts.get_mut(organisation) {
            Some(n) => *n += 1,
            None => {
                self.counts.insert(organisation.to_owned(), 1);
            }
        }
        if self.builder.rows() >= BATCH_ROWS {
            self.batches.push(self.builder.finish()?);
        }
        Ok(())
    }

    fn store(mut self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
        if self.builder.rows() > 0 {
            self.batches.push(self.builder.finish()?);
        }
        snapshot.rows.insert(self.spec.name.clone(), self.counts);
        snapshot.tables.insert(self.spec.name.clone(), self.batches);
        Ok(())
    }
}

fn place(placed: &Placed) -> (&str, Option<&str>, u32) {
    (&placed.file, placed.sheet.as_deref(), placed.row.source_row)
}

/// Lower-case hex of bytes.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
            // Writing to a String cannot fail.
            let _ = write!(out, "{b:02x}");
            out
        })
}
