//! 廉政风险点 as data: `ledger_rules/supervision/risk_points.toml`, by post and process, with the rules that watch each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::SupervisionError;
use super::steps::parse;
use crate::audit::outcome::FindingSeverity;
use crate::audit::rule::RulePack;
use crate::audit::rule::load::{fault, line_of};
use crate::pack::Pack;

const FILE: &str = "supervision/risk_points.toml";

/// Where a post can go wrong in a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RiskPoint {
    /// `FX-01`.
    pub code: String,
    /// 岗位
    pub post: String,
    /// 环节
    pub process: String,
    pub level: FindingSeverity,
    /// What may happen.
    pub what: String,
    /// What keeps it from happening.
    pub control: String,
    /// Ids of the rules that watch it.
    pub rules: Vec<String>,
}

/// All points, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskPoints(pub Vec<RiskPoint>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PointsFile {
    point: Vec<PointFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PointFile {
    code: Spanned<String>,
    post: String,
    process: String,
    level: FindingSeverity,
    what: String,
    control: String,
    rules: Vec<Spanned<String>>,
}

impl RiskPoints {
    /// # Errors
    /// [`SupervisionError::Pack`]: a point names a rule that is not there, or nothing watches it.
    pub fn load(pack: &Pack, rules: &RulePack) -> Result<RiskPoints, SupervisionError> {
        let read = parse::<PointsFile>(pack, FILE);
        let (text, file) = read.map_err(|e| SupervisionError::Pack(vec![e]))?;
        let (mut faults, mut known) = (Vec::new(), BTreeSet::new());
        let mut points = Vec::new();
        let mut add = |at: usize, message: String| {
            faults.push(fault(FILE, Some(line_of(&text, at)), &message));
        };
        for point in file.point {
            let at = point.code.span().start;
            let code = point.code.into_inner();
            for rule in &point.rules {
                if rules.rule(rule.get_ref()).is_none() {
                    let text = format!("没有编号为「{}」的规则", rule.get_ref());
                    add(rule.span().start, text);
                }
            }
            if point.rules.is_empty() {
                add(at, format!("风险点「{code}」没有规则"));
            }
            if !known.insert(code.clone()) {
                add(at, format!("风险点「{code}」重复"));
            }
            points.push(RiskPoint {
                code,
                post: point.post,
                process: point.process,
                level: point.level,
                what: point.what,
                control: point.control,
                rules: point.rules.into_iter().map(Spanned::into_inner).collect(),
            });
        }
        match faults.is_empty() {
            true => Ok(RiskPoints(points)),
            false => Err(SupervisionError::Pack(faults)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::outcome::FindingKind;

    #[test]
    fn every_rule_that_finds_facts_is_watched_at_some_point() {
        let pack = Pack::embedded();
        let rules = RulePack::load(&pack);
        let points = RiskPoints::load(&pack, &rules).unwrap();
        let watched: BTreeSet<&str> = points
            .0
            .iter()
            .flat_map(|p| p.rules.iter().map(String::as_str))
            .collect();
        let facts = rules
            .rules
            .iter()
            .filter(|r| r.file.kind != FindingKind::DataQuality);
        let forgotten: Vec<&str> = facts
            .map(|r| r.id())
            .filter(|id| !watched.contains(id))
            .collect();
        assert!(forgotten.is_empty(), "{forgotten:?}");
    }

    #[test]
    fn a_point_of_a_rule_that_is_not_there_is_refused() {
        let pack = Pack::embedded();
        let text = pack.text(FILE).unwrap().replace("\"F-001\"", "\"F-901\"");
        let rules = RulePack::load(&pack);
        let refused = RiskPoints::load(&pack.with(FILE, text), &rules).unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.contains("第20行") && refused.contains("F-901"),
            "{refused}"
        );
    }
}
