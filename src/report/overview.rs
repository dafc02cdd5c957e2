//! 一表: the street's one table. A line a company: money, assets, liabilities, income, expense, contracts, rent, findings.
//! Every figure is one that a statement, the rent marts or a run states elsewhere; nothing is computed anew here.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use crate::audit::rent::Rent;
use crate::ledger::{read, search};
use crate::model::{Money, Period, PeriodRange, Standard};
use crate::pack::Pack;
use crate::statement::{Kind, Options, Statement, StatementError, name_of, prepare};
use crate::store::run_list::{self, Filter, Run};
use crate::store::{Store, StoreError};

/// A figure with the one it is compared with: the beginning of the year, or the same months of last year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figure {
    pub now: Option<Money>,
    pub before: Option<Money>,
}

/// One company.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub organisation: String,
    pub name: String,
    pub standard: &'static str,
    /// The months that the books cover.
    pub books: Option<PeriodRange>,
    /// The months that the line's figures cover.
    pub range: Option<PeriodRange>,
    pub cash: Figure,
    pub assets: Figure,
    pub liabilities: Figure,
    pub income: Figure,
    pub expense: Figure,
    /// Why there are no figures, in the words of the statement.
    pub gap: String,
    pub rent: Rent,
    /// Findings of the latest run that covers the company, and what they come to, 分.
    pub findings: i64,
    pub amount: Money,
    pub run: Option<i64>,
}

/// The street's table.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    pub lines: Vec<Line>,
}

impl Overview {
    /// The sum of a column over the companies; `None` where no company has the figure.
    pub fn total(&self, column: impl Fn(&Line) -> Option<Money>) -> Option<Money> {
        let mut all = self.lines.iter().filter_map(column);
        let first = all.next()?;
        all.try_fold(first, Money::checked_add)
    }
}

/// The table of all companies, up to `last` or, without it, to the end of each one's books.
///
/// # Errors
/// What the store says; a statement that cannot be prepared leaves a gap in its line and stops nobody.
pub async fn overview(
    store: &Store,
    pack: &Pack,
    rent: &BTreeMap<String, Rent>,
    last: Option<Period>,
) -> Result<Overview, StatementError> {
    let db = store.db();
    let spans = search::spans(db, None).await?;
    let found = findings(db)
        .await
        .map_err(crate::ledger::LedgerError::Store)?;
    let mut out = Overview::default();
    for book in read::books(db).await? {
        let standard = Standard::from_code(&book.standard);
        let mut line = Line {
            name: name_of(db, &book.organisation).await?,
            standard: standard.map_or("", Standard::label),
            books: spans.get(&book.organisation).copied(),
            rent: rent.get(&book.organisation).copied().unwrap_or_default(),
            ..Line::default()
        };
        if let Some((run, count, amount)) = found.get(&book.organisation) {
            line.run = Some(*run);
            (line.findings, line.amount) = (*count, Money(*amount));
        }
        line.organisation = book.organisation;
        fill(db, pack, &mut line, last).await?;
        out.lines.push(line);
    }
    Ok(out)
}

/// The figures of the statements up to the month.
async fn fill<C: ConnectionTrait>(
    connection: &C,
    pack: &Pack,
    line: &mut Line,
    last: Option<Period>,
) -> Result<(), StatementError> {
    let Some(last) = last.or(line.books.map(|b| b.last)) else {
        return Ok(());
    };
    let first = Period { month: 1, ..last };
    let range = PeriodRange { first, last };
    let options = Options {
        organisation: &line.organisation,
        range,
        kinds: &[Kind::BalanceSheet, Kind::Flows],
    };
    let statements = match prepare(connection, pack, &options).await {
        Ok(statements) => statements,
        Err(StatementError::Ledger(crate::ledger::LedgerError::Store(e))) => {
            return Err(StatementError::Ledger(e.into()));
        }
        Err(other) => {
            line.gap = other.to_string();
            return Ok(());
        }
    };
    line.range = Some(range);
    let figure = |kind: Kind, label: &str, now: &str, before: &str| {
        let found = statements.iter().find(|s: &&Statement| s.kind == kind);
        Figure {
            now: found.and_then(|s| s.amount(label, now)),
            before: found.and_then(|s| s.amount(label, before)),
        }
    };
    let stand = |label| figure(Kind::BalanceSheet, label, "期末余额", "年初余额");
    let flow = |label| figure(Kind::Flows, label, "本年累计", "上年同期");
    line.cash = stand("货币资金");
    line.assets = stand("资产总计");
    line.liabilities = stand("负债合计");
    line.income = flow("一、收入合计");
    line.expense = flow("二、支出合计");
    Ok(())
}

/// The runs that count, each with the organisations whose latest it is.
pub(super) async fn latest_runs<C: ConnectionTrait>(
    connection: &C,
) -> Result<Vec<(Run, Vec<String>)>, StoreError> {
    let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
    for run in run_list::all(connection).await? {
        let codes = run.scope.split(',').map(str::to_owned);
        let fresh: Vec<String> = codes.filter(|o| seen.insert(o.clone())).collect();
        if !fresh.is_empty() {
            out.push((run, fresh));
        }
    }
    Ok(out)
}

/// By organisation: the latest run that covers it, how much it found and what that comes to. Data quality is no problem of
/// the company's conduct and is left out.
async fn findings<C: ConnectionTrait>(
    connection: &C,
) -> Result<BTreeMap<String, (i64, i64, i64)>, StoreError> {
    let mut out: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    for (run, organisations) in latest_runs(connection).await? {
        let filter = Filter {
            organisations: Some(organisations.iter().map(String::as_str).collect()),
            ..Filter::default()
        };
        for organisation in &organisations {
            out.insert(organisation.clone(), (run.id, 0, 0));
        }
        for tally in run_list::tally(connection, run.id, &filter).await? {
            if tally.kind == "data_quality" {
                continue;
            }
            if let Some((_, count, amount)) = out.get_mut(&tally.organisation) {
                *count += tally.count;
                *amount += tally.amount;
            }
        }
    }
    Ok(out)
}
