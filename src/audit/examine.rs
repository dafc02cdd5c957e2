//! An audit of a store from beginning to end: load, look up the run before, run the rules. Shared by the command line and
//! the workspace.

use super::outcome::AuditRun;
use super::rule::RulePack;
use super::run::{self, RunOptions};
use super::timing::{Part, Step, Stopwatch};
use super::{AuditError, load, record};
use crate::store::Store;

/// Audits everything in the store. `options.previous` is filled from the store; `tell` hears what is being done.
/// The step is what loading took.
///
/// # Errors
/// Those of [`load::load`] and [`run::run`].
pub async fn examine(
    store: &Store,
    rules: &RulePack,
    options: RunOptions,
    mut tell: impl FnMut(&str),
) -> Result<(AuditRun, Step), AuditError> {
    let watch = Stopwatch::start();
    let told = |n| tell(&format!("已载入凭证 {n} 张"));
    let snapshot = load::load(store, rules, options.as_of, told).await?;
    let vouchers = snapshot.organisations.iter().map(|o| o.vouchers).sum();
    let loaded = watch.step(Part::Load, "", vouchers);
    // Runs are compared within one choice of organisations.
    let codes = snapshot.organisations.iter().map(|o| o.code.as_str());
    let chosen = &options.organisations;
    let chosen = |code: &&str| chosen.is_empty() || chosen.iter().any(|c| c == code);
    let scope = record::scope(codes.filter(chosen));
    let previous = record::previous(store, &scope).await?;
    tell("运行规则");
    let options = RunOptions {
        previous,
        ..options
    };
    let result = run::run(&snapshot, rules, &options).await?;
    Ok((result, loaded))
}
