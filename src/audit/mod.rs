//! The audit: freeze the books into Arrow tables, run the rule pack over them, turn rows into findings.

pub mod outcome;
