//! The life of findings through the library, on every database that is there.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use sanzi::model::{Money, Role};
use sanzi::pack::Pack;
use sanzi::review::absorb::{Absorbed, absorb};
use sanzi::review::dossier::Dossier;
use sanzi::review::event::{Amounts, Event, MeasureKind, Payload, Plan};
use sanzi::review::list::{self, Filter, Why};
use sanzi::review::log::Attachment;
use sanzi::review::record::{Entry, record};
use sanzi::review::transition::{Step, transition};
use sanzi::review::verify::verify;
use sanzi::review::{Actor, Desk, ReviewError};
use sanzi::store::runs::{self, NewRun, StoredFinding};
use sanzi::store::{Store, StoreError};
use sea_orm::ConnectionTrait;

use crate::support::{TestStore, stores};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn at(text: &str) -> NaiveDateTime {
    day(text).and_hms_opt(9, 0, 0).unwrap()
}

/// A finding of a run: organisation, key, and what it says.
#[derive(Clone)]
pub struct Hit {
    pub organisation: &'static str,
    pub key: String,
    pub amount: i64,
    pub kind: &'static str,
}

pub fn hit(organisation: &'static str, key: &str, amount: i64) -> Hit {
    Hit {
        organisation,
        key: key.to_owned(),
        amount,
        kind: "violation",
    }
}

pub fn number(hit: &Hit) -> String {
    let fingerprint = fingerprint(hit);
    format!("C-001-{}", &fingerprint[..8])
}

fn fingerprint(hit: &Hit) -> String {
    sanzi::audit::finding::fingerprint("C-001", hit.organisation, std::slice::from_ref(&hit.key))
}

fn stored(hit: &Hit) -> StoredFinding {
    let payload = serde_json::json!({
        "title": "租赁期限超过二十年", "kind": hit.kind, "severity": "high", "amount": hit.amount,
        "organisation_name": "甲村公司", "message": format!("合同{}超过二十年", hit.key),
        "occurred_on": "2024-03-01", "evidence": [], "vouchers": [], "citations": [], "rule_version": 1,
    });
    StoredFinding {
        fingerprint: fingerprint(hit),
        content: format!("{}-{}", hit.kind, hit.amount),
        number: number(hit),
        rule: "C-001".into(),
        rule_version: 1,
        organisation: hit.organisation.into(),
        kind: hit.kind.into(),
        severity: "high".into(),
        amount: Some(hit.amount),
        payload: payload.to_string(),
    }
}

/// What a run looked at besides its findings.
pub struct Looked {
    pub organisations: Vec<&'static str>,
    pub as_of: &'static str,
    pub more: serde_json::Value,
}

pub fn looked(organisations: &[&'static str]) -> Looked {
    Looked {
        organisations: organisations.to_vec(),
        as_of: "2025-12-31",
        more: serde_json::json!({}),
    }
}

pub async fn save(store: &Store, looked: &Looked, hits: &[Hit]) -> i64 {
    let codes = looked
        .organisations
        .iter()
        .map(|code| serde_json::json!({"code": code}));
    let mut outcome = serde_json::json!({
        "organisations": codes.collect::<Vec<_>>(), "rules": [{"id": "C-001"}], "not_run": [], "failed": [], "period": null,
    });
    for (name, value) in looked.more.as_object().unwrap() {
        outcome[name] = value.clone();
    }
    let run = NewRun {
        digest: "d",
        data_digest: "d",
        pack_digest: "p",
        as_of: day(looked.as_of),
        scope: &looked.organisations.join(","),
        finished_at: at("2026-01-05"),
        outcome: outcome.to_string(),
    };
    let findings: Vec<StoredFinding> = hits.iter().map(stored).collect();
    runs::save(store, run, &findings).await.unwrap()
}

/// A run, stored and absorbed on a day.
pub async fn run(store: &Store, looked: &Looked, hits: &[Hit], on: &str) -> Absorbed {
    save(store, looked, hits).await;
    absorb(store, &desk(), at(on)).await.unwrap()
}

pub fn desk() -> Desk {
    Desk::load(&Pack::embedded()).unwrap()
}

pub fn person(user: &str, role: Role) -> Actor {
    let company = [Role::CompanyAccountant, Role::CompanyOfficer].contains(&role);
    let own = company.then(|| BTreeSet::from(["A01".to_owned()]));
    Actor::new(user, role, own).unwrap()
}

pub fn step<'a>(number: &'a str, to: &'a str, actor: &'a Actor, on: &str) -> Step<'a> {
    Step {
        number,
        to,
        actor,
        reason: None,
        attachments: Vec::new(),
        due: None,
        exception: None,
        seen: None,
        at: at(on),
    }
}

pub fn entry<'a>(number: &'a str, actor: &'a Actor, payload: Payload, on: &str) -> Entry<'a> {
    Entry {
        number,
        actor,
        payload,
        reason: Some("按会议意见"),
        attachments: Vec::new(),
        seen: None,
        at: at(on),
    }
}

pub fn file(text: &str) -> Vec<Attachment> {
    vec![Attachment {
        name: "证明.pdf".into(),
        bytes: text.as_bytes().to_vec(),
    }]
}

fn plan(due: &str) -> Payload {
    Payload::Planned(Plan {
        measure: "重签合同".into(),
        kind: MeasureKind::Staged,
        lead: "丁".into(),
        due: day(due),
        target: "合同期限改为二十年".into(),
    })
}

async fn dossier(store: &Store, number: &str) -> Dossier {
    let actor = person("看", Role::Inspector);
    let desk = desk();
    Dossier::read(store.db(), &desk.workflow, &actor, number)
        .await
        .unwrap()
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|e| e.event.as_str()).collect()
}

pub async fn assert_sound(store: &Store) {
    for report in verify(store, None).await.unwrap() {
        assert_eq!(report.fault, None, "{}", report.organisation);
    }
}

/// Everything that a run can change, and all that it must leave alone.
#[tokio::test]
async fn runs_come_and_go_and_lose_no_decision() {
    for TestStore { store, .. } in &stores().await {
        let (a, b) = (hit("A01", "HT-1", 100), hit("A01", "HT-2", 100));
        let other = hit("A02", "HT-1", 5);
        let both = looked(&["A01", "A02"]);
        let first = run(
            store,
            &both,
            &[a.clone(), b.clone(), other.clone()],
            "2026-01-05",
        )
        .await;
        assert_eq!((first.runs, first.appeared), (1, 3));
        // The same once more is nothing.
        let hits = [a.clone(), b.clone(), other.clone()];
        let same = run(store, &both, &hits, "2026-01-06").await;
        let nothing = Absorbed {
            runs: 1,
            ..Absorbed::default()
        };
        assert_eq!(same, nothing);
        let supervisor = person("甲", Role::StreetSupervisor);
        let (number_a, number_b) = (number(&a), number(&b));
        let mut dismiss = step(&number_b, "误报", &supervisor, "2026-01-07");
        dismiss.reason = Some("续签已另行公开招租");
        transition(store, &desk(), dismiss).await.unwrap();
        // A run over one organisation leaves the other alone, and what it finds changed is a difference.
        let dearer = hit("A01", "HT-1", 250);
        let one = run(
            store,
            &looked(&["A01"]),
            std::slice::from_ref(&dearer),
            "2026-02-01",
        )
        .await;
        assert_eq!((one.changed, one.gone, one.appeared), (1, 1, 0));
        let changed = dossier(store, &number_a).await;
        let Payload::Changed { differences, .. } = changed.last().payload().unwrap() else {
            panic!("{:?}", changed.last());
        };
        let shown: Vec<_> = differences
            .iter()
            .map(|d| (d.field.as_str(), d.old.as_str(), d.new.as_str()))
            .collect();
        assert_eq!(shown, [("金额", "1.00", "2.50")]);
        assert_eq!(
            names(&dossier(store, &number(&other)).await.events),
            ["appeared"]
        );
        // Dismissed and gone, and back: still dismissed.
        let back = run(store, &looked(&["A01"]), &[dearer, b.clone()], "2026-02-02").await;
        assert_eq!((back.returned, back.reopened), (1, 0));
        let dismissed = dossier(store, &number_b).await;
        assert_eq!(
            names(&dismissed.events),
            ["appeared", "moved", "gone", "returned"]
        );
        assert_eq!(dismissed.state(), "dismissed");
        // Nobody looked: not gone.
        let without = |more| Looked {
            more,
            ..looked(&["A01", "A02"])
        };
        for more in [
            serde_json::json!({"not_run": [{"rule": "C-001", "organisation": "A01"}, {"rule": "C-001", "organisation": "A02"}]}),
            serde_json::json!({"failed": [{"rule": "C-001"}]}),
            serde_json::json!({"rules": [{"id": "C-002"}]}),
            serde_json::json!({"period": "2025-01..2025-06"}),
        ] {
            let blind = run(store, &without(more), &[], "2026-02-03").await;
            assert_eq!(blind, nothing);
        }
        let earlier = Looked {
            as_of: "2024-12-31",
            ..looked(&["A01", "A02"])
        };
        let backdated = run(store, &earlier, &[hit("A01", "HT-1", 1)], "2026-02-04").await;
        assert_eq!(backdated, nothing);
        let inside = without(serde_json::json!({"period": "2024-01..2024-06"}));
        let gone = run(store, &inside, &[], "2026-02-05").await;
        assert_eq!(gone.gone, 3);
        assert_sound(store).await;
    }
}

/// From 疑点 to 销号 by the people who may, and each time refused to those who may not; then back again.
#[tokio::test]
async fn the_whole_way_to_the_end_and_back() {
    for TestStore { store, .. } in &stores().await {
        let a = hit("A01", "HT-1", 100);
        let id = number(&a);
        let desk = desk();
        run(
            store,
            &looked(&["A01"]),
            std::slice::from_ref(&a),
            "2026-03-02",
        )
        .await;
        let supervisor = person("甲", Role::StreetSupervisor);
        let reviewer = person("乙", Role::StreetReviewer);
        let officer = person("丙", Role::CompanyOfficer);
        // Monday 2 March and five working days.
        assert_eq!(dossier(store, &id).await.due(), Some(day("2026-03-09")));
        let go = |step| transition(store, &desk, step);
        go(step(&id, "待核", &supervisor, "2026-03-02"))
            .await
            .unwrap();
        let mut verified = step(&id, "verified", &supervisor, "2026-03-03");
        verified.reason = Some("原件属实");
        go(verified).await.unwrap();
        go(step(&id, "取证", &supervisor, "2026-03-03"))
            .await
            .unwrap();
        // Not for the company yet.
        let early = entry(&id, &officer, replied(), "2026-03-03");
        assert!(matches!(
            record(store, &desk, early).await,
            Err(ReviewError::UnknownItem(_))
        ));
        let mut comment = step(&id, "征求意见", &supervisor, "2026-03-04");
        comment.attachments = file("取证单");
        let sent = go(comment).await.unwrap();
        // Ten working days from Wednesday 4 March.
        assert_eq!(sent.due, Some(day("2026-03-18")));
        let determine = |actor, on| {
            let mut determine = step(&id, "认定", actor, on);
            determine.reason = Some("违反第七百零五条");
            determine
        };
        let waiting = go(determine(&reviewer, "2026-03-18")).await;
        assert!(
            matches!(waiting, Err(ReviewError::NeedsReply { .. })),
            "{waiting:?}"
        );
        record(store, &desk, entry(&id, &officer, replied(), "2026-03-10"))
            .await
            .unwrap();
        let same = person("甲", Role::StreetReviewer);
        let twice = go(determine(&same, "2026-03-11")).await;
        assert!(
            matches!(twice, Err(ReviewError::SamePerson { .. })),
            "{twice:?}"
        );
        let determined = go(determine(&reviewer, "2026-03-11")).await.unwrap();
        assert_eq!(determined.proposed_by.as_deref(), Some("甲"));
        let mut rectify = step(&id, "整改中", &supervisor, "2026-03-12");
        rectify.due = Some(day("2026-05-31"));
        go(rectify).await.unwrap();
        rectification(store, &desk, &id, [&supervisor, &reviewer, &officer]).await;
        let mut acceptance = step(&id, "待验收", &officer, "2026-06-10");
        acceptance.attachments = file("新合同");
        go(acceptance).await.unwrap();
        let close = |exception| {
            let mut close = step(&id, "已销号", &reviewer, "2026-06-11");
            close.reason = Some("合同已重签");
            close.exception = exception;
            close
        };
        assert!(matches!(
            go(close(None)).await,
            Err(ReviewError::StillFound)
        ));
        run(store, &looked(&["A01"]), &[], "2026-06-11").await;
        go(close(None)).await.unwrap();
        let closed = dossier(store, &id).await;
        assert_eq!((closed.state(), closed.due()), ("closed", None));
        // Closed and gone stays closed.
        let quiet = run(store, &looked(&["A01"]), &[], "2026-07-01").await;
        assert_eq!((quiet.gone, quiet.reopened), (0, 0));
        // Closed and back is opened again, with a link to the closing.
        let again = run(
            store,
            &looked(&["A01"]),
            std::slice::from_ref(&a),
            "2026-08-03",
        )
        .await;
        assert_eq!(again.reopened, 1);
        let open = dossier(store, &id).await;
        assert_eq!((open.state(), open.last().cycle), ("suspected", 2));
        let Payload::Returned { recurrence, .. } = open.last().payload().unwrap() else {
            panic!()
        };
        let recurrence = recurrence.unwrap();
        assert!(recurrence.repeated);
        assert_eq!(
            open.events[recurrence.closed_seq as usize - 1].state,
            "closed"
        );
        assert_sound(store).await;
    }
}

fn replied() -> Payload {
    Payload::Replied {
        agrees: true,
        text: String::new(),
    }
}

/// Measure, progress, money, and the one extension, as the company and the street put them on record.
async fn rectification(store: &Store, desk: &Desk, id: &str, people: [&Actor; 3]) {
    let [supervisor, reviewer, officer] = people;
    let put = |actor, payload, on| record(store, desk, entry(id, actor, payload, on));
    let late = put(officer, plan("2026-06-30"), "2026-03-13").await;
    assert!(matches!(late, Err(ReviewError::BadRecord(_))), "{late:?}");
    put(officer, plan("2026-05-20"), "2026-03-13")
        .await
        .unwrap();
    let money = |recovered| {
        Payload::Amounts(Amounts {
            recovered: Money(recovered),
            booked: Money(0),
            unrecoverable: Money(0),
        })
    };
    let negative = put(officer, money(-1), "2026-04-01").await;
    assert!(matches!(negative, Err(ReviewError::BadRecord(_))));
    put(officer, money(100), "2026-04-01").await.unwrap();
    let asked = |until| Payload::ExtensionAsked { until: day(until) };
    let granted = || Payload::Extended {
        until: day("2099-01-01"),
    };
    let unasked = put(reviewer, granted(), "2026-05-20").await;
    assert!(matches!(unasked, Err(ReviewError::Extension(_))));
    put(officer, asked("2026-06-30"), "2026-05-20")
        .await
        .unwrap();
    let refused = || Payload::ExtensionRefused {
        until: day("2099-01-01"),
    };
    let mut answer = entry(id, reviewer, refused(), "2026-05-20");
    answer.reason = None;
    let unreasoned = record(store, desk, answer).await;
    assert!(matches!(unreasoned, Err(ReviewError::NeedsReason { .. })));
    let no = put(reviewer, refused(), "2026-05-20").await.unwrap();
    assert_eq!(no.due, Some(day("2026-05-31")), "the day stays");
    assert_eq!(
        no.payload().unwrap(),
        Payload::ExtensionRefused {
            until: day("2026-06-30")
        }
    );
    let answered = put(reviewer, granted(), "2026-05-20").await;
    assert!(
        matches!(answered, Err(ReviewError::Extension(_))),
        "answered already"
    );
    // Refused is not extended: it may be asked for again.
    put(officer, asked("2026-06-30"), "2026-05-20")
        .await
        .unwrap();
    let itself = person("丙", Role::StreetReviewer);
    let by_itself = put(&itself, granted(), "2026-05-21").await;
    assert!(matches!(by_itself, Err(ReviewError::SamePerson { .. })));
    let extended = put(reviewer, granted(), "2026-05-21").await.unwrap();
    assert_eq!(extended.due, Some(day("2026-06-30")), "as asked for");
    let once_more = put(supervisor, asked("2026-07-31"), "2026-06-01").await;
    assert!(matches!(once_more, Err(ReviewError::Extension(_))));
}

/// What is handed over is the inspector's alone.
#[tokio::test]
async fn what_is_handed_over_is_frozen() {
    for TestStore { store, .. } in &stores().await {
        let a = hit("A01", "HT-1", 100);
        let (id, desk) = (number(&a), desk());
        run(
            store,
            &looked(&["A01"]),
            std::slice::from_ref(&a),
            "2026-03-02",
        )
        .await;
        let supervisor = person("甲", Role::StreetSupervisor);
        let reviewer = person("乙", Role::StreetReviewer);
        let inspector = person("己", Role::Inspector);
        let go = |step| transition(store, &desk, step);
        go(step(&id, "待核", &supervisor, "2026-03-02"))
            .await
            .unwrap();
        let hand_over = |actor| {
            let mut hand_over = step(&id, "移送", actor, "2026-03-03");
            hand_over.reason = Some("涉嫌利益输送的线索");
            hand_over
        };
        let unproposed = go(hand_over(&reviewer)).await;
        assert!(matches!(unproposed, Err(ReviewError::NeedsProposal { .. })));
        let proposed = Payload::Proposed {
            to: "移送".into()
        };
        let propose = entry(&id, &supervisor, proposed, "2026-03-03");
        record(store, &desk, propose).await.unwrap();
        let (all, today) = (Filter::default(), day("2026-03-03"));
        let waiting = list::reminders(store.db(), &desk, &reviewer, &all, today).await;
        assert_eq!(waiting.unwrap()[0].why, Why::Waiting);
        let moved = go(hand_over(&reviewer)).await.unwrap();
        // Three working days from Tuesday 3 March.
        assert_eq!(moved.due, Some(day("2026-03-06")));
        let reader = person("庚", Role::ReadOnly);
        for actor in [&supervisor, &reviewer, &reader] {
            let unseen = go(step(&id, "待核", actor, "2026-03-04")).await;
            assert!(
                matches!(unseen, Err(ReviewError::UnknownItem(_))),
                "{unseen:?}"
            );
            let filter = Filter::default();
            let lines = list::list(store.db(), &desk, actor, &filter).await.unwrap();
            assert_eq!(lines, []);
        }
        let lines = list::list(store.db(), &desk, &inspector, &Filter::default()).await;
        assert_eq!(lines.unwrap().len(), 1);
        let note = Payload::Noted {
            text: "已受理".into(),
        };
        record(store, &desk, entry(&id, &inspector, note, "2026-03-05"))
            .await
            .unwrap();
        // Runs go on without a word to anybody else.
        run(store, &looked(&["A01"]), &[], "2026-04-01").await;
        assert_eq!(dossier(store, &id).await.state(), "transferred");
        let mut back = step(&id, "待核", &inspector, "2026-05-06");
        back.reason = Some("退回街道处理");
        go(back).await.unwrap();
        let lines = list::list(store.db(), &desk, &supervisor, &Filter::default()).await;
        assert_eq!(lines.unwrap().len(), 1);
        assert_sound(store).await;
    }
}

/// Lists: by organisation, rule, state, day; deadlines beyond the calendar are provisional.
#[tokio::test]
async fn lists_and_deadlines() {
    for TestStore { store, .. } in &stores().await {
        let hits = [
            hit("A01", "HT-1", 1),
            hit("A01", "HT-2", 2),
            hit("A02", "HT-3", 3),
        ];
        run(store, &looked(&["A01", "A02"]), &hits, "2026-12-29").await;
        let desk = desk();
        let supervisor = person("甲", Role::StreetSupervisor);
        let all = |filter: Filter| {
            let (desk, supervisor) = (desk.clone(), supervisor.clone());
            async move {
                list::list(store.db(), &desk, &supervisor, &filter)
                    .await
                    .unwrap()
            }
        };
        let lines = all(Filter::default()).await;
        assert_eq!(lines.len(), 3);
        // Tuesday 29 December and five working days: the holidays of January are not known.
        assert!(
            lines
                .iter()
                .all(|l| l.due == Some(day("2027-01-05")) && l.due_provisional)
        );
        let of = |organisations: &[&str]| Filter {
            organisations: organisations.iter().map(|o| (*o).to_owned()).collect(),
            ..Filter::default()
        };
        assert_eq!(all(of(&["A02"])).await.len(), 1);
        let overdue = |on| Filter {
            overdue_on: Some(day(on)),
            ..Filter::default()
        };
        assert_eq!(all(overdue("2027-01-05")).await.len(), 0);
        assert_eq!(all(overdue("2027-01-06")).await.len(), 3);
        let page = Filter {
            limit: Some(2),
            offset: 2,
            ..Filter::default()
        };
        assert_eq!(all(page).await.len(), 1);
        let id = number(&hits[0]);
        transition(store, &desk, step(&id, "待核", &supervisor, "2026-12-30"))
            .await
            .unwrap();
        let checking = Filter {
            states: vec!["checking".into()],
            ..Filter::default()
        };
        assert_eq!(all(checking).await[0].number, id);
        let counts = list::count(store.db(), &desk, &supervisor, &Filter::default()).await;
        let expected = [("suspected".to_owned(), 2), ("checking".to_owned(), 1)];
        assert_eq!(counts.unwrap(), expected);
        // A company sees nothing before it is asked; a person without an organisation never.
        let officer = person("丙", Role::CompanyOfficer);
        let nobody = Actor::new("丙", Role::CompanyOfficer, None).unwrap();
        for actor in [&officer, &nobody] {
            let lines = list::list(store.db(), &desk, actor, &Filter::default()).await;
            assert_eq!(lines.unwrap(), []);
        }
        let stale = Step {
            seen: Some(1),
            ..step(&id, "疑点", &supervisor, "2026-12-30")
        };
        let refused = transition(store, &desk, stale).await;
        assert!(
            matches!(refused, Err(ReviewError::Stale { .. })),
            "{refused:?}"
        );
    }
}

/// A defect of the data goes to the accountant without ado.
#[tokio::test]
async fn data_quality_goes_to_the_accountant() {
    for TestStore { store, .. } in &stores().await {
        let mut a = hit("A01", "HT-1", 100);
        a.kind = "data_quality";
        let (id, desk) = (number(&a), desk());
        run(store, &looked(&["A01"]), &[a], "2026-03-02").await;
        let accountant = person("丙", Role::CompanyAccountant);
        let seen = list::list(store.db(), &desk, &accountant, &Filter::default()).await;
        assert_eq!(seen.unwrap().len(), 1);
        let supervisor = person("甲", Role::StreetSupervisor);
        let mut rectify = step(&id, "整改中", &supervisor, "2026-03-02");
        rectify.due = Some(day("2026-03-20"));
        transition(store, &desk, rectify).await.unwrap();
        let mut done = step(&id, "待验收", &accountant, "2026-03-05");
        done.reason = Some("已重新交来");
        transition(store, &desk, done).await.unwrap();
        run(store, &looked(&["A01"]), &[], "2026-03-06").await;
        let reviewer = person("乙", Role::StreetReviewer);
        let mut close = step(&id, "已销号", &reviewer, "2026-03-06");
        close.reason = Some("重跑已消失");
        transition(store, &desk, close).await.unwrap();
        assert_sound(store).await;
    }
}

/// The database refuses by itself what must never happen.
#[tokio::test]
async fn the_database_holds_what_must_hold() {
    for TestStore { store, .. } in &stores().await {
        let a = hit("A01", "HT-1", 100);
        let (id, desk) = (number(&a), desk());
        run(store, &looked(&["A01"]), &[a], "2026-03-02").await;
        let supervisor = person("甲", Role::StreetSupervisor);
        let mut dismiss = step(&id, "误报", &supervisor, "2026-03-02");
        dismiss.reason = Some("不属实");
        dismiss.attachments = file("说明");
        transition(store, &desk, dismiss).await.unwrap();
        let no = if store.is_sqlite() { "0" } else { "FALSE" };
        // A third event after the two, with what is to be tried.
        let next = |fields: &str, values: &str| {
            format!(
                "INSERT INTO review_event (organisation, position, format, fingerprint, seq, event, state_before, cycle, present, at, payload, \
                 attachments, previous_hash, hash, version_run, backward, due_provisional{fields}) \
                 SELECT organisation, 3, 1, fingerprint, 3, 'moved', state, 1, present, at, payload, 0, hash, hash, version_run, {no}, {no}{values} \
                 FROM review_event WHERE position = 2"
            )
        };
        let alone = ", state, by_whom, role, proposed_by";
        let refusals = [
            ("UPDATE review_event SET reason = 'x'".to_owned(), "核查-2001"),
            ("UPDATE review_item SET rule = 'x'".to_owned(), "核查-2001"),
            ("UPDATE review_attachment SET name = 'x'".to_owned(), "核查-2001"),
            ("UPDATE review_run SET run_id = 9".to_owned(), "核查-2001"),
            ("DELETE FROM review_event".to_owned(), "核查-2002"),
            ("DELETE FROM review_attachment".to_owned(), "核查-2002"),
            ("DELETE FROM review_run".to_owned(), "核查-2002"),
            ("UPDATE review_head SET length = 1".to_owned(), "核查-2006"),
            ("UPDATE review_head SET length = 3".to_owned(), "核查-2006"),
            ("DELETE FROM review_head".to_owned(), "核查-2006"),
            (
                "INSERT INTO review_attachment SELECT organisation, position, 2, name, size, sha256, bytes FROM review_attachment".to_owned(),
                "核查-2003",
            ),
            // Out of order: the state before is another.
            (
                next(", state, by_whom, role", ", 'checking', '甲', 'street_supervisor'").replace("'moved', state,", "'moved', 'verified',"),
                "核查-2003",
            ),
            // The proposer never touched it.
            (next(alone, ", 'closed', '乙', 'street_reviewer', '戊'"), "核查-2004"),
            // One person alone.
            (next(alone, ", 'closed', '甲', 'street_reviewer', '甲'"), "核查-2004"),
            (next(alone, ", 'filed', '甲', 'street_reviewer', '甲'"), ""),
            (next(alone, ", 'closed', '乙', 'street_reviewer', NULL"), ""),
            (next(alone, ", 'transferred', '乙', 'street_reviewer', NULL"), ""),
            (next(", state, by_whom", ", 'checking', '甲'"), ""),
        ];
        for (sql, code) in refusals {
            let error = store.db().execute_unprepared(&sql).await;
            let error = StoreError::from(error.expect_err(&sql)).to_string();
            match code {
                "" => assert!(error.to_lowercase().contains("check"), "{sql}: {error}"),
                code => assert!(error.starts_with(code), "{sql}: {error}"),
            }
        }
        // The same that lawful people write is taken.
        let lawful = next(
            ", state, by_whom, role",
            ", 'checking', '甲', 'street_supervisor'",
        );
        let transaction = store.begin().await.unwrap();
        transaction.execute_unprepared(&lawful).await.unwrap();
        transaction.rollback().await.unwrap();
        // Handed over: the street's hand is refused.
        let inspector = person("己", Role::Inspector);
        let mut take = step(&id, "移送", &inspector, "2026-03-03");
        take.reason = Some("〔2026〕3 号");
        transition(store, &desk, take).await.unwrap();
        let sql = next(
            ", state, by_whom, role",
            ", 'checking', '甲', 'street_supervisor'",
        )
        .replace(", 3, 1, fingerprint, 3,", ", 4, 1, fingerprint, 4,")
        .replace("position = 2", "position = 3");
        let error = store.db().execute_unprepared(&sql).await.expect_err(&sql);
        let error = StoreError::from(error).to_string();
        assert!(error.starts_with("核查-2005"), "{error}");
    }
}

const FLAGS: [&str; 3] = ["present", "backward", "due_provisional"];

/// Something else for a column, in the dialect of the database.
pub fn otherwise(column: &str, kind: &str, sqlite: bool) -> String {
    let kind = kind.to_lowercase();
    // Not zeros: they stand before the first record.
    let bytes = match sqlite {
        true => format!("x'{}'", "11".repeat(32)),
        false => "decode(repeat('11', 32), 'hex')".to_owned(),
    };
    match (column, kind.as_str()) {
        (flag, _) if FLAGS.contains(&flag) && sqlite => format!("1 - {flag}"),
        (flag, _) if FLAGS.contains(&flag) => format!("NOT {flag}"),
        ("at", _) => "'2024-01-15 10:30:01'".into(),
        ("due" | "effective_from" | "effective_to", _) => "'2024-01-16'".into(),
        (_, "integer" | "bigint") => format!("COALESCE({column}, 0) + 90"),
        (_, "blob" | "bytea") => bytes,
        _ => format!("COALESCE({column}, '') || 'x'"),
    }
}

pub async fn columns(
    db: &sea_orm::DatabaseConnection,
    table: &str,
    sqlite: bool,
) -> Vec<(String, String)> {
    let sql = match sqlite {
        true => format!("SELECT name, type FROM pragma_table_info('{table}')"),
        false => format!(
            "SELECT column_name::text, data_type::text FROM information_schema.columns WHERE table_name = '{table}'"
        ),
    };
    let backend = db.get_database_backend();
    let rows = db
        .query_all_raw(sea_orm::Statement::from_string(backend, sql))
        .await
        .unwrap();
    let pair = |r: &sea_orm::QueryResult| {
        (
            r.try_get_by_index(0).unwrap(),
            r.try_get_by_index(1).unwrap(),
        )
    };
    rows.iter().map(pair).collect()
}

/// Whatever is changed by hand behind the guards is found, and the first event that differs is named.
#[tokio::test]
async fn every_column_changed_by_hand_is_found() {
    for TestStore { store, url, .. } in &stores().await {
        let (a, other) = (hit("A01", "HT-1", 100), hit("A02", "HT-1", 100));
        let (id, desk) = (number(&a), desk());
        let both = looked(&["A01", "A02"]);
        run(store, &both, &[a, other], "2026-03-02").await;
        let supervisor = person("甲", Role::StreetSupervisor);
        let mut dismiss = step(&id, "误报", &supervisor, "2026-03-02");
        dismiss.reason = Some("不属实");
        dismiss.attachments = file("说明");
        transition(store, &desk, dismiss).await.unwrap();
        run(store, &both, &[], "2026-03-03").await;
        let options = sea_orm::ConnectOptions::new(url.clone());
        let options = options.clone().max_connections(1).to_owned();
        let raw = sea_orm::Database::connect(options).await.unwrap();
        crate::ledger::disable_guards(&raw, store.is_sqlite()).await;
        let tables = [
            ("review_event", "organisation = 'A01' AND position = 2"),
            ("review_attachment", "organisation = 'A01' AND position = 2"),
            ("review_item", "organisation = 'A01'"),
            ("review_head", "organisation = 'A01'"),
            ("finding", "organisation = 'A01'"),
            ("review_run", "run_id = 1"),
        ];
        let mut tried = 0;
        for (table, row) in tables {
            for (column, kind) in columns(&raw, table, store.is_sqlite()).await {
                let say = |e: sea_orm::DbErr| panic!("{table}.{column}: {e}");
                let change = otherwise(&column, &kind, store.is_sqlite());
                let run = |sql: String| {
                    let raw = &raw;
                    async move { raw.execute_unprepared(&sql).await }
                };
                run(format!("CREATE TABLE kept AS SELECT * FROM {table}"))
                    .await
                    .unwrap_or_else(say);
                run(format!(
                    "UPDATE {table} SET {column} = {change} WHERE {row}"
                ))
                .await
                .unwrap_or_else(say);
                let reports = verify(store, None).await.unwrap();
                let fault = reports.into_iter().find_map(|r| r.fault);
                let fault = fault.unwrap_or_else(|| panic!("{table}.{column}: not found"));
                match table {
                    "review_event" | "review_attachment" => {
                        assert_eq!(fault.position, 2, "{table}.{column}: {fault:?}");
                    }
                    "review_item" | "finding" => {
                        assert_eq!(fault.position, 1, "{table}.{column}: {fault:?}");
                    }
                    _ => {}
                }
                run(format!("DELETE FROM {table}"))
                    .await
                    .unwrap_or_else(say);
                run(format!("INSERT INTO {table} SELECT * FROM kept"))
                    .await
                    .unwrap_or_else(say);
                run("DROP TABLE kept".into()).await.unwrap_or_else(say);
                assert_sound(store).await;
                tried += 1;
            }
        }
        assert!(tried > 50, "{tried}");
        // The last event taken away, an item too many.
        for sql in [
            "DELETE FROM review_event WHERE organisation = 'A01' AND position = 3",
            "INSERT INTO review_item SELECT organisation, 'x', 'x', rule, first_run FROM review_item WHERE organisation = 'A02'",
        ] {
            raw.execute_unprepared(sql).await.unwrap();
            let reports = verify(store, None).await.unwrap();
            assert!(reports.iter().any(|r| r.fault.is_some()), "{sql}");
        }
    }
}
