//! End-to-end tests through the public face: library and command line.

mod cases;
mod command_line;
mod docs;
mod export;
mod hand_in;
mod layers;
mod ledger;
mod rules;
mod support;
