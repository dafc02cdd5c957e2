//! The 台账 of rectification goes out as a workbook and comes back filled in: taken whole, or not at all.

use axum::http::StatusCode;
use axum::http::header;
use rust_xlsxwriter::Workbook;
use sanzi::audit::outcome::FindingKind;
use sanzi::import::workbook::read_xlsx;
use sanzi::model::Role;
use sanzi::pack::Pack;
use sanzi::review::dossier::Dossier;
use sanzi::review::event::Payload;
use sanzi::review::log;
use sanzi::review::record::record;
use sanzi::review::transition::transition;
use sanzi::review::{Actor, Desk, verify::verify};

use crate::review::{day, entry, step};
use crate::support::{now, stores};
use crate::workspace::{Answer, Client, House, finding, login_of};

fn number() -> String {
    finding("A01", FindingKind::Violation).number
}

/// A01's item as far as rectification, due on 31 May 2999.
async fn rectifying(house: &House) {
    let (store, id) = (&house.store, number());
    let desk = Desk::load(&Pack::embedded()).unwrap();
    let person = |user: &str, role| Actor::new(user, role, None).unwrap();
    let supervisor = person("street-all", Role::StreetSupervisor);
    let reviewer = person("乙", Role::StreetReviewer);
    let officer = Actor::new("丙", Role::CompanyOfficer, Some(["A01".to_owned()].into())).unwrap();
    let today = now().date().to_string();
    let agreed = Payload::Replied {
        agrees: true,
        text: String::new(),
    };
    record(store, &desk, entry(&id, &officer, agreed, &today))
        .await
        .unwrap();
    for (to, actor) in [("determined", &reviewer), ("rectifying", &supervisor)] {
        let mut next = step(&id, to, actor, &today);
        next.reason = Some("属实");
        next.due = (to == "rectifying").then(|| day("2999-05-31"));
        transition(store, &desk, next).await.unwrap();
    }
}

/// What the page gives out, as rows of texts.
async fn taken_away(house: &House, client: &Client) -> Vec<Vec<String>> {
    let request = axum::http::Request::get("/rectification.xlsx")
        .header(header::COOKIE, &client.cookie)
        .body(axum::body::Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(house.app.clone(), request)
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 24)
        .await
        .unwrap();
    let sheets = read_xlsx(&bytes).unwrap();
    let rows = sheets[0].grid.rows();
    rows.map(|r| r.cells().map(str::to_owned).collect())
        .collect()
}

/// Writes texts under columns of the first item.
fn fill(rows: &mut [Vec<String>], cells: &[(&str, &str)]) {
    for (column, text) in cells {
        let at = rows[1].iter().position(|c| c == column).unwrap();
        let width = rows[1].len();
        rows[2].resize(width, String::new());
        (*text).clone_into(&mut rows[2][at]);
    }
}

async fn hand_back(house: &House, client: &Client, rows: &[Vec<String>]) -> Answer {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0u32..).zip(rows) {
        for (column, text) in (0u16..).zip(cells) {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let fields = [("csrf", client.csrf.as_str())];
    let files: [(&str, &[u8]); 1] = [("填好的台账.xlsx", &bytes)];
    house
        .send_files("/rectification", client, &fields, &files)
        .await
}

#[tokio::test]
async fn a_filled_workbook_becomes_records() {
    for files in stores().await {
        let house = House::on(files).await;
        rectifying(&house).await;
        let officer = house.log_in(&login_of(Role::CompanyOfficer)).await;
        let mut rows = taken_away(&house, &officer).await;
        assert_eq!(
            (rows.len(), rows[2][0].clone()),
            (3, number()),
            "own item only"
        );
        assert!(rows[2][4].ends_with("***1234"), "masked: {}", rows[2][4]);
        let untouched = hand_back(&house, &officer, &rows).await;
        assert!(
            untouched.text.contains("没有新填的内容"),
            "{}",
            untouched.text
        );
        fill(
            &mut rows,
            &[
                ("整改措施", "重签合同"),
                ("类型", "立行立改"),
                ("责任人", "丁某"),
                ("完成期限", "2999-12-31"),
                ("整改目标", "租期合规"),
                ("已追回(元)", "12.34"),
            ],
        );
        let late = hand_back(&house, &officer, &rows).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            late.text.contains("整改-1006") && late.text.contains("晚于整改期限"),
            "{}",
            late.text
        );
        let before = events(&house).await;
        fill(&mut rows, &[("完成期限", "2999-05-01")]);
        let done = hand_back(&house, &officer, &rows).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        assert!(done.text.contains("1 个事项,2 条记录"), "{}", done.text);
        assert_eq!(
            events(&house).await,
            before + 2,
            "the refused one wrote nothing"
        );
        // The same workbook again is out of date, and what it says is on record already.
        let again = taken_away(&house, &officer).await;
        assert_eq!(again[2][8], "重签合同");
        assert!(
            hand_back(&house, &officer, &again)
                .await
                .text
                .contains("没有新填的内容")
        );
        fill(&mut rows, &[("责任人", "戊某")]);
        let stale = hand_back(&house, &officer, &rows).await;
        assert!(
            stale.text.contains("整改-1006") && stale.text.contains("没有写入任何内容"),
            "{}",
            stale.text
        );
        assert_eq!(
            stale
                .text
                .matches("<td><small class=\"mono\">整改-1006")
                .count(),
            1,
            "once a row"
        );
        for report in verify(&house.store, None).await.unwrap() {
            assert_eq!(report.fault, None);
        }
    }
}

async fn events(house: &House) -> usize {
    let db = house.store.db();
    let item = log::item(db, &number()).await.unwrap().unwrap();
    Dossier::of(db, item).await.unwrap().events.len()
}

#[tokio::test]
async fn who_records_nothing_hands_nothing_back() {
    let house = House::new().await;
    rectifying(&house).await;
    let reader = house.log_in(&login_of(Role::ReadOnly)).await;
    let page = house.get("/rectification", Some(&reader)).await;
    assert!(page.text.contains("导出台账") && !page.text.contains("交回填好的台账"));
    let rows = taken_away(&house, &reader).await;
    let refused = hand_back(&house, &reader, &rows).await;
    assert_eq!(refused.code(), "网页-1002");
}
