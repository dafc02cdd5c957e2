//! 制度文件: the library, a document with its versions, and the form that takes one in. Files are given out as received.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::item_acts::Filled;
use super::items::actor;
use super::plan::form::refusal;
use super::plan::page::file;
use super::plan::{People, Tab, tabs, wrong_of};
use crate::access::log::{self, Act};
use crate::model::date::parse_date;
use crate::model::{Role, hex};
use crate::supervision::policy::{self, Policy, Standing, Version};
use crate::supervision::{SupervisionError, Wrong};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::permissions::may_post;
use crate::web::visitor::{MarkedUpload, Visitor};
use crate::web::workspace::{Workspace, now};

/// A version as shown.
pub struct Row {
    pub version: Version,
    pub standing: Standing,
    pub by: String,
    /// What rests on it: a rule or parameter, and the rule's title.
    pub basis: Vec<(String, String)>,
}

impl Row {
    pub fn mark(&self) -> &'static str {
        match self.standing {
            Standing::InForce => "good",
            Standing::NotYet => "",
            Standing::Ended | Standing::Replaced => "off",
        }
    }

    pub fn sha256(&self) -> String {
        hex(&self.version.sha256)
    }

    pub fn span(&self) -> String {
        let policy = &self.version.policy;
        match policy.to {
            Some(to) => format!("{} 至 {to}", policy.from),
            None => format!("{} 起", policy.from),
        }
    }
}

/// Every version, the latest first.
pub async fn rows(workspace: &Workspace) -> Result<Vec<Row>, Fault> {
    let people = People::of(workspace).await?;
    let all = policy::all(workspace.store.db()).await?;
    let latest = policy::latest(&all);
    let today = now().date();
    let rows = all.into_iter().rev().map(|version| {
        let last = latest.get(&version.series).copied();
        let basis = version.policy.basis_for.iter().map(|basis| {
            let (rule, _) = basis.split_once('.').unwrap_or((basis, ""));
            let rule = workspace.rules.rule(rule);
            let title = rule.map_or(String::new(), |r| r.file.title.clone());
            (basis.clone(), title)
        });
        Row {
            standing: version.standing(last.unwrap_or(version.version), today),
            by: people.name(&version.by).to_owned(),
            basis: basis.collect(),
            version,
        }
    });
    Ok(rows.collect())
}

/// What stands in the fields of the form.
#[derive(Default)]
struct Typed {
    title: String,
    number: String,
    issuer: String,
    from: String,
    to: String,
    scope: String,
    basis_for: String,
    note: String,
}

impl Typed {
    fn of(policy: &Policy) -> Typed {
        Typed {
            title: policy.title.clone(),
            number: policy.number.clone(),
            issuer: policy.issuer.clone(),
            scope: policy.scope.clone(),
            basis_for: policy.basis_for.join("、"),
            ..Typed::default()
        }
    }

    fn from(filled: &Filled) -> Typed {
        let text = |name: &str| filled.get(name).to_owned();
        Typed {
            title: text("title"),
            number: text("number"),
            issuer: text("issuer"),
            from: text("from"),
            to: text("to"),
            scope: text("scope"),
            basis_for: text("basis_for"),
            note: text("note"),
        }
    }

    fn policy(&self) -> Result<Policy, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let from = parse_date(&self.from);
        if from.is_none() {
            wrong.push(Wrong::new("from", "请写生效日,例如 2026-01-01"));
        }
        let to = parse_date(&self.to);
        if to.is_none() && !self.to.is_empty() {
            let message = "失效日不是日期;长期有效的请留空";
            wrong.push(Wrong::new("to", message));
        }
        let apart = |c: char| c.is_whitespace() || [',', '\u{ff0c}', '、'].contains(&c);
        let basis = self.basis_for.split(apart).filter(|b| !b.is_empty());
        // The rule's id in capitals; a parameter's name as it is.
        let basis = basis.map(|b| match b.split_once('.') {
            Some((rule, param)) => format!("{}.{param}", rule.to_uppercase()),
            None => b.to_uppercase(),
        });
        match from {
            Some(from) if wrong.is_empty() => Ok(Policy {
                title: self.title.clone(),
                number: self.number.clone(),
                issuer: self.issuer.clone(),
                from,
                to,
                scope: self.scope.clone(),
                basis_for: basis.collect(),
                note: self.note.clone(),
            }),
            _ => Err(wrong),
        }
    }
}

/// Parts of the address that choose documents.
#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    q: String,
    /// Anything: earlier versions too.
    #[serde(default)]
    old: String,
}

/// The form, with what was refused.
struct Form {
    action: String,
    typed: Typed,
    wrong: Vec<Wrong>,
    refused: Option<String>,
}

impl Form {
    fn wrong(&self, field: &str) -> Option<&str> {
        wrong_of(&self.wrong, field)
    }

    fn open(&self) -> bool {
        !self.wrong.is_empty() || self.refused.is_some()
    }
}

#[derive(Template)]
#[template(path = "web/policies.html")]
struct PoliciesPage {
    frame: Frame,
    tabs: Vec<Tab>,
    asked: Asked,
    rows: Vec<Row>,
    /// Of this person, who may take documents in.
    form: Option<Form>,
}

async fn library(
    workspace: &Workspace,
    visitor: &Visitor,
    asked: Asked,
    form: Form,
) -> Result<Html<String>, Fault> {
    let mut rows = rows(workspace).await?;
    let wanted = asked.q.trim().to_lowercase();
    rows.retain(|r| {
        let policy = &r.version.policy;
        let held = [&policy.title, &policy.number, &policy.issuer];
        let basis = policy.basis_for.iter();
        (!asked.old.is_empty() || r.standing != Standing::Replaced)
            && (wanted.is_empty()
                || held
                    .into_iter()
                    .chain(basis)
                    .any(|t| t.to_lowercase().contains(&wanted)))
    });
    let role = visitor.user().role;
    draw(&PoliciesPage {
        frame: Frame::new(visitor, "/plan", "制度文件"),
        tabs: tabs(role, "/policies"),
        asked,
        rows,
        form: may_post(role, "/policies").then_some(form),
    })
}

fn form(action: &str, typed: Typed) -> Form {
    Form {
        action: action.to_owned(),
        typed,
        wrong: Vec::new(),
        refused: None,
    }
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let empty = form("/policies", Typed::default());
    library(&workspace, &visitor, asked, empty).await
}

#[derive(Template)]
#[template(path = "web/policy.html")]
struct PolicyPage {
    frame: Frame,
    shown: Row,
    /// Every version of the document, the latest first.
    versions: Vec<Row>,
    form: Option<Form>,
}

async fn document(
    workspace: &Workspace,
    visitor: &Visitor,
    id: i64,
    refused: Option<Form>,
) -> Result<Html<String>, Fault> {
    let all = rows(workspace).await?;
    let series = all.iter().find(|r| r.version.id == id);
    let series = series
        .map(|r| r.version.series)
        .ok_or_else(Fault::not_found)?;
    let versions: Vec<Row> = all
        .into_iter()
        .filter(|r| r.version.series == series)
        .collect();
    let shown = versions.iter().find(|r| r.version.id == id);
    let shown = shown.ok_or_else(Fault::not_found)?;
    let shown = Row {
        version: shown.version.clone(),
        standing: shown.standing,
        by: shown.by.clone(),
        basis: shown.basis.clone(),
    };
    let role = visitor.user().role;
    let typed = versions.first().map(|r| Typed::of(&r.version.policy));
    let blank = form(&format!("/policies/{id}"), typed.unwrap_or_default());
    let frame = Frame::new(visitor, "/plan", &shown.version.policy.title);
    draw(&PolicyPage {
        frame: frame.after("制度文件", "/policies"),
        shown,
        versions,
        form: may_post(role, "/policies/{policy}").then(|| refused.unwrap_or(blank)),
    })
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Page {
    document(&workspace, &visitor, id, None).await
}

/// The file of a version, byte for byte as it was handed in.
pub async fn download(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let db = workspace.store.db();
    let all = policy::all(db).await?;
    let found = all.into_iter().find(|v| v.id == id);
    let found = found.ok_or_else(Fault::not_found)?;
    let bytes = policy::bytes(db, id).await?.ok_or_else(Fault::not_found)?;
    if visitor.user().role == Role::Inspector {
        let act = Act::new("attachment.read", visitor.login()).object(&found.file_name);
        log::append(&workspace.store, &act, now()).await?;
    }
    Ok(file(&found.file_name, bytes))
}

/// Reads the form and takes the document in.
async fn receive(
    workspace: &Workspace,
    visitor: &Visitor,
    replaces: Option<i64>,
    multipart: axum::extract::Multipart,
) -> Result<(Typed, Result<i64, SupervisionError>), Fault> {
    let mut filled = Filled::receive("policy", multipart).await?;
    let typed = Typed::from(&filled);
    let actor = actor(visitor)?;
    let (policy, file) = (typed.policy(), filled.take_files().into_iter().next());
    let taken = match (policy, file) {
        (Ok(policy), Some(file)) => {
            let (store, rules) = (&workspace.store, &workspace.rules);
            policy::add(store, rules, &actor, now(), replaces, (policy, file)).await
        }
        (policy, file) => {
            let mut wrong = policy.err().unwrap_or_default();
            if file.is_none() {
                wrong.push(Wrong::new("files", "请选文件"));
            }
            Err(SupervisionError::Invalid(wrong))
        }
    };
    Ok((typed, taken))
}

pub async fn add(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    let (typed, taken) = receive(&workspace, &visitor, None, multipart).await?;
    match taken {
        Ok(id) => Ok(Redirect::to(&format!("/policies/{id}")).into_response()),
        Err(error) => {
            let (status, form) = refused("/policies", typed, error)?;
            let page = library(&workspace, &visitor, Asked::default(), form).await?;
            Ok((status, page).into_response())
        }
    }
}

pub async fn replace(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    let (typed, taken) = receive(&workspace, &visitor, Some(id), multipart).await?;
    match taken {
        Ok(id) => Ok(Redirect::to(&format!("/policies/{id}")).into_response()),
        Err(error) => {
            let action = format!("/policies/{id}");
            let (status, form) = refused(&action, typed, error)?;
            let page = document(&workspace, &visitor, id, Some(form)).await?;
            Ok((status, page).into_response())
        }
    }
}

fn refused(
    action: &str,
    typed: Typed,
    error: SupervisionError,
) -> Result<(StatusCode, Form), Fault> {
    let (status, (wrong, refused)) = refusal(error)?;
    let form = Form {
        action: action.to_owned(),
        typed,
        wrong,
        refused,
    };
    Ok((status, form))
}
