//! End-to-end tests through the public face: library and command line.

mod cases;
mod closing;
mod command_line;
mod docs;
mod hand_in;
mod layers;
mod ledger;
mod reconcile;
mod rules;
mod statements;
mod support;
