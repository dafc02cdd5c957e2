//! From what was handed in to a checked book: bytes → text → table → records → book. Nothing here guesses or drops a row.

pub mod commit;
pub mod handin;
