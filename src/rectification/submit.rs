//! What was filled in → records of the items, all in one transaction.

use chrono::NaiveDateTime;

use super::Change;
use super::problems;
use crate::model::Problem;
use crate::review::record::{Entry, record_all};
use crate::review::{Actor, Desk, ReviewError};
use crate::store::Store;

/// Why nothing was put on record.
#[derive(Debug)]
pub enum Refused {
    /// Every row that was refused.
    Rows(Vec<Problem>),
    /// The database.
    Review(ReviewError),
}

/// Puts the changes on record; the number of records.
///
/// # Errors
/// [`Refused`]; then nothing is written.
pub async fn submit(
    store: &Store,
    desk: &Desk,
    actor: &Actor,
    (file, changes): (&str, &[Change]),
    at: NaiveDateTime,
) -> Result<usize, Refused> {
    let mut entries = Vec::new();
    let mut rows = Vec::new();
    for change in changes {
        for (later, payload) in change.payloads.iter().enumerate() {
            rows.push(change.row);
            entries.push(Entry {
                number: &change.number,
                actor,
                payload: payload.clone(),
                reason: None,
                attachments: Vec::new(),
                // Each record of the row is the last event when the next one comes.
                seen: Some(change.seen + later as i64),
                at,
            });
        }
    }
    let count = entries.len();
    match record_all(store, desk, entries).await {
        Ok(_) => Ok(count),
        Err(refused) => Err(told(file, &rows, refused)),
    }
}

fn told(file: &str, rows: &[u32], refused: Vec<(usize, ReviewError)>) -> Refused {
    let mut problems = Vec::new();
    for (index, error) in refused {
        if matches!(error, ReviewError::Store(_) | ReviewError::Internal(_)) {
            return Refused::Review(error);
        }
        let row = rows.get(index).copied();
        let problem = problems::at(&problems::REFUSED, file, (row, None), error.to_string(), "");
        // A row that is out of date is refused once, not once a record.
        if problems
            .last()
            .is_none_or(|last: &Problem| last.place != problem.place)
        {
            problems.push(problem);
        }
    }
    Refused::Rows(problems)
}
