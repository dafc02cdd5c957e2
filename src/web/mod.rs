//! The workspace in the browser: routes, pages, API. Handlers read the request, call the library and draw; they decide
//! nothing about books or findings. Who may do what stands in [`permissions`].

mod api;
pub mod auditor;
mod chart;
mod etag;
mod fault;
mod focus;
mod frame;
mod guard;
mod handin;
mod jobs;
mod kept;
mod limiter;
mod outer;
mod pages;
mod paging;
pub mod permissions;
mod serve;
mod statics;
mod street;
mod surroundings;
mod tiles;
mod visitor;
mod workspace;

use axum::Router;

pub use api::document as openapi_document;
pub use guard::session_cookie;
pub use serve::{ServeError, Served, Tls, serve};
pub use tiles::{Tiles, TilesError};
pub use workspace::Workspace;

/// The whole application, ready to be served or called by a test.
pub fn application(workspace: &Workspace) -> Router {
    let routes = permissions::router(workspace).with_state(workspace.clone());
    outer::wrap(routes, workspace.tiles.as_ref())
}
