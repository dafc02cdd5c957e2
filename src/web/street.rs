//! The street's table and its rents, kept until books, registers or runs change: working them out reads everything.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::fault::Fault;
use super::workspace::Workspace;
use crate::audit::digits::{Spending, digits};
use crate::audit::rent::{Rents, rents};
use crate::ledger::read;
use crate::model::{Period, hex};
use crate::report::overview::{Overview, overview};
use crate::report::timeline::{Timeline, timeline};

/// Tables up to different months that are kept side by side.
const KEPT: usize = 12;

/// What was worked out of one state of the store.
#[derive(Default)]
struct Known {
    state: String,
    rents: Option<Arc<Rents>>,
    timeline: Option<Arc<Timeline>>,
    spending: Option<Arc<Spending>>,
    tables: HashMap<Option<Period>, Arc<Overview>>,
}

/// What was worked out last.
#[derive(Default)]
pub struct StreetCache {
    known: Mutex<Known>,
}

impl Known {
    /// Forgets what was worked out of another state of the store.
    async fn refresh(&mut self, workspace: &Workspace) -> Result<(), Fault> {
        let state = state(workspace).await?;
        if self.state != state {
            *self = Known {
                state,
                ..Known::default()
            };
        }
        Ok(())
    }

    async fn rents(&mut self, workspace: &Workspace) -> Result<Arc<Rents>, Fault> {
        if let Some(rents) = &self.rents {
            return Ok(Arc::clone(rents));
        }
        let read = Arc::new(rents(&workspace.store, &workspace.rules).await?);
        self.rents = Some(Arc::clone(&read));
        Ok(read)
    }
}

/// The rent of all contracts, as the store stands now. Several who ask at once wait for one.
pub async fn rent_of_all(workspace: &Workspace) -> Result<Arc<Rents>, Fault> {
    let mut known = workspace.street.known.lock().await;
    known.refresh(workspace).await?;
    known.rents(workspace).await
}

/// What was found, by family and month, as the store stands now.
pub async fn timeline_of_all(workspace: &Workspace) -> Result<Arc<Timeline>, Fault> {
    let mut known = workspace.street.known.lock().await;
    known.refresh(workspace).await?;
    if let Some(timeline) = &known.timeline {
        return Ok(Arc::clone(timeline));
    }
    let read = Arc::new(timeline(workspace.store.db()).await?);
    known.timeline = Some(Arc::clone(&read));
    Ok(read)
}

/// Leading digits of what all companies spent, as the store stands now.
pub async fn spending_of_all(workspace: &Workspace) -> Result<Arc<Spending>, Fault> {
    let mut known = workspace.street.known.lock().await;
    known.refresh(workspace).await?;
    if let Some(spending) = &known.spending {
        return Ok(Arc::clone(spending));
    }
    let read = Arc::new(digits(&workspace.store, &workspace.rules).await?);
    known.spending = Some(Arc::clone(&read));
    Ok(read)
}

/// The table of all companies up to a month, as the store stands now. Several who ask at once wait for one.
pub async fn table(workspace: &Workspace, last: Option<Period>) -> Result<Arc<Overview>, Fault> {
    let mut known = workspace.street.known.lock().await;
    known.refresh(workspace).await?;
    if let Some(table) = known.tables.get(&last) {
        return Ok(Arc::clone(table));
    }
    let (store, pack) = (&workspace.store, &workspace.pack);
    let rents = known.rents(workspace).await?;
    let table = Arc::new(overview(store, pack, &rents.sums, last).await?);
    if known.tables.len() >= KEPT {
        known.tables.clear();
    }
    known.tables.insert(last, Arc::clone(&table));
    Ok(table)
}

/// Heads of all chains, the latest batch and the latest run: whatever changes the table changes one of them.
async fn state(workspace: &Workspace) -> Result<String, Fault> {
    let db = workspace.store.db();
    let mut state = String::new();
    for book in read::books(db).await? {
        state.push_str(&format!("{}:{};", book.organisation, hex(&book.head)));
    }
    for sql in [
        "SELECT COALESCE(MAX(id), 0) FROM batch",
        "SELECT COALESCE(MAX(id), 0) FROM audit_run",
    ] {
        state.push_str(&format!("{};", workspace.number(sql).await?));
    }
    Ok(state)
}
