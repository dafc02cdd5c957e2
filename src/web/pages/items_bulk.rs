//! One step with several items of a list. Each is checked and written by itself: one that is refused stops no other.

use askama::Template;
use axum::extract::State;

use super::items::{actor, desk};
use crate::audit::outcome::FindingKind;
use crate::model::Role;
use crate::review::Desk;
use crate::review::transition::{Step, transition};
use crate::review::workflow::{Need, Transition};
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, now};

/// Items of one page of the list.
const MOST: usize = 50;

/// The steps out of a state that ask for nothing but a reason: code and label of where they lead.
pub fn steps(desk: &Desk, state: &str, role: Role) -> Vec<(String, String)> {
    let kinds = [
        FindingKind::Violation,
        FindingKind::RedFlag,
        FindingKind::DataQuality,
    ];
    let plain = |t: &&Transition| {
        let alone = t.needs.iter().all(|need| *need == Need::Reason);
        t.roles.contains(&role) && alone && !t.second_person()
    };
    let mut found: Vec<(String, String)> = Vec::new();
    for kind in kinds {
        for step in desk.workflow.steps(state, kind).filter(plain) {
            let label = desk.workflow.label(&step.to).to_owned();
            if !found.iter().any(|(to, _)| *to == step.to) {
                found.push((step.to.clone(), label));
            }
        }
    }
    found
}

#[derive(Template)]
#[template(path = "web/items_bulk.html")]
struct TakenPage {
    frame: Frame,
    to: String,
    /// The query of the list that this came from.
    back: String,
    taken: Vec<String>,
    /// Number, and why it was not done.
    refused: Vec<(String, String)>,
}

pub async fn take(State(workspace): State<Workspace>, visitor: Visitor, fields: Fields) -> Page {
    let chosen: Vec<(&str, i64)> = fields.all("number").filter_map(seen).collect();
    if chosen.is_empty() {
        return Err(Fault::bad_input("没有选中任何一项,没有写入"));
    }
    if chosen.len() > MOST {
        let what = format!("一次最多办理 {MOST} 项,没有写入");
        return Err(Fault::bad_input(&what));
    }
    let (desk, actor) = (desk(&workspace).await?, actor(&visitor)?);
    let (to, reason) = (fields.get("to"), fields.get("reason"));
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for (number, seq) in chosen {
        let step = Step {
            number,
            to,
            actor: &actor,
            reason: (!reason.is_empty()).then_some(reason),
            attachments: Vec::new(),
            due: None,
            exception: None,
            seen: Some(seq),
            at: now(),
        };
        match transition(&workspace.store, &desk, step).await {
            Ok(_) => taken.push(number.to_owned()),
            Err(error) => {
                let fault = Fault::from(error);
                refused.push((
                    number.to_owned(),
                    format!("{} {}", fault.code, fault.message),
                ));
            }
        }
    }
    // Only a query of our own list: the form's field may hold anything.
    let back = fields.get("back");
    draw(&TakenPage {
        frame: Frame::new(&visitor, "/items", "一并办理").after("疑点", "/items"),
        to: desk.workflow.label(to).to_owned(),
        back: match back.starts_with('?') {
            true => back.to_owned(),
            false => String::new(),
        },
        taken,
        refused,
    })
}

/// `C-001-0f9d0899:7`: the number, and the last event that the person saw.
fn seen(text: &str) -> Option<(&str, i64)> {
    let (number, seq) = text.rsplit_once(':')?;
    Some((number, seq.parse().ok()?))
}
