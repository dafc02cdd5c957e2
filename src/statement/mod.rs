//! Statutory statements: 资产负债表, 收益及收益分配表 or 利润表, 收支明细表, 往来账龄. The forms are data
//! (`ledger_rules/statements/`); here they are read, checked and filled from the ledger. Nothing is ever plugged: a
//! difference is shown as one. It never prints and never writes to the store.

pub mod ageing;
mod check;
pub mod drill;
mod error;
mod evaluate;
pub mod facts;
mod flows;
pub mod form;
mod formula;
mod monthly;
mod prepare;
pub mod table;

pub use error::{FormFault, StatementError};
pub use form::{Form, Forms};
pub use monthly::{Month, monthly};
pub use prepare::{Options, name_of, prepare};
pub use table::{Half, Kind, Line, Part, Statement};
