//! Facts that are computed once from registers because rules would otherwise compute them each in its own way.

pub mod escalation;
pub mod rent_due;
