//! Tables of one organisation as bytes and back: Arrow's stream format, one stream after another.
//!
//! What goes in is named by what it was read from (chain head and chart; the batch that last touched a register) and by the layout of
//! the tables: the same name means the same rows.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::ipc::reader::StreamDecoder;
use datafusion::arrow::ipc::writer::StreamWriter;
use sha2::{Digest, Sha256};

use super::AuditError;
use super::snapshot::Part;
use super::tables::books::Books;
use super::tables::schema;
use crate::model::{Account, Charts, hex};

/// The segment of an organisation that holds its posted books.
pub const BOOKS: &str = "books";

/// The segment that holds its registers.
pub const REGISTERS: &str = "registers";

/// Changes whenever what is put into a row changes without its columns doing so.
const FORMAT: &str = "4";

/// Names the rows of a book: chain head, batches undone, the accounts of every chart, and the columns that rules see.
pub fn books_made_of(head: &[u8], charts: Charts<'_>, undone: &[i64]) -> String {
    name_of(&Books::POSTED, |part| {
        part(head);
        undone.iter().for_each(|batch| part(&batch.to_be_bytes()));
        let earlier = charts.earlier.iter().map(|e| (e.last_year, &e.chart));
        for (last_year, chart) in earlier.chain([(i32::MAX, charts.latest)]) {
            part(&last_year.to_be_bytes());
            part(chart.standard.code().as_bytes());
            chart.accounts.values().for_each(|a| account(a, part));
        }
    })
}

/// Names the rows of the registers `names` of an owner: the batch that last touched one, and the columns that rules see.
pub fn registers_made_of(batch: i64, names: &[&str]) -> String {
    name_of(names, |part| part(&batch.to_be_bytes()))
}

/// A digest over what `source` gives, part by part, and over the columns of the tables `names`.
fn name_of(names: &[&str], source: impl FnOnce(&mut dyn FnMut(&[u8]))) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(FORMAT.as_bytes());
    source(&mut part);
    layout(names, &mut part);
    hex(&hash.finalize())
}

fn layout(names: &[&str], part: &mut dyn FnMut(&[u8])) {
    for name in names {
        part(name.as_bytes());
        for column in schema::table(name).iter().flat_map(|t| &t.columns) {
            part(format!("{}:{:?}", column.name, column.kind).as_bytes());
        }
    }
}

fn account(a: &Account, part: &mut dyn FnMut(&[u8])) {
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

/// Every stream begins at a multiple of this: what is read as columns must lie aligned.
const ALIGNMENT: usize = 64;

/// Before each stream: its length, and the digest of its rows.
const LENGTH: usize = 8;
const DIGEST: std::ops::Range<usize> = LENGTH..LENGTH + 32;

/// The tables of these names, one after another. Names that rules do not know are left out.
///
/// # Errors
/// What Arrow says.
pub fn encode(names: &[&str], parts: &[Part]) -> Result<Vec<u8>, AuditError> {
    let mut bytes = Vec::new();
    for (name, part) in names.iter().zip(parts) {
        let Some(spec) = schema::table(name) else {
            continue;
        };
        let head = bytes.len();
        bytes.resize(head + ALIGNMENT, 0);
        let mut writer = StreamWriter::try_new(&mut bytes, &spec.arrow())?;
        for batch in &part.batches {
            writer.write(batch)?;
        }
        writer.finish()?;
        drop(writer);
        let length = (bytes.len() - head - ALIGNMENT) as u64;
        bytes[head..head + LENGTH].copy_from_slice(&length.to_le_bytes());
        bytes[head + DIGEST.start..head + DIGEST.end].copy_from_slice(&part.digest);
        bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
    }
    Ok(bytes)
}

/// What [`encode`] made of these names; the batches share the bytes. `None`: these bytes are something else.
pub fn decode(names: &[&str], bytes: Vec<u8>) -> Option<Vec<Part>> {
    let bytes = Buffer::from_vec(bytes);
    let (mut parts, mut at) = (Vec::new(), 0usize);
    for name in names {
        let head = bytes.get(at..at.checked_add(ALIGNMENT)?)?;
        let length = u64::from_le_bytes(*head.first_chunk::<LENGTH>()?);
        let length = usize::try_from(length).ok()?;
        let digest = head.get(DIGEST)?.try_into().ok()?;
        let first = at + ALIGNMENT;
        let end = first
            .checked_add(length)
            .filter(|end| *end <= bytes.len())?;
        let batches = decode_table(name, bytes.slice_with_length(first, length))?;
        parts.push(Part { batches, digest });
        at = end.next_multiple_of(ALIGNMENT);
    }
    (at == bytes.len()).then_some(parts)
}

fn decode_table(name: &str, mut stream: Buffer) -> Option<Vec<RecordBatch>> {
    let mut decoder = StreamDecoder::new();
    let mut batches = Vec::new();
    while let Some(batch) = decoder.decode(&mut stream).ok()? {
        batches.push(batch);
    }
    decoder.finish().ok()?;
    (decoder.schema()? == schema::table(name)?.arrow()).then_some(batches)
}
