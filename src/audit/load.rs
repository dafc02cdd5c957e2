//! Store → snapshot: the current vouchers, the superseded and the held ones, openings, charts and registers.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use datafusion::arrow::array::RecordBatch;
use futures::StreamExt as _;

use super::AuditError;
use super::rule::RulePack;
use super::segment;
use super::snapshot::{Part, Placed, Snapshot, SnapshotBuilder};
use super::tables::books::Books;
use super::tables::schema::{self, TableSpec};
use crate::ledger::standing::{self, Stretches};
use crate::ledger::{charts, held, lock, read, search, undo};
use crate::model::{
    ChartHistory, HeldVoucher, Level, Problem, RegisterRow, Severity, Table, VoucherId, catalogue,
};
use crate::store::entities::book;
use crate::store::{Store, registers, segments};

/// Vouchers read per round trip.
const STEP: i64 = 10_000;

/// Reads everything that an audit looks at. `progress` is told how many vouchers were read.
///
/// # Errors
/// [`AuditError`] when the store cannot be read or amounts are too large to be added up.
pub async fn load(
    store: &Store,
    pack: &RulePack,
    until: Option<NaiveDate>,
    progress: impl FnMut(u64),
) -> Result<Snapshot, AuditError> {
    load_some(store, pack, until, None, progress).await
}

/// [`load`] of what one organisation handed in, and the street's tables. `until`: see [`last_day`].
///
/// # Errors
/// Those of [`load`].
pub async fn load_only(
    store: &Store,
    pack: &RulePack,
    until: Option<NaiveDate>,
    organisation: &str,
) -> Result<Snapshot, AuditError> {
    load_some(store, pack, until, Some(organisation), |_| {}).await
}

/// Everyone who handed in books or registers.
///
/// # Errors
/// What the database says.
pub async fn organisations(store: &Store) -> Result<BTreeSet<String>, AuditError> {
    let books = read::books(store.db()).await?;
    let states = registers::states(store.db()).await?;
    let owners = states.into_keys().filter(|o| !o.is_empty());
    Ok(books
        .into_iter()
        .map(|b| b.organisation)
        .chain(owners)
        .collect())
}

/// The last day of the street's books: up to it open-ended contracts are counted, whoever is looked at.
///
/// # Errors
/// What the database says.
pub async fn last_day(store: &Store) -> Result<Option<NaiveDate>, AuditError> {
    let spans = search::spans(store.db(), None).await?;
    Ok(spans.values().map(|s| s.last.last_day()).max())
}

async fn load_some(
    store: &Store,
    pack: &RulePack,
    until: Option<NaiveDate>,
    only: Option<&str>,
    mut progress: impl FnMut(u64),
) -> Result<Snapshot, AuditError> {
    let wanted = |organisation: &str| only.is_none_or(|o| o == organisation);
    let mut builder = SnapshotBuilder::new();
    builder.pack(pack);
    if let Some(day) = until {
        builder.until(day);
    }
    let mut books = read::books(store.db()).await?;
    books.retain(|b| wanted(&b.organisation));
    let mut states = registers::states(store.db()).await?;
    states.retain(|owner, _| owner.is_empty() || wanted(owner));
    let width = std::thread::available_parallelism().map_or(2, usize::from);
    let mut loading = futures::stream::iter(books)
        .map(|book| {
            let state = states.remove(&book.organisation);
            tokio::spawn(load_one(store.clone(), book, state))
        })
        .buffered(width);
    let (mut charts, mut read_so_far) = (HashMap::new(), 0);
    while let Some(loaded) = loading.next().await {
        let loaded = loaded.map_err(|e| AuditError::Internal(e.to_string()))??;
        let (organisation, length) = (loaded.book.organisation, loaded.book.length.unsigned_abs());
        builder.book(&organisation, Books::from_posted(loaded.tables));
        builder.chain(&organisation, &crate::model::hex(&loaded.book.head), length);
        add_parts(&mut builder, &organisation, loaded.registers);
        read_so_far += length;
        progress(read_so_far);
        charts.insert(organisation, loaded.history);
    }
    drop(loading);
    // Registers of the street, and of companies without books: few, and not kept.
    for owner in states.keys() {
        let parts = read_registers(store, owner).await?;
        add_parts(&mut builder, owner, parts);
    }
    builder.events(lock::events(store.db(), only).await?);
    let mut undone = undo::vouchers(store).await?;
    undone.retain(|v| wanted(&v.organisation));
    builder.undone(undone);
    add_held(&mut builder, store, only, &charts).await?;
    add_registers(&mut builder, store, only).await?;
    builder.finish()
}

/// What one organisation handed in, as rules see it.
struct Loaded {
    book: book::Model,
    history: ChartHistory,
    /// In the order of [`Books::POSTED`].
    tables: Vec<Vec<RecordBatch>>,
    /// In the order of [`in_columns`].
    registers: Vec<Part>,
}

/// From the organisation's segments, or from its rows, which then make new segments.
async fn load_one(
    store: Store,
    book: book::Model,
    state: Option<i64>,
) -> Result<Loaded, AuditError> {
    let history = charts::history(store.db(), &book.organisation).await?;
    let stretches = Stretches::load(store.db(), &book.organisation).await?;
    let made_of = segment::books_made_of(&book.head, history.charts(), &stretches.undone());
    let read = async || {
        let tables = read_tables(&store, &book, &history, &stretches).await?;
        let part = |batches| Part {
            batches,
            ..Part::default()
        };
        Ok(tables.into_iter().map(part).collect())
    };
    let place = (&*book.organisation, segment::BOOKS);
    let tables = kept_or_read(&store, place, &made_of, &Books::POSTED, read).await?;
    let registers = match state {
        Some(state) => kept_registers(&store, &book.organisation, state).await?,
        None => Vec::new(),
    };
    Ok(Loaded {
        tables: tables.into_iter().map(|t| t.batches).collect(),
        registers,
        book,
        history,
    })
}

/// The tables of a segment (organisation and name); of the rows, where it is not there or of something else.
async fn kept_or_read(
    store: &Store,
    (organisation, name): (&str, &str),
    made_of: &str,
    tables: &[&str],
    read: impl AsyncFnOnce() -> Result<Vec<Part>, AuditError>,
) -> Result<Vec<Part>, AuditError> {
    let kept = segments::read(store, organisation, name, made_of).await?;
    if let Some(parts) = kept.and_then(|bytes| segment::decode(tables, bytes)) {
        return Ok(parts);
    }
    let parts = read().await?;
    let bytes = segment::encode(tables, &parts)?;
    segments::write(store, organisation, name, made_of, &bytes).await?;
    Ok(parts)
}

/// Registers that are read as columns, once for each state of them. Of the others the engine itself reads rows, and there are few:
/// tables of the street, and contracts with their instalments, from which what is due is worked out.
fn in_columns() -> impl Iterator<Item = (&'static Table, &'static TableSpec)> {
    let by_row = ["account", "contract", "payment_schedule"];
    let all = catalogue().registers().filter(move |t| {
        t.level == Level::Company
            && t.organisation_column().is_none()
            && !by_row.contains(&t.name.as_str())
    });
    all.filter_map(|t| Some((t, schema::table(&t.name)?)))
}

/// Their names, as rules know them.
fn names_in_columns() -> Vec<&'static str> {
    in_columns().map(|(table, _)| table.name.as_str()).collect()
}

async fn kept_registers(
    store: &Store,
    organisation: &str,
    state: i64,
) -> Result<Vec<Part>, AuditError> {
    let names = names_in_columns();
    let made_of = segment::registers_made_of(state, &names);
    let read = async || read_registers(store, organisation).await;
    let place = (organisation, segment::REGISTERS);
    kept_or_read(store, place, &made_of, &names, read).await
}

/// One table after another: the rows of one are gone before those of the next are read.
async fn read_registers(store: &Store, organisation: &str) -> Result<Vec<Part>, AuditError> {
    let mut parts = Vec::new();
    for (table, spec) in in_columns() {
        let stored = registers::load(store, table, Some(organisation)).await?;
        let placed = stored.into_iter().map(|stored| Placed {
            file: stored.source_file,
            sheet: stored.source_sheet,
            row: stored.row,
        });
        parts.push(Part::of(spec, table, organisation, placed.collect())?);
    }
    Ok(parts)
}

async fn read_tables(
    store: &Store,
    book: &book::Model,
    history: &ChartHistory,
    stretches: &Stretches,
) -> Result<Vec<Vec<RecordBatch>>, AuditError> {
    let organisation = &*book.organisation;
    let revised = standing_revisions(store, organisation, stretches).await?;
    let mut books = Books::default();
    books.charts(organisation, history);
    let mut first = 1;
    while first <= book.length {
        let last = (first + STEP - 1).min(book.length);
        for posted in read::vouchers(store, organisation, first, last).await? {
            let voucher = &posted.voucher;
            let chart = history.of(voucher.id.period.year);
            let (number, newest) = match revised.get(&voucher.id) {
                None => (1, true),
                Some(standing) => match standing.iter().position(|at| *at == posted.position) {
                    // Taken back with its batch, or put there by the undo itself.
                    None => continue,
                    // A voucher that was handed in voided later: the form before it is one that counts no more.
                    Some(_) if voucher.is_undo() => continue,
                    Some(at) => (at as u32 + 1, at + 1 == standing.len()),
                },
            };
            if !newest {
                books.superseded(organisation, voucher, number);
            } else if voucher.id.is_opening() {
                books.opening(organisation, voucher, chart);
            } else {
                books.voucher(organisation, voucher, number, chart)?;
            }
        }
        first = last + 1;
    }
    books.into_posted()
}

/// Of the vouchers with several revisions, the positions of those that stand, oldest first; all others are current as they
/// are. Rules count the revisions that stand: a batch handed in, undone and handed in again is handed in once.
async fn standing_revisions(
    store: &Store,
    organisation: &str,
    stretches: &Stretches,
) -> Result<HashMap<VoucherId, Vec<i64>>, AuditError> {
    let revised = standing::revised(store, organisation).await?;
    let standing = revised.into_iter().map(|(id, all)| {
        let positions = all.into_iter().map(|(position, _)| position);
        (id, positions.filter(|at| stretches.stands(*at)).collect())
    });
    Ok(standing.collect())
}

async fn add_held(
    builder: &mut SnapshotBuilder,
    store: &Store,
    only: Option<&str>,
    charts: &HashMap<String, ChartHistory>,
) -> Result<(), AuditError> {
    for open in held::open(store.db(), only).await? {
        let voucher = HeldVoucher {
            reason: open.reason,
            date_text: open.date_text,
            voucher: open.voucher,
            problems: problems(&open.codes, &open.message),
        };
        let history = charts.get(&open.organisation);
        let chart = history.map(|h| h.of(voucher.voucher.id.period.year));
        builder.held(&open.organisation, &voucher, chart);
    }
    Ok(())
}

/// The store keeps codes and one text; for the rules the text stands with the first code.
fn problems(codes: &str, message: &str) -> Vec<Problem> {
    codes
        .split(';')
        .filter(|c| !c.is_empty())
        .enumerate()
        .map(|(i, code)| Problem {
            code: code.to_owned().into(),
            severity: Severity::Error,
            place: Default::default(),
            message: if i == 0 {
                message.to_owned()
            } else {
                String::new()
            },
            found: String::new(),
            advice: "".into(),
        })
        .collect()
}

fn add_parts(builder: &mut SnapshotBuilder, organisation: &str, parts: Vec<Part>) {
    for (name, part) in names_in_columns().into_iter().zip(parts) {
        if part.rows() > 0 {
            builder.part(organisation, name, part);
        }
    }
}

/// The registers of which the engine itself reads rows.
async fn add_registers(
    builder: &mut SnapshotBuilder,
    store: &Store,
    only: Option<&str>,
) -> Result<(), AuditError> {
    let in_columns = names_in_columns();
    let by_row = catalogue().registers();
    for table in by_row.filter(|t| t.name != "account" && !in_columns.contains(&t.name.as_str())) {
        let owner = only.filter(|_| table.level == Level::Company);
        for stored in registers::load(store, table, owner).await? {
            let owner = (!stored.owner.is_empty()).then_some(&*stored.owner);
            let row: RegisterRow = stored.row;
            let (file, sheet) = (&stored.source_file, stored.source_sheet.as_ref());
            builder.register(owner, table, [row], file, sheet);
        }
    }
    Ok(())
}
