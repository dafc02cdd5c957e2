//! The year's plan through the library, on every database that is there.

use chrono::{NaiveDate, NaiveDateTime};
use sanzi::audit::rule::RulePack;
use sanzi::model::Role;
use sanzi::pack::Pack;
use sanzi::review::log::Attachment;
use sanzi::review::{Actor, Desk};
use sanzi::store::{Store, StoreError};
use sanzi::supervision::act::{self, Acting, Decision, Progress};
use sanzi::supervision::checklist::{checklist, finished};
use sanzi::supervision::event::Status;
use sanzi::supervision::plan::{Kind, Known, Plan};
use sanzi::supervision::policy::{self, Policy, Standing};
use sanzi::supervision::project::State;
use sanzi::supervision::verify::verify;
use sanzi::supervision::{Project, Steps, SupervisionError};
use sea_orm::ConnectionTrait;

use crate::review::{columns, otherwise};
use crate::support::stores;
use crate::workspace::House;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> NaiveDateTime {
    day(text).and_hms_opt(9, 0, 0).unwrap()
}

fn street(user: &str, role: Role) -> Actor {
    Actor::new(user, role, None).unwrap()
}

/// A project of A01 that is fit to be proposed.
fn plan() -> Plan {
    Plan {
        year: 2025,
        title: "商铺出租专项检查".into(),
        kind: Kind::Special,
        organisations: vec!["A01".into()],
        period: "2024-01..2024-12".into(),
        rules: vec!["contract".into(), "F-009".into()],
        basis: "年度工作要点".into(),
        goal: String::new(),
        team: vec!["street-supervisor".into(), "inspector".into()],
        start: day("2025-03-10"),
        end: day("2025-03-28"),
    }
}

/// What every act needs.
struct Office<'a> {
    store: &'a Store,
    known: Known<'a>,
    steps: Steps,
    supervisor: Actor,
    reviewer: Actor,
}

impl Office<'_> {
    fn by<'b>(&self, actor: &'b Actor, on: &str) -> Acting<'b> {
        Acting {
            actor,
            at: at(on),
            seen: None,
        }
    }

    async fn propose(&self, plan: Plan) -> Result<String, SupervisionError> {
        let acting = self.by(&self.supervisor, "2025-02-05");
        act::propose(self.store, &self.known, acting, plan).await
    }

    async fn decide(
        &self,
        actor: &Actor,
        number: &str,
        decision: Decision,
        reason: Option<&str>,
    ) -> Result<(), SupervisionError> {
        let acting = self.by(actor, "2025-02-06");
        act::decide(self.store, acting, number, decision, reason).await
    }

    async fn step(
        &self,
        number: &str,
        step: &str,
        status: Status,
        on: &str,
    ) -> Result<(), SupervisionError> {
        let progress = Progress {
            step,
            status,
            on: day(on),
            text: "按期办理",
            files: Vec::new(),
        };
        let acting = self.by(&self.supervisor, on);
        act::progress(self.store, &self.steps, acting, number, progress).await
    }

    async fn project(&self, number: &str) -> Project {
        let found = Project::find(self.store.db(), number).await.unwrap();
        found.unwrap()
    }
}

async fn office<'a>(store: &'a Store, pack: &Pack, rules: &'a RulePack) -> Office<'a> {
    Office {
        store,
        known: Known::of(store, rules).await.unwrap(),
        steps: Steps::load(pack, &rules.laws).unwrap(),
        supervisor: street("street-all", Role::StreetSupervisor),
        reviewer: street("street-reviewer", Role::StreetReviewer),
    }
}

fn code<T: std::fmt::Debug>(refused: Result<T, SupervisionError>) -> String {
    let text = refused.unwrap_err().to_string();
    text.split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_project_is_proposed_by_one_and_approved_by_another() {
    let pack = Pack::embedded();
    let rules = RulePack::load(&pack);
    for files in stores().await {
        let house = House::on(files).await;
        let office = office(&house.store, &pack, &rules).await;
        let number = office.propose(plan()).await.unwrap();
        // The house has one project of each company.
        assert_eq!(number, "2025-003");
        assert_eq!(
            code(
                office
                    .step(&number, "notice", Status::Done, "2025-02-05")
                    .await
            ),
            "监督-1005",
            "nothing before the approval"
        );
        let (supervisor, reviewer) = (&office.supervisor, &office.reviewer);
        let approve = Decision::Approve;
        let refused = office.decide(supervisor, &number, approve, None).await;
        assert_eq!(code(refused), "监督-1007");
        // The same person in another role is the same person.
        let both = street("street-all", Role::StreetReviewer);
        let refused = office.decide(&both, &number, approve, None).await;
        assert_eq!(code(refused), "监督-1004");
        let refused = office
            .decide(reviewer, &number, Decision::Return, Some(" "))
            .await;
        assert_eq!(code(refused), "监督-1008");
        let back = Some("组员太少");
        office
            .decide(reviewer, &number, Decision::Return, back)
            .await
            .unwrap();
        assert_eq!(office.project(&number).await.state, State::Returned);
        let refused = office.decide(reviewer, &number, approve, None).await;
        assert_eq!(code(refused), "监督-1005", "returned is not proposed");
        // Whoever revises becomes an author too.
        let second = street("street-supervisor", Role::StreetSupervisor);
        let acting = office.by(&second, "2025-02-06");
        act::revise(&house.store, &office.known, acting, &number, plan())
            .await
            .unwrap();
        let both = street("street-supervisor", Role::StreetReviewer);
        let refused = office.decide(&both, &number, approve, None).await;
        assert_eq!(code(refused), "监督-1004");
        office
            .decide(reviewer, &number, approve, None)
            .await
            .unwrap();
        assert_eq!(office.project(&number).await.state, State::Approved);
        office
            .step(&number, "notice", Status::Done, "2025-03-03")
            .await
            .unwrap();
        let stale = Acting {
            seen: Some(1),
            ..office.by(supervisor, "2025-03-04")
        };
        let refused = act::note(&house.store, stale, &number, "x", Vec::new()).await;
        assert_eq!(code(refused), "监督-1009");
        // After the approval only the second person withdraws.
        let acting = office.by(supervisor, "2025-03-05");
        let refused = act::withdraw(&house.store, acting, &number, Some("x")).await;
        assert_eq!(code(refused), "监督-1007");
        let acting = office.by(reviewer, "2025-03-05");
        let refused = act::withdraw(&house.store, acting, &number, None).await;
        assert_eq!(code(refused), "监督-1008");
        act::withdraw(&house.store, acting, &number, Some("并入年度审计"))
            .await
            .unwrap();
        let withdrawn = office.project(&number).await;
        assert_eq!(withdrawn.state, State::Withdrawn);
        assert_eq!(withdrawn.events.len(), 6, "everything stays");
        let refused = act::note(&house.store, acting, &number, "x", Vec::new()).await;
        assert_eq!(code(refused), "监督-1005");
        for report in verify(&house.store).await.unwrap() {
            assert_eq!(report.fault, None);
            assert!(report.length > 0, "{report:?}");
        }
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_plan_is_said_at_once_with_its_field() {
    let pack = Pack::embedded();
    let rules = RulePack::load(&pack);
    let house = House::new().await;
    let office = office(&house.store, &pack, &rules).await;
    let bad = Plan {
        year: 25,
        title: " ".into(),
        organisations: vec!["Z99".into()],
        period: "去年".into(),
        rules: vec!["Z-001".into()],
        basis: String::new(),
        // A company's person, and one alone.
        team: vec!["company-officer".into()],
        end: day("2025-03-01"),
        ..plan()
    };
    let Err(SupervisionError::Invalid(wrong)) = office.propose(bad).await else {
        panic!("taken");
    };
    let fields: Vec<&str> = wrong.iter().map(|w| w.field).collect();
    let expected = [
        "year", "title", "basis", "org", "period", "rules", "team", "team", "end", "start",
    ];
    assert_eq!(fields, expected);
    // Another's organisation is as unknown as none.
    let own = Actor::new(
        "street-supervisor",
        Role::StreetSupervisor,
        Some(["B01".to_owned()].into()),
    );
    let own = own.unwrap();
    let acting = office.by(&own, "2025-02-05");
    let refused = act::propose(&house.store, &office.known, acting, plan()).await;
    assert_eq!(code(refused), "监督-1003");
    let refused = act::note(&house.store, acting, "2025-001", "x", Vec::new()).await;
    assert_eq!(code(refused), "监督-1002");
}

#[tokio::test]
async fn steps_are_due_by_working_days_and_late_only_when_open() {
    let pack = Pack::embedded();
    let rules = RulePack::load(&pack);
    let house = House::new().await;
    let office = office(&house.store, &pack, &rules).await;
    let desk = Desk::load(&pack).unwrap();
    let number = office.propose(plan()).await.unwrap();
    let late = |project: &Project, today: &str| -> Vec<String> {
        let lines = checklist(&office.steps, &desk, project, day(today));
        let late = lines.into_iter().filter(|l| l.overdue);
        late.map(|l| l.step.code.clone()).collect()
    };
    let due = |project: &Project, step: &str| {
        let lines = checklist(&office.steps, &desk, project, day("2025-02-05"));
        lines.iter().find(|l| l.step.code == step).unwrap().due
    };
    let proposed = office.project(&number).await;
    assert!(
        late(&proposed, "2026-01-01").is_empty(),
        "not approved, not late"
    );
    let (reviewer, approve) = (&office.reviewer, Decision::Approve);
    office
        .decide(reviewer, &number, approve, None)
        .await
        .unwrap();
    let project = office.project(&number).await;
    // Monday 10 March: three working days before is Wednesday 5 March.
    assert_eq!(due(&project, "notice"), Some(day("2025-03-05")));
    assert_eq!(due(&project, "intake"), Some(day("2025-03-17")));
    // Ten working days after Friday 28 March, over the Qingming holiday on 4 April.
    assert_eq!(due(&project, "comment"), Some(day("2025-04-14")));
    assert_eq!(
        due(&project, "rectify"),
        None,
        "no report, no day to count from"
    );
    assert_eq!(late(&project, "2025-03-05"), Vec::<String>::new());
    assert_eq!(late(&project, "2025-03-06"), ["scheme", "notice"]);
    assert!(!project.notified(&office.steps));
    for (step, on) in [("notice", "2025-03-06"), ("report", "2025-04-30")] {
        let done = office.step(&number, step, Status::Done, on).await;
        done.unwrap();
    }
    let project = office.project(&number).await;
    assert!(project.notified(&office.steps));
    assert_eq!(late(&project, "2025-03-06"), ["scheme"]);
    assert!(due(&project, "rectify") > Some(day("2025-07-20")));
    // Settled steps are opened again before anything else is said of them.
    for (step, status) in [
        ("notice", Status::Doing),
        ("scheme", Status::Reopened),
        ("assignment", Status::Done),
    ] {
        let refused = office.step(&number, step, status, "2025-03-07").await;
        assert_eq!(code(refused), "监督-1003", "{step}");
    }
    let on = day("2025-03-08");
    let tomorrow = Progress {
        step: "scheme",
        status: Status::Done,
        on,
        text: "x",
        files: Vec::new(),
    };
    let acting = office.by(&office.supervisor, "2025-03-07");
    let refused = act::progress(&house.store, &office.steps, acting, &number, tomorrow).await;
    assert_eq!(code(refused), "监督-1003");
    let empty = Attachment {
        name: "方案.docx".into(),
        bytes: Vec::new(),
    };
    let with_empty = Progress {
        step: "scheme",
        status: Status::Done,
        on: day("2025-03-07"),
        text: "x",
        files: vec![empty],
    };
    let refused = act::progress(&house.store, &office.steps, acting, &number, with_empty).await;
    assert_eq!(code(refused), "监督-1006");
    for one in &office.steps.0 {
        let settled = ["assignment", "notice", "report"].contains(&one.code.as_str());
        if !settled {
            let done = office.step(&number, &one.code, Status::Done, "2025-09-01");
            done.await.unwrap();
        }
    }
    let project = office.project(&number).await;
    let lines = checklist(&office.steps, &desk, &project, day("2025-09-02"));
    assert!(finished(&project, &lines));
}

fn document(from: &str, note: &str) -> (Policy, Attachment) {
    let policy = Policy {
        title: "资金管理办法".into(),
        number: "〔2025〕1 号".into(),
        issuer: "街道办事处".into(),
        from: day(from),
        to: None,
        scope: "全部".into(),
        basis_for: vec!["F-009".into(), "F-003.cash_limit".into()],
        note: note.into(),
    };
    let file = Attachment {
        name: "办法.pdf".into(),
        bytes: format!("%PDF {note}").into_bytes(),
    };
    (policy, file)
}

#[tokio::test]
async fn a_later_version_stands_beside_the_earlier_one() {
    let rules = RulePack::load(&Pack::embedded());
    for files in stores().await {
        let house = House::on(files).await;
        let store = &house.store;
        let supervisor = street("street-all", Role::StreetSupervisor);
        let add = |replaces, taken| {
            policy::add(
                store,
                &rules,
                &supervisor,
                at("2025-02-01"),
                replaces,
                taken,
            )
        };
        // The house has one.
        let second = add(Some(1), document("2025-06-01", "第二版"))
            .await
            .unwrap();
        let third = add(Some(second), document("2025-07-01", "第三版"))
            .await
            .unwrap();
        let other = add(None, document("2025-01-01", "另一份")).await.unwrap();
        let all = policy::all(store.db()).await.unwrap();
        let latest = policy::latest(&all);
        let of = |id: i64| all.iter().find(|v| v.id == id).unwrap();
        let standing = |id: i64| {
            let version = of(id);
            version.standing(latest[&version.series], day("2025-06-15"))
        };
        assert_eq!((of(third).series, of(third).version), (1, 3));
        assert_eq!(standing(1), Standing::Replaced);
        assert_eq!(standing(third), Standing::NotYet);
        assert_eq!(standing(other), Standing::InForce);
        let kept = policy::bytes(store.db(), second).await.unwrap();
        assert_eq!(kept.unwrap(), "%PDF 第二版".as_bytes());
        let mut wrong = document("2025-01-01", "x");
        wrong.0.basis_for = vec!["F-009.nothing".into(), "Z-1".into()];
        wrong.0.to = Some(day("2024-01-01"));
        let Err(SupervisionError::Invalid(wrong)) = add(None, wrong).await else {
            panic!("taken");
        };
        let fields: Vec<&str> = wrong.iter().map(|w| w.field).collect();
        assert_eq!(fields, ["to", "basis_for", "basis_for"]);
        let reviewer = street("street-reviewer", Role::StreetReviewer);
        let taken = document("2025-01-01", "x");
        let refused = policy::add(store, &rules, &reviewer, at("2025-02-01"), None, taken).await;
        assert_eq!(code(refused), "监督-1007");
        assert_eq!(
            code(add(Some(99), document("2025-01-01", "x")).await),
            "监督-1002"
        );
    }
}

/// 监督-2001, 监督-2002, 监督-2003 and 监督-2004.
#[tokio::test]
async fn the_database_refuses_what_must_not_be() {
    for files in stores().await {
        let house = House::on(files).await;
        let store = &house.store;
        let mut fresh = plan();
        fresh.title = "待批准的项目".into();
        let rules = RulePack::load(&Pack::embedded());
        let office = office(store, &Pack::embedded(), &rules).await;
        let number = office.propose(fresh).await.unwrap();
        let last = "(SELECT MAX(position) FROM plan_event)";
        // A record after the last one of a project, with what is to be tried.
        let next = |project: &str, event: &str, by: &str, reason: &str, seq: &str| {
            format!(
                "INSERT INTO plan_event (position, format, project, seq, event, at, by_whom, role, reason, payload, attachments, previous_hash, hash) \
                 SELECT position + 1, 1, '{project}', {seq}, '{event}', at, '{by}', 'street_reviewer', {reason}, '{{}}', 0, hash, hash \
                 FROM plan_event WHERE position = {last}"
            )
        };
        let attachment = format!(
            "INSERT INTO plan_attachment SELECT {last}, 1, name, size, sha256, bytes FROM plan_attachment WHERE position = 3"
        );
        let late = "INSERT INTO plan_attachment SELECT position, 2, name, size, sha256, bytes FROM plan_attachment WHERE position = 3".to_owned();
        let refusals = [
            ("UPDATE plan_event SET reason = 'x'".to_owned(), "监督-2001"),
            ("UPDATE plan_attachment SET name = 'x'".to_owned(), "监督-2001"),
            ("UPDATE policy_document SET title = 'x'".to_owned(), "监督-2001"),
            ("DELETE FROM plan_attachment".to_owned(), "监督-2002"),
            ("DELETE FROM plan_event".to_owned(), "监督-2002"),
            ("DELETE FROM policy_document".to_owned(), "监督-2002"),
            (late, "监督-2003"),
            (attachment, "监督-2003"),
            // A number left out, a step before the approval, an approval of nothing proposed.
            (next(&number, "noted", "乙", "NULL", "3"), "监督-2003"),
            (next(&number, "step", "乙", "NULL", "2"), "监督-2003"),
            (next("2025-001", "approved", "乙", "NULL", "4"), "监督-2003"),
            (next(&number, "approved", "street-all", "NULL", "2"), "监督-2004"),
            (next(&number, "returned", "street-all", "'x'", "2"), "监督-2004"),
            (next(&number, "returned", "乙", "NULL", "2"), ""),
            (next("2025-009", "approved", "乙", "NULL", "1"), "监督-2003"),
            (next("2025-009", "noted", "乙", "NULL", "1"), ""),
            (
                "INSERT INTO policy_document SELECT id + 1, format, series, 3, title, number, issuer, effective_from, effective_to, scope, basis_for, \
                 note, file_name, size, sha256, bytes, at, by_whom, hash, hash FROM policy_document".to_owned(),
                "监督-2003",
            ),
        ];
        for (sql, code) in refusals {
            let error = store.db().execute_unprepared(&sql).await;
            let error = StoreError::from(error.expect_err(&sql)).to_string();
            match code {
                "" => assert!(error.to_lowercase().contains("check"), "{sql}: {error}"),
                code => assert!(error.starts_with(code), "{sql}: {error}"),
            }
        }
        // The same that a second person writes is taken.
        let lawful = next(&number, "approved", "乙", "NULL", "2");
        let transaction = store.begin().await.unwrap();
        transaction.execute_unprepared(&lawful).await.unwrap();
        transaction.rollback().await.unwrap();
        let reviewer = &office.reviewer;
        office
            .decide(reviewer, &number, Decision::Approve, None)
            .await
            .unwrap();
        let acting = office.by(reviewer, "2025-03-01");
        act::withdraw(store, acting, &number, Some("不做了"))
            .await
            .unwrap();
        let sql = next(&number, "noted", "乙", "NULL", "4");
        let error = StoreError::from(store.db().execute_unprepared(&sql).await.unwrap_err());
        assert!(error.to_string().starts_with("监督-2003"), "{error}");
    }
}

#[tokio::test]
async fn every_column_changed_by_hand_is_found() {
    for files in stores().await {
        let url = files.url.clone();
        let house = House::on(files).await;
        let store = &house.store;
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1);
        let raw = sea_orm::Database::connect(options).await.unwrap();
        crate::ledger::disable_guards(&raw, store.is_sqlite()).await;
        let tables = [
            ("plan_event", "position = 3"),
            ("plan_attachment", "position = 3"),
            ("policy_document", "id = 1"),
        ];
        let mut tried = 0;
        for (table, row) in tables {
            for (column, kind) in columns(&raw, table, store.is_sqlite()).await {
                let change = otherwise(&column, &kind, store.is_sqlite());
                for sql in [
                    format!("CREATE TABLE kept AS SELECT * FROM {table}"),
                    format!("UPDATE {table} SET {column} = {change} WHERE {row}"),
                ] {
                    let done = raw.execute_unprepared(&sql).await;
                    done.unwrap_or_else(|e| panic!("{table}.{column}: {e}"));
                }
                let faults = verify(store).await.unwrap();
                let found = faults.iter().filter(|r| r.fault.is_some()).count();
                assert_eq!(found, 1, "{table}.{column}: {faults:?}");
                for sql in [
                    format!("DELETE FROM {table}"),
                    format!("INSERT INTO {table} SELECT * FROM kept"),
                    "DROP TABLE kept".to_owned(),
                ] {
                    let done = raw.execute_unprepared(&sql).await;
                    done.unwrap_or_else(|e| panic!("{table}.{column}: {e}"));
                }
                tried += 1;
            }
        }
        assert!(tried > 35, "{tried}");
        let sound = verify(store).await.unwrap();
        assert!(sound.iter().all(|r| r.fault.is_none()), "{sound:?}");
    }
}

#[test]
fn the_page_of_the_plan_lists_the_steps_of_the_pack() {
    let pack = Pack::embedded();
    let steps = Steps::load(&pack, &RulePack::load(&pack).laws).unwrap();
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan.md");
    let page = std::fs::read_to_string(page).unwrap();
    for step in &steps.0 {
        let row = format!("| {} | {} | {} |", step.number, step.title, step.document);
        let line = page.lines().find(|l| l.starts_with(&row));
        let line = line.unwrap_or_else(|| panic!("{row}"));
        assert_eq!(line.ends_with("| 是 |"), step.shown, "{line}");
    }
}

/// What a damaged store is told of: 监督-1010.
#[tokio::test]
async fn a_record_out_of_shape_is_named() {
    let files = crate::support::sqlite().await;
    let url = files.url.clone();
    let house = House::on(files).await;
    let store = &house.store;
    let raw = sea_orm::Database::connect(url).await.unwrap();
    crate::ledger::disable_guards(&raw, true).await;
    raw.execute_unprepared("UPDATE plan_event SET payload = 'x' WHERE position = 2")
        .await
        .unwrap();
    let refused = Project::find(store.db(), "2025-001").await;
    assert_eq!(
        refused.unwrap_err().to_string().split(' ').next(),
        Some("监督-1010")
    );
    let internal = SupervisionError::Internal("x".into()).to_string();
    assert!(internal.starts_with("监督-1019 "));
}
