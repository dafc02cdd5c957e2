//! Logging in, and making the first administrator.

use std::net::SocketAddr;
use std::time::Instant;

use askama::Template;
use axum::Extension;
use axum::extract::{ConnectInfo, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use crate::access::user::Profile;
use crate::access::{AccessError, Scope, first, fresh_token, login};
use crate::model::Role;
use crate::web::fault::Fault;
use crate::web::guard::{FORM_COOKIE, session_cookie};
use crate::web::statics::VERSION;
use crate::web::visitor::Fields;
use crate::web::workspace::{Workspace, now};

#[derive(Template, Default)]
#[template(path = "web/login.html")]
struct LoginPage {
    version: &'static str,
    mark: String,
    problem: String,
    login: String,
    next: String,
    /// There is no user yet.
    first: bool,
}

#[derive(Template, Default)]
#[template(path = "web/start.html")]
struct StartPage {
    version: &'static str,
    mark: String,
    problem: String,
    code: String,
    login: String,
    name: String,
}

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

fn cookie(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .build()
}

/// A fresh mark for a form that is sent before anybody is logged in; its twin is a cookie.
fn mark(jar: CookieJar, secure: bool) -> (CookieJar, String) {
    let mark = fresh_token();
    (jar.add(cookie(FORM_COOKIE, mark.clone(), secure)), mark)
}

/// Only a path of ours: a link must not lead from the login page to another site.
pub fn inside(next: &str) -> String {
    let plain = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    match plain {
        true => next.to_owned(),
        false => String::new(),
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    Query(query): Query<Next>,
    jar: CookieJar,
) -> Result<Response, Fault> {
    let (jar, mark) = mark(jar, workspace.secure);
    let page = LoginPage {
        version: VERSION,
        mark,
        next: inside(&query.next),
        first: first::is_open(&workspace.store).await?,
        ..LoginPage::default()
    };
    Ok((jar, Html(page.render()?)).into_response())
}

/// The address is known when the program listens; calls within the process have none.
type Address = Option<Extension<ConnectInfo<SocketAddr>>>;

fn admits(workspace: &Workspace, address: &Address) -> Result<(), Fault> {
    let address = address.as_ref().map(|Extension(ConnectInfo(a))| a.ip());
    match address.is_none_or(|a| workspace.limiter.admits(a, Instant::now())) {
        true => Ok(()),
        false => Err(Fault::too_many()),
    }
}

pub async fn submit(
    State(workspace): State<Workspace>,
    address: Address,
    jar: CookieJar,
    fields: Fields,
) -> Result<Response, Fault> {
    admits(&workspace, &address)?;
    let (name, password) = (fields.get("login"), fields.exact("password"));
    let next = inside(fields.get("next"));
    let inside = login::log_in(&workspace.store, &workspace.hasher, name, password, now()).await;
    match inside {
        Ok((_, opened)) => {
            let name = session_cookie(workspace.secure);
            let jar = jar.add(cookie(name, opened.token, workspace.secure));
            let to = if next.is_empty() { "/" } else { &next };
            Ok((jar, Redirect::to(to)).into_response())
        }
        Err(AccessError::Store(e)) => Err(e.into()),
        Err(error) => {
            let problem = error.to_string();
            let status = Fault::from(error).status;
            let (jar, mark) = mark(jar, workspace.secure);
            let page = LoginPage {
                version: VERSION,
                mark,
                problem,
                login: name.to_owned(),
                next,
                first: false,
            };
            Ok((status, jar, Html(page.render()?)).into_response())
        }
    }
}

pub async fn start_page(
    State(workspace): State<Workspace>,
    jar: CookieJar,
) -> Result<Response, Fault> {
    if !first::is_open(&workspace.store).await? {
        return Ok(Redirect::to("/login").into_response());
    }
    let (jar, mark) = mark(jar, workspace.secure);
    let page = StartPage {
        version: VERSION,
        mark,
        ..StartPage::default()
    };
    Ok((jar, Html(page.render()?)).into_response())
}

pub async fn start(
    State(workspace): State<Workspace>,
    address: Address,
    jar: CookieJar,
    fields: Fields,
) -> Result<Response, Fault> {
    admits(&workspace, &address)?;
    let profile = Profile {
        login: fields.get("login").to_owned(),
        name: fields.get("name").to_owned(),
        role: Role::Administrator,
        scope: Scope::All,
    };
    let (code, password) = (fields.get("code"), fields.exact("password"));
    let (store, hasher) = (&workspace.store, &workspace.hasher);
    match first::take(store, hasher, code, &profile, password, now()).await {
        Ok(()) => Ok(Redirect::to("/login").into_response()),
        Err(AccessError::Store(e)) => Err(e.into()),
        Err(error) => {
            let (jar, mark) = mark(jar, workspace.secure);
            let page = StartPage {
                version: VERSION,
                mark,
                problem: error.to_string(),
                code: code.to_owned(),
                login: profile.login,
                name: profile.name,
            };
            let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok((status, jar, Html(page.render()?)).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_link_to_another_site_is_dropped() {
        assert_eq!(super::inside("/books?x=1"), "/books?x=1");
        for bad in ["//evil", "https://evil", "/\\evil", "books"] {
            assert_eq!(super::inside(bad), "", "{bad}");
        }
    }
}
