//! End-to-end tests through the public face: library and command line.

mod layers;
mod ledger;
mod support;
