//! A project as its records tell it: what counts of the plan, how it stands, how far each step has come.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use super::event::{Event, Payload, Status};
use super::plan::Plan;
use super::{Steps, SupervisionError, log};
use crate::access::user::is_company;
use crate::review::Actor;

/// How a project stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// 待批准
    Proposed,
    /// 退回修改
    Returned,
    /// 执行中
    Approved,
    /// 已撤销
    Withdrawn,
}

impl State {
    pub const ALL: [State; 4] = [
        State::Proposed,
        State::Returned,
        State::Approved,
        State::Withdrawn,
    ];

    pub fn code(self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Returned => "returned",
            State::Approved => "approved",
            State::Withdrawn => "withdrawn",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            State::Proposed => "待批准",
            State::Returned => "退回修改",
            State::Approved => "执行中",
            State::Withdrawn => "已撤销",
        }
    }
}

/// The last word on a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    pub status: Status,
    pub on: NaiveDate,
    pub text: String,
    pub by: String,
}

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// `2026-003`.
    pub number: String,
    /// As proposed or revised last.
    pub plan: Plan,
    pub state: State,
    /// It was approved before, whatever was revised since.
    pub approved_once: bool,
    /// By the step's code.
    pub steps: BTreeMap<String, StepRecord>,
    /// Codes of steps that were done once, whatever became of them.
    done_once: BTreeSet<String>,
    /// At least one, in order.
    pub events: Vec<Event>,
}

impl Project {
    /// What records tell; `None` when there are none.
    ///
    /// # Errors
    /// [`SupervisionError::Malformed`].
    pub fn of(events: Vec<Event>) -> Result<Option<Project>, SupervisionError> {
        let Some(first) = events.first() else {
            return Ok(None);
        };
        let (number, position) = (first.project.clone(), first.position);
        let Payload::Proposed { plan } = first.payload()? else {
            return Err(SupervisionError::Malformed(position));
        };
        let mut project = Project {
            number,
            plan,
            state: State::Proposed,
            approved_once: false,
            steps: BTreeMap::new(),
            done_once: BTreeSet::new(),
            events: Vec::new(),
        };
        for event in &events {
            match event.payload()? {
                Payload::Proposed { plan } | Payload::Revised { plan } => {
                    project.plan = plan;
                    project.state = State::Proposed;
                }
                Payload::Approved => {
                    project.state = State::Approved;
                    project.approved_once = true;
                }
                Payload::Returned => project.state = State::Returned,
                Payload::Withdrawn => project.state = State::Withdrawn,
                Payload::Noted { .. } => {}
                Payload::Step {
                    step,
                    status,
                    on,
                    text,
                } => {
                    let record = StepRecord {
                        status,
                        on,
                        text,
                        by: event.by.clone(),
                    };
                    if status == Status::Done {
                        project.done_once.insert(step.clone());
                    }
                    project.steps.insert(step, record);
                }
            }
        }
        project.events = events;
        Ok(Some(project))
    }

    /// The project with this number.
    ///
    /// # Errors
    /// [`SupervisionError::Malformed`], or what the database says.
    pub async fn find<C: ConnectionTrait>(
        connection: &C,
        number: &str,
    ) -> Result<Option<Project>, SupervisionError> {
        Project::of(log::events(connection, Some(number.trim())).await?)
    }

    /// Every project, by number.
    ///
    /// # Errors
    /// As [`Project::find`].
    pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<Project>, SupervisionError> {
        let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for event in log::events(connection, None).await? {
            events.entry(event.project.clone()).or_default().push(event);
        }
        let mut all = Vec::new();
        for of_one in events.into_values() {
            all.extend(Project::of(of_one)?);
        }
        Ok(all)
    }

    /// The number of the last record: what a form must name, so that nothing is overlooked.
    pub fn seen(&self) -> i64 {
        self.events.last().map_or(0, |e| e.seq)
    }

    /// Whether the organisations were told: the notice was sent, whatever became of it.
    pub fn notified(&self, steps: &Steps) -> bool {
        self.done_once.contains(steps.notice())
    }

    /// Whether a person may know of it: somebody of the street who is there for one of its organisations, somebody of a company
    /// once the company was told.
    pub fn readable(&self, actor: &Actor, steps: &Steps) -> bool {
        let concerned = actor.everywhere() || !self.own(actor).is_empty();
        concerned && (!is_company(actor.role) || self.notified(steps))
    }

    /// Whether a person is there for all of its organisations.
    pub fn within(&self, actor: &Actor) -> bool {
        let all = &self.plan.organisations;
        actor.everywhere() || all.iter().all(|o| actor.names(o))
    }

    /// Those of its organisations that a person is there for.
    pub fn own(&self, actor: &Actor) -> Vec<&str> {
        let all = self.plan.organisations.iter();
        all.filter(|o| actor.everywhere() || actor.names(o))
            .map(String::as_str)
            .collect()
    }

    /// Who wrote any form of the plan.
    pub fn wrote(&self, login: &str) -> bool {
        let plans = self.events.iter();
        plans
            .filter(|e| matches!(e.event.as_str(), "proposed" | "revised"))
            .any(|e| e.by == login)
    }

    /// Who approved it last, and when.
    pub fn approval(&self) -> Option<&Event> {
        self.events.iter().rev().find(|e| e.event == "approved")
    }
}
