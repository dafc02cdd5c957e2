//! The door of every route: session, role, organisation, and the mark of every form, in that order.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest, RawPathParams, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;

use super::etag::tagged;
use super::fault::Fault;
use super::focus::{self, Focus};
use super::paging::encoded;
use super::permissions::{Body as Takes, Reach, Rule, Who};
use super::surroundings::{Surroundings, surroundings};
use super::visitor::{Fields, Visitor};
use super::workspace::{Workspace, now};
use crate::access::session::{self, Session};
use crate::access::{Scope, token};

/// Bytes of a form without files.
const FORM_LIMIT: usize = 256 * 1024;

/// Name of the cookie that holds the token of a session. With TLS the prefix keeps other hosts and plain HTTP away from it.
pub fn session_cookie(secure: bool) -> &'static str {
    match secure {
        true => "__Host-sanzi",
        false => "sanzi",
    }
}

/// The cookie that marks forms which are sent before anybody is logged in.
pub const FORM_COOKIE: &str = "sanzi_form";

/// Lets a request through to the handler of `rule`, or answers it.
pub async fn guard(
    State((workspace, rule)): State<(Workspace, Arc<Rule>)>,
    jar: CookieJar,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, Fault> {
    let mark = match rule.who {
        Who::Anyone => jar.get(FORM_COOKIE).map(|c| c.value().to_owned()),
        Who::SignedIn | Who::Roles(_) => {
            let Some(Caller { session, token, by }) =
                caller(&workspace, &rule, &jar, bearer(&request)).await?
            else {
                return to_login(&rule, &request);
            };
            if session.user.must_change && !rule.before_change {
                return Ok(Redirect::to("/password").into_response());
            }
            let scope = reach(&rule, &session)?;
            for (name, value) in &params {
                if name == "org" && !scope.covers(value) {
                    return Err(Fault::not_found());
                }
            }
            let mark = session.csrf.clone();
            let mut visitor = Visitor {
                focus: focus(&jar, &scope),
                session,
                token,
                scope,
                here: String::new(),
                around: Surroundings::default(),
            };
            if !rule.path.starts_with("/api/") {
                if let Some(to) = led(&rule, &request, &visitor.focus) {
                    return Ok(Redirect::to(&to).into_response());
                }
                visitor.here = here(&rule, &request);
                visitor.around = surroundings(&workspace, &visitor).await?;
            }
            request.extensions_mut().insert(visitor);
            // A browser sends cookies by itself, a token never: only the former needs a mark.
            (by == By::Session).then_some(mark)
        }
    };
    match rule.takes {
        _ if rule.method != Method::POST => {}
        Takes::Fields => request = marked(request, mark.as_deref()).await?,
        Takes::Json => marked_json(&request, mark.as_deref())?,
        Takes::Files => {}
    }
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = next.run(request).await;
    if rule.method == Method::GET && rule.path.starts_with("/api/") {
        let known = known.as_ref().and_then(|v| v.to_str().ok());
        response = tagged(response, known).await?;
    }
    // Pages hold what only this person may see.
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What this person chose to look at, as far as it lies within reach.
fn focus(jar: &CookieJar, scope: &Scope) -> Focus {
    let chosen = jar.get(focus::COOKIE).map(|c| Focus::read(c.value()));
    let mut focus = chosen.unwrap_or_default();
    if !scope.covers(&focus.organisation) {
        focus.organisation.clear();
    }
    focus
}

/// Where a page without a filter of its own is opened with that of the focus.
fn led(rule: &Rule, request: &Request, focus: &Focus) -> Option<String> {
    let bare = rule.method == Method::GET
        && request.uri().query().is_none()
        && !request.headers().contains_key("hx-request");
    bare.then(|| focus.lead(rule.path, request.uri().path()))?
}

/// The address of the page that is drawn; what is sent has none.
fn here(rule: &Rule, request: &Request) -> String {
    let address = request.uri().path_and_query();
    let address = address.filter(|_| rule.method == Method::GET);
    address.map_or_else(String::new, |a| a.as_str().to_owned())
}

/// How somebody showed who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Session,
    Token,
}

/// Somebody who is known.
struct Caller {
    session: Session,
    /// The token of the session; empty for a program.
    token: String,
    by: By,
}

/// Who calls: a browser with its cookie, or on the API a program with its token.
async fn caller(
    workspace: &Workspace,
    rule: &Rule,
    jar: &CookieJar,
    bearer: Option<String>,
) -> Result<Option<Caller>, Fault> {
    if let (Some(given), true) = (bearer, rule.path.starts_with("/api/")) {
        let Some((user, may_write)) = token::find(&workspace.store, &given, now()).await? else {
            return Ok(None);
        };
        if rule.method != Method::GET && !may_write {
            return Err(Fault::read_only_token());
        }
        let session = Session {
            user,
            csrf: String::new(),
        };
        return Ok(Some(Caller {
            session,
            token: String::new(),
            by: By::Token,
        }));
    }
    let cookie = jar.get(session_cookie(workspace.secure));
    let Some(token) = cookie.map(|c| c.value().to_owned()) else {
        return Ok(None);
    };
    let session = session::find(&workspace.store, &token, now()).await?;
    let by = By::Session;
    Ok(session.map(|session| Caller { session, token, by }))
}

/// The token of `Authorization: Bearer …`.
fn bearer(request: &Request) -> Option<String> {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?;
    let (scheme, token) = given.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// The mark of a body that is no form stands in a header; programs with a token (`None`) need none.
fn marked_json(request: &Request, mark: Option<&str>) -> Result<(), Fault> {
    let given = request.headers().get("x-csrf-token");
    let given = given.and_then(|v| v.to_str().ok()).unwrap_or_default();
    match mark {
        Some(mark) if mark.is_empty() || !crate::access::same_secret(mark, given) => {
            Err(Fault::stale_form())
        }
        _ => Ok(()),
    }
}

/// What the role of a session reaches on a route, narrowed to the person's own organisations.
fn reach(rule: &Rule, session: &Session) -> Result<Scope, Fault> {
    let scope = session.user.scope.clone();
    match rule.reach(session.user.role) {
        Reach::Never => Err(Fault::forbidden()),
        Reach::Scope => Ok(scope),
        // Own organisations means a list, whatever stands in the user's record.
        Reach::Own if scope == Scope::All => Ok(Scope::Only(Default::default())),
        Reach::Own => Ok(scope),
    }
}

/// A person is sent to the login page and comes back afterwards; programs and parts of pages get a plain answer.
fn to_login(rule: &Rule, request: &Request) -> Result<Response, Fault> {
    let partial = request.headers().contains_key("hx-request");
    if rule.method != Method::GET || rule.path.starts_with("/api/") || partial {
        return Err(Fault::signed_out());
    }
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    Ok(Redirect::to(&format!("/login?next={}", encoded(here))).into_response())
}

/// Reads the fields of a form and checks its mark; the handler finds the fields beside the request.
async fn marked(request: Request, mark: Option<&str>) -> Result<Request, Fault> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, FORM_LIMIT).await;
    let bytes = bytes.map_err(|_| Fault::of_status(axum::http::StatusCode::PAYLOAD_TOO_LARGE))?;
    let again = Request::from_parts(parts.clone(), Body::from(bytes));
    let read = Form::<Vec<(String, String)>>::from_request(again, &()).await;
    let fields = Fields(read.map_or_else(|_| Vec::new(), |form| form.0));
    let header = parts.headers.get("x-csrf-token");
    let given = header
        .and_then(|v| v.to_str().ok())
        .unwrap_or_else(|| fields.get("csrf"));
    let expected = mark
        .filter(|m| !m.is_empty())
        .ok_or_else(Fault::stale_form)?;
    if !crate::access::same_secret(expected, given) {
        return Err(Fault::stale_form());
    }
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(fields);
    Ok(request)
}
