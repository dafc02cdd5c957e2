//! The CSV reader: no panic, and every row of the grid has a row number of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanzi::import::table::read_csv;
use sanzi::model::Place;

fuzz_target!(|text: &str| {
    let place = |row| Place {
        row,
        ..Place::default()
    };
    if let Ok(grid) = read_csv(text, place) {
        let lines = u32::try_from(text.split(['\n', '\r']).count()).unwrap_or(u32::MAX);
        for row in grid.rows() {
            assert!((1..=lines).contains(&row.number));
        }
    }
});
