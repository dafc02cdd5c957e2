//! End-to-end tests through the public face: library and command line.

mod cases;
mod command_line;
mod docs;
mod error_codes;
mod generate;
mod hand_in;
mod layers;
mod layouts;
mod ledger;
mod rules;
mod segments;
mod support;
