//! Styles and scripts, compiled in: nothing is fetched from elsewhere.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
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

/// Each file compressed, once and well: a megabyte of script took longer to compress than anything else on a page to make.
static SMALL: LazyLock<Vec<Bytes>> =
    LazyLock::new(|| FILES.iter().map(|(_, _, text)| small(text)).collect());

fn small(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; were it to, nothing would be sent compressed.
    let written = encoder.write_all(text.as_bytes());
    let bytes = written.and_then(|()| encoder.finish());
    bytes.unwrap_or_default().into()
}

/// Whether the browser takes it; one that says `gzip;q=0` does not.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = accepted
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(&weight.trim());
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// The tag of each file: its digest, weak because it may be sent compressed.
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
    let kind = [
        (header::CONTENT_TYPE, kind),
        (header::VARY, "accept-encoding"),
    ];
    if takes_gzip(&asked) && !SMALL[at].is_empty() {
        // What lies around the routes leaves alone what is compressed already.
        let coding = [(header::CONTENT_ENCODING, "gzip")];
        return Ok((kept, kind, coding, SMALL[at].clone()).into_response());
    }
    Ok((kept, kind, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use std::io::Read as _;

    #[test]
    fn every_file_unpacks_to_itself() {
        for (at, (name, _, text)) in FILES.iter().enumerate() {
            let mut out = String::new();
            let mut unpacked = flate2::read::GzDecoder::new(&SMALL[at][..]);
            unpacked.read_to_string(&mut out).unwrap();
            assert!(out == *text && SMALL[at].len() < text.len(), "{name}");
        }
    }

    #[test]
    fn only_who_takes_it_is_sent_it() {
        let takes = |said: &'static str| {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(said));
            takes_gzip(&asked)
        };
        assert!(takes("gzip, deflate, br") && takes("br, GZIP;q=0.5"));
        assert!(!takes("br") && !takes("gzip;q=0, br"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
