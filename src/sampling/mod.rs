//! Audit sampling: what is drawn from a book, so that anyone can draw it again, and what the examined items say of the whole.
//!
//! Chance is SHA-256 over the seed and what an item is called on paper ([`chance`]): the draw depends neither on the machine,
//! nor on the order of the rows, nor on a random number generator.

pub mod chance;
pub mod check;
pub mod confidence;
pub mod design;
pub mod draw;
mod error;
pub mod evaluate;
mod exact;
pub mod files;
pub mod model;
mod monetary_unit;
pub mod population;
mod strata;
pub mod working_paper;

pub use error::SamplingError;
