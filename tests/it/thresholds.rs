//! Rules and thresholds in the workspace: read, tried, set.

use axum::http::StatusCode;
use sanzi::access::log;
use sanzi::audit::settings;
use sanzi::model::Role;

use crate::support::stores;
use crate::workspace::{House, encoded, login_of};

const GATE: &str = "/audit/parameters/T-009/approval_gate";

/// A filled form; parts may be left out or changed.
fn form(csrf: &str, changed: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("org", ""),
        ("value", "30,000.00"),
        ("from", "2025-01-01"),
        ("to", ""),
        ("basis", "街道〔2025〕3号"),
        ("approver", "王主任"),
        ("uses", "T-008.approval_gate"),
    ];
    for (name, value) in changed {
        fields.retain(|(n, _)| n != name);
        fields.push((name, value));
    }
    let parts = fields.iter().map(|(n, v)| format!("{n}={}", encoded(v)));
    let parts: Vec<String> = parts.collect();
    format!("csrf={csrf}&{}", parts.join("&"))
}

#[tokio::test]
async fn a_value_is_set_for_all_rules_that_ask_the_same() {
    for files in stores().await {
        let house = House::on(files).await;
        let client = house.log_in("street-all").await;
        let before = house.get("/audit/parameters", Some(&client)).await;
        assert!(before.text.contains("审批(联签)门槛"), "{}", before.text);
        let set = house
            .post(GATE, Some(&client), &form(&client.csrf, &[]))
            .await;
        assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text);
        let stands = settings::load(&house.store).await.unwrap();
        let of: Vec<&str> = stands.iter().map(|s| s.rule.as_str()).collect();
        assert_eq!(of, ["T-008", "T-009"]);
        assert!(stands.iter().all(|s| s.value == "30,000.00"));
        let page = house.get(GATE, Some(&client)).await.text;
        assert!(page.contains("30,000.00 元") && page.contains("街道〔2025〕3号"));
        let lines = log::page(house.store.db(), 0, 5).await.unwrap().0;
        assert_eq!(lines[0].act, "parameter.set");
        assert_eq!(lines[0].object.as_deref(), Some("T-009.approval_gate"));
        // Unticked, the other keeps its own.
        let own = form(
            &client.csrf,
            &[("org", "A01"), ("uses", ""), ("value", "9000")],
        );
        let set = house.post(GATE, Some(&client), &own).await;
        assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text);
        let stands = settings::load(&house.store).await.unwrap();
        assert_eq!(stands.len(), 3);
        let rule = house.get("/audit/rules/T-009?org=A01", Some(&client)).await;
        assert!(rule.text.contains("9,000.00 元"), "{}", rule.text);
    }
}

#[tokio::test]
async fn what_cannot_be_set_says_why_and_keeps_what_was_typed() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    for (changed, said) in [
        (("value", "两万"), "参数-1003"),
        (("basis", ""), "参数-1005"),
        (("from", ""), "从哪天起"),
        (("from", "明年"), "「明年」不是日期"),
        (("to", "2024-01-01"), "参数-1006"),
    ] {
        let body = form(&client.csrf, &[changed]);
        let refused = house.post(GATE, Some(&client), &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(refused.text.contains(said), "{said}: {}", refused.text);
        assert!(refused.text.contains("value=\"王主任\""), "{said}");
    }
    let stands = settings::load(&house.store).await.unwrap();
    assert!(stands.is_empty());
    let law = "/audit/parameters/C-001/max_years";
    let fixed = house.get(law, Some(&client)).await;
    assert!(fixed.text.contains("由法律规定"), "{}", fixed.text);
    let refused = house
        .post(law, Some(&client), &form(&client.csrf, &[]))
        .await;
    assert!(refused.text.contains("参数-1002"), "{}", refused.text);
}

#[tokio::test]
async fn nobody_sets_for_others() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::StreetSupervisor)).await;
    let street = house
        .post(GATE, Some(&client), &form(&client.csrf, &[]))
        .await;
    assert_eq!(street.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(street.text.contains("只能为自己的单位设定"));
    let other = form(&client.csrf, &[("org", "B01")]);
    let other = house.post(GATE, Some(&client), &other).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let own = form(&client.csrf, &[("org", "A01")]);
    let own = house.post(GATE, Some(&client), &own).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "{}", own.text);
    // Another list of organisations does not show it.
    let reader = house.log_in(&login_of(Role::ReadOnly)).await;
    let page = house.get(GATE, Some(&reader)).await.text;
    assert!(
        !page.contains("name=\"approver\""),
        "who may not set sees no form"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_is_tried_without_being_set() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    let path = "/audit/rules/F-002/try?param=threshold&values=1000..3000/1000";
    let page = house.get(path, Some(&client)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for value in ["1,000.00", "2,000.00", "3,000.00", "现行"] {
        assert!(page.text.contains(value), "{value}: {}", page.text);
    }
    let wrong = "/audit/rules/F-002/try?param=threshold&values=x..y";
    assert_eq!(house.get(wrong, Some(&client)).await.code(), "网页-1007");
    assert!(settings::load(&house.store).await.unwrap().is_empty());
}

#[tokio::test]
async fn rules_are_chosen_and_told_with_their_hits() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    let all = house.get("/audit/rules", Some(&client)).await.text;
    assert!(all.contains("130 条规则"), "{all}");
    let hit = house.get("/audit/rules?only=hit", Some(&client)).await.text;
    assert!(hit.contains("1 条规则(共 130 条)") && hit.contains("/audit/rules/C-001"));
    let named = house.get("/audit/rules?q=t-009", Some(&client)).await.text;
    assert!(named.contains("/audit/rules/T-009") && !named.contains("/audit/rules/T-008"));
    let rule = house.get("/audit/rules/C-001", Some(&client)).await.text;
    for part in ["民法典", "历次审计", "SELECT", "/audit/runs/2?rule=C-001"] {
        assert!(rule.contains(part), "{part}: {rule}");
    }
    assert_eq!(
        house.get("/audit/rules/X-999", Some(&client)).await.code(),
        "网页-1003"
    );
}
