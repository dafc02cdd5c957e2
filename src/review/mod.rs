//! The life of a finding, from 疑点 to 销号: who did what, when and why, append-only and chained like the books.
//!
//! Audit runs bring items in ([`absorb`]), people take steps ([`transition`]) and put things on record ([`record`]) as far as
//! the workflow allows ([`workflow`], data); everybody else reads ([`list`], [`dossier`]). Nothing here changes a finding, a
//! voucher or an event that stands, and nothing here knows a web page or a terminal.

pub mod absorb;
pub mod actor;
pub mod chain;
pub mod deadline;
pub mod difference;
pub mod dossier;
mod error;
pub mod event;
pub mod list;
pub mod log;
pub mod record;
mod stored_run;
pub mod transition;
pub mod verify;
pub mod workflow;
pub mod writer;

pub use actor::Actor;
pub use deadline::Desk;
pub use error::ReviewError;
pub use workflow::Workflow;
