//! Every route × every role × the own and another organisation, over HTTP.

use axum::http::{Method, StatusCode};
use sanzi::access::log;
use sanzi::audit::outcome::FindingKind;
use sanzi::model::Role;
use sanzi::web::permissions::{Body, Reach, Rule, Who, rules};

use crate::support::stores;
use crate::workspace::{Answer, Client, House, finding, login_of};

/// A route's path for the own organisation (batch and run 1) or the other (2).
fn path(rule: &Rule, own: bool) -> String {
    let (org, number) = if own { ("A01", "1") } else { ("B01", "2") };
    let item = finding(org, FindingKind::Violation).number;
    rule.path
        .replace("{org}", org)
        .replace("{voucher}", "2024-01-记-0001")
        .replace("{account}", "1001")
        .replace("{contract}", "HT-1")
        .replace("{register}", "assets")
        .replace(
            "{rule}/try",
            "F-002/try?param=threshold&values=1000..2000/1000",
        )
        .replace("{rule}", "F-002")
        .replace("{name}", "threshold")
        .replace("{form}", "notice")
        .replace("{run}", number)
        .replace("{batch}", number)
        .replace("{number}", &item)
        // The paper with which the item was sent for comment: after two findings and three steps.
        .replace("{position}", "6")
        .replace("{line}", "1")
        .replace("{plan}", &format!("2025-00{number}"))
        // The notice: the third record of a project.
        .replace("{event}", "3")
        .replace("{policy}", "1")
        .replace("{request}", number)
        .replace("{suppression}", number)
        .replace("{upload}", "nothing")
        .replace("{job}", "999")
        .replace("{token}", "1")
        .replace("{login}", "read-only")
        .replace("{file}", "style.css")
}

/// Routes that name something of one organisation.
fn is_owned(rule: &Rule) -> bool {
    let owned = [
        "{org}",
        "{batch}",
        "{run}",
        "{number}",
        "{plan}",
        "{request}",
        "{suppression}",
    ];
    owned.iter().any(|p| rule.path.contains(p))
}

/// Names something that is not there in the test, so that the answer is 404 to whoever may ask.
fn is_absent(rule: &Rule) -> bool {
    ["{upload}", "{job}"].iter().any(|p| rule.path.contains(p))
}

async fn ask(house: &House, rule: &Rule, own: bool, client: Option<&Client>, csrf: &str) -> Answer {
    let path = path(rule, own);
    match (&rule.method, rule.takes) {
        (&Method::GET, _) => house.get(&path, client).await,
        (_, Body::Files) => match client {
            Some(client) => {
                let fields = [("csrf", csrf), ("org", "A01")];
                house.send_files(&path, client, &fields, &[]).await
            }
            None => house.post(&path, None, "").await,
        },
        (_, Body::Json) => {
            let marks = [("x-csrf-token", csrf)];
            // A sound body where what it is about is not there, so that this is what the answer says.
            let body = if is_absent(rule) { "{}" } else { "x" };
            house.post_json(&path, client, &marks, body).await
        }
        // Nothing of this is fit to be carried out: a refusal of the content shows that the door was open.
        _ => {
            house
                .post(&path, client, &format!("csrf={csrf}&as_of=x"))
                .await
        }
    }
}

#[tokio::test]
async fn every_route_for_every_role_and_organisation() {
    for files in stores().await {
        let house = House::on(files).await;
        walk(&house).await;
        log::verify(house.store.db()).await.unwrap();
    }
}

async fn walk(house: &House) {
    let mut walked = 0;
    for role in Role::ALL {
        let client = house.log_in(&login_of(role)).await;
        for rule in rules() {
            // It ends the session: walked below.
            if rule.path == "/logout" || rule.who == Who::Anyone {
                continue;
            }
            for own in [true, false] {
                let case = format!("{role:?} {} {}", rule.method, path(rule, own));
                let answer = ask(house, rule, own, Some(&client), &client.csrf).await;
                let (status, code) = (answer.status, answer.code());
                let never = rule.reach(role) == Reach::Never;
                // The administrator has no list of organisations, and no route that names one.
                let outside = !own && is_owned(rule);
                if never {
                    assert_eq!(
                        (status, code.as_str()),
                        (StatusCode::FORBIDDEN, "网页-1002"),
                        "{case}"
                    );
                } else if outside || is_absent(rule) {
                    assert_eq!(status, StatusCode::NOT_FOUND, "{case}: {}", answer.text);
                } else if rule.method == Method::GET {
                    let open = [StatusCode::OK, StatusCode::SEE_OTHER];
                    assert!(open.contains(&status), "{case}: {status} {}", answer.text);
                } else {
                    let refused = [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY];
                    assert!(
                        refused.contains(&status),
                        "{case}: {status} {}",
                        answer.text
                    );
                }
                walked += 1;
            }
        }
    }
    assert!(walked > 600, "{walked}");
}

#[tokio::test]
async fn nothing_opens_without_logging_in() {
    let house = House::new().await;
    for rule in rules().iter().filter(|r| r.who != Who::Anyone) {
        let case = format!("{} {}", rule.method, rule.path);
        let answer = ask(&house, rule, true, None, "").await;
        let page = rule.method == Method::GET && !rule.path.starts_with("/api/");
        if page {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{case}");
            assert!(answer.location().starts_with("/login?next=%2F"), "{case}");
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{case}");
            assert_eq!(answer.code(), "网页-1001", "{case}");
        }
    }
}

#[tokio::test]
async fn no_form_is_taken_without_its_mark() {
    let house = House::new().await;
    for role in [Role::StreetSupervisor, Role::Administrator] {
        let client = house.log_in(&login_of(role)).await;
        let posts = rules().iter().filter(|r| r.method == Method::POST);
        for rule in posts.filter(|r| r.reach(role) != Reach::Never) {
            for wrong in ["", "x", &"0".repeat(64)] {
                let case = format!("{role:?} {} {wrong}", rule.path);
                let answer = ask(&house, rule, true, Some(&client), wrong).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{case}");
                assert_eq!(answer.code(), "网页-1004", "{case}");
            }
        }
    }
}

#[tokio::test]
async fn who_sees_the_street_sees_every_organisation() {
    let house = House::new().await;
    let client = house.log_in("street-all").await;
    for rule in rules()
        .iter()
        .filter(|r| r.method == Method::GET && is_owned(r))
    {
        for own in [true, false] {
            let answer = ask(&house, rule, own, Some(&client), "").await;
            let open = [StatusCode::OK, StatusCode::SEE_OTHER];
            assert!(
                open.contains(&answer.status),
                "{} {}",
                rule.path,
                answer.text
            );
        }
    }
}

/// Lists show what lies in scope and nothing of the rest.
#[tokio::test]
async fn lists_hold_nothing_of_others() {
    let house = House::new().await;
    for role in Role::ALL {
        let client = house.log_in(&login_of(role)).await;
        for rule in rules().iter().filter(|r| r.method == Method::GET) {
            // The administrator's page of users names the organisations that there are.
            if rule.path.starts_with("/settings") || rule.reach(role) == Reach::Never {
                continue;
            }
            let answer = ask(&house, rule, true, Some(&client), "").await;
            assert!(
                !answer.text.contains("B01"),
                "{role:?} {}: {}",
                rule.path,
                answer.text
            );
        }
    }
}
