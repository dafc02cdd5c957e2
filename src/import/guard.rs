//! Reading with a library that may panic on damaged files: the panic becomes a refusal, and nothing of it is printed.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::refusal::Refusal;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `read`; its panic is a damaged file.
pub fn guarded<T>(read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    keep_quiet();
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(outer);
    result.unwrap_or_else(|_| Err(Refusal::damaged("文件内部结构损坏")))
}

/// Panics of guarded threads are expected and handled; all others are reported as before.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                report(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_damaged_file() {
        let refusal = guarded::<()>(|| panic!("expected")).unwrap_err();
        assert_eq!(refusal.code.code, "导入-1001");
        assert!(!GUARDED.get());
        assert_eq!(guarded(|| Ok(1)).unwrap(), 1);
    }
}
