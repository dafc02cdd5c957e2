//! A whole hand-in of one file, whatever its kind: no panic, and every row is taken, set aside or refused.
#![no_main]

use std::collections::HashMap;
use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sanzi::import::{IdHasher, ReadOptions, read};
use sanzi::pack::Pack;

static RULES: LazyLock<Pack> = LazyLock::new(Pack::embedded);
static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

fuzz_target!(|bytes: &[u8]| {
    let path = FOLDER.path().join("凭证.csv");
    fs::write(&path, bytes).expect("the temporary folder takes a file");
    let options = ReadOptions {
        org: Some("C01".to_owned()),
        rules: &RULES,
        ids: &IdHasher::new(b"fuzz"),
        standards: HashMap::new(),
        progress: None,
    };
    let Ok(hand_in) = read(&path, &options) else {
        return;
    };
    for file in &hand_in.files {
        let aside = u32::try_from(file.set_aside.len()).unwrap_or(u32::MAX);
        assert_eq!(
            file.rows,
            file.heads + file.taken + file.refused + aside,
            "{}",
            file.place
        );
    }
});
