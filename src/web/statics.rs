//! Styles and scripts, compiled in: nothing is fetched from elsewhere.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::etag::names;
use super::fault::Fault;
use crate::model::hex;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($name:literal $kind:ident,)*) => {
        &[$(($name, $kind, include_str!(concat!("static/", $name)))),*]
    };
}

/// Name, type and text.
const FILES: &[(&str, &str, &str)] = files![
    "style.css" CSS,
    "pictures.css" CSS,
    "leaflet.css" CSS,
    "app.js" SCRIPT,
    "charts.js" SCRIPT,
    "map.js" SCRIPT,
    "htmx.min.js" SCRIPT,
    "leaflet.js" SCRIPT,
    "echarts.min.js" SCRIPT,
];

/// Browsers keep a file for as long as the address says the same version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The tag of each file: its digest, weak because what lies around the routes may compress it.
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let digest = |text: &str| hex(&Sha256::digest(text));
    let tags = FILES.iter().map(|(_, _, text)| digest(text));
    tags.map(|d| format!("W/\"{}\"", &d[..32])).collect()
});

pub async fn file(Path(name): Path<String>, asked: HeaderMap) -> Result<Response, Fault> {
    let at = FILES.iter().position(|(file, ..)| *file == name);
    let at = at.ok_or_else(Fault::not_found)?;
    let ((_, kind, text), tag) = (FILES[at], TAGS[at].as_str());
    let kept = [(header::CACHE_CONTROL, "max-age=3600"), (header::ETAG, tag)];
    let known = asked.get(header::IF_NONE_MATCH);
    if known.is_some_and(|v| v.to_str().is_ok_and(|v| names(v, tag))) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    Ok((kept, [(header::CONTENT_TYPE, kind)], text).into_response())
}
