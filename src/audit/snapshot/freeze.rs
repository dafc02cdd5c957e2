//! Collected rows → Arrow tables: registers, derived tables, books, and what rule tests give row by row.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use datafusion::arrow::record_batch::RecordBatch;

use super::Snapshot;
use super::builder::SnapshotBuilder;
use crate::audit::AuditError;
use crate::audit::derive::rent_due;
use crate::audit::engine::{BATCH_ROWS, coalesce};
use crate::audit::run::default_day;
use crate::audit::tables::books::Books;
use crate::audit::tables::build::{TableBuilder, sums_fit};
use crate::audit::tables::schema::{self, TableSpec};
use crate::model::{RegisterRow, catalogue};

impl SnapshotBuilder {
    /// The days of the pack, and over them those that the street handed in.
    pub(super) fn freeze_calendar(&self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
        let Some(spec) = schema::table("calendar") else {
            return Ok(());
        };
        let mut days: BTreeMap<NaiveDate, (bool, &str)> = BTreeMap::new();
        for (date, off, name) in self.calendar_days.iter().chain(&snapshot.calendar) {
            days.insert(*date, (*off, name));
        }
        let mut table = Frozen::new(spec);
        for (date, (off, name)) in days {
            table
                .builder
                .row()
                .date(Some(date))
                .bool(Some(off))
                .text(Some(name).filter(|n| !n.is_empty()));
            table.counted("")?;
        }
        table.store(snapshot)
    }

    pub(super) fn freeze_registers(&mut self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
        for spec in schema::tables() {
            if !spec.is_register() || spec.name == "calendar" {
                continue;
            }
            let parts = self.parts.remove(spec.name.as_str()).unwrap_or_default();
            let filled = parts.into_iter().filter(|(_, part)| part.rows() > 0);
            let (mut counts, mut batches) = (BTreeMap::new(), Vec::new());
            for (organisation, part) in filled {
                counts.insert(organisation, part.rows());
                batches.extend(part.batches);
            }
            sums_fit(spec, &batches)?;
            let batches = coalesce(&spec.arrow(), batches)?;
            snapshot.rows.insert(spec.name.clone(), counts);
            snapshot.tables.insert(spec.name.clone(), batches);
        }
        Ok(())
    }

    pub(super) fn freeze_derived(&self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
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
        let until = self.until.or(snapshot.last_day).unwrap_or_else(default_day);
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

    pub(super) fn freeze_books(&mut self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
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

    pub(super) fn freeze_given(&mut self, snapshot: &mut Snapshot) -> Result<(), AuditError> {
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
