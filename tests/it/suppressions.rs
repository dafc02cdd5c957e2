//! Findings set aside, on each database, and in the reports.

use std::path::Path;

use chrono::NaiveDate;
use sanzi::audit::outcome::FindingKind;
use sanzi::audit::suppression::request::{Answer, Answering, Ask, answer, ask};
use sanzi::audit::suppression::{self, Request, Standing, SuppressionError, in_force};
use sanzi::model::Role;
use sanzi::pack::Pack;
use sanzi::review::absorb::absorb;
use sanzi::review::list::{self, Aside, Filter};
use sanzi::review::{Actor, Desk};
use sanzi::store::Store;
use sanzi::store::runs::{self, NewRun, StoredFinding};
use sanzi::store::suppressions::{self, Lift, Named};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::command_line::{sanzi, stderr};
use crate::support::{TestStore, now, stores};

fn finding(fingerprint: &str, number: &str, content: &str) -> StoredFinding {
    StoredFinding {
        fingerprint: fingerprint.to_owned(),
        content: content.to_owned(),
        number: number.to_owned(),
        rule: "C-001".to_owned(),
        rule_version: 1,
        organisation: "A01".to_owned(),
        kind: "red_flag".to_owned(),
        severity: "high".to_owned(),
        amount: Some(100),
        payload: "{}".to_owned(),
    }
}

async fn record(store: &Store, findings: &[StoredFinding]) {
    let run = NewRun {
        digest: "d",
        data_digest: "d",
        pack_digest: "p",
        as_of: now().date(),
        scope: "A01",
        finished_at: now(),
        outcome: "{}".to_owned(),
    };
    runs::save(store, run, findings).await.unwrap();
}

fn days_on(days: i64) -> NaiveDate {
    now().date() + chrono::Duration::days(days)
}

fn request(finding: &str) -> Request<'_> {
    Request {
        finding,
        reason: "已另案处理",
        document: "街道〔2025〕3号",
        until: days_on(30),
        by: "张甲",
        approved_by: "李乙",
        at: now(),
    }
}

/// The code that a refusal begins with.
async fn refused(store: &Store, request: Request<'_>) -> String {
    let error = suppression::add(store, &request).await.unwrap_err();
    error.to_string().split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn two_persons_a_document_and_a_day_are_asked_for() {
    for TestStore { store, .. } in &stores().await {
        let twice = [finding("f2", "C-001-b", "c"), finding("f3", "C-001-b", "c")];
        record(
            store,
            &[&[finding("f1", "C-001-a", "c")], twice.as_slice()].concat(),
        )
        .await;
        let good = request("C-001-a");
        assert_eq!(
            refused(
                store,
                Request {
                    approved_by: " 张甲 ",
                    ..good
                }
            )
            .await,
            "压制-1002"
        );
        assert_eq!(
            refused(
                store,
                Request {
                    document: " ",
                    ..good
                }
            )
            .await,
            "压制-1002"
        );
        assert_eq!(
            refused(
                store,
                Request {
                    until: now().date(),
                    ..good
                }
            )
            .await,
            "压制-1003"
        );
        assert_eq!(refused(store, request("C-001-x")).await, "压制-1001");
        assert_eq!(refused(store, request("C-001-b")).await, "压制-1004");
        assert!(suppressions::all(store.db()).await.unwrap().is_empty());
        let done = suppression::add(store, &good).await.unwrap();
        assert_eq!(done.finding.fingerprint, "f1");
        assert_eq!(suppressions::all(store.db()).await.unwrap(), [done]);
        assert_eq!(refused(store, request("f1")).await, "压制-1005");
        suppression::add(store, &request("f3")).await.unwrap();
    }
}

#[tokio::test]
async fn it_ends_by_its_day_by_lifting_or_by_other_content() {
    for TestStore { store, .. } in &stores().await {
        record(store, &[finding("f1", "C-001-a", "c")]).await;
        let id = suppression::add(store, &request("f1")).await.unwrap().id;
        let active = async |day| in_force(store, day).await.unwrap().len();
        assert_eq!(active(days_on(30)).await, 1);
        assert_eq!(active(days_on(31)).await, 0);
        let standing = async || {
            let all = suppressions::all(store.db()).await.unwrap();
            Standing::of(&all[0], now().date())
        };
        assert_eq!(standing().await, Standing::Holds);
        record(store, &[finding("f1", "C-001-a", "other")]).await;
        assert_eq!(standing().await, Standing::Outdated);
        let lift = Lift {
            at: now(),
            by: "王丙".to_owned(),
            reason: "误压".to_owned(),
        };
        let unsigned = Lift {
            reason: " ".to_owned(),
            ..lift.clone()
        };
        let error = suppression::lift(store, id, unsigned).await.unwrap_err();
        assert!(matches!(error, SuppressionError::LiftUnsigned));
        suppression::lift(store, id, lift.clone()).await.unwrap();
        assert_eq!(standing().await, Standing::Lifted);
        assert_eq!(active(days_on(1)).await, 0);
        let error = suppression::lift(store, id, lift).await.unwrap_err();
        assert!(matches!(error, SuppressionError::NotStanding(_)), "{error}");
        suppression::add(store, &request("f1")).await.unwrap();
    }
}

#[tokio::test]
async fn the_database_asks_for_the_same_and_keeps_everything() {
    for TestStore { store, .. } in &stores().await {
        record(store, &[finding("f1", "C-001-a", "c")]).await;
        let id = suppression::add(store, &request("f1")).await.unwrap().id;
        let lift = Lift {
            at: now(),
            by: "王丙".to_owned(),
            reason: "误压".to_owned(),
        };
        suppression::lift(store, id, lift).await.unwrap();
        let insert = |reason: &str, until: &str, approved_by: &str| {
            format!(
                "INSERT INTO suppression (fingerprint, content, number, organisation, reason, document, valid_until, at, by_whom, approved_by) \
                 VALUES ('f', 'c', 'n', 'A01', '{reason}', 'd', {until}, '2025-01-02 10:00:00', 'x', '{approved_by}')"
            )
        };
        let run = async |sql: String| store.db().execute_unprepared(&sql).await;
        run(insert("r", "'2025-01-03'", "y")).await.unwrap();
        for sql in [
            insert("r", "'2025-01-03'", "x"),
            insert("r", "'2025-01-03'", " x "),
            insert(" ", "'2025-01-03'", "y"),
            insert("r", "'2025-01-02'", "y"),
            insert("r", "NULL", "y"),
            "UPDATE suppression SET valid_until = '2099-01-01'".to_owned(),
            "DELETE FROM suppression".to_owned(),
            "UPDATE suppression_lift SET reason = 'x'".to_owned(),
            "DELETE FROM suppression_lift".to_owned(),
        ] {
            assert!(run(sql.clone()).await.is_err(), "{sql}");
        }
    }
}

async fn named(store: &Store, number: &str) -> Named {
    let found = suppressions::findings(store.db(), number).await.unwrap();
    found.into_iter().next().unwrap()
}

fn answering(answer: Answer, by: &'static str, reason: &'static str) -> Answering<'static> {
    Answering {
        answer,
        by,
        at: now(),
        reason,
    }
}

fn code(error: &SuppressionError) -> String {
    error.to_string().split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn one_person_asks_and_another_answers() {
    for TestStore { store, .. } in &stores().await {
        record(store, &[finding("f1", "C-001-a", "c")]).await;
        let finding_now = named(store, "C-001-a").await;
        let good = Ask {
            finding: &finding_now,
            reason: "已另案处理",
            document: "街道〔2025〕3号",
            until: days_on(30),
            by: "zhang",
            at: now(),
        };
        let refused = async |wish: Ask<'_>| code(&ask(store, &wish).await.unwrap_err());
        assert_eq!(
            refused(Ask {
                reason: " ",
                ..good
            })
            .await,
            "压制-1008"
        );
        let today = now().date();
        assert_eq!(
            refused(Ask {
                until: today,
                ..good
            })
            .await,
            "压制-1003"
        );
        let id = ask(store, &good).await.unwrap();
        assert_eq!(refused(good).await, "压制-1009");
        let no = async |id, said| code(&answer(store, id, &said).await.unwrap_err());
        use Answer::{Approve, Refuse, Withdraw};
        assert_eq!(no(id, answering(Approve, " zhang ", "")).await, "压制-1011");
        assert_eq!(no(id, answering(Withdraw, "li", "错了")).await, "压制-1011");
        assert_eq!(no(id, answering(Refuse, "li", " ")).await, "压制-1012");
        assert!(suppressions::all(store.db()).await.unwrap().is_empty());
        answer(store, id, &answering(Refuse, "li", "依据不足"))
            .await
            .unwrap();
        assert_eq!(no(id, answering(Approve, "li", "")).await, "压制-1010");
        // Consent is to what was read.
        let id = ask(store, &good).await.unwrap();
        record(store, &[finding("f1", "C-001-a", "other")]).await;
        assert_eq!(no(id, answering(Approve, "li", "")).await, "压制-1013");
        answer(store, id, &answering(Withdraw, "zhang", "内容变了"))
            .await
            .unwrap();
        let finding_now = named(store, "C-001-a").await;
        let again = Ask {
            finding: &finding_now,
            ..good
        };
        let id = ask(store, &again).await.unwrap();
        let done = answer(store, id, &answering(Approve, "li", ""))
            .await
            .unwrap();
        let all = suppressions::all(store.db()).await.unwrap();
        assert_eq!(
            done.answered.unwrap().suppression,
            Some(all.last().unwrap().id)
        );
        let last = all.last().unwrap();
        assert_eq!(
            (last.by.as_str(), last.approved_by.as_str()),
            ("zhang", "li")
        );
        assert_eq!(refused(again).await, "压制-1005");
        for sql in [
            "UPDATE suppression_request SET reason = 'x'",
            "DELETE FROM suppression_answer",
            "INSERT INTO suppression_answer (request_id, answer, at, by_whom) VALUES (99, 'approved', '2025-01-01 10:00:00', 'x')",
        ] {
            assert!(store.db().execute_unprepared(sql).await.is_err(), "{sql}");
        }
    }
}

#[tokio::test]
async fn an_item_set_aside_is_nobodys_work_until_it_comes_back() {
    for TestStore { store, .. } in &stores().await {
        let desk = Desk::load(&Pack::embedded()).unwrap();
        let actor = Actor::new("street", Role::StreetSupervisor, None).unwrap();
        crate::workspace::run(store, "A01").await;
        absorb(store, &desk, now()).await.unwrap();
        let quality = crate::workspace::finding("A01", FindingKind::DataQuality);
        let counted = async |aside, days| {
            let filter = Filter {
                aside,
                today: days_on(days),
                ..Filter::default()
            };
            let counts = list::count(store.db(), &desk, &actor, &filter)
                .await
                .unwrap();
            let lines = list::list(store.db(), &desk, &actor, &filter)
                .await
                .unwrap();
            let total: i64 = counts.iter().map(|(_, n)| n).sum();
            assert_eq!(total, lines.len() as i64);
            lines.len()
        };
        assert_eq!(counted(Aside::Without, 0).await, 2);
        suppression::add(store, &request(&quality.fingerprint))
            .await
            .unwrap();
        assert_eq!(counted(Aside::Without, 0).await, 1);
        assert_eq!(counted(Aside::Only, 0).await, 1);
        assert_eq!(counted(Aside::With, 0).await, 2);
        // The next run finds it as before, set aside: nothing happened to the item.
        let ones = |set_aside: bool| {
            let stored = |kind| {
                let found = crate::workspace::finding("A01", kind);
                let mut payload = serde_json::to_value(&found).unwrap();
                if set_aside {
                    payload["suppression"] = serde_json::json!({ "id": 1 });
                }
                StoredFinding {
                    organisation: "A01".into(),
                    kind: kind.code().into(),
                    payload: payload.to_string(),
                    ..finding(&found.fingerprint, &found.number, &found.content)
                }
            };
            [
                stored(FindingKind::Violation),
                stored(FindingKind::DataQuality),
            ]
        };
        let outcome = || {
            serde_json::json!({
                "organisations": [{ "code": "A01" }], "rules": [{ "id": "C-001" }], "not_run": [], "failed": [],
            })
            .to_string()
        };
        let new = |digest| NewRun {
            digest,
            data_digest: digest,
            pack_digest: "p",
            as_of: now().date(),
            scope: "A01",
            finished_at: now(),
            outcome: outcome(),
        };
        runs::save(store, new("second"), &ones(true)).await.unwrap();
        let absorbed = absorb(store, &desk, now()).await.unwrap();
        let touched = absorbed.appeared + absorbed.changed + absorbed.gone + absorbed.returned;
        assert_eq!((absorbed.runs, touched), (1, 0));
        assert_eq!(counted(Aside::Without, 0).await, 1);
        // The last day, and the day after.
        assert_eq!(counted(Aside::Without, 30).await, 1);
        assert_eq!(counted(Aside::Without, 31).await, 2);
        // It says something else.
        let mut changed = ones(false);
        changed[1].content = "other".into();
        runs::save(store, new("third"), &changed).await.unwrap();
        absorb(store, &desk, now()).await.unwrap();
        assert_eq!(counted(Aside::Without, 0).await, 2);
        assert_eq!(counted(Aside::Only, 0).await, 0);
    }
}

fn done(folder: &Path, args: &[&str]) {
    let output = sanzi(folder, args);
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
}

fn report(folder: &Path) -> Value {
    let rules = ["--rule", "C-001", "--rule", "F-003"];
    done(
        folder,
        &[["audit", "sqlite://x.db", "--out", "a"].as_slice(), &rules].concat(),
    );
    let text = std::fs::read_to_string(folder.join("a/findings.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers(list: &Value, of: impl Fn(&Value) -> &Value) -> Vec<String> {
    let all = list.as_array().unwrap().iter();
    all.map(|f| of(f)["number"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_finding_set_aside_is_listed_by_itself_until_it_is_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    done(
        at,
        &["import", &street, "--db", "sqlite://x.db", "--quarantine"],
    );
    let first = report(at);
    let number = first["findings"][0]["number"].as_str().unwrap().to_owned();
    let tomorrow = chrono::Local::now().date_naive() + chrono::Duration::days(2);
    let db = ["--db", "sqlite://x.db", "--by", "张甲"];
    let add = [
        "suppress",
        "add",
        &number,
        "--reason",
        "已另案处理",
        "--document",
        "街道〔2025〕3号",
        "--until",
        &tomorrow.to_string(),
        "--approved-by",
        "李乙",
    ];
    done(at, &[add.as_slice(), &db].concat());

    let second = report(at);
    assert_eq!(
        numbers(&second["suppressed"], |s| &s["finding"]),
        [number.as_str()]
    );
    assert_eq!(second["suppressed"][0]["approved_by"], "李乙");
    let listed = numbers(&second["findings"], |f| f);
    assert_eq!(
        listed.len() + 1,
        first["findings"].as_array().unwrap().len()
    );
    assert!(!listed.contains(&number));
    let total = |report: &Value| {
        report["summary"]["total"]["amount"]["fen"]
            .as_i64()
            .unwrap()
    };
    let amount = first["findings"][0]["amount"]["fen"].as_i64().unwrap_or(0);
    assert_eq!(total(&second), total(&first) - amount);
    assert_ne!(second["run"]["digest"], first["run"]["digest"]);
    assert_eq!(
        second["comparison"]["counts"]["gone"], 0,
        "set aside is not gone"
    );

    let lift = ["suppress", "lift", "1", "--reason", "误压"];
    done(at, &[lift.as_slice(), &db].concat());
    let third = report(at);
    assert_eq!(third["findings"], first["findings"]);
    assert_eq!(third["suppressed"], Value::Array(vec![]));
    assert_eq!(
        third["comparison"]["counts"]["new"], 0,
        "it was recorded all along"
    );
}
