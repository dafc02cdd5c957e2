//! The order of a run's work: each mart just before the first rule that reads it, and out of memory after its last reader.

use std::collections::BTreeSet;

use super::rule::{Mart, RulePack};

/// Marts to compute, then rules that run side by side, then marts that nothing reads any more.
#[derive(Debug, Default)]
pub struct Stage<'p> {
    pub marts: Vec<&'p Mart>,
    /// Positions of the rules, as given to [`stages`].
    pub rules: Vec<usize>,
    pub done: Vec<&'p str>,
}

/// The stages of a run over `rules`: the position of each and the relations that its query names.
pub fn stages<'p>(pack: &'p RulePack, rules: &[(usize, &BTreeSet<String>)]) -> Vec<Stage<'p>> {
    let all = rules
        .iter()
        .flat_map(|(_, relations)| relations.iter().cloned());
    let marts = pack.marts_needed(&all.collect());
    let mut stages: Vec<Stage<'p>> = Vec::new();
    for computed in 0..=marts.len() {
        let ready = rules
            .iter()
            .filter(|(_, r)| marts_before(pack, &marts, r) == computed);
        let ready: Vec<usize> = ready.map(|(position, _)| *position).collect();
        let waiting = stages.last().is_none_or(|s| !s.rules.is_empty());
        if waiting {
            stages.push(Stage::default());
        }
        if let Some(stage) = stages.last_mut() {
            stage
                .marts
                .extend(computed.checked_sub(1).map(|i| marts[i]));
            stage.rules = ready;
        }
    }
    for mart in marts {
        let reads = |relations: &BTreeSet<String>| relations.contains(&mart.name);
        let last = stages.iter().rposition(|stage| {
            let by_rule = |i: &usize| rules.iter().any(|(at, r)| at == i && reads(r));
            stage.marts.iter().any(|m| reads(&m.relations)) || stage.rules.iter().any(by_rule)
        });
        if let Some(stage) = last.and_then(|i| stages.get_mut(i)) {
            stage.done.push(&mart.name);
        }
    }
    stages
}

/// How many of `marts` stand before a rule can run.
fn marts_before(pack: &RulePack, marts: &[&Mart], relations: &BTreeSet<String>) -> usize {
    let needed = pack.marts_needed(relations);
    let last = needed.last().map(|last| &last.name);
    let position = marts.iter().position(|m| Some(&m.name) == last);
    position.map_or(0, |i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relations(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    /// a ← b ← c, and d by itself.
    fn pack() -> RulePack {
        let mart = |name: &str, reads: &[&str]| Mart {
            name: name.to_owned(),
            path: String::new(),
            sql: String::new(),
            relations: relations(reads),
        };
        let marts = vec![
            mart("a", &["entry"]),
            mart("b", &["a"]),
            mart("c", &["b"]),
            mart("d", &["entry"]),
        ];
        RulePack {
            marts,
            ..RulePack::load(&crate::pack::Pack::embedded())
        }
    }

    #[test]
    fn a_mart_is_there_from_its_first_reader_to_its_last() {
        let pack = pack();
        let (plain, late, early) = (
            relations(&["entry"]),
            relations(&["c", "entry"]),
            relations(&["a"]),
        );
        let stages = stages(&pack, &[(0, &late), (1, &plain), (5, &early)]);
        let seen: Vec<(Vec<&str>, &[usize], &[&str])> = stages
            .iter()
            .map(|s| {
                (
                    s.marts.iter().map(|m| m.name.as_str()).collect(),
                    &*s.rules,
                    &*s.done,
                )
            })
            .collect();
        let want: [(Vec<&str>, &[usize], &[&str]); 3] = [
            (vec![], &[1], &[]),
            (vec!["a"], &[5], &[]),
            (vec!["b", "c"], &[0], &["a", "b", "c"]),
        ];
        assert_eq!(seen, want);
    }

    #[test]
    fn no_rules_no_marts() {
        let pack = pack();
        let stages = stages(&pack, &[]);
        assert!(
            stages
                .iter()
                .all(|s| s.marts.is_empty() && s.rules.is_empty())
        );
    }
}
