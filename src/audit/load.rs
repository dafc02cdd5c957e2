//! Store → snapshot: the current vouchers, the superseded and the held ones, openings, charts and registers.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::AuditError;
use super::rule::RulePack;
use super::snapshot::{Snapshot, SnapshotBuilder};
use crate::ledger::lock;
use crate::ledger::read::{self, PostedVoucher};
use crate::model::{
    Account, Chart, Entry, HeldReason, HeldVoucher, Money, Period, Problem, RegisterRow, Severity,
    Side, Source, Standard, Text, Voucher, VoucherId, catalogue,
};
use crate::store::entities::{account, held_entry, held_voucher};
use crate::store::{Store, registers};

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
    let mut charts = HashMap::new();
    let mut read_so_far = 0;
    for book in read::books(store.db()).await? {
        let standard = Standard::from_code(&book.standard).unwrap_or(Standard::Enterprise);
        let chart = read_chart(store, &book.organisation, standard).await?;
        builder.chart(&book.organisation, &chart);
        builder.chain(
            &book.organisation,
            &crate::model::hex(&book.head),
            book.length.unsigned_abs(),
        );
        add_vouchers(
            &mut builder,
            store,
            &book.organisation,
            book.length,
            &chart,
            |n| {
                progress(read_so_far + n);
            },
        )
        .await?;
        read_so_far += book.length.unsigned_abs();
        charts.insert(book.organisation, chart);
    }
    builder.events(lock::events(store.db(), None).await?);
    add_held(&mut builder, store, &charts).await?;
    add_registers(&mut builder, store).await?;
    builder.finish()
}

async fn read_chart(
    store: &Store,
    organisation: &str,
    standard: Standard,
) -> Result<Chart, AuditError> {
    let models = account::Entity::find()
        .filter(account::Column::Organisation.eq(organisation))
        .all(store.db())
        .await
        .map_err(crate::store::StoreError::from)?;
    let accounts = models.into_iter().map(|m| {
        let code: Text = m.code.into();
        let account = Account {
            code: code.clone(),
            name: m.name.into(),
            side: Side::from_code(&m.normal_side).unwrap_or(Side::Either),
            parent: m.parent.map(Into::into),
            is_leaf: m.is_leaf,
            category: m.category.into(),
            tag: m.tag.map(Into::into),
            active_from: m.active_from,
            active_to: m.active_to,
        };
        (code, account)
    });
    Ok(Chart {
        standard,
        accounts: accounts.collect(),
    })
}

async fn add_vouchers(
    builder: &mut SnapshotBuilder,
    store: &Store,
    organisation: &str,
    length: i64,
    chart: &Chart,
    mut progress: impl FnMut(u64),
) -> Result<(), AuditError> {
    let latest = latest_revisions(store, organisation).await?;
    let mut first = 1;
    while first <= length {
        let last = (first + STEP - 1).min(length);
        for posted in read::vouchers(store.db(), organisation, first, last).await? {
            add_voucher(builder, organisation, &posted, chart, &latest)?;
        }
        progress(last.unsigned_abs());
        first = last + 1;
    }
    Ok(())
}

fn add_voucher(
    builder: &mut SnapshotBuilder,
    organisation: &str,
    posted: &PostedVoucher,
    chart: &Chart,
    revised: &HashMap<VoucherId, i64>,
) -> Result<(), AuditError> {
    let revision = u32::try_from(posted.revision).unwrap_or(1);
    if revised
        .get(&posted.voucher.id)
        .is_some_and(|latest| posted.revision < *latest)
    {
        builder.superseded(organisation, &posted.voucher, revision);
    } else if posted.voucher.id.is_opening() {
        builder.opening(organisation, &posted.voucher, chart);
    } else {
        builder.voucher(organisation, &posted.voucher, revision, chart)?;
    }
    Ok(())
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
    let heads = held_voucher::Entity::find()
        .filter(held_voucher::Column::SettledIn.is_null())
        .order_by_asc(held_voucher::Column::Id)
        .all(store.db())
        .await
        .map_err(crate::store::StoreError::from)?;
    let entries = held_entry::Entity::find()
        .order_by_asc(held_entry::Column::HeldId)
        .order_by_asc(held_entry::Column::Line)
        .all(store.db())
        .await
        .map_err(crate::store::StoreError::from)?;
    let mut lines: BTreeMap<i64, Vec<Entry>> = BTreeMap::new();
    for model in entries {
        lines
            .entry(model.held_id)
            .or_default()
            .push(held_line(model));
    }
    for head in heads {
        let organisation = head.organisation.clone();
        let entries = lines.remove(&head.id).unwrap_or_default();
        if let Some(held) = held(head, entries) {
            builder.held(&organisation, &held, charts.get(&organisation));
        }
    }
    Ok(())
}

fn held_line(model: held_entry::Model) -> Entry {
    Entry {
        line: u32::try_from(model.line).unwrap_or(0),
        summary: model.summary.map(Into::into),
        account: model.account.into(),
        account_name: model.account_name.map(Into::into),
        debit: Money(model.debit),
        credit: Money(model.credit),
        counterparty: model.counterparty.map(Into::into),
        source_row: u32::try_from(model.source_row).unwrap_or(0),
        ..Entry::default()
    }
}

fn held(head: held_voucher::Model, entries: Vec<Entry>) -> Option<HeldVoucher> {
    let period = period(head.year, head.month)?;
    let reason = if head.reason == "void" {
        HeldReason::Void
    } else {
        HeldReason::Defective
    };
    let source = Source {
        file: head.source_file.into(),
        sheet: head.source_sheet.map(Into::into),
        row: u32::try_from(head.source_row).unwrap_or(0),
    };
    let problems = problems(&head.codes, &head.message);
    let date =
        crate::model::date::parse_date(&head.date_text).unwrap_or_else(|| period.first_day());
    Some(HeldVoucher {
        reason,
        date_text: head.date_text.into(),
        voucher: Voucher {
            id: VoucherId {
                period,
                word: head.word.into(),
                number: head.number.into(),
            },
            date,
            attachments: None,
            maker: head.maker.map(Into::into),
            checker: head.checker.map(Into::into),
            poster: head.poster.map(Into::into),
            cashier: head.cashier.map(Into::into),
            entered_at: None,
            reverses: None,
            origin: None,
            source,
            entries,
        },
        problems,
    })
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
        let mut files: HashMap<String, Text> = HashMap::new();
        for stored in registers::load(store.db(), table).await? {
            let file = files
                .entry(stored.source_file)
                .or_insert_with_key(|f| f.as_str().into())
                .clone();
            let sheet: Option<Text> = stored.source_sheet.map(Into::into);
            let owner = (!stored.owner.is_empty()).then_some(stored.owner.as_str());
            let row: RegisterRow = stored.row;
            builder.register(owner, table, [row], &file, sheet.as_ref());
        }
    }
    Ok(())
}
