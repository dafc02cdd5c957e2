//! What the street has still to decide: parameters grouped into the questions that a person answers, each with the rules
//! that wait for the answer.

use std::collections::BTreeMap;

use super::file::plain_text;
use super::{ParamSource, ParamSpec, ParamType, Rule, RulePack};
use crate::audit::params::ParamValue;

/// Parameters that ask the same: one label, one unit, one default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Of the first rule that asks.
    pub family: String,
    pub label: String,
    pub unit: String,
    /// As shown to people.
    pub default: String,
    pub source: ParamSource,
    /// Of the first rule that asks.
    pub basis: String,
    pub answer: Answer,
    /// Rule and parameter, in the order of the pack.
    pub uses: Vec<(String, String)>,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Typed,
    /// One of these words.
    One(Vec<String>),
    /// Some of these words; with `open` others too.
    Some {
        words: Vec<String>,
        open: bool,
    },
}

impl Answer {
    fn to(spec: &ParamSpec) -> Answer {
        let Some(choices) = &spec.choices else {
            return match spec.kind {
                ParamType::Bool => Answer::One(["是", "否"].map(str::to_owned).to_vec()),
                _ => Answer::Typed,
            };
        };
        let words = choices.words.iter().map(|w| w.shown.clone()).collect();
        let open = choices.open;
        match spec.kind {
            ParamType::List => Answer::Some { words, open },
            _ => Answer::One(words),
        }
    }
}

/// The parameters of these sources, grouped, in the order of the pack.
pub fn questions(pack: &RulePack, sources: &[ParamSource]) -> Vec<Question> {
    let mut places: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let mut out: Vec<Question> = Vec::new();
    for rule in &pack.rules {
        for (name, spec) in &rule.file.params {
            if !sources.contains(&spec.source) {
                continue;
            }
            let label = label(rule, name);
            let default = default(rule, name);
            let key = (label.clone(), spec.unit.clone(), default.clone());
            let at = *places.entry(key).or_insert(out.len());
            if at == out.len() {
                out.push(Question {
                    family: rule.family.clone(),
                    label,
                    unit: spec.unit.clone(),
                    default,
                    source: spec.source,
                    basis: spec.basis.clone(),
                    answer: Answer::to(spec),
                    uses: Vec::new(),
                });
            }
            out[at].uses.push((rule.id().to_owned(), name.clone()));
        }
    }
    out
}

/// What a parameter is called: its label, else its name.
pub fn label(rule: &Rule, name: &str) -> String {
    match rule.file.params.get(name) {
        Some(spec) if !spec.label.is_empty() => spec.label.clone(),
        _ => name.to_owned(),
    }
}

/// A parameter's default as shown to people.
pub fn default(rule: &Rule, name: &str) -> String {
    let written = || {
        let spec = rule.file.params.get(name)?;
        plain_text(&spec.default)
    };
    rule.defaults
        .get(name)
        .map(ParamValue::shown)
        .or_else(written)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    #[test]
    fn every_placeholder_is_in_one_question_and_like_ones_share_it() {
        let pack = RulePack::load(&Pack::embedded());
        let questions = questions(&pack, &[ParamSource::Placeholder]);
        let asked: usize = questions.iter().map(|q| q.uses.len()).sum();
        let params = pack.rules.iter().flat_map(|r| r.file.params.values());
        let placeholders = params.filter(|p| p.source == ParamSource::Placeholder);
        assert_eq!(asked, placeholders.count());
        let gate = questions
            .iter()
            .find(|q| q.uses.contains(&("T-008".into(), "approval_gate".into())))
            .unwrap();
        assert!(
            gate.uses
                .contains(&("T-009".into(), "approval_gate".into()))
        );
        assert_eq!(
            (gate.default.as_str(), gate.unit.as_str()),
            ("20,000.00", "元")
        );
    }
}
