//! The encoding detector.
#![no_main]

// Every target uses its own function of them.
#[allow(dead_code)]
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::encoding(bytes));
