//! Leading digits of what a book spent, year by year, beside what Benford's law expects: the entries that rule T-001 looks at, by the
//! same mart and the same parameters, so that the picture and the rule never tell two stories.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::engine::Limits;
use super::execute::{add_marts, add_params, resolve_all};
use super::functions::statistics::benford_share;
use super::params::{ParamValue, Trial, span_at};
use super::rent::rows;
use super::rule::{Rule, RulePack};
use super::run::database_of;
use super::snapshot::Snapshot;
use super::{AuditError, load};
use crate::store::Store;

/// The rule whose entries these are.
pub const RULE: &str = "T-001";
const MART: &str = "free_spending";
const COUNTED: &str = "SELECT f.organisation, f.year, first_digit(f.debit) AS digit, count(*) AS times \
     FROM free_spending f JOIN params p ON f.organisation = p.organisation WHERE f.debit >= p.min_amount \
     GROUP BY f.organisation, f.year, first_digit(f.debit)";

/// One year of one book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digits {
    /// Entries whose amount begins with 1 to 9.
    pub times: [i64; 9],
}

impl Digits {
    pub fn total(&self) -> i64 {
        self.times.iter().sum()
    }

    /// The share of each digit, hundredths of a per cent.
    pub fn shares(&self) -> [i64; 9] {
        let total = self.total().max(1);
        self.times.map(|n| (n * 10_000 + total / 2) / total)
    }

    /// What the law expects of each digit, hundredths of a per cent.
    pub fn expected() -> [i64; 9] {
        let digits = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        digits.map(|d| (benford_share(d).unwrap_or_default() * 10_000.0).round() as i64)
    }
}

/// Leading digits of a street.
#[derive(Debug, Clone, Default)]
pub struct Spending {
    /// By organisation and year.
    pub years: BTreeMap<(String, i64), Digits>,
    /// By organisation: from how many entries on the rule looks at them at all.
    pub least: BTreeMap<String, i64>,
}

/// Leading digits of all organisations. A pack without the rule has none.
///
/// # Errors
/// [`AuditError`] when the store cannot be loaded, or the pack's mart fails.
pub async fn digits(store: &Store, rules: &RulePack) -> Result<Spending, AuditError> {
    let mut out = Spending::default();
    let Some(rule) = rules.rule(RULE) else {
        return Ok(out);
    };
    let Some(until) = load::last_day(store).await? else {
        return Ok(out);
    };
    // One after another, as rents are.
    for organisation in load::organisations(store).await? {
        let snapshot = load::load_only(store, rules, Some(until), &organisation).await?;
        out.add(rules, rule, &snapshot, until).await?;
    }
    Ok(out)
}

impl Spending {
    async fn add(
        &mut self,
        rules: &RulePack,
        rule: &Rule,
        snapshot: &Snapshot,
        day: NaiveDate,
    ) -> Result<(), AuditError> {
        let mut database = database_of(snapshot, rules)?;
        let limits = Limits::default();
        let wanted: BTreeSet<String> = [MART.to_owned()].into();
        let failed = add_marts(&mut database, rules.marts_needed(&wanted), &limits, |_| {}).await?;
        if let Some((mart, error)) = failed.into_iter().next() {
            return Err(AuditError::Internal(format!("{mart}:{error}")));
        }
        let resolved = resolve_all(rule, &snapshot.settings, &Trial::new(), &snapshot.codes());
        add_params(&mut database, rule, &resolved, day)?;
        for (organisation, spans) in &resolved {
            let least = span_at(spans, day).and_then(|s| s.values.get("one_count"));
            if let Some((ParamValue::Int(least), _)) = least {
                self.least.insert(organisation.clone(), *least);
            }
        }
        for row in rows(&database, COUNTED, &limits).await?.rows {
            let number = |at: usize| row.get(at).and_then(|c| c.machine().parse::<i64>().ok());
            let (Some(year), Some(digit), Some(times)) = (number(1), number(2), number(3)) else {
                continue;
            };
            let place = usize::try_from(digit - 1).ok().filter(|at| *at < 9);
            if let (Some(organisation), Some(at)) = (row.first(), place) {
                let year = self
                    .years
                    .entry((organisation.machine(), year))
                    .or_default();
                year.times[at] += times;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_whole() {
        let mut digits = Digits::default();
        assert_eq!(digits.shares(), [0; 9]);
        digits.times[0] = 2;
        digits.times[8] = 1;
        assert_eq!((digits.shares()[0], digits.shares()[8]), (6_667, 3_333));
        let expected = Digits::expected();
        assert_eq!((expected[0], expected[8]), (3_010, 458));
    }
}
