//! Vouchers back from the store, exactly as they were posted.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::LedgerError;
use crate::model::{Entry, Money, Period, Source, Text, Voucher, VoucherId};
use crate::store::entities::{book, entry, voucher};

/// A posted voucher with its place in the chain.
#[derive(Debug, Clone)]
pub struct PostedVoucher {
    pub position: i64,
    pub revision: i64,
    pub voucher: Voucher,
    pub content: Vec<u8>,
    pub format: i64,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

/// The book of an organisation.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`] when there is none.
pub async fn book<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<book::Model, LedgerError> {
    let found = book::Entity::find_by_id(organisation.to_owned())
        .one(connection)
        .await?;
    found.ok_or_else(|| LedgerError::UnknownOrganisation(organisation.to_owned()))
}

/// All books, by organisation code.
pub async fn books<C: ConnectionTrait>(connection: &C) -> Result<Vec<book::Model>, LedgerError> {
    Ok(book::Entity::find()
        .order_by_asc(book::Column::Organisation)
        .all(connection)
        .await?)
}

/// Vouchers at the positions `first..=last`, every revision, in the order of the chain.
pub async fn vouchers<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    first: i64,
    last: i64,
) -> Result<Vec<PostedVoucher>, LedgerError> {
    let heads = voucher::Entity::find()
        .filter(voucher::Column::Organisation.eq(organisation))
        .filter(voucher::Column::Position.between(first, last))
        .order_by_asc(voucher::Column::Position)
        .all(connection)
        .await?;
    let entries = entry::Entity::find()
        .filter(entry::Column::Organisation.eq(organisation))
        .filter(entry::Column::Position.between(first, last))
        .order_by_asc(entry::Column::Position)
        .order_by_asc(entry::Column::Line)
        .all(connection)
        .await?;
    let mut interner = Interner::default();
    let mut by_position: HashMap<i64, Vec<Entry>> = HashMap::with_capacity(heads.len());
    for model in entries {
        let position = model.position;
        let malformed = || LedgerError::Malformed {
            organisation: organisation.to_owned(),
            position,
        };
        by_position
            .entry(position)
            .or_default()
            .push(to_entry(model, &mut interner).ok_or_else(malformed)?);
    }
    heads
        .into_iter()
        .map(|head| {
            let position = head.position;
            let entries = by_position.remove(&position).unwrap_or_default();
            to_voucher(head, entries, &mut interner).ok_or_else(|| LedgerError::Malformed {
                organisation: organisation.to_owned(),
                position,
            })
        })
        .collect()
}

/// Shares equal texts.
#[derive(Default)]
struct Interner(std::collections::HashSet<Text>);

impl Interner {
    fn text(&mut self, text: String) -> Text {
        if let Some(known) = self.0.get(text.as_str()) {
            return known.clone();
        }
        let fresh: Text = text.into();
        self.0.insert(fresh.clone());
        fresh
    }

    fn optional(&mut self, text: Option<String>) -> Option<Text> {
        text.map(|t| self.text(t))
    }
}

fn to_entry(model: entry::Model, interner: &mut Interner) -> Option<Entry> {
    Some(Entry {
        line: u32::try_from(model.line).ok()?,
        summary: interner.optional(model.summary),
        account: interner.text(model.account),
        account_name: interner.optional(model.account_name),
        debit: Money(model.debit),
        credit: Money(model.credit),
        counterparty: interner.optional(model.counterparty),
        contract_no: interner.optional(model.contract_no),
        asset_no: interner.optional(model.asset_no),
        project: interner.optional(model.project),
        fund: interner.optional(model.fund),
        invoice_no: interner.optional(model.invoice_no),
        receipt_no: interner.optional(model.receipt_no),
        bank_txn_no: interner.optional(model.bank_txn_no),
        settlement: interner.optional(model.settlement),
        source_row: u32::try_from(model.source_row).ok()?,
    })
}

fn to_voucher(
    head: voucher::Model,
    entries: Vec<Entry>,
    interner: &mut Interner,
) -> Option<PostedVoucher> {
    let period = Period::new(
        i32::try_from(head.year).ok()?,
        u32::try_from(head.month).ok()?,
    )?;
    Some(PostedVoucher {
        position: head.position,
        revision: head.revision,
        content: head.content,
        format: head.format,
        previous_hash: head.previous_hash,
        hash: head.hash,
        voucher: Voucher {
            // Not through `VoucherId::new`: what stands in the store is taken to the letter.
            id: VoucherId {
                period,
                word: interner.text(head.word),
                number: interner.text(head.number),
            },
            date: head.date,
            attachments: head.attachments.map(u32::try_from).transpose().ok()?,
            maker: interner.optional(head.maker),
            checker: interner.optional(head.checker),
            poster: interner.optional(head.poster),
            cashier: interner.optional(head.cashier),
            entered_at: head.entered_at,
            reverses: interner.optional(head.reverses),
            origin: interner.optional(head.origin),
            source: Source {
                file: interner.text(head.source_file),
                sheet: interner.optional(head.source_sheet),
                row: u32::try_from(head.source_row).ok()?,
            },
            entries,
        },
    })
}
