//! The CSV reader.
#![no_main]

// Every target uses its own function of them.
#[allow(dead_code)]
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|text: &str| targets::csv(text));
