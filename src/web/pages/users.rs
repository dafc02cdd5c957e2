//! 设置: users and their organisations.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::access::user::{self, Profile, is_company};
use crate::access::{AccessError, Scope, User};
use crate::ledger::read;
use crate::model::Role;
use crate::statement::name_of;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, draw};
use crate::web::paging::encoded;
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

/// What stood in a form, so that nothing typed is lost when it is refused.
#[derive(Default)]
struct Form {
    login: String,
    name: String,
    role: String,
    organisations: String,
    disabled: bool,
}

#[derive(Template)]
#[template(path = "web/users.html")]
struct UsersPage {
    frame: Frame,
    tab: &'static str,
    users: Vec<User>,
    known: BTreeMap<String, String>,
    form: Form,
    problem: String,
}

fn scope_text(scope: &Scope) -> String {
    match scope {
        Scope::All => "全部单位".to_owned(),
        Scope::Only(codes) => codes.iter().cloned().collect::<Vec<_>>().join("、"),
    }
}

impl UsersPage {
    fn scope(&self, user: &User) -> String {
        scope_text(&user.scope)
    }

    fn roles(&self) -> [Role; 8] {
        Role::ALL
    }
}

/// Organisations of the store by code.
async fn organisations(workspace: &Workspace) -> Result<BTreeMap<String, String>, Fault> {
    let db = workspace.store.db();
    let mut out = BTreeMap::new();
    for book in read::books(db).await? {
        let name = name_of(db, &book.organisation).await?;
        out.insert(book.organisation, name);
    }
    Ok(out)
}

async fn users_page(
    workspace: &Workspace,
    visitor: &Visitor,
    form: Form,
    problem: String,
) -> Result<Response, Fault> {
    let status = match problem.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = UsersPage {
        frame: Frame::new(visitor, "/settings", "设置"),
        tab: "users",
        users: user::list(workspace.store.db()).await?,
        known: organisations(workspace).await?,
        form,
        problem,
    };
    Ok((status, draw(&page)?).into_response())
}

pub async fn list(State(workspace): State<Workspace>, visitor: Visitor) -> Result<Response, Fault> {
    users_page(&workspace, &visitor, Form::default(), String::new()).await
}

/// The profile that a form describes. The field of organisations left empty means all, for roles that may see all.
fn profile(login: &str, fields: &Fields) -> Result<Profile, AccessError> {
    let role: Role = fields
        .get("role")
        .parse()
        .map_err(|e: crate::model::UnknownRole| AccessError::BadUser(e.to_string()))?;
    let separators = |c: char| c.is_whitespace() || [',', ',', '、', ';', ';'].contains(&c);
    let codes = fields.get("organisations").split(separators);
    let codes: std::collections::BTreeSet<String> =
        codes.filter(|c| !c.is_empty()).map(str::to_owned).collect();
    let scope = match codes.is_empty() && !is_company(role) {
        true => Scope::All,
        false => Scope::Only(codes),
    };
    Ok(Profile {
        login: login.to_owned(),
        name: fields.get("name").to_owned(),
        role,
        scope,
    })
}

fn typed(fields: &Fields) -> Form {
    Form {
        login: fields.get("login").to_owned(),
        name: fields.get("name").to_owned(),
        role: fields.get("role").to_owned(),
        organisations: fields.get("organisations").to_owned(),
        disabled: fields.get("disabled") == "yes",
    }
}

pub async fn create(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Fault> {
    let made = async {
        let profile = profile(fields.get("login"), &fields)?;
        let (store, hasher) = (&workspace.store, &workspace.hasher);
        let password = fields.exact("password");
        user::create(store, hasher, &profile, password, visitor.login(), now()).await
    };
    match made.await {
        Ok(()) => Ok(Redirect::to("/settings").into_response()),
        Err(AccessError::Store(e)) => Err(e.into()),
        Err(error) => users_page(&workspace, &visitor, typed(&fields), error.to_string()).await,
    }
}

#[derive(Template)]
#[template(path = "web/user.html")]
struct UserPage {
    frame: Frame,
    login: String,
    known: BTreeMap<String, String>,
    form: Form,
    problem: String,
}

impl UserPage {
    fn roles(&self) -> [Role; 8] {
        Role::ALL
    }
}

async fn user_page(
    workspace: &Workspace,
    visitor: &Visitor,
    login: &str,
    form: Form,
    problem: String,
) -> Result<Response, Fault> {
    let status = match problem.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = UserPage {
        frame: Frame::new(visitor, "/settings", &format!("用户 {login}"))
            .after("设置", "/settings"),
        login: login.to_owned(),
        known: organisations(workspace).await?,
        form,
        problem,
    };
    Ok((status, draw(&page)?).into_response())
}

async fn stored(workspace: &Workspace, login: &str) -> Result<Form, Fault> {
    let user = user::find(workspace.store.db(), login).await?;
    let user = user.ok_or_else(|| AccessError::UnknownUser(login.to_owned()))?;
    Ok(Form {
        organisations: match &user.scope {
            Scope::All => String::new(),
            scope => scope_text(scope),
        },
        login: user.login,
        name: user.name,
        role: user.role.code().to_owned(),
        disabled: user.disabled,
    })
}

pub async fn edit(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(login): Path<String>,
) -> Result<Response, Fault> {
    let form = stored(&workspace, &login).await?;
    user_page(&workspace, &visitor, &login, form, String::new()).await
}

pub async fn change(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(login): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let form = typed(&fields);
    let changed = async {
        let profile = profile(&login, &fields)?;
        user::change(
            &workspace.store,
            &profile,
            form.disabled,
            visitor.login(),
            now(),
        )
        .await
    };
    match changed.await {
        Ok(()) => Ok(Redirect::to("/settings").into_response()),
        Err(AccessError::Store(e)) => Err(e.into()),
        Err(error @ AccessError::UnknownUser(_)) => Err(error.into()),
        Err(error) => user_page(&workspace, &visitor, &login, form, error.to_string()).await,
    }
}

pub async fn set_password(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(login): Path<String>,
    fields: Fields,
) -> Result<Response, Fault> {
    let (store, hasher) = (&workspace.store, &workspace.hasher);
    let password = fields.exact("password");
    let set = user::set_password(store, hasher, &login, password, visitor.login(), now()).await;
    match set {
        Ok(()) => Ok(Redirect::to(&format!("/settings/users/{}", encoded(&login))).into_response()),
        Err(error @ AccessError::WeakPassword(_)) => {
            let form = stored(&workspace, &login).await?;
            user_page(&workspace, &visitor, &login, form, error.to_string()).await
        }
        Err(other) => Err(other.into()),
    }
}
