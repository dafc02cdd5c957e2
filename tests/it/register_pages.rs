//! 台账 in the workspace: what is owed there is what the overview says, and nobody sees another's rows or items.

use axum::http::StatusCode;
use sanzi::audit::outcome::FindingKind;
use sanzi::import::commit::Defects;
use sanzi::model::Role;

use crate::hand_in::{fixture, read, write};
use crate::workspace::{CONTRACT, House, finding, login_of, register_row};

/// The figures of a table's last line; where 万元 are shown, the exact ones behind them.
fn totals(page: &str) -> Vec<String> {
    let foot = page.split("<tfoot>").nth(1).expect("no totals");
    let foot = foot.split("</tfoot>").next().unwrap();
    let cell = r#"<td class="num">(?:<span title="([^" ]*) 元"[^>]*>)?([^<]*)"#;
    let cell = regex::Regex::new(cell).unwrap();
    let cells = cell.captures_iter(foot).map(|c| {
        let shown = c.get(1).or(c.get(2));
        shown.map_or(String::new(), |m| m.as_str().to_owned())
    });
    cells.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn arrears_are_those_of_the_overview_row_by_row_and_in_all() {
    let house = House::new().await;
    write(
        &house.store,
        &read(&fixture("jiufeng"), None),
        Defects::Quarantine,
    )
    .await;
    let client = house.log_in("street-all").await;
    let get = async |path: &str| {
        let answer = house.get(path, Some(&client)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.text
    };
    let street = totals(&get("/overview").await);
    let contracts = totals(&get("/registers/contracts").await);
    // 五个报表数、合同、应收、拖欠 there; 应收、到账、拖欠 here.
    assert_eq!([&contracts[0], &contracts[2]], [&street[6], &street[7]]);
    assert_ne!(contracts[2], "—");
    // Filters and the file tell the same: the rows owed on add up to what is owed.
    let owed = totals(&get("/registers/contracts?arrears=yes").await);
    assert_eq!(owed[2], contracts[2]);
    let csv = get("/registers/contracts/csv?arrears=yes").await;
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let unpaid = reader
        .records()
        .map(|r| r.unwrap()[12].replace('.', "").parse::<i64>().unwrap_or(0));
    let sum: i64 = unpaid.sum();
    let shown = contracts[2].replace([',', '.'], "");
    assert_eq!(sum.to_string(), shown, "{csv}");
    // One contract: its rent roll has the arrears of its line.
    let page = get("/registers/contracts/JF01/HT-01-01").await;
    for part in ["第 3 期", "未到期", "甲商贸行", "ZC-01-01 1号商铺", "记-"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // What ends soon is counted from the day that is asked for.
    let soon = get("/registers/contracts?org=JF01&within=30&on=2026-06-01").await;
    assert!(
        soon.contains("HT-01-01") && soon.contains("还有 29 天"),
        "{soon}"
    );
    let later = get("/registers/contracts?org=JF01&within=30&on=2025-06-01").await;
    assert!(!later.contains("HT-01-01"));
}

#[tokio::test]
async fn a_company_sees_its_rows_and_beside_them_what_was_sent_to_it() {
    let house = House::new().await;
    let sent = finding("A01", FindingKind::Violation).number;
    let quality = finding("A01", FindingKind::DataQuality).number;
    let path = "/registers/contracts/A01/HT-1";
    for (role, sees_quality) in [
        (Role::CompanyOfficer, false),
        (Role::CompanyAccountant, true),
    ] {
        let client = house.log_in(&login_of(role)).await;
        let page = house.get(path, Some(&client)).await.text;
        assert!(page.contains(&format!("/items/{sent}")), "{page}");
        assert_eq!(page.contains(&quality), sees_quality, "{role:?}");
        let list = house.get("/registers/contracts", Some(&client)).await.text;
        let count = if sees_quality { "2 项" } else { "1 项" };
        assert!(list.contains(count) && !list.contains("B01"), "{list}");
        for other in [
            "/registers/contracts?org=B01",
            "/registers/contracts/csv?org=B01",
        ] {
            let answer = house.get(other, Some(&client)).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(!answer.text.contains("HT-1"), "{role:?} {other}");
        }
        let other = house
            .get("/registers/contracts/B01/HT-1", Some(&client))
            .await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_changed_in_the_register_is_told_and_a_person_is_masked() {
    let house = House::new().await;
    let (store, org) = (&house.store, "A01");
    let cells = CONTRACT.map(|(column, value)| match column {
        "annual_rent" => (column, "900.00"),
        "counterparty" => (column, "王小明"),
        _ => (column, value),
    });
    register_row(store, org, "contract", &cells).await;
    let person = [
        ("name", "王小明"),
        ("kind", "person"),
        ("phone_hash", "id:0a1b:4321"),
    ];
    register_row(store, org, "counterparty", &person).await;
    let client = house.log_in("street-all").await;
    let page = house
        .get("/registers/contracts/A01/HT-1", Some(&client))
        .await;
    for part in ["<dt>年租金</dt><dd>1200.00 → 900.00</dd>", "甲商店 → 王**"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    for path in [
        "/registers/contracts",
        "/registers/contracts/csv",
        "/registers/parties",
    ] {
        let text = house.get(path, Some(&client)).await.text;
        assert!(
            text.contains("王**") && !text.contains("王小明"),
            "{path}: {text}"
        );
    }
    let parties = house.get("/registers/parties", Some(&client)).await.text;
    assert!(parties.contains("尾号4321"), "{parties}");
}

#[tokio::test]
async fn an_inventory_shows_differences_first_and_holdings_whose_they_are() {
    let house = House::new().await;
    let store = &house.store;
    let count = async |no: &str, book: &str, counted: &str| {
        let cells = [
            ("batch_no", "2024"),
            ("kind", "asset"),
            ("subject_no", no),
            ("amount_book", book),
            ("amount_counted", counted),
        ];
        register_row(store, "A01", "inventory_count", &cells).await;
    };
    count("ZC-1", "100.00", "100.00").await;
    count("ZC-2", "100.00", "40.00").await;
    count("ZC-3", "", "900.00").await;
    for (holder, investee) in [("A01", "L01"), ("B01", "L02")] {
        let cells = [("holder", holder), ("investee", investee), ("ratio", "40")];
        register_row(store, "", "shareholding", &cells).await;
    }
    let client = house.log_in(&login_of(Role::CompanyAccountant)).await;
    let get = async |path: &str| house.get(path, Some(&client)).await.text;
    let page = get("/registers/inventory").await;
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}: {page}"));
    assert!(at("ZC-3") < at("ZC-2") && at("ZC-2") < at("ZC-1"));
    assert!(page.contains("<span class=\"neg\">-60.00</span>"), "{page}");
    let csv = get("/registers/inventory/csv?differs=yes").await;
    assert!(csv.contains("-60.00") && !csv.contains("ZC-1"), "{csv}");
    assert_eq!(
        csv.lines().count(),
        4,
        "headers, two rows, who took it: {csv}"
    );
    let holdings = get("/registers/holdings").await;
    assert!(
        holdings.contains("L01") && !holdings.contains("L02"),
        "{holdings}"
    );
    let unknown = house.get("/registers/nothing", Some(&client)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
