//! Answers of the API carry a digest of themselves, so that a program that asks again is told in a line that nothing changed.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::fault::Fault;
use crate::model::hex;

/// Bytes of an answer: pages of lists are far smaller.
const LARGEST: usize = 64 * 1024 * 1024;

/// The answer with its tag, or 304 without a body when `known` (`If-None-Match`) names the tag.
pub async fn tagged(response: Response, known: Option<&str>) -> Result<Response, Fault> {
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, LARGEST).await;
    let bytes = bytes.map_err(|e| Fault::internal(&e.to_string()))?;
    // Weak: what lies around the routes may compress the same answer.
    let tag = format!("W/\"{}\"", &hex(&Sha256::digest(&bytes))[..32]);
    let headers = [
        (header::ETAG, HeaderValue::from_str(&tag)),
        (
            header::CACHE_CONTROL,
            Ok(HeaderValue::from_static("private, no-cache")),
        ),
    ];
    for (name, value) in headers {
        parts
            .headers
            .insert(name, value.map_err(|e| Fault::internal(&e.to_string()))?);
    }
    match known.is_some_and(|known| names(known, &tag)) {
        true => {
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers.remove(header::CONTENT_TYPE);
            Ok((StatusCode::NOT_MODIFIED, parts.headers).into_response())
        }
        false => Ok(Response::from_parts(parts, Body::from(bytes))),
    }
}

/// Whether a list of tags names one, by the weak comparison (RFC 9110 §13.1.2).
pub fn names(known: &str, tag: &str) -> bool {
    let opaque = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    known
        .split(',')
        .any(|t| t.trim() == "*" || opaque(t) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_without_their_strength() {
        assert!(names("\"a\", W/\"b\"", "W/\"a\"") && names("*", "W/\"a\""));
        assert!(!names("\"aa\"", "W/\"a\""));
    }
}
