//! The tables that rules see, as Arrow: their schemas, how they are built from plain rows, and how CSV text becomes one.

pub mod books;
pub mod build;
pub mod cell;
pub mod csv;
pub mod schema;
