//! End-to-end tests through the public face: library and command line.

mod cases;
mod closing;
mod command_line;
mod docs;
mod error_codes;
mod export;
mod generate;
mod hand_in;
mod interchange;
mod layers;
mod layouts;
mod ledger;
mod reconcile;
mod rules;
mod segments;
mod statements;
mod support;
