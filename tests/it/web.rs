//! The workspace over HTTP: what comes back, and what is kept.

use std::time::Duration;

use axum::http::{StatusCode, header};
use sanzi::access::log;
use sanzi::model::Role;
use sanzi::web::openapi_document;
use sanzi::web::permissions::{Who, rules};

use crate::hand_in::fixture;
use crate::support::stores;
use crate::workspace::{Client, House, PASSWORD, encoded, login_of};

/// Pages of the street, without parts that lead elsewhere.
const PAGES: &[&str] = &[
    "/overview",
    "/map",
    "/audit/digits/A01",
    "/handin",
    "/handin/batches/1",
    "/books",
    "/books/A01/vouchers",
    "/books/A01/vouchers/2024-01-记-0001",
    "/books/A01/accounts",
    "/books/A01/accounts/1001",
    "/books/A01/statements",
    "/registers/contracts",
    "/registers/contracts/A01/HT-1",
    "/registers/inventory",
    "/registers/holdings",
    "/audit",
    "/audit/runs/1",
    "/audit/rules",
    "/audit/rules/T-009",
    "/audit/rules/F-002/try?param=threshold&values=1000..2000/1000",
    "/audit/parameters",
    "/audit/parameters/T-009/approval_gate",
    "/items",
    "/items/C-001-A019",
    "/rectification",
    "/password",
];

#[tokio::test]
async fn every_answer_carries_the_headers_and_no_page_has_anything_inline() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    let inline =
        regex::Regex::new(r#"<script(?: [^>]*)?>[^<]|<style| style="| on[a-z]+=|https?://"#)
            .unwrap();
    for path in PAGES
        .iter()
        .chain(&["/nowhere", "/static/style.css", "/login"])
    {
        let answer = house.get(path, Some(&client)).await;
        let header = |name: &str| {
            let value = answer
                .headers
                .get(name)
                .map(|v| v.to_str().unwrap().to_owned());
            value.unwrap_or_default()
        };
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        if PAGES.contains(path) {
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
            assert_eq!(header("cache-control"), "no-store", "{path}");
            let found = inline.find(&answer.text).map(|m| m.as_str());
            assert_eq!(found, None, "{path}");
            assert!(answer.text.contains("lang=\"zh-CN\""), "{path}");
        }
    }
}

#[tokio::test]
async fn a_session_ends_with_logging_out_and_with_a_new_password() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    let csrf = format!("csrf={}", client.csrf);
    let out = house.post("/logout", Some(&client), &csrf).await;
    assert_eq!(out.location(), "/login");
    let after = house.get("/books", Some(&client)).await;
    assert_eq!(after.location(), "/login?next=%2Fbooks");
    let client = house.log_in("street-all").await;
    let new = encoded("另一句很长的口令");
    let fields = |again: &str| {
        format!(
            "csrf={}&old={}&new={new}&again={again}",
            client.csrf,
            encoded(PASSWORD)
        )
    };
    let refused = house.post("/password", Some(&client), &fields("x")).await;
    assert_eq!(refused.code(), "访问-1003");
    let short = house.post("/password", Some(&client), &fields(&new)).await;
    assert_eq!(short.code(), "访问-1003", "eight characters");
    let new = encoded("另一句很长很长的口令");
    let fields = format!(
        "csrf={}&old={}&new={new}&again={new}",
        client.csrf,
        encoded(PASSWORD)
    );
    let changed = house.post("/password", Some(&client), &fields).await;
    assert_eq!(changed.location(), "/login", "{}", changed.text);
    let after = house.get("/books", Some(&client)).await;
    assert_eq!(after.status, StatusCode::SEE_OTHER);
    assert_eq!(
        house.try_in("street-all", PASSWORD).await.code(),
        "访问-1001"
    );
}

#[tokio::test]
async fn who_was_given_a_password_changes_it_first() {
    let house = House::new().await;
    let admin = house.log_in(&login_of(Role::Administrator)).await;
    let fields = format!(
        "csrf={}&login=new1&name={}&role=read_only&organisations=A01&password={}",
        admin.csrf,
        encoded("新人"),
        encoded(PASSWORD)
    );
    let made = house.post("/settings/users", Some(&admin), &fields).await;
    assert_eq!(made.location(), "/settings", "{}", made.text);
    let client = house.log_in("new1").await;
    let page = house.get("/books", Some(&client)).await;
    assert_eq!(page.location(), "/password");
    // A second one of the same name is refused, and what was typed is still there.
    let again = house.post("/settings/users", Some(&admin), &fields).await;
    assert_eq!(again.code(), "访问-1004");
    assert!(again.text.contains("value=\"new1\""));
}

#[tokio::test]
async fn a_link_from_outside_does_not_lead_out_after_the_login() {
    let house = House::new().await;
    let page = house.get("/login?next=https://elsewhere", None).await;
    assert!(page.text.contains("name=\"next\" value=\"\""));
    let page = house.get("/login?next=/books?x=1", None).await;
    assert!(page.text.contains("value=\"/books?x=1\""));
}

/// The upload's page when the files have been read.
async fn read(house: &House, client: &Client, path: &str) -> String {
    for _ in 0..600 {
        let page = house.get(path, Some(client)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        if !page.text.contains("正在读文件") {
            return page.text;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not read in a minute");
}

fn company(code: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fixture("jiufeng").join(code);
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path());
    files
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(p).unwrap(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_dropped_read_submitted_and_taken_back() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    let files = company("JF01");
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    let sent = house.upload(&client, &client.csrf, "JF01", &files).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = read(&house, &client, sent.location()).await;
    assert!(
        page.contains("凭证.csv") && page.contains("每张凭证借贷平衡"),
        "{page}"
    );
    // Nothing is there before it is submitted.
    assert_eq!(
        house
            .get("/books/JF01/vouchers", Some(&client))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let fields = format!("csrf={}&quarantine=yes", client.csrf);
    let submit = format!("{}/submit", sent.location());
    let receipt = house.post(&submit, Some(&client), &fields).await;
    assert!(receipt.text.contains("已写入,批次"), "{}", receipt.text);
    let again = house.post(&submit, Some(&client), &fields).await;
    assert_eq!(again.code(), "网页-1012");
    let vouchers = house
        .get("/books/JF01/vouchers?q=租金", Some(&client))
        .await;
    assert!(
        vouchers.text.contains("/books/JF01/vouchers/20"),
        "{}",
        vouchers.text
    );
    let list = house.get("/handin", Some(&client)).await;
    assert!(list.text.contains("(street-all)"));
    let undo = format!("csrf={}&reason={}", client.csrf, encoded("交错了"));
    let undone = house
        .post("/handin/batches/3/undo", Some(&client), &undo)
        .await;
    assert_eq!(undone.location(), "/handin/batches/3", "{}", undone.text);
    let batch = house.get("/handin/batches/3", Some(&client)).await;
    assert!(batch.text.contains("已撤销") && batch.text.contains("交错了"));
    let lines = log::page(house.store.db(), 0, 20).await.unwrap().0;
    let acts: Vec<&str> = lines.iter().map(|l| l.act.as_str()).collect();
    for act in ["import.read", "import.submit", "import.undo"] {
        assert!(acts.contains(&act), "{acts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accountant_hands_in_for_the_own_company_only() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::CompanyAccountant)).await;
    let rows = std::fs::read(fixture("jiufeng").join("关联人.csv")).unwrap();
    let other = house
        .upload(&client, &client.csrf, "B01", &[("a.csv", &rows)])
        .await;
    assert_eq!(other.code(), "网页-1003");
    let none = house
        .upload(&client, &client.csrf, "", &[("a.csv", &rows)])
        .await;
    assert_eq!(none.code(), "网页-1007");
    // A table of the street within the own company's files is seen, and not written.
    let street = house
        .upload(&client, &client.csrf, "A01", &[("关联人.csv", &rows)])
        .await;
    let page = read(&house, &client, street.location()).await;
    let submit = format!("{}/submit", street.location());
    let refused = house
        .post(&submit, Some(&client), &format!("csrf={}", client.csrf))
        .await;
    let written = "SELECT COUNT(*) FROM related_person";
    let count = sea_orm::ConnectionTrait::query_one_raw(
        house.store.db(),
        sanzi::store::bulk::statement(house.store.db(), written, []),
    );
    let count: i64 = count.await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(count, 0, "{}{page}", refused.text);
    // What another person uploaded is not there for this one.
    let boss = house.log_in("street-all").await;
    assert_eq!(
        house.get(street.location(), Some(&boss)).await.code(),
        "网页-1012"
    );
    let climbing = house
        .upload(&client, &client.csrf, "A01", &[("../x.csv", &rows)])
        .await;
    assert_eq!(climbing.code(), "网页-1007");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_in_the_background() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    let fields = format!("csrf={}&rules=L-001", client.csrf);
    let started = house.post("/audit", Some(&client), &fields).await;
    let job = started.location().to_owned();
    assert!(job.starts_with("/audit/jobs/"), "{}", started.text);
    for _ in 0..600 {
        let page = house.get(&job, Some(&client)).await;
        if page.text.contains("看结果") {
            let run = house.get("/audit/runs/3", Some(&client)).await;
            assert_eq!(run.status, StatusCode::OK, "{}", run.text);
            return;
        }
        assert!(page.text.contains("progress"), "{}", page.text);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no end in a minute");
}

#[tokio::test]
async fn the_accountant_sees_data_quality_and_no_red_flag() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::CompanyAccountant)).await;
    let page = house.get("/quality", Some(&client)).await;
    assert!(
        page.text.contains("C-001") || page.text.contains("租赁期限"),
        "{}",
        page.text
    );
    assert!(page.text.contains("<b>1</b> 处数据问题"), "{}", page.text);
    assert!(
        page.text.contains("***1234") && !page.text.contains("13800001234"),
        "masked"
    );
    let home = house.get("/", Some(&client)).await;
    assert_eq!(home.location(), "/handin");
}

#[tokio::test]
async fn the_inspectors_reading_is_logged() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::Inspector)).await;
    let list = house.get("/audit/runs/1", Some(&client)).await;
    let link = list.text.split("/audit/runs/1/C-").nth(1).unwrap();
    let number = format!("C-{}", link.split('"').next().unwrap());
    let item = house
        .get(&format!("/audit/runs/1/{number}"), Some(&client))
        .await;
    assert!(item.text.contains("/books/A01"), "{}", item.text);
    let lines = log::page(house.store.db(), 0, 5).await.unwrap().0;
    assert_eq!(lines[0].act, "finding.read");
    assert_eq!(lines[0].object.as_deref(), Some(number.as_str()));
    log::verify(house.store.db()).await.unwrap();
}

#[tokio::test]
async fn vouchers_are_found_by_any_field() {
    for files in stores().await {
        search(&House::on(files).await).await;
    }
}

async fn search(house: &House) {
    let client = house.log_in("street-all").await;
    let found = async |query: &str| {
        let page = house
            .get(&format!("/books/A01/vouchers?{query}"), Some(&client))
            .await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        page.text.matches("<td class=\"mono keep\">").count()
    };
    assert_eq!(found("").await, 2);
    assert_eq!(found("period=2024-02").await, 1);
    assert_eq!(found("q=2024-01-记-0001").await, 1);
    assert_eq!(found("q=1001").await, 2);
    assert_eq!(found("q=1.00").await, 2);
    assert_eq!(found("q=%25").await, 0);
    let page = house
        .get("/books/A01/vouchers?period=2024-13", Some(&client))
        .await;
    assert_eq!(page.code(), "网页-1007");
}

#[tokio::test]
async fn the_api_answers_in_its_own_form() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    for path in [
        "/api/v1/organisations/X/vouchers",
        "/api/v1/runs/9/findings",
        "/api/v1/nothing",
    ] {
        let answer = house.get(path, Some(&client)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let kind = answer.headers.get(header::CONTENT_TYPE).unwrap();
        assert_eq!(kind, "application/problem+json", "{path}");
        let problem: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(problem["code"], "网页-1003", "{path}");
    }
    let none = house.get("/api/v1/runs/x/findings", Some(&client)).await;
    assert_eq!(none.code(), "网页-1003");
    for asked in [
        "size=0",
        "size=501",
        "page=0",
        "page=x",
        "page=99999999999999999999",
    ] {
        let path = format!("/api/v1/items?{asked}");
        let bad = house.get(&path, Some(&client)).await;
        assert_eq!(
            (bad.status.as_u16(), &*bad.code()),
            (422, "网页-1007"),
            "{asked}"
        );
    }
    let json = async |path: &str| -> serde_json::Value {
        let answer = house.get(path, Some(&client)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    };
    assert_eq!(json("/api/v1/organisations").await[1]["code"], "B01");
    let vouchers = json("/api/v1/organisations/A01/vouchers?size=1").await;
    assert_eq!(
        (
            vouchers["total"].as_i64(),
            vouchers["items"].as_array().unwrap().len()
        ),
        (Some(2), 1)
    );
    assert_eq!(vouchers["items"][0]["amount"], "1.00");
    let balance = json("/api/v1/organisations/A01/trial-balance?period=2024-01..2024-02").await;
    assert_eq!(balance["rows"][0]["closing_debit"], "2.00");
    let findings = json("/api/v1/runs/1/findings?kind=violation").await;
    assert_eq!(findings["total"], 1);
    assert_eq!(findings["items"][0]["amount"], "123.45");
}

#[test]
fn the_description_of_the_api_is_as_written_down() {
    let document = openapi_document();
    let parsed: serde_json::Value = serde_json::from_str(&document).unwrap();
    let described = parsed["paths"].as_object().unwrap();
    let routes = rules().iter().filter(|r| r.path.starts_with("/api/"));
    for rule in routes.filter(|r| !r.path.ends_with("openapi.json")) {
        let method = rule.method.as_str().to_lowercase();
        assert!(described[rule.path].get(&method).is_some(), "{}", rule.path);
        assert!(rule.who != Who::Anyone);
    }
    insta::assert_snapshot!(document);
}

#[tokio::test]
async fn one_box_finds_items_contracts_and_vouchers() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::StreetSupervisor)).await;
    let page = house.get("/search?q=HT-1", Some(&client)).await.text;
    for part in [
        "/registers/contracts/A01/HT-1",
        "/items/C-001-A019",
        "甲商店",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("B01"), "of others nothing: {page}");
    assert!(!page.contains("13800001234"), "masked: {page}");
    let voucher = house.get("/search?q=2024-01-记-0001", Some(&client)).await;
    assert!(
        voucher.text.contains("/books/A01/vouchers/2024-01-"),
        "{}",
        voucher.text
    );
    let number = house.get("/search?q=c-001-a019", Some(&client)).await;
    assert_eq!(number.location(), "/items/C-001-A019");
    let nothing = house.get("/search?q=没有这样的字", Some(&client)).await;
    assert!(nothing.text.contains("没有找到"), "{}", nothing.text);
    // Wildcards of the database are letters here.
    let literal = house.get("/search?q=%25", Some(&client)).await;
    assert!(literal.text.contains("没有找到"), "{}", literal.text);
}

#[tokio::test]
async fn the_administrator_sees_whether_chains_hold_and_nothing_of_them() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::Administrator)).await;
    let before = house.get("/settings/checks", Some(&client)).await;
    assert!(before.text.contains("重算全部链"), "{}", before.text);
    let sound = house.get("/settings/checks?run=yes", Some(&client)).await;
    assert!(sound.text.contains("条链全部完好"), "{}", sound.text);
    crate::ledger::disable_guards(house.store.db(), true).await;
    let sql = "UPDATE entry SET summary = '改过' WHERE organisation = 'B01' AND position = 2 AND line = 1";
    let change = sanzi::store::bulk::statement(house.store.db(), sql, []);
    sea_orm::ConnectionTrait::execute_raw(house.store.db(), change)
        .await
        .unwrap();
    let broken = house.get("/settings/checks?run=yes", Some(&client)).await;
    assert!(broken.text.contains("1 条链不符") && broken.text.contains("第 2 条不符"));
    assert!(!broken.text.contains("改过") && !broken.text.contains("记-"));
}
