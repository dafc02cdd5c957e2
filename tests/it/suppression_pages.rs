//! Setting aside in the workspace: asked for by one person, agreed to by another, counted by nobody meanwhile.

use axum::http::StatusCode;
use sanzi::access::log;
use sanzi::audit::outcome::FindingKind;
use sanzi::model::Role;

use crate::support::stores;
use crate::workspace::{Client, House, encoded, finding, login_of};

fn form(csrf: &str, fields: &[(&str, &str)]) -> String {
    let parts = fields.iter().map(|(n, v)| format!("&{n}={}", encoded(v)));
    format!("csrf={csrf}{}", parts.collect::<String>())
}

/// The number beside 疑点 in the directory.
async fn waiting(house: &House, client: &Client) -> String {
    let page = house.get("/items", Some(client)).await.text;
    let entry = page.split("href=\"/items\"").nth(1).unwrap();
    let entry = entry.split("</a>").next().unwrap();
    let count = entry.split("待办\">").nth(1).unwrap_or("0");
    count.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn asked_for_agreed_to_left_out_and_lifted() {
    for files in stores().await {
        let house = House::on(files).await;
        let supervisor = house.log_in("street-all").await;
        let reviewer = house.log_in(&login_of(Role::StreetReviewer)).await;
        let number = finding("A01", FindingKind::DataQuality).number;
        let item = format!("/items/{number}");
        let answer = "/suppressions/requests/1/answer";
        let post = async |path: &str, client: &Client, fields: &[(&str, &str)]| {
            house
                .post(path, Some(client), &form(&client.csrf, fields))
                .await
        };
        // The one that waits already is withdrawn by who asked.
        let page = house.get(&item, Some(&supervisor)).await.text;
        assert!(page.contains("等第二人批准") && !page.contains("申请不再提示"));
        let taken_back = [("answer", "withdraw"), ("reason", "写错了")];
        let done = post(answer, &supervisor, &taken_back).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        // What is missing is said, what was typed stays.
        let path = format!("{item}/suppress");
        let refused = post(
            &path,
            &supervisor,
            &[("reason", "已另案处理"), ("until", "明年")],
        )
        .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text.contains("value=\"已另案处理\""),
            "{}",
            refused.text
        );
        let until = "2999-12-31";
        let wish = [
            ("reason", "已另案处理"),
            ("document", "纪要"),
            ("until", until),
        ];
        let asked = post(&path, &supervisor, &wish).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
        // Nobody agrees to the own request, and the supervisor to none.
        let answer = "/suppressions/requests/3/answer";
        let own = post(answer, &supervisor, &[("answer", "approve")]).await;
        assert_eq!(own.status, StatusCode::FORBIDDEN);
        assert_eq!(
            waiting(&house, &reviewer).await,
            "2",
            "the violation and the request"
        );
        let list = house.get("/suppressions", Some(&reviewer)).await.text;
        assert!(list.contains(&number) && list.contains("已另案处理"));
        assert!(!list.contains("B01"), "another's");
        let agreed = post(answer, &reviewer, &[("answer", "approve")]).await;
        assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.text);
        assert_eq!(waiting(&house, &reviewer).await, "1");
        // Left out of the list, shown by itself, and said on its page.
        let list = house.get("/items?org=A01", Some(&supervisor)).await.text;
        assert!(
            !list.contains(&number) && list.contains("已压制 1"),
            "{list}"
        );
        let aside = house.get("/items?aside=yes", Some(&supervisor)).await.text;
        assert!(aside.contains(&number));
        let page = house.get(&item, Some(&supervisor)).await.text;
        assert!(page.contains("已压制") && page.contains(until));
        let again = post(&path, &supervisor, &wish).await;
        assert!(again.text.contains("压制-1005"), "{}", again.text);
        // Lifted, it is back.
        let lift = "/suppressions/3/lift";
        let refused = post(lift, &reviewer, &[("reason", "")]).await;
        assert!(refused.text.contains("压制-1007"), "{}", refused.text);
        let done = post(lift, &reviewer, &[("reason", "误压")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let list = house.get("/items?org=A01", Some(&supervisor)).await.text;
        assert!(list.contains(&number));
        let acts = log::page(house.store.db(), 0, 20).await.unwrap().0;
        for act in ["suppression.ask", "suppression.answer", "suppression.lift"] {
            assert!(acts.iter().any(|l| l.act == act), "{act}");
        }
    }
}

#[tokio::test]
async fn what_is_under_way_is_not_set_aside() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    // Sent for comment, and suppressed on the command line: it stays on the list.
    let number = finding("A01", FindingKind::Violation).number;
    let list = house.get("/items", Some(&client)).await.text;
    assert!(list.contains(&number));
    let until = "2999-12-31";
    let wish = [("reason", "x"), ("document", "y"), ("until", until)];
    let path = format!("/items/{number}/suppress");
    let body = form(&client.csrf, &wish);
    let refused = house.post(&path, Some(&client), &body).await;
    assert!(refused.text.contains("压制-1014"), "{}", refused.text);
}

#[tokio::test]
async fn programs_do_the_same() {
    let house = House::new().await;
    let supervisor = house.log_in("street-all").await;
    let reviewer = house.log_in(&login_of(Role::StreetReviewer)).await;
    let send = async |path: &str, client: &Client, body: serde_json::Value| {
        let marks = [("x-csrf-token", client.csrf.as_str())];
        let body = body.to_string();
        house.post_json(path, Some(client), &marks, &body).await
    };
    let listed = async |client: &Client| -> serde_json::Value {
        let all = house.get("/api/v1/suppressions", Some(client)).await;
        serde_json::from_str(&all.text).unwrap()
    };
    assert_eq!(
        listed(&reviewer).await["requests"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        listed(&supervisor).await["requests"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let answer = "/api/v1/suppressions/requests/1/answer";
    let refused = send(answer, &reviewer, serde_json::json!({ "answer": "refuse" })).await;
    assert_eq!(refused.code(), "压制-1012", "{}", refused.text);
    let agreed = send(
        answer,
        &reviewer,
        serde_json::json!({ "answer": "approve" }),
    )
    .await;
    assert_eq!(agreed.status, StatusCode::OK, "{}", agreed.text);
    let all = listed(&supervisor).await;
    assert_eq!(all["suppressions"][0]["state"], "standing");
    assert_eq!(
        all["requests"][1]["suppression"],
        all["suppressions"][0]["id"]
    );
    let number = finding("A01", FindingKind::DataQuality).number;
    let item = house
        .get(&format!("/api/v1/items/{number}"), Some(&supervisor))
        .await;
    assert!(
        item.text.contains("\"suppressed_until\":\"2999"),
        "{}",
        item.text
    );
    let open = house.get("/api/v1/items", Some(&supervisor)).await;
    assert!(!open.text.contains(&format!("\"{number}\"")));
    let aside = house
        .get("/api/v1/items?suppressed=true", Some(&supervisor))
        .await;
    assert!(aside.text.contains(&number) && aside.text.contains("\"total\":1"));
    let lift = format!("/api/v1/suppressions/{}/lift", all["suppressions"][0]["id"]);
    let lifted = send(&lift, &supervisor, serde_json::json!({ "reason": "误压" })).await;
    assert_eq!(lifted.status, StatusCode::OK, "{}", lifted.text);
    let until = "2999-12-31";
    let wish = serde_json::json!({ "reason": "x", "document": "y", "until": until });
    let path = format!("/api/v1/items/{number}/suppress");
    let asked = send(&path, &supervisor, wish).await;
    assert_eq!(asked.text, "{\"id\":3}");
}
