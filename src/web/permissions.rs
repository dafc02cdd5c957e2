//! The one table of who may do what: every route with the roles that may use it. Routes exist only through this table, so
//! one without a rule cannot be; `tests/it/permissions.rs` walks role × route × organisation over HTTP.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{self, MethodRouter};
use tower_http::timeout::TimeoutLayer;

use super::guard::guard;
use super::pages::{
    account, audit, books, bundle, checks, digits, documents, export, findings, handin, item,
    item_acts, items, items_bulk, log, login, map, overview, parameters, plan, policies,
    rectification, registers, risks, rules, search, statements, suppressions, tokens, users,
};
use super::workspace::Workspace;
use super::{api, statics};
use crate::model::Role;
use crate::review::transition::MAX_ATTACHMENT;

/// How far a role reaches on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Never,
    /// The organisations listed for the person, and never more than a list.
    Own,
    /// The person's organisations, or all of the street.
    Scope,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Without logging in.
    Anyone,
    /// Everybody who is logged in, for what is their own.
    SignedIn,
    /// These roles; all others never.
    Roles(&'static [(Role, Reach)]),
}

/// What the body of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Fields of a form, read and checked by the guard.
    Fields,
    /// JSON, or files from a program: read by the handler, which is reached only by a program with a token or with the
    /// session's mark in a header.
    Json,
    /// Files: read by `visitor::MarkedUpload`, which checks the form's mark first.
    Files,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Rule {
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
    pub takes: Body,
    /// Open to somebody who must change the password first.
    pub before_change: bool,
}

impl Rule {
    /// How far a role reaches; on open routes everybody reaches what is shown there.
    pub fn reach(&self, role: Role) -> Reach {
        match self.who {
            Who::Anyone | Who::SignedIn => Reach::Scope,
            Who::Roles(roles) => {
                let found = roles.iter().find(|(r, _)| *r == role);
                found.map_or(Reach::Never, |(_, reach)| *reach)
            }
        }
    }
}

use Reach::{Own, Scope};
use Role::{
    Administrator, CompanyAccountant, CompanyOfficer, Inspector, ReadOnly, RuleManager,
    StreetReviewer, StreetSupervisor,
};

/// Everybody who reads what companies handed in: companies their own.
const ALL_BUT_ADMINISTRATOR: &[(Role, Reach)] = &[
    (CompanyAccountant, Own),
    (CompanyOfficer, Own),
    (StreetSupervisor, Scope),
    (StreetReviewer, Scope),
    (Inspector, Scope),
    (RuleManager, Scope),
    (ReadOnly, Scope),
];
/// Who reads at the street.
const STREET_READERS: &[(Role, Reach)] = &[
    (StreetSupervisor, Scope),
    (StreetReviewer, Scope),
    (Inspector, Scope),
    (RuleManager, Scope),
    (ReadOnly, Scope),
];
/// Who handles matters at the street.
const STREET_OFFICERS: &[(Role, Reach)] = &[
    (StreetSupervisor, Scope),
    (StreetReviewer, Scope),
    (Inspector, Scope),
];
/// The street's figures. A company's officer sees the line of the own company.
const OVERVIEW: Who = Who::Roles(&[
    (CompanyOfficer, Own),
    (StreetSupervisor, Scope),
    (StreetReviewer, Scope),
    (Inspector, Scope),
    (ReadOnly, Scope),
]);
/// Reading the books. The administrator keeps the program running and never sees what is in it.
const BOOKS: Who = Who::Roles(ALL_BUT_ADMINISTRATOR);
/// Looking behind the mask of a personal number.
const REVEAL: Who = Who::Roles(&[
    (CompanyAccountant, Own),
    (StreetSupervisor, Scope),
    (StreetReviewer, Scope),
    (Inspector, Scope),
]);
/// Writing books. The inspector never does, the reviewer never edits facts.
const HAND_IN: Who = Who::Roles(&[(CompanyAccountant, Own), (StreetSupervisor, Scope)]);
/// Runs and findings. Companies see theirs when they are sent for comment, the accountant 数据质量 at once.
const FINDINGS: Who = Who::Roles(STREET_READERS);
/// The accountant's own list: what is wrong with the data handed in.
const QUALITY: Who = Who::Roles(&[(CompanyAccountant, Own)]);
/// Starting a run, trying a threshold, and setting one.
const RUN: Who = Who::Roles(&[(StreetSupervisor, Scope), (RuleManager, Scope)]);
/// The life of findings. Which items a role reads, and in which state, is the workflow's matter (`roles.toml`, `states.toml`):
/// companies see what was sent to them, nobody but the inspector what was handed over.
const ITEMS: Who = Who::Roles(ALL_BUT_ADMINISTRATOR);
/// Taking a step with an item or putting something on record; which, again the workflow says.
const HANDLE: Who = Who::Roles(&[
    (CompanyAccountant, Own),
    (CompanyOfficer, Own),
    (StreetSupervisor, Scope),
    (StreetReviewer, Scope),
    (Inspector, Scope),
]);
/// Taking an item with all that it rests on, nothing masked; the same roles as `evidence::MAY_TAKE`.
const BUNDLE: Who = Who::Roles(STREET_OFFICERS);
/// Audit documents: they are the street's papers.
const DOCUMENTS: Who = Who::Roles(STREET_OFFICERS);
/// The year's plan. A company's people learn of a project of their own with its notice, and see its outer steps only.
const PLAN: Who = Who::Roles(ALL_BUT_ADMINISTRATOR);
/// Proposing projects and carrying them out; taking 制度文件 in; asking for a finding to be set aside.
const PROPOSE: Who = Who::Roles(&[(StreetSupervisor, Scope)]);
/// Who sees what is set aside (压制), and why.
const ASIDE: Who = Who::Roles(STREET_OFFICERS);
/// The second person of a project.
const APPROVE: Who = Who::Roles(&[(StreetReviewer, Scope)]);
/// Remarks, the withdrawal, and the answer to a request to set aside: which of the two may, the records say.
const STREET: Who = Who::Roles(&[(StreetSupervisor, Scope), (StreetReviewer, Scope)]);
/// 廉政风险点 and 制度文件: what is watched how is not for those who are watched.
const WATCH: Who = Who::Roles(STREET_READERS);
/// Users and the access log.
const SYSTEM: Who = Who::Roles(&[(Administrator, Scope)]);

/// A route with its handler.
struct Route {
    rule: Rule,
    handler: MethodRouter<Workspace>,
    /// Bytes that a body may have, and how long an answer may take.
    body_limit: usize,
    timeout: Duration,
}

const BODY_LIMIT: usize = 256 * 1024;
const UPLOAD_LIMIT: usize = 512 * 1024 * 1024;
/// One file of the size that the record takes, or several smaller ones: they are held in memory until they are sealed.
const ATTACHMENTS_LIMIT: usize = MAX_ATTACHMENT + 16 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);
/// A street's files over a slow line, or their posting.
const LONG_TIMEOUT: Duration = Duration::from_secs(1800);

impl Route {
    fn new(
        method: Method,
        path: &'static str,
        who: Who,
        handler: MethodRouter<Workspace>,
    ) -> Route {
        Route {
            rule: Rule {
                method,
                path,
                who,
                takes: Body::Fields,
                before_change: false,
            },
            handler,
            body_limit: BODY_LIMIT,
            timeout: TIMEOUT,
        }
    }

    fn files(mut self) -> Route {
        self.rule.takes = Body::Files;
        self.body_limit = UPLOAD_LIMIT;
        self.timeout = LONG_TIMEOUT;
        self
    }

    /// JSON with attachments in it.
    fn json(mut self) -> Route {
        self.rule.takes = Body::Json;
        self.body_limit = ATTACHMENTS_LIMIT / 3 * 4;
        self.timeout = LONG_TIMEOUT;
        self
    }

    /// Files from a program.
    fn program_files(self) -> Route {
        Route {
            body_limit: UPLOAD_LIMIT,
            ..self.json()
        }
    }

    fn attachments(self) -> Route {
        Route {
            body_limit: ATTACHMENTS_LIMIT,
            ..self.files()
        }
    }

    fn long(mut self) -> Route {
        self.timeout = LONG_TIMEOUT;
        self
    }

    fn before_change(mut self) -> Route {
        self.rule.before_change = true;
        self
    }
}

fn get<H, T>(path: &'static str, who: Who, handler: H) -> Route
where
    H: Handler<T, Workspace>,
    T: 'static,
{
    Route::new(Method::GET, path, who, routing::get(handler))
}

fn post<H, T>(path: &'static str, who: Who, handler: H) -> Route
where
    H: Handler<T, Workspace>,
    T: 'static,
{
    Route::new(Method::POST, path, who, routing::post(handler))
}

/// What rests on rents, digits or the street's table is worked out at the first question after a hand-in, over all books: `long`.
fn table() -> Vec<Route> {
    vec![
        get("/static/{file}", Who::Anyone, statics::file),
        get("/login", Who::Anyone, login::page),
        post("/login", Who::Anyone, login::submit),
        get("/start", Who::Anyone, login::start_page),
        post("/start", Who::Anyone, login::start),
        get("/", Who::SignedIn, account::home).before_change(),
        post("/logout", Who::SignedIn, account::logout).before_change(),
        get("/password", Who::SignedIn, account::password_page).before_change(),
        post("/password", Who::SignedIn, account::change_password).before_change(),
        post("/large-type", Who::SignedIn, account::large_type).before_change(),
        post("/focus", BOOKS, account::focus),
        get("/tokens", Who::SignedIn, tokens::page),
        post("/tokens", Who::SignedIn, tokens::make),
        post("/tokens/{token}/revoke", Who::SignedIn, tokens::revoke),
        get("/overview", OVERVIEW, overview::page).long(),
        get("/overview.csv", OVERVIEW, export::street_table).long(),
        get("/map", BOOKS, map::page).long(),
        get("/handin", HAND_IN, handin::page),
        post("/handin", HAND_IN, handin::upload).files(),
        get("/handin/{upload}", HAND_IN, handin::preview),
        post("/handin/{upload}/submit", HAND_IN, handin::submit).long(),
        get("/handin/batches/{batch}", HAND_IN, handin::batch),
        post("/handin/batches/{batch}/undo", HAND_IN, handin::undo).long(),
        get("/books", BOOKS, books::list),
        get("/books/{org}", BOOKS, books::book),
        get("/books/{org}/vouchers", BOOKS, books::vouchers),
        get("/books/{org}/vouchers.csv", BOOKS, export::vouchers),
        get("/books/{org}/vouchers/{voucher}", BOOKS, books::voucher),
        post(
            "/books/{org}/vouchers/{voucher}/reveal",
            REVEAL,
            books::reveal,
        ),
        get("/books/{org}/accounts", BOOKS, books::balance),
        get("/books/{org}/accounts.csv", BOOKS, export::balance),
        get("/books/{org}/accounts/{account}", BOOKS, books::account),
        get("/books/{org}/statements", BOOKS, statements::page),
        get("/registers", BOOKS, registers::home),
        get("/registers/contracts", BOOKS, registers::contracts::list).long(),
        get("/registers/contracts/csv", BOOKS, registers::contracts::csv).long(),
        get("/registers/{register}", BOOKS, registers::list::list),
        get("/registers/{register}/csv", BOOKS, registers::list::csv),
        get(
            "/registers/contracts/{org}/{contract}",
            BOOKS,
            registers::contract::page,
        )
        .long(),
        get("/search", BOOKS, search::page),
        get("/quality", QUALITY, findings::quality),
        get("/audit", FINDINGS, audit::page),
        post("/audit", RUN, audit::start),
        get("/audit/jobs/{job}", RUN, audit::job),
        get("/audit/rules", FINDINGS, rules::list),
        get("/audit/rules/{rule}", FINDINGS, rules::page),
        get("/audit/rules/{rule}/try", RUN, rules::tried).long(),
        get("/audit/parameters", FINDINGS, parameters::list),
        get(
            "/audit/parameters/{rule}/{name}",
            FINDINGS,
            parameters::page,
        ),
        post("/audit/parameters/{rule}/{name}", RUN, parameters::set),
        get("/audit/digits/{org}", FINDINGS, digits::page).long(),
        get("/audit/runs/{run}", FINDINGS, findings::list),
        get(
            "/audit/runs/{run}/findings.csv",
            FINDINGS,
            export::run_findings,
        ),
        get("/audit/runs/{run}/{number}", FINDINGS, findings::item),
        get("/items", ITEMS, items::list),
        post("/items", HANDLE, items_bulk::take),
        get("/documents", DOCUMENTS, documents::list),
        get("/documents/{org}/{form}", DOCUMENTS, documents::page),
        post("/documents/{org}/{form}", DOCUMENTS, documents::make).attachments(),
        get("/rectification", ITEMS, items::rectification),
        get("/rectification.xlsx", ITEMS, rectification::workbook),
        post("/rectification", HANDLE, rectification::receive).attachments(),
        get("/items/{number}", ITEMS, item::page),
        get(
            "/items/{number}/attachments/{position}/{line}",
            ITEMS,
            item::attachment,
        ),
        post("/items/{number}/bundle", BUNDLE, bundle::download).long(),
        post("/items/{number}/suppress", PROPOSE, suppressions::ask),
        get("/suppressions", ASIDE, suppressions::list),
        post(
            "/suppressions/requests/{request}/answer",
            STREET,
            suppressions::answer,
        ),
        post(
            "/suppressions/{suppression}/lift",
            STREET,
            suppressions::lift,
        ),
        post("/items/{number}/step", HANDLE, item_acts::step).attachments(),
        post("/items/{number}/record", HANDLE, item_acts::put_on_record).attachments(),
        get("/plan", PLAN, plan::list::list),
        get("/plan.csv", PLAN, plan::list::csv),
        get("/plan/new", PROPOSE, plan::form::new),
        post("/plan", PROPOSE, plan::form::propose),
        get("/plan/{plan}", PLAN, plan::page::page),
        get("/plan/{plan}/edit", PROPOSE, plan::form::edit),
        post("/plan/{plan}", PROPOSE, plan::form::revise),
        post("/plan/{plan}/progress", PROPOSE, plan::acts::progress).attachments(),
        post("/plan/{plan}/note", STREET, plan::acts::note).attachments(),
        post("/plan/{plan}/decide", APPROVE, plan::acts::decide),
        post("/plan/{plan}/withdraw", STREET, plan::acts::withdraw),
        get(
            "/plan/{plan}/attachments/{event}/{line}",
            PLAN,
            plan::page::attachment,
        ),
        get("/risks", WATCH, risks::page),
        get("/policies", WATCH, policies::list),
        post("/policies", PROPOSE, policies::add).attachments(),
        get("/policies/{policy}", WATCH, policies::page),
        post("/policies/{policy}", PROPOSE, policies::replace).attachments(),
        get("/policies/{policy}/file", WATCH, policies::download),
        get("/settings", SYSTEM, users::list),
        post("/settings/users", SYSTEM, users::create),
        get("/settings/users/{login}", SYSTEM, users::edit),
        post("/settings/users/{login}", SYSTEM, users::change),
        post(
            "/settings/users/{login}/password",
            SYSTEM,
            users::set_password,
        ),
        get("/settings/log", SYSTEM, log::page),
        get("/settings/checks", SYSTEM, checks::page).long(),
        get("/api/v1/openapi.json", Who::SignedIn, api::openapi),
        get("/api/v1/organisations", BOOKS, api::organisations),
        get("/api/v1/organisations/{org}/vouchers", BOOKS, api::vouchers),
        get(
            "/api/v1/organisations/{org}/trial-balance",
            BOOKS,
            api::trial_balance,
        ),
        get(
            "/api/v1/organisations/{org}/accounts/{account}",
            BOOKS,
            api::statements::account,
        ),
        get(
            "/api/v1/organisations/{org}/statements",
            BOOKS,
            api::statements::statements,
        ),
        get("/api/v1/overview", OVERVIEW, api::street::overview).long(),
        get("/api/v1/rules", FINDINGS, api::street::rules),
        get("/api/v1/parameters", FINDINGS, api::parameters::list),
        get(
            "/api/v1/parameters/{rule}/{name}",
            FINDINGS,
            api::parameters::parameter,
        ),
        post(
            "/api/v1/parameters/{rule}/{name}",
            RUN,
            api::parameters::set,
        )
        .json(),
        get("/api/v1/documents", DOCUMENTS, api::documents::forms),
        post(
            "/api/v1/organisations/{org}/documents/{form}",
            DOCUMENTS,
            api::documents::make,
        )
        .json(),
        get(
            "/api/v1/organisations/{org}/registers/{register}",
            BOOKS,
            api::registers::register,
        ),
        post("/api/v1/handins", HAND_IN, api::handins::upload).program_files(),
        get("/api/v1/handins/{upload}", HAND_IN, api::handins::handin),
        post(
            "/api/v1/handins/{upload}/submit",
            HAND_IN,
            api::handins::submit,
        )
        .json(),
        get("/api/v1/batches", HAND_IN, api::handins::batches),
        post("/api/v1/batches/{batch}/undo", HAND_IN, api::handins::undo).json(),
        get("/api/v1/places", BOOKS, api::places::list).long(),
        get("/api/v1/runs", FINDINGS, api::runs),
        post("/api/v1/runs", RUN, api::runs::start).json(),
        get("/api/v1/jobs/{job}", RUN, api::runs::job),
        get("/api/v1/runs/{run}/findings", FINDINGS, api::findings),
        get("/api/v1/items", ITEMS, api::items::list),
        get("/api/v1/items/{number}", ITEMS, api::items::item),
        post("/api/v1/items/{number}/step", HANDLE, api::items::step).json(),
        post("/api/v1/items/{number}/record", HANDLE, api::items::record).json(),
        post(
            "/api/v1/items/{number}/suppress",
            PROPOSE,
            api::suppressions::ask,
        )
        .json(),
        get("/api/v1/suppressions", ASIDE, api::suppressions::list),
        post(
            "/api/v1/suppressions/requests/{request}/answer",
            STREET,
            api::suppressions::answer,
        )
        .json(),
        post(
            "/api/v1/suppressions/{suppression}/lift",
            STREET,
            api::suppressions::lift,
        )
        .json(),
        get("/api/v1/plan", PLAN, api::plan::list),
        get("/api/v1/plan/{plan}", PLAN, api::plan::project),
        get("/api/v1/risk-points", WATCH, api::plan::risk_points),
        get("/api/v1/policies", WATCH, api::plan::policies),
    ]
}

/// Every rule, in the order of the table.
pub fn rules() -> &'static [Rule] {
    static RULES: LazyLock<Vec<Rule>> =
        LazyLock::new(|| table().into_iter().map(|r| r.rule).collect());
    &RULES
}

/// Whether a role may open a page at all.
pub fn may_open(role: Role, path: &str) -> bool {
    let rule = rules()
        .iter()
        .find(|r| r.method == Method::GET && r.path == path);
    rule.is_some_and(|r| r.reach(role) != Reach::Never)
}

/// Whether a role may send a form to a route.
pub fn may_post(role: Role, path: &str) -> bool {
    let rule = rules()
        .iter()
        .find(|r| r.method == Method::POST && r.path == path);
    rule.is_some_and(|r| r.reach(role) != Reach::Never)
}

/// All routes, each behind its guard.
pub fn router(workspace: &Workspace) -> Router<Workspace> {
    let mut router = Router::new();
    for route in table() {
        let state = (workspace.clone(), Arc::new(route.rule.clone()));
        let timeout = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, route.timeout);
        let guarded = route
            .handler
            .layer::<_, Infallible>(DefaultBodyLimit::max(route.body_limit))
            .layer::<_, Infallible>(from_fn_with_state(state, guard))
            .layer::<_, Infallible>(timeout);
        router = router.route(route.rule.path, guarded);
    }
    router
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `workflow.md` §7 says a role never does.
    #[test]
    fn nevers() {
        for rule in rules() {
            let never = |role| rule.reach(role) == Reach::Never;
            let (settings, writes) = (
                rule.path.starts_with("/settings"),
                rule.method == Method::POST,
            );
            let content = [
                "/books",
                "/registers",
                "/audit",
                "/overview",
                "/map",
                "/handin",
                "/quality",
                "/items",
                "/search",
                "/documents",
                "/rectification",
                "/plan",
                "/risks",
                "/policies",
                "/suppressions",
                "/api/v1/o",
                "/api/v1/r",
                "/api/v1/i",
                "/api/v1/j",
                "/api/v1/p",
                "/api/v1/h",
                "/api/v1/b",
                "/api/v1/s",
                "/api/v1/d",
            ];
            let content = content.iter().any(|p| rule.path.starts_with(p))
                && !rule.path.ends_with("openapi.json");
            let case = format!("{} {}", rule.method, rule.path);
            assert!(!content || never(Administrator), "{case}");
            assert!(
                !settings || Role::ALL.iter().all(|r| *r == Administrator || never(*r)),
                "{case}"
            );
            let hand_in = ["/handin", "/api/v1/h", "/api/v1/b"];
            if hand_in.iter().any(|p| rule.path.starts_with(p)) {
                assert!(
                    never(Inspector) && never(StreetReviewer) && never(ReadOnly),
                    "{case}"
                );
            }
            // What is watched how is not for those who are watched.
            let watch = [
                "/audit",
                "/risks",
                "/policies",
                "/api/v1/risk",
                "/api/v1/rules",
                "/api/v1/param",
                "/api/v1/pol",
            ];
            if watch.iter().any(|p| rule.path.starts_with(p)) {
                assert!(never(CompanyAccountant) && never(CompanyOfficer), "{case}");
            }
            if writes && content {
                assert!(never(ReadOnly), "{case}");
            }
            for company in [CompanyAccountant, CompanyOfficer] {
                let open = matches!(rule.who, Who::Anyone | Who::SignedIn);
                assert!(
                    open || rule.reach(company) != Reach::Scope,
                    "{case}: a company sees its own only"
                );
            }
        }
    }

    #[test]
    fn no_route_stands_twice() {
        let all: std::collections::BTreeSet<_> = rules()
            .iter()
            .map(|r| (r.method.as_str(), r.path))
            .collect();
        assert_eq!(all.len(), rules().len());
    }
}
