//! The form of the two files, exactly: unknown keys are refused with their line, names are looked up, and every fault is
//! collected before the files are given up.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::{
    Clock, Need, Reach, RecordRule, RoleRule, Settings, State, Transition, Workflow, check,
};
use crate::audit::outcome::FindingKind;
use crate::audit::rule::RuleError;
use crate::audit::rule::load::{fault, line_of, translate};
use crate::model::Role;
use crate::pack::Pack;

const STATES: &str = "workflow/states.toml";
const ROLES: &str = "workflow/roles.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatesFile {
    settings: SettingsFile,
    state: Vec<StateFile>,
    transition: Vec<TransitionFile>,
    record: Vec<RecordFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    initial: Spanned<String>,
    reopen_to: Spanned<String>,
    recurrence_months: u32,
    recurrence_confirmed: bool,
    reminder_days: u32,
    reminder_confirmed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    code: Spanned<String>,
    label: String,
    order: u32,
    meaning: String,
    readers: Vec<Spanned<String>>,
    clock: Option<Spanned<ClockFile>>,
    #[serde(default, rename = "final")]
    rests: bool,
    #[serde(default)]
    frozen: bool,
    #[serde(default)]
    reopens: bool,
    #[serde(default)]
    set_aside: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockFile {
    working_days: Option<u32>,
    confirmed: Option<bool>,
    set: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TransitionFile {
    from: Vec<Spanned<String>>,
    to: Spanned<String>,
    roles: Vec<Spanned<String>>,
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    #[serde(default)]
    apart_from: Vec<Spanned<String>>,
    kinds: Option<Vec<FindingKind>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordFile {
    kind: Spanned<String>,
    states: Vec<Spanned<String>>,
    roles: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    scope: Spanned<String>,
    kinds: Vec<FindingKind>,
    #[serde(default)]
    early: Vec<FindingKind>,
    acts_in: Option<Vec<Spanned<String>>>,
    never: String,
}

/// Collects the faults of one file with their lines.
pub(super) struct Faults<'a> {
    file: &'static str,
    text: &'a str,
    found: &'a mut Vec<RuleError>,
}

impl Faults<'_> {
    pub fn add(&mut self, at: Option<usize>, message: &str) {
        let line = at.map(|offset| line_of(self.text, offset));
        self.found.push(fault(self.file, line, message));
    }

    fn role(&mut self, name: &Spanned<String>) -> Option<Role> {
        let role = name.get_ref().parse().ok();
        if role.is_none() {
            let message = format!("没有角色「{}」", name.get_ref());
            self.add(Some(name.span().start), &message);
        }
        role
    }

    fn roles(&mut self, names: &[Spanned<String>]) -> Vec<Role> {
        names.iter().filter_map(|n| self.role(n)).collect()
    }

    fn state(&mut self, known: &BTreeSet<String>, name: &Spanned<String>) -> String {
        if !known.contains(name.get_ref()) {
            let message = format!("没有状态「{}」", name.get_ref());
            self.add(Some(name.span().start), &message);
        }
        name.get_ref().clone()
    }

    fn states(&mut self, known: &BTreeSet<String>, names: &[Spanned<String>]) -> Vec<String> {
        names.iter().map(|n| self.state(known, n)).collect()
    }
}

/// Both files; `None` when one of them cannot be read at all.
pub(super) fn read(pack: &Pack, found: &mut Vec<RuleError>) -> Option<Workflow> {
    let states = parse::<StatesFile>(pack, STATES, found);
    let roles = parse::<BTreeMap<Spanned<String>, RoleFile>>(pack, ROLES, found);
    let ((states_text, states), (roles_text, roles)) = (states?, roles?);
    let known: BTreeSet<String> = states
        .state
        .iter()
        .map(|s| s.code.get_ref().clone())
        .collect();
    let mut of_roles = Faults {
        file: ROLES,
        text: &roles_text,
        found,
    };
    let roles = read_roles(&known, roles, &mut of_roles);
    let mut faults = Faults {
        file: STATES,
        text: &states_text,
        found,
    };
    let lines = check::Lines::of(&states);
    let workflow = read_states(&known, states, roles, &mut faults);
    check::check(&workflow, &lines, &mut faults);
    Some(workflow)
}

fn parse<T: serde::de::DeserializeOwned>(
    pack: &Pack,
    path: &'static str,
    found: &mut Vec<RuleError>,
) -> Option<(String, T)> {
    let Some(text) = pack.text(path) else {
        found.push(fault(path, None, "缺少这个文件,或不是 UTF-8 文本"));
        return None;
    };
    match toml::from_str(&text) {
        Ok(parsed) => Some((text.into_owned(), parsed)),
        Err(error) => {
            let line = error.span().map(|span| line_of(&text, span.start));
            found.push(fault(path, line, &translate(error.message())));
            None
        }
    }
}

fn read_states(
    known: &BTreeSet<String>,
    file: StatesFile,
    roles: BTreeMap<Role, RoleRule>,
    faults: &mut Faults<'_>,
) -> Workflow {
    let settings = Settings {
        initial: faults.state(known, &file.settings.initial),
        reopen_to: faults.state(known, &file.settings.reopen_to),
        recurrence_months: file.settings.recurrence_months,
        recurrence_confirmed: file.settings.recurrence_confirmed,
        reminder_days: file.settings.reminder_days,
        reminder_confirmed: file.settings.reminder_confirmed,
    };
    let mut states: Vec<State> = file.state.iter().map(|s| state(s, faults)).collect();
    states.sort_by_key(|s| s.order);
    let order: BTreeMap<String, u32> = states.iter().map(|s| (s.code.clone(), s.order)).collect();
    let mut transitions = Vec::new();
    for t in &file.transition {
        transition(known, &order, t, faults, &mut transitions);
    }
    let records = file.record.iter().map(|r| RecordRule {
        kind: r.kind.get_ref().clone(),
        states: faults.states(known, &r.states),
        roles: faults.roles(&r.roles),
    });
    let records = records.collect();
    Workflow {
        states,
        transitions,
        records,
        roles,
        settings,
    }
}

fn state(file: &StateFile, faults: &mut Faults<'_>) -> State {
    State {
        code: file.code.get_ref().clone(),
        label: file.label.clone(),
        order: file.order,
        meaning: file.meaning.clone(),
        readers: faults.roles(&file.readers),
        clock: file.clock.as_ref().and_then(|c| clock(c, faults)),
        rests: file.rests,
        frozen: file.frozen,
        reopens: file.reopens,
        set_aside: file.set_aside,
    }
}

fn clock(file: &Spanned<ClockFile>, faults: &mut Faults<'_>) -> Option<Clock> {
    let at = Some(file.span().start);
    match file.get_ref() {
        ClockFile {
            working_days: Some(days @ 1..=400),
            confirmed: Some(confirmed),
            set: None,
        } => Some(Clock::WorkingDays {
            days: *days,
            confirmed: *confirmed,
        }),
        ClockFile {
            working_days: None,
            confirmed: None,
            set: Some(true),
        } => Some(Clock::Set),
        _ => {
            let message = "clock 写作 { working_days = 1 到 400, confirmed = true 或 false } 或 { set = true }";
            faults.add(at, message);
            None
        }
    }
}

fn transition(
    known: &BTreeSet<String>,
    order: &BTreeMap<String, u32>,
    file: &TransitionFile,
    faults: &mut Faults<'_>,
    out: &mut Vec<Transition>,
) {
    let to = faults.state(known, &file.to);
    let roles = faults.roles(&file.roles);
    let apart_from = faults.states(known, &file.apart_from);
    let mut needs = BTreeSet::new();
    for need in &file.needs {
        match Need::parse(need.get_ref()) {
            Some(need) => {
                needs.insert(need);
            }
            None => {
                let message = format!("不认识的要求「{}」", need.get_ref());
                faults.add(Some(need.span().start), &message);
            }
        }
    }
    for from in &file.from {
        let from = faults.state(known, from);
        let backward = order.get(&to) < order.get(&from);
        let mut needs = needs.clone();
        if backward {
            needs.insert(Need::Reason);
        }
        out.push(Transition {
            from,
            to: to.clone(),
            roles: roles.clone(),
            needs,
            apart_from: apart_from.clone(),
            kinds: file.kinds.clone().unwrap_or_else(|| ALL_KINDS.to_vec()),
            backward,
        });
    }
}

const ALL_KINDS: [FindingKind; 3] = [
    FindingKind::Violation,
    FindingKind::RedFlag,
    FindingKind::DataQuality,
];

fn read_roles(
    known: &BTreeSet<String>,
    file: BTreeMap<Spanned<String>, RoleFile>,
    faults: &mut Faults<'_>,
) -> BTreeMap<Role, RoleRule> {
    let mut roles = BTreeMap::new();
    for (name, rule) in file {
        let reach = match rule.scope.get_ref().as_str() {
            "own" => Reach::Own,
            "street" => Reach::Street,
            "none" => Reach::None,
            other => {
                let message = format!("scope 是 own、street 或 none,不是「{other}」");
                faults.add(Some(rule.scope.span().start), &message);
                Reach::None
            }
        };
        let acts_in = rule.acts_in.map(|s| faults.states(known, &s));
        if let Some(role) = faults.role(&name) {
            let rule = RoleRule {
                reach,
                kinds: rule.kinds,
                early: rule.early,
                acts_in,
                never: rule.never,
            };
            roles.insert(role, rule);
        }
    }
    for role in Role::ALL {
        if !roles.contains_key(&role) {
            faults.add(None, &format!("缺少角色 {}", role.code()));
        }
    }
    roles
}

impl check::Lines {
    /// Where each state and each step stands, for the checks that follow.
    fn of(file: &StatesFile) -> check::Lines {
        let mut lines = check::Lines::default();
        for state in &file.state {
            let code = state.code.get_ref().clone();
            lines.states.push((code, state.code.span().start));
        }
        for t in &file.transition {
            let at = std::iter::repeat_n(t.to.span().start, t.from.len());
            lines.transitions.extend(at);
        }
        let records = file.record.iter().map(|r| r.kind.span().start);
        lines.records.extend(records);
        lines
    }
}
