//! Under which standard each year of a book was kept. A book that straddles 2023/2024 holds both village charts, and seven
//! codes mean two things: so each year is judged by itself, and only then compared with what 单位 says.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::model::{Place, Problem, Standard};

use super::codes;
use super::detect::{Evidence, SeenAccounts, Verdict};

/// A standard and the day from which it holds.
pub type Span = (Option<NaiveDate>, Standard);

/// What is said of an organisation's standard before its accounts are looked at.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// Of 单位, in order.
    pub spans: Vec<Span>,
    /// Years that the store knows.
    pub known: BTreeMap<i32, Standard>,
}

impl Stated {
    /// The standard of a year: by 单位, else the nearest year of the store, earlier years first.
    pub fn of(&self, year: i32) -> Option<Standard> {
        let end = NaiveDate::from_ymd_opt(year, 12, 31);
        let begun = |(from, _): &&Span| from.is_none() || *from <= end;
        let span = self.spans.iter().rev().find(begun).or(self.spans.first());
        let known = || {
            let before = self.known.range(..=year).next_back();
            before.or_else(|| self.known.iter().next()).map(|(_, s)| *s)
        };
        span.map(|(_, standard)| *standard).or_else(known)
    }
}

/// Consecutive years under one standard.
#[derive(Debug, PartialEq, Eq)]
pub struct Years {
    pub first: i32,
    pub last: i32,
    pub standard: Standard,
    pub evidence: String,
}

/// The two charts of villages: their codes look alike, so the accounts of a year outrank what is said of it.
fn village(standard: Standard) -> bool {
    matches!(standard, Standard::Village2004 | Standard::Village2023)
}

/// The village standard that was in force in a year.
fn in_force(year: i32) -> Standard {
    match year {
        ..=2023 => Standard::Village2004,
        _ => Standard::Village2023,
    }
}

/// The years of a book by standard, where the accounts of some year contradict what is said of it or another year.
/// `None`: one standard for all of them, as stated, or for the whole book to tell.
pub fn by_year(
    evidence: &Evidence,
    stated: &Stated,
    own: &SeenAccounts,
    seen: &BTreeMap<i32, SeenAccounts>,
    folder: &Place,
) -> Option<(Vec<Years>, Vec<Problem>)> {
    let mut chosen: BTreeMap<i32, (Standard, String)> = BTreeMap::new();
    let mut contradicted = Vec::new();
    for (year, accounts) in seen {
        let said = stated.of(*year);
        let (found, why) = match judge(evidence, accounts, own) {
            Some(verdict) => verdict,
            None => continue,
        };
        let outranks = said.is_none_or(|s| s == found || (village(s) && village(found)));
        if !outranks {
            // Another kind of standard altogether: the book as a whole is judged, and somebody is told.
            return None;
        }
        let differs = said.is_some_and(|s| s != found);
        contradicted.extend(differs.then_some((*year, found, why.clone())));
        chosen.insert(*year, (found, why));
    }
    let mut spans: Vec<Years> = Vec::new();
    for year in seen.keys() {
        let (standard, why) = match chosen.get(year) {
            Some(own) => own.clone(),
            // A year that shows nothing follows its neighbour, or what is said.
            None => {
                let before = chosen.range(..year).next_back();
                let near = before.or_else(|| chosen.range(year..).next());
                (near?.1.0, String::new())
            }
        };
        match spans.last_mut().filter(|s| s.standard == standard) {
            Some(span) => {
                span.last = *year;
                if span.evidence.is_empty() {
                    span.evidence = why;
                }
            }
            None => spans.push(Years {
                first: *year,
                last: *year,
                standard,
                evidence: why,
            }),
        }
    }
    if spans.len() < 2 && contradicted.is_empty() {
        return None;
    }
    let mut problems = Vec::new();
    for (year, found, why) in contradicted.iter().filter(|(y, s, _)| *s != in_force(*y)) {
        let said = stated.of(*year).map_or("", Standard::label);
        let message = format!(
            "单位表写的是{said},{year} 年的科目却像{}({why}),按后者读入",
            found.label()
        );
        problems.push(codes::STANDARD_DIFFERS.at(folder.clone(), message, ""));
    }
    for span in &mut spans {
        span.evidence = format!("按科目判断:{}({})", span.standard.label(), span.evidence);
    }
    for pair in spans.windows(2) {
        let message = format!(
            "{} 年及以前按{}读入,{} 年起按{}读入",
            pair[0].last,
            pair[0].evidence.trim_start_matches("按科目判断:"),
            pair[1].first,
            pair[1].evidence.trim_start_matches("按科目判断:"),
        );
        problems.push(codes::CHART_CHANGED.at(folder.clone(), message, ""));
    }
    Some((spans, problems))
}

/// What a year's accounts say by themselves; where they are silent, with the names of the company's own list.
fn judge(
    evidence: &Evidence,
    accounts: &SeenAccounts,
    own: &SeenAccounts,
) -> Option<(Standard, String)> {
    let verdict = |accounts: &SeenAccounts| match evidence.judge(accounts) {
        Verdict::Standard(standard, why) => Some((standard, why)),
        _ => None,
    };
    verdict(accounts).or_else(|| {
        let named = accounts.iter().map(|(code, name)| {
            let listed = || own.get(code).cloned().flatten();
            (code.clone(), name.clone().or_else(listed))
        });
        verdict(&named.collect())
    })
}
