//! The life of a finding over HTTP: who is shown what, who may do what, and what is refused.

use axum::http::{StatusCode, header};
use sanzi::access::log;
use sanzi::access::user;
use sanzi::access::{Scope, user::Profile};
use sanzi::audit::outcome::FindingKind;
use sanzi::model::Role;
use sanzi::review::verify::verify;

use crate::support::{now, stores};
use crate::workspace::{Answer, Client, House, finding, login_of};

fn number() -> String {
    finding("A01", FindingKind::Violation).number
}

fn path() -> String {
    format!("/items/{}", number())
}

/// The number of the last event that a page shows.
fn seen(page: &Answer) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let mark = page.text.split("name=\"seen\" value=\"").nth(1).unwrap();
    mark.split('"').next().unwrap().to_owned()
}

/// Sends a form of the item's page as the page was when `seen` was read.
async fn send(
    house: &House,
    client: &Client,
    act: &str,
    seen: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Answer {
    let mut all = vec![("csrf", client.csrf.as_str()), ("seen", seen)];
    all.extend(fields);
    let to = format!("{}/{act}", path());
    house.send_files(&to, client, &all, files).await
}

async fn role(house: &House, role: Role) -> Client {
    house.log_in(&login_of(role)).await
}

#[tokio::test]
async fn the_accountant_replies_to_what_was_sent_for_comment() {
    for files in stores().await {
        reply(&House::on(files).await).await;
    }
}

async fn reply(house: &House) {
    let accountant = role(house, Role::CompanyAccountant).await;
    let list = house.get("/items", Some(&accountant)).await;
    assert!(list.text.contains(&number()), "{}", list.text);
    assert!(list.text.contains("征求意见 1"), "{}", list.text);
    assert!(list.text.contains("逾期"), "due in January 2025");
    let page = house.get(&path(), Some(&accountant)).await;
    let seen = seen(&page);
    assert!(page.text.contains("答复") && !page.text.contains("转到「认定」"));
    // An objection says why; what was chosen is still there.
    let fields = [("what", "replied"), ("agrees", "no"), ("text", "")];
    let empty = send(house, &accountant, "record", &seen, &fields, &[]).await;
    assert_eq!(empty.code(), "核查-1018", "{}", empty.text);
    assert!(empty.text.contains("<option value=\"no\" selected>"));
    let fields = [
        ("what", "replied"),
        ("agrees", "no"),
        ("text", "合同已重签,电话13800001234"),
    ];
    let paper: (&str, &[u8]) = ("C:\\资料\\新合同.pdf", b"\x00\xffnew");
    let done = send(house, &accountant, "record", &seen, &fields, &[paper]).await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let page = house.get(&path(), Some(&accountant)).await.text;
    assert!(
        page.contains("有异议") && page.contains("合同已重签"),
        "{page}"
    );
    assert!(!page.contains("13800001234"), "masked");
    assert!(page.contains(">新合同.pdf</a>"), "{page}");
    // As received, to whoever reads the item.
    let link = page.split("<a href=\"").find(|p| p.contains("新合同.pdf"));
    let link = link.unwrap().split('"').next().unwrap();
    let file = house.get(link, Some(&accountant)).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.text, String::from_utf8_lossy(paper.1));
    let kind = file.headers.get(header::CONTENT_TYPE).unwrap();
    assert_eq!(kind, "application/octet-stream");
    // Not by an address under another item of the organisation.
    let other = finding("A01", FindingKind::DataQuality).number;
    let crossed = link.replace(&number(), &other);
    assert_eq!(
        house.get(&crossed, Some(&accountant)).await.status,
        StatusCode::NOT_FOUND
    );
    for report in verify(&house.store, None).await.unwrap() {
        assert_eq!(report.fault, None);
    }
}

#[tokio::test]
async fn who_proposed_does_not_approve() {
    let house = House::new().await;
    let supervisor = house.log_in("street-all").await;
    let page = house.get(&path(), Some(&supervisor)).await;
    let seen_now = seen(&page);
    let fields = [("what", "determined"), ("reason", "属实")];
    let refused = send(&house, &supervisor, "step", &seen_now, &fields, &[]).await;
    assert_eq!(refused.code(), "核查-1005", "{}", refused.text);
    let fields = [
        ("what", "proposed"),
        ("to", "filed"),
        ("reason", "金额很小"),
    ];
    let proposed = send(&house, &supervisor, "record", &seen_now, &fields, &[]).await;
    assert_eq!(proposed.location(), path(), "{}", proposed.text);
    // The same person with another hat is the same person.
    let hat = Profile {
        login: "street-all".into(),
        name: "复核".into(),
        role: Role::StreetReviewer,
        scope: Scope::All,
    };
    user::change(&house.store, &hat, false, "administrator", now())
        .await
        .unwrap();
    let reviewer = house.log_in("street-all").await;
    let seen_now = seen(&house.get(&path(), Some(&reviewer)).await);
    for to in ["determined", "filed"] {
        let fields = [("what", to), ("reason", "同意")];
        let refused = send(&house, &reviewer, "step", &seen_now, &fields, &[]).await;
        assert_eq!(refused.code(), "核查-1006", "{to}: {}", refused.text);
        assert!(refused.text.contains(">同意</textarea>"), "as typed");
    }
    let other = role(&house, Role::StreetReviewer).await;
    let fields = [("what", "determined"), ("reason", "属实")];
    let done = send(&house, &other, "step", &seen_now, &fields, &[]).await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let page = house.get(&path(), Some(&other)).await.text;
    assert!(page.contains("征求意见 → <b>认定</b>"), "{page}");
    // Determined is the street's own again, until it is sent for rectification.
    let officer = role(&house, Role::CompanyOfficer).await;
    assert_eq!(
        house.get(&path(), Some(&officer)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_stale_page_is_refused_and_nothing_typed_is_lost() {
    let house = House::new().await;
    let supervisor = house.log_in("street-all").await;
    let old = seen(&house.get(&path(), Some(&supervisor)).await);
    let note = [("what", "noted"), ("text", "已电话核对")];
    let first = send(&house, &supervisor, "record", &old, &note, &[]).await;
    assert_eq!(first.location(), path(), "{}", first.text);
    let note = [("what", "noted"), ("text", "第二条备注")];
    let stale = send(&house, &supervisor, "record", &old, &note, &[]).await;
    assert_eq!(
        (stale.status, stale.code().as_str()),
        (StatusCode::CONFLICT, "核查-1014")
    );
    assert!(
        stale.text.contains(">第二条备注</textarea>"),
        "{}",
        stale.text
    );
    // The page that came back is fresh.
    let fresh = stale.text.split("name=\"seen\" value=\"").nth(1).unwrap();
    let fresh = fresh.split('"').next().unwrap().to_owned();
    let again = send(&house, &supervisor, "record", &fresh, &note, &[]).await;
    assert_eq!(again.location(), path(), "{}", again.text);
}

#[tokio::test]
async fn rectification_lists_measure_and_lead() {
    let house = House::new().await;
    let street = house.log_in("street-all").await;
    let reviewer = role(&house, Role::StreetReviewer).await;
    let at = async |client: &Client| seen(&house.get(&path(), Some(client)).await);
    let fields = [("what", "determined"), ("reason", "属实")];
    let done = send(
        &house,
        &reviewer,
        "step",
        &at(&reviewer).await,
        &fields,
        &[],
    )
    .await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let fields = [("what", "rectifying"), ("due", "2999-12-31")];
    let done = send(&house, &street, "step", &at(&street).await, &fields, &[]).await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let officer = role(&house, Role::CompanyOfficer).await;
    let fields = [
        ("what", "planned"),
        ("measure", "重签合同"),
        ("kind", "staged"),
        ("lead", "丁某"),
        ("due", "2999-06-30"),
        ("target", "期限改为二十年"),
    ];
    let done = send(
        &house,
        &officer,
        "record",
        &at(&officer).await,
        &fields,
        &[],
    )
    .await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let list = house.get("/rectification", Some(&officer)).await.text;
    for text in ["重签合同", "丁某", "2999-12-31", "整改中 1"] {
        assert!(list.contains(text), "{text}: {list}");
    }
    let none = house
        .get("/rectification?state=suspected", Some(&street))
        .await;
    assert!(none.text.contains("没有符合条件的事项"), "{}", none.text);
    let none = house.get("/rectification?overdue=yes", Some(&street)).await;
    assert!(none.text.contains("没有符合条件的事项"), "{}", none.text);
}

/// Nobody is warned: what the street thinks of doing is not told to the company that reads the item.
#[tokio::test]
async fn a_company_sees_no_note_and_no_proposal() {
    let house = House::new().await;
    let street = house.log_in("street-all").await;
    let fields = [
        ("what", "proposed"),
        ("to", "transferred"),
        ("reason", "拟移送"),
    ];
    let paper: (&str, &[u8]) = ("线索.pdf", b"x");
    let at = seen(&house.get(&path(), Some(&street)).await);
    let done = send(&house, &street, "record", &at, &fields, &[paper]).await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let at = seen(&house.get(&path(), Some(&street)).await);
    let note = [("what", "noted"), ("text", "内部备注")];
    let done = send(&house, &street, "record", &at, &note, &[]).await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let page = house.get(&path(), Some(&street)).await.text;
    let link = page.split("<a href=\"").find(|p| p.contains("线索.pdf"));
    let link = link.unwrap().split('"').next().unwrap();
    for role_of_company in [Role::CompanyAccountant, Role::CompanyOfficer] {
        let client = role(&house, role_of_company).await;
        let page = house.get(&path(), Some(&client)).await.text;
        assert!(page.contains("取证单.pdf"), "what was sent with it: {page}");
        for inward in ["移送", "内部备注", "线索.pdf", "待核"] {
            assert!(!page.contains(inward), "{inward}: {page}");
        }
        let file = house.get(link, Some(&client)).await;
        assert_eq!(file.status, StatusCode::NOT_FOUND);
        let officer = role_of_company == Role::CompanyOfficer;
        assert_ne!(page.contains("租期上限"), officer, "the rule's parameters");
    }
}

#[tokio::test]
async fn what_is_handed_over_is_the_inspectors_alone() {
    let house = House::new().await;
    let inspector = role(&house, Role::Inspector).await;
    let page = house.get(&path(), Some(&inspector)).await;
    let lines = log::page(house.store.db(), 0, 5).await.unwrap().0;
    assert_eq!(lines[0].act, "finding.read");
    assert_eq!(lines[0].object, Some(number()));
    let fields = [("what", "transferred"), ("reason", "街纪〔2025〕3号")];
    let done = send(&house, &inspector, "step", &seen(&page), &fields, &[]).await;
    assert_eq!(done.location(), path(), "{}", done.text);
    let list = house
        .get("/items?state=transferred", Some(&inspector))
        .await;
    assert!(list.text.contains(&number()), "{}", list.text);
    for other in [
        Role::StreetSupervisor,
        Role::StreetReviewer,
        Role::CompanyAccountant,
    ] {
        let client = role(&house, other).await;
        assert_eq!(
            house.get(&path(), Some(&client)).await.status,
            StatusCode::NOT_FOUND
        );
        let list = house.get("/items", Some(&client)).await;
        assert!(!list.text.contains(&number()), "{other:?}");
    }
    let paper = format!("{}/attachments/6/1", path());
    assert_eq!(
        house.get(&paper, Some(&inspector)).await.status,
        StatusCode::OK
    );
    let lines = log::page(house.store.db(), 0, 5).await.unwrap().0;
    assert_eq!(lines[0].act, "attachment.read");
}

#[tokio::test]
async fn several_items_take_one_step_each_by_itself() {
    for files in stores().await {
        let house = House::on(files).await;
        let client = house.log_in("street-all").await;
        let quality = [
            finding("A01", FindingKind::DataQuality).number,
            finding("B01", FindingKind::DataQuality).number,
        ];
        let list = house
            .get("/items?state=suspected", Some(&client))
            .await
            .text;
        let marks: Vec<&str> = list
            .split("name=\"number\" value=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(marks.len(), 2, "{list}");
        assert!(list.contains("转到「待核」"), "{list}");
        let send = |marks: Vec<String>| {
            let marks: Vec<String> = marks.iter().map(|m| format!("number={m}")).collect();
            format!(
                "csrf={}&to=checking&reason=x&{}",
                client.csrf,
                marks.join("&")
            )
        };
        // One is seen as it is, the other as it no longer is.
        let stale = vec![marks[0].to_owned(), format!("{}:0", quality[1])];
        let answer = house.post("/items", Some(&client), &send(stale)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert!(
            answer.text.contains("1 项已转到「待核」"),
            "{}",
            answer.text
        );
        assert!(answer.text.contains("1 项没有办成"), "{}", answer.text);
        let left = house
            .get("/items?state=suspected", Some(&client))
            .await
            .text;
        assert_eq!(left.matches("name=\"number\"").count(), 1, "{left}");
        let none = house.post("/items", Some(&client), &send(Vec::new())).await;
        assert_eq!(none.code(), "网页-1007");
        // A list of mixed states offers nothing to tick.
        let mixed = house.get("/items", Some(&client)).await.text;
        assert!(!mixed.contains("name=\"number\""), "{mixed}");
        let searched = house
            .get("/items?q=HT-1&severity=high", Some(&client))
            .await;
        assert!(searched.text.contains(&quality[1]), "{}", searched.text);
        let low = house.get("/items?severity=low", Some(&client)).await.text;
        assert!(low.contains("没有符合条件的事项"), "{low}");
    }
}
