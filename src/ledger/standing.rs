//! Which batch sealed which stretch of a chain, and which revisions stand: those handed in by a batch that was not undone.
//! What an undo seals stands for nothing by itself: it takes back, or brings forward again what stood before.

use std::collections::{BTreeMap, HashMap};

use sea_orm::ConnectionTrait;

use super::LedgerError;
use super::post::identity;
use crate::model::VoucherId;
use crate::store::bulk::statement;
use crate::store::{Cell, Scan};

/// The stretches of one organisation's chain.
#[derive(Debug, Default)]
pub struct Stretches {
    /// By first position.
    stretches: BTreeMap<i64, Stretch>,
}

#[derive(Debug)]
struct Stretch {
    last: i64,
    batch: i64,
    stands: bool,
}

impl Stretches {
    /// # Errors
    /// [`LedgerError::Store`].
    pub async fn load<C: ConnectionTrait>(
        connection: &C,
        organisation: &str,
    ) -> Result<Stretches, LedgerError> {
        let sql = "SELECT p.first_position, p.last_position, p.batch_id, \
                   CASE WHEN u.batch_id IS NULL AND a.batch_id IS NULL THEN p.batch_id ELSE 0 END \
                   FROM batch_posting p LEFT JOIN batch_undo u ON u.batch_id = p.batch_id \
                   LEFT JOIN batch_undo a ON a.undone_in = p.batch_id WHERE p.organisation = ?";
        let mut stretches = BTreeMap::new();
        for row in connection
            .query_all_raw(statement(connection, sql, [organisation.into()]))
            .await?
        {
            let stretch = Stretch {
                last: row.try_get_by_index(1)?,
                batch: row.try_get_by_index(2)?,
                stands: row.try_get_by_index::<i64>(3)? != 0,
            };
            stretches.insert(row.try_get_by_index(0)?, stretch);
        }
        Ok(Stretches { stretches })
    }

    /// Batches that sealed something and stand no more, and undos; in order.
    pub fn undone(&self) -> Vec<i64> {
        let all = self.stretches.values();
        all.filter(|s| !s.stands).map(|s| s.batch).collect()
    }

    fn at(&self, position: i64) -> Option<&Stretch> {
        let (_, stretch) = self.stretches.range(..=position).next_back()?;
        (position <= stretch.last).then_some(stretch)
    }

    /// Whether the voucher at a position was handed in by a batch that stands.
    pub fn stands(&self, position: i64) -> bool {
        self.at(position).is_some_and(|s| s.stands)
    }

    /// The same if `batch` were undone.
    pub fn stands_without(&self, position: i64, batch: i64) -> bool {
        self.at(position)
            .is_some_and(|s| s.stands && s.batch != batch)
    }
}

/// Position and revision of each voucher of an identity, in the order of the chain.
pub type Revisions = HashMap<VoucherId, Vec<(i64, i64)>>;

/// All revisions of the identities that have more than one.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn revised<S: Scan>(source: &S, organisation: &str) -> Result<Revisions, LedgerError> {
    revisions(source, organisation, "revision > 1", &[]).await
}

/// All revisions of the identities that stand between two positions.
///
/// # Errors
/// [`LedgerError::Store`].
pub async fn between<S: Scan>(
    source: &S,
    organisation: &str,
    (first, last): (i64, i64),
) -> Result<Revisions, LedgerError> {
    let span = [first.into(), last.into()];
    revisions(source, organisation, "position BETWEEN ? AND ?", &span).await
}

async fn revisions<S: Scan>(
    source: &S,
    organisation: &str,
    which: &str,
    parameters: &[Cell<'_>],
) -> Result<Revisions, LedgerError> {
    // IN and no join: SQLite takes an organisation for ten rows and would run the inner query once for each of its vouchers.
    let sql = format!(
        "SELECT year, month, word, number, position, revision FROM voucher WHERE organisation = ? \
         AND (year, month, word, number) IN \
         (SELECT year, month, word, number FROM voucher WHERE organisation = ? AND {which}) ORDER BY position"
    );
    let mut values = vec![organisation.into(), organisation.into()];
    values.extend(parameters);
    let mut out = Revisions::new();
    source
        .scan(&sql, &values, &mut |row| {
            if let Some(id) = identity(row)? {
                let place = (row.required_int(4)?, row.required_int(5)?);
                out.entry(id).or_default().push(place);
            }
            Ok(())
        })
        .await?;
    Ok(out)
}
