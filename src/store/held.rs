//! Vouchers kept outside the books: saved once, settled when a later hand-in puts them right.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use super::StoreError;
use super::bulk::{BulkInsert, statement, text};
use crate::model::{HeldReason, HeldVoucher};

/// Saves the held vouchers of one organisation's hand-in. `posted` are the identities that this hand-in posts or already
/// finds posted: an open held voucher of that identity is settled, as is one that is handed in again in another form.
/// Returns the number of newly held vouchers.
pub async fn save<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    organisation: &str,
    held: &[HeldVoucher],
    posted: &[String],
) -> Result<u64, StoreError> {
    let mut open = open_digests(connection, organisation).await?;
    let mut fresh = Vec::new();
    let mut handed_in = HashMap::new();
    for voucher in held {
        let digest = digest(voucher);
        handed_in.insert(identity(voucher), ());
        if open.remove(&digest).is_none() {
            fresh.push((digest, voucher));
        }
    }
    for identity in posted {
        handed_in.insert(identity.clone(), ());
    }
    for (row_id, known) in open.values() {
        if handed_in.contains_key(known) {
            connection
                .execute_raw(statement(
                    connection,
                    "UPDATE held_voucher SET settled_in = ? WHERE id = ?",
                    [batch_id.into(), (*row_id).into()],
                ))
                .await?;
        }
    }
    for (digest, voucher) in &fresh {
        insert(connection, batch_id, organisation, digest, voucher).await?;
    }
    Ok(fresh.len() as u64)
}

/// Takes out of view what a batch held, and brings back what it had settled; how many of each. The undo must be recorded.
///
/// # Errors
/// What the database says.
pub async fn undo<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    undone_in: i64,
) -> Result<(u64, u64), StoreError> {
    let sql = "UPDATE held_voucher SET settled_in = ? WHERE settled_in IS NULL AND batch_id = ?";
    let values = [undone_in.into(), batch_id.into()];
    let removed = connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    let sql = "UPDATE held_voucher SET settled_in = NULL WHERE settled_in = ? \
               AND batch_id NOT IN (SELECT batch_id FROM batch_undo) \
               AND NOT EXISTS (SELECT 1 FROM held_voucher o WHERE o.organisation = held_voucher.organisation \
                               AND o.digest = held_voucher.digest AND o.settled_in IS NULL)";
    let reopened = connection
        .execute_raw(statement(connection, sql, [batch_id.into()]))
        .await?;
    Ok((removed.rows_affected(), reopened.rows_affected()))
}

fn identity(held: &HeldVoucher) -> String {
    held.voucher.id.to_string()
}

/// Hex SHA-256 of what the held voucher says: the same voucher in a re-import is not held twice.
fn digest(held: &HeldVoucher) -> String {
    let mut hash = Sha256::new();
    let mut field = |t: &str| {
        hash.update((t.len() as u64).to_be_bytes());
        hash.update(t.as_bytes());
    };
    field(held.reason.code());
    field(&identity(held));
    field(&held.date_text);
    for entry in &held.voucher.entries {
        field(&entry.account);
        field(&entry.debit.to_string());
        field(&entry.credit.to_string());
        field(entry.summary.as_deref().unwrap_or(""));
        field(entry.counterparty.as_deref().unwrap_or(""));
    }
    crate::model::hex(&hash.finalize())
}

async fn open_digests<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<HashMap<String, (i64, String)>, StoreError> {
    let sql = "SELECT id, digest, year, month, word, number FROM held_voucher WHERE organisation = ? AND settled_in IS NULL";
    let mut out = HashMap::new();
    for row in connection
        .query_all_raw(statement(connection, sql, [organisation.into()]))
        .await?
    {
        let (year, month): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let (word, number): (String, String) = (row.try_get_by_index(4)?, row.try_get_by_index(5)?);
        out.insert(
            row.try_get_by_index(1)?,
            (
                row.try_get_by_index(0)?,
                format!("{year:04}-{month:02}-{word}-{number:0>4}"),
            ),
        );
    }
    Ok(out)
}

async fn insert<C: ConnectionTrait>(
    connection: &C,
    batch_id: i64,
    organisation: &str,
    digest: &str,
    held: &HeldVoucher,
) -> Result<(), StoreError> {
    let voucher = &held.voucher;
    let mut codes: Vec<&str> = held.problems.iter().map(|p| p.code.as_ref()).collect();
    codes.sort_unstable();
    codes.dedup();
    let message = match held.reason {
        HeldReason::Void => "作废凭证".to_owned(),
        HeldReason::Defective => held
            .problems
            .iter()
            .map(|p| p.message.as_str())
            .collect::<Vec<_>>()
            .join(";"),
    };
    let sql = "INSERT INTO held_voucher (batch_id, organisation, reason, digest, year, month, word, number, date_text, codes, message, \
               maker, checker, poster, cashier, source_file, source_sheet, source_row) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let values = [
        batch_id.into(),
        organisation.into(),
        held.reason.code().into(),
        digest.into(),
        i64::from(voucher.id.period.year).into(),
        i64::from(voucher.id.period.month).into(),
        voucher.id.word.to_string().into(),
        voucher.id.number.to_string().into(),
        held.date_text.to_string().into(),
        codes.join(";").into(),
        message.into(),
        text(voucher.maker.as_deref()),
        text(voucher.checker.as_deref()),
        text(voucher.poster.as_deref()),
        text(voucher.cashier.as_deref()),
        voucher.source.file.to_string().into(),
        text(voucher.source.sheet.as_deref()),
        i64::from(voucher.source.row).into(),
    ];
    let row = connection
        .query_one_raw(statement(connection, sql, values))
        .await?;
    let held_id: i64 = row
        .ok_or_else(|| StoreError::Database {
            reason: "held voucher has no number".into(),
        })?
        .try_get_by_index(0)?;
    let columns = [
        "held_id",
        "line",
        "summary",
        "account",
        "account_name",
        "debit",
        "credit",
        "counterparty",
        "source_row",
    ];
    let mut entries = BulkInsert::new(connection, "held_entry", &columns, "");
    for (i, entry) in voucher.entries.iter().enumerate() {
        let line = i as i64 + 1;
        entries
            .push([
                held_id.into(),
                line.into(),
                text(entry.summary.as_deref()),
                entry.account.to_string().into(),
                text(entry.account_name.as_deref()),
                entry.debit.0.into(),
                entry.credit.0.into(),
                text(entry.counterparty.as_deref()),
                i64::from(entry.source_row).into(),
            ])
            .await?;
    }
    entries.finish().await?;
    Ok(())
}
