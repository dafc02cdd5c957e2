//! What stands around every page beside its own matter: the companies to choose from, and how much waits for this person.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use tokio::sync::Mutex;

use super::fault::Fault;
use super::kept::items_state;
use super::pages::items::{actor, desk};
use super::pages::suppressions::waiting_for;
use super::permissions::may_open;
use super::visitor::Visitor;
use super::workspace::Workspace;
use crate::audit::outcome::FindingKind;
use crate::ledger::read;
use crate::model::Role;
use crate::rectification::STATES;
use crate::review::Desk;
use crate::review::list::{self, Filter};
use crate::statement::name_of;

/// People whose counts are remembered at a time.
const PEOPLE: usize = 500;

/// Code and name of companies.
type Companies = Arc<Vec<(String, String)>>;

/// Path of an entry of the directory, and how many matters wait there.
type Waiting = Arc<Vec<(&'static str, i64)>>;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Every company with a book.
    pub companies: Companies,
    /// For this person.
    pub waiting: Waiting,
}

/// What was read last, kept until something is handed in or somebody does something.
#[derive(Default)]
pub struct Known {
    /// Of which batch, and they.
    companies: Mutex<(i64, Companies)>,
    waiting: Mutex<HashMap<String, Counted>>,
}

/// The counts of a person, and of which state of the store.
struct Counted {
    of: (i64, NaiveDate),
    waiting: Waiting,
}

/// What surrounds a page of this person.
///
/// # Errors
/// What the database says.
pub async fn surroundings(workspace: &Workspace, visitor: &Visitor) -> Result<Surroundings, Fault> {
    let role = visitor.user().role;
    let mut around = Surroundings::default();
    if may_open(role, "/books") {
        around.companies = companies(workspace).await?;
    }
    if may_open(role, "/items") {
        around.waiting = waiting(workspace, visitor).await?;
    }
    Ok(around)
}

async fn companies(workspace: &Workspace) -> Result<Companies, Fault> {
    let batch = workspace
        .number("SELECT COALESCE(MAX(id), 0) FROM batch")
        .await?;
    let mut known = workspace.surroundings.companies.lock().await;
    if known.0 != batch {
        let db = workspace.store.db();
        let mut all = Vec::new();
        for book in read::books(db).await? {
            let name = name_of(db, &book.organisation).await?;
            all.push((book.organisation, name));
        }
        *known = (batch, Arc::new(all));
    }
    Ok(Arc::clone(&known.1))
}

async fn waiting(workspace: &Workspace, visitor: &Visitor) -> Result<Waiting, Fault> {
    let of = items_state(workspace).await?;
    let person = format!("{} {:?}", visitor.login(), visitor.scope);
    let known = &workspace.surroundings.waiting;
    if let Some(counted) = known.lock().await.get(&person).filter(|c| c.of == of) {
        return Ok(Arc::clone(&counted.waiting));
    }
    let counted = Arc::new(count(workspace, visitor).await?);
    let mut known = known.lock().await;
    if known.len() >= PEOPLE {
        known.clear();
    }
    let waiting = Arc::clone(&counted);
    known.insert(person, Counted { of, waiting });
    Ok(counted)
}

async fn count(
    workspace: &Workspace,
    visitor: &Visitor,
) -> Result<Vec<(&'static str, i64)>, Fault> {
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    let db = workspace.store.db();
    let counts = list::count(db, &desk, &actor, &Filter::default()).await?;
    let role = visitor.user().role;
    let (mut items, mut measures) = (0, 0);
    for (state, count) in counts.iter().filter(|(state, _)| asks(&desk, state, role)) {
        match STATES.contains(&state.as_str()) {
            true => measures += count,
            false => items += count,
        }
    }
    items += waiting_for(workspace, visitor).await?;
    Ok(vec![("/items", items), ("/rectification", measures)])
}

/// Whether a matter in this state waits for somebody in this role: there is a step forward that the role may take.
fn asks(desk: &Desk, state: &str, role: Role) -> bool {
    let rests = desk.workflow.state(state).is_some_and(|s| s.rests);
    let kinds = [
        FindingKind::Violation,
        FindingKind::RedFlag,
        FindingKind::DataQuality,
    ];
    let forward = |kind| {
        let mut steps = desk.workflow.steps(state, kind);
        steps.any(|t| !t.backward && t.roles.contains(&role))
    };
    !rests && kinds.into_iter().any(forward)
}
