//! Programs at the API: tokens, requests sent twice, answers that did not change, and the way of an item.

use axum::http::{StatusCode, header};
use chrono::TimeDelta;
use sanzi::access::token::{self, Wish};
use sanzi::audit::outcome::FindingKind;
use sanzi::model::Role;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::support::{now, stores};
use crate::workspace::{Answer, House, finding, login_of};

/// `Authorization` of a fresh token.
async fn bearer(house: &House, login: &str, may_write: bool) -> String {
    let wish = Wish {
        label: "每晚取清单",
        may_write,
        days: 30,
    };
    let clock = chrono::Local::now().naive_local();
    let token = token::make(&house.store, login, wish, clock).await.unwrap();
    format!("Bearer {token}")
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

fn doing(what: &str, seen: &Value, fields: &Value) -> String {
    serde_json::json!({ "what": what, "seen": seen, "fields": fields }).to_string()
}

#[tokio::test]
async fn a_token_opens_the_api_and_nothing_else() {
    for files in stores().await {
        let house = House::on(files).await;
        let read = bearer(&house, &login_of(Role::StreetSupervisor), false).await;
        let with = [("authorization", read.as_str())];
        let items = json(&house.get_with("/api/v1/items", &with).await);
        assert!(items["total"].as_i64() > Some(0));
        let all = items["items"].as_array().unwrap();
        assert!(
            all.iter().all(|i| i["organisation"] == "A01"),
            "own organisations only: {all:?}"
        );
        let page = house.get_with("/items", &with).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "pages take no token");
        let wrong = house
            .get_with("/api/v1/items", &[("authorization", "Bearer sanzi_x")])
            .await;
        assert_eq!(wrong.code(), "网页-1001");
        let other = house
            .get_with(
                &format!(
                    "/api/v1/items/{}",
                    finding("B01", FindingKind::Violation).number
                ),
                &with,
            )
            .await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        let number = finding("A01", FindingKind::Violation).number;
        let path = format!("/api/v1/items/{number}/record");
        let refused = house.post_json(&path, None, &with, "{}").await;
        assert_eq!(refused.code(), "网页-1013");
    }
}

#[tokio::test]
async fn a_token_ends_with_its_time_its_owner_and_when_it_is_taken_back() {
    for files in stores().await {
        let house = House::on(files).await;
        let login = login_of(Role::ReadOnly);
        let wish = Wish {
            label: "x",
            may_write: false,
            days: 1,
        };
        let made = token::make(&house.store, &login, wish, now())
            .await
            .unwrap();
        let holds = async |at| {
            token::find(&house.store, &made, at)
                .await
                .unwrap()
                .is_some()
        };
        assert!(holds(now()).await && holds(now() + TimeDelta::hours(23)).await);
        assert!(!holds(now() + TimeDelta::days(1)).await);
        let id = token::list(&house.store, &login).await.unwrap()[0].id;
        token::revoke(&house.store, "somebody", id, now())
            .await
            .unwrap();
        assert!(holds(now()).await, "not theirs");
        let db = house.store.db();
        let sql = format!("UPDATE app_user SET disabled = 1 WHERE login = '{login}'");
        db.execute_unprepared(&sql).await.unwrap();
        assert!(!holds(now()).await, "the owner may not log in");
        db.execute_unprepared(&sql.replace("= 1", "= 0"))
            .await
            .unwrap();
        token::revoke(&house.store, &login, id, now())
            .await
            .unwrap();
        assert!(!holds(now()).await);
        for sql in [
            "UPDATE api_token SET revoked_at = NULL",
            "UPDATE api_token SET may_write = 1",
            "DELETE FROM api_token",
        ] {
            assert!(db.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        let kept = token::list(&house.store, &login).await.unwrap();
        assert!(kept[0].revoked_at.is_some() && !kept[0].may_write);
    }
}

#[tokio::test]
async fn the_page_shows_a_token_once_and_takes_it_back() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::Inspector)).await;
    let fields = format!("csrf={}&label=x&days=7&may_write=no", client.csrf);
    let made = house.post("/tokens", Some(&client), &fields).await;
    let token = regex::Regex::new("sanzi_[0-9a-f]{64}").unwrap();
    let token = token.find(&made.text).unwrap().as_str().to_owned();
    let with = [("authorization", &*format!("bearer {token}"))];
    json(&house.get_with("/api/v1/items", &with).await);
    let later = house.get("/tokens", Some(&client)).await;
    assert!(!later.text.contains(&token) && later.text.contains("/tokens/1/revoke"));
    house
        .post(
            "/tokens/1/revoke",
            Some(&client),
            &format!("csrf={}", client.csrf),
        )
        .await;
    assert_eq!(
        house.get_with("/api/v1/items", &with).await.code(),
        "网页-1001"
    );
    let admin = house.log_in(&login_of(Role::Administrator)).await;
    let log = house.get("/settings/log", Some(&admin)).await;
    assert!(log.text.contains("新建接口令牌") && log.text.contains("收回接口令牌"));
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let house = House::new().await;
    let given = bearer(&house, "street-all", true).await;
    let with = ("authorization", given.as_str());
    let first = house.get_with("/api/v1/items", &[with]).await;
    let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
    let again = house
        .get_with("/api/v1/items", &[with, ("if-none-match", &tag)])
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.text.is_empty() && again.headers[header::ETAG] == *tag);
    let number = finding("A01", FindingKind::Violation).number;
    let seen = json(
        &house
            .get_with(&format!("/api/v1/items/{number}"), &[with])
            .await,
    )["seen"]
        .clone();
    let body = doing("noted", &seen, &serde_json::json!({ "text": "已电话核对" }));
    json(
        &house
            .post_json(
                &format!("/api/v1/items/{number}/record"),
                None,
                &[with],
                &body,
            )
            .await,
    );
    let changed = house
        .get_with("/api/v1/items", &[with, ("if-none-match", &tag)])
        .await;
    assert_eq!(changed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_sent_twice_is_done_once() {
    for files in stores().await {
        let house = House::on(files).await;
        let given = bearer(&house, "street-all", true).await;
        let number = finding("A01", FindingKind::Violation).number;
        let (item, record) = (
            format!("/api/v1/items/{number}"),
            format!("/api/v1/items/{number}/record"),
        );
        let with = ("authorization", given.as_str());
        let key = ("idempotency-key", "k-1");
        let seen = json(&house.get_with(&item, &[with]).await)["seen"].clone();
        let body = doing("noted", &seen, &serde_json::json!({ "text": "一" }));
        let first = json(&house.post_json(&record, None, &[with, key], &body).await);
        let second = json(&house.post_json(&record, None, &[with, key], &body).await);
        assert_eq!(first, second);
        let after = json(&house.get_with(&item, &[with]).await);
        assert_eq!(after["seen"].as_i64().unwrap(), seen.as_i64().unwrap() + 1);
        // The same without a key is another request, and what was seen is no longer the last.
        let without = house.post_json(&record, None, &[with], &body).await;
        assert_eq!(without.status, StatusCode::CONFLICT);
        let other = doing(
            "noted",
            &after["seen"],
            &serde_json::json!({ "text": "二" }),
        );
        let refused = house.post_json(&record, None, &[with, key], &other).await;
        assert_eq!(
            (refused.status, &*refused.code()),
            (StatusCode::CONFLICT, "网页-1014")
        );
        // A refusal is no answer to keep: put right, the request may come again under its key.
        let key = ("idempotency-key", "k-2");
        let stale = house.post_json(&record, None, &[with, key], &body).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        json(&house.post_json(&record, None, &[with, key], &other).await);
    }
}

#[tokio::test]
async fn an_item_says_what_may_be_done_and_the_step_is_taken() {
    let house = House::new().await;
    let given = bearer(&house, "street-all", true).await;
    let with = [("authorization", given.as_str())];
    let number = finding("A01", FindingKind::Violation).number;
    let item = json(
        &house
            .get_with(&format!("/api/v1/items/{number}"), &with)
            .await,
    );
    assert_eq!(item["state"], "comment");
    assert!(
        item["message"].as_str().unwrap().ends_with("***1234"),
        "masked: {}",
        item["message"]
    );
    let papers = item["history"].as_array().unwrap().iter();
    assert!(
        papers
            .flat_map(|e| e["attachments"].as_array().unwrap())
            .any(|p| p["name"] == "取证单.pdf")
    );
    let back = item["actions"].as_array().unwrap();
    let back = back.iter().find(|a| a["act"] == "step").unwrap();
    let body = serde_json::json!({
        "what": back["what"], "seen": item["seen"], "fields": { "reason": "证据不足,退回补充", "due": "2026-12-31" },
        "files": [{ "name": "说明.txt", "content": "6K+05piO" }],
    });
    let path = format!("/api/v1/items/{number}/step");
    let done = json(&house.post_json(&path, None, &with, &body.to_string()).await);
    assert_eq!(done["state"], back["what"]);
    let mut broken = body;
    broken["files"][0]["content"] = "%%".into();
    let refused = house
        .post_json(&path, None, &with, &broken.to_string())
        .await;
    assert!(
        refused.code() == "网页-1007" && refused.text.contains("base64"),
        "{}",
        refused.text
    );
    let refused = house.post_json(&path, None, &with, "{\"what\":").await;
    assert!(
        refused.code() == "网页-1007" && refused.text.contains("第 1 行"),
        "{}",
        refused.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_starts_a_run_and_waits_for_it() {
    let house = House::new().await;
    let write = bearer(&house, "street-all", true).await;
    let with = [
        ("authorization", write.as_str()),
        ("idempotency-key", "run-1"),
    ];
    let body = r#"{"rules":["l-001"]}"#;
    let begun = house.post_json("/api/v1/runs", None, &with, body).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    let again = house.post_json("/api/v1/runs", None, &with, body).await;
    assert_eq!(again.text, begun.text, "begun once");
    let job: Value = serde_json::from_str(&begun.text).unwrap();
    let path = format!("/api/v1/jobs/{}", job["id"]);
    for _ in 0..600 {
        let seen = json(&house.get_with(&path, &with[..1]).await);
        if seen["state"] == "done" {
            assert_eq!(seen["run"], 3, "{seen}");
            let other = bearer(&house, &login_of(Role::RuleManager), true).await;
            let other = [("authorization", other.as_str())];
            assert_eq!(
                house.get_with(&path, &other).await.code(),
                "网页-1003",
                "whose it is not"
            );
            return;
        }
        assert_eq!(seen["state"], "running", "{seen}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no end in a minute");
}

#[tokio::test]
async fn what_cannot_be_run_is_refused() {
    let house = House::new().await;
    let write = bearer(&house, &login_of(Role::StreetSupervisor), true).await;
    let with = [("authorization", write.as_str())];
    for (body, code) in [
        ("{", "网页-1007"),
        (r#"{"rule":["C-001"]}"#, "网页-1007"),
        (r#"{"rules":["X-999"]}"#, "网页-1007"),
        (r#"{"as_of":"去年"}"#, "网页-1007"),
        (r#"{"organisations":["B01"]}"#, "网页-1003"),
    ] {
        let refused = house.post_json("/api/v1/runs", None, &with, body).await;
        assert_eq!(refused.code(), code, "{body}: {}", refused.text);
    }
}

#[tokio::test]
async fn registers_are_given_as_pages_show_them() {
    let house = House::new().await;
    let read = bearer(&house, &login_of(Role::StreetSupervisor), false).await;
    let with = [("authorization", read.as_str())];
    let path = "/api/v1/organisations/A01/registers/contracts";
    let register = json(&house.get_with(path, &with).await);
    assert_eq!(register["total"], 1, "{register}");
    let row = &register["items"][0];
    assert_eq!(row["cells"]["contract_no"], "HT-1");
    assert_eq!(row["cells"]["annual_rent"], "1200.00");
    assert_eq!(row["source_file"], "台账.csv");
    assert_eq!(register["columns"][0]["title"], "合同编号");
    for wrong in [
        "/api/v1/organisations/A01/registers/nothing",
        "/api/v1/organisations/B01/registers/contracts",
    ] {
        assert_eq!(house.get_with(wrong, &with).await.code(), "网页-1003");
    }
}

#[tokio::test]
async fn what_the_api_states_is_what_the_books_state() {
    let house = House::new().await;
    let token = bearer(&house, &login_of(Role::StreetSupervisor), false).await;
    let with = [("authorization", token.as_str())];
    let of = async |path: &str| json(&house.get_with(&format!("/api/v1/{path}"), &with).await);
    let balance = of("organisations/A01/trial-balance").await;
    let row = &balance["rows"][0];
    let code = row["account"].as_str().unwrap();
    let ledger = of(&format!("organisations/A01/accounts/{code}")).await;
    let fen = |v: &Value| v.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let net = fen(&row["closing_debit"]) - fen(&row["closing_credit"]);
    assert_eq!(fen(&ledger["closing"]), net, "{ledger}");
    assert_eq!(ledger["total"], ledger["items"].as_array().unwrap().len());
    let beyond = of(&format!("organisations/A01/accounts/{code}?page=9")).await;
    assert!(beyond["items"].as_array().unwrap().is_empty());
    let statements = of("organisations/A01/statements").await;
    let kinds: Vec<&str> = statements
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["balance-sheet", "income", "flows", "ageing"]);
    let overview = of("overview").await;
    let all: Vec<&str> = overview
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["organisation"].as_str().unwrap())
        .collect();
    assert_eq!(all, ["A01"], "own organisations only");
    let rules = of("rules").await;
    let first = &rules[0];
    assert_eq!(first["id"], "A-001", "{first}");
    assert!(first["laws"].is_array() && first["parameters"].is_array());
    for (path, status) in [
        ("organisations/B01/statements", StatusCode::NOT_FOUND),
        ("organisations/A01/accounts/0", StatusCode::NOT_FOUND),
        (
            "organisations/A01/statements?period=x",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("overview?to=x", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let refused = house.get_with(&format!("/api/v1/{path}"), &with).await;
        assert_eq!(refused.status, status, "{path}: {}", refused.text);
    }
}
