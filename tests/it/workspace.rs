//! A workspace to call: two companies, two batches, two runs, one user a role, and a client that logs in like a browser.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use sanzi::access::Scope;
use sanzi::access::password::Hasher;
use sanzi::access::user::{self, Profile};
use sanzi::audit::outcome::{DiffState, Finding, FindingKind, FindingSeverity, ResolvedParam};
use sanzi::audit::rule::RulePack;
use sanzi::audit::suppression::{self, request};
use sanzi::import::IdHasher;
use sanzi::ledger::post::post;
use sanzi::model::{Money, RegisterRow, Role, Value, catalogue};
use sanzi::pack::Pack;
use sanzi::review::absorb::absorb;
use sanzi::review::log::Attachment;
use sanzi::review::transition::{Step, transition};
use sanzi::review::{Actor, Desk};
use sanzi::store::registers::{self, Origin};
use sanzi::store::runs::{self, NewRun, StoredFinding};
use sanzi::store::{Store, batch, suppressions};
use sanzi::supervision::Steps;
use sanzi::supervision::act::{self, Acting, Decision, Progress};
use sanzi::supervision::event::Status;
use sanzi::supervision::plan::{Kind, Known, Plan};
use sanzi::supervision::policy::{self, Policy};
use sanzi::web::{Workspace, application};
use tower::ServiceExt;

use crate::support::{TestStore, chart, now, voucher};

pub const PASSWORD: &str = "一句很长很长的测试口令";

/// A workspace that goes away with the test.
pub struct House {
    pub app: Router,
    pub store: Store,
    _files: TestStore,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub struct Client {
    pub cookie: String,
    pub csrf: String,
}

/// An answer read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// `网页-1003` of an error page or problem document; empty when the answer is none.
    pub fn code(&self) -> String {
        let found = regex::Regex::new(r"\p{Han}{2}-[0-9]{4}").unwrap();
        let failed = self.status.is_client_error() || self.status.is_server_error();
        let code = found.find(&self.text).filter(|_| failed);
        code.map_or(String::new(), |m| m.as_str().to_owned())
    }

    pub fn location(&self) -> &str {
        let to = self.headers.get(header::LOCATION);
        to.map_or("", |v| v.to_str().unwrap())
    }
}

/// A finding of an organisation, of a kind.
pub fn finding(organisation: &str, kind: FindingKind) -> Finding {
    let number = format!("C-001-{organisation}{}", kind.code().len());
    Finding {
        fingerprint: format!("f-{number}"),
        content: "c".into(),
        rule: "C-001".into(),
        rule_version: 1,
        title: "租赁期限超过二十年".into(),
        family: "contract".into(),
        kind,
        severity: FindingSeverity::High,
        organisation: organisation.into(),
        organisation_name: format!("{organisation}公司"),
        subject: "contract".into(),
        key: vec![("contract_no".into(), "HT-1".into())],
        occurred_on: None,
        amount: Some(Money(12_345)),
        vouchers: vec!["2024-01-记-0001".into()],
        message: "合同HT-1超过二十年,联系电话13800001234".into(),
        evidence: Vec::new(),
        voucher_lines: Vec::new(),
        register_lines: Vec::new(),
        citations: Vec::new(),
        params: vec![ResolvedParam {
            rule: "C-001".into(),
            organisation: organisation.into(),
            name: "max_years".into(),
            label: "租期上限".into(),
            value: "20".into(),
            unit: "年".into(),
            source: "statute".into(),
            basis: "民法典".into(),
        }],
        placeholder: false,
        advice: "核对原件".into(),
        false_positives: Vec::new(),
        state: DiffState::New,
        score: 1,
        matter: number.clone(),
        number,
    }
}

/// A book of two vouchers, in a batch of its own.
pub async fn book(store: &Store, organisation: &str) {
    let entries = [("1001", 100, 0), ("5001", 0, 100)];
    let vouchers = [voucher(2024, 1, 1, &entries), voucher(2024, 2, 1, &entries)];
    let transaction = store.begin().await.unwrap();
    let batch_id = batch::open(&transaction, organisation, now())
        .await
        .unwrap();
    let all: Vec<_> = vouchers.iter().collect();
    let chart = chart();
    let posted = post(&transaction, batch_id, organisation, &chart, "测试", &all);
    posted.await.unwrap();
    transaction.commit().await.unwrap();
}

/// A run that found a violation and a fault in the data.
pub async fn run(store: &Store, organisation: &str) {
    let kinds = [FindingKind::Violation, FindingKind::DataQuality];
    let findings: Vec<StoredFinding> = kinds
        .into_iter()
        .map(|kind| {
            let finding = finding(organisation, kind);
            StoredFinding {
                fingerprint: finding.fingerprint.clone(),
                content: finding.content.clone(),
                number: finding.number.clone(),
                rule: finding.rule.clone(),
                rule_version: 1,
                organisation: organisation.to_owned(),
                kind: kind.code().to_owned(),
                severity: finding.severity.code().to_owned(),
                amount: finding.amount.map(|m| m.0),
                payload: serde_json::to_string(&finding).unwrap(),
            }
        })
        .collect();
    let new = NewRun {
        digest: "d",
        data_digest: "dd",
        pack_digest: "pd",
        as_of: now().date(),
        scope: organisation,
        finished_at: now(),
        outcome: serde_json::json!({
            "organisations": [{ "code": organisation }], "rules": [{ "id": "C-001" }], "not_run": [], "failed": [],
        })
        .to_string(),
    };
    runs::save(store, new, &findings).await.unwrap();
}

/// A row of a register; an organisation without a code is the street.
pub async fn register_row(store: &Store, organisation: &str, table: &str, cells: &[(&str, &str)]) {
    let table = catalogue().table(table).unwrap();
    let mut values = vec![Value::Null; table.columns.len()];
    for (column, text) in cells {
        let at = table.position(column).unwrap();
        values[at] = Value::parse(text, &table.columns[at]).unwrap();
    }
    let row = RegisterRow {
        values,
        source_row: 2,
    };
    let transaction = store.begin().await.unwrap();
    let origin = Origin {
        batch_id: 1,
        owner: organisation,
        file: "台账.csv",
        sheet: None,
    };
    registers::save(&transaction, table, origin, &[row])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

/// A contract that the organisation's violation names.
pub const CONTRACT: [(&str, &str); 8] = [
    ("contract_no", "HT-1"),
    ("kind", "lease"),
    ("counterparty", "甲商店"),
    ("start_date", "2024-01-01"),
    ("end_date", "2024-12-31"),
    ("annual_rent", "1200.00"),
    ("cycle", "month"),
    ("status", "active"),
];

/// The organisation's violation, up to where the company reads it: by `street-all`, with a paper attached.
async fn send_for_comment(store: &Store, desk: &Desk, organisation: &str) {
    let number = finding(organisation, FindingKind::Violation).number;
    let actor = Actor::new("street-all", Role::StreetSupervisor, None).unwrap();
    for to in ["checking", "verified", "evidence", "comment"] {
        let paper = Attachment {
            name: "取证单.pdf".into(),
            bytes: b"%PDF paper".to_vec(),
        };
        let step = Step {
            number: &number,
            to,
            actor: &actor,
            reason: Some("合同原件与台账一致"),
            attachments: (to == "comment").then_some(paper).into_iter().collect(),
            due: None,
            exception: None,
            seen: None,
            at: now(),
        };
        transition(store, desk, step).await.unwrap();
    }
}

/// What a person's finding set aside would be: the violation, which is under way and therefore stays on the lists; and a request
/// about the fault in the data, which waits.
async fn suppressed(store: &Store, organisation: &str) {
    let violation = finding(organisation, FindingKind::Violation);
    // The workspace goes by the real clock, not by the tests'.
    let until = chrono::NaiveDate::from_ymd_opt(2999, 12, 31).unwrap();
    let decided = suppression::Request {
        finding: &violation.fingerprint,
        reason: "已另案处理",
        document: "会议纪要",
        until,
        by: "street-all",
        approved_by: "street-reviewer",
        at: now(),
    };
    suppression::add(store, &decided).await.unwrap();
    let quality = finding(organisation, FindingKind::DataQuality);
    let named = suppressions::findings(store.db(), &quality.fingerprint).await;
    let ask = request::Ask {
        finding: &named.unwrap()[0],
        reason: "电子账缺页",
        document: "情况说明",
        until,
        by: "street-all",
        at: now(),
    };
    request::ask(store, &ask).await.unwrap();
}

/// A project of one organisation, approved, whose notice was sent with a paper: in its third record.
async fn notified_project(store: &Store, organisation: &str) {
    let (pack, supervisor, reviewer) = (
        Pack::embedded(),
        Actor::new("street-all", Role::StreetSupervisor, None).unwrap(),
        Actor::new("street-reviewer", Role::StreetReviewer, None).unwrap(),
    );
    let rules = RulePack::load(&pack);
    let known = Known::of(store, &rules).await.unwrap();
    let acting = |actor| Acting {
        actor,
        at: now(),
        seen: None,
    };
    let plan = Plan {
        year: 2025,
        title: "租赁合同专项检查".into(),
        kind: Kind::Special,
        organisations: vec![organisation.to_owned()],
        period: "2024-01..2024-12".into(),
        rules: vec!["contract".into()],
        basis: "街道内部依据".into(),
        goal: String::new(),
        team: vec!["street-all".into(), "inspector".into()],
        start: now().date(),
        end: now().date(),
    };
    let number = act::propose(store, &known, acting(&supervisor), plan).await;
    let number = number.unwrap();
    let approve = Decision::Approve;
    let approved = act::decide(store, acting(&reviewer), &number, approve, None);
    approved.await.unwrap();
    let steps = Steps::load(&pack, &rules.laws).unwrap();
    let notice = Progress {
        step: "notice",
        status: Status::Done,
        on: now().date(),
        text: "已送达,街道备注",
        files: vec![Attachment {
            name: "通知书.pdf".into(),
            bytes: b"%PDF notice".to_vec(),
        }],
    };
    let told = act::progress(store, &steps, acting(&supervisor), &number, notice);
    told.await.unwrap();
}

/// A document of the street.
async fn document(store: &Store) {
    let supervisor = Actor::new("street-all", Role::StreetSupervisor, None).unwrap();
    let policy = Policy {
        title: "资金管理办法".into(),
        number: "〔2024〕1 号".into(),
        issuer: "街道办事处".into(),
        from: chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap(),
        to: None,
        scope: "全部公司".into(),
        basis_for: vec!["F-009".into()],
        note: String::new(),
    };
    let file = Attachment {
        name: "办法.pdf".into(),
        bytes: b"%PDF policy".to_vec(),
    };
    let rules = RulePack::load(&Pack::embedded());
    let taken = policy::add(store, &rules, &supervisor, now(), None, (policy, file));
    taken.await.unwrap();
}

/// Login name of the user with a role that sees A01 only.
pub fn login_of(role: Role) -> String {
    role.code().replace('_', "-")
}

impl House {
    /// A01 and B01; each has a book in a batch of its own, a run, an item sent for comment, and a project of 2025 of which it was
    /// told: batch, run, project, suppression and the request for one that
    /// are number 1 are A01's, 2 are B01's.
    pub async fn new() -> House {
        House::on(crate::support::sqlite().await).await
    }

    pub async fn on(files: TestStore) -> House {
        let store = files.store.clone();
        for organisation in ["A01", "B01"] {
            book(&store, organisation).await;
            run(&store, organisation).await;
            register_row(&store, organisation, "contract", &CONTRACT).await;
        }
        let desk = Desk::load(&Pack::embedded()).unwrap();
        absorb(&store, &desk, now()).await.unwrap();
        for organisation in ["A01", "B01"] {
            send_for_comment(&store, &desk, organisation).await;
        }
        let hasher = Hasher::of_cost(8, 1).unwrap();
        for role in Role::ALL {
            let own = Scope::Only(["A01".to_owned()].into());
            let scope = match role {
                Role::Administrator => Scope::All,
                _ => own,
            };
            add(&store, &hasher, &login_of(role), role, scope).await;
        }
        let all = "street-all";
        add(&store, &hasher, all, Role::StreetSupervisor, Scope::All).await;
        for organisation in ["A01", "B01"] {
            notified_project(&store, organisation).await;
            suppressed(&store, organisation).await;
        }
        document(&store).await;
        let ids = IdHasher::new(b"test");
        let pack = Pack::embedded();
        let workspace = Workspace::new(
            store.clone(),
            pack.clone(),
            RulePack::load(&pack),
            ids,
            hasher,
            false,
        );
        House {
            app: application(&workspace),
            store,
            _files: files,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.into(),
        }
    }

    pub async fn get(&self, path: &str, client: Option<&Client>) -> Answer {
        let mut request = Request::get(encoded(path));
        if let Some(client) = client {
            request = request.header(header::COOKIE, &client.cookie);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form; the fields are `name=value` joined by `&`, encoded already.
    pub async fn post(&self, path: &str, client: Option<&Client>, fields: &str) -> Answer {
        let form = "application/x-www-form-urlencoded";
        let mut request = Request::post(encoded(path)).header(header::CONTENT_TYPE, form);
        if let Some(client) = client {
            request = request.header(header::COOKIE, &client.cookie);
        }
        self.send(request.body(Body::from(fields.to_owned())).unwrap())
            .await
    }

    /// Sends JSON, with headers beside it.
    pub async fn post_json(
        &self,
        path: &str,
        client: Option<&Client>,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request =
            Request::post(encoded(path)).header(header::CONTENT_TYPE, "application/json");
        if let Some(client) = client {
            request = request.header(header::COOKIE, &client.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }

    /// Asks with headers and without a session.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(encoded(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends files as a browser does, each with its name and bytes.
    pub async fn upload(
        &self,
        client: &Client,
        csrf: &str,
        org: &str,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let fields = [("csrf", csrf), ("org", org)];
        self.send_files("/handin", client, &fields, files).await
    }

    /// Sends a form that takes files; its mark is the first field.
    pub async fn send_files(
        &self,
        path: &str,
        client: &Client,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Answer {
        let cookie = [("cookie", client.cookie.as_str())];
        self.send_files_with(path, &cookie, fields, files).await
    }

    /// Sends fields and files, with these headers.
    pub async fn send_files_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        let mut part = |head: &str, bytes: &[u8]| {
            body.extend(format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        };
        for (name, value) in fields {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, bytes) in files {
            part(&format!("name=\"files\"; filename=\"{name}\""), bytes);
        }
        body.extend(b"--X--\r\n");
        let mut request = Request::post(encoded(path))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The login form, sent with its mark.
    pub async fn try_in(&self, login: &str, password: &str) -> Answer {
        let form = self.get("/login", None).await;
        let cookie = cookie_of(&form);
        let mark = cookie.split_once('=').unwrap().1.to_owned();
        let client = Client {
            cookie,
            csrf: mark.clone(),
        };
        let fields = format!(
            "csrf={mark}&login={}&password={}",
            encoded(login),
            encoded(password)
        );
        self.post("/login", Some(&client), &fields).await
    }

    pub async fn log_in(&self, login: &str) -> Client {
        let inside = self.try_in(login, PASSWORD).await;
        assert_eq!(inside.status, StatusCode::SEE_OTHER, "{}", inside.text);
        let cookie = cookie_of(&inside);
        let mut client = Client {
            cookie,
            csrf: String::new(),
        };
        let page = self.get("/password", Some(&client)).await;
        let mark = page.text.split("name=\"csrf\" value=\"").nth(1).unwrap();
        client.csrf = mark.split('"').next().unwrap().to_owned();
        client
    }
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers.get(header::SET_COOKIE).unwrap();
    set.to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn add(store: &Store, hasher: &Hasher, login: &str, role: Role, scope: Scope) {
    let profile = Profile {
        login: login.to_owned(),
        name: role.label().to_owned(),
        role,
        scope,
    };
    // Made by themselves: the password need not be changed first.
    let made = user::create(store, hasher, &profile, PASSWORD, login, now());
    made.await.unwrap();
}

/// An address with what is not plain in it written as per cent.
pub fn encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut out, byte| {
        match byte.is_ascii() {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}
