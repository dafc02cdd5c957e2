//! What people do with projects: propose, revise, approve or return, put progress on record, withdraw. Each act appends one record
//! in a transaction of its own; what is refused writes nothing.

use chrono::{NaiveDate, NaiveDateTime};
use sea_orm::ConnectionTrait;

use super::event::{Payload, Status};
use super::log::{self, Draft};
use super::plan::{Known, Plan};
use super::project::{Project, State};
use super::{Steps, SupervisionError, Wrong};
use crate::model::Role;
use crate::review::Actor;
use crate::review::log::Attachment;
use crate::store::{Store, Transaction};

/// Who acts, when, and on what that person has seen.
#[derive(Debug, Clone, Copy)]
pub struct Acting<'a> {
    pub actor: &'a Actor,
    pub at: NaiveDateTime,
    /// The number of the project's last record that the person saw; `None`: whatever stands.
    pub seen: Option<i64>,
}

const TABLE: &str = "plan_event";

/// Puts a project into the plan of its year; its number.
///
/// # Errors
/// [`SupervisionError::Invalid`] names every field.
pub async fn propose(
    store: &Store,
    known: &Known<'_>,
    acting: Acting<'_>,
    plan: Plan,
) -> Result<String, SupervisionError> {
    is_role(acting.actor, Role::StreetSupervisor, "立项", "街道监管员")?;
    fit(known, &plan, acting.actor)?;
    let transaction = store.begin().await?;
    log::alone(&transaction, TABLE).await?;
    let number = next_number(&transaction, plan.year).await?;
    let draft = Draft {
        project: &number,
        seq: 1,
        payload: Payload::Proposed { plan },
        reason: None,
        files: Vec::new(),
    };
    log::append(&transaction, acting.actor, acting.at, draft).await?;
    transaction.commit().await?;
    Ok(number)
}

/// `2026-003` after `2026-002`: numbers are never given twice, because projects are never deleted.
async fn next_number<C: ConnectionTrait>(
    connection: &C,
    year: i32,
) -> Result<String, SupervisionError> {
    let prefix = format!("{year}-");
    let all = log::events(connection, None).await?;
    let last = all
        .iter()
        .filter_map(|e| e.project.strip_prefix(&prefix)?.parse::<u32>().ok())
        .max();
    Ok(format!("{prefix}{:03}", last.unwrap_or(0) + 1))
}

/// Changes a project; it must be approved again before anything more is put on record.
///
/// # Errors
/// As [`propose`]; [`SupervisionError::WrongState`] after the withdrawal.
pub async fn revise(
    store: &Store,
    known: &Known<'_>,
    acting: Acting<'_>,
    number: &str,
    plan: Plan,
) -> Result<(), SupervisionError> {
    is_role(acting.actor, Role::StreetSupervisor, "调整", "街道监管员")?;
    let (transaction, project) = opened(store, acting, number).await?;
    state(&project, State::Withdrawn, false, "调整")?;
    let year = plan.year;
    fit(known, &plan, acting.actor)?;
    if year != project.plan.year {
        let wrong = Wrong::new("year", "项目编号随年度,调整不能改年度;请撤销后重新立项");
        return Err(SupervisionError::Invalid(vec![wrong]));
    }
    let payload = Payload::Revised { plan };
    append(transaction, acting, &project, payload, None, Vec::new()).await
}

/// What the second person says of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    /// Back to whoever proposed, with a reason.
    Return,
}

/// Approves a project or returns it: never by somebody who wrote any form of its plan.
///
/// # Errors
/// [`SupervisionError::SamePerson`], [`SupervisionError::WrongState`], [`SupervisionError::NeedsReason`].
pub async fn decide(
    store: &Store,
    acting: Acting<'_>,
    number: &str,
    decision: Decision,
    reason: Option<&str>,
) -> Result<(), SupervisionError> {
    let (payload, step) = match decision {
        Decision::Approve => (Payload::Approved, "批准"),
        Decision::Return => (Payload::Returned, "退回"),
    };
    is_role(acting.actor, Role::StreetReviewer, step, "街道复核人")?;
    let (transaction, project) = opened(store, acting, number).await?;
    state(&project, State::Proposed, true, step)?;
    apart(&project, acting.actor, step)?;
    let reason = said(reason);
    if decision == Decision::Return && reason.is_none() {
        return Err(SupervisionError::NeedsReason(step));
    }
    append(transaction, acting, &project, payload, reason, Vec::new()).await
}

/// Progress of a step as handed in.
#[derive(Debug, Clone)]
pub struct Progress<'a> {
    /// Its code.
    pub step: &'a str,
    pub status: Status,
    pub on: NaiveDate,
    pub text: &'a str,
    pub files: Vec<Attachment>,
}

/// Puts progress of a step on record.
///
/// # Errors
/// [`SupervisionError::Invalid`] names every field; [`SupervisionError::WrongState`] before the approval.
pub async fn progress(
    store: &Store,
    steps: &Steps,
    acting: Acting<'_>,
    number: &str,
    progress: Progress<'_>,
) -> Result<(), SupervisionError> {
    let step = "登记进展";
    is_role(acting.actor, Role::StreetSupervisor, step, "街道监管员")?;
    log::check_files(&progress.files)?;
    let (transaction, project) = opened(store, acting, number).await?;
    state(&project, State::Approved, true, step)?;
    let wrong = wrong_progress(steps, &project, &progress, acting.at.date());
    if !wrong.is_empty() {
        return Err(SupervisionError::Invalid(wrong));
    }
    let payload = Payload::Step {
        step: progress.step.to_owned(),
        status: progress.status,
        on: progress.on,
        text: progress.text.trim().to_owned(),
    };
    append(transaction, acting, &project, payload, None, progress.files).await
}

fn wrong_progress(
    steps: &Steps,
    project: &Project,
    progress: &Progress<'_>,
    today: NaiveDate,
) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    match steps.step(progress.step) {
        None => wrong.push(Wrong::new("step", "请选一个步骤")),
        Some(step) if step.by_approval => {
            wrong.push(Wrong::new("step", "这一步由批准完成,不另登记"));
        }
        Some(_) => {}
    }
    let settled = project.steps.get(progress.step);
    let settled = settled.is_some_and(|r| r.status.settled());
    match (progress.status, settled) {
        (Status::Reopened, false) => {
            wrong.push(Wrong::new("status", "这一步还没有办完,不必重新办理"));
        }
        (Status::Doing | Status::NotNeeded, true) => {
            wrong.push(Wrong::new(
                "status",
                "这一步已经办完;要再办,请选「重新办理」",
            ));
        }
        _ => {}
    }
    if progress.on > today {
        wrong.push(Wrong::new("on", "日期不能晚于今天"));
    }
    let text = progress.text.trim();
    let explains = matches!(progress.status, Status::NotNeeded | Status::Reopened);
    if text.is_empty() && (explains || progress.files.is_empty()) {
        let what = match explains {
            true => "请写明理由",
            false => "请写说明,或附上这一步的文书",
        };
        wrong.push(Wrong::new("text", what));
    }
    if text.chars().count() > 4000 {
        wrong.push(Wrong::new("text", "说明最多 4000 个字"));
    }
    wrong
}

/// A remark on a project.
///
/// # Errors
/// [`SupervisionError::Invalid`] when nothing is said.
pub async fn note(
    store: &Store,
    acting: Acting<'_>,
    number: &str,
    text: &str,
    files: Vec<Attachment>,
) -> Result<(), SupervisionError> {
    if acting.actor.role != Role::StreetReviewer {
        let allowed = "街道监管员、街道复核人";
        is_role(acting.actor, Role::StreetSupervisor, "备注", allowed)?;
    }
    log::check_files(&files)?;
    let (transaction, project) = opened(store, acting, number).await?;
    state(&project, State::Withdrawn, false, "备注")?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 4000 {
        let wrong = Wrong::new("text", "请写备注,最多 4000 个字");
        return Err(SupervisionError::Invalid(vec![wrong]));
    }
    let payload = Payload::Noted {
        text: text.to_owned(),
    };
    append(transaction, acting, &project, payload, None, files).await
}

/// Withdraws a project, which stays on record: before its approval whoever proposes, afterwards whoever approves, and never the
/// same person.
///
/// # Errors
/// [`SupervisionError::NeedsReason`], [`SupervisionError::WrongRole`], [`SupervisionError::WrongState`].
pub async fn withdraw(
    store: &Store,
    acting: Acting<'_>,
    number: &str,
    reason: Option<&str>,
) -> Result<(), SupervisionError> {
    let step = "撤销";
    let (transaction, project) = opened(store, acting, number).await?;
    match project.approved_once {
        true => {
            let allowed = "街道复核人(项目已经批准过)";
            is_role(acting.actor, Role::StreetReviewer, step, allowed)?;
            apart(&project, acting.actor, step)?;
        }
        false => {
            let allowed = "街道监管员(项目还没有批准)";
            is_role(acting.actor, Role::StreetSupervisor, step, allowed)?;
        }
    }
    state(&project, State::Withdrawn, false, step)?;
    let reason = said(reason).ok_or(SupervisionError::NeedsReason(step))?;
    let payload = Payload::Withdrawn;
    append(
        transaction,
        acting,
        &project,
        payload,
        Some(reason),
        Vec::new(),
    )
    .await
}

fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

fn is_role(
    actor: &Actor,
    role: Role,
    step: &'static str,
    allowed: &'static str,
) -> Result<(), SupervisionError> {
    match actor.role == role {
        true => Ok(()),
        false => Err(SupervisionError::WrongRole {
            role: actor.role.label(),
            step,
            allowed,
        }),
    }
}

/// Whoever wrote any form of the plan does not judge it.
fn apart(project: &Project, actor: &Actor, step: &'static str) -> Result<(), SupervisionError> {
    match project.wrote(actor.user()) {
        false => Ok(()),
        true => Err(SupervisionError::SamePerson {
            user: actor.user().to_owned(),
            step,
        }),
    }
}

/// Refuses a project that is not in this state, or (`wanted` false) that is.
fn state(
    project: &Project,
    state: State,
    wanted: bool,
    step: &'static str,
) -> Result<(), SupervisionError> {
    match (project.state == state) == wanted {
        true => Ok(()),
        false => Err(SupervisionError::WrongState {
            state: project.state.label(),
            step,
        }),
    }
}

fn fit(known: &Known<'_>, plan: &Plan, actor: &Actor) -> Result<(), SupervisionError> {
    let wrong = known.check(plan, actor);
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(SupervisionError::Invalid(wrong)),
    }
}

/// A project for writing: the plan is this transaction's alone, and nobody did anything since the person looked.
async fn opened(
    store: &Store,
    acting: Acting<'_>,
    number: &str,
) -> Result<(Transaction, Project), SupervisionError> {
    let transaction = store.begin().await?;
    log::alone(&transaction, TABLE).await?;
    let project = Project::find(&transaction, number).await?;
    let project = project.filter(|p| p.within(acting.actor));
    let project = project.ok_or_else(|| SupervisionError::Unknown(number.trim().to_owned()))?;
    if acting.seen.is_some_and(|seen| seen != project.seen()) {
        return Err(SupervisionError::Stale);
    }
    Ok((transaction, project))
}

async fn append(
    transaction: Transaction,
    acting: Acting<'_>,
    project: &Project,
    payload: Payload,
    reason: Option<&str>,
    files: Vec<Attachment>,
) -> Result<(), SupervisionError> {
    let draft = Draft {
        project: &project.number,
        seq: project.seen() + 1,
        payload,
        reason,
        files,
    };
    log::append(&transaction, acting.actor, acting.at, draft).await?;
    Ok(transaction.commit().await?)
}
