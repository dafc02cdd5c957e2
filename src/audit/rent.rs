//! What each organisation lets, what was due and what is owed: the sums of the marts that the rent rules rest on, so that
//! the overview and the rules never tell two different arrears.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::Limits;
use super::execute::add_marts;
use super::rule::RulePack;
use super::run::database_of;
use super::tables::cell::Rows;
use super::{AuditError, load};
use crate::model::Money;
use crate::store::Store;

/// Contracts and rent of one organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rent {
    /// Contracts registered, of every kind.
    pub contracts: i64,
    /// Instalments due within the months of the books, less what was waived.
    pub due: Money,
    /// Of that, what the books do not show as received by their last month.
    pub unpaid: Money,
}

/// The mart with one row an instalment.
const LEDGER: &str = "rent_ledger";

/// Contracts and rent by organisation.
///
/// # Errors
/// [`AuditError`] when the store cannot be loaded, or the pack's mart fails.
pub async fn rent(store: &Store, rules: &RulePack) -> Result<BTreeMap<String, Rent>, AuditError> {
    let snapshot = load::load(store, rules, None, |_| {}).await?;
    let mut database = database_of(&snapshot, rules)?;
    let wanted = BTreeSet::from([LEDGER.to_owned()]);
    let limits = Limits::default();
    let marts = rules.marts_needed(&wanted);
    let failed = add_marts(&mut database, marts, &limits, |_| {}).await?;
    if let Some((mart, error)) = failed.into_iter().next() {
        return Err(AuditError::Internal(format!("{mart}:{error}")));
    }
    let mut out: BTreeMap<String, Rent> = BTreeMap::new();
    let sql = "SELECT organisation, COUNT(*) AS contracts FROM contract GROUP BY organisation";
    for row in rows(&database, sql, &limits).await?.rows {
        if let [organisation, contracts] = row.as_slice() {
            let rent = out.entry(organisation.machine()).or_default();
            rent.contracts = contracts.machine().parse().unwrap_or(0);
        }
    }
    let sql = "SELECT organisation, SUM(due - waived) AS due, SUM(unpaid) AS unpaid FROM rent_ledger GROUP BY organisation";
    for row in rows(&database, sql, &limits).await?.rows {
        if let [organisation, due, unpaid] = row.as_slice() {
            let rent = out.entry(organisation.machine()).or_default();
            rent.due = due.money().unwrap_or_default();
            rent.unpaid = unpaid.money().unwrap_or_default();
        }
    }
    Ok(out)
}

async fn rows(
    database: &super::engine::Database,
    sql: &str,
    limits: &Limits,
) -> Result<Rows, AuditError> {
    let internal = |e: String| AuditError::Internal(e);
    let result = database.query(sql, limits).await;
    let result = result.map_err(|e| internal(e.to_string()))?;
    let columns = result.schema.fields().iter().map(|f| f.name().clone());
    Rows::read(columns.collect(), &result.batches).map_err(internal)
}
