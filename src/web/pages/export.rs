//! What a list shows, whole, as a CSV file. Who took it and when stands in its last line and in the access log.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{books, findings, overview};
use crate::access::log::{self, Act};
use crate::access::reveal;
use crate::ledger::search;
use crate::ledger::trial_balance::trial_balance;
use crate::model::Money;
use crate::report::csv::{Cell, table};
use crate::store::run_list;
use crate::web::fault::Fault;
use crate::web::paging::encoded;
use crate::web::street;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// A list to be taken away.
pub(super) struct List<'a> {
    pub(super) title: String,
    pub(super) organisation: Option<&'a str>,
    pub(super) headers: &'a [&'a str],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Logs the act, signs the list, and gives it out.
pub(super) async fn give(
    workspace: &Workspace,
    visitor: &Visitor,
    mut list: List<'_>,
) -> Result<Response, Fault> {
    let act = Act {
        organisation: list.organisation,
        ..Act::new("export", visitor.login()).object(&list.title)
    };
    log::append(&workspace.store, &act, now()).await?;
    let signature = format!(
        "{}({}) {} 导出",
        visitor.user().name,
        visitor.login(),
        now()
    );
    let mut last = vec![Cell::Text(signature)];
    last.resize(list.headers.len(), Cell::Text(String::new()));
    list.rows.push(last);
    let bytes = table(list.headers, &list.rows).map_err(|e| Fault::internal(&e.to_string()))?;
    let name = format!("attachment; filename*=UTF-8''{}.csv", encoded(&list.title));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}

pub(super) fn text(text: &str) -> Cell {
    Cell::Text(reveal::masked(text).unwrap_or_else(|| text.to_owned()))
}

pub(super) fn figure(value: impl ToString) -> Cell {
    Cell::Figure(value.to_string())
}

pub(super) fn money(money: Option<Money>) -> Cell {
    Cell::Figure(money.map_or(String::new(), |m| m.to_string()))
}

pub async fn street_table(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<overview::Asked>,
) -> Result<Response, Fault> {
    let whole = street::table(&workspace, asked.last()?).await?;
    let own = whole
        .lines
        .iter()
        .filter(|l| visitor.scope.covers(&l.organisation));
    let rows = own.map(|l| {
        let figures = [l.cash, l.assets, l.liabilities, l.income, l.expense];
        let figures = figures
            .into_iter()
            .flat_map(|f| [money(f.now), money(f.before)]);
        let head = [
            text(&l.organisation),
            text(&l.name),
            figure(super::show::months(l.range)),
        ];
        let tail = [
            figure(l.rent.contracts),
            money(Some(l.rent.due)),
            money(Some(l.rent.unpaid)),
            figure(l.findings),
            money(Some(l.amount)),
        ];
        head.into_iter()
            .chain(figures)
            .chain(tail)
            .collect::<Vec<Cell>>()
    });
    let list = List {
        title: "一表".to_owned(),
        organisation: None,
        headers: &[
            "单位编码",
            "单位",
            "期间",
            "货币资金",
            "货币资金年初",
            "资产",
            "资产年初",
            "负债",
            "负债年初",
            "收入",
            "收入上年同期",
            "支出",
            "支出上年同期",
            "合同",
            "应收租金",
            "拖欠",
            "疑点",
            "疑点金额",
        ],
        rows: rows.collect(),
    };
    give(&workspace, &visitor, list).await
}

pub async fn vouchers(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(organisation): Path<String>,
    Query(asked): Query<books::Asked>,
) -> Result<Response, Fault> {
    let book = books::find(&workspace, &organisation).await?;
    let range = match asked.period.trim() {
        "" => None,
        period => Some(book.range(period)?),
    };
    let query = search::Query {
        organisation: &organisation,
        range,
        text: &asked.q,
        limit: i64::MAX,
        offset: 0,
    };
    let (found, _) = search::vouchers(workspace.store.db(), &query).await?;
    let rows = found.iter().map(|v| {
        vec![
            figure(v.date),
            figure(&v.id),
            text(&v.summary),
            money(Some(v.debit)),
            figure(v.lines),
            text(&v.maker),
            text(&v.checker),
            text(&v.source_file),
            figure(v.source_row),
        ]
    });
    let list = List {
        title: format!("{organisation} 凭证"),
        organisation: Some(&organisation),
        headers: &[
            "日期",
            "凭证",
            "摘要",
            "金额",
            "分录",
            "制单",
            "复核",
            "来源文件",
            "来源行",
        ],
        rows: rows.collect(),
    };
    give(&workspace, &visitor, list).await
}

pub async fn balance(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(organisation): Path<String>,
    Query(asked): Query<books::Asked>,
) -> Result<Response, Fault> {
    let book = books::find(&workspace, &organisation).await?;
    let range = book.range(&asked.period)?;
    let balance = trial_balance(workspace.store.db(), &organisation, range).await?;
    let deepest = asked.level.unwrap_or(u32::MAX);
    let rows = balance.rows.iter().filter(|r| r.level <= deepest).map(|r| {
        let amounts = [
            r.opening_debit,
            r.opening_credit,
            r.debit,
            r.credit,
            r.closing_debit,
            r.closing_credit,
        ];
        let head = [figure(&r.account), text(&r.name), figure(r.level)];
        head.into_iter()
            .chain(amounts.map(|m| money(Some(m))))
            .collect::<Vec<Cell>>()
    });
    let list = List {
        title: format!("{organisation} 科目余额表 {range}"),
        organisation: Some(&organisation),
        headers: &[
            "科目编码",
            "科目",
            "级次",
            "期初借方",
            "期初贷方",
            "本期借方",
            "本期贷方",
            "期末借方",
            "期末贷方",
        ],
        rows: rows.collect(),
    };
    give(&workspace, &visitor, list).await
}

pub async fn run_findings(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(asked): Query<findings::Asked>,
) -> Result<Response, Fault> {
    findings::run_of(&workspace, &visitor, id).await?;
    let filter = asked.filter(&visitor.scope);
    let found = run_list::findings(workspace.store.db(), id, &filter, i64::MAX, 0).await?;
    let mut rows = Vec::with_capacity(found.len());
    for stored in &found {
        let item = findings::Item::of(stored)?;
        rows.push(vec![
            figure(&item.number),
            text(item.severity.label()),
            text(item.kind.label()),
            text(&item.organisation),
            text(&item.organisation_name),
            text(&item.title),
            text(&item.message),
            money(item.amount),
            figure(item.occurred_on.map_or(String::new(), |d| d.to_string())),
            text(&item.vouchers.join(";")),
        ]);
    }
    let list = List {
        title: format!("第{id}次审计 疑点"),
        organisation: None,
        headers: &[
            "编号",
            "程度",
            "类型",
            "单位编码",
            "单位",
            "疑点",
            "说明",
            "金额",
            "日期",
            "凭证",
        ],
        rows,
    };
    give(&workspace, &visitor, list).await
}
