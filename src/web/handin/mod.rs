//! Hand-ins over the web: files are kept until they are submitted, read in the background, and written whole or not at all.

pub mod desk;
pub mod files;
pub mod preview;
pub mod uploads;
