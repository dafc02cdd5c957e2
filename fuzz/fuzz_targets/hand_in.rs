//! A whole hand-in of one file.
#![no_main]

// Every target uses its own function of them.
#[allow(dead_code)]
#[path = "../targets.rs"]
mod targets;

use std::sync::LazyLock;

use sanzi::pack::Pack;

static RULES: LazyLock<Pack> = LazyLock::new(Pack::embedded);
static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::hand_in(bytes, FOLDER.path(), &RULES));
