//! People in any role try anything in any order, and runs come in between: what stands afterwards is only what the table of
//! steps allows, by two persons where it asks for two; the chain verifies, and each item's state is that of its replay.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sanzi::audit::outcome::FindingKind;
use sanzi::model::{Money, Role};
use sanzi::review::absorb::absorb;
use sanzi::review::dossier::Dossier;
use sanzi::review::event::{Amounts, Event, MeasureKind, Payload, Plan};
use sanzi::review::list::{self, Filter};
use sanzi::review::record::record;
use sanzi::review::transition::transition;
use sanzi::review::workflow::{Need, Workflow};
use sanzi::review::{Actor, Desk, ReviewError};
use sanzi::store::Store;

use crate::review::{
    Hit, assert_sound, at, day, desk, entry, file, hit, looked, number, person, save, step,
};
use crate::support::{TestStore, stores};

/// One attempt: who, as what, at which item, where to or what to record, with what.
#[derive(Debug, Clone)]
struct Attempt {
    item: usize,
    user: usize,
    /// Half of the people play by the rules: their role is one that may take the step.
    role: prop::sample::Index,
    lawful: bool,
    /// One of the steps or states.
    to: prop::sample::Index,
    /// Below 9 one of the records, else a step.
    kind: usize,
    with: u8,
    /// Now and then a run comes in, which finds these of the items.
    run: Option<[bool; 3]>,
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let run = proptest::option::weighted(0.1, any::<[bool; 3]>());
    let index = any::<prop::sample::Index>;
    let whom = (0usize..3, 0usize..4, index(), any::<bool>());
    (whom, index(), 0usize..18, any::<u8>(), run).prop_map(
        |((item, user, role, lawful), to, kind, with, run)| Attempt {
            item,
            user,
            role,
            lawful,
            to,
            kind,
            with: if lawful { with | 0b1111 } else { with },
            run,
        },
    )
}

const USERS: [&str; 4] = ["甲", "乙", "丙", "丁"];

fn items() -> [Hit; 3] {
    let mut quality = hit("A01", "HT-3", 3);
    quality.kind = "data_quality";
    [hit("A01", "HT-1", 1), hit("A02", "HT-2", 2), quality]
}

async fn now(store: &Store, number: &str) -> Dossier {
    let item = sanzi::review::log::item(store.db(), number).await.unwrap();
    Dossier::of(store.db(), item.unwrap()).await.unwrap()
}

/// A record of any kind, with contents that make sense or not.
fn payload(kind: usize, with: u8, to: &str) -> Payload {
    let text = if with & 1 == 1 { "按要求办理" } else { "" }.to_owned();
    match kind {
        0 => Payload::Proposed { to: to.to_owned() },
        1 => Payload::Replied {
            agrees: with & 2 == 2,
            text,
        },
        2 => Payload::Planned(Plan {
            measure: text.clone(),
            kind: MeasureKind::Immediate,
            lead: text.clone(),
            due: day("2026-04-01"),
            target: text,
        }),
        3 => Payload::Progress {
            on: day("2026-03-02"),
            text,
        },
        4 => Payload::Amounts(Amounts {
            recovered: Money(i64::from(with) - 1),
            booked: Money(0),
            unrecoverable: Money(0),
        }),
        5 => Payload::ExtensionAsked {
            until: day("2026-07-01"),
        },
        6 => Payload::Extended {
            until: day("2026-07-01"),
        },
        7 => Payload::ExtensionRefused {
            until: day("2026-07-01"),
        },
        _ => Payload::Noted { text },
    }
}

/// Tries it; whether something was written. Anything but a refusal of ours is a fault of the program.
async fn tried(store: &Store, desk: &Desk, a: &Attempt, number: &str) -> bool {
    let workflow = &desk.workflow;
    let before = now(store, number).await;
    // What: one of the states, or one of the nine records; who plays by the rules picks what leads on from here.
    let steps: Vec<_> = workflow.steps(before.state(), before.kind).collect();
    let states = &workflow.states;
    let (to, kind) = match a.lawful {
        true => (steps[a.to.index(steps.len())].to.clone(), a.kind),
        false => (states[a.to.index(states.len())].code.clone(), a.kind),
    };
    let roles: Vec<Role> = match a.lawful && kind >= 9 {
        true => {
            let there = steps.iter().filter(|t| t.to == to);
            there.flat_map(|t| t.roles.iter().copied()).collect()
        }
        false => Role::ALL.to_vec(),
    };
    let actor = person(USERS[a.user], roles[a.role.index(roles.len())]);
    let on = "2026-03-10";
    let reason = (a.with & 1 == 1).then_some("经核对");
    let files = if a.with & 2 == 2 {
        file("材料")
    } else {
        Vec::new()
    };
    let outcome = match kind < 9 {
        true => {
            let mut entry = entry(number, &actor, payload(kind, a.with, &to), on);
            entry.reason = reason;
            record(store, desk, entry).await
        }
        false => {
            let mut step = step(number, &to, &actor, on);
            step.reason = reason;
            step.attachments = files;
            step.due = (a.with & 4 == 4).then(|| day("2026-05-31"));
            step.exception = (a.with & 8 == 8).then_some("历史事实");
            transition(store, desk, step).await
        }
    };
    let after = now(store, number).await;
    match outcome {
        Ok(event) => {
            assert_eq!(after.events.len(), before.events.len() + 1);
            check(workflow, &before, &event, &actor);
            true
        }
        Err(ReviewError::Internal(e)) => panic!("{a:?}: {e}"),
        Err(ReviewError::Store(e)) => panic!("{a:?}: the database had to refuse: {e}"),
        Err(_) => {
            assert_eq!(after.events, before.events, "{a:?}: refused and written");
            false
        }
    }
}

/// The table of steps read anew for an event that was taken.
fn check(workflow: &Workflow, before: &Dossier, event: &Event, actor: &Actor) {
    let (role, code) = (event.role().unwrap(), &before.item.organisation);
    assert!(
        workflow.may_read(actor, code, before.kind, before.state()),
        "{event:?}"
    );
    if event.event != "moved" {
        assert_eq!(event.state, before.state());
        assert!(
            workflow.may_record(&event.event, before.state(), role),
            "{event:?}"
        );
        return;
    }
    let t = workflow
        .transitions
        .iter()
        .find(|t| {
            t.from == before.state()
                && t.to == event.state
                && t.roles.contains(&role)
                && t.kinds.contains(&before.kind)
        })
        .unwrap_or_else(|| panic!("the table has no such step: {event:?}"));
    let order = |code: &str| workflow.state(code).unwrap().order;
    let back = order(&t.to) < order(&t.from);
    let reason = event.reason.as_deref().unwrap_or_default();
    assert!(
        !(back || t.needs.contains(&Need::Reason)) || !reason.is_empty(),
        "{event:?}"
    );
    assert!(!t.needs.contains(&Need::Attachment) || event.attachments > 0);
    if ["determined", "closed"].contains(&t.to.as_str()) && !back {
        let since_opened = Dossier::cycle(before);
        let others: BTreeSet<&str> = since_opened
            .filter(|e| e.event == "moved" && !e.backward && t.apart_from.contains(&e.state))
            .map(|e| e.by.as_str())
            .collect();
        assert!(
            !others.is_empty() && !others.contains(event.by.as_str()),
            "{event:?}"
        );
    }
    let proposed = t.needs.contains(&Need::Proposal);
    assert!(!proposed || event.proposed_by.as_ref().is_some_and(|p| *p != event.by));
    assert!(before.kind != FindingKind::DataQuality || t.to != "transferred" || proposed);
}

/// The state that the events tell, one after another.
fn replay(events: &[Event]) -> String {
    let mut state = String::new();
    for (n, event) in (1..).zip(events) {
        assert_eq!(event.seq, n);
        assert_eq!(event.state_before.as_deref().unwrap_or_default(), state);
        state.clone_from(&event.state);
    }
    state
}

async fn sequence(store: &Store, desk: &Desk, attempts: &[Attempt]) -> (usize, BTreeSet<String>) {
    let items = items();
    let both = looked(&["A01", "A02"]);
    save(store, &both, &items).await;
    absorb(store, desk, at("2026-03-02")).await.unwrap();
    let numbers = items.each_ref().map(number);
    let mut taken = 0;
    for a in attempts {
        if let Some(found) = a.run {
            let hits = items.iter().zip(found).filter(|(_, found)| *found);
            let hits: Vec<Hit> = hits.map(|(h, _)| h.clone()).collect();
            save(store, &both, &hits).await;
            absorb(store, desk, at("2026-03-05")).await.unwrap();
        }
        taken += usize::from(tried(store, desk, a, &numbers[a.item]).await);
    }
    assert_sound(store).await;
    let mut states = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for id in &numbers {
        let events = now(store, id).await.events;
        seen.extend(events.iter().map(|e| e.state.clone()));
        states.insert(id.clone(), replay(&events));
    }
    // The list says what the replay says; the inspector reads all but the quality of data, which the supervisor reads.
    for role in [Role::Inspector, Role::StreetSupervisor] {
        let all = Filter::default();
        let actor = person("看", role);
        let lines = list::list(store.db(), desk, &actor, &all).await;
        for line in lines.unwrap() {
            assert_eq!(line.state, states[&line.number]);
        }
    }
    (taken, seen)
}

#[test]
fn whatever_people_try_only_what_is_allowed_stands() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let desk = desk();
    let (mut taken, mut seen) = (0, BTreeSet::new());
    let mut runner = TestRunner::new(Config {
        cases: 6,
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = proptest::collection::vec(attempt(), 80..160);
    let total = std::cell::RefCell::new((&mut taken, &mut seen));
    runner
        .run(&strategy, |attempts| {
            runtime.block_on(async {
                for TestStore { store, .. } in &stores().await {
                    let (steps, states) = sequence(store, &desk, &attempts).await;
                    let mut total = total.borrow_mut();
                    *total.0 += steps;
                    total.1.extend(states);
                }
            });
            Ok(())
        })
        .unwrap();
    // It would prove nothing if nearly everything were refused. Chance decides how far the items get: mostly through nine states or more.
    assert!(
        taken > 100 && seen.len() >= 6,
        "{taken} steps through {seen:?}"
    );
}
