//! The reader of web pages that platforms call .xls: no panic, no hang, bounded memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanzi::import::html::read_html;

fuzz_target!(|text: &str| {
    let _ = read_html(text);
});
