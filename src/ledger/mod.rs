//! The ledger: posting, reversal, locks, balances, and the chain that makes every later change visible.
//! It knows vouchers and accounts; it never reads files and never judges a business.

pub mod account_ledger;
pub mod chain;
pub mod charts;
mod error;
pub mod held;
pub mod items;
pub mod lock;
pub mod post;
pub mod read;
pub mod reverse;
pub mod search;
pub mod standing;
pub mod trial_balance;
pub mod turnover;
pub mod undo;
pub mod verify;
pub mod void;

pub use error::LedgerError;
