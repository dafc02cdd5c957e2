//! End-to-end tests through the public face: library and command line.

mod batches;
mod cases;
mod chart_change;
mod closing;
mod command_line;
mod crash;
mod docs;
mod error_codes;
mod export;
mod exports;
mod generate;
mod hand_in;
mod import_page;
mod interchange;
mod layers;
mod layouts;
mod ledger;
mod permissions;
mod reconcile;
mod rules;
mod segments;
mod statements;
mod support;
mod web;
mod workspace;
