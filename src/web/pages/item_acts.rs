//! What people do with an item: a step, or something put on record. What is refused is shown beside its form, as typed.

use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;

use super::item::{self, View};
use super::item_forms::KINDS;
use super::items::{actor, desk};
use crate::model::Money;
use crate::model::date::parse_date;
use crate::review::dossier::Dossier;
use crate::review::event::{Amounts, Event, Payload, Plan};
use crate::review::log::Attachment;
use crate::review::record::{Entry, record};
use crate::review::transition::{Step, transition};
use crate::web::fault::Fault;
use crate::web::paging::encoded;
use crate::web::visitor::{MarkedUpload, Visitor};
use crate::web::workspace::{Workspace, now};

/// A form as sent.
#[derive(Default)]
pub struct Filled {
    /// `step` or `record`.
    pub act: &'static str,
    /// The state to go to, or the kind of record.
    pub what: String,
    fields: Vec<(String, String)>,
    files: Vec<Attachment>,
}

impl Filled {
    /// The trimmed value of a field; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.trim())
    }

    fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }

    /// A day; none when nothing was typed.
    fn day(&self, name: &str) -> Result<Option<NaiveDate>, Fault> {
        let read = |text: &str| {
            let wrong = format!("「{text}」不是日期;请写成 2025-12-31");
            parse_date(text).ok_or_else(|| Fault::bad_input(&wrong))
        };
        self.some(name).map(read).transpose()
    }

    fn needed_day(&self, name: &str, label: &str) -> Result<NaiveDate, Fault> {
        let missing = || Fault::bad_input(&format!("{label}没有填写"));
        self.day(name)?.ok_or_else(missing)
    }

    /// An amount in yuan; nothing typed is nought.
    fn money(&self, name: &str) -> Result<Money, Fault> {
        let text = self.some(name).unwrap_or("0");
        Money::parse(text).map_err(|e| Fault::bad_input(&e.to_string()))
    }

    /// The last event that the person saw.
    ///
    /// # Errors
    /// The form does not say.
    pub fn seen(&self) -> Result<i64, Fault> {
        let missing = |_| Fault::bad_input("表单不完整,没有写入。请刷新后重新填写");
        self.get("seen").parse().map_err(missing)
    }

    /// What a program sends instead of a form.
    pub fn sent(
        act: &'static str,
        what: String,
        fields: Vec<(String, String)>,
        files: Vec<Attachment>,
    ) -> Filled {
        Filled {
            act,
            what,
            fields,
            files,
        }
    }

    /// The files that came with it, once.
    pub fn take_files(&mut self) -> Vec<Attachment> {
        std::mem::take(&mut self.files)
    }

    /// Reads a form with files.
    ///
    /// # Errors
    /// What was sent is too large or torn.
    pub async fn receive(act: &'static str, mut multipart: Multipart) -> Result<Filled, Fault> {
        let unreadable = |e: axum::extract::multipart::MultipartError| Fault::of_status(e.status());
        let mut filled = Filled {
            act,
            ..Filled::default()
        };
        while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name != "files" {
                let value = field.text().await.map_err(unreadable)?;
                filled.fields.push((name, value));
                continue;
            }
            // Some browsers send the path; no file chosen comes as a part without a name.
            let file = field.file_name().unwrap_or_default();
            let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
            let file = file.to_owned();
            let bytes = field.bytes().await.map_err(unreadable)?.to_vec();
            if !file.is_empty() {
                filled.files.push(Attachment { name: file, bytes });
            }
        }
        filled.what = filled.get("what").to_owned();
        Ok(filled)
    }
}

/// The two forms of an item's page.
pub const STEP: &str = "step";
pub const RECORD: &str = "record";

pub async fn step(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    submitted(&workspace, &visitor, &number, STEP, multipart).await
}

async fn take(view: &View<'_>, number: &str, filled: &mut Filled) -> Result<Event, Fault> {
    let step = Step {
        number,
        attachments: std::mem::take(&mut filled.files),
        to: &filled.what,
        actor: view.actor,
        reason: filled.some("reason"),
        due: filled.day("due")?,
        exception: filled.some("exception"),
        seen: Some(filled.seen()?),
        at: now(),
    };
    Ok(transition(&view.workspace.store, view.desk, step).await?)
}

pub async fn put_on_record(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
    MarkedUpload(multipart): MarkedUpload,
) -> Result<Response, Fault> {
    submitted(&workspace, &visitor, &number, RECORD, multipart).await
}

/// Reads the form, does what it asks for, and shows the outcome.
async fn submitted(
    workspace: &Workspace,
    visitor: &Visitor,
    number: &str,
    form: &'static str,
    multipart: Multipart,
) -> Result<Response, Fault> {
    let mut filled = Filled::receive(form, multipart).await?;
    let (desk, actor) = (desk(workspace).await?, actor(visitor)?);
    let view = View {
        workspace,
        visitor,
        desk: &desk,
        actor: &actor,
    };
    let done = done(&view, number, &mut filled).await;
    answer(&view, number, filled, done).await
}

/// Does what a form asks for.
///
/// # Errors
/// Why it is refused; nothing is written then.
pub async fn done(view: &View<'_>, number: &str, filled: &mut Filled) -> Result<Event, Fault> {
    match filled.act {
        STEP => take(view, number, filled).await,
        _ => put(view, number, filled).await,
    }
}

async fn put(view: &View<'_>, number: &str, filled: &mut Filled) -> Result<Event, Fault> {
    let entry = Entry {
        number,
        attachments: std::mem::take(&mut filled.files),
        actor: view.actor,
        payload: payload(filled)?,
        reason: filled.some("reason"),
        seen: Some(filled.seen()?),
        at: now(),
    };
    Ok(record(&view.workspace.store, view.desk, entry).await?)
}

/// What a form puts on record; whether it makes sense is checked where it is written.
fn payload(filled: &Filled) -> Result<Payload, Fault> {
    let text = |name: &str| filled.get(name).to_owned();
    Ok(match filled.what.as_str() {
        "proposed" => Payload::Proposed { to: text("to") },
        "replied" => Payload::Replied {
            agrees: match filled.get("agrees") {
                "yes" => true,
                "no" => false,
                _ => return Err(Fault::bad_input("请选「无异议」或「有异议」")),
            },
            text: text("text"),
        },
        "planned" => {
            let kind = KINDS.iter().find(|(code, _)| *code == filled.get("kind"));
            let kind = kind.ok_or_else(|| Fault::bad_input("请选整改措施的类型"))?;
            Payload::Planned(Plan {
                measure: text("measure"),
                kind: kind.1,
                lead: text("lead"),
                due: filled.needed_day("due", "完成期限")?,
                target: text("target"),
            })
        }
        "progress" => Payload::Progress {
            on: filled.needed_day("on", "日期")?,
            text: text("text"),
        },
        "amounts" => Payload::Amounts(Amounts {
            recovered: filled.money("recovered")?,
            booked: filled.money("booked")?,
            unrecoverable: filled.money("unrecoverable")?,
        }),
        "extension_asked" => Payload::ExtensionAsked {
            until: filled.needed_day("until", "延期到的日子")?,
        },
        // The day is the one that was asked for.
        "extended" => Payload::Extended {
            until: now().date(),
        },
        "extension_refused" => Payload::ExtensionRefused {
            until: now().date(),
        },
        "noted" => Payload::Noted { text: text("text") },
        _ => return Err(Fault::bad_input("不能登记这种内容")),
    })
}

/// Back to the item, or to the list when it is no longer this person's to read; what was refused is shown again.
async fn answer(
    view: &View<'_>,
    number: &str,
    filled: Filled,
    done: Result<Event, Fault>,
) -> Result<Response, Fault> {
    let fault = match done {
        Ok(_) if readable(view, number).await => {
            let to = format!("/items/{}", encoded(number));
            return Ok(Redirect::to(&to).into_response());
        }
        Ok(_) => return Ok(Redirect::to("/items").into_response()),
        Err(fault) => fault,
    };
    let shown_again = fault.status.as_u16() == 409 || fault.status.as_u16() == 422;
    if !shown_again {
        return Err(fault);
    }
    let message = format!("{} {}", fault.code, fault.message);
    let page = item::drawn(view, number, Some(&(filled, message))).await?;
    Ok((fault.status, page).into_response())
}

async fn readable(view: &View<'_>, number: &str) -> bool {
    let db = view.workspace.store.db();
    Dossier::read(db, &view.desk.workflow, view.actor, number)
        .await
        .is_ok()
}
