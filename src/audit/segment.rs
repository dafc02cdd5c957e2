//! The tables of one organisation's books as bytes and back: Arrow's stream format, one stream after another.
//!
//! What goes in is named by the chain head, the chart and the layout of the tables: the same name means the same rows.

use std::io::Cursor;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use sha2::{Digest, Sha256};

use super::AuditError;
use super::tables::books::Books;
use super::tables::schema;
use crate::model::{Account, Charts, hex};

/// The segment of an organisation that holds its posted books.
pub const NAME: &str = "books";

/// Changes whenever what [`Books`] puts into a row changes without its columns doing so.
const FORMAT: &str = "2";

/// Names the rows of a book: chain head, batches undone, the accounts of every chart, and the columns that rules see.
pub fn made_of(head: &[u8], charts: Charts<'_>, undone: &[i64]) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(FORMAT.as_bytes());
    part(head);
    undone.iter().for_each(|batch| part(&batch.to_be_bytes()));
    let earlier = charts.earlier.iter().map(|e| (e.last_year, &e.chart));
    for (last_year, chart) in earlier.chain([(i32::MAX, charts.latest)]) {
        part(&last_year.to_be_bytes());
        part(chart.standard.code().as_bytes());
        chart.accounts.values().for_each(|a| account(a, &mut part));
    }
    for name in Books::POSTED {
        for column in schema::table(name).iter().flat_map(|t| &t.columns) {
            part(format!("{}:{:?}", column.name, column.kind).as_bytes());
        }
    }
    hex(&hash.finalize())
}

fn account(a: &Account, part: &mut impl FnMut(&[u8])) {
    let texts = [&*a.code, &*a.name, a.side.code(), &*a.category];
    texts.iter().for_each(|t| part(t.as_bytes()));
    let dates = [a.active_from, a.active_to].map(|d| d.map_or_else(String::new, |d| d.to_string()));
    let tag = a.tag.as_deref().unwrap_or_default();
    let others = [
        a.parent.as_deref().unwrap_or_default(),
        tag,
        &dates[0],
        &dates[1],
    ];
    others.iter().for_each(|t| part(t.as_bytes()));
    part(&[u8::from(a.is_leaf)]);
}

/// The batches of every posted table, in the order of [`Books::POSTED`].
pub fn encode(tables: &[Vec<RecordBatch>]) -> Result<Vec<u8>, AuditError> {
    let mut bytes = Vec::new();
    for (name, batches) in Books::POSTED.into_iter().zip(tables) {
        let Some(spec) = schema::table(name) else {
            continue;
        };
        let mut stream = Vec::new();
        let mut writer = StreamWriter::try_new(&mut stream, &spec.arrow())?;
        for batch in batches {
            writer.write(batch)?;
        }
        writer.finish()?;
        drop(writer);
        bytes.extend_from_slice(&(stream.len() as u64).to_le_bytes());
        bytes.append(&mut stream);
    }
    Ok(bytes)
}

/// What [`encode`] made. `None`: these bytes are something else.
pub fn decode(bytes: &[u8]) -> Option<Vec<Vec<RecordBatch>>> {
    let mut rest = bytes;
    let mut tables = Vec::new();
    for name in Books::POSTED {
        let (length, after) = rest.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (stream, after) = after.split_at_checked(length)?;
        let reader = StreamReader::try_new(Cursor::new(stream), None).ok()?;
        if reader.schema() != schema::table(name)?.arrow() {
            return None;
        }
        tables.push(reader.collect::<Result<Vec<_>, _>>().ok()?);
        rest = after;
    }
    rest.is_empty().then_some(tables)
}
