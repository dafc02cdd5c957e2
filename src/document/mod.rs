//! Audit documents: 取证单, 底稿, 审计报告 and what else a matter needs on paper. A document is a form of
//! `ledger_rules/documents/` filled with the values of a project, an organisation and its findings ([`values`]), and written as
//! DOCX: after our own layout ([`render`]) or into the street's letterhead ([`fill_template`]); our own layout also as PDF
//! ([`Typesetter`]).
//! It reads stored runs; it judges nothing and changes nothing.

mod blocks;
mod docx;
mod error;
mod fields;
mod fill;
mod form;
mod load;
mod package;
mod template;
mod typesetter;
pub mod values;

pub use blocks::{Align, Block, Column, Document};
pub use docx::render;
pub use error::DocumentError;
pub use fields::read_fields;
pub use fill::{Filled, fill};
pub use form::{Form, Per, form, forms};
pub use load::{Sheet, Wanted, sheets};
pub use template::{fill_letterhead, fill_template};
pub use typesetter::Typesetter;
