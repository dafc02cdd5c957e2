//! When what was found happened: the findings that the overview counts, by family and month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use serde::Deserialize;

use super::overview::latest_runs;
use super::words::family_order;
use crate::model::Period;
use crate::store::StoreError;
use crate::store::run_list::{self, Filter};

/// Findings read per round trip.
const STEP: i64 = 1_000;

/// Findings of each organisation by family and month; `None`: the finding names no day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    pub counts: BTreeMap<String, BTreeMap<(String, Option<Period>), i64>>,
    /// The latest day up to which a run looked.
    pub as_of: Option<NaiveDate>,
}

/// What is needed of a stored finding.
#[derive(Deserialize)]
struct Dated {
    family: String,
    occurred_on: Option<NaiveDate>,
}

/// Findings of the latest run that covers each organisation, data quality left out.
///
/// # Errors
/// What the database says; a finding that another version of the program wrote and this one cannot read.
pub async fn timeline<C: ConnectionTrait>(connection: &C) -> Result<Timeline, StoreError> {
    let mut out = Timeline::default();
    for (run, organisations) in latest_runs(connection).await? {
        out.as_of = out.as_of.max(Some(run.as_of));
        let filter = Filter {
            organisations: Some(organisations.iter().map(String::as_str).collect()),
            ..Filter::default()
        };
        let mut last = String::new();
        loop {
            let found = run_list::after(connection, run.id, &filter, &last, STEP).await?;
            let Some(end) = found.last() else { break };
            last.clone_from(&end.fingerprint);
            for finding in found.iter().filter(|f| f.kind != "data_quality") {
                let dated: Dated = serde_json::from_str(&finding.payload).map_err(|e| {
                    let reason = format!("finding {}: {e}", finding.number);
                    StoreError::Database { reason }
                })?;
                let month = dated.occurred_on.map(Period::of);
                let own = out.counts.entry(finding.organisation.clone()).or_default();
                *own.entry((dated.family, month)).or_default() += 1;
            }
        }
    }
    Ok(out)
}

/// Months side by side, what lies before and behind them, and what names no day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Months {
    /// Headings of the columns.
    pub columns: Vec<String>,
    /// Family and its counts, one a column; in the order of the families.
    pub rows: Vec<(String, Vec<i64>)>,
}

/// Months shown: two years.
const SHOWN: i32 = 24;

impl Timeline {
    /// The findings of some organisations up to the month of the runs' last day.
    pub fn months(&self, covers: impl Fn(&str) -> bool) -> Months {
        let mut counts: BTreeMap<(&str, Option<Period>), i64> = BTreeMap::new();
        for (_, own) in self.counts.iter().filter(|(o, _)| covers(o)) {
            for ((family, month), count) in own {
                *counts.entry((family, *month)).or_default() += count;
            }
        }
        let dated = || counts.keys().filter_map(|(_, month)| *month);
        let last = self.as_of.map(Period::of).or(dated().max());
        let Some(last) = last else {
            return Months::default();
        };
        let number = |p: Period| p.year * 12 + p.month as i32 - 1;
        let (end, begin) = (number(last), number(last) - SHOWN + 1);
        let first = dated().map(number).filter(|m| *m >= begin).min();
        let first = first.map_or(end, |m| m.min(end));
        // A place for each column: 0 earlier, then the months, then later, then without a day.
        let width = usize::try_from(end - first + 1).unwrap_or(1);
        let place = |month: Option<Period>| match month.map(number) {
            None => width + 2,
            Some(m) if m < first => 0,
            Some(m) if m > end => width + 1,
            Some(m) => usize::try_from(m - first).unwrap_or(0) + 1,
        };
        let mut rows: BTreeMap<(usize, &str), Vec<i64>> = BTreeMap::new();
        for ((family, month), count) in &counts {
            let row = rows.entry(family_order(family));
            row.or_insert_with(|| vec![0; width + 3])[place(*month)] += count;
        }
        let months =
            (first..=end).map(|m| format!("{}-{:02}", m.div_euclid(12), m.rem_euclid(12) + 1));
        let columns = std::iter::once("更早".to_owned())
            .chain(months)
            .chain(["更晚".to_owned(), "未写日期".to_owned()]);
        let rows = rows.into_iter();
        let mut out = Months {
            columns: columns.collect(),
            rows: rows
                .map(|((_, f), counts)| (f.to_owned(), counts))
                .collect(),
        };
        for at in [width + 2, width + 1, 0] {
            if out.rows.iter().all(|(_, counts)| counts[at] == 0) {
                out.columns.remove(at);
                out.rows.iter_mut().for_each(|(_, counts)| {
                    counts.remove(at);
                });
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_is_in_one_column() {
        let month = |text: &str| Period::parse(text).ok();
        let mut timeline = Timeline {
            as_of: NaiveDate::from_ymd_opt(2025, 12, 31),
            ..Timeline::default()
        };
        for (organisation, family, at) in [
            ("A", "finance", "2025-11"),
            ("A", "finance", "2025-11"),
            ("A", "contract", "2020-01"),
            ("A", "contract", "2030-01"),
            ("A", "contract", ""),
            ("A", "contract", "2025-10"),
            ("B", "finance", "2024-06"),
        ] {
            let own = timeline.counts.entry(organisation.to_owned()).or_default();
            *own.entry((family.to_owned(), month(at))).or_default() += 1;
        }
        let shown = timeline.months(|o| o == "A");
        let columns = ["更早", "2025-10", "2025-11", "2025-12", "更晚", "未写日期"];
        assert_eq!(shown.columns, columns);
        let row = |family: &str| {
            let found = shown.rows.iter().find(|(f, _)| f == family);
            found.unwrap().1.clone()
        };
        assert_eq!(row("finance"), [0, 0, 2, 0, 0, 0]);
        assert_eq!(row("contract"), [1, 1, 0, 0, 1, 1]);
        let all = timeline.months(|_| true);
        assert_eq!(all.columns.first().map(String::as_str), Some("更早"));
        assert_eq!(all.columns[1], "2024-06");
        assert_eq!(timeline.months(|o| o == "C").rows, []);
    }
}
