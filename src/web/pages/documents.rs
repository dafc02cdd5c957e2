//! 文书: audit documents about an organisation or one of its items, filled from the store and from what the person says.

use std::path::PathBuf;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::item::View;
use super::items::{actor, desk};
use crate::access::log::{self, Act};
use crate::access::reveal;
use crate::document::values::Values;
use crate::document::{self, DocumentError, Form, Per, Sheet, Typesetter, Wanted};
use crate::model::Role;
use crate::review::log::Item;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::encoded;
use crate::web::permissions::may_open;
use crate::web::visitor::{MarkedUpload, Visitor};
use crate::web::workspace::{Workspace, apart, now};

/// The values that take more than a line.
const LONG: [&str; 14] = [
    "所需资料",
    "审计做法",
    "基本情况",
    "总体评价",
    "审计建议",
    "责任认定",
    "实施过程",
    "结论",
    "复核意见",
    "未核查事项",
    "知情范围",
    "销号意见",
    "佐证材料",
    "线索来源",
];

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    org: String,
    /// Number of the item that the document is about.
    #[serde(default)]
    item: String,
}

#[derive(Template)]
#[template(path = "web/documents.html")]
struct ListPage {
    frame: Frame,
    org: String,
    organisations: Vec<(String, String)>,
    /// About an organisation, and about one item.
    forms: Vec<Form>,
    of_items: Vec<Form>,
    pdf: bool,
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let organisations = visitor.companies();
    let org = match asked.org.as_str() {
        "" => organisations.first().map(|o| o.0.clone()),
        org => {
            visitor.sees(org)?;
            Some(org.to_owned())
        }
    };
    let forms = document::forms(&workspace.pack)?;
    let (forms, of_items) = forms.into_iter().partition(|f| f.per == Per::Organisation);
    draw(&ListPage {
        frame: Frame::new(&visitor, "/items", "文书").after("疑点", "/items"),
        org: org.unwrap_or_default(),
        organisations,
        forms,
        of_items,
        pdf: workspace.typesetter.is_some(),
    })
}

/// Title and address of the documents about one item, for who may make them.
///
/// # Errors
/// What the pack says.
pub fn about(view: &View<'_>, item: &Item) -> Result<Vec<(String, String)>, Fault> {
    if !may_open(view.actor.role, "/documents") {
        return Ok(Vec::new());
    }
    let forms = document::forms(&view.workspace.pack)?;
    let of_items = forms.into_iter().filter(|f| f.per == Per::Finding);
    let path = |form: &Form| {
        let (org, number) = (encoded(&item.organisation), encoded(&item.number));
        format!("/documents/{org}/{}?item={number}", form.id)
    };
    Ok(of_items.map(|f| (f.title.clone(), path(&f))).collect())
}

/// A state with its label, to choose from.
type Choice = (String, String);

#[derive(Template)]
#[template(path = "web/document.html")]
struct FormPage {
    frame: Frame,
    form: Form,
    org: String,
    item: String,
    /// Name, whether it is long, what stands in it.
    fields: Vec<(&'static str, bool, String)>,
    states: Vec<Choice>,
    pdf: bool,
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((org, form)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Page {
    let form = document::form(&workspace.pack, &form)?;
    if form.per == Per::Finding && asked.item.is_empty() {
        let what = "这份文书一事一份。请打开一个疑点,从它的页面制作";
        return Err(Fault::bad_input(what));
    }
    let desk = desk(&workspace).await?;
    let states = match form.per {
        Per::Finding => Vec::new(),
        Per::Organisation => desk
            .workflow
            .states
            .iter()
            .map(|s| (s.code.clone(), s.label.clone()))
            .collect(),
    };
    let today = crate::report::words::long_date(now().date());
    let fields = form.given().into_iter().map(|name| {
        let value = match name {
            "日期" | "编制日期" => today.clone(),
            "编制人" => visitor.user().name.clone(),
            _ => String::new(),
        };
        (name, LONG.contains(&name), value)
    });
    let frame = Frame::new(&visitor, "/items", &form.title).after("疑点", "/items");
    let frame = match asked.item.as_str() {
        "" => frame.after("文书", "/documents"),
        item => frame.after(item, format!("/items/{}", encoded(item))),
    };
    draw(&FormPage {
        frame,
        fields: fields.collect(),
        form,
        org,
        item: asked.item,
        states,
        pdf: workspace.typesetter.is_some(),
    })
}

/// What a filled-in form says.
#[derive(Default)]
pub struct Filled {
    pub item: String,
    pub states: Vec<String>,
    pub given: Vec<(String, String)>,
    /// Name and bytes of the street's own letterhead.
    pub letterhead: Option<(PathBuf, Bytes)>,
    pub pdf: bool,
}

async fn filled(MarkedUpload(mut multipart): MarkedUpload) -> Result<Filled, Fault> {
    let unreadable = |e: axum::extract::multipart::MultipartError| Fault::of_status(e.status());
    let mut filled = Filled::default();
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "letterhead" {
            let file = field.file_name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(unreadable)?;
            filled.letterhead = (!file.is_empty()).then(|| (PathBuf::from(file), bytes));
            continue;
        }
        let value = field.text().await.map_err(unreadable)?.trim().to_owned();
        match name.as_str() {
            _ if value.is_empty() => {}
            "item" => filled.item = value,
            "format" => filled.pdf = value == "pdf",
            "state" => filled.states.push(value),
            _ => filled.given.push((name, value)),
        }
    }
    Ok(filled)
}

pub async fn make(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((org, form)): Path<(String, String)>,
    upload: MarkedUpload,
) -> Result<Response, Fault> {
    let form = document::form(&workspace.pack, &form)?;
    let filled = filled(upload).await?;
    made(&workspace, &visitor, (&org, form), filled).await
}

/// The document as a file to take away; that it was made is on record.
///
/// # Errors
/// What is missing or not to be had.
pub async fn made(
    workspace: &Workspace,
    visitor: &Visitor,
    (org, form): (&str, Form),
    filled: Filled,
) -> Result<Response, Fault> {
    if form.per == Per::Finding && filled.item.is_empty() {
        return Err(Fault::bad_input("没有写明是哪一个疑点"));
    }
    let sheet = sheet(workspace, visitor, org, &form, &filled).await?;
    let writer = Writer::of(workspace, &filled)?;
    let ident = format!("{}_{}", form.title, sheet.name);
    let name = format!("{ident}.{}", writer.ending());
    let kind = writer.kind();
    let mut values = sheet.values;
    values.each(reveal::masked);
    for (name, value) in &filled.given {
        values.set(name, value.as_str());
    }
    let turn = match &writer {
        Writer::Pdf(_) => workspace.jobs.typesetting().acquire_owned().await.ok(),
        _ => None,
    };
    let work = move || async move {
        let _turn = turn;
        writer.written(&form, &values, &ident)
    };
    let bytes = apart(work).await?;
    let act = Act::new("document.make", visitor.login()).organisation(org);
    log::append(&workspace.store, &act.object(&name), now()).await?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename*=UTF-8''{}", encoded(&name)),
        ),
    ];
    Ok((StatusCode::OK, headers, bytes).into_response())
}

async fn sheet(
    workspace: &Workspace,
    visitor: &Visitor,
    org: &str,
    form: &Form,
    filled: &Filled,
) -> Result<Sheet, Fault> {
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    let items: Vec<String> = match form.per {
        Per::Finding => vec![filled.item.clone()],
        Per::Organisation => Vec::new(),
    };
    let wanted = Wanted {
        organisation: org,
        items: &items,
        states: &filled.states,
    };
    let sheets = document::sheets(&workspace.store, &desk, &actor, form, wanted).await?;
    if visitor.user().role == Role::Inspector {
        for sheet in &sheets {
            let act = Act::new("finding.read", visitor.login()).organisation(org);
            log::append(&workspace.store, &act.object(&sheet.name), now()).await?;
        }
    }
    sheets.into_iter().next().ok_or_else(Fault::not_found)
}

/// How a document is written.
enum Writer {
    Docx,
    Pdf(Typesetter),
    Letterhead(PathBuf, Bytes),
}

impl Writer {
    /// # Errors
    /// PDF where there is none: with a letterhead, or without the program.
    fn of(workspace: &Workspace, filled: &Filled) -> Result<Writer, DocumentError> {
        match (&filled.letterhead, filled.pdf) {
            (Some(_), true) => Err(DocumentError::LetterheadAsPdf),
            (Some((name, bytes)), false) => Ok(Writer::Letterhead(name.clone(), bytes.clone())),
            (None, false) => Ok(Writer::Docx),
            (None, true) => workspace.typesetter.clone().map_or_else(
                || Typesetter::find().map(Writer::Pdf),
                |typesetter| Ok(Writer::Pdf(typesetter)),
            ),
        }
    }

    fn ending(&self) -> &'static str {
        match self {
            Writer::Docx | Writer::Letterhead(..) => "docx",
            Writer::Pdf(_) => "pdf",
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Writer::Docx | Writer::Letterhead(..) => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            Writer::Pdf(_) => "application/pdf",
        }
    }

    fn written(&self, form: &Form, values: &Values, ident: &str) -> Result<Vec<u8>, Fault> {
        let document = || document::fill(form, values).document;
        Ok(match self {
            Writer::Letterhead(name, bytes) => document::fill_letterhead(name, bytes, values)?.0,
            Writer::Docx => document::render(&document())?,
            Writer::Pdf(typesetter) => typesetter.render(&document(), ident)?,
        })
    }
}
