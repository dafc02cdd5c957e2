//! Rent by company, kept until the books or registers change: working it out reads everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;

use super::fault::Fault;
use super::workspace::Workspace;
use crate::audit::rent::{Rent, rent};
use crate::ledger::read;
use crate::model::hex;
use crate::store::StoreError;
use crate::store::bulk::statement;

type Rents = Arc<BTreeMap<String, Rent>>;

/// What was worked out last, with the state of the store that it belongs to.
#[derive(Default)]
pub struct StreetCache {
    last: Mutex<Option<(String, Rents)>>,
}

/// Rent by company, as the store stands now. Several who ask at once wait for one.
pub async fn rents(workspace: &Workspace) -> Result<Rents, Fault> {
    let mut last = workspace.street.last.lock().await;
    let state = state(workspace).await?;
    if let Some((of, rents)) = last.as_ref().filter(|(of, _)| *of == state) {
        debug_assert_eq!(*of, state);
        return Ok(Arc::clone(rents));
    }
    let rents = Arc::new(rent(&workspace.store, &workspace.rules).await?);
    *last = Some((state, Arc::clone(&rents)));
    Ok(rents)
}

/// Heads of all chains and the latest batch: whatever changes books or registers changes one of them.
async fn state(workspace: &Workspace) -> Result<String, Fault> {
    let db = workspace.store.db();
    let mut state = String::new();
    for book in read::books(db).await? {
        state.push_str(&format!("{}:{};", book.organisation, hex(&book.head)));
    }
    let sql = "SELECT COALESCE(MAX(id), 0) FROM batch";
    let row = db.query_one_raw(statement(db, sql, [])).await;
    let row = row.map_err(StoreError::from)?;
    let batch: i64 = match row {
        Some(row) => row.try_get_by_index(0).map_err(StoreError::from)?,
        None => 0,
    };
    state.push_str(&batch.to_string());
    Ok(state)
}
