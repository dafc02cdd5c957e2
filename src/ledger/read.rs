//! Vouchers back from the store, exactly as they were posted.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};

use super::LedgerError;
use crate::model::voucher::OPENING_WORD;
use crate::model::{Entry, Interner, Money, Period, Source, Voucher, VoucherId};
use crate::store::entities::book;
use crate::store::{Cell, Row, Scan, StoreError};

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

/// Whether the balances at the beginning of a year are known: an opening of another origin than `but`, or vouchers of an
/// earlier year.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_opened<S: Scan>(
    source: &S,
    organisation: &str,
    year: i32,
    but: &str,
) -> Result<bool, LedgerError> {
    let sql = "SELECT COUNT(*) FROM voucher WHERE organisation = ? AND (year < ? OR (year = ? AND word = ? AND COALESCE(origin, '') <> ?))";
    let year = i64::from(year);
    let values = [
        organisation.into(),
        year.into(),
        year.into(),
        OPENING_WORD.into(),
        but.into(),
    ];
    let mut found = false;
    source
        .scan(sql, &values, &mut |row| {
            found = row.required_int(0)? > 0;
            Ok(())
        })
        .await?;
    Ok(found)
}

const HEAD: &str = "position, lines, revision, year, month, word, number, date, attachments, maker, checker, poster, cashier, entered_at, \
    reverses, origin, source_file, source_sheet, source_row, content, format, previous_hash, hash";

const LINE: &str = "position, line, lines, summary, account, account_name, debit, credit, counterparty, contract_no, asset_no, project, fund, \
    invoice_no, receipt_no, bank_txn_no, settlement, source_row";

/// Vouchers at the positions `first..=last`, every revision, in the order of the chain.
///
/// # Errors
/// [`LedgerError::Malformed`] names the first voucher whose rows cannot be what was posted.
pub async fn vouchers<S: Scan>(
    source: &S,
    organisation: &str,
    first: i64,
    last: i64,
) -> Result<Vec<PostedVoucher>, LedgerError> {
    let span = [organisation.into(), first.into(), last.into()];
    let condition = "position BETWEEN ? AND ?";
    read_where(source, organisation, [condition, condition], [&span, &span]).await
}

/// The vouchers of a month as they stand, in the order of a book: of each the latest revision. Opening balances belong to
/// January.
///
/// # Errors
/// [`LedgerError::Malformed`] as for [`vouchers`].
pub async fn current<S: Scan>(
    source: &S,
    organisation: &str,
    period: Period,
) -> Result<Vec<Voucher>, LedgerError> {
    let month: [Cell<'_>; 3] = [organisation.into(), period.year.into(), period.month.into()];
    let lines = [
        organisation.into(),
        organisation.into(),
        period.year.into(),
        period.month.into(),
    ];
    let conditions = [
        "year = ? AND month = ?",
        "position IN (SELECT position FROM voucher WHERE organisation = ? AND year = ? AND month = ?)",
    ];
    let posted = read_where(source, organisation, conditions, [&month, &lines]).await?;
    let mut latest: HashMap<VoucherId, PostedVoucher> = HashMap::new();
    for voucher in posted {
        // In chain order a later revision comes after the earlier one.
        latest.insert(voucher.voucher.id.clone(), voucher);
    }
    // What was taken back with its batch stands no more.
    let standing = latest.into_values().map(|p| p.voucher);
    let mut out: Vec<Voucher> = standing.filter(|v| !v.is_undo()).collect();
    out.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(out)
}

/// Every revision of one voucher, in the order of the chain; the last is the one that stands, unless it is an undo.
///
/// # Errors
/// [`LedgerError::Malformed`] as for [`vouchers`].
pub async fn revisions<S: Scan>(
    source: &S,
    organisation: &str,
    id: &VoucherId,
) -> Result<Vec<PostedVoucher>, LedgerError> {
    let own = [
        organisation.into(),
        id.period.year.into(),
        id.period.month.into(),
        (&*id.word).into(),
        (&*id.number).into(),
    ];
    let lines: Vec<Cell<'_>> = std::iter::once(organisation.into()).chain(own).collect();
    let conditions = [
        "year = ? AND month = ? AND word = ? AND number = ?",
        "position IN (SELECT position FROM voucher WHERE organisation = ? AND year = ? AND month = ? AND word = ? AND number = ?)",
    ];
    read_where(source, organisation, conditions, [&own, &lines]).await
}

/// The months in which an organisation has vouchers or opening balances, in order.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn months<S: Scan>(source: &S, organisation: &str) -> Result<Vec<Period>, LedgerError> {
    let sql =
        "SELECT DISTINCT year, month FROM voucher WHERE organisation = ? ORDER BY year, month";
    let mut out = Vec::new();
    source
        .scan(sql, &[organisation.into()], &mut |row| {
            let year = i32::try_from(row.required_int(0)?).ok();
            let month = u32::try_from(row.required_int(1)?).ok();
            out.extend(year.zip(month).and_then(|(y, m)| Period::new(y, m)));
            Ok(())
        })
        .await?;
    Ok(out)
}

/// Heads and lines under conditions of their own.
async fn read_where<S: Scan>(
    source: &S,
    organisation: &str,
    [heads, lines]: [&str; 2],
    [of_heads, of_lines]: [&[Cell<'_>]; 2],
) -> Result<Vec<PostedVoucher>, LedgerError> {
    let mut reader = Reader::default();
    let sql =
        format!("SELECT {HEAD} FROM voucher WHERE organisation = ? AND {heads} ORDER BY position");
    source
        .scan(&sql, of_heads, &mut |row| reader.head(row))
        .await?;
    let sql = format!(
        "SELECT {LINE} FROM entry WHERE organisation = ? AND {lines} ORDER BY position, line"
    );
    source
        .scan(&sql, of_lines, &mut |row| reader.line(row))
        .await?;
    reader.finish().map_err(|position| LedgerError::Malformed {
        organisation: organisation.to_owned(),
        position,
    })
}

/// Puts heads and lines together; both come in the order of the chain.
#[derive(Default)]
struct Reader {
    texts: Interner,
    vouchers: Vec<PostedVoucher>,
    /// Number of entries that each head says it has.
    lines: Vec<i64>,
    /// The voucher to which the last line belonged.
    at: usize,
    malformed: Option<i64>,
}

impl Reader {
    fn head(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let position = row.required_int(0)?;
        match self.voucher(row)? {
            Some(voucher) => {
                self.lines.push(row.required_int(1)?);
                self.vouchers.push(PostedVoucher {
                    position,
                    revision: row.required_int(2)?,
                    voucher,
                    content: row.required_bytes(19)?.to_vec(),
                    format: row.required_int(20)?,
                    previous_hash: row.required_bytes(21)?.to_vec(),
                    hash: row.required_bytes(22)?.to_vec(),
                });
            }
            None => self.malformed_at(position),
        }
        Ok(())
    }

    fn voucher(&mut self, row: &Row<'_>) -> Result<Option<Voucher>, StoreError> {
        let year = i32::try_from(row.required_int(3)?).ok();
        let month = u32::try_from(row.required_int(4)?).ok();
        let period = year.zip(month).and_then(|(y, m)| Period::new(y, m));
        let attachments = row.int(8)?.map(u32::try_from).transpose().ok();
        let source_row = u32::try_from(row.required_int(18)?).ok();
        let (Some(period), Some(attachments), Some(source_row)) = (period, attachments, source_row)
        else {
            return Ok(None);
        };
        Ok(Some(Voucher {
            // Not through `VoucherId::new`: what stands in the store is taken to the letter.
            id: VoucherId {
                period,
                word: self.texts.text(row.required_text(5)?),
                number: row.required_text(6)?.into(),
            },
            date: row.required_date(7)?,
            attachments,
            maker: row.text(9)?.map(|t| self.texts.text(t)),
            checker: row.text(10)?.map(|t| self.texts.text(t)),
            poster: row.text(11)?.map(|t| self.texts.text(t)),
            cashier: row.text(12)?.map(|t| self.texts.text(t)),
            entered_at: row.time(13)?,
            reverses: row.text(14)?.map(|t| self.texts.text(t)),
            origin: row.text(15)?.map(|t| self.texts.text(t)),
            source: Source {
                file: self.texts.text(row.required_text(16)?),
                sheet: row.text(17)?.map(|t| self.texts.text(t)),
                row: source_row,
            },
            entries: Vec::new(),
        }))
    }

    fn line(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let position = row.required_int(0)?;
        while self
            .vouchers
            .get(self.at)
            .is_some_and(|v| v.position < position)
        {
            self.at += 1;
        }
        let entry = self.entry(row)?;
        // A line without a voucher is for the check of what the chain does not carry.
        let Some(voucher) = self
            .vouchers
            .get_mut(self.at)
            .filter(|v| v.position == position)
        else {
            return Ok(());
        };
        match entry {
            Some(entry) if self.lines.get(self.at) == Some(&row.required_int(2)?) => {
                voucher.voucher.entries.push(entry);
            }
            _ => self.malformed_at(position),
        }
        Ok(())
    }

    fn entry(&mut self, row: &Row<'_>) -> Result<Option<Entry>, StoreError> {
        let line = u32::try_from(row.required_int(1)?);
        let source_row = u32::try_from(row.required_int(17)?);
        let (Ok(line), Ok(source_row)) = (line, source_row) else {
            return Ok(None);
        };
        Ok(Some(Entry {
            line,
            summary: row.text(3)?.map(|t| self.texts.text(t)),
            account: self.texts.text(row.required_text(4)?),
            account_name: row.text(5)?.map(|t| self.texts.text(t)),
            debit: Money(row.required_int(6)?),
            credit: Money(row.required_int(7)?),
            counterparty: row.text(8)?.map(|t| self.texts.text(t)),
            contract_no: row.text(9)?.map(|t| self.texts.text(t)),
            asset_no: row.text(10)?.map(|t| self.texts.text(t)),
            project: row.text(11)?.map(|t| self.texts.text(t)),
            fund: row.text(12)?.map(|t| self.texts.text(t)),
            invoice_no: row.text(13)?.map(|t| self.texts.text(t)),
            receipt_no: row.text(14)?.map(|t| self.texts.text(t)),
            bank_txn_no: row.text(15)?.map(|t| self.texts.text(t)),
            settlement: row.text(16)?.map(|t| self.texts.text(t)),
            source_row,
        }))
    }

    fn malformed_at(&mut self, position: i64) {
        let first = self.malformed.get_or_insert(position);
        *first = position.min(*first);
    }

    /// The vouchers, or the position of the first whose rows do not fit together.
    fn finish(mut self) -> Result<Vec<PostedVoucher>, i64> {
        let whole = |(posted, lines): (&PostedVoucher, &i64)| {
            (posted.voucher.entries.len() as i64 != *lines).then_some(posted.position)
        };
        if let Some(position) = self.vouchers.iter().zip(&self.lines).find_map(whole) {
            self.malformed_at(position);
        }
        self.malformed.map_or(Ok(self.vouchers), Err)
    }
}
