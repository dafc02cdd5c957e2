//! The page of an item: the fact and what it rests on, what happened to it so far, and what this person may do next.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::documents;
use super::findings::{Item, masked};
use super::item_acts::Filled;
use super::item_forms::{self, Form, Input};
use super::items::{actor, desk};
use super::suppressions::{self, OfItem, SUPPRESS};
use crate::access::log::{self, Act};
use crate::access::user;
use crate::model::Role;
use crate::review::dossier::Dossier;
use crate::review::event::{Event, Payload};
use crate::review::log::{Sealed, attachment_bytes};
use crate::review::workflow::Clock;
use crate::review::{Actor, Desk, ReviewError};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::encoded;
use crate::web::permissions::{may_open, may_post};
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// Who looks, and by which workflow.
pub struct View<'a> {
    pub workspace: &'a Workspace,
    pub visitor: &'a Visitor,
    pub desk: &'a Desk,
    pub actor: &'a Actor,
}

impl View<'_> {
    pub async fn read(&self, number: &str) -> Result<Dossier, Fault> {
        let db = self.workspace.store.db();
        Ok(Dossier::read(db, &self.desk.workflow, self.actor, number).await?)
    }

    /// Whether an event is shown to this person. A company is told what happened while the matter was with it, and nothing of
    /// what the street notes or proposes meanwhile: to hand it over, above all.
    fn tells(&self, dossier: &Dossier, event: &Event) -> bool {
        let role = self.actor.role;
        let inward = ["proposed", "noted"].contains(&event.event.as_str());
        let with_it = self
            .desk
            .workflow
            .readable(role, dossier.kind, &event.state);
        !user::is_company(role) || (with_it && !inward)
    }

    /// The inspector's reading is on record.
    pub async fn note(
        &self,
        act: &'static str,
        dossier: &Dossier,
        object: &str,
    ) -> Result<(), Fault> {
        if self.visitor.user().role == Role::Inspector {
            let act = Act::new(act, self.visitor.login())
                .organisation(&dossier.item.organisation)
                .object(object);
            log::append(&self.workspace.store, &act, now()).await?;
        }
        Ok(())
    }
}

/// Something that happened, as the page tells it.
pub struct Happening {
    pub at: chrono::NaiveDateTime,
    pub who: String,
    pub role: &'static str,
    pub what: String,
    /// From and to, where the state changed.
    pub moved: Option<(String, String)>,
    pub said: Vec<(&'static str, String)>,
    /// Name, size in bytes and address.
    pub attachments: Vec<(String, i64, String)>,
    pub run: Option<i64>,
}

#[derive(Template)]
#[template(path = "web/item.html")]
struct ItemPage {
    frame: Frame,
    item: Item,
    number: String,
    state: String,
    meaning: String,
    due: Option<chrono::NaiveDate>,
    due_provisional: bool,
    overdue: bool,
    /// The time given in this state is a proposal until the street confirms it.
    unconfirmed: bool,
    /// When it was closed and found again, if it was.
    recurred: Option<String>,
    present: bool,
    seen: i64,
    steps: Vec<Form>,
    records: Vec<Form>,
    history: Vec<Happening>,
    /// This person may open runs.
    audits: bool,
    /// This person may take the evidence bundle.
    takes: bool,
    /// Title and address of the documents about one item that this person may make.
    papers: Vec<(String, String)>,
    /// Whether it is set aside, and whether that may be asked for.
    aside: OfItem,
    /// Why the last form was refused, where the form is no longer there.
    refused: Option<String>,
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Page {
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let view = View {
        workspace: &workspace,
        visitor: &visitor,
        desk: &desk,
        actor: &actor,
    };
    drawn(&view, &number, None).await
}

/// The page, with a form that was refused and why.
///
/// # Errors
/// There is no such item, or not for this person.
pub async fn drawn(
    view: &View<'_>,
    number: &str,
    refused: Option<&(Filled, String)>,
) -> Result<Html<String>, Fault> {
    let dossier = view.read(number).await?;
    view.note("finding.read", &dossier, &dossier.item.number)
        .await?;
    let (desk, role) = (view.desk, view.actor.role);
    let mut item = Item::of(&dossier.finding)?;
    // As `roles.toml` says of what is kept from the role.
    if role == Role::CompanyOfficer {
        item.0.params.clear();
    }
    let steps = item_forms::steps(desk, &dossier, role, refused);
    let records = item_forms::records(desk, &dossier, role, refused)?;
    let beside = steps.iter().chain(&records).any(|f| f.error.is_some());
    let state = desk.workflow.state(dossier.state());
    let last = dossier.last();
    let unconfirmed = |clock| {
        matches!(
            clock,
            Clock::WorkingDays {
                confirmed: false,
                ..
            }
        )
    };
    let suppress = refused.filter(|(f, _)| f.act == SUPPRESS).map(|(f, _)| f);
    let aside = suppressions::of_item(view, &dossier, suppress).await?;
    let number = dossier.item.number.clone();
    let frame = Frame::new(view.visitor, "/items", &format!("{number} {}", item.title));
    draw(&ItemPage {
        frame: frame.after("疑点", "/items"),
        state: desk.workflow.label(dossier.state()).to_owned(),
        meaning: state.map_or(String::new(), |s| s.meaning.clone()),
        due: last.due,
        due_provisional: last.due_provisional,
        overdue: last.due.is_some_and(|due| due < now().date()),
        unconfirmed: state.and_then(|s| s.clock).is_some_and(unconfirmed),
        recurred: recurred(&dossier)?,
        present: last.present,
        seen: last.seq,
        history: history(view, &dossier).await?,
        audits: may_open(role, "/audit/runs/{run}"),
        takes: may_post(role, "/items/{number}/bundle"),
        papers: documents::about(view, &dossier.item)?,
        aside,
        refused: refused.filter(|_| !beside).map(|(_, why)| why.clone()),
        item,
        number,
        steps,
        records,
    })
}

/// That it came back after it was closed, since when it is open.
fn recurred(dossier: &Dossier) -> Result<Option<String>, ReviewError> {
    for event in dossier.cycle() {
        if let Payload::Returned {
            recurrence: Some(back),
            ..
        } = event.payload()?
        {
            let name = if back.repeated {
                "屡审屡犯"
            } else {
                "再次发现"
            };
            let (closed, found) = (back.closed_at.date(), event.at.date());
            return Ok(Some(format!("{name}:{closed} 销号,{found} 再次发现")));
        }
    }
    Ok(None)
}

/// Everything that happened, the latest first.
pub async fn history(view: &View<'_>, dossier: &Dossier) -> Result<Vec<Happening>, Fault> {
    let db = view.workspace.store.db();
    let attachments = dossier.attachments(db).await?;
    let users = user::list(db).await?;
    let names: BTreeMap<&str, &str> = users
        .iter()
        .map(|u| (u.login.as_str(), u.name.as_str()))
        .collect();
    let mut all = Vec::new();
    let told = dossier.events.iter().filter(|e| view.tells(dossier, e));
    for event in told.rev() {
        let who = names
            .get(event.by.as_str())
            .map(|name| format!("{name}({})", event.by));
        all.push(happening(view.desk, dossier, event, &attachments, who)?);
    }
    Ok(all)
}

fn happening(
    desk: &Desk,
    dossier: &Dossier,
    event: &Event,
    attachments: &[Sealed],
    who: Option<String>,
) -> Result<Happening, Fault> {
    let payload = event.payload()?;
    let label = |code: &str| desk.workflow.label(code).to_owned();
    let before = event.state_before.as_deref();
    let moved = before.filter(|b| *b != event.state);
    let mut said = said(desk, &payload);
    let mut say = |name, text: Option<&String>| {
        said.extend(text.map(|text| (name, masked(text))));
    };
    say("理由", event.reason.as_ref());
    say("提出人", event.proposed_by.as_ref());
    if let (Some(due), true) = (event.due, moved.is_some()) {
        let provisional = if event.due_provisional {
            "(暂定)"
        } else {
            ""
        };
        said.push(("期限", format!("{due}{provisional}")));
    }
    let own = attachments.iter().filter(|a| a.position == event.position);
    let base = format!("/items/{}/attachments", encoded(&dossier.item.number));
    Ok(Happening {
        at: event.at,
        who: who.unwrap_or_else(|| event.by.clone()),
        role: event.role().map_or("", Role::label),
        what: match event.backward {
            true => "退回".to_owned(),
            false => payload.label().to_owned(),
        },
        moved: moved.map(|from| (label(from), label(&event.state))),
        said,
        attachments: own
            .map(|a| {
                let path = format!("{base}/{}/{}", a.position, a.line);
                (a.name.clone(), a.size, path)
            })
            .collect(),
        run: event.run_id,
    })
}

/// What an event says beyond its name.
fn said(desk: &Desk, payload: &Payload) -> Vec<(&'static str, String)> {
    let text = |name, text: &str| vec![(name, masked(text))];
    match payload {
        Payload::Appeared { .. } | Payload::Gone => Vec::new(),
        Payload::Changed { differences, .. } | Payload::Returned { differences, .. } => differences
            .iter()
            .map(|d| {
                (
                    "变化",
                    masked(&format!("{}:{} → {}", d.field, d.old, d.new)),
                )
            })
            .collect(),
        Payload::Moved { exception } => match exception {
            Some(why) => text("例外", why),
            None => Vec::new(),
        },
        Payload::Proposed { to } => text("转到", desk.workflow.label(to)),
        Payload::Replied { agrees, text: said } => {
            let opinion = if *agrees { "无异议" } else { "有异议" };
            let mut all = vec![("意见", opinion.to_owned())];
            if !said.trim().is_empty() {
                all.extend(text("说明", said));
            }
            all
        }
        Payload::Planned(plan) => vec![
            ("措施", masked(&plan.measure)),
            ("类型", plan.kind.label().to_owned()),
            ("责任人", plan.lead.clone()),
            ("完成期限", plan.due.to_string()),
            ("目标", masked(&plan.target)),
        ],
        Payload::Progress { on, text } => vec![("日期", on.to_string()), ("进展", masked(text))],
        Payload::Amounts(amounts) => vec![
            ("已追回", format!("{} 元", amounts.recovered.grouped())),
            ("已调账", format!("{} 元", amounts.booked.grouped())),
            (
                "无法追回",
                format!("{} 元", amounts.unrecoverable.grouped()),
            ),
        ],
        Payload::ExtensionAsked { until }
        | Payload::Extended { until }
        | Payload::ExtensionRefused { until } => {
            vec![("延期到", until.to_string())]
        }
        Payload::Noted { text: said } => text("备注", said),
    }
}

/// An attachment, byte for byte as it was handed in.
pub async fn attachment(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((number, position, line)): Path<(String, i64, i64)>,
) -> Result<Response, Fault> {
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let view = View {
        workspace: &workspace,
        visitor: &visitor,
        desk: &desk,
        actor: &actor,
    };
    let dossier = view.read(&number).await?;
    let db = workspace.store.db();
    // Positions are those of the organisation's chain: only the item's own are opened here, and of those what is told.
    let told = |p| {
        dossier
            .events
            .iter()
            .any(|e| e.position == p && view.tells(&dossier, e))
    };
    let own = dossier.attachments(db).await?;
    let own = own
        .into_iter()
        .find(|a| a.position == position && a.line == line && told(position));
    let own = own.ok_or_else(Fault::not_found)?;
    let bytes = attachment_bytes(db, &dossier.item.organisation, position, line).await?;
    let bytes = bytes.ok_or_else(Fault::not_found)?;
    view.note(
        "attachment.read",
        &dossier,
        &format!("{number} {}", own.name),
    )
    .await?;
    let name = format!("attachment; filename*=UTF-8''{}", encoded(&own.name));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}
