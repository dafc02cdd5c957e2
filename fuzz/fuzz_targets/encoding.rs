//! The encoding detector: whatever the bytes, either a text or the line where it ends; a text of ours comes back whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanzi::import::text::decode;

fuzz_target!(|bytes: &[u8]| {
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
});
