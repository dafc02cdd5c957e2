//! 文书 for programs: which there are and what each asks for, and one made as DOCX or PDF.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, body_of};
use crate::document::{self, Per};
use crate::web::fault::Fault;
use crate::web::pages::documents::{Filled, made};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// A document that can be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentForm {
    id: String,
    title: String,
    /// `organisation`: about several items at once; `item`: one matter, one sheet.
    about: String,
    /// What the caller may say beside what the store knows.
    fields: Vec<String>,
}

/// What there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentForms {
    forms: Vec<DocumentForm>,
    /// PDF can be made here.
    pdf: bool,
}

/// How a document is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// Number of the item, for a document about one.
    #[serde(default)]
    #[schema(required = false)]
    item: String,
    /// Codes of the states whose items it lists; none for all.
    #[serde(default)]
    #[schema(required = false)]
    states: Vec<String>,
    /// Values by the names in `fields`.
    #[serde(default)]
    #[schema(required = false)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    #[schema(required = false)]
    format: Format,
    /// The street's own paper (.docx) to be filled instead of ours.
    #[serde(default)]
    #[schema(required = false)]
    letterhead: Option<super::items::File>,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Docx,
    Pdf,
}

/// Documents that can be made, with what each asks for.
#[utoipa::path(get, path = "/api/v1/documents", responses(
    (status = 200, body = DocumentForms),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn forms(State(workspace): State<Workspace>) -> Result<Json<DocumentForms>, Fault> {
    let forms = document::forms(&workspace.pack)?.into_iter();
    let forms = forms.map(|form| DocumentForm {
        about: match form.per {
            Per::Organisation => "organisation",
            Per::Finding => "item",
        }
        .to_owned(),
        fields: form.given().into_iter().map(str::to_owned).collect(),
        id: form.id,
        title: form.title,
    });
    Ok(Json(DocumentForms {
        forms: forms.collect(),
        pdf: workspace.typesetter.is_some(),
    }))
}

/// Makes a document. It is not kept: what it says stands in the store.
#[utoipa::path(post, path = "/api/v1/organisations/{org}/documents/{form}", request_body = NewDocument,
    params(("org" = String, Path, description = "单位编码"), ("form" = String, Path, description = "文书,如 notice")), responses(
    (status = 200, description = "the file: DOCX or PDF"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn make(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((org, form)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = document::form(&workspace.pack, &form)?;
    let new: NewDocument = body_of(&body)?;
    let letterhead = match new.letterhead {
        None => None,
        Some(file) => {
            let bytes = STANDARD.decode(file.content.as_bytes());
            let wrong = |_| Fault::bad_input("letterhead 的内容不是 base64,没有制作");
            Some((PathBuf::from(file.name), Bytes::from(bytes.map_err(wrong)?)))
        }
    };
    let filled = Filled {
        item: new.item.trim().to_owned(),
        states: new.states,
        given: new.fields.into_iter().collect(),
        letterhead,
        pdf: new.format == Format::Pdf,
    };
    made(&workspace, &visitor, (&org, form), filled).await
}
