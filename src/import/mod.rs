//! From what was handed in to a checked book: bytes → text → table → records → book. Nothing here guesses or drops a row.
//!
//! [`read`] touches no database; [`commit`] writes what it gave, in whole or not at all.

mod book;
mod bytes;
mod cell;
mod chart;
mod check;
pub mod codes;
pub mod commit;
mod detect;
mod field;
mod folder;
pub mod handin;
mod header;
mod identifier;
mod join;
mod journal;
mod number;
mod opening;
mod profile;
mod recognise;
mod register;
mod stated;
mod table;
mod text;
mod totals;
mod workbook;

pub use folder::{ImportError, ReadOptions, read};
pub use identifier::IdHasher;
