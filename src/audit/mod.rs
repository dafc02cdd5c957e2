//! The audit: freeze the books into Arrow tables, run the rule pack over them, turn rows into findings.

pub mod calendar;
pub mod derive;
pub mod diff;
pub mod digits;
pub mod engine;
mod error;
pub mod evidence;
pub mod examine;
pub mod execute;
pub mod export;
pub mod fence;
pub mod finding;
pub mod functions;
pub mod laws;
pub mod load;
pub mod message;
pub mod outcome;
pub mod overlay;
pub mod params;
pub mod rank;
pub mod record;
pub mod rent;
pub mod rule;
pub mod run;
pub mod segment;
pub mod settings;
pub mod snapshot;
pub mod stages;
mod steps;
pub mod suppression;
pub mod tables;
pub mod timing;

pub use error::AuditError;

#[cfg(test)]
mod tests;
