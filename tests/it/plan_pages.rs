//! 监督计划, 廉政风险点 and 制度文件 in the browser.

use axum::http::StatusCode;
use sanzi::model::Role;

use crate::workspace::{Answer, Client, House, encoded, login_of};

/// The number of a project's last record, as its forms carry it.
fn seen(page: &Answer) -> String {
    let field = page.text.split("name=\"seen\" value=\"").nth(1).unwrap();
    field.split('"').next().unwrap().to_owned()
}

/// The fields of a project that is fit to be proposed.
fn fields(client: &Client) -> String {
    let csrf = &client.csrf;
    let (title, basis) = (encoded("闲置商铺专项检查"), encoded("年度要点"));
    format!(
        "csrf={csrf}&year=2025&kind=special&title={title}&org=A01&period=2024-01..2024-12&family=contract&rules=f-009&basis={basis}\
         &leader=street-supervisor&member=inspector&start=2025-03-10&end=2025-03-28"
    )
}

#[tokio::test]
async fn a_company_learns_of_its_own_project_with_the_notice_and_of_inner_work_never() {
    let house = House::new().await;
    let street = house.log_in("street-all").await;
    let officer = house.log_in(&login_of(Role::CompanyOfficer)).await;
    let page = house.get("/plan/2025-001", Some(&officer)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for shown in ["租赁合同专项检查", "送达通知", "通知书.pdf", "资料交接"] {
        assert!(page.text.contains(shown), "{shown}");
    }
    // Neither rules nor basis, nor the street's notes, nor who approved, nor the steps inside.
    for hidden in [
        "规则范围",
        "街道内部依据",
        "街道备注",
        "立项依据",
        "底稿复核",
        "运行规则",
        "范围内的疑点",
        "/audit?",
    ] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    let paper = house
        .get("/plan/2025-001/attachments/3/1", Some(&officer))
        .await;
    assert_eq!(paper.text, "%PDF notice");
    // A second project of the own company is not known before its notice.
    let made = house.post("/plan", Some(&street), &fields(&street)).await;
    assert_eq!(made.location(), "/plan/2025-003", "{}", made.text);
    let unknown = house.get("/plan/2025-003", Some(&officer)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let list = house.get("/plan", Some(&officer)).await;
    assert!(list.text.contains("2025-001") && !list.text.contains("2025-003"));
    let csv = house.get("/plan.csv", Some(&officer)).await;
    assert!(csv.text.contains("2025-001") && !csv.text.contains("2025-003"));
    for closed in ["/risks", "/policies", "/api/v1/risk-points", "/plan/new"] {
        let refused = house.get(closed, Some(&officer)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{closed}");
    }
    let api = house.get("/api/v1/plan/2025-001", Some(&officer)).await;
    assert!(api.text.contains("\"rules\":null"), "{}", api.text);
    // The street sees all of it.
    let page = house.get("/plan/2025-001", Some(&street)).await;
    for shown in ["街道内部依据", "街道备注", "底稿复核", "C-001-A01"] {
        assert!(page.text.contains(shown), "{shown}");
    }
}

#[tokio::test]
async fn a_project_goes_through_the_pages_from_form_to_step() {
    let house = House::new().await;
    let supervisor = house.log_in(&login_of(Role::StreetSupervisor)).await;
    let reviewer = house.log_in(&login_of(Role::StreetReviewer)).await;
    // Everything wrong is said beside its field, and what was typed stays.
    let bad = format!(
        "csrf={}&year=20x5&title={}&basis=&leader=inspector&start=soon&end=2025-03-28",
        supervisor.csrf,
        encoded("写了一半的项目")
    );
    let page = house.post("/plan", Some(&supervisor), &bad).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["写了一半的项目", "value=\"20x5\"", "请写日期", "请选类型"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let bad = fields(&supervisor)
        .replace("&member=inspector", "")
        .replace("f-009", "z-9");
    let page = house.post("/plan", Some(&supervisor), &bad).await;
    for part in ["审计组至少两人", "没有编号为「Z-9」的规则", "2 处要改"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    // Another's organisation is not to be chosen.
    let other = fields(&supervisor).replace("org=A01", "org=B01");
    let page = house.post("/plan", Some(&supervisor), &other).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = house
        .post("/plan", Some(&supervisor), &fields(&supervisor))
        .await;
    assert_eq!(made.location(), "/plan/2025-003", "{}", made.text);
    let at = "/plan/2025-003";
    let page = house.get(at, Some(&supervisor)).await;
    assert!(page.text.contains("待批准") && !page.text.contains("登记进展</summary>"));
    assert!(
        !page.text.contains("value=\"approve\""),
        "not by the proposer"
    );
    let page = house.get(at, Some(&reviewer)).await;
    let decide = |decision: &str, seen: &str, csrf: &str| {
        format!("csrf={csrf}&seen={seen}&decision={decision}")
    };
    let form = decide("return", &seen(&page), &reviewer.csrf);
    let refused = house
        .post(&format!("{at}/decide"), Some(&reviewer), &form)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("监督-1008"), "{}", refused.text);
    let form = decide("approve", &seen(&page), &reviewer.csrf);
    let done = house
        .post(&format!("{at}/decide"), Some(&reviewer), &form)
        .await;
    assert_eq!(done.location(), at, "{}", done.text);
    // Sent twice: somebody has been there since.
    let again = house
        .post(&format!("{at}/decide"), Some(&reviewer), &form)
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let page = house.get(at, Some(&supervisor)).await;
    assert!(page.text.contains("1/15 步"), "{}", page.text);
    // The run's form with this scope: the rules of the family and the one more.
    let run = page.text.split("href=\"/audit?").nth(1).unwrap();
    let run = run.split('"').next().unwrap().replace("&#38;", "&");
    assert!(
        run.contains("as_of=2024-12-31&") && run.contains("orgs=A01"),
        "{run}"
    );
    assert!(run.contains("C-028%2CF-009"), "{run}");
    let audit = house.get(&format!("/audit?{run}"), Some(&supervisor)).await;
    assert!(audit.text.contains("value=\"2024-12-31\"") && audit.text.contains(" checked"));
    let last = seen(&page);
    let step = [
        ("csrf", supervisor.csrf.as_str()),
        ("seen", last.as_str()),
        ("step", "scheme"),
        ("status", "done"),
        ("on", "2025-03-03"),
        ("text", ""),
    ];
    let path = format!("{at}/progress");
    let refused = house.send_files(&path, &supervisor, &step, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let part = "请写说明,或附上这一步的文书";
    assert!(refused.text.contains(part), "{}", refused.text);
    let plan: &[(&str, &[u8])] = &[("审计实施方案.docx", b"PK scheme")];
    let done = house.send_files(&path, &supervisor, &step, plan).await;
    assert_eq!(done.location(), at, "{}", done.text);
    let page = house.get(at, Some(&supervisor)).await;
    assert!(page.text.contains("2/15 步") && page.text.contains("审计实施方案.docx"));
    let file = house
        .get(&format!("{at}/attachments/3/1"), Some(&supervisor))
        .await;
    assert_eq!(file.text, "PK scheme");
    // Revised: it must be approved again, and nothing goes on meanwhile.
    let revised = format!(
        "{}&seen={}",
        fields(&supervisor).replace("2025-03-28", "2025-04-30"),
        seen(&page)
    );
    let done = house.post(at, Some(&supervisor), &revised).await;
    assert_eq!(done.location(), at, "{}", done.text);
    let step = step.map(|(name, value)| match name {
        "seen" => (name, "4"),
        _ => (name, value),
    });
    let refused = house.send_files(&path, &supervisor, &step, plan).await;
    assert!(refused.text.contains("监督-1005"), "{}", refused.text);
    let list = house
        .get("/plan?state=proposed&sort=-start", Some(&supervisor))
        .await;
    assert!(list.text.contains("2025-003") && !list.text.contains("2025-001"));
}

#[tokio::test]
async fn risk_points_lead_to_their_rules_and_open_items() {
    let house = House::new().await;
    let reader = house.log_in(&login_of(Role::ReadOnly)).await;
    let page = house.get("/risks?open=yes", Some(&reader)).await;
    // The items of the house are of C-001, which one point watches.
    assert!(page.text.contains("FX-17") && !page.text.contains("FX-18"));
    assert!(page.text.contains("1 个风险点(共 31 个)"), "{}", page.text);
    let link = page.text.split("href=\"/items?org=A01").nth(1).unwrap();
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let items = house
        .get(&format!("/items?org=A01{link}"), Some(&reader))
        .await;
    assert!(items.text.contains("C-001-A01"), "{}", items.text);
    let none = house.get("/items?rule=F-001,F-002", Some(&reader)).await;
    assert!(!none.text.contains("C-001-A01"));
    let page = house.get("/risks?level=low", Some(&reader)).await;
    assert!(page.text.contains("FX-13") && !page.text.contains("FX-17"));
    // The document that a rule of the point rests on.
    let page = house.get("/risks", Some(&reader)).await;
    assert!(
        page.text
            .contains("<a href=\"/policies/1\">资金管理办法</a>")
    );
}

#[tokio::test]
async fn a_policy_is_kept_as_received_and_so_is_the_version_before() {
    let house = House::new().await;
    let supervisor = house.log_in(&login_of(Role::StreetSupervisor)).await;
    let inspector = house.log_in(&login_of(Role::Inspector)).await;
    let send =
        |client: Client, from: &'static str, files: &'static [(&'static str, &'static [u8])]| {
            let house = &house;
            async move {
                let fields = [
                    ("csrf", client.csrf.as_str()),
                    ("title", "资金管理办法"),
                    ("issuer", "街道办事处"),
                    ("from", from),
                    ("basis_for", "f-009、F-003.cash_limit"),
                ];
                house
                    .send_files("/policies/1", &client, &fields, files)
                    .await
            }
        };
    let refused = send(supervisor.clone(), "明年", &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["请写生效日", "请选文件", "value=\"明年\""] {
        assert!(refused.text.contains(part), "{part}: {}", refused.text);
    }
    let never = send(inspector.clone(), "2025-01-01", &[("a.pdf", b"x")]).await;
    assert_eq!(never.status, StatusCode::FORBIDDEN);
    let taken = send(
        supervisor.clone(),
        "2025-01-01",
        &[("新办法.pdf", b"%PDF new")],
    )
    .await;
    assert_eq!(taken.location(), "/policies/2", "{}", taken.text);
    for (id, bytes) in [(1, "%PDF policy"), (2, "%PDF new")] {
        let file = house
            .get(&format!("/policies/{id}/file"), Some(&inspector))
            .await;
        assert_eq!(file.text, bytes);
        let kind = file.headers.get("content-type").unwrap();
        assert_eq!(kind, "application/octet-stream");
    }
    let latest = house.get("/policies", Some(&inspector)).await;
    assert!(latest.text.contains("新办法.pdf") && !latest.text.contains(">办法.pdf"));
    let all = house.get("/policies?old=yes", Some(&inspector)).await;
    assert!(all.text.contains(">办法.pdf") && all.text.contains("旧版"));
    let api = house.get("/api/v1/policies", Some(&inspector)).await;
    assert!(api.text.contains("\"standing\":\"旧版\""), "{}", api.text);
}

/// The command line does what the pages do, by the same rules.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_from_the_command_line() {
    for files in crate::support::stores().await {
        let url = files.url.clone();
        let _house = House::on(files).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("通知书.pdf"), b"%PDF").unwrap();
        let run = |line: &str| {
            let line = format!("plan {line} --db {url}");
            let args: Vec<&str> = line.split_whitespace().collect();
            crate::command_line::sanzi(folder.path(), &args)
        };
        let said = |line: &str| {
            let output = run(line);
            let told = crate::command_line::stderr(&output);
            assert!(output.status.success(), "{line}: {told}");
            String::from_utf8(output.stdout).unwrap()
        };
        let refused = |line: &str, code: &str| {
            let told = crate::command_line::stderr(&run(line));
            assert!(told.contains(code), "{line}: {told}");
        };
        let own = "--as street-all";
        let plan = "--title 合同检查 --type special --org A01 --period 2024-01..2024-12 --basis 年度计划 \
            --team street-all --team inspector";
        refused(
            &format!("propose {plan} --start 2025-03-03 {own}"),
            "监督-1003",
        );
        let proposed = format!("propose {plan} --start 2025-03-03 --end 2025-03-14 {own}");
        assert!(said(&proposed).contains("2025-003"));
        said(&format!("revise 2025-003 --end 2025-03-21 {own}"));
        refused(&format!("step 2025-003 notice done {own}"), "监督-");
        said("decide 2025-003 approve --as street-reviewer");
        said(&format!(
            "step 2025-003 notice done --on 2025-02-20 --attach 通知书.pdf {own}"
        ));
        said(&format!("note 2025-003 已约谈 {own}"));
        let shown = said("show 2025-003 --format json");
        assert!(shown.contains("\"end\": \"2025-03-21\"") && shown.contains("\"done\""));
        refused(
            &format!("withdraw 2025-003 --reason 并入年度审计 {own}"),
            "监督-",
        );
        said("withdraw 2025-003 --reason 并入年度审计 --reviewer --as street-reviewer");
    }
}
