//! Preparing statements: loads the facts of the year and of the year before, fills the forms, compares what must agree.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::evaluate::{Parts, fill, retained};
use super::facts::{self, Facts, Key, Window};
use super::form::{Form, Forms, Section};
use super::{Kind, Line, Part, Statement, StatementError, ageing, flows};
use crate::ledger::{charts, read};
use crate::model::{ChartHistory, Money, Period, PeriodRange, Standard};
use crate::pack::Pack;
use crate::store::bulk::statement;

/// What to prepare.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    pub organisation: &'a str,
    /// Months of one year.
    pub range: PeriodRange,
    pub kinds: &'a [Kind],
}

/// What all statements of a run share.
pub(super) struct Context<'a> {
    pub organisation: &'a str,
    pub name: String,
    pub range: PeriodRange,
    pub form: &'a Form,
    pub history: ChartHistory,
    pub facts: Facts,
    pub previous: Option<Facts>,
    /// Vouchers handed in and kept outside the books because they are defective, up to the end of the range.
    held: i64,
}

/// Prepares statements in the order of `kinds`.
///
/// # Errors
/// [`StatementError`]: no such book, no form for its standard, a range over two years, nothing posted yet.
pub async fn prepare<C: ConnectionTrait>(
    connection: &C,
    pack: &Pack,
    options: &Options<'_>,
) -> Result<Vec<Statement>, StatementError> {
    let (organisation, range) = (options.organisation, options.range);
    if range.first.year != range.last.year {
        return Err(StatementError::CrossesYears(range.to_string()));
    }
    let forms = Forms::load(pack)?;
    let (form, history) = form_of(connection, &forms, organisation, range.last.year).await?;
    let facts = facts::load(connection, organisation, form, &history, range.last).await?;
    let facts = facts.ok_or_else(|| StatementError::Empty {
        organisation: organisation.to_owned(),
        period: range.last.to_string(),
    })?;
    let last_year = Period {
        year: range.last.year - 1,
        ..range.last
    };
    // Accounts of another standard do not fit this form's rows.
    let previous = match history.same(last_year.year, range.last.year) {
        true => facts::load(connection, organisation, form, &history, last_year).await?,
        false => None,
    };
    let context = Context {
        organisation,
        name: name_of(connection, organisation).await?,
        range,
        form,
        facts,
        previous,
        history,
        held: held(connection, organisation, range.last).await?,
    };
    let mut out = Vec::new();
    for kind in options.kinds {
        out.push(match kind {
            Kind::BalanceSheet => balance_sheet(&context)?,
            Kind::Income => income(&context)?,
            Kind::Flows => flows::flows(&context)?,
            Kind::Ageing => ageing::ageing(connection, pack, &context).await?,
            // These have commands of their own.
            Kind::Reconciliation | Kind::Consolidated | Kind::ChartChange => continue,
        });
    }
    Ok(out)
}

/// The form of the standard that the organisation's book follows in a year, and its charts.
pub(super) async fn form_of<'f, C: ConnectionTrait>(
    connection: &C,
    forms: &'f Forms,
    organisation: &str,
    year: i32,
) -> Result<(&'f Form, ChartHistory), StatementError> {
    let book = read::book(connection, organisation).await?;
    if Standard::from_code(&book.standard).is_none() {
        return Err(StatementError::UnknownStandard(organisation.to_owned()));
    }
    let history = charts::history(connection, organisation).await?;
    Ok((forms.of(history.of(year).standard)?, history))
}

impl Context<'_> {
    /// The year up to the end of the range.
    pub fn year(&self) -> Window {
        Window {
            first: 1,
            last: self.range.last.month,
        }
    }

    /// Columns of a statement over time: heading, facts, window. Months alone and the year where they differ, and the
    /// same months of the year before where the books have them.
    pub fn spans(&self) -> Vec<(&'static str, &Facts, Window)> {
        let year = self.year();
        let mut spans = Vec::new();
        if self.range.first.month > 1 {
            let months = Window {
                first: self.range.first.month,
                last: year.last,
            };
            spans.push(("本期金额", &self.facts, months));
        }
        spans.push(("本年累计", &self.facts, year));
        if let Some(previous) = &self.previous {
            spans.push(("上年同期", previous, year));
        }
        spans
    }

    pub fn blank(&self, kind: Kind, title: &str, columns: Vec<String>) -> Statement {
        let (first, last) = (self.range.first, self.range.last);
        let dated = match kind {
            Kind::BalanceSheet | Kind::Ageing => {
                let day = last.last_day();
                format!("{}", day.format("%Y年%-m月%-d日"))
            }
            _ if first == last => format!("{}年{}月", last.year, last.month),
            _ => format!("{}年{}—{}月", last.year, first.month, last.month),
        };
        Statement {
            kind,
            title: title.to_owned(),
            organisation: self.organisation.to_owned(),
            name: self.name.clone(),
            range: self.range,
            dated,
            columns,
            lines: Vec::new(),
            differences: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A line from its parts, one column each.
    pub fn line(&self, id: &str, label: &str, columns: &[Parts]) -> Result<Line, StatementError> {
        let keys: BTreeSet<&Key> = columns.iter().flat_map(BTreeMap::keys).collect();
        let part = |key: &Key| {
            let amounts = columns
                .iter()
                .map(|c| self.money(c.get(key).copied().unwrap_or(0)));
            Ok(Part {
                account: key.0.clone(),
                name: self.facts.name(&key.0).to_owned(),
                counterparty: key.1.clone(),
                amounts: amounts.collect::<Result<_, StatementError>>()?,
            })
        };
        let totals = columns
            .iter()
            .map(|c| self.money(c.values().sum()).map(Some));
        Ok(Line {
            id: id.to_owned(),
            label: label.to_owned(),
            indent: 0,
            total: false,
            half: None,
            amounts: totals.collect::<Result<_, StatementError>>()?,
            parts: keys
                .into_iter()
                .map(part)
                .collect::<Result<_, StatementError>>()?,
            note: String::new(),
        })
    }

    pub fn money(&self, fen: i128) -> Result<Money, StatementError> {
        let fen = i64::try_from(fen).ok().map(Money);
        fen.ok_or_else(|| StatementError::Overflow(self.organisation.to_owned()))
    }

    /// Accounts with a balance or turnover that the standard's chart does not know: no row of the form takes them.
    fn unplaced(&self) -> BTreeSet<&str> {
        let codes = self.facts.cells.keys().map(|(account, _)| account.as_str());
        codes.filter(|c| self.facts.head(c).is_none()).collect()
    }

    fn common_notes(&self, out: &mut Statement) {
        for code in self.unplaced() {
            let name = self.facts.name(code);
            out.notes.push(format!(
                "科目 {code} {name} 不在{}的科目表内,没有列入报表任何一行。",
                self.form.standard.label()
            ));
        }
        let year = self.range.last.year;
        if !self.history.same(year - 1, year) {
            out.notes.push(format!(
                "{} 年及以前执行{},不列上年同期;新旧科目对照见 sanzi chart-change。",
                year - 1,
                self.history.of(year - 1).standard.label()
            ));
        }
        if self.held > 0 {
            out.notes.push(format!(
                "另有 {} 张有问题的凭证待纠正,未入账,报表不含其金额。",
                self.held
            ));
        }
    }
}

/// Fills the rows of a section for several columns.
fn lines(
    context: &Context<'_>,
    section: &Section,
    spans: &[(&Facts, Window)],
) -> Result<Vec<Line>, StatementError> {
    let filled: Vec<Vec<Parts>> = spans
        .iter()
        .map(|(facts, window)| fill(context.form, section, facts, *window))
        .collect();
    let mut out = Vec::new();
    for (index, row) in section.rows.iter().enumerate() {
        let columns: Vec<Parts> = filled.iter().map(|f| f[index].clone()).collect();
        let mut line = context.line(&row.id, &row.label, &columns)?;
        if row.heading {
            line.amounts = vec![None; columns.len()];
        }
        line.indent = row.indent;
        line.total = row.total;
        line.half = row.half;
        line.note.clone_from(&row.note);
        out.push(line);
    }
    Ok(out)
}

fn balance_sheet(context: &Context<'_>) -> Result<Statement, StatementError> {
    let section = &context.form.balance_sheet;
    let start = Window { first: 1, last: 0 };
    let spans = [(&context.facts, context.year()), (&context.facts, start)];
    let columns = vec!["期末余额".to_owned(), "年初余额".to_owned()];
    let mut out = context.blank(Kind::BalanceSheet, &section.title, columns);
    out.lines = lines(context, section, &spans)?;
    let claims = section.ends.1.as_deref().unwrap_or_default();
    let label = "差额(资产总计减负债和所有者权益总计)";
    push_difference(&mut out, label, (&section.ends.0, claims))?;
    if !section.note.is_empty() {
        out.notes.push(section.note.clone());
    }
    context.common_notes(&mut out);
    note_open_profit(context, &mut out)?;
    note_wrong_sides(context, &mut out)?;
    Ok(out)
}

/// The difference between two lines, where there is one.
fn push_difference(
    out: &mut Statement,
    label: &str,
    (first, second): (&str, &str),
) -> Result<(), StatementError> {
    let amounts = |id: &str| {
        let line = out.line(id).map(|l| l.amounts.clone());
        line.unwrap_or_default()
            .into_iter()
            .map(|m| m.unwrap_or(Money::ZERO))
    };
    let left: Vec<Money> = amounts(first).collect();
    let differences: Vec<Money> = left
        .into_iter()
        .zip(amounts(second))
        .map(|(a, b)| a - b)
        .collect();
    push_amounts(out, label, differences);
    Ok(())
}

fn push_amounts(out: &mut Statement, label: &str, differences: Vec<Money>) {
    if differences.iter().all(|m| m.is_zero()) {
        return;
    }
    out.differences.push(Line {
        id: "差额".to_owned(),
        label: label.to_owned(),
        indent: 0,
        total: true,
        half: None,
        amounts: differences.into_iter().map(Some).collect(),
        parts: Vec::new(),
        note: String::new(),
    });
}

fn income(context: &Context<'_>) -> Result<Statement, StatementError> {
    let section = &context.form.income;
    let spans = context.spans();
    let columns = spans
        .iter()
        .map(|(title, ..)| (*title).to_owned())
        .collect();
    let mut out = context.blank(Kind::Income, &section.title, columns);
    let windows: Vec<(&Facts, Window)> = spans.iter().map(|(_, f, w)| (*f, *w)).collect();
    out.lines = lines(context, section, &windows)?;
    if let Some(end) = &section.ends.1 {
        let mut differences = Vec::new();
        let shown = out.line(end).map(|l| l.amounts.clone()).unwrap_or_default();
        for ((facts, window), shown) in windows.iter().zip(shown) {
            let booked = retained(context.form, facts, |c| c.closing(*window));
            let booked = context.money(booked.values().sum())?;
            differences.push(shown.unwrap_or(Money::ZERO) - booked);
        }
        push_amounts(&mut out, "差额(与账上未分配收益相比)", differences);
    }
    if !section.note.is_empty() {
        out.notes.push(section.note.clone());
    }
    context.common_notes(&mut out);
    Ok(out)
}

/// Income and expense that were not carried over by the end of the range.
fn note_open_profit(context: &Context<'_>, out: &mut Statement) -> Result<(), StatementError> {
    let facts = &context.facts;
    let open: i128 = facts
        .cells
        .iter()
        .filter(|((account, _), _)| {
            facts
                .head(account)
                .is_some_and(|h| context.form.is_profit_or_loss(h))
        })
        .map(|(_, cell)| -cell.closing(context.year()))
        .sum();
    if open != 0 {
        let open = context.money(open)?.grouped();
        out.notes.push(format!(
            "收入、支出尚未结转,未分配一行含未结转净额 {open} 元。"
        ));
    }
    Ok(())
}

/// Cash and bank accounts in credit: money that is not there.
fn note_wrong_sides(context: &Context<'_>, out: &mut Statement) -> Result<(), StatementError> {
    let mut balances: BTreeMap<&str, i128> = BTreeMap::new();
    for ((account, _), cell) in &context.facts.cells {
        let tag = context
            .facts
            .accounts
            .get(account)
            .map_or("", |a| a.tag.as_str());
        if ["cash", "bank", "other_cash"].contains(&tag) {
            *balances.entry(account).or_default() += cell.closing(context.year());
        }
    }
    for (account, balance) in balances.into_iter().filter(|(_, b)| *b < 0) {
        out.notes.push(format!(
            "{account} {} 期末为贷方余额 {} 元,请核对。",
            context.facts.name(account),
            context.money(-balance)?.grouped()
        ));
    }
    Ok(())
}

/// The name of an organisation as its latest 单位 row gives it; empty where none was handed in.
///
/// # Errors
/// What the database says.
pub async fn name_of<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
) -> Result<String, StatementError> {
    let sql = "SELECT name FROM organisation WHERE code = ? AND retired_in IS NULL ORDER BY valid_from DESC, row_id DESC LIMIT 1";
    let row = connection
        .query_one_raw(statement(connection, sql, [organisation.into()]))
        .await?;
    let name = row
        .map(|r| r.try_get_by_index::<Option<String>>(0))
        .transpose()?;
    Ok(name.flatten().unwrap_or_default())
}

async fn held<C: ConnectionTrait>(
    connection: &C,
    organisation: &str,
    last: Period,
) -> Result<i64, StatementError> {
    let sql = "SELECT COUNT(*) FROM held_voucher WHERE organisation = ? AND settled_in IS NULL AND reason = 'defective' AND year * 100 + month <= ?";
    let values = [
        organisation.into(),
        (i64::from(last.year) * 100 + i64::from(last.month)).into(),
    ];
    let row = connection
        .query_one_raw(statement(connection, sql, values))
        .await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0))
}
