//! The forms in `ledger_rules/statements/`: one file per accounting standard with its balance sheet and its income
//! statement. Everything that could make a statement wrong is checked when the file is read: unknown keys, unknown
//! accounts and rows, circular rows, and any account of the standard's chart that is in no row or in more than one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::check::Faults;
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
