//! The tests of a rule side by side in one database, each with organisations of its own. A rule judges every organisation by
//! itself, so each test must get the same findings as alone: a join that forgets the organisation mixes the tests up, and one
//! query asks them all at once.

use super::RuleTest;
use super::load::{Rule, RulePack};
use super::test::{Given, Loaded, Organisations, Prepared, compare, given, trial};
use crate::audit::execute::{Resolved, resolve_all};
use crate::audit::params::Trial;
use crate::audit::tables::cell::{Cell, Rows};
use crate::audit::tables::schema;
use crate::model::Value;

/// Tests of one rule with the same day of audit.
pub(super) struct Together<'t> {
    tests: Vec<&'t RuleTest>,
    loaded: Loaded,
}

/// Sets a test's number apart from the code of its organisation.
const MARK: char = '#';

impl<'t> Together<'t> {
    /// The tests that agree on the day of the audit, as far as they get the same findings as alone. Some do not, and are left
    /// out: they share tables that belong to no organisation (related persons, keywords).
    pub(super) async fn new(
        pack: &RulePack,
        rule: &Rule,
        alone: &[&Prepared<'t>],
    ) -> Option<Together<'t>> {
        let as_of = alone.first()?.as_of();
        let mut tests: Vec<&RuleTest> = alone.iter().map(|p| p.test()).collect();
        while tests.len() > 1 {
            let together = Together::load(pack, rule, &tests, as_of).await.ok()?;
            let differing = together.differing(rule).await.ok()?;
            if differing.is_empty() {
                return Some(together);
            }
            tests.retain(|t| !differing.iter().any(|d| std::ptr::eq(*d, *t)));
        }
        None
    }

    async fn load(
        pack: &RulePack,
        rule: &Rule,
        tests: &[&'t RuleTest],
        as_of: chrono::NaiveDate,
    ) -> Result<Together<'t>, String> {
        let mut all = Given::new();
        let mut trials: Vec<Trial> = Vec::new();
        for (number, test) in tests.iter().enumerate() {
            for (table, mut rows) in given(test, Organisations::AsGiven)? {
                mark(table, &mut rows, number);
                all.entry(table).or_default().append(&mut rows);
            }
            trials.push(trial(rule, test)?);
        }
        let loaded = Loaded::new(pack, rule, all, Some(as_of), |snapshot| {
            let mut resolved = Resolved::new();
            for (number, trial) in trials.iter().enumerate() {
                let codes = snapshot.codes();
                let own = codes.into_iter().filter(|c| number_of(c) == Some(number));
                resolved.extend(resolve_all(rule, &snapshot.settings, trial, &own.collect()));
            }
            resolved
        });
        Ok(Together {
            tests: tests.to_vec(),
            loaded: loaded.await?,
        })
    }

    /// The tests that do not get what they expect.
    ///
    /// # Errors
    /// The query failed; a Chinese sentence says why.
    pub(super) async fn differing(&self, rule: &Rule) -> Result<Vec<&'t RuleTest>, String> {
        let rows = self.loaded.rows(rule).await?;
        let tests = self.tests.iter().enumerate();
        let differing = tests.filter(|(number, test)| {
            let own = rows_of(&rows, *number);
            !compare(rule, test, &own).is_empty()
        });
        Ok(differing.map(|(_, test)| *test).collect())
    }
}

/// Gives the rows of a test organisations of their own. Texts are shared, as names and contract numbers may be.
fn mark(table: &str, rows: &mut [Vec<Value>], number: usize) {
    let Some(spec) = schema::table(table) else {
        return;
    };
    let code = spec.position("code").filter(|_| table == "organisation");
    for column in spec.position("organisation").into_iter().chain(code) {
        for row in rows.iter_mut() {
            if let Some(text) = row[column].text() {
                row[column] = Value::Text(format!("{text}{MARK}{number}").into());
            }
        }
    }
}

fn number_of(code: &str) -> Option<usize> {
    code.rsplit_once(MARK)?.1.parse().ok()
}

/// The rows of one test, under the codes that it knows.
fn rows_of(rows: &Rows, number: usize) -> Rows {
    let mut own = rows.clone();
    let Some(organisation) = rows.position("organisation") else {
        return own;
    };
    let number = number.to_string();
    own.rows.retain_mut(|row| {
        let code = row[organisation].machine();
        let split = code.rsplit_once(MARK).filter(|(_, n)| *n == number);
        if let Some((code, _)) = split {
            row[organisation] = Cell::Text(code.to_owned());
        }
        split.is_some()
    });
    own
}
