//! The store: SQLite by default, PostgreSQL by URL. The only place that knows SQL dialects.

pub mod batch;
pub mod bulk;
mod connect;
pub mod driver;
pub mod entities;
mod error;
pub mod held;
pub mod identity;
pub mod key_file;
pub mod registers;
pub mod run_list;
pub mod runs;
pub mod segments;
pub mod suppressions;

pub use connect::Store;
pub use driver::{Cell, Row, Scan, Transaction};
pub use error::StoreError;
