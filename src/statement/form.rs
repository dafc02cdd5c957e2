//! The forms in `ledger_rules/statements/`: one file per accounting standard with its balance sheet and its income
//! statement. Everything that could make a statement wrong is checked when the file is read: unknown keys, unknown
//! accounts and rows, circular rows, and any account of the standard's chart that is in no row or in more than one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::evaluate::{Parts, fill};
use super::facts::{Cell, Facts, Flow, Named, Window};
use super::formula::{self, Signed, Term};
use super::table::Half;
use super::{FormFault, StatementError};
use crate::model::{Side, Standard};
use crate::pack::Pack;

/// An account of the standard's chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartAccount {
    pub name: String,
    pub side: Side,
    pub category: String,
}

/// One row of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub label: String,
    pub indent: u32,
    pub total: bool,
    /// 其中: shows a part of another row and is left out of sums over rows.
    pub memo: bool,
    pub half: Option<Half>,
    pub terms: Vec<Signed>,
    pub heading: bool,
    pub note: String,
}

/// A balance sheet or an income statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub title: String,
    pub note: String,
    pub rows: Vec<Row>,
    /// Balance sheet: rows of total assets and of total claims. Income: net profit, and the retained profit at the end.
    pub ends: (String, Option<String>),
}

/// The statements of one standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub standard: Standard,
    /// Accounts of the standard that hold profit: 本年收益, 收益分配.
    pub retained: BTreeSet<String>,
    pub chart: BTreeMap<String, ChartAccount>,
    pub balance_sheet: Section,
    pub income: Section,
}

/// The forms of all standards that the pack has.
#[derive(Debug, Clone)]
pub struct Forms(BTreeMap<&'static str, Form>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    retained: Spanned<Vec<String>>,
    balance_sheet: BalanceFile,
    income: IncomeFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BalanceFile {
    title: String,
    #[serde(default)]
    note: String,
    assets: Spanned<String>,
    claims: Spanned<String>,
    row: Vec<RowFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IncomeFile {
    title: String,
    #[serde(default)]
    note: String,
    net: Spanned<String>,
    end: Option<Spanned<String>>,
    row: Vec<RowFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    id: Spanned<String>,
    label: String,
    formula: Option<Spanned<String>>,
    #[serde(default)]
    indent: u32,
    #[serde(default)]
    total: bool,
    #[serde(default)]
    memo: bool,
    half: Option<HalfFile>,
    #[serde(default)]
    note: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HalfFile {
    Assets,
    Claims,
}

impl Section {
    pub fn position(&self, id: &str) -> Option<usize> {
        self.rows.iter().position(|r| r.id == id)
    }

    /// Whether a term of this section names the account as counterpart of the retained accounts.
    pub fn named_against(&self, head: Option<&str>) -> bool {
        let terms = self.rows.iter().flat_map(|r| &r.terms);
        terms.into_iter().any(|(_, term)| match term {
            Term::Given(codes) | Term::Taken(codes) | Term::Shared(codes) => {
                codes.iter().any(|c| Some(c.as_str()) == head)
            }
            _ => false,
        })
    }
}

impl Form {
    pub fn is_retained(&self, head: &str) -> bool {
        self.retained.contains(head)
    }

    pub fn is_profit_or_loss(&self, head: &str) -> bool {
        self.chart.get(head).is_some_and(|a| a.category == "损益")
    }
}

impl Forms {
    /// Reads and checks all forms of a pack. Every fault of every file is reported.
    ///
    /// # Errors
    /// [`StatementError::Form`], [`StatementError::Pack`] when a chart cannot be read.
    pub fn load(pack: &Pack) -> Result<Forms, StatementError> {
        let (mut forms, mut faults) = (BTreeMap::new(), Vec::new());
        for standard in Standard::ALL {
            let file = format!("statements/{}.toml", standard.code());
            let Some(text) = pack.text(&file) else {
                continue;
            };
            let chart = read_chart(pack, standard)?;
            match parse(&file, &text, standard, chart) {
                Ok(form) => {
                    forms.insert(standard.code(), form);
                }
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            Ok(Forms(forms))
        } else {
            Err(StatementError::Form(faults))
        }
    }

    /// The form of a standard.
    ///
    /// # Errors
    /// [`StatementError::NoForm`].
    pub fn of(&self, standard: Standard) -> Result<&Form, StatementError> {
        self.0
            .get(standard.code())
            .ok_or(StatementError::NoForm(standard.label()))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Form> {
        self.0.values()
    }
}

fn read_chart(
    pack: &Pack,
    standard: Standard,
) -> Result<BTreeMap<String, ChartAccount>, StatementError> {
    let file = format!("charts/{}.csv", standard.code());
    let bad = |reason: String| StatementError::Pack {
        file: file.clone(),
        reason,
    };
    let text = pack.text(&file).ok_or_else(|| bad("没有这个文件".into()))?;
    let mut chart = BTreeMap::new();
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.map_err(|e| bad(e.to_string()))?;
        let cell = |i: usize| record.get(i).unwrap_or_default().to_owned();
        let side =
            Side::from_code(&cell(2)).ok_or_else(|| bad(format!("余额方向「{}」", cell(2))))?;
        let account = ChartAccount {
            name: cell(1),
            side,
            category: cell(4),
        };
        chart.insert(cell(0), account);
    }
    Ok(chart)
}

/// Reads one file against the standard's chart.
fn parse(
    file: &str,
    text: &str,
    standard: Standard,
    chart: BTreeMap<String, ChartAccount>,
) -> Result<Form, Vec<FormFault>> {
    let mut faults = Faults {
        file,
        text,
        found: Vec::new(),
    };
    let read: FormFile = match toml::from_str(text) {
        Ok(read) => read,
        Err(error) => {
            faults.add(error.span(), format!("写法有误:{}", error.message()));
            return Err(faults.found);
        }
    };
    for code in read.retained.get_ref() {
        if !chart.contains_key(code) {
            faults.add(
                Some(read.retained.span()),
                format!("科目表里没有科目 {code}"),
            );
        }
    }
    let BalanceFile {
        title,
        note,
        assets,
        claims,
        row,
    } = read.balance_sheet;
    let (read_rows, spans) = rows(&row, true, &mut faults);
    let balance_sheet = Section {
        title,
        note,
        rows: read_rows,
        ends: (assets.get_ref().clone(), Some(claims.get_ref().clone())),
    };
    faults.check_section(&balance_sheet, &spans, &chart);
    faults.check_ends(&balance_sheet, [Some(&assets), Some(&claims)]);
    let IncomeFile {
        title,
        note,
        net,
        end,
        row,
    } = read.income;
    let (read_rows, spans) = rows(&row, false, &mut faults);
    let income = Section {
        title,
        note,
        rows: read_rows,
        ends: (
            net.get_ref().clone(),
            end.as_ref().map(|e| e.get_ref().clone()),
        ),
    };
    faults.check_section(&income, &spans, &chart);
    faults.check_ends(&income, [Some(&net), end.as_ref()]);
    if !faults.found.is_empty() {
        return Err(faults.found);
    }
    let form = Form {
        standard,
        retained: read.retained.into_inner().into_iter().collect(),
        chart,
        balance_sheet,
        income,
    };
    faults.check_coverage(&form);
    if faults.found.is_empty() {
        Ok(form)
    } else {
        Err(faults.found)
    }
}

/// The rows, and where each formula (or else its id) stands in the text.
fn rows(read: &[RowFile], halves: bool, faults: &mut Faults<'_>) -> (Vec<Row>, Vec<Range<usize>>) {
    let (mut rows, mut spans) = (Vec::new(), Vec::new());
    let mut ids = BTreeSet::new();
    for row in read {
        let id = row.id.get_ref();
        if id.is_empty() || !ids.insert(id.clone()) {
            faults.add(Some(row.id.span()), format!("行次「{id}」为空或重复"));
        }
        if row.half.is_some() != halves {
            let message = if halves {
                "资产负债表的行要写 half = \"assets\" 或 \"claims\""
            } else {
                "只有资产负债表的行写 half"
            };
            faults.add(Some(row.id.span()), format!("行次「{id}」:{message}"));
        }
        let span = row.formula.as_ref().map_or(row.id.span(), Spanned::span);
        let terms = row
            .formula
            .as_ref()
            .map_or(Ok(Vec::new()), |f| formula::parse(f.get_ref()));
        let terms = terms.unwrap_or_else(|message| {
            faults.add(Some(span.clone()), format!("行次「{id}」:{message}"));
            Vec::new()
        });
        rows.push(Row {
            id: id.clone(),
            label: row.label.clone(),
            indent: row.indent,
            total: row.total,
            memo: row.memo,
            half: row.half.map(|h| match h {
                HalfFile::Assets => Half::Assets,
                HalfFile::Claims => Half::Claims,
            }),
            terms,
            heading: row.formula.is_none(),
            note: row.note.clone(),
        });
        spans.push(span);
    }
    (rows, spans)
}

/// Collects the faults of one file.
struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<FormFault>,
}

impl Faults<'_> {
    fn add(&mut self, span: Option<Range<usize>>, message: String) {
        let line = span.map(|s| {
            1 + self.text[..s.start.min(self.text.len())]
                .matches('\n')
                .count()
        });
        self.found.push(FormFault {
            file: self.file.to_owned(),
            line,
            message,
        });
    }

    fn check_ends(&mut self, section: &Section, ends: [Option<&Spanned<String>>; 2]) {
        for end in ends.into_iter().flatten() {
            if section.position(end.get_ref()).is_none() {
                self.add(Some(end.span()), format!("没有行次「{}」", end.get_ref()));
            }
        }
    }

    fn check_section(
        &mut self,
        section: &Section,
        spans: &[Range<usize>],
        chart: &BTreeMap<String, ChartAccount>,
    ) {
        for (row, span) in section.rows.iter().zip(spans) {
            for (_, term) in &row.terms {
                for code in accounts_of(term) {
                    if !chart.contains_key(code) {
                        let message = format!("行次「{}」:科目表里没有科目 {code}", row.id);
                        self.add(Some(span.clone()), message);
                    }
                }
                for id in rows_of(term) {
                    if section.position(id).is_none() {
                        let message = format!("行次「{}」:没有行次「{id}」", row.id);
                        self.add(Some(span.clone()), message);
                    }
                }
            }
        }
        for (index, span) in spans.iter().enumerate() {
            if reaches(section, index, index, &mut BTreeSet::new()) {
                let message = format!("行次「{}」的公式绕回自身", section.rows[index].id);
                self.add(Some(span.clone()), message);
            }
        }
    }

    /// Puts 1 分 on one account after the other and looks where it arrives.
    fn check_coverage(&mut self, form: &Form) {
        for (code, account) in &form.chart {
            for net in [1, -1] {
                if !(form.is_profit_or_loss(code) || self.balance_holds(form, code, net)) {
                    let message = format!(
                        "科目 {code} {} 的{}余额没有恰好列入资产负债表的一行",
                        account.name,
                        if net > 0 { "借方" } else { "贷方" }
                    );
                    self.add(None, message);
                }
            }
            if form.is_profit_or_loss(code) && !income_holds(form, code) {
                let message = format!(
                    "科目 {code} {} 没有恰好列入{}的一行",
                    account.name, form.income.title
                );
                self.add(None, message);
            }
        }
    }

    fn balance_holds(&self, form: &Form, code: &str, net: i128) -> bool {
        let facts = single(
            code,
            Cell {
                opening: net,
                ..Cell::default()
            },
        );
        let section = &form.balance_sheet;
        let filled = fill(form, section, &facts, Window { first: 1, last: 0 });
        let total = |id: Option<&String>| {
            let at = id.and_then(|id| section.position(id));
            at.map_or(0, |i| sum(&filled[i]))
        };
        let whole = total(Some(&section.ends.0)) - total(section.ends.1.as_ref());
        direct(section, &filled) == 1 && whole == net
    }
}

fn income_holds(form: &Form, code: &str) -> bool {
    let mut cell = Cell::default();
    cell.months[0] = Flow {
        credit: 1,
        ..Flow::default()
    };
    let facts = single(code, cell);
    let filled = fill(form, &form.income, &facts, Window { first: 1, last: 1 });
    let net = form.income.position(&form.income.ends.0);
    direct(&form.income, &filled) == 1 && net.is_some_and(|i| sum(&filled[i]) == 1)
}

fn single(code: &str, cell: Cell) -> Facts {
    let named = Named {
        name: String::new(),
        tag: String::new(),
        head: Some(code.to_owned()),
    };
    Facts {
        accounts: [(code.to_owned(), named)].into(),
        cells: [((code.to_owned(), String::new()), cell)].into(),
    }
}

pub fn sum(parts: &Parts) -> i128 {
    parts.values().sum()
}

/// How many rows take the amount from the accounts themselves, not from other rows.
fn direct(section: &Section, filled: &[Parts]) -> usize {
    let takes = |row: &Row| !row.memo && row.terms.iter().any(|(_, t)| rows_of(t).is_empty());
    let rows = section.rows.iter().zip(filled);
    rows.filter(|(row, parts)| takes(row) && !parts.is_empty())
        .count()
}

fn accounts_of(term: &Term) -> Vec<&str> {
    match term {
        Term::Account(c) | Term::Debit(c) | Term::Credit(c) | Term::Detail(c, _) => vec![c],
        Term::Given(codes) | Term::Taken(codes) | Term::Shared(codes) => {
            codes.iter().map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}

fn rows_of(term: &Term) -> Vec<&str> {
    match term {
        Term::Row(id) => vec![id],
        Term::Rows(first, last) => vec![first, last],
        _ => Vec::new(),
    }
}

/// Whether the row at `from` leads to the row at `goal`, directly or through others.
fn reaches(section: &Section, from: usize, goal: usize, seen: &mut BTreeSet<usize>) -> bool {
    for (_, term) in &section.rows[from].terms {
        let ids = rows_of(term);
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            continue;
        };
        let (Some(first), Some(last)) = (section.position(first), section.position(last)) else {
            continue;
        };
        for next in first..=last {
            if next == goal || (seen.insert(next) && reaches(section, next, goal, seen)) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded(standard: Standard) -> (String, BTreeMap<String, ChartAccount>) {
        let pack = Pack::embedded();
        let file = format!("statements/{}.toml", standard.code());
        let text = pack.text(&file).unwrap().into_owned();
        (text, read_chart(&pack, standard).unwrap())
    }

    fn faults(change: impl Fn(&str) -> String) -> Vec<String> {
        let (text, chart) = embedded(Standard::Village2023);
        let changed = change(&text);
        assert_ne!(changed, text, "the change must change something");
        let result = parse("f.toml", &changed, Standard::Village2023, chart);
        result
            .err()
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn built_in_forms_take_every_account_once() {
        let forms = Forms::load(&Pack::embedded()).unwrap();
        assert_eq!(forms.iter().count(), 4);
    }

    #[test]
    fn faults_name_the_line() {
        let unknown = faults(|t| t.replace("\"101 + 102\"", "\"101 + 109\""));
        assert!(unknown[0].contains("科目表里没有科目 109"), "{unknown:?}");
        assert!(unknown[0].starts_with("f.toml 第"), "{unknown:?}");
        let key = faults(|t| t.replacen("label", "lable", 1));
        assert!(
            key[0].contains("写法有误") && key[0].contains('第'),
            "{key:?}"
        );
        let circular = faults(|t| t.replace("\"101 + 102\"", "\"101 + 102 + #A24\""));
        assert!(
            circular.iter().any(|f| f.contains("绕回自身")),
            "{circular:?}"
        );
    }

    #[test]
    fn an_account_in_no_row_or_in_two_is_refused() {
        let none = faults(|t| t.replace("\"101 + 102\"", "\"101\""));
        assert!(none.iter().any(|f| f.contains("科目 102 ")), "{none:?}");
        let twice = faults(|t| t.replace("\"101 + 102\"", "\"101 + 102 + 111\""));
        assert!(twice.iter().any(|f| f.contains("科目 111 ")), "{twice:?}");
        let wrong_side = faults(|t| t.replace("\"112 + Dr(113)\"", "\"112 + 113\""));
        assert!(
            wrong_side.iter().any(|f| f.contains("科目 113 ")),
            "{wrong_side:?}"
        );
        let income = faults(|t| t.replace("formula = \"513\"", "formula = \"512\""));
        assert!(income.iter().any(|f| f.contains("科目 513 ")), "{income:?}");
    }
}
