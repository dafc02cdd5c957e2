//! What each fuzz target does with its input: the same functions run over seeds and their mutations in `tests/it/fuzz.rs`.

use std::fs;
use std::path::Path;

use sanzi::import::html::read_html;
use sanzi::import::lines::read_csv;
use sanzi::import::text::decode;
use sanzi::import::workbook::{read_xls, read_xlsx};
use sanzi::import::{IdHasher, ReadOptions, read};
use sanzi::model::Place;
use sanzi::pack::Pack;

/// The CSV reader: no panic, and every row of the grid has a row number of the text.
pub fn csv(text: &str) {
    let place = |row| Place {
        row,
        ..Place::default()
    };
    if let Ok(grid) = read_csv(text.to_owned(), place) {
        let lines = u32::try_from(text.split(['\n', '\r']).count()).unwrap_or(u32::MAX);
        for row in grid.rows() {
            assert!((1..=lines).contains(&row.number));
        }
    }
}

/// The encoding detector: whatever the bytes, either a text or the line where it ends; a text of ours comes back whole.
pub fn encoding(bytes: &[u8]) {
    let familiar = |text: &str| text.contains("科目编码") || text.contains("借方金额");
    if let Ok(utf8) = std::str::from_utf8(bytes)
        && familiar(utf8)
    {
        let decoded =
            decode(bytes.to_vec(), &familiar).expect("valid UTF-8 with our words is a text");
        assert_eq!(decoded.text, utf8.strip_prefix('\u{feff}').unwrap_or(utf8));
    } else {
        let _ = decode(bytes.to_vec(), &familiar);
    }
}

/// The reader of web pages that platforms call .xls: no panic, no hang, bounded memory.
pub fn html(text: &str) {
    let _ = read_html(text);
}

/// The reader of .xls workbooks: no panic, no hang, bounded memory.
pub fn xls(bytes: &[u8]) {
    let _ = read_xls(bytes, &|_| true);
}

/// The reader of .xlsx workbooks: no panic, no hang, bounded memory.
pub fn xlsx(bytes: &[u8]) {
    let _ = read_xlsx(bytes);
}

/// A whole hand-in of one file, whatever its kind: no panic, and every row is taken, set aside or refused.
pub fn hand_in(bytes: &[u8], folder: &Path, rules: &Pack) {
    let path = folder.join("凭证.csv");
    fs::write(&path, bytes).expect("the temporary folder takes a file");
    let options = ReadOptions {
        org: Some("C01".to_owned()),
        rules,
        ids: &IdHasher::new(b"fuzz"),
        known: Default::default(),
        progress: None,
    };
    let Ok(hand_in) = read(&path, &options) else {
        return;
    };
    for file in &hand_in.files {
        let aside = u32::try_from(file.set_aside.len()).unwrap_or(u32::MAX);
        let whole = file.heads + file.taken + file.refused + aside;
        assert_eq!(file.rows, whole, "{}", file.place);
    }
}
