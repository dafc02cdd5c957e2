//! The street's table and its rents, kept until books, registers or runs change: working them out reads everything.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::fault::Fault;
use super::workspace::{Workspace, apart};
use crate::audit::digits::{Spending, digits};
use crate::audit::rent::{Rents, rents};
use crate::ledger::read;
use crate::model::{Period, hex};
use crate::report::overview::{Overview, overview};
use crate::report::timeline::{Timeline, timeline};

/// Tables up to different months that are kept side by side.
const KEPT: usize = 12;
/// How often it is looked whether something has changed.
const GLANCE: Duration = Duration::from_secs(20);

/// What was worked out of one state of the store.
#[derive(Default)]
struct Known {
    /// Heads of all chains and the latest batch: books and registers.
    books: String,
    /// The latest run.
    run: i64,
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
        let books = books(workspace).await?;
        let run = workspace
            .number("SELECT COALESCE(MAX(id), 0) FROM audit_run")
            .await?;
        if self.books != books {
            *self = Known {
                books,
                ..Known::default()
            };
        }
        // What contracts came to does not depend on what was found.
        if self.run != run {
            self.run = run;
            self.timeline = None;
            self.tables.clear();
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

/// Works out the street's table again whenever something has changed, so that nobody waits for it: on a large street it takes a
/// minute. Ends never.
pub async fn keep_ready(workspace: Workspace) {
    loop {
        let work = workspace.clone();
        let ready = apart(move || async move { table(&work, None).await.map(drop) }).await;
        if let Err(fault) = ready {
            tracing::warn!("web: the street's table: {} {}", fault.code, fault.message);
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// Heads of all chains and the latest batch: whatever changes books or registers changes one of them.
async fn books(workspace: &Workspace) -> Result<String, Fault> {
    let mut state = String::new();
    for book in read::books(workspace.store.db()).await? {
        state.push_str(&format!("{}:{};", book.organisation, hex(&book.head)));
    }
    let batch = "SELECT COALESCE(MAX(id), 0) FROM batch";
    state.push_str(&workspace.number(batch).await?.to_string());
    Ok(state)
}
