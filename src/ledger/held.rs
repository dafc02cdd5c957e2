//! Vouchers kept outside the books that nobody has put right yet, back from the store.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::LedgerError;
use crate::model::{Entry, HeldReason, Money, Period, Source, Text, Voucher, VoucherId};
use crate::store::entities::{held_entry, held_voucher};

/// A held voucher as it is kept: the text of its date, and what was wrong.
#[derive(Debug, Clone)]
pub struct OpenHeld {
    pub organisation: String,
    pub reason: HeldReason,
    pub date_text: Text,
    /// Dated the first of its month where the date handed in is impossible.
    pub voucher: Voucher,
    /// Codes joined by `;`.
    pub codes: String,
    pub message: String,
}

/// Held vouchers that are not settled, of one organisation or of all, in the order in which they were held.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn open<C: ConnectionTrait>(
    connection: &C,
    organisation: Option<&str>,
) -> Result<Vec<OpenHeld>, LedgerError> {
    let heads = held_voucher::Entity::find()
        .filter(held_voucher::Column::SettledIn.is_null())
        .order_by_asc(held_voucher::Column::Id);
    let heads = match organisation {
        Some(code) => heads.filter(held_voucher::Column::Organisation.eq(code)),
        None => heads,
    };
    let heads = heads.all(connection).await?;
    let entries = held_entry::Entity::find()
        .order_by_asc(held_entry::Column::HeldId)
        .order_by_asc(held_entry::Column::Line)
        .all(connection)
        .await?;
    let mut lines: BTreeMap<i64, Vec<Entry>> = BTreeMap::new();
    for model in entries {
        lines.entry(model.held_id).or_default().push(line(model));
    }
    let open = heads.into_iter().filter_map(|head| {
        let entries = lines.remove(&head.id).unwrap_or_default();
        held(head, entries)
    });
    Ok(open.collect())
}

fn line(model: held_entry::Model) -> Entry {
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

fn held(head: held_voucher::Model, entries: Vec<Entry>) -> Option<OpenHeld> {
    let (year, month) = (
        i32::try_from(head.year).ok()?,
        u32::try_from(head.month).ok()?,
    );
    let period = Period::new(year, month)?;
    let reason = match head.reason.as_str() {
        "void" => HeldReason::Void,
        _ => HeldReason::Defective,
    };
    let source = Source {
        file: head.source_file.into(),
        sheet: head.source_sheet.map(Into::into),
        row: u32::try_from(head.source_row).unwrap_or(0),
    };
    let date =
        crate::model::date::parse_date(&head.date_text).unwrap_or_else(|| period.first_day());
    Some(OpenHeld {
        organisation: head.organisation,
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
        codes: head.codes,
        message: head.message,
    })
}
