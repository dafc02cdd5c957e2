//! The tables of one organisation's books: vouchers, entries, openings, accounts, and what is held outside.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use datafusion::arrow::array::{AsArray as _, Date32Array, RecordBatch};
use datafusion::arrow::compute::{
    SortColumn, concat_batches, lexsort_to_indices, max, min, take_record_batch,
};
use datafusion::arrow::datatypes::Date32Type;

use super::build::{TableBuilder, date_of};
use super::schema;
use crate::audit::AuditError;
use crate::audit::engine::BATCH_ROWS;
use crate::audit::outcome::HeldSummary;
use crate::ledger::lock::PeriodEvent;
use crate::ledger::undo::UndoneVoucher;
use crate::model::{Account, Chart, ChartHistory, HeldReason, HeldVoucher, Money, Period, Voucher};

/// A table of the books under construction.
struct Growing {
    builder: TableBuilder,
    batches: Vec<RecordBatch>,
}

/// Everything of one organisation's books.
#[derive(Default)]
pub struct Books {
    tables: BTreeMap<&'static str, Growing>,
    vouchers: u64,
    entries: u64,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    /// Date and identity of the voucher added last, to notice when vouchers come out of order.
    latest: Option<(NaiveDate, String)>,
    unsorted: bool,
    /// The posted tables when they were not built here, in the order of [`Books::POSTED`].
    posted: Option<Vec<Vec<RecordBatch>>>,
}

impl Books {
    pub const TABLES: [&'static str; 9] = [
        "voucher",
        "entry",
        "opening_balance",
        "account",
        "held_voucher",
        "held_entry",
        "voucher_revision",
        "period_event",
        "undone_voucher",
    ];

    /// The tables that depend on posted vouchers and the chart only.
    pub const POSTED: [&'static str; 5] = [
        "voucher",
        "entry",
        "opening_balance",
        "account",
        "voucher_revision",
    ];

    /// Books whose posted tables are there already.
    pub fn from_posted(tables: Vec<Vec<RecordBatch>>) -> Books {
        let rows = |at: usize| -> u64 {
            let batches = tables.get(at).into_iter().flatten();
            batches.map(|b| b.num_rows() as u64).sum()
        };
        let dates: Vec<&Date32Array> = tables
            .first()
            .into_iter()
            .flatten()
            .filter_map(|b| b.column_by_name("date")?.as_primitive_opt::<Date32Type>())
            .collect();
        let (first, last) = (
            dates.iter().filter_map(|d| min(*d)).min(),
            dates.iter().filter_map(|d| max(*d)).max(),
        );
        Books {
            vouchers: rows(0),
            entries: rows(1),
            first: first.and_then(date_of),
            last: last.and_then(date_of),
            posted: Some(tables),
            ..Books::default()
        }
    }

    /// The posted tables, in the order of [`Books::POSTED`].
    ///
    /// # Errors
    /// As [`Books::finish`].
    pub fn into_posted(self) -> Result<Vec<Vec<RecordBatch>>, AuditError> {
        let mut tables: BTreeMap<&str, Vec<RecordBatch>> = self.finish()?.into_iter().collect();
        let take = |name| tables.remove(name).unwrap_or_default();
        Ok(Books::POSTED.map(take).into())
    }

    pub fn vouchers(&self) -> u64 {
        self.vouchers
    }
    pub fn entries(&self) -> u64 {
        self.entries
    }
    pub fn last_date(&self) -> Option<NaiveDate> {
        self.last
    }
    /// First and last month with vouchers.
    pub fn span(&self) -> (Option<Period>, Option<Period>) {
        (self.first.map(Period::of), self.last.map(Period::of))
    }

    fn table(&mut self, name: &'static str) -> &mut Growing {
        self.tables.entry(name).or_insert_with(|| {
            // All names come from TABLES, each of which is described in the schema; a test holds it.
            let spec = schema::table(name).unwrap_or(&schema::tables()[0]);
            Growing {
                builder: TableBuilder::new(spec),
                batches: Vec::new(),
            }
        })
    }

    /// A posted voucher and its entries.
    pub fn voucher(
        &mut self,
        organisation: &str,
        v: &Voucher,
        revision: u32,
        chart: &Chart,
    ) -> Result<(), AuditError> {
        let id = v.id.to_string();
        let key = (v.date, id.clone());
        self.unsorted |= self.latest.as_ref().is_some_and(|last| *last > key);
        self.latest = Some(key);
        self.first = Some(self.first.map_or(v.date, |d| d.min(v.date)));
        self.last = Some(self.last.map_or(v.date, |d| d.max(v.date)));
        self.vouchers += 1;
        self.entries += v.entries.len() as u64;
        let (year, month) = (i64::from(v.id.period.year), i64::from(v.id.period.month));
        self.table("voucher")
            .builder
            .row()
            .text(Some(organisation))
            .text(Some(&id))
            .int(Some(year))
            .int(Some(month))
            .text(Some(&v.id.word))
            .text(Some(&v.id.number))
            .date(Some(v.date))
            .int(v.attachments.map(i64::from))
            .text(v.maker.as_deref())
            .text(v.checker.as_deref())
            .text(v.poster.as_deref())
            .text(v.cashier.as_deref())
            .time(v.entered_at)
            .text(v.reverses.as_deref())
            .text(v.origin.as_deref())
            .int(Some(revision.into()))
            .money(v.debit())
            .int(Some(v.entries.len() as i64)) // a voucher never has 2^63 entries
            .text(Some(&v.source.file))
            .text(v.source.sheet.as_deref())
            .int(Some(v.source.row.into()));
        self.table("voucher").flush()?;
        self.entries_of(organisation, &id, v, chart)
    }

    fn entries_of(
        &mut self,
        organisation: &str,
        id: &str,
        v: &Voucher,
        chart: &Chart,
    ) -> Result<(), AuditError> {
        let (year, month) = (i64::from(v.id.period.year), i64::from(v.id.period.month));
        let table = self.table("entry");
        for e in &v.entries {
            let account = account_of(chart, &e.account);
            table
                .builder
                .row()
                .text(Some(organisation))
                .text(Some(id))
                .int(Some(e.line.into()))
                .date(Some(v.date))
                .int(Some(year))
                .int(Some(month))
                .text(Some(&v.id.word))
                .text(Some(&v.id.number))
                .text(e.summary.as_deref())
                .text(Some(&e.account))
                .text(e.account_name.as_deref().or(account.map(|a| &*a.name)))
                .text(account.and_then(|a| a.tag.as_deref()))
                .text(account.map(|a| &*a.category))
                .text(account.map(|a| a.side.code()))
                .money(e.debit)
                .money(e.credit)
                .text(e.counterparty.as_deref())
                .text(e.contract_no.as_deref())
                .text(e.asset_no.as_deref())
                .text(e.project.as_deref())
                .text(e.fund.as_deref())
                .text(e.invoice_no.as_deref())
                .text(e.receipt_no.as_deref())
                .text(e.bank_txn_no.as_deref())
                .text(e.settlement.as_deref())
                .text(v.maker.as_deref())
                .text(v.checker.as_deref())
                .text(v.origin.as_deref())
                .text(v.reverses.as_deref())
                .text(Some(&v.source.file))
                .text(v.source.sheet.as_deref())
                .int(Some(e.source_row.into()));
        }
        table.flush()
    }

    pub fn opening(&mut self, organisation: &str, v: &Voucher, chart: &Chart) {
        let table = self.table("opening_balance");
        for e in &v.entries {
            let account = account_of(chart, &e.account);
            table
                .builder
                .row()
                .text(Some(organisation))
                .int(Some(v.id.period.year.into()))
                .text(Some(&e.account))
                .text(e.account_name.as_deref().or(account.map(|a| &*a.name)))
                .text(account.and_then(|a| a.tag.as_deref()))
                .text(account.map(|a| &*a.category))
                .text(account.map(|a| a.side.code()))
                .text(e.counterparty.as_deref())
                .money(e.debit)
                .money(e.credit)
                .text(Some(&v.source.file))
                .text(v.source.sheet.as_deref())
                .int(Some(e.source_row.into()));
        }
    }

    /// A closing or re-opening that this ledger recorded.
    pub fn period_event(&mut self, event: &PeriodEvent) {
        self.table("period_event")
            .builder
            .row()
            .text(Some(&event.organisation))
            .int(Some(event.period.year.into()))
            .int(Some(event.period.month.into()))
            .text(Some(event.kind()))
            .time(Some(event.at))
            .text(Some(&event.by))
            .text(event.approved_by.as_deref())
            .text(event.reason.as_deref());
    }

    /// A voucher that was taken back with its batch.
    pub fn undone(&mut self, undone: &UndoneVoucher) {
        self.table("undone_voucher")
            .builder
            .row()
            .text(Some(&undone.organisation))
            .int(Some(undone.batch_id))
            .text(Some(&undone.id.to_string()))
            .date(Some(undone.date))
            .money(Money(undone.total))
            .time(Some(undone.at))
            .text(Some(&undone.by))
            .text(Some(&undone.reason));
    }

    pub fn superseded(&mut self, organisation: &str, v: &Voucher, revision: u32) {
        self.table("voucher_revision")
            .builder
            .row()
            .text(Some(organisation))
            .text(Some(&v.id.to_string()))
            .int(Some(revision.into()))
            .date(Some(v.date))
            .money(v.debit())
            .int(Some(v.entries.len() as i64)) // as above
            .text(Some(&v.source.file))
            .text(v.source.sheet.as_deref())
            .int(Some(v.source.row.into()));
    }

    /// Adds a voucher kept outside the books and gives its line for the report's cover.
    pub fn held(
        &mut self,
        organisation: &str,
        held: &HeldVoucher,
        chart: Option<&Chart>,
    ) -> HeldSummary {
        let v = &held.voucher;
        let id = v.id.to_string();
        let mut codes: Vec<&str> = held.problems.iter().map(|p| p.code.as_ref()).collect();
        codes.sort_unstable();
        codes.dedup();
        let problems: Vec<String> = held.problems.iter().map(|p| p.message.clone()).collect();
        self.table("held_voucher")
            .builder
            .row()
            .text(Some(organisation))
            .text(Some(&id))
            .text(Some(held.reason.code()))
            .text(Some(&v.id.word))
            .text(Some(&v.id.number))
            .int(Some(v.id.period.year.into()))
            .int(Some(v.id.period.month.into()))
            .date(Some(v.date))
            .text(Some(&held.date_text))
            .money(v.debit())
            .money(v.credit())
            .int(Some(v.entries.len() as i64)) // as above
            .text(Some(&codes.join(";")))
            .text(Some(&problems.join(";")))
            .text(Some(&v.source.file))
            .text(v.source.sheet.as_deref())
            .int(Some(v.source.row.into()));
        let table = self.table("held_entry");
        for e in &v.entries {
            let account = chart.and_then(|c| account_of(c, &e.account));
            table
                .builder
                .row()
                .text(Some(organisation))
                .text(Some(&id))
                .text(Some(held.reason.code()))
                .int(Some(e.line.into()))
                .text(Some(&e.account))
                .text(e.account_name.as_deref().or(account.map(|a| &*a.name)))
                .text(e.summary.as_deref())
                .money(e.debit)
                .money(e.credit)
                .text(e.counterparty.as_deref())
                .text(Some(&v.source.file))
                .text(v.source.sheet.as_deref())
                .int(Some(e.source_row.into()));
        }
        HeldSummary {
            organisation: organisation.to_owned(),
            voucher: id,
            reason: match held.reason {
                HeldReason::Defective => "待纠正",
                HeldReason::Void => "作废",
            }
            .to_owned(),
            debit: v.debit(),
            credit: v.credit(),
            problems,
            file: v.source.file.to_string(),
            sheet: v.source.sheet.as_deref().unwrap_or_default().to_owned(),
            row: v.source.row,
        }
    }

    pub fn chart(&mut self, organisation: &str, chart: &Chart) {
        self.accounts(organisation, chart, None, None);
    }

    /// The charts of all years. Where there are several, each row says for which years it holds.
    pub fn charts(&mut self, organisation: &str, history: &ChartHistory) {
        let mut first = None;
        for earlier in &history.earlier {
            self.accounts(organisation, &earlier.chart, first, Some(earlier.last_year));
            first = Some(earlier.last_year + 1);
        }
        self.accounts(organisation, &history.latest, first, None);
    }

    fn accounts(
        &mut self,
        organisation: &str,
        chart: &Chart,
        first_year: Option<i32>,
        last_year: Option<i32>,
    ) {
        let table = self.table("account");
        for a in chart.accounts.values() {
            table
                .builder
                .row()
                .text(Some(organisation))
                .text(Some(&a.code))
                .text(Some(&a.name))
                .text(Some(a.side.code()))
                .text(a.parent.as_deref())
                .bool(Some(a.is_leaf))
                .text(a.tag.as_deref())
                .text(Some(&a.category))
                .date(a.active_from)
                .date(a.active_to)
                .int(first_year.map(i64::from))
                .int(last_year.map(i64::from));
        }
    }

    /// The batches of each table, in order of date and voucher whatever order the vouchers came in.
    pub fn finish(mut self) -> Result<Vec<(&'static str, Vec<RecordBatch>)>, AuditError> {
        let unsorted = self.unsorted;
        let posted = self.posted.take().unwrap_or_default();
        let mut finished: Vec<_> = Books::POSTED.into_iter().zip(posted).collect();
        for (name, mut table) in std::mem::take(&mut self.tables) {
            if table.builder.rows() > 0 {
                table.batches.push(table.builder.finish()?);
            }
            let keys: &[&str] = match name {
                "voucher" if unsorted => &["date", "voucher"],
                "entry" if unsorted => &["date", "voucher", "line"],
                "opening_balance" => &["year", "account", "counterparty", "source_row"],
                "held_voucher" => &["voucher", "source_file", "source_row"],
                "held_entry" => &["voucher", "source_file", "source_row", "line"],
                "voucher_revision" => &["voucher", "revision"],
                _ => &[],
            };
            if !keys.is_empty() {
                table.batches = sorted(table.batches, keys)?;
            }
            finished.push((name, table.batches));
        }
        Ok(finished)
    }
}

impl Growing {
    fn flush(&mut self) -> Result<(), AuditError> {
        if self.builder.rows() >= BATCH_ROWS {
            self.batches.push(self.builder.finish()?);
        }
        Ok(())
    }
}

/// The account itself, or the nearest of which it is a detail.
fn account_of<'a>(chart: &'a Chart, code: &str) -> Option<&'a Account> {
    chart.account(code).or_else(|| chart.nearest(code))
}

fn sorted(batches: Vec<RecordBatch>, keys: &[&str]) -> Result<Vec<RecordBatch>, AuditError> {
    let Some(first) = batches.first() else {
        return Ok(batches);
    };
    let all = concat_batches(&first.schema(), &batches)?;
    let columns: Vec<SortColumn> = keys
        .iter()
        .filter_map(|key| {
            Some(SortColumn {
                values: all.column_by_name(key)?.clone(),
                options: None,
            })
        })
        .collect();
    let order = lexsort_to_indices(&columns, None)?;
    let all = take_record_batch(&all, &order)?;
    let starts = (0..all.num_rows()).step_by(BATCH_ROWS);
    Ok(starts
        .map(|start| all.slice(start, BATCH_ROWS.min(all.num_rows() - start)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_books_is_described() {
        for name in Books::TABLES {
            assert!(
                schema::table(name).is_some_and(|t| !t.is_register()),
                "{name}"
            );
        }
    }
}
