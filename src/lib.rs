//! Sanzi (三资): a double-entry ledger and audit engine for the collective funds, assets and resources of
//! village-restructured companies. `ARCHITECTURE.md` walks one CSV row to a finding.

#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod access;
pub mod audit;
pub mod cli;
pub mod closing;
pub mod consolidation;
pub mod document;
pub mod evidence;
pub mod export;
pub mod generate;
pub mod import;
pub mod ledger;
pub mod model;
pub mod pack;
pub mod reconcile;
pub mod rectification;
pub mod report;
pub mod review;
pub mod sampling;
pub mod statement;
pub mod store;
pub mod supervision;
pub mod transition;
pub mod web;
