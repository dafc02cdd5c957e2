//! 明细账 and statements for programs.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Ask, BalanceQuery, Paged, Problem, masked};
use crate::ledger::LedgerError;
use crate::ledger::account_ledger::account_ledger;
use crate::statement::{self, Kind, Options, prepare};
use crate::web::fault::Fault;
use crate::web::pages::books;
use crate::web::workspace::Workspace;

/// A line of an account ledger; amounts in 元.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    date: String,
    /// `2024-03-记-0012`.
    voucher: String,
    line: u32,
    account: String,
    summary: String,
    counterparty: String,
    debit: String,
    credit: String,
    /// Debit less credit up to and with this line.
    balance: String,
    source_file: String,
    source_row: u32,
}

/// A page of an account ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountLedger {
    account: String,
    name: String,
    /// `2024-01..2024-12`.
    period: String,
    /// Debit less credit, 元, before the first and after the last line of all pages.
    opening: String,
    closing: String,
    total: usize,
    page: i64,
    items: Vec<Entry>,
}

/// A line of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Line {
    /// 行次.
    id: String,
    label: String,
    indent: u32,
    total: bool,
    /// By the columns of the statement; none in a line that only heads others.
    amounts: Vec<Option<String>>,
    parts: Vec<Part>,
    /// What is not certain about the line.
    note: String,
}

/// An account, or one counterparty of it, with what it adds to a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct Part {
    account: String,
    name: String,
    counterparty: String,
    amounts: Vec<String>,
}

/// A statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statement {
    /// `balance-sheet`, `income`, `flows`, `ageing`.
    kind: String,
    title: String,
    /// `2024年12月31日` or `2024年1—12月`.
    dated: String,
    columns: Vec<String>,
    lines: Vec<Line>,
    /// What does not add up; empty when all ties out.
    differences: Vec<Line>,
    notes: Vec<String>,
}

/// 明细账 of an account and its details, with the running balance.
#[utoipa::path(get, path = "/api/v1/organisations/{org}/accounts/{account}",
    params(("org" = String, Path, description = "单位编码"), ("account" = String, Path, description = "科目编码"),
        BalanceQuery, Paged), responses(
    (status = 200, body = AccountLedger),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn account(
    State(workspace): State<Workspace>,
    Path((organisation, code)): Path<(String, String)>,
    Ask(asked): Ask<BalanceQuery>,
    Ask(paged): Ask<Paged>,
) -> Result<Json<AccountLedger>, Fault> {
    let paged = paged.checked()?;
    let book = books::find(&workspace, &organisation).await?;
    let range = book.range(&asked.period)?;
    let ledger = account_ledger(workspace.store.db(), &organisation, &code, range).await;
    let ledger = ledger.map_err(|e| match e {
        LedgerError::UnknownAccount { .. } => Fault::not_found(),
        other => other.into(),
    })?;
    let skipped = usize::try_from(paged.offset()).unwrap_or(usize::MAX);
    let shown = usize::try_from(paged.limit()).unwrap_or(0);
    let lines = ledger.lines.iter().skip(skipped).take(shown);
    let items = lines.map(|l| Entry {
        date: l.date.to_string(),
        voucher: l.voucher.clone(),
        line: l.line,
        account: l.account.clone(),
        summary: masked(l.summary.clone()),
        counterparty: masked(l.counterparty.clone()),
        debit: l.debit.to_string(),
        credit: l.credit.to_string(),
        balance: l.balance.to_string(),
        source_file: l.source_file.clone(),
        source_row: l.source_row,
    });
    Ok(Json(AccountLedger {
        items: items.collect(),
        period: range.to_string(),
        opening: ledger.opening.to_string(),
        closing: ledger.closing.to_string(),
        total: ledger.lines.len(),
        page: paged.page(),
        account: ledger.account,
        name: ledger.name,
    }))
}

/// 资产负债表, 收益表 or 利润表, 收支明细表 and 往来账龄 of an organisation, each line with the accounts it is made of.
#[utoipa::path(get, path = "/api/v1/organisations/{org}/statements",
    params(("org" = String, Path, description = "单位编码"), BalanceQuery), responses(
    (status = 200, body = Vec<Statement>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn statements(
    State(workspace): State<Workspace>,
    Path(organisation): Path<String>,
    Ask(asked): Ask<BalanceQuery>,
) -> Result<Json<Vec<Statement>>, Fault> {
    let book = books::find(&workspace, &organisation).await?;
    let options = Options {
        organisation: &organisation,
        range: book.range(&asked.period)?,
        kinds: &Kind::ALL,
    };
    let prepared = prepare(workspace.store.db(), &workspace.pack, &options).await?;
    Ok(Json(prepared.into_iter().map(Statement::of).collect()))
}

impl Statement {
    fn of(statement: statement::Statement) -> Statement {
        Statement {
            kind: statement.kind.code().to_owned(),
            title: statement.title,
            dated: statement.dated,
            columns: statement.columns,
            lines: statement.lines.into_iter().map(Line::of).collect(),
            differences: statement.differences.into_iter().map(Line::of).collect(),
            notes: statement.notes,
        }
    }
}

impl Line {
    fn of(line: statement::Line) -> Line {
        let amounts = line.amounts.iter();
        let parts = line.parts.into_iter().map(|p| Part {
            amounts: p.amounts.iter().map(ToString::to_string).collect(),
            account: p.account,
            name: p.name,
            counterparty: masked(p.counterparty),
        });
        Line {
            amounts: amounts.map(|a| a.map(|m| m.to_string())).collect(),
            id: line.id,
            label: line.label,
            indent: line.indent,
            total: line.total,
            parts: parts.collect(),
            note: line.note,
        }
    }
}
