//! Audit rules as files: one TOML per rule, with its law, parameters, one `SELECT`, message and tests.

pub mod check;
pub mod choices;
pub mod curve;
pub mod digest;
pub mod explain;
pub mod file;
pub mod load;
pub mod lock;
pub mod mutate;
pub mod questions;
#[cfg(test)]
mod sample;
pub mod test;
mod together;
pub mod trial;

pub use file::{ParamSource, ParamSpec, ParamType, RuleFile, RuleTest, Scope};
pub use load::{Mart, Rule, RuleError, RulePack};
