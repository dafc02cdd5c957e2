//! End-to-end tests through the public face: library and command line.

mod docs;
mod layers;
mod ledger;
mod support;
