//! The API under `/api/v1`: what the pages show, for programs. Money is text in 元 with two places; lists come in pages with
//! their total; refusals are `application/problem+json` with our codes.

pub mod documents;
pub mod handins;
pub mod items;
pub mod parameters;
pub mod places;
pub mod plan;
pub mod registers;
mod repeat;
pub mod runs;
pub mod statements;
pub mod street;
pub mod suppressions;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::openapi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi, ToSchema};

use super::fault::Fault;
use super::pages::{books, findings};
use super::visitor::Visitor;
use super::workspace::Workspace;
use crate::ledger::search;
use crate::ledger::trial_balance::trial_balance as balance_of;
use crate::store::run_list;

/// Most rows of one page.
const LARGEST: i64 = 500;

/// No list is longer.
const LAST: i64 = i64::MAX / LARGEST;

/// What stands behind the question mark; what cannot be read is refused in our own words.
pub struct Ask<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Ask<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Ask<T>, Fault> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        let wrong =
            |_| Fault::bad_input("地址里问号后面的参数读不懂。请按 /api/v1/openapi.json 写");
        read.map(|Query(asked)| Ask(asked)).map_err(wrong)
    }
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// From 1.
    #[param(minimum = 1)]
    pub page: Option<i64>,
    /// Rows a page: 1 to 500, 50 when left out.
    #[param(minimum = 1, maximum = 500)]
    pub size: Option<i64>,
}

impl Paged {
    /// Refuses a page or a size that there is not.
    fn checked(self) -> Result<Paged, Fault> {
        let sound = (1..=LARGEST).contains(&self.limit()) && (1..=LAST).contains(&self.page());
        match sound {
            true => Ok(self),
            false => Err(Fault::bad_input("page 从 1 起,size 为 1 至 500")),
        }
    }

    fn limit(&self) -> i64 {
        self.size.unwrap_or(50)
    }

    fn page(&self) -> i64 {
        self.page.unwrap_or(1)
    }

    fn offset(&self) -> i64 {
        (self.page() - 1) * self.limit()
    }
}

/// An organisation with a book.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organisation {
    code: String,
    name: String,
    /// First and last month with vouchers: `2024-01..2024-12`.
    months: Option<String>,
    /// Sealed vouchers, earlier forms included.
    chain_length: i64,
    /// Hash of the last sealed voucher, hex.
    chain_head: String,
}

/// A voucher in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Voucher {
    /// `2024-03-记-0012`.
    id: String,
    /// `2024-03-01`.
    date: String,
    summary: String,
    lines: i64,
    /// 元.
    amount: String,
    maker: String,
    checker: String,
    source_file: String,
    source_row: i64,
}

/// A page of vouchers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vouchers {
    total: i64,
    page: i64,
    items: Vec<Voucher>,
}

/// A line of a trial balance; amounts in 元.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceRow {
    account: String,
    name: String,
    level: u32,
    opening_debit: String,
    opening_credit: String,
    debit: String,
    credit: String,
    closing_debit: String,
    closing_credit: String,
}

/// A trial balance.
#[derive(Debug, Serialize, ToSchema)]
pub struct Balance {
    organisation: String,
    /// `2024-01..2024-12`.
    period: String,
    rows: Vec<BalanceRow>,
}

/// An audit run.
#[derive(Debug, Serialize, ToSchema)]
pub struct Run {
    id: i64,
    digest: String,
    data_digest: String,
    pack_digest: String,
    as_of: String,
    finished_at: String,
    organisations: Vec<String>,
}

/// A finding: 疑似 until a person confirms it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    number: String,
    fingerprint: String,
    rule: String,
    title: String,
    /// `violation`, `red_flag`, `data_quality`.
    kind: String,
    /// `high`, `medium`, `low`.
    severity: String,
    organisation: String,
    occurred_on: Option<String>,
    /// 元.
    amount: Option<String>,
    message: String,
    vouchers: Vec<String>,
}

/// A page of findings.
#[derive(Debug, Serialize, ToSchema)]
pub struct Findings {
    total: i64,
    page: i64,
    items: Vec<Finding>,
}

/// A refusal (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    r#type: String,
    title: String,
    status: u16,
    /// `网页-1003`.
    code: String,
}

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(title = "sanzi", description = "三资账簿与审计"),
    paths(
        organisations,
        vouchers,
        trial_balance,
        statements::account,
        statements::statements,
        street::overview,
        street::rules,
        parameters::list,
        parameters::parameter,
        parameters::set,
        documents::forms,
        documents::make,
        handins::upload,
        handins::handin,
        handins::submit,
        handins::batches,
        handins::undo,
        registers::register,
        places::list,
        runs,
        runs::start,
        runs::job,
        findings,
        items::list,
        items::item,
        items::step,
        items::record,
        suppressions::list,
        suppressions::ask,
        suppressions::answer,
        suppressions::lift,
        plan::list,
        plan::project,
        plan::risk_points,
        plan::policies
    ),
    components(schemas(Problem)),
    modifiers(&Token),
    security(("token" = []))
)]
struct Document;

/// How a program shows whose it is.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("「接口令牌」页建立的令牌;只读的令牌不能用于 POST"))
            .build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The description as JSON.
pub fn document() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default()
}

pub async fn openapi() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, document()).into_response()
}

/// Organisations with a book, as far as the caller may see them.
#[utoipa::path(get, path = "/api/v1/organisations", responses(
    (status = 200, body = Vec<Organisation>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn organisations(
    State(workspace): State<Workspace>,
    visitor: Visitor,
) -> Result<Json<Vec<Organisation>>, Fault> {
    let books = books::within(&workspace, &visitor).await?;
    let all = books.into_iter().map(|b| Organisation {
        months: b.months.map(|m| m.to_string()),
        code: b.code,
        name: b.name,
        chain_length: b.length,
        chain_head: b.head,
    });
    Ok(Json(all.collect()))
}

/// What is looked for among vouchers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VoucherQuery {
    /// A text on the voucher: number, summary, counterparty, contract, account, an amount.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// `2024-12` or `2024-01..2024-12`.
    #[serde(default)]
    #[param(required = false)]
    period: String,
}

/// Vouchers of a book that count, the latest first.
#[utoipa::path(get, path = "/api/v1/organisations/{org}/vouchers",
    params(("org" = String, Path, description = "单位编码"), VoucherQuery, Paged), responses(
    (status = 200, body = Vouchers),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn vouchers(
    State(workspace): State<Workspace>,
    Path(organisation): Path<String>,
    Ask(asked): Ask<VoucherQuery>,
    Ask(paged): Ask<Paged>,
) -> Result<Json<Vouchers>, Fault> {
    let paged = paged.checked()?;
    let book = books::find(&workspace, &organisation).await?;
    let range = match asked.period.trim() {
        "" => None,
        text => Some(book.range(text)?),
    };
    let query = search::Query {
        organisation: &organisation,
        range,
        text: &asked.q,
        limit: paged.limit(),
        offset: paged.offset(),
    };
    let (found, total) = search::vouchers(workspace.store.db(), &query).await?;
    let items = found.into_iter().map(|v| Voucher {
        id: v.id,
        date: v.date.to_string(),
        summary: masked(v.summary),
        lines: v.lines,
        amount: v.debit.to_string(),
        maker: v.maker,
        checker: v.checker,
        source_file: v.source_file,
        source_row: v.source_row,
    });
    Ok(Json(Vouchers {
        total,
        page: paged.page(),
        items: items.collect(),
    }))
}

/// What a program sends; every byte of it is the caller's.
fn body_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|e| {
        Fault::bad_input(&format!(
            "请求的 JSON 第 {} 行第 {} 列读不懂,没有写入",
            e.line(),
            e.column()
        ))
    })
}

fn masked(text: String) -> String {
    crate::access::reveal::masked(&text).unwrap_or(text)
}

/// The months of a trial balance.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BalanceQuery {
    /// `2024-12` or `2024-01..2024-12`; the latest year of the books when left out.
    #[serde(default)]
    #[param(required = false)]
    period: String,
}

/// 科目余额表.
#[utoipa::path(get, path = "/api/v1/organisations/{org}/trial-balance",
    params(("org" = String, Path, description = "单位编码"), BalanceQuery), responses(
    (status = 200, body = Balance),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn trial_balance(
    State(workspace): State<Workspace>,
    Path(organisation): Path<String>,
    Ask(asked): Ask<BalanceQuery>,
) -> Result<Json<Balance>, Fault> {
    let book = books::find(&workspace, &organisation).await?;
    let range = book.range(&asked.period)?;
    let balance = balance_of(workspace.store.db(), &organisation, range).await?;
    let rows = balance.rows.iter().map(|r| BalanceRow {
        account: r.account.clone(),
        name: r.name.clone(),
        level: r.level,
        opening_debit: r.opening_debit.to_string(),
        opening_credit: r.opening_credit.to_string(),
        debit: r.debit.to_string(),
        credit: r.credit.to_string(),
        closing_debit: r.closing_debit.to_string(),
        closing_credit: r.closing_credit.to_string(),
    });
    Ok(Json(Balance {
        period: range.to_string(),
        rows: rows.collect(),
        organisation,
    }))
}

/// Audit runs, the latest first.
#[utoipa::path(get, path = "/api/v1/runs", responses(
    (status = 200, body = Vec<Run>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn runs(
    State(workspace): State<Workspace>,
    visitor: Visitor,
) -> Result<Json<Vec<Run>>, Fault> {
    let all = run_list::all(workspace.store.db()).await?;
    let seen = all.into_iter().filter(|r| findings::shows(&visitor, r));
    let runs = seen.map(|r| Run {
        id: r.id,
        digest: r.digest,
        data_digest: r.data_digest,
        pack_digest: r.pack_digest,
        as_of: r.as_of.to_string(),
        finished_at: r.finished_at.to_string(),
        organisations: r
            .scope
            .split(',')
            .filter(|o| visitor.scope.covers(o))
            .map(str::to_owned)
            .collect(),
    });
    Ok(Json(runs.collect()))
}

/// Which findings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingQuery {
    #[serde(default)]
    #[param(required = false)]
    org: String,
    #[serde(default)]
    #[param(required = false)]
    rule: String,
    /// `violation`, `red_flag`, `data_quality`.
    #[serde(default)]
    #[param(required = false)]
    kind: String,
    /// `high`, `medium`, `low`.
    #[serde(default)]
    #[param(required = false)]
    severity: String,
    #[serde(default)]
    #[param(required = false)]
    q: String,
}

/// Findings of a run, the heaviest first.
#[utoipa::path(get, path = "/api/v1/runs/{run}/findings",
    params(("run" = i64, Path, description = "第几次审计"), FindingQuery, Paged), responses(
    (status = 200, body = Findings),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn findings(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(run): Path<String>,
    Ask(asked): Ask<FindingQuery>,
    Ask(paged): Ask<Paged>,
) -> Result<Json<Findings>, Fault> {
    let paged = paged.checked()?;
    let run = run.parse().map_err(|_| Fault::not_found())?;
    let run = findings::run_of(&workspace, &visitor, run).await?;
    let asked = findings::Asked {
        org: asked.org,
        rule: asked.rule,
        kind: asked.kind,
        severity: asked.severity,
        q: asked.q,
        page: None,
    };
    let filter = asked.filter(&visitor.scope);
    let db = workspace.store.db();
    let tallies = run_list::tally(db, run.id, &filter).await?;
    let found = run_list::findings(db, run.id, &filter, paged.limit(), paged.offset()).await?;
    let mut items = Vec::with_capacity(found.len());
    for stored in &found {
        let item = findings::Item::of(stored)?.0;
        items.push(Finding {
            number: item.number,
            fingerprint: item.fingerprint,
            rule: item.rule,
            title: item.title,
            kind: item.kind.code().to_owned(),
            severity: item.severity.code().to_owned(),
            organisation: item.organisation,
            occurred_on: item.occurred_on.map(|d| d.to_string()),
            amount: item.amount.map(|a| a.to_string()),
            message: masked(item.message),
            vouchers: item.vouchers,
        });
    }
    Ok(Json(Findings {
        total: tallies.iter().map(|t| t.count).sum(),
        page: paged.page(),
        items,
    }))
}
