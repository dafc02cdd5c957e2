//! One register of one organisation: its rows as columns, and a digest of what they say.

use datafusion::arrow::record_batch::RecordBatch;
use sha2::{Digest, Sha256};

use crate::audit::AuditError;
use crate::audit::engine::BATCH_ROWS;
use crate::audit::tables::build::TableBuilder;
use crate::audit::tables::schema::TableSpec;
use crate::model::{RegisterRow, Table, Text, Value};

/// A register row with the place it was handed in.
#[derive(Debug, Clone)]
pub struct Placed {
    pub file: Text,
    pub sheet: Option<Text>,
    pub row: RegisterRow,
}

impl Placed {
    fn place(&self) -> (&str, Option<&str>, u32) {
        (&self.file, self.sheet.as_deref(), self.row.source_row)
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// In the order of the places at which the rows were handed in.
    pub batches: Vec<RecordBatch>,
    /// SHA-256 over the rows and their places: equal rows, equal digest, in whatever order they came. Zeros for tables of the
    /// books, which their chain names.
    pub digest: [u8; 32],
}

impl Part {
    /// The rows of `organisation` (empty: of none) in `table`, which rules see as `spec`.
    ///
    /// # Errors
    /// [`AuditError::Overflow`] when the amounts of a column are too large to be added up exactly.
    pub fn of(
        spec: &'static TableSpec,
        table: &Table,
        organisation: &str,
        mut rows: Vec<Placed>,
    ) -> Result<Part, AuditError> {
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        let (mut builder, mut batches) = (TableBuilder::new(spec), Vec::new());
        for placed in &rows {
            write(&mut builder, spec, organisation, placed);
            if builder.rows() >= BATCH_ROWS {
                batches.push(builder.finish()?);
            }
        }
        if builder.rows() > 0 {
            batches.push(builder.finish()?);
        }
        Ok(Part {
            batches,
            digest: digest(table, &rows),
        })
    }

    /// Rows that rules do not see as a register: their digest alone.
    pub fn unseen(table: &Table, mut rows: Vec<Placed>) -> Part {
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        Part {
            batches: Vec::new(),
            digest: digest(table, &rows),
        }
    }

    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|b| b.num_rows() as u64).sum()
    }
}

fn write(
    builder: &mut TableBuilder,
    spec: &'static TableSpec,
    organisation: &str,
    placed: &Placed,
) {
    let mut cells = builder.row();
    cells.text(Some(organisation).filter(|o| !o.is_empty()));
    // Between the organisation and the three columns of the place stand the register's own.
    let own = spec.columns.len().saturating_sub(4);
    for from in spec.from_catalogue.iter().skip(1).take(own) {
        let value = from.and_then(|i| placed.row.values.get(i));
        cells.value(value.unwrap_or(&Value::Null));
    }
    cells
        .text(Some(&placed.file))
        .text(placed.sheet.as_deref())
        .int(Some(placed.row.source_row.into()));
}

/// The digest of [`Part`], of rows in the order of their places.
fn digest(table: &Table, rows: &[Placed]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let mut part = |text: &str| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    };
    for placed in rows {
        part(&placed.file);
        part(placed.sheet.as_deref().unwrap_or_default());
        part(&placed.row.source_row.to_string());
        for (value, column) in placed.row.values.iter().zip(&table.columns) {
            match value {
                // Most cells are texts: they need no copy.
                Value::Text(text) => part(text),
                other => part(&other.display(&column.kind)),
            }
        }
    }
    hasher.finalize().into()
}
