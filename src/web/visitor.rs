//! Who makes a request, as far as the guard has let them in, and what their form says.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::request::Parts;

use super::fault::Fault;
use super::focus::Focus;
use super::surroundings::Surroundings;
use crate::access::session::Session;
use crate::access::{Scope, User};

/// Somebody who is logged in and may use this route.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub session: Session,
    /// The token of the session, to end it.
    pub token: String,
    /// The organisations that this route shows to this person.
    pub scope: Scope,
    /// What they chose to look at.
    pub focus: Focus,
    /// Path and query of the page; empty where the address is not that of a page.
    pub here: String,
    pub around: Surroundings,
}

impl Visitor {
    pub fn user(&self) -> &User {
        &self.session.user
    }

    pub fn login(&self) -> &str {
        &self.session.user.login
    }

    /// The companies with books that this person may choose from: code and title.
    pub fn companies(&self) -> Vec<(String, String)> {
        let all = self.around.companies.iter();
        let own = all.filter(|(code, _)| self.scope.covers(code));
        let titled = own.map(|(code, name)| match name.is_empty() {
            true => (code.clone(), code.clone()),
            false => (code.clone(), name.clone()),
        });
        titled.collect()
    }

    /// Refuses what lies outside this person's scope as if it were not there.
    pub fn sees(&self, organisation: &str) -> Result<(), Fault> {
        match self.scope.covers(organisation) {
            true => Ok(()),
            false => Err(Fault::not_found()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Fault> {
        let visitor = parts.extensions.get::<Visitor>();
        visitor.cloned().ok_or_else(Fault::signed_out)
    }
}

/// The fields of a form; the guard has read them and checked the form's mark.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The trimmed value of a field; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The value as typed: passwords may begin or end with a space.
    pub fn exact(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }

    /// All values of a field that may be ticked several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.0.iter().filter(move |(field, _)| field == name);
        fields
            .map(|(_, value)| value.trim())
            .filter(|v| !v.is_empty())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Fields {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Fields, Infallible> {
        Ok(parts
            .extensions
            .get::<Fields>()
            .cloned()
            .unwrap_or_default())
    }
}

/// A form with files whose first field carried the session's mark: files are not read before that is known.
pub struct MarkedUpload(pub Multipart);

impl<S: Send + Sync> FromRequest<S> for MarkedUpload {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<MarkedUpload, Fault> {
        let visitor = request.extensions().get::<Visitor>().cloned();
        let visitor = visitor.ok_or_else(Fault::signed_out)?;
        let multipart = Multipart::from_request(request, state).await;
        let mut multipart = multipart.map_err(|_| Fault::stale_form())?;
        let first = multipart.next_field().await.ok().flatten();
        let mark = match first {
            Some(field) if field.name() == Some("csrf") => field.text().await.unwrap_or_default(),
            _ => String::new(),
        };
        match visitor.session.accepts(&mark) {
            true => Ok(MarkedUpload(multipart)),
            false => Err(Fault::stale_form()),
        }
    }
}
