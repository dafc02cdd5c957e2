//! A person's own tokens for programs: what they are for, until when, taken back or not. A new one is shown once.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::access::AccessError;
use crate::access::token::{self, Token, Wish};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

#[derive(Template)]
#[template(path = "web/tokens.html")]
struct TokensPage {
    frame: Frame,
    tokens: Vec<Token>,
    now: chrono::NaiveDateTime,
    longest: i64,
    /// The token that was just made.
    made: Option<String>,
    problem: String,
    /// As typed before it was refused.
    label: String,
}

impl TokensPage {
    async fn of(workspace: &Workspace, visitor: &Visitor) -> Result<TokensPage, Fault> {
        Ok(TokensPage {
            frame: Frame::new(visitor, "", "接口令牌"),
            tokens: token::list(&workspace.store, visitor.login()).await?,
            now: now(),
            longest: token::LONGEST_DAYS,
            made: None,
            problem: String::new(),
            label: String::new(),
        })
    }

    fn state(&self, token: &Token) -> &'static str {
        match token.revoked_at {
            Some(_) => "已收回",
            None if token.holds(self.now) => "有效",
            None => "已到期",
        }
    }
}

pub async fn page(State(workspace): State<Workspace>, visitor: Visitor) -> Page {
    draw(&TokensPage::of(&workspace, &visitor).await?)
}

pub async fn make(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Fault> {
    let wish = Wish {
        label: fields.get("label"),
        may_write: fields.get("may_write") == "yes",
        days: fields.get("days").parse().unwrap_or(0),
    };
    let made = token::make(&workspace.store, visitor.login(), wish, now()).await;
    let mut page = TokensPage::of(&workspace, &visitor).await?;
    let status = match made {
        Ok(token) => {
            page.made = Some(token);
            StatusCode::OK
        }
        Err(AccessError::Store(e)) => return Err(e.into()),
        Err(error) => {
            page.problem = error.to_string();
            wish.label.clone_into(&mut page.label);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    Ok((status, Html(page.render()?)).into_response())
}

pub async fn revoke(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Redirect, Fault> {
    token::revoke(&workspace.store, visitor.login(), id, now()).await?;
    Ok(Redirect::to("/tokens"))
}
