//! What people put on record without a step: proposals, replies, measures of rectification, progress, money, extensions.

use chrono::{NaiveDate, NaiveDateTime};

use super::dossier::Dossier;
use super::event::{Amounts, Event, Payload, Plan};
use super::log::Attachment;
use super::transition::{check_attachments, opened, said};
use super::workflow::Need;
use super::writer::Draft;
use super::{Actor, Desk, ReviewError};
use crate::model::Money;
use crate::store::{Store, Transaction};

/// A record as handed in.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    pub number: &'a str,
    pub actor: &'a Actor,
    /// One that people may put on record ([`super::event::RECORDS`]).
    pub payload: Payload,
    pub reason: Option<&'a str>,
    pub attachments: Vec<Attachment>,
    /// As in [`super::transition::Step`].
    pub seen: Option<i64>,
    pub at: NaiveDateTime,
}

/// Puts something on record; the event as stored.
///
/// # Errors
/// [`ReviewError`]; then nothing is written.
pub async fn record(store: &Store, desk: &Desk, entry: Entry<'_>) -> Result<Event, ReviewError> {
    let transaction = store.begin().await?;
    let event = put(&transaction, desk, entry).await?;
    transaction.commit().await?;
    Ok(event)
}

/// Puts several things on record, all or none: the events as stored, in order. An entry may be of an item that an earlier one
/// changed; its `seen` is then that one's event.
///
/// # Errors
/// Every entry that is refused, by its place among `entries`; then nothing is written.
pub async fn record_all(
    store: &Store,
    desk: &Desk,
    entries: Vec<Entry<'_>>,
) -> Result<Vec<Event>, Vec<(usize, ReviewError)>> {
    let failed = |e: crate::store::StoreError| vec![(0, ReviewError::from(e))];
    let transaction = store.begin().await.map_err(failed)?;
    let (mut events, mut refused) = (Vec::new(), Vec::new());
    for (index, entry) in entries.into_iter().enumerate() {
        match put(&transaction, desk, entry).await {
            Ok(event) => events.push(event),
            // After this the database takes nothing more of the transaction.
            Err(error @ ReviewError::Store(_)) => return Err(vec![(index, error)]),
            Err(error) => refused.push((index, error)),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    transaction.commit().await.map_err(failed)?;
    Ok(events)
}

async fn put(
    transaction: &Transaction,
    desk: &Desk,
    entry: Entry<'_>,
) -> Result<Event, ReviewError> {
    check_attachments(&entry.attachments)?;
    let (dossier, mut writer) =
        opened(transaction, desk, entry.actor, entry.number, entry.seen).await?;
    let role = entry.actor.role;
    let kind = entry.payload.name();
    if !desk.workflow.may_record(kind, dossier.state(), role) {
        return Err(ReviewError::RecordNotAllowed {
            role: role.label(),
            state: desk.workflow.label(dossier.state()).to_owned(),
            record: entry.payload.label(),
        });
    }
    let mut draft = dossier.next(entry.actor, entry.at, entry.payload.clone());
    draft.reason = said(entry.reason).map(str::to_owned);
    complete(desk, &dossier, &entry, &mut draft)?;
    let event = writer
        .append(&dossier.item, draft, entry.attachments)?
        .clone();
    writer.finish().await?;
    Ok(event)
}

/// Checks what is said, and fills in what follows from it.
fn complete(
    desk: &Desk,
    dossier: &Dossier,
    entry: &Entry<'_>,
    draft: &mut Draft,
) -> Result<(), ReviewError> {
    let today = entry.at.date();
    match &entry.payload {
        Payload::Proposed { to } => {
            let to = proposable(desk, dossier, to)?;
            draft.payload = Payload::Proposed { to };
            need_reason(draft, "提出")
        }
        Payload::Replied { agrees, text } => match agrees {
            true => Ok(()),
            false => filled(&[("异议的说明", text)]),
        },
        Payload::Planned(plan) => planned(plan, dossier, today),
        Payload::Progress { on, text } => {
            filled(&[("进展", text)])?;
            refuse(*on > today, "进展的日期不能晚于今天")
        }
        Payload::Amounts(amounts) => amounts_make_sense(amounts),
        Payload::ExtensionAsked { until } => {
            extension_open(dossier)?;
            let due = dossier.due();
            refuse(
                due.is_none_or(|due| *until <= due),
                "延期须晚于现在的整改期限",
            )?;
            need_reason(draft, "申请延期")
        }
        Payload::Extended { .. } => {
            let until = answered(dossier, entry.actor, draft)?;
            draft.payload = Payload::Extended { until };
            draft.due = Some(until);
            draft.due_provisional = false;
            Ok(())
        }
        Payload::ExtensionRefused { .. } => {
            let until = answered(dossier, entry.actor, draft)?;
            draft.payload = Payload::ExtensionRefused { until };
            need_reason(draft, "不同意延期")
        }
        Payload::Noted { text } => filled(&[("备注", text)]),
        other => Err(ReviewError::Internal(format!("record {}", other.name()))),
    }
}

/// The code of a state to which a step leads from here that one person proposes and another takes.
fn proposable(desk: &Desk, dossier: &Dossier, to: &str) -> Result<String, ReviewError> {
    let workflow = &desk.workflow;
    let open: Vec<&str> = workflow
        .steps(dossier.state(), dossier.kind)
        .filter(|t| t.needs.contains(&Need::Proposal))
        .map(|t| t.to.as_str())
        .collect();
    let wanted = workflow.state(to.trim()).map(|s| s.code.clone());
    match wanted {
        Some(code) if open.contains(&code.as_str()) => Ok(code),
        _ => {
            let open: Vec<&str> = open.into_iter().map(|c| workflow.label(c)).collect();
            let message = format!(
                "现在不能提出转到「{}」,可提出:{}",
                to.trim(),
                open.join("、")
            );
            Err(ReviewError::BadRecord(message))
        }
    }
}

fn need_reason(draft: &Draft, step: &str) -> Result<(), ReviewError> {
    match draft.reason {
        Some(_) => Ok(()),
        None => Err(ReviewError::NeedsReason {
            step: step.to_owned(),
        }),
    }
}

fn refuse(wrong: bool, message: &str) -> Result<(), ReviewError> {
    match wrong {
        true => Err(ReviewError::BadRecord(message.to_owned())),
        false => Ok(()),
    }
}

fn filled(texts: &[(&str, &String)]) -> Result<(), ReviewError> {
    for (name, text) in texts {
        refuse(text.trim().is_empty(), &format!("{name}没有填写"))?;
    }
    Ok(())
}

/// 五对应: problem, measure, person, day, proof; the first stands in the finding, the last comes with the step.
fn planned(plan: &Plan, dossier: &Dossier, today: NaiveDate) -> Result<(), ReviewError> {
    filled(&[
        ("整改措施", &plan.measure),
        ("责任人", &plan.lead),
        ("整改目标", &plan.target),
    ])?;
    refuse(plan.due < today, "措施的完成期限不能早于今天")?;
    let beyond = dossier.due().is_some_and(|due| plan.due > due);
    refuse(beyond, "措施的完成期限不能晚于整改期限")
}

fn amounts_make_sense(amounts: &Amounts) -> Result<(), ReviewError> {
    let all = [amounts.recovered, amounts.booked, amounts.unrecoverable];
    let sound = |m: &Money| (0..=crate::model::money::MAX_FEN).contains(&m.0);
    refuse(
        !all.iter().all(sound),
        "金额须在 0 与 1000 亿元之间,不能为负",
    )
}

/// Extended once at most, since the item was opened. Who asks again replaces what was asked for.
fn extension_open(dossier: &Dossier) -> Result<(), ReviewError> {
    if dossier.cycle().any(|e| e.event == "extended") {
        return Err(ReviewError::Extension(
            "整改期限只能延长一次,本事项已经延过。到期不能完成的,请转持续整改或说明原因",
        ));
    }
    Ok(())
}

/// The extension asked for and not answered yet, with who asked.
pub fn asked(dossier: &Dossier) -> Result<Option<(NaiveDate, &Event)>, ReviewError> {
    for event in dossier.stay().iter().rev() {
        match event.payload()? {
            Payload::ExtensionAsked { until } => return Ok(Some((until, event))),
            Payload::Extended { .. } | Payload::ExtensionRefused { .. } => return Ok(None),
            _ => {}
        }
    }
    Ok(None)
}

/// The day that was asked for, answered now by somebody else than who asked.
fn answered(dossier: &Dossier, actor: &Actor, draft: &mut Draft) -> Result<NaiveDate, ReviewError> {
    let Some((until, event)) = asked(dossier)? else {
        return Err(ReviewError::Extension("没有等待答复的延期申请"));
    };
    if event.by == actor.user() {
        return Err(ReviewError::SamePerson {
            user: actor.user().to_owned(),
            step: "申请延期".to_owned(),
            when: event.at,
        });
    }
    draft.proposed_by = Some(event.by.clone());
    Ok(until)
}
