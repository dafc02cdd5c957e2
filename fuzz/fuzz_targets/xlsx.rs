//! The reader of .xlsx workbooks: no panic, no hang, bounded memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanzi::import::workbook::read_xlsx;

fuzz_target!(|bytes: &[u8]| {
    let _ = read_xlsx(bytes);
});
