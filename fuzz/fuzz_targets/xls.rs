//! The reader of .xls workbooks: no panic, no hang, bounded memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanzi::import::workbook::read_xls;

fuzz_target!(|bytes: &[u8]| {
    let _ = read_xls(bytes, &|_| true);
});
