//! Verification: every chain recomputed from what stands in the store, the first voucher that differs named.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use super::read::PostedVoucher;
use super::{LedgerError, chain, read};
use crate::model::VoucherId;
use crate::store::Store;
use crate::store::bulk::statement;

/// Vouchers checked per round trip.
const STEP: i64 = 5_000;

/// The state of one organisation's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    pub organisation: String,
    pub length: i64,
    /// Hex.
    pub head: String,
    pub fault: Option<ChainFault>,
}

/// The first place where store and chain disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFault {
    pub position: i64,
    pub voucher: Option<String>,
    /// What differs, in Chinese.
    pub reason: String,
}

/// Recomputes the chains of all organisations, or of one.
///
/// # Errors
/// [`LedgerError::UnknownOrganisation`] when the named one has no book.
pub async fn verify(
    store: &Store,
    organisation: Option<&str>,
    mut progress: impl FnMut(i64),
) -> Result<Vec<ChainReport>, LedgerError> {
    let books = match organisation {
        Some(code) => vec![read::book(store.db(), code).await?],
        None => read::books(store.db()).await?,
    };
    let mut reports = Vec::new();
    for book in books {
        let fault = match check_chain(
            store,
            &book.organisation,
            book.length,
            &book.head,
            &mut progress,
        )
        .await?
        {
            None => check_rest(store, &book.organisation, book.length).await?,
            fault => fault,
        };
        reports.push(ChainReport {
            organisation: book.organisation,
            length: book.length,
            head: crate::model::hex(&book.head),
            fault,
        });
    }
    Ok(reports)
}

async fn check_chain(
    store: &Store,
    organisation: &str,
    length: i64,
    head: &[u8],
    progress: &mut impl FnMut(i64),
) -> Result<Option<ChainFault>, LedgerError> {
    let mut previous = chain::GENESIS.to_vec();
    let mut revisions: BTreeMap<VoucherId, i64> = BTreeMap::new();
    let mut expected = 1;
    while expected <= length {
        let last = (expected + STEP - 1).min(length);
        let vouchers = match read::vouchers(store, organisation, expected, last).await {
            Err(LedgerError::Malformed { position, .. }) => {
                return Ok(Some(ChainFault {
                    position,
                    voucher: None,
                    reason: "凭证数据已不成形".into(),
                }));
            }
            Err(LedgerError::Store(crate::store::StoreError::Database { reason })) => {
                return locate_unreadable(store, organisation, expected, last, reason).await;
            }
            other => other?,
        };
        for posted in vouchers {
            if let Some(reason) =
                check_voucher(organisation, expected, &previous, &posted, &mut revisions)
            {
                return Ok(Some(ChainFault {
                    position: expected,
                    voucher: Some(posted.voucher.id.to_string()),
                    reason: reason.into(),
                }));
            }
            previous = posted.hash;
            expected += 1;
        }
        if expected <= last {
            return Ok(Some(ChainFault {
                position: expected,
                voucher: None,
                reason: "凭证缺失".into(),
            }));
        }
        progress(last);
    }
    if previous != head {
        return Ok(Some(ChainFault {
            position: length,
            voucher: None,
            reason: "账本记录的链头与最后一张凭证不符".into(),
        }));
    }
    Ok(None)
}

/// The one voucher in a span that cannot even be read (a text where a date must be, say).
async fn locate_unreadable(
    store: &Store,
    organisation: &str,
    first: i64,
    last: i64,
    reason: String,
) -> Result<Option<ChainFault>, LedgerError> {
    for position in first..=last {
        if read::vouchers(store, organisation, position, position)
            .await
            .is_err()
        {
            return Ok(Some(ChainFault {
                position,
                voucher: None,
                reason: "凭证数据无法读出".into(),
            }));
        }
    }
    Err(crate::store::StoreError::Database { reason }.into())
}

fn check_voucher(
    organisation: &str,
    expected: i64,
    previous: &[u8],
    posted: &PostedVoucher,
    revisions: &mut BTreeMap<VoucherId, i64>,
) -> Option<&'static str> {
    if posted.position != expected {
        return Some("前面有凭证缺失,链在此中断");
    }
    if posted.format != chain::FORMAT {
        return Some("封存格式号被改动");
    }
    if chain::content(organisation, &posted.voucher) != posted.content.as_slice() {
        return Some("凭证内容与封存时不同");
    }
    if posted.previous_hash != previous {
        return Some("与上一张凭证的链接不符");
    }
    let hash = chain::seal(
        previous,
        organisation,
        posted.position,
        posted.revision,
        &posted.content,
        &posted.voucher,
    );
    if hash != posted.hash.as_slice() {
        return Some("封存值与内容、来源或版本号不符");
    }
    let revision = revisions.entry(posted.voucher.id.clone()).or_insert(0);
    *revision += 1;
    if *revision != posted.revision {
        return Some("版本号不连续");
    }
    None
}

/// What the chain itself does not carry: rows beyond the head, entries without a voucher, the balance table.
async fn check_rest(
    store: &Store,
    organisation: &str,
    length: i64,
) -> Result<Option<ChainFault>, LedgerError> {
    let db = store.db();
    for (table, reason) in [
        ("voucher", "账本之外多出凭证"),
        ("entry", "账本之外多出分录"),
    ] {
        let sql = format!(
            "SELECT MIN(position) FROM {table} WHERE organisation = ? AND (position > ? OR position < 1)"
        );
        let row = db
            .query_one_raw(statement(db, &sql, [organisation.into(), length.into()]))
            .await?;
        if let Some(position) =
            row.and_then(|r| r.try_get_by_index::<Option<i64>>(0).ok().flatten())
        {
            return Ok(Some(ChainFault {
                position,
                voucher: None,
                reason: reason.into(),
            }));
        }
    }
    let sql = format!(
        "SELECT account FROM {BALANCE_CHECK} WHERE organisation = ? ORDER BY account LIMIT 1"
    );
    let row = db
        .query_one_raw(statement(db, &sql, [organisation.into()]))
        .await?;
    let account = row.map(|r| r.try_get_by_index::<String>(0)).transpose()?;
    Ok(account.map(|account| ChainFault {
        position: length,
        voucher: None,
        reason: format!("科目 {account} 的余额汇总与凭证不符"),
    }))
}

/// Accounts whose kept balance differs from the sum of the current vouchers.
const BALANCE_CHECK: &str = "(
    SELECT organisation, account FROM (
        SELECT organisation, year, month, account, debit, credit FROM account_balance
        UNION ALL
        SELECT v.organisation, v.year, CASE WHEN v.word = '期初' THEN 0 ELSE v.month END, e.account, -SUM(e.debit), -SUM(e.credit)
        FROM voucher v JOIN entry e ON e.organisation = v.organisation AND e.position = v.position
        WHERE COALESCE(v.origin, '') <> 'undo'
        AND NOT EXISTS (SELECT 1 FROM voucher n WHERE n.organisation = v.organisation AND n.year = v.year AND n.month = v.month
                          AND n.word = v.word AND n.number = v.number AND n.revision > v.revision)
        GROUP BY v.organisation, v.year, CASE WHEN v.word = '期初' THEN 0 ELSE v.month END, e.account
    ) AS parts GROUP BY organisation, year, month, account HAVING SUM(debit) <> 0 OR SUM(credit) <> 0
) AS differing";
