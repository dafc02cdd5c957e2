//! What lists read again and again, kept in memory until something changes it: the rows of registers as they stand, and the open
//! items that a role reads.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use tokio::sync::Mutex;

use super::fault::Fault;
use super::pages::items::{actor, desk};
use super::visitor::Visitor;
use super::workspace::{Workspace, now};
use crate::model::Table;
use crate::review::list::{self, Filter, Line};
use crate::store::registers::{self, StoredRow};

/// Rows of a table that is too large to keep.
const MOST: usize = 200_000;

/// Roles and organisations whose items are kept at a time.
const READERS: usize = 50;

/// Rows of a register, of all owners or of one.
type Rows = Arc<Vec<Arc<StoredRow>>>;

/// Rows by table and owner; no owner: all.
type Registers = HashMap<(String, String), Rows>;

/// Items, and of which state of the store.
type Items = ((i64, NaiveDate), Arc<Vec<Line>>);

/// See the module.
#[derive(Default)]
pub struct Kept {
    /// Of which batch.
    registers: Mutex<(i64, Registers)>,
    open: Mutex<HashMap<String, Items>>,
}

/// The current rows of a table, those of one owner at least. Several who ask at once wait for one.
///
/// # Errors
/// What the store says.
pub async fn register(
    workspace: &Workspace,
    table: &Table,
    owner: Option<&str>,
) -> Result<Rows, Fault> {
    // Batches only grow, and one that touches a register is noted there.
    let sql = "SELECT CAST(COALESCE(MAX(batch_id), 0) AS BIGINT) FROM register_state";
    let batch = workspace.number(sql).await?;
    let mut kept = workspace.kept.registers.lock().await;
    if kept.0 != batch {
        *kept = (batch, Registers::new());
    }
    let of = |owner: &str| (table.name.clone(), owner.to_owned());
    let one = of(owner.unwrap_or_default());
    if let Some(rows) = kept.1.get(&of("")).or_else(|| kept.1.get(&one)) {
        return Ok(Arc::clone(rows));
    }
    let rows = registers::load(&workspace.store, table, owner).await?;
    let rows: Rows = Arc::new(rows.into_iter().map(Arc::new).collect());
    if rows.len() <= MOST {
        kept.1.insert(one, Arc::clone(&rows));
    }
    Ok(rows)
}

/// What changes when anything happens to an item, or it is set aside or no longer; and the day, by which that ends too.
///
/// # Errors
/// What the database says.
pub async fn items_state(workspace: &Workspace) -> Result<(i64, NaiveDate), Fault> {
    // Every event makes a chain longer, every suppression a table.
    let sql = "SELECT CAST((SELECT COALESCE(SUM(length), 0) FROM review_head) \
         + (SELECT COUNT(*) FROM suppression) + (SELECT COUNT(*) FROM suppression_lift) \
         + (SELECT COUNT(*) FROM suppression_request) + (SELECT COUNT(*) FROM suppression_answer) AS BIGINT)";
    Ok((workspace.number(sql).await?, now().date()))
}

/// The items that do not rest, as far as this person reads them.
///
/// # Errors
/// What the database says.
pub async fn open_items(workspace: &Workspace, visitor: &Visitor) -> Result<Arc<Vec<Line>>, Fault> {
    let state = items_state(workspace).await?;
    let reader = format!("{:?} {:?}", visitor.user().role, visitor.scope);
    if let Some((of, lines)) = workspace.kept.open.lock().await.get(&reader)
        && *of == state
    {
        return Ok(Arc::clone(lines));
    }
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    let states = desk.workflow.states.iter().filter(|s| !s.rests);
    let filter = Filter {
        states: states.map(|s| s.code.clone()).collect(),
        ..Filter::default()
    };
    let lines = list::list(workspace.store.db(), &desk, &actor, &filter).await?;
    let lines = Arc::new(lines);
    let mut open = workspace.kept.open.lock().await;
    if open.len() >= READERS {
        open.clear();
    }
    open.insert(reader, (state, Arc::clone(&lines)));
    Ok(lines)
}
