//! The workspace in a real browser: the stories of those who use it, every page of every role, and what no page may do.
//!
//! Needs Debian's `chromium` and `chromium-driver`, and the program built beside these tests (`cargo build`); `scripts/test-browser`
//! sees to both. Screenshots lie in `tmp/screens/` of the target folder.

mod accountant;
mod administrator;
mod axe;
mod chrome;
mod inspector;
mod jiufeng;
mod pages;
mod person;
mod rest;
mod server;
mod supervisor;
mod traffic;
