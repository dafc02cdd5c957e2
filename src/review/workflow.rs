//! The workflow as data: states, the steps between them, what may be put on record where, who reads. It comes from
//! `ledger_rules/workflow/` and is checked whole when it is read; nothing here knows a database or a clock.

mod check;
mod file;

use std::collections::{BTreeMap, BTreeSet};

use super::actor::Actor;
use crate::audit::outcome::FindingKind;
use crate::audit::rule::RuleError;
use crate::model::Role;
use crate::pack::Pack;

/// Time to take the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// So many working days; not `confirmed`: a proposal (★) until the street confirms it.
    WorkingDays { days: u32, confirmed: bool },
    /// Whoever takes the step into the state sets the day.
    Set,
}

/// A state of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Stable: `rectifying`.
    pub code: String,
    /// `整改中`.
    pub label: String,
    /// A step to a lower order is a step back.
    pub order: u32,
    pub meaning: String,
    pub readers: Vec<Role>,
    pub clock: Option<Clock>,
    /// The item rests: no clock, no reminder.
    pub rests: bool,
    /// Handed over: only the inspector reads and acts.
    pub frozen: bool,
    /// An item that was gone and comes back is opened again.
    pub reopens: bool,
    /// A finding in this state can be set aside: nobody works on it yet.
    pub set_aside: bool,
}

/// What a step asks for beyond the right role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    Reason,
    Attachment,
    /// Proposed by another person while the item was in this state.
    Proposal,
    /// The company has replied, or its time is over.
    Reply,
    /// A day is set with the step.
    Due,
    /// A measure is on record.
    Plan,
    /// The last run no longer finds it, or an exception is stated.
    Cleared,
}

impl Need {
    const ALL: [(Need, &'static str, &'static str); 7] = [
        (Need::Reason, "reason", "写明理由"),
        (Need::Attachment, "attachment", "附材料"),
        (Need::Proposal, "proposal", "另一人提出"),
        (Need::Reply, "reply", "已答复或逾期"),
        (Need::Due, "due", "定期限"),
        (Need::Plan, "plan", "有整改措施"),
        (Need::Cleared, "cleared", "重跑已消失或写明例外"),
    ];

    fn parse(code: &str) -> Option<Need> {
        let found = Need::ALL.iter().find(|(_, known, _)| *known == code);
        found.map(|(need, _, _)| *need)
    }

    /// In the words of the diagram.
    pub fn label(self) -> &'static str {
        let found = Need::ALL.iter().find(|(need, _, _)| *need == self);
        found.map_or("", |(_, _, label)| label)
    }
}

/// A step from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    pub from: String,
    pub to: String,
    pub roles: Vec<Role>,
    pub needs: BTreeSet<Need>,
    /// Whoever took a step forward into one of these states, since the item was last opened, may not take this one.
    pub apart_from: Vec<String>,
    pub kinds: Vec<FindingKind>,
    /// To a lower order: needs a reason.
    pub backward: bool,
}

impl Transition {
    /// Whether a second person takes this step.
    pub fn second_person(&self) -> bool {
        !self.apart_from.is_empty() || self.needs.contains(&Need::Proposal)
    }
}

/// Where something may be put on record without a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRule {
    pub kind: String,
    pub states: Vec<String>,
    pub roles: Vec<Role>,
}

/// How far a role sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only the organisations given to the person.
    Own,
    /// All organisations, or those given to the person.
    Street,
    /// No finding at all.
    None,
}

/// What holds for a role everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRule {
    pub reach: Reach,
    pub kinds: Vec<FindingKind>,
    /// Kinds read in every state but a frozen one.
    pub early: Vec<FindingKind>,
    /// States in which the role may act; `None`: any.
    pub acts_in: Option<Vec<String>>,
    /// What is kept from the role, in Chinese.
    pub never: String,
}

/// Settings that the street may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub initial: String,
    pub reopen_to: String,
    /// Back within so many months after it was closed: 屡审屡犯.
    pub recurrence_months: u32,
    pub recurrence_confirmed: bool,
    /// Reminded so many working days before the day.
    pub reminder_days: u32,
    pub reminder_confirmed: bool,
}

/// The workflow of findings, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// In order.
    pub states: Vec<State>,
    pub transitions: Vec<Transition>,
    pub records: Vec<RecordRule>,
    pub roles: BTreeMap<Role, RoleRule>,
    pub settings: Settings,
}

impl Workflow {
    /// Reads and checks `workflow/states.toml` and `workflow/roles.toml`.
    ///
    /// # Errors
    /// Every fault of both files.
    pub fn load(pack: &Pack) -> Result<Workflow, Vec<RuleError>> {
        let mut faults = Vec::new();
        let workflow = file::read(pack, &mut faults);
        match workflow {
            Some(workflow) if faults.is_empty() => Ok(workflow),
            _ => Err(faults),
        }
    }

    /// The state with this code or label.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states
            .iter()
            .find(|s| s.code == name || s.label == name)
    }

    /// The label of a state; its code when the data no longer know it.
    pub fn label<'a>(&'a self, code: &'a str) -> &'a str {
        self.state(code).map_or(code, |s| &s.label)
    }

    /// The steps out of a state for findings of a kind.
    pub fn steps<'a>(
        &'a self,
        from: &'a str,
        kind: FindingKind,
    ) -> impl Iterator<Item = &'a Transition> {
        self.transitions
            .iter()
            .filter(move |t| t.from == from && t.kinds.contains(&kind))
    }

    /// Whether a role may put something of this kind on record in a state.
    pub fn may_record(&self, kind: &str, state: &str, role: Role) -> bool {
        self.records.iter().any(|r| {
            r.kind == kind && r.roles.contains(&role) && r.states.iter().any(|s| s == state)
        })
    }

    /// Whether a person may read an item of this organisation, kind and state.
    pub fn may_read(
        &self,
        actor: &Actor,
        organisation: &str,
        kind: FindingKind,
        state: &str,
    ) -> bool {
        self.covers(actor, organisation) && self.readable(actor.role, kind, state)
    }

    /// Whether a role reads items of this kind in this state at all.
    pub fn readable(&self, role: Role, kind: FindingKind, state: &str) -> bool {
        let (Some(rule), Some(state)) = (self.roles.get(&role), self.state(state)) else {
            return false;
        };
        let early = rule.early.contains(&kind) && !state.frozen;
        rule.kinds.contains(&kind) && (early || state.readers.contains(&role))
    }

    /// Whether an organisation is within a person's reach.
    pub fn covers(&self, actor: &Actor, organisation: &str) -> bool {
        match self.roles.get(&actor.role).map(|r| r.reach) {
            Some(Reach::Own) => actor.names(organisation),
            Some(Reach::Street) => actor.everywhere() || actor.names(organisation),
            Some(Reach::None) | None => false,
        }
    }
}

#[cfg(test)]
mod tests;
