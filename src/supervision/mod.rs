//! 监督检查计划: the year's projects and how far each has come, 廉政风险点, and the library of 制度文件.
//!
//! A project is the sum of its records ([`event`]), which are appended ([`act`]) and never changed; its steps, their documents and
//! times are data ([`steps`]), and so are the risk points ([`risk`]). Nothing here runs an audit or touches a finding.

pub mod act;
pub mod checklist;
mod error;
pub mod event;
pub mod log;
pub mod plan;
pub mod policy;
pub mod project;
pub mod risk;
pub mod steps;
pub mod verify;

pub use error::{SupervisionError, Wrong};
pub use project::Project;
pub use risk::RiskPoints;
pub use steps::Steps;
