//! Audit documents made in the workspace.

use std::io::{Cursor, Read};

use axum::http::StatusCode;
use sanzi::access::log;
use sanzi::access::password::Hasher;
use sanzi::audit::outcome::{AuditedOrganisation, FindingKind};
use sanzi::audit::rule::RulePack;
use sanzi::document::Typesetter;
use sanzi::import::IdHasher;
use sanzi::model::Role;
use sanzi::pack::Pack;
use sanzi::store::runs::{self, NewRun};
use sanzi::web::{Workspace, application};

use crate::support::now;
use crate::workspace::{House, finding, login_of};

/// What a document says.
fn text(docx: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut xml = String::new();
    let mut part = archive.by_name("word/document.xml").unwrap();
    part.read_to_string(&mut xml).unwrap();
    regex::Regex::new("<[^>]*>")
        .unwrap()
        .replace_all(&xml, "")
        .into_owned()
}

/// A house whose latest run tells of the organisation what documents print.
async fn audited() -> House {
    let house = House::new().await;
    let organisation = AuditedOrganisation {
        code: "A01".into(),
        name: "甲枫实业有限公司".into(),
        kind: "village_company".into(),
        standard: "village_2023".into(),
        regime: "collective".into(),
        first_period: "2024-01".into(),
        last_period: "2024-02".into(),
        vouchers: 2,
        entries: 4,
        chain_head: "ab".repeat(32),
        chain_length: 2,
    };
    let new = NewRun {
        digest: "0123456789012345678901234567",
        data_digest: "dd",
        pack_digest: "pd",
        as_of: now().date(),
        scope: "A01",
        finished_at: now(),
        outcome: serde_json::json!({ "organisations": [organisation] }).to_string(),
    };
    runs::save(&house.store, new, &[]).await.unwrap();
    house
}

#[tokio::test]
async fn a_document_about_an_item_is_filled_and_masked() {
    let house = audited().await;
    let client = house.log_in("street-all").await;
    let number = finding("A01", FindingKind::Violation).number;
    let item = house
        .get(&format!("/items/{number}"), Some(&client))
        .await
        .text;
    let path = format!("/documents/A01/evidence?item={number}");
    assert!(item.contains(&path), "{item}");
    let form = house.get(&path, Some(&client)).await;
    assert!(form.text.contains("name=\"项目名称\""), "{}", form.text);
    let fields = [
        ("csrf", client.csrf.as_str()),
        ("item", &number),
        ("项目名称", "二〇二四年度审计"),
        ("联系电话", "13900009999"),
    ];
    let made = house
        .send_files("/documents/A01/evidence", &client, &fields, &[])
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let said = text(&made.bytes);
    for part in [number.as_str(), "二〇二四年度审计", "***1234", "123.45"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("13800001234"), "masked: {said}");
    let lines = log::page(house.store.db(), 0, 5).await.unwrap().0;
    assert_eq!(lines[0].act, "document.make");
    // One matter, one sheet: without a matter there is none.
    let without = [("csrf", client.csrf.as_str())];
    let refused = house
        .send_files("/documents/A01/evidence", &client, &without, &[])
        .await;
    assert_eq!(refused.code(), "网页-1007");
    let others = finding("B01", FindingKind::Violation).number;
    let fields = [("csrf", client.csrf.as_str()), ("item", &others)];
    let refused = house
        .send_files("/documents/A01/evidence", &client, &fields, &[])
        .await;
    assert_eq!(
        refused.code(),
        "文书-1003",
        "an item of another organisation"
    );
}

#[tokio::test]
async fn a_document_about_an_organisation_lists_its_items() {
    let house = audited().await;
    let client = house.log_in(&login_of(Role::StreetSupervisor)).await;
    let list = house.get("/documents", Some(&client)).await.text;
    assert!(list.contains("/documents/A01/problem_list"), "{list}");
    let fields = [("csrf", client.csrf.as_str()), ("发文单位", "街道办事处")];
    let path = "/documents/A01/problem_list";
    let made = house.send_files(path, &client, &fields, &[]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let said = text(&made.bytes);
    let number = finding("A01", FindingKind::Violation).number;
    assert!(
        said.contains(&number) && said.contains("甲枫实业有限公司"),
        "{said}"
    );
    let closed = [("csrf", client.csrf.as_str()), ("state", "closed")];
    let made = house.send_files(path, &client, &closed, &[]).await;
    assert!(!text(&made.bytes).contains(&number), "none is closed");
    // No run tells of it: nothing to print.
    let boss = house.log_in("street-all").await;
    let fields = [("csrf", boss.csrf.as_str())];
    let none = house
        .send_files("/documents/B01/problem_list", &boss, &fields, &[])
        .await;
    assert_eq!(none.code(), "文书-1003");
}

/// The house with this script as the program that makes PDF.
#[cfg(unix)]
fn with_typesetter(mut house: House, folder: &std::path::Path, script: &str) -> House {
    use std::os::unix::fs::PermissionsExt as _;
    let program = folder.join("typesetter");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let pack = Pack::embedded();
    let (rules, ids) = (RulePack::load(&pack), IdHasher::new(b"test"));
    let hasher = Hasher::of_cost(8, 1).unwrap();
    let workspace = Workspace::new(house.store.clone(), pack, rules, ids, hasher, false);
    let typesetter = Typesetter::new(program, std::time::Duration::from_secs(60));
    house.app = application(&workspace.with_typesetter(typesetter));
    house
}

#[cfg(unix)]
#[tokio::test]
async fn a_document_is_made_as_pdf_where_the_program_is_installed() {
    let house = audited().await;
    let client = house.log_in("street-all").await;
    let path = "/documents/A01/problem_list";
    let without = house.get(path, Some(&client)).await.text;
    assert!(!without.contains("name=\"format\""), "{without}");
    let list = house.get("/documents", Some(&client)).await.text;
    assert!(list.contains("sanzi-pdf"), "how to come by PDF: {list}");

    let folder = tempfile::tempdir().unwrap();
    let house = with_typesetter(house, folder.path(), "printf %%PDF-1.7; cat");
    let client = house.log_in("street-all").await;
    let form = house.get(path, Some(&client)).await.text;
    assert!(form.contains("name=\"format\""), "{form}");
    let fields = [("csrf", client.csrf.as_str()), ("format", "pdf")];
    let made = house.send_files(path, &client, &fields, &[]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert_eq!(made.headers["content-type"], "application/pdf");
    let number = finding("A01", FindingKind::Violation).number;
    for part in ["%PDF-1.7", number.as_str(), "***1234"] {
        assert!(made.text.contains(part), "{part}: {}", made.text);
    }
    assert!(!made.text.contains("13800001234"), "masked: {}", made.text);
    let line = log::page(house.store.db(), 0, 1).await.unwrap().0;
    let object = line[0].object.as_deref().unwrap_or_default();
    assert!(object.ends_with(".pdf"), "{object}");
    // The name of the part goes on to say that it is a file.
    let letterhead = ("letterhead\"; filename=\"x.docx", "x");
    let both = [fields[0], fields[1], letterhead];
    let both = house.send_files(path, &client, &both, &[]).await;
    assert_eq!(both.code(), "文书-1009");

    let house = with_typesetter(house, folder.path(), "echo 排版-1002 没有字体 >&2; exit 2");
    let client = house.log_in("street-all").await;
    let fields = [("csrf", client.csrf.as_str()), ("format", "pdf")];
    let refused = house.send_files(path, &client, &fields, &[]).await;
    assert_eq!(refused.code(), "排版-1002");
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
