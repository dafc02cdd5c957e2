//! What must hold of a workflow beyond its form: nothing unreachable, nothing without a way on, a second person where the
//! database asks for one, no role acting where it may not.

use std::collections::BTreeSet;

use super::file::Faults;
use super::{Clock, Need, Reach, Transition, Workflow};
use crate::model::Role;
use crate::review::event::RECORDS;

/// States into which the database lets nobody take a step alone.
const DECIDED: [&str; 2] = ["determined", "closed"];
const HANDED_OVER: &str = "transferred";

/// Offsets in the file: of each state, of each transition (one per `from`), of each record.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub states: Vec<(String, usize)>,
    pub transitions: Vec<usize>,
    pub records: Vec<usize>,
}

impl Lines {
    fn state(&self, code: &str) -> Option<usize> {
        let found = self.states.iter().find(|(known, _)| known == code);
        found.map(|(_, at)| *at)
    }
}

pub(super) fn check(workflow: &Workflow, lines: &Lines, faults: &mut Faults<'_>) {
    names(workflow, lines, faults);
    ways(workflow, lines, faults);
    for (t, at) in workflow.transitions.iter().zip(&lines.transitions) {
        step(workflow, t, *at, faults);
    }
    overlaps(workflow, lines, faults);
    records(workflow, lines, faults);
}

fn names(workflow: &Workflow, lines: &Lines, faults: &mut Faults<'_>) {
    let (mut codes, mut labels, mut orders) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for state in &workflow.states {
        let fresh =
            codes.insert(&state.code) && labels.insert(&state.label) && orders.insert(state.order);
        let at = lines.state(&state.code);
        if !fresh {
            let message = format!("状态「{}」的代码、名称或次序与另一状态相同", state.code);
            faults.add(at, &message);
        }
        if state.rests && state.clock.is_some() {
            faults.add(at, &format!("状态「{}」已了结,不能有时限", state.label));
        }
        if state.frozen && state.readers != [Role::Inspector] {
            let message = format!("状态「{}」已冻结,只能由纪检监察查看", state.label);
            faults.add(at, &message);
        }
    }
    for code in DECIDED.iter().chain([&HANDED_OVER]) {
        if workflow.state(code).is_none_or(|s| s.code != **code) {
            faults.add(None, &format!("缺少状态 {code}:数据库认得这个状态"));
        }
    }
    if workflow.state(HANDED_OVER).is_some_and(|s| !s.frozen) {
        faults.add(lines.state(HANDED_OVER), "移送的事项须冻结(frozen = true)");
    }
}

/// Every state can be reached, and what does not rest has a way on.
fn ways(workflow: &Workflow, lines: &Lines, faults: &mut Faults<'_>) {
    let mut reached = BTreeSet::from([workflow.settings.initial.as_str()]);
    loop {
        let more: Vec<&str> = workflow
            .transitions
            .iter()
            .filter(|t| reached.contains(t.from.as_str()) && !reached.contains(t.to.as_str()))
            .map(|t| t.to.as_str())
            .collect();
        if more.is_empty() {
            break;
        }
        reached.extend(more);
    }
    for state in &workflow.states {
        let at = lines.state(&state.code);
        if !reached.contains(state.code.as_str()) {
            faults.add(at, &format!("没有一步通向状态「{}」", state.label));
        }
        let leaves = workflow.transitions.iter().any(|t| t.from == state.code);
        if !state.rests && !leaves {
            faults.add(at, &format!("状态「{}」没有出路", state.label));
        }
    }
}

fn step(workflow: &Workflow, t: &Transition, at: usize, faults: &mut Faults<'_>) {
    let mut add = |message: String| faults.add(Some(at), &message);
    let name = format!(
        "「{}」到「{}」",
        workflow.label(&t.from),
        workflow.label(&t.to)
    );
    if t.from == t.to {
        add(format!("{name}原地不动"));
    }
    if t.roles.is_empty() || t.kinds.is_empty() {
        add(format!("{name}没有人能走"));
    }
    let by_inspector = t.roles == [Role::Inspector];
    let alone = !t.second_person();
    let decided = DECIDED.contains(&t.to.as_str()) || (t.to == HANDED_OVER && !by_inspector);
    if decided && !t.backward && alone {
        add(format!("{name}须有第二人:写明 apart_from 或 proposal"));
    }
    let sets_day = workflow.state(&t.to).and_then(|s| s.clock) == Some(Clock::Set);
    if sets_day != t.needs.contains(&Need::Due) {
        let wanted = if sets_day {
            "须要求"
        } else {
            "不能要求"
        };
        add(format!(
            "{name}{wanted} due:与「{}」的 clock 不符",
            workflow.label(&t.to)
        ));
    }
    if workflow.state(&t.from).is_some_and(|s| s.frozen) && !by_inspector {
        add(format!("{name}只能由纪检监察走:移送的事项已冻结"));
    }
    if t.needs.contains(&Need::Proposal) && !proposable(workflow, &t.from) {
        add(format!(
            "{name}要另一人提出,但「{}」没有人能提出",
            workflow.label(&t.from)
        ));
    }
    acting(workflow, &t.from, &t.roles, at, faults);
}

fn proposable(workflow: &Workflow, state: &str) -> bool {
    let holds = |r: &super::RecordRule| r.kind == "proposed" && r.states.iter().any(|s| s == state);
    workflow.records.iter().any(holds)
}

/// Roles that may act nowhere, or not in this state, or that see no organisation.
fn acting(workflow: &Workflow, state: &str, roles: &[Role], at: usize, faults: &mut Faults<'_>) {
    for role in roles {
        let Some(rule) = workflow.roles.get(role) else {
            continue;
        };
        let allowed = rule
            .acts_in
            .as_ref()
            .is_none_or(|states| states.iter().any(|s| s == state));
        if !allowed || rule.reach == Reach::None {
            let message = format!("{}不能在「{}」办理", role.label(), workflow.label(state));
            faults.add(Some(at), &message);
        }
    }
}

/// Two steps between the same states must differ in role or kind, or it would be open which one is meant.
fn overlaps(workflow: &Workflow, lines: &Lines, faults: &mut Faults<'_>) {
    for (n, a) in workflow.transitions.iter().enumerate() {
        for (b, at) in workflow
            .transitions
            .iter()
            .zip(&lines.transitions)
            .skip(n + 1)
        {
            let same = a.from == b.from && a.to == b.to;
            let roles = a.roles.iter().any(|r| b.roles.contains(r));
            let kinds = a.kinds.iter().any(|k| b.kinds.contains(k));
            if same && roles && kinds {
                let (from, to) = (workflow.label(&b.from), workflow.label(&b.to));
                faults.add(Some(*at), &format!("「{from}」到「{to}」写了两次"));
            }
        }
    }
}

fn records(workflow: &Workflow, lines: &Lines, faults: &mut Faults<'_>) {
    for (record, at) in workflow.records.iter().zip(&lines.records) {
        if !RECORDS.contains(&record.kind.as_str()) {
            let message = format!(
                "不认识的记录「{}」,可用:{}",
                record.kind,
                RECORDS.join("、")
            );
            faults.add(Some(*at), &message);
        }
        for state in &record.states {
            acting(workflow, state, &record.roles, *at, faults);
            let frozen = workflow.state(state).is_some_and(|s| s.frozen);
            if frozen && record.roles != [Role::Inspector] {
                let message = format!("「{}」已冻结,只有纪检监察能记", workflow.label(state));
                faults.add(Some(*at), &message);
            }
        }
    }
}
