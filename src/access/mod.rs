//! Who may use the workspace, and what was done with it: users and their passwords, scopes by organisation, sessions, and
//! the tokens of programs, and the access log. It knows no page and no HTTP; what a role may open stands in `web::permissions`.

pub mod answer;
mod error;
pub mod first;
pub mod log;
pub mod login;
pub mod password;
pub mod reveal;
mod scope;
mod secret;
pub mod session;
pub mod token;
pub mod user;

#[cfg(test)]
mod tests;

pub use error::AccessError;
pub use scope::Scope;
pub use secret::{same as same_secret, token as fresh_token};
pub use user::User;
