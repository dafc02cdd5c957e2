//! What lies around all routes: headers, compression, panics, and the drawing of faults.

use std::any::Any;

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use super::fault::Fault;
use super::statics::VERSION;
use super::tiles::Tiles;

/// Nothing but our own files; no inline script or style; no frame around us. Pictures may come from the tile server that the
/// street has set, and from nowhere else.
fn policy(tiles: Option<&Tiles>) -> String {
    let pictures = tiles.map_or(String::new(), |t| format!(" {}", t.origin));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{pictures}; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=()",
    ),
];

/// Puts everything around the routes.
pub fn wrap(routes: Router, tiles: Option<&Tiles>) -> Router {
    let policy = HeaderValue::try_from(policy(tiles));
    let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'"));
    routes
        .fallback(async || Fault::not_found())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(draw_faults))
        .layer(CompressionLayer::new())
        .layer(from_fn(add_headers))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            policy,
        ))
        .layer(TraceLayer::new_for_http())
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> HttpResponse<axum::body::Body> {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    Fault::internal(text.unwrap_or("panic")).into_response()
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Errors become a page, or a problem document for programs; those of libraries get a code of ours first.
async fn draw_faults(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let partial = request.headers().contains_key("hx-request");
    let response = next.run(request).await;
    let status = response.status();
    let known = response.extensions().get::<Fault>().cloned();
    // A form that is shown again with what is wrong in it is a page already.
    let kind = response.headers().get(header::CONTENT_TYPE);
    let drawn = kind.is_some_and(|k| k.as_bytes().starts_with(b"text/html"));
    let fault = match known {
        Some(fault) => fault,
        None if drawn => return response,
        None if status.is_client_error() || status.is_server_error() => Fault::of_status(status),
        None => return response,
    };
    if api {
        return problem(&fault);
    }
    let page = ErrorPage {
        fault: &fault,
        version: VERSION,
        login: fault.status == StatusCode::UNAUTHORIZED,
    };
    match page.render() {
        // A part of a page shows the sentence alone.
        _ if partial => (fault.status, format!("{} {}", fault.code, fault.message)).into_response(),
        Ok(text) => (fault.status, Html(text)).into_response(),
        Err(_) => (fault.status, fault.message).into_response(),
    }
}

/// RFC 9457.
fn problem(fault: &Fault) -> Response {
    let body = serde_json::json!({
        "type": format!("urn:sanzi:{}", fault.code),
        "title": fault.message,
        "status": fault.status.as_u16(),
        "code": fault.code,
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (fault.status, kind, body.to_string()).into_response()
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage<'a> {
    fault: &'a Fault,
    version: &'static str,
    login: bool,
}
