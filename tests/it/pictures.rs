//! Map and charts of the workspace: who sees which places, that what is owed is one figure everywhere, and that a picture has the
//! figures of the table behind it.

use std::collections::BTreeSet;

use axum::http::{HeaderName, StatusCode, header};
use sanzi::access::password::Hasher;
use sanzi::audit::outcome::FindingKind;
use sanzi::audit::rule::RulePack;
use sanzi::import::IdHasher;
use sanzi::import::commit::Defects;
use sanzi::model::Role;
use sanzi::pack::Pack;
use sanzi::web::permissions::{Reach, rules};
use sanzi::web::{Tiles, Workspace, application};
use serde_json::Value;

use crate::hand_in::{fixture, read, write};
use crate::workspace::{Answer, Client, House, finding, login_of, register_row};

const PLACES: &str = "/api/v1/places";
const SQUARE: &str =
    r#"{"type":"Polygon","coordinates":[[[114.1,30.3],[114.2,30.3],[114.2,30.4],[114.1,30.3]]]}"#;

/// A shop with the contract that an item names, and a parcel, in each of the two companies.
async fn with_places() -> House {
    let house = House::new().await;
    let store = &house.store;
    for organisation in ["A01", "B01"] {
        let shop = [
            ("asset_no", "ZC-1"),
            ("name", "1号商铺"),
            ("category", "shop"),
            ("status", "let"),
            ("lon", "114.1000001"),
            ("lat", "30.3"),
        ];
        register_row(store, organisation, "asset", &shop).await;
        let nowhere = [
            ("asset_no", "ZC-2"),
            ("category", "building"),
            ("status", "idle"),
            ("idle_since", "2024-05-01"),
        ];
        register_row(store, organisation, "asset", &nowhere).await;
        let car = [
            ("asset_no", "ZC-3"),
            ("category", "vehicle"),
            ("status", "own_use"),
        ];
        register_row(store, organisation, "asset", &car).await;
        let parcel = [
            ("parcel_no", "DK-1"),
            ("kind", "arable"),
            ("status", "contracted"),
            ("geometry", SQUARE),
        ];
        register_row(store, organisation, "resource_parcel", &parcel).await;
        let contract = [
            ("contract_no", "HT-1"),
            ("kind", "lease"),
            ("counterparty", "王小明"),
            ("subject_no", "ZC-1"),
            ("start_date", "2024-01-01"),
            ("end_date", "2024-12-31"),
            ("annual_rent", "1200.00"),
            ("cycle", "month"),
            ("status", "active"),
        ];
        register_row(store, organisation, "contract", &contract).await;
        let person = [("name", "王小明"), ("kind", "person")];
        register_row(store, organisation, "counterparty", &person).await;
    }
    house
}

async fn json(house: &House, path: &str, client: &Client) -> Value {
    let answer = house.get(path, Some(client)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

fn features(collection: &Value) -> &Vec<Value> {
    collection["features"].as_array().unwrap()
}

fn named<'a>(collection: &'a Value, id: &str) -> &'a Value {
    let mut all = features(collection).iter();
    let found = all.find(|f| f["properties"]["id"] == id);
    found.unwrap_or_else(|| panic!("{id}: {collection}"))
}

#[tokio::test]
async fn everybody_sees_the_places_of_their_own_companies_and_no_others() {
    let house = with_places().await;
    let rule = rules().iter().find(|r| r.path == PLACES).unwrap();
    let quality = finding("A01", FindingKind::DataQuality).number;
    for role in Role::ALL {
        let client = house.log_in(&login_of(role)).await;
        let answer = house.get(PLACES, Some(&client)).await;
        if rule.reach(role) == Reach::Never {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}");
            continue;
        }
        let kind = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(kind, "application/geo+json");
        let all: Value = serde_json::from_str(&answer.text).unwrap();
        let ids: Vec<&str> = features(&all)
            .iter()
            .map(|f| f["properties"]["id"].as_str().unwrap())
            .collect();
        let own = ["A01|assets|ZC-1", "A01|assets|ZC-2", "A01|resources|DK-1"];
        assert_eq!(ids, own, "{role:?}: a car is no place");
        let other = json(&house, &format!("{PLACES}?org=B01"), &client).await;
        assert!(features(&other).is_empty(), "{role:?}");
        assert_eq!(other["arrears"], "0.00", "{role:?}");
        // Beside a place stands what the role reads on the item's own page, and a person is masked.
        assert!(!answer.text.contains("王小明"), "{role:?}");
        let items = named(&all, own[0])["properties"]["items"].to_string();
        let reads = house.get(&format!("/items/{quality}"), Some(&client)).await;
        assert_eq!(
            items.contains(&quality),
            reads.status == StatusCode::OK,
            "{role:?}: {items}"
        );
        let page = house.get("/map", Some(&client)).await;
        assert_eq!(page.status, StatusCode::OK, "{role:?}");
        let leaks = ["B01", "王小明"].iter().any(|w| page.text.contains(w));
        assert!(!leaks && page.text.contains("王**"), "{}", page.text);
    }
    let street = house.log_in("street-all").await;
    let all = json(&house, PLACES, &street).await;
    assert_eq!(features(&all).len(), 6);
}

#[tokio::test]
async fn a_place_says_where_it_lies_and_what_the_registers_say() {
    let house = with_places().await;
    let client = house.log_in("street-all").await;
    let all = json(&house, PLACES, &client).await;
    let shop = named(&all, "A01|assets|ZC-1");
    let point = r#"{"type":"Point","coordinates":[114.1000001,30.3]}"#;
    assert_eq!(shop["geometry"].to_string(), point);
    let properties = &shop["properties"];
    assert_eq!(properties["contracts"][0]["party"], "王**");
    assert_eq!(
        properties["contracts"][0]["path"],
        "/registers/contracts/A01/HT-1"
    );
    let classes = properties["classes"].as_array().unwrap();
    assert_eq!(
        (&classes[0], &classes[2]),
        (&"use-shop".into(), &"idle-used".into())
    );
    assert_eq!(
        classes[3], "found-high",
        "the contract's item is the shop's"
    );
    let parcel = named(&all, "A01|resources|DK-1");
    assert_eq!(parcel["geometry"].to_string(), SQUARE);
    assert_eq!(parcel["properties"]["arrears"], Value::Null);
    let idle = named(&all, "A01|assets|ZC-2");
    assert_eq!(idle["geometry"], Value::Null);
    assert_eq!(idle["properties"]["idle"], true);
    // What is asked for narrows map and list alike; nothing without a place is passed over in silence.
    for (show, count, has) in [
        ("idle", 2, "ZC-2"),
        ("unplaced", 2, "ZC-2"),
        ("found", 2, "ZC-1"),
    ] {
        let some = json(&house, &format!("{PLACES}?show={show}"), &client).await;
        assert_eq!(features(&some).len(), count, "{show}");
        let page = house.get(&format!("/map?show={show}"), Some(&client)).await;
        assert!(
            page.text
                .contains(&format!("<small class=\"sub\">{count} 处")),
            "{show}"
        );
        assert!(page.text.contains(&format!("A01|assets|{has}")), "{show}");
    }
    let page = house.get("/map", Some(&client)).await.text;
    assert!(page.contains("没有位置的 2 处"), "{page}");
    for path in [format!("{PLACES}?show=x"), "/map?show=x".to_owned()] {
        let wrong = house.get(&path, Some(&client)).await;
        assert_eq!(wrong.code(), "网页-1007", "{path}");
    }
}

/// The jiufeng street, with its findings as a run found them.
async fn jiufeng() -> (House, Client) {
    let house = House::new().await;
    let hand_in = read(&fixture("jiufeng"), None);
    write(&house.store, &hand_in, Defects::Quarantine).await;
    let client = house.log_in("street-all").await;
    (house, client)
}

/// Money of a text, 分.
fn fen(text: &str) -> i64 {
    match text {
        "—" | "" => 0,
        text => text.replace([',', '.', '%'], "").parse().unwrap(),
    }
}

/// Every chart of a page: its data, and the cells of the table behind it, row by row with the heading first.
fn charts(page: &str) -> Vec<(Value, Vec<Vec<String>>)> {
    let figures = page.split("<figure class=\"chart\">").skip(1);
    let cell = regex::Regex::new(r"<t[hd][^>]*>(?:<span[^>]*>)?([^<]*)").unwrap();
    let charts = figures.map(|figure| {
        let figure = figure.split("</figure>").next().unwrap();
        let data = figure.split("data-chart=\"").nth(1).unwrap();
        let data = data.split('"').next().unwrap().replace("&#34;", "\"");
        let rows = figure.split("<tr>").skip(1).map(|row| {
            let cells = cell.captures_iter(row).map(|c| c[1].to_owned());
            cells.collect()
        });
        (serde_json::from_str(&data).unwrap(), rows.collect())
    });
    charts.collect()
}

fn texts(value: &Value) -> Vec<&str> {
    let all = value.as_array().unwrap().iter();
    all.map(|v| v.as_str().unwrap()).collect()
}

/// The series of a chart: name and values.
fn series(data: &Value) -> Vec<(&str, Vec<i64>)> {
    let all = data["series"].as_array().unwrap().iter();
    let one = |s: &'_ Value| {
        s["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_i64().unwrap())
            .collect()
    };
    all.map(|s| (s["name"].as_str().unwrap(), one(s))).collect()
}

/// The table behind a chart says the same as its data, category by category.
fn agree(data: &Value, table: &[Vec<String>]) {
    let categories = texts(&data["categories"]);
    let (head, body) = table.split_first().unwrap();
    for (name, values) in series(data) {
        if data["shape"] == "rows" {
            assert_eq!(head[1..=categories.len()], categories);
            let row = body.iter().find(|r| r[0] == name).unwrap();
            let shown: Vec<i64> = row[1..=values.len()].iter().map(|c| fen(c)).collect();
            assert_eq!(shown, values, "{name}");
            assert_eq!(
                fen(&row[values.len() + 1]),
                values.iter().sum::<i64>(),
                "{name}"
            );
        } else {
            let at = head.iter().position(|h| h.trim_end_matches("(元)") == name);
            let at = at.unwrap_or_else(|| panic!("{name}: {head:?}"));
            let shown: Vec<i64> = body[..values.len()].iter().map(|r| fen(&r[at])).collect();
            assert_eq!(shown, values, "{name}");
            let first = body.iter().map(|r| r[0].as_str()).take(values.len());
            assert_eq!(first.collect::<Vec<_>>(), categories);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_and_found_is_the_same_on_map_chart_and_table() {
    let (house, client) = jiufeng().await;
    let get = async |path: &str| {
        let answer = house.get(path, Some(&client)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.text
    };
    let overview = get("/overview").await;
    let foot = overview.split("<tfoot>").nth(1).unwrap();
    let exact = regex::Regex::new(r#"title="([^" ]*) 元""#).unwrap();
    let sums: Vec<i64> = exact
        .captures_iter(foot.split("</tfoot>").next().unwrap())
        .map(|c| fen(&c[1]))
        .collect();
    // 五个报表数、应收、拖欠、疑点金额.
    let unpaid = sums[6];
    assert!(unpaid > 0, "{foot}");
    let all = charts(&overview);
    assert_eq!(all.len(), 2);
    for (data, table) in &all {
        agree(data, table);
    }
    let (_, owed) = series(&all[0].0)[0].clone();
    assert_eq!(owed.iter().sum::<i64>(), unpaid);
    // The map: places and strays add up to it, and each place to its contracts.
    let places = json(&house, PLACES, &client).await;
    assert_eq!(fen(places["arrears"].as_str().unwrap()), unpaid);
    let of = |v: &Value| v.as_str().map_or(0, fen);
    let (mut sum, mut located) = (fen(places["stray_arrears"].as_str().unwrap()), 0);
    for feature in features(&places) {
        let properties = &feature["properties"];
        let contracts = properties["contracts"].as_array().unwrap().iter();
        let owed: i64 = contracts.map(|c| of(&c["arrears"])).sum();
        assert_eq!(of(&properties["arrears"]), owed, "{properties}");
        sum += owed;
        located += usize::from(!feature["geometry"].is_null());
    }
    assert_eq!(sum, unpaid);
    assert!(located > 25, "{located}");
    // Contract by contract: the register's own column.
    let csv = get("/registers/contracts/csv").await;
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let mut told = BTreeSet::new();
    for row in reader
        .records()
        .map(|r| r.unwrap())
        .filter(|r| !r[12].is_empty())
    {
        told.insert((row[0].to_owned(), row[2].to_owned(), row[12].to_owned()));
    }
    for feature in features(&places) {
        let properties = &feature["properties"];
        for contract in properties["contracts"].as_array().unwrap() {
            if let Some(arrears) = contract["arrears"].as_str() {
                let text = |v: &Value| v.as_str().unwrap().to_owned();
                let key = (
                    text(&properties["organisation"]),
                    text(&contract["number"]),
                    arrears.to_owned(),
                );
                assert!(told.contains(&key), "{key:?}");
            }
        }
    }
    // Findings: those of the two small companies; data quality is left out there and here.
    let found: i64 = series(&all[1].0).iter().flat_map(|(_, v)| v).sum();
    assert_eq!(found, 2);
    let cells = overview.split("<tfoot>").nth(1).unwrap();
    assert!(cells.contains("<td class=\"num\">2</td>"), "{cells}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_months_of_a_book_add_up_to_its_statement() {
    let (house, client) = jiufeng().await;
    for (organisation, period) in [("JF01", "2025-01..2025-12"), ("JF03", "2024-03..2024-09")] {
        let path = format!("/books/{organisation}/statements?period={period}");
        let page = house.get(&path, Some(&client)).await.text;
        let all = charts(&page);
        let [(data, table)] = &all[..] else {
            panic!("{page}");
        };
        agree(data, table);
        for (name, label) in [("收入", "一、收入合计"), ("支出", "二、支出合计")] {
            let line = page
                .split(label)
                .nth(1)
                .unwrap()
                .split("</tr>")
                .next()
                .unwrap();
            let first = line.split("<td class=\"num\">").nth(1).unwrap();
            let stated = fen(first.split('<').next().unwrap());
            let values = series(data)
                .into_iter()
                .find(|(n, _)| *n == name)
                .unwrap()
                .1;
            assert_eq!(values.iter().sum::<i64>(), stated, "{organisation} {name}");
            assert!(
                values.iter().any(|v| *v > 0) && values.iter().all(|v| *v >= 0),
                "{organisation} {name} {values:?}"
            );
        }
    }
    // A month by itself is the statement of that month.
    let one = house
        .get("/books/JF01/statements?period=2025-04", Some(&client))
        .await
        .text;
    let year = house
        .get(
            "/books/JF01/statements?period=2025-01..2025-12",
            Some(&client),
        )
        .await
        .text;
    let (one, year) = (charts(&one), charts(&year));
    let [(one, _), (year, _)] = [&one[0], &year[0]];
    assert_eq!(series(one)[0].1[0], series(year)[0].1[3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_are_those_that_the_rule_counts() {
    let (house, client) = jiufeng().await;
    let page = house
        .get("/audit/digits/JF01?year=2025", Some(&client))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let all = charts(&page.text);
    let [(data, table)] = &all[..] else {
        panic!("{}", page.text);
    };
    agree(data, table);
    let total: i64 = table[1..10]
        .iter()
        .map(|r| r[1].parse::<i64>().unwrap_or(0))
        .sum();
    assert!(total > 20, "{table:?}");
    assert!(
        page.text.contains(&format!("2025 年 {total} 条")),
        "{}",
        page.text
    );
    let expected = &series(data)[1].1;
    assert_eq!((expected[0], expected[8]), (3_010, 458));
    let nobody = house.get("/audit/digits/NOPE", Some(&client)).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn files_have_their_types_and_are_not_sent_twice() {
    let house = House::new().await;
    let elsewhere = regex::Regex::new(r#"https?://([^/"')\s]*)"#).unwrap();
    let comments = regex::Regex::new(r"(?s)/\*.*?\*/").unwrap();
    for (name, kind) in [
        ("style.css", "text/css"),
        ("pictures.css", "text/css"),
        ("leaflet.css", "text/css"),
        ("leaflet.js", "text/javascript"),
        ("echarts.min.js", "text/javascript"),
        ("charts.js", "text/javascript"),
        ("map.js", "text/javascript"),
    ] {
        let path = format!("/static/{name}");
        let answer = house.get(&path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let header =
            |answer: &Answer, name: HeaderName| answer.headers[name].to_str().unwrap().to_owned();
        assert!(
            header(&answer, header::CONTENT_TYPE).starts_with(kind),
            "{path}"
        );
        assert_eq!(header(&answer, header::CACHE_CONTROL), "max-age=3600");
        let tag = header(&answer, header::ETAG);
        let again = house
            .get_with(&path, &[("if-none-match", tag.as_str())])
            .await;
        assert_eq!(
            (again.status, again.text.as_str()),
            (StatusCode::NOT_MODIFIED, ""),
            "{path}"
        );
        let other = house.get_with(&path, &[("if-none-match", "W/\"0\"")]).await;
        assert_eq!(other.status, StatusCode::OK);
        // Nothing in them asks for anything elsewhere: what they name is a namespace or a home page.
        let known = ["www.w3.org", "leafletjs.com"];
        for found in elsewhere.captures_iter(&comments.replace_all(&answer.text, "")) {
            assert!(known.contains(&&found[1]), "{path}: {}", &found[0]);
        }
    }
    let unknown = house.get("/static/leaflet.js.map", None).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pictures_come_from_the_tile_server_of_the_street_and_from_nowhere_else() {
    let house = with_places().await;
    let policy = |answer: &Answer| {
        let value = &answer.headers["content-security-policy"];
        value.to_str().unwrap().to_owned()
    };
    let plain = policy(&house.get("/login", None).await);
    assert!(plain.contains("img-src 'self' data:;"), "{plain}");
    let tiles = Tiles::new("https://tiles.example/{z}/{x}/{y}.png", "© 示例").unwrap();
    let pack = Pack::embedded();
    let (rules, ids) = (RulePack::load(&pack), IdHasher::new(b"test"));
    let hasher = Hasher::of_cost(8, 1).unwrap();
    let workspace = Workspace::new(house.store.clone(), pack, rules, ids, hasher, false);
    let mut with = house;
    with.app = application(&workspace.with_tiles(tiles));
    let client = with.log_in("street-all").await;
    let page = with.get("/map", Some(&client)).await;
    let changed = "img-src 'self' data: https://tiles.example;";
    assert_eq!(
        policy(&page),
        plain.replace("img-src 'self' data:;", changed)
    );
    let address = "data-tiles=\"https://tiles.example/{z}/{x}/{y}.png\"";
    assert!(page.text.contains(address), "{}", page.text);
}
