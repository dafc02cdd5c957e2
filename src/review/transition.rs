//! A person takes a step: allowed by the workflow, the role, the organisation, and by what has happened to the item so far.

use chrono::{NaiveDate, NaiveDateTime};

use super::dossier::Dossier;
use super::event::{Event, Payload};
use super::log::Attachment;
use super::workflow::{Need, State, Transition};
use super::writer::Writer;
use super::{Actor, Desk, ReviewError};
use crate::model::Role;
use crate::store::{Store, Transaction};

/// Bytes that one attachment may have.
pub const MAX_ATTACHMENT: usize = 64 << 20;

/// A step as asked for.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    pub number: &'a str,
    /// Code or label of the state to go to.
    pub to: &'a str,
    pub actor: &'a Actor,
    pub reason: Option<&'a str>,
    pub attachments: Vec<Attachment>,
    /// The day set with the step, where the state's deadline is set by people.
    pub due: Option<NaiveDate>,
    /// Why the item is closed although the last run still finds it.
    pub exception: Option<&'a str>,
    /// Number of the last event that the person has seen: the step is refused when there is a later one.
    pub seen: Option<i64>,
    pub at: NaiveDateTime,
}

/// Takes a step; the event as stored.
///
/// # Errors
/// [`ReviewError`]; then nothing is written.
pub async fn transition(store: &Store, desk: &Desk, step: Step<'_>) -> Result<Event, ReviewError> {
    check_attachments(&step.attachments)?;
    let transaction = store.begin().await?;
    let (dossier, mut writer) =
        opened(&transaction, desk, step.actor, step.number, step.seen).await?;
    let ready = prepare(desk, &dossier, &step)?;
    let exception = said(step.exception).map(str::to_owned);
    let mut draft = dossier.next(step.actor, step.at, Payload::Moved { exception });
    draft.state = ready.to.code.clone();
    draft.reason = said(step.reason).map(str::to_owned);
    draft.backward = ready.backward;
    draft.proposed_by = ready.proposed_by;
    let due = desk.due(ready.to, step.at.date(), step.due);
    draft.due = due.map(|d| d.date);
    draft.due_provisional = due.is_some_and(|d| d.provisional);
    let event = writer
        .append(&dossier.item, draft, step.attachments)?
        .clone();
    writer.finish().await?;
    transaction.commit().await?;
    Ok(event)
}

/// Where this person may take an item now, leaving out what the step would still need: state and step.
pub fn open_steps<'a>(
    desk: &'a Desk,
    dossier: &'a Dossier,
    role: Role,
) -> impl Iterator<Item = (&'a State, &'a Transition)> {
    let steps = desk.workflow.steps(dossier.state(), dossier.kind);
    steps
        .filter(move |t| t.roles.contains(&role))
        .filter_map(|t| Some((desk.workflow.state(&t.to)?, t)))
}

/// The item for writing: its organisation's chain is taken first, so that what is read is what is added to.
pub(super) async fn opened<'a>(
    transaction: &'a Transaction,
    desk: &Desk,
    actor: &Actor,
    number: &str,
    seen: Option<i64>,
) -> Result<(Dossier, Writer<'a, Transaction>), ReviewError> {
    let item = super::log::item(transaction, number).await?;
    let item = item.ok_or_else(|| ReviewError::UnknownItem(number.trim().to_owned()))?;
    let writer = Writer::open(transaction, &item.organisation).await?;
    let dossier = Dossier::read(transaction, &desk.workflow, actor, number).await?;
    if seen.is_some_and(|seq| seq != dossier.last().seq) {
        let number = dossier.item.number;
        return Err(ReviewError::Stale { number });
    }
    Ok((dossier, writer))
}

/// A text that says something.
pub(super) fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

pub(super) fn check_attachments(attachments: &[Attachment]) -> Result<(), ReviewError> {
    for attachment in attachments {
        let reason = if attachment.name.trim().is_empty() {
            "没有文件名".to_owned()
        } else if attachment.bytes.is_empty() {
            "文件是空的".to_owned()
        } else if attachment.bytes.len() > MAX_ATTACHMENT {
            format!("超过 {} MB", MAX_ATTACHMENT >> 20)
        } else {
            continue;
        };
        return Err(ReviewError::BadAttachment {
            name: attachment.name.clone(),
            reason,
        });
    }
    Ok(())
}

/// A step that may be taken.
struct Ready<'a> {
    to: &'a State,
    backward: bool,
    proposed_by: Option<String>,
}

fn prepare<'a>(
    desk: &'a Desk,
    dossier: &Dossier,
    step: &Step<'_>,
) -> Result<Ready<'a>, ReviewError> {
    let workflow = &desk.workflow;
    let to = workflow.state(step.to.trim()).ok_or_else(|| {
        let known: Vec<&str> = workflow.states.iter().map(|s| s.label.as_str()).collect();
        ReviewError::UnknownState(step.to.trim().to_owned(), known.join("、"))
    })?;
    let transition = chosen(desk, dossier, to, step.actor.role)?;
    let name = format!("转到「{}」", to.label);
    for need in &transition.needs {
        check_need(*need, &name, dossier, step)?;
    }
    let proposed_by = second_person(desk, dossier, transition, step.actor)?;
    if transition.second_person() && proposed_by.is_none() {
        return Err(ReviewError::NeedsProposal { step: name });
    }
    Ok(Ready {
        to,
        backward: transition.backward,
        proposed_by,
    })
}

fn chosen<'a>(
    desk: &'a Desk,
    dossier: &Dossier,
    to: &State,
    role: Role,
) -> Result<&'a Transition, ReviewError> {
    let workflow = &desk.workflow;
    let all = workflow.transitions.iter().filter(|t| {
        t.from == dossier.state() && t.to == to.code && t.kinds.contains(&dossier.kind)
    });
    let there: Vec<&Transition> = all.collect();
    if let Some(found) = there.iter().find(|t| t.roles.contains(&role)) {
        return Ok(found);
    }
    let from = workflow.label(dossier.state()).to_owned();
    if there.is_empty() {
        let possible: Vec<&str> = open_steps(desk, dossier, role)
            .map(|(state, _)| state.label.as_str())
            .collect();
        return Err(ReviewError::NoSuchStep {
            number: dossier.item.number.clone(),
            from,
            to: to.label.clone(),
            possible: match possible.is_empty() {
                true => "无(当前角色不能办理)".to_owned(),
                false => possible.join("、"),
            },
        });
    }
    let allowed: Vec<&str> = there
        .iter()
        .flat_map(|t| t.roles.iter().map(|r| r.label()))
        .collect();
    Err(ReviewError::WrongRole {
        role: role.label(),
        from,
        to: to.label.clone(),
        allowed: allowed.join("、"),
    })
}

fn check_need(
    need: Need,
    name: &str,
    dossier: &Dossier,
    step: &Step<'_>,
) -> Result<(), ReviewError> {
    let step_name = || name.to_owned();
    let today = step.at.date();
    match need {
        Need::Reason if said(step.reason).is_none() => {
            Err(ReviewError::NeedsReason { step: step_name() })
        }
        Need::Attachment if step.attachments.is_empty() => {
            Err(ReviewError::NeedsAttachment { step: step_name() })
        }
        Need::Due if step.due.is_none_or(|day| day < today) => Err(ReviewError::NeedsDue {
            step: step_name(),
            today,
        }),
        Need::Plan if dossier.plan()?.is_none() => {
            Err(ReviewError::NeedsPlan { step: step_name() })
        }
        Need::Cleared if dossier.present() && said(step.exception).is_none() => {
            Err(ReviewError::StillFound)
        }
        Need::Reply if !answered(dossier, today) => Err(ReviewError::NeedsReply {
            due: dossier.due().map(|d| d.to_string()).unwrap_or_default(),
        }),
        // Whether there is a proposal is part of who may take the step.
        _ => Ok(()),
    }
}

/// Replied, or silent until the time was over, which counts as no objection.
fn answered(dossier: &Dossier, today: NaiveDate) -> bool {
    let replied = dossier.stay().iter().any(|e| e.event == "replied");
    replied || dossier.due().is_some_and(|due| due < today)
}

/// Who is on record as the other person of this step; refused when that is the same one.
fn second_person(
    desk: &Desk,
    dossier: &Dossier,
    transition: &Transition,
    actor: &Actor,
) -> Result<Option<String>, ReviewError> {
    let same = |event: &Event, step: &str| ReviewError::SamePerson {
        user: actor.user().to_owned(),
        step: step.to_owned(),
        when: event.at,
    };
    let mut other = None;
    for event in dossier.cycle().filter(|e| e.is_step_forward()) {
        if transition.apart_from.contains(&event.state) {
            if event.by == actor.user() {
                return Err(same(event, desk.workflow.label(&event.state)));
            }
            other = Some(event.by.clone());
        }
    }
    if !transition.needs.contains(&Need::Proposal) {
        return Ok(other);
    }
    let mut own = None;
    for event in dossier.stay().iter().rev() {
        match event.payload()? {
            Payload::Proposed { to } if to != transition.to => {}
            Payload::Proposed { .. } if event.by != actor.user() => {
                return Ok(Some(event.by.clone()));
            }
            Payload::Proposed { .. } => own = Some(event),
            _ => {}
        }
    }
    match own {
        Some(event) => Err(same(event, "提出")),
        None => {
            let step = format!("转到「{}」", desk.workflow.label(&transition.to));
            Err(ReviewError::NeedsProposal { step })
        }
    }
}
