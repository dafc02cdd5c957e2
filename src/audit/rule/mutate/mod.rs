//! Mutation testing of rules: the query is weakened in one place after the other, and the rule's own tests must notice. A
//! change that none of them notices is a condition that nobody has proved.

mod change;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use futures::StreamExt;

pub use change::{Mutant, mutants};

use super::load::{Rule, RulePack};
use super::test::{Organisations, Prepared};
use super::together::Together;
use crate::audit::finding::digest;

/// What became of a rule's mutants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    pub rule: String,
    /// Mutants that could be planned and run.
    pub tried: usize,
    /// Mutants that at least one test noticed.
    pub noticed: usize,
    /// Changes that no test noticed, in the order of the query.
    pub unnoticed: Vec<String>,
}

impl Mutation {
    /// Share noticed in whole percent, rounded down; 100 where nothing could be changed.
    pub fn share(&self) -> usize {
        (self.noticed * 100).checked_div(self.tried).unwrap_or(100)
    }
}

/// Rules to be mutated where all would take too long: with at most so many changes in all. Which ones hangs on the pack alone,
/// so that equal packs are sampled alike and every change of the pack brings other rules up.
pub fn sample(pack: &RulePack, at_most: usize) -> Vec<&Rule> {
    let mut drawn: Vec<(String, &Rule)> = pack
        .rules
        .iter()
        .map(|rule| (digest([pack.digest.as_str(), rule.id()].into_iter()), rule))
        .collect();
    drawn.sort_by(|a, b| a.0.cmp(&b.0));
    let mut left = at_most;
    let fits = |rule: &&Rule| {
        // A query that cannot be read is a fault of its own; here it costs nothing.
        let changes = mutants(&rule.file.query.sql, &rule.file.params).map_or(0, |m| m.len());
        let fits = changes <= left;
        left = left.saturating_sub(changes);
        fits
    };
    let rules = drawn.into_iter().map(|(_, rule)| rule);
    let mut chosen: Vec<&Rule> = rules.take_while(fits).collect();
    chosen.sort_by_key(|rule| rule.id());
    chosen
}

/// Mutates rules side by side, `at_once` of them; results in the order of the rules.
///
/// # Errors
/// A Chinese sentence: a rule's tests do not pass unchanged, or its query cannot be read.
pub async fn mutate_all(
    pack: &RulePack,
    rules: &[&Rule],
    at_once: usize,
) -> Result<Vec<Mutation>, String> {
    let work = rules.iter().map(|rule| mutate(pack, rule));
    let done: Vec<_> = futures::stream::iter(work)
        .buffered(at_once)
        .collect()
        .await;
    done.into_iter().collect()
}

/// Mutates one rule.
async fn mutate(pack: &RulePack, rule: &Rule) -> Result<Mutation, String> {
    let tests = Tests::prepare(pack, rule).await?;
    let found = mutants(&rule.file.query.sql, &rule.file.params)
        .map_err(|m| format!("{}:{m}", rule.path))?;
    let mut result = Mutation {
        rule: rule.id().to_owned(),
        tried: 0,
        noticed: 0,
        unnoticed: Vec::new(),
    };
    for Mutant { change, sql } in found {
        let mut changed = rule.clone();
        changed.file.query.sql = sql;
        match tests.notice(&changed).await {
            None => {}
            Some(true) => {
                result.tried += 1;
                result.noticed += 1;
            }
            Some(false) => {
                result.tried += 1;
                result.unnoticed.push(change);
            }
        }
    }
    Ok(result)
}

/// The rule's tests in three arrangements, the quickest to notice first.
struct Tests<'r> {
    together: Vec<Together<'r>>,
    alone: Vec<Prepared<'r>>,
    doubled: Vec<Prepared<'r>>,
}

impl<'r> Tests<'r> {
    /// Besides alone, the tests run side by side and each twice for two organisations, where the unchanged rule passes that: so
    /// a join that forgets the organisation is noticed without a test of its own.
    async fn prepare(pack: &RulePack, rule: &'r Rule) -> Result<Tests<'r>, String> {
        let mut alone = Vec::new();
        let mut doubled = Vec::new();
        for test in &rule.file.tests {
            let said = |m: String| format!("{} 样例「{}」:{m}", rule.path, test.name);
            let plain = Prepared::new(pack, rule, test, Organisations::AsGiven)
                .await
                .map_err(said)?;
            let differences = plain.differences(rule).await.map_err(said)?;
            if let Some(first) = differences.first() {
                return Err(said(format!("未改动时就不通过:{first}")));
            }
            alone.push(plain);
            if let Ok(twice) = Prepared::new(pack, rule, test, Organisations::Doubled).await
                && twice.differences(rule).await.is_ok_and(|d| d.is_empty())
            {
                doubled.push(twice);
            }
        }
        let mut by_day: BTreeMap<NaiveDate, Vec<&Prepared<'r>>> = BTreeMap::new();
        for test in &alone {
            by_day.entry(test.as_of()).or_default().push(test);
        }
        let mut together = Vec::new();
        for tests in by_day.values() {
            together.extend(Together::new(pack, rule, tests).await);
        }
        Ok(Tests {
            together,
            alone,
            doubled,
        })
    }

    /// Whether any test notices; `None` when the changed query cannot be run, so that it proves nothing.
    async fn notice(&self, changed: &Rule) -> Option<bool> {
        for tests in &self.together {
            if !tests.differing(changed).await.ok()?.is_empty() {
                return Some(true);
            }
        }
        for test in self.alone.iter().chain(&self.doubled) {
            if !test.differences(changed).await.ok()?.is_empty() {
                return Some(true);
            }
        }
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::rule::load::parse_rule;
    use crate::audit::rule::sample::RULE;
    use crate::pack::Pack;

    fn mutation(text: &str) -> Mutation {
        let mut pack = RulePack::load(&Pack::embedded());
        pack.marts.clear();
        let rule = parse_rule("audit/contract/X-001_x.toml", text).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(mutate(&pack, &rule)).unwrap()
    }

    #[test]
    fn a_sample_is_drawn_by_the_pack_within_its_limit() {
        let pack = RulePack::load(&Pack::embedded());
        let ids = |pack: &RulePack, at_most: usize| -> Vec<String> {
            let rules = sample(pack, at_most);
            let changes = |r: &&Rule| mutants(&r.file.query.sql, &r.file.params).unwrap().len();
            assert!(rules.iter().map(changes).sum::<usize>() <= at_most);
            rules.iter().map(|r| r.id().to_owned()).collect()
        };
        let first = ids(&pack, 300);
        assert!(first.len() < pack.rules.len(), "{first:?}");
        let other = RulePack {
            digest: "another".to_owned(),
            ..pack
        };
        assert_ne!(ids(&other, 300), first);
    }

    #[test]
    fn a_condition_without_a_test_is_named() {
        let leases = RULE
            .replace("> p.limit", "> p.limit AND c.kind = 'lease'")
            .replace("contract_no,total_amount", "contract_no,kind,total_amount")
            .replace("A,", "A,lease,")
            .replace("B,", "B,lease,");
        let found = mutation(&leases);
        assert_eq!(found.unnoticed, ["去掉条件 c.kind = 'lease'"]);
        let proved = leases.replace("B,lease,5000.00", "B,lease,5000.00\nC,works,9000.00");
        let found = mutation(&proved);
        assert_eq!((found.share(), found.unnoticed), (100, Vec::new()));
    }

    #[test]
    fn a_join_that_forgets_the_organisation_mixes_the_tests_up() {
        let decided = RULE
            .replace(
                "WHERE",
                "LEFT ANTI JOIN asset a ON c.organisation = a.organisation AND c.contract_no = a.asset_no WHERE",
            )
            .replace("\"\"\"\nexpect", "\"\"\"\ngiven.asset = \"asset_no\\nB\"\nexpect");
        let hidden = "[[test]]\nname = \"乙\"\ngiven.contract = \"contract_no,total_amount\\nA,9000.00\"\n\
            given.asset = \"asset_no\\nA\"\nexpect = []\n";
        let forgotten = "去掉条件 c.organisation = a.organisation".to_owned();
        assert!(mutation(&decided).unnoticed.contains(&forgotten));
        assert!(
            !mutation(&format!("{decided}{hidden}"))
                .unnoticed
                .contains(&forgotten)
        );
    }
}
