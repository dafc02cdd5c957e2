//! A program hands a book in: files, the account of their rows, submitting once, taking back.

use std::time::Duration;

use axum::http::StatusCode;
use sanzi::access::token::{self, Wish};
use sanzi::model::Role;
use serde_json::Value;

use crate::support::stores;
use crate::workspace::{Answer, House, login_of};

const SOUND: &str = "凭证日期,会计年度,会计期间,凭证字,凭证号,分录号,摘要,科目编码,科目名称,借方金额,贷方金额\n\
    2025-01-05,2025,1,记,1,1,收租金,1001,库存现金,100.00,\n\
    2025-01-05,2025,1,记,1,2,收租金,560101,租赁收入,,100.00\n";

async fn bearer(house: &House, role: Role) -> String {
    let wish = Wish {
        label: "财务软件",
        may_write: true,
        days: 30,
    };
    let clock = chrono::Local::now().naive_local();
    let login = login_of(role);
    let token = token::make(&house.store, &login, wish, clock).await;
    format!("Bearer {}", token.unwrap())
}

async fn send(house: &House, with: &[(&str, &str)], org: &str, files: &[(&str, &[u8])]) -> Answer {
    let fields = [("org", org)];
    house
        .send_files_with("/api/v1/handins", with, &fields, files)
        .await
}

fn json(answer: &Answer, status: StatusCode) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

/// Waits until an upload is read.
async fn read(house: &House, upload: &str, with: &[(&str, &str)]) -> Value {
    for _ in 0..600 {
        let path = format!("/api/v1/handins/{upload}");
        let now = json(&house.get_with(&path, with).await, StatusCode::OK);
        if now["state"] != "reading" {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_hands_in_and_takes_back() {
    for files in stores().await {
        let house = House::on(files).await;
        let token = bearer(&house, Role::CompanyAccountant).await;
        let with = [("authorization", token.as_str())];
        let unbalanced = SOUND.replace(",,100.00", ",,100.01");
        let broken = [("凭证.csv", unbalanced.as_bytes())];
        let sent = send(&house, &with, "A01", &broken).await;
        let sent = json(&sent, StatusCode::ACCEPTED);
        let account = read(&house, sent["upload"].as_str().unwrap(), &with).await;
        let first = &account["problems"][0];
        assert_eq!(first["severity"], "error", "{account}");
        assert!(first["row"].is_u64() && first["code"].as_str().unwrap().starts_with("导入-"));

        let sound = [("凭证.csv", SOUND.as_bytes())];
        let sent = send(&house, &with, "A01", &sound).await;
        let sent = json(&sent, StatusCode::ACCEPTED);
        let upload = sent["upload"].as_str().unwrap();
        let account = read(&house, upload, &with).await;
        assert_eq!(account["state"], "read", "{account}");
        assert_eq!(account["companies"][0]["vouchers"], 1, "{account}");
        let path = format!("/api/v1/handins/{upload}/submit");
        let once = [with[0], ("idempotency-key", "a")];
        let receipt = house.post_json(&path, None, &once, "{}").await;
        let written = json(&receipt, StatusCode::OK);
        assert_eq!(written["companies"][0]["added"], 1, "{written}");
        let again = house.post_json(&path, None, &once, "{}").await;
        assert_eq!(
            again.text, receipt.text,
            "the same answer, nothing done twice"
        );
        let gone = house.post_json(&path, None, &with, "{}").await;
        assert_eq!(gone.code(), "网页-1012");

        let all = json(
            &house.get_with("/api/v1/batches", &with).await,
            StatusCode::OK,
        );
        assert_eq!(all[0]["id"], written["batch"], "{all}");
        assert_eq!(all[0]["state"], "standing");
        let undo = format!("/api/v1/batches/{}/undo", written["batch"]);
        let silent = house
            .post_json(&undo, None, &with, r#"{"reason":" "}"#)
            .await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
        let reason = r#"{"reason":"交错了"}"#;
        let undone = json(
            &house.post_json(&undo, None, &with, reason).await,
            StatusCode::OK,
        );
        assert_eq!(undone["state"], "undone", "{undone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_may_not_hand_in_is_refused() {
    let house = House::new().await;
    let token = bearer(&house, Role::CompanyAccountant).await;
    let with = [("authorization", token.as_str())];
    let sound = [("凭证.csv", SOUND.as_bytes())];
    let climbing = [("../凭证.csv", SOUND.as_bytes())];
    let foreign = send(&house, &with, "B01", &sound).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    for refused in [
        send(&house, &with, "", &sound).await,
        send(&house, &with, "A01", &[]).await,
        send(&house, &with, "A01", &climbing).await,
        house.post_json("/api/v1/handins", None, &with, "{}").await,
    ] {
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.text
        );
    }
    // Somebody else's upload is not there.
    let sent = send(&house, &with, "A01", &sound).await;
    let sent = json(&sent, StatusCode::ACCEPTED);
    let other = bearer(&house, Role::StreetSupervisor).await;
    let path = format!("/api/v1/handins/{}", sent["upload"].as_str().unwrap());
    let seen = house.get_with(&path, &[("authorization", &other)]).await;
    assert_eq!(seen.code(), "网页-1012");
}
