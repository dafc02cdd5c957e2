//! Plain rows → [`Snapshot`]. Rows may come in any order; what is built depends only on what they say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::part::{Part, Placed};
use super::{RegimeSpan, Snapshot};
use crate::audit::AuditError;
use crate::audit::outcome::{AuditedOrganisation, HeldSummary};
use crate::audit::params::Setting;
use crate::audit::rule::RulePack;
use crate::audit::tables::books::Books;
use crate::audit::tables::schema;
use crate::ledger::lock::PeriodEvent;
use crate::ledger::undo::UndoneVoucher;
use crate::model::{Chart, HeldVoucher, Period, RegisterRow, Table, Text, Value, catalogue};

/// Collects what an audit runs on, then freezes it.
#[derive(Default)]
pub struct SnapshotBuilder {
    /// Table → organisation → rows.
    pub(super) registers: BTreeMap<&'static str, BTreeMap<String, Vec<Placed>>>,
    /// The same as columns, of registers of which the engine itself reads no row.
    pub(super) parts: BTreeMap<&'static str, BTreeMap<String, Part>>,
    pub(super) books: BTreeMap<String, Books>,
    chains: BTreeMap<String, (String, u64)>,
    held: Vec<HeldSummary>,
    events: Vec<PeriodEvent>,
    pub(super) keywords: Vec<(String, String)>,
    pub(super) calendar_days: Vec<(NaiveDate, bool, String)>,
    pub(super) until: Option<NaiveDate>,
    /// Tables given row by row instead of derived (rule tests).
    pub(super) given: BTreeMap<String, Vec<Vec<Value>>>,
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

    /// The rows of a register of one organisation at once.
    pub fn part(&mut self, organisation: &str, table: &'static str, part: Part) {
        let parts = self.parts.entry(table).or_default();
        parts.insert(organisation.to_owned(), part);
    }

    /// Closings and re-openings that this ledger recorded, in their order.
    pub fn events(&mut self, events: Vec<PeriodEvent>) {
        for event in &events {
            let books = self.books.entry(event.organisation.clone()).or_default();
            books.period_event(event);
        }
        self.events.extend(events);
    }

    /// Vouchers that were taken back with their batch: a trail, not part of the books.
    pub fn undone(&mut self, vouchers: Vec<UndoneVoucher>) {
        for voucher in &vouchers {
            let books = self.books.entry(voucher.organisation.clone()).or_default();
            books.undone(voucher);
        }
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

    /// Head and length of the organisation's hash chain, hex.
    pub fn chain(&mut self, organisation: &str, head: &str, length: u64) {
        self.chains
            .insert(organisation.to_owned(), (head.to_owned(), length));
    }

    /// Key-word lists and calendar of the rule pack.
    pub fn pack(&mut self, pack: &RulePack) {
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

    /// The whole books of an organisation at once.
    pub fn book(&mut self, organisation: &str, books: Books) {
        self.books.insert(organisation.to_owned(), books);
    }

    /// Freezes what was collected.
    ///
    /// # Errors
    /// [`AuditError::Overflow`] when the amounts of a column are too large to be added up exactly.
    pub fn finish(mut self) -> Result<Snapshot, AuditError> {
        self.columns()?;
        self.held.sort_by(|a, b| {
            (&a.organisation, &a.voucher, &a.file, a.row).cmp(&(
                &b.organisation,
                &b.voucher,
                &b.file,
                b.row,
            ))
        });
        let mut snapshot = Snapshot {
            data_digest: self.digest(),
            last_day: self.last_day(),
            ..Snapshot::default()
        };
        snapshot.held = std::mem::take(&mut self.held);
        self.read_street(&mut snapshot);
        self.list_organisations(&mut snapshot);
        self.freeze_calendar(&mut snapshot)?;
        self.freeze_registers(&mut snapshot)?;
        self.freeze_derived(&mut snapshot)?;
        self.freeze_books(&mut snapshot)?;
        self.freeze_given(&mut snapshot)?;
        Ok(snapshot)
    }

    fn last_day(&self) -> Option<NaiveDate> {
        let last = self.books.values().filter_map(Books::last_date).max()?;
        Some(Period::of(last).last_day())
    }

    /// Makes columns of the rows that came one by one.
    fn columns(&mut self) -> Result<(), AuditError> {
        for (name, groups) in &self.registers {
            let (Some(spec), Some(table)) = (schema::table(name), catalogue().table(name)) else {
                continue;
            };
            let parts = self.parts.entry(name).or_default();
            for (organisation, rows) in groups {
                let part = match *name {
                    // Rules see the days of pack and street as one table.
                    "calendar" => Part::unseen(table, rows.clone()),
                    _ => Part::of(spec, table, organisation, rows.clone())?,
                };
                parts.insert(organisation.clone(), part);
            }
        }
        Ok(())
    }

    /// Chain heads, then every register's rows with their places: equal data, equal digest, in whatever order it came.
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
        for event in &self.events {
            part(&event.organisation);
            part(&format!("{} {} {}", event.period, event.kind(), event.at));
        }
        for (table, parts) in &self.parts {
            part(table);
            for (organisation, rows) in parts {
                part(organisation);
                part(&crate::model::hex(&rows.digest));
            }
        }
        crate::model::hex(&hasher.finalize())
    }

    /// Settings, calendar and regimes: what the engine itself reads.
    fn read_street(&self, snapshot: &mut Snapshot) {
        for (_, cells) in self.rows_of("parameter") {
            let setting = Setting::of(|c| cells.text(c), |c| cells.value(c).date());
            snapshot.settings.push(setting);
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
        for parts in self.parts.values() {
            codes.extend(parts.keys().map(String::as_str));
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
