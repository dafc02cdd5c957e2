//! Store → snapshot: the current vouchers, the superseded and the held ones, openings, charts and registers.

use std::collections::HashMap;

use datafusion::arrow::array::RecordBatch;
use futures::StreamExt as _;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::AuditError;
use super::rule::RulePack;
use super::segment;
use super::snapshot::{Snapshot, SnapshotBuilder};
use super::tables::books::Books;
use crate::ledger::{held, lock, read};
use crate::model::{
    Chart, HeldVoucher, Period, Problem, RegisterRow, Severity, Standard, VoucherId, catalogue,
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
        charts.insert(organisation, loaded.chart);
    }
    builder.events(lock::events(store.db(), None).await?);
    add_held(&mut builder, store, &charts).await?;
    add_registers(&mut builder, store).await?;
    builder.finish()
}

/// One organisation's books as rules see them.
struct LoadedBook {
    book: book::Model,
    chart: Chart,
    /// In the order of [`Books::POSTED`].
    tables: Vec<Vec<RecordBatch>>,
}

/// From the organisation's segment, or from its rows, which then make a new segment.
async fn load_book(store: Store, book: book::Model) -> Result<LoadedBook, AuditError> {
    let standard = Standard::from_code(&book.standard).unwrap_or(Standard::Enterprise);
    let chart = read::chart(store.db(), &book.organisation, standard).await?;
    let made_of = segment::made_of(&book.head, &chart);
    let kept = segments::read(&store, &book.organisation, segment::NAME, &made_of).await?;
    let tables = match kept.as_deref().and_then(segment::decode) {
        Some(tables) => tables,
        None => {
            let tables = read_tables(&store, &book, &chart).await?;
            let bytes = segment::encode(&tables)?;
            segments::write(&store, &book.organisation, segment::NAME, &made_of, &bytes).await?;
            tables
        }
    };
    Ok(LoadedBook {
        book,
        chart,
        tables,
    })
}

async fn read_tables(
    store: &Store,
    book: &book::Model,
    chart: &Chart,
) -> Result<Vec<Vec<RecordBatch>>, AuditError> {
    let organisation = &*book.organisation;
    let latest = latest_revisions(store, organisation).await?;
    let mut books = Books::default();
    books.chart(organisation, chart);
    let mut first = 1;
    while first <= book.length {
        let last = (first + STEP - 1).min(book.length);
        for posted in read::vouchers(store, organisation, first, last).await? {
            let (voucher, revision) = (&posted.voucher, posted.revision);
            let number = u32::try_from(revision).unwrap_or(1);
            if latest
                .get(&voucher.id)
                .is_some_and(|newest| revision < *newest)
            {
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

/// Latest revision of the vouchers that have more than one; the others are current as they stand.
async fn latest_revisions(
    store: &Store,
    organisation: &str,
) -> Result<HashMap<VoucherId, i64>, AuditError> {
    use crate::store::entities::voucher;
    let revised = voucher::Entity::find()
        .filter(voucher::Column::Organisation.eq(organisation))
        .filter(voucher::Column::Revision.gt(1))
        .order_by_asc(voucher::Column::Revision)
        .all(store.db())
        .await
        .map_err(crate::store::StoreError::from)?;
    let mut latest = HashMap::new();
    for head in revised {
        if let Some(period) = period(head.year, head.month) {
            let id = VoucherId {
                period,
                word: head.word.into(),
                number: head.number.into(),
            };
            latest.insert(id, head.revision);
        }
    }
    Ok(latest)
}

fn period(year: i64, month: i64) -> Option<Period> {
    Period::new(i32::try_from(year).ok()?, u32::try_from(month).ok()?)
}

async fn add_held(
    builder: &mut SnapshotBuilder,
    store: &Store,
    charts: &HashMap<String, Chart>,
) -> Result<(), AuditError> {
    for open in held::open(store.db(), None).await? {
        let voucher = HeldVoucher {
            reason: open.reason,
            date_text: open.date_text,
            voucher: open.voucher,
            problems: problems(&open.codes, &open.message),
        };
        let chart = charts.get(&open.organisation);
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
