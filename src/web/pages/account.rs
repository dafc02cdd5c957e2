//! What everybody who is logged in has: a way home, out, another password, larger type.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;

use super::login::inside;
use crate::access::{AccessError, login, session, user};
use crate::web::fault::Fault;
use crate::web::focus::{self, Focus};
use crate::web::frame::{Frame, Page, directory, draw};
use crate::web::guard::session_cookie;
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

/// The first entry of the directory that this person may open.
pub async fn home(visitor: Visitor) -> Redirect {
    let open = directory(visitor.user().role);
    Redirect::to(open.first().map_or("/password", |(_, path)| path))
}

pub async fn logout(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    jar: CookieJar,
) -> Result<Response, Fault> {
    session::close(&workspace.store, &visitor.token, visitor.login(), now()).await?;
    let gone = Cookie::build((session_cookie(workspace.secure), ""))
        .path("/")
        .secure(workspace.secure);
    Ok((jar.remove(gone.build()), Redirect::to("/login")).into_response())
}

#[derive(Template)]
#[template(path = "web/password.html")]
struct PasswordPage {
    frame: Frame,
    /// For the browser, which keeps passwords by it.
    login: String,
    must: bool,
    problem: String,
}

fn password_form(visitor: &Visitor, problem: String) -> PasswordPage {
    PasswordPage {
        frame: Frame::new(visitor, "", "改口令"),
        login: visitor.login().to_owned(),
        must: visitor.user().must_change,
        problem,
    }
}

pub async fn password_page(visitor: Visitor) -> Page {
    draw(&password_form(&visitor, String::new()))
}

pub async fn change_password(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Fault> {
    match changed(&workspace, &visitor, &fields).await {
        // All sessions of the user have ended with the old password.
        Ok(()) => Ok(Redirect::to("/login").into_response()),
        Err(AccessError::Store(e)) => Err(e.into()),
        Err(error) => {
            let page = password_form(&visitor, error.to_string());
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok((status, Html(page.render()?)).into_response())
        }
    }
}

async fn changed(
    workspace: &Workspace,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<(), AccessError> {
    let (store, hasher, name) = (&workspace.store, &workspace.hasher, visitor.login());
    let (old, new) = (fields.exact("old"), fields.exact("new"));
    login::confirm(store, hasher, name, old).await?;
    if new != fields.exact("again") {
        return Err(AccessError::WeakPassword("两次输入不一样"));
    }
    if new == old {
        return Err(AccessError::WeakPassword("与现在的口令相同"));
    }
    user::set_password(store, hasher, name, new, name, now()).await
}

pub async fn large_type(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Redirect, Fault> {
    let large = !visitor.user().large_type;
    user::set_large_type(&workspace.store, visitor.login(), large).await?;
    Ok(Redirect::to(&back(&headers)))
}

/// The page that a form was sent from, as a path of ours.
fn back(headers: &HeaderMap) -> String {
    let from = headers.get(header::REFERER).and_then(|v| v.to_str().ok());
    let path = from
        .and_then(|url| url.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    let inside = |p: &String| !p.starts_with("//") && !p.contains('\\');
    path.filter(inside).unwrap_or_else(|| "/".to_owned())
}

/// Keeps the company and the months that the bar above names, and goes on with the same page.
pub async fn focus(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    jar: CookieJar,
    fields: Fields,
) -> Result<Response, Fault> {
    let period = match fields.get("period") {
        "" => String::new(),
        text => focus::months(text).ok_or_else(|| {
            Fault::bad_input(&format!(
                "期间「{text}」认不出。请写年(2024)、月(2024-06)或起止月(2024-01..2024-06)"
            ))
        })?,
    };
    let organisation = fields.get("org").to_owned();
    if !organisation.is_empty() {
        visitor.sees(&organisation)?;
    }
    let focus = Focus {
        organisation,
        period,
    };
    let to = focus.onwards(&inside(fields.get("back")));
    let to = if to.is_empty() { "/".to_owned() } else { to };
    let jar = jar.add(focus.cookie(workspace.secure));
    Ok((jar, Redirect::to(&to)).into_response())
}
