//! Store → snapshot: the current vouchers, the superseded and the held ones, openings, charts and registers.

use std::collections::HashMap;

use datafusion::arrow::array::RecordBatch;
use futures::StreamExt as _;

use super::AuditError;
use super::rule::RulePack;
use super::segment;
use super::snapshot::{Snapshot, SnapshotBuilder};
use super::tables::books::Books;
use crate::ledger::standing::{self, Stretches};
use crate::ledger::{charts, held, lock, read, undo};
use crate::model::{
    ChartHistory, HeldVoucher, Problem, RegisterRow, Severity, VoucherId, catalogue,
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
    until: Option<chrono::NaiveDate>,
    mut progress: impl FnMut(u64),
) -> Result<Snapshot, AuditError> {
    let mut builder = SnapshotBuilder::new();
    builder.pack(pack);
    if let Some(day) = until {
        builder.until(day);
    }
    let books = read::books(store.db()).await?;
    let width = std::thread::available_parallelism().map_or(2, usize::from);
    let mut loading = futures::stream::iter(books)
        .map(|book| tokio::spawn(load_book(store.clone(), book)))
        .buffered(width);
    let (mut charts, mut read_so_far) = (HashMap::new(), 0);
    while let Some(loaded) = loading.next().await {
        let loaded = loaded.map_err(|e| AuditError::Internal(e.to_string()))??;
        let (organisation, length) = (loaded.book.organisation, loaded.book.length.unsigned_abs());
        builder.book(&organisation, Books::from_posted(loaded.tables));
        builder.chain(&organisation, &crate::model::hex(&loaded.book.head), length);
        read_so_far += length;
        progress(read_so_far);
        charts.insert(organisation, loaded.history);
    }
    builder.events(lock::events(store.db(), None).await?);
    builder.undone(undo::vouchers(store).await?);
    add_held(&mut builder, store, &charts).await?;
    add_registers(&mut builder, store).await?;
    builder.finish()
}

/// One organisation's books as rules see them.
struct LoadedBook {
    book: book::Model,
    history: ChartHistory,
    /// In the order of [`Books::POSTED`].
    tables: Vec<Vec<RecordBatch>>,
}

/// From the organisation's segment, or from its rows, which then make a new segment.
async fn load_book(store: Store, book: book::Model) -> Result<LoadedBook, AuditError> {
    let history = charts::history(store.db(), &book.organisation).await?;
    let stretches = Stretches::load(store.db(), &book.organisation).await?;
    let made_of = segment::made_of(&book.head, history.charts(), &stretches.undone());
    let kept = segments::read(&store, &book.organisation, segment::NAME, &made_of).await?;
    let tables = match kept.and_then(segment::decode) {
        Some(tables) => tables,
        None => {
            let tables = read_tables(&store, &book, &history, &stretches).await?;
            let bytes = segment::encode(&tables)?;
            segments::write(&store, &book.organisation, segment::NAME, &made_of, &bytes).await?;
            tables
        }
    };
    Ok(LoadedBook {
        book,
        history,
        tables,
    })
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
    charts: &HashMap<String, ChartHistory>,
) -> Result<(), AuditError> {
    for open in held::open(store.db(), None).await? {
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

async fn add_registers(builder: &mut SnapshotBuilder, store: &Store) -> Result<(), AuditError> {
    for table in catalogue().registers().filter(|t| t.name != "account") {
        for stored in registers::load(store, table, None).await? {
            let owner = (!stored.owner.is_empty()).then_some(&*stored.owner);
            let row: RegisterRow = stored.row;
            let (file, sheet) = (&stored.source_file, stored.source_sheet.as_ref());
            builder.register(owner, table, [row], file, sheet);
        }
    }
    Ok(())
}
