//! Builds one Arrow batch of a table, cell by cell in column order, and proves on the way that its money sums fit.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use datafusion::arrow::array::{
    ArrayRef, AsArray as _, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder,
    StringBuilder, TimestampSecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Decimal128Type};
use datafusion::arrow::record_batch::RecordBatch;

use super::schema::{TableSpec, arrow_type};
use crate::audit::AuditError;
use crate::model::{ColumnType, Money, Value};

/// Days from 1970-01-01, as Arrow's `Date32` counts.
pub fn days(date: NaiveDate) -> i32 {
    (date - NaiveDate::default()).num_days() as i32 // chrono's dates span ±262 000 years: always fits
}

/// The date of a `Date32`.
pub fn date_of(days: i32) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::Duration::days(days.into()))
}

enum Cells {
    Text(StringBuilder),
    Int(Int64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Time(TimestampSecondBuilder),
    Decimal(Decimal128Builder),
}

/// A batch under construction. Rows are begun by [`TableBuilder::row`]; cells left unwritten become NULL.
pub struct TableBuilder {
    spec: &'static TableSpec,
    cells: Vec<Cells>,
    rows: usize,
    /// Σ|raw| of each column.
    totals: Vec<u128>,
}

/// Writes one row's cells in column order.
pub struct RowWriter<'a> {
    builder: &'a mut TableBuilder,
    at: usize,
}

impl TableBuilder {
    pub fn new(spec: &'static TableSpec) -> TableBuilder {
        let cells = spec.columns.iter().map(|c| new_cells(&c.kind)).collect();
        TableBuilder {
            spec,
            cells,
            rows: 0,
            totals: vec![0; spec.columns.len()],
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn row(&mut self) -> RowWriter<'_> {
        self.rows += 1;
        RowWriter {
            builder: self,
            at: 0,
        }
    }

    /// The batch so far; the builder starts again empty and keeps its sums.
    ///
    /// # Errors
    /// [`AuditError::Overflow`] when the absolute amounts of a column no longer fit 64 bits.
    pub fn finish(&mut self) -> Result<RecordBatch, AuditError> {
        fit(self.spec, &self.totals)?;
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.cells.len());
        for (cells, column) in self.cells.iter_mut().zip(&self.spec.columns) {
            arrays.push(match cells {
                Cells::Text(b) => Arc::new(b.finish()),
                Cells::Int(b) => Arc::new(b.finish()),
                Cells::Bool(b) => Arc::new(b.finish()),
                Cells::Date(b) => Arc::new(b.finish()),
                Cells::Time(b) => Arc::new(b.finish()),
                Cells::Decimal(b) => {
                    let array = Arc::new(b.finish());
                    *cells = new_cells(&column.kind);
                    array
                }
            });
        }
        self.rows = 0;
        Ok(RecordBatch::try_new(self.spec.arrow(), arrays)?)
    }
}

/// Whether the amounts of each column can be added up exactly over all batches.
///
/// # Errors
/// [`AuditError::Overflow`].
pub fn sums_fit(spec: &TableSpec, batches: &[RecordBatch]) -> Result<(), AuditError> {
    let mut totals = vec![0u128; spec.columns.len()];
    for batch in batches {
        for (total, column) in totals.iter_mut().zip(batch.columns()) {
            if let Some(amounts) = column.as_primitive_opt::<Decimal128Type>() {
                let amounts = amounts.iter().flatten();
                *total += amounts.map(i128::unsigned_abs).sum::<u128>();
            }
        }
    }
    fit(spec, &totals)
}

fn fit(spec: &TableSpec, totals: &[u128]) -> Result<(), AuditError> {
    let mut columns = spec.columns.iter().zip(totals);
    match columns.find(|(_, total)| **total > i64::MAX as u128) {
        None => Ok(()),
        Some((column, _)) => Err(AuditError::Overflow {
            table: spec.title.clone(),
            column: column.headers.first().cloned().unwrap_or_default(),
        }),
    }
}

fn new_cells(kind: &ColumnType) -> Cells {
    match arrow_type(kind) {
        DataType::Date32 => Cells::Date(Date32Builder::new()),
        DataType::Timestamp(..) => Cells::Time(TimestampSecondBuilder::new()),
        DataType::Boolean => Cells::Bool(BooleanBuilder::new()),
        DataType::Int64 => Cells::Int(Int64Builder::new()),
        DataType::Decimal128(precision, scale) => Cells::Decimal(
            Decimal128Builder::new().with_data_type(DataType::Decimal128(precision, scale)),
        ),
        _ => Cells::Text(StringBuilder::new()),
    }
}

impl RowWriter<'_> {
    pub fn text(&mut self, text: Option<&str>) -> &mut Self {
        match &mut self.builder.cells[self.at] {
            Cells::Text(b) => b.append_option(text),
            other => other.append_null(),
        }
        self.at += 1;
        self
    }

    pub fn int(&mut self, n: Option<i64>) -> &mut Self {
        match &mut self.builder.cells[self.at] {
            Cells::Int(b) => b.append_option(n),
            Cells::Decimal(b) => {
                self.builder.totals[self.at] += u128::from(n.unwrap_or(0).unsigned_abs());
                b.append_option(n.map(i128::from));
            }
            other => other.append_null(),
        }
        self.at += 1;
        self
    }

    pub fn money(&mut self, money: Money) -> &mut Self {
        self.int(Some(money.0))
    }

    pub fn date(&mut self, date: Option<NaiveDate>) -> &mut Self {
        match &mut self.builder.cells[self.at] {
            Cells::Date(b) => b.append_option(date.map(days)),
            other => other.append_null(),
        }
        self.at += 1;
        self
    }

    pub fn time(&mut self, time: Option<NaiveDateTime>) -> &mut Self {
        match &mut self.builder.cells[self.at] {
            Cells::Time(b) => b.append_option(time.map(|t| t.and_utc().timestamp())),
            other => other.append_null(),
        }
        self.at += 1;
        self
    }

    pub fn bool(&mut self, value: Option<bool>) -> &mut Self {
        match &mut self.builder.cells[self.at] {
            Cells::Bool(b) => b.append_option(value),
            other => other.append_null(),
        }
        self.at += 1;
        self
    }

    pub fn value(&mut self, value: &Value) -> &mut Self {
        match value {
            Value::Null => {
                self.builder.cells[self.at].append_null();
                self.at += 1;
                self
            }
            Value::Text(text) => self.text(Some(text)),
            Value::Int(n) => self.int(Some(*n)),
            Value::Bool(b) => self.bool(Some(*b)),
            Value::Date(date) => self.date(Some(*date)),
            Value::Time(time) => self.time(Some(*time)),
        }
    }
}

/// Cells not written become NULL, so that no column can fall out of step.
impl Drop for RowWriter<'_> {
    fn drop(&mut self) {
        for cells in &mut self.builder.cells[self.at..] {
            cells.append_null();
        }
    }
}

impl Cells {
    fn append_null(&mut self) {
        match self {
            Cells::Text(b) => b.append_null(),
            Cells::Int(b) => b.append_null(),
            Cells::Bool(b) => b.append_null(),
            Cells::Date(b) => b.append_null(),
            Cells::Time(b) => b.append_null(),
            Cells::Decimal(b) => b.append_null(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tables::schema;

    #[test]
    fn sums_beyond_64_bits_are_refused() {
        let mut builder = TableBuilder::new(schema::table("voucher_revision").unwrap());
        for _ in 0..2 {
            builder
                .row()
                .text(Some("A"))
                .text(Some("v"))
                .int(Some(1))
                .date(None)
                .money(Money(i64::MAX / 2));
        }
        assert_eq!(builder.finish().unwrap().num_rows(), 2);
        builder
            .row()
            .text(Some("A"))
            .text(None)
            .int(None)
            .date(None)
            .money(Money(-5));
        assert!(matches!(builder.finish(), Err(AuditError::Overflow { .. })));
    }

    #[test]
    fn days_and_back() {
        let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_eq!(date_of(days(date)), Some(date));
        assert_eq!(days(date), 19_782);
    }
}
