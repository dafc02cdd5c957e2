//! The company and the months of the bar above: chosen once, kept from page to page, never wider than the person's scope.

use axum::http::{StatusCode, header};
use sanzi::model::Role;

use crate::workspace::{Client, House, login_of};

/// Chooses a focus on a page; the client with its cookie, and where it was led.
async fn choose(
    house: &House,
    client: &Client,
    org: &str,
    period: &str,
    back: &str,
) -> (Client, String) {
    let fields = format!("csrf={}&org={org}&period={period}&back={back}", client.csrf);
    let answer = house.post("/focus", Some(client), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let set = answer
        .headers
        .get(header::SET_COOKIE)
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax"),
        "{set}"
    );
    let focus = set.split(';').next().unwrap();
    let session = client.cookie.split("; ").next().unwrap();
    let chosen = Client {
        cookie: format!("{session}; {focus}"),
        csrf: client.csrf.clone(),
    };
    (chosen, answer.location().to_owned())
}

#[tokio::test]
async fn what_was_chosen_stays_while_moving() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    let (client, led) = choose(&house, &client, "B01", "2024", "/items").await;
    assert_eq!(led, "/items");
    let items = house.get("/items", Some(&client)).await;
    assert_eq!(items.location(), "/items?org=B01");
    let items = house.get("/items?org=B01", Some(&client)).await;
    assert!(items.text.contains("<option value=\"B01\" selected>"));
    assert!(items.text.contains("value=\"2024-01..2024-12\""));
    // An address with a filter of its own is left as it is.
    let paged = house.get("/items?page=1", Some(&client)).await;
    assert_eq!(paged.status, StatusCode::OK);
    assert_eq!(
        house.get("/books", Some(&client)).await.location(),
        "/books/B01"
    );
    let accounts = house.get("/books/A01/accounts", Some(&client)).await;
    let (path, asked) = accounts.location().split_once('?').unwrap();
    assert_eq!(
        (path, asked),
        ("/books/A01/accounts", "period=2024-01..2024-12")
    );
    let (client, led) = choose(
        &house,
        &client,
        "A01",
        "",
        "/books/B01/statements?period=2024-01",
    )
    .await;
    assert_eq!(led, "/books/A01/statements");
    let (client, _) = choose(&house, &client, "", "", "/items").await;
    assert_eq!(
        house.get("/items", Some(&client)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_focus_is_never_wider_than_the_scope() {
    let house = House::new().await;
    let client = house.log_in(&login_of(Role::StreetSupervisor)).await;
    let fields = format!("csrf={}&org=B01&back=/items", client.csrf);
    let refused = house.post("/focus", Some(&client), &fields).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let forged = Client {
        cookie: format!("{}; sanzi_focus=B01~", client.cookie),
        csrf: client.csrf.clone(),
    };
    assert_eq!(
        house.get("/items", Some(&forged)).await.status,
        StatusCode::OK
    );
    for wrong in ["period=soon", "period=2024-05..2024-01"] {
        let fields = format!("csrf={}&{wrong}", client.csrf);
        let refused = house.post("/focus", Some(&client), &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let fields = format!("csrf={}&back=//elsewhere", client.csrf);
    let led = house.post("/focus", Some(&client), &fields).await;
    assert_eq!(led.location(), "/");
}

#[tokio::test]
async fn the_directory_counts_what_waits() {
    let house = House::new().await;
    let count = async |role| {
        let client = house.log_in(&login_of(role)).await;
        let page = house.get("/items", Some(&client)).await.text;
        let entry = page.split("href=\"/items\"").nth(1).unwrap();
        let entry = entry.split("</a>").next().unwrap();
        let number = entry
            .split("待办\">")
            .nth(1)
            .and_then(|n| n.split('<').next());
        number.map(|n| n.parse::<i64>().unwrap())
    };
    assert!(count(Role::StreetSupervisor).await > Some(0));
    assert_eq!(
        count(Role::ReadOnly).await,
        None,
        "who may do nothing has nothing waiting"
    );
}
