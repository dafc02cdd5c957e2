//! Which finding first, and which findings are one matter. Whole numbers only: the order never hangs on rounding.

use std::collections::{BTreeSet, HashMap};

use super::outcome::{Finding, FindingKind, FindingSeverity};
use crate::model::Money;

/// A finding over more vouchers than this is a statement about the whole book and binds no single matter.
const MAX_BINDING_VOUCHERS: usize = 20;
/// More agreeing rules than this add nothing.
const MAX_AGREEING: usize = 5;
const TOP_SCORE: u64 = 10_000;

/// Sets score and matter of every finding and puts the strongest first; ties by number and organisation.
pub fn rank(findings: &mut [Finding]) {
    let groups = clusters(findings);
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for (i, group) in groups.iter().enumerate() {
        members.entry(*group).or_default().push(i);
    }
    for group in members.values() {
        let rules: BTreeSet<&str> = group.iter().map(|&i| findings[i].rule.as_str()).collect();
        let agreeing = rules.len();
        for &i in group {
            findings[i].score = score(&findings[i], agreeing);
        }
        let strongest = group
            .iter()
            .min_by_key(|&&i| {
                (
                    std::cmp::Reverse(findings[i].score),
                    findings[i].number.clone(),
                )
            })
            .map(|&i| findings[i].number.clone())
            .unwrap_or_default();
        for &i in group {
            findings[i].matter.clone_from(&strongest);
        }
    }
    findings.sort_by(|a, b| {
        (b.score, &a.number, &a.organisation, &a.fingerprint).cmp(&(
            a.score,
            &b.number,
            &b.organisation,
            &b.fingerprint,
        ))
    });
}

/// severity × log₁₀(amount) × kind × agreeing rules, scaled to 0–10 000.
fn score(finding: &Finding, agreeing: usize) -> u32 {
    let severity = match finding.severity {
        FindingSeverity::High => 3,
        FindingSeverity::Medium => 2,
        FindingSeverity::Low => 1,
    };
    let kind = match finding.kind {
        FindingKind::Violation => 4,
        FindingKind::RedFlag => 2,
        FindingKind::DataQuality => 1,
    };
    let amount = tenths_of_log10(finding.amount.unwrap_or(Money::ZERO));
    // 1, 1.25 … 2 times for one to five rules, in quarters.
    let agreement = 3 + agreeing.clamp(1, MAX_AGREEING) as u64; // at most 5
    let most = 3 * 4 * 150 * (3 + MAX_AGREEING as u64);
    let score = severity * kind * amount * agreement * TOP_SCORE / most;
    score.min(TOP_SCORE) as u32 // at most 10 000
}

/// Ten times log₁₀ of an amount in 分, at least 10, by its digits and its first digit.
fn tenths_of_log10(amount: Money) -> u64 {
    const FIRST_DIGIT: [u64; 10] = [0, 0, 3, 5, 6, 7, 8, 8, 9, 10];
    let mut rest = amount.0.unsigned_abs();
    let mut digits = 0;
    while rest >= 10 {
        rest /= 10;
        digits += 1;
    }
    (digits * 10 + FIRST_DIGIT[rest as usize]).clamp(10, 150) // one digit
}

/// The number of the group of each finding: findings of one organisation that share a voucher, a contract or a
/// counterparty named by the key.
fn clusters(findings: &[Finding]) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..findings.len()).collect();
    let mut first: HashMap<(String, String), usize> = HashMap::new();
    for (i, finding) in findings.iter().enumerate() {
        for token in tokens(finding) {
            let key = (finding.organisation.clone(), token);
            let other = *first.entry(key).or_insert(i);
            let (a, b) = (root(&mut parent, i), root(&mut parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
    (0..findings.len()).map(|i| root(&mut parent, i)).collect()
}

fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

fn tokens(finding: &Finding) -> Vec<String> {
    let mut tokens: Vec<String> = finding
        .key
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(column, value)| match column.as_str() {
            "contract_no" | "counterparty" | "voucher" => Some(format!("{column}:{value}")),
            _ => None,
        })
        .collect();
    if finding.vouchers.len() <= MAX_BINDING_VOUCHERS {
        tokens.extend(finding.vouchers.iter().map(|v| format!("voucher:{v}")));
    }
    let contract = finding
        .evidence
        .iter()
        .find(|e| e.name == "contract_no" && !e.value.is_empty());
    tokens.extend(contract.map(|e| format!("contract_no:{}", e.value)));
    tokens
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::audit::outcome::DiffState;

    pub fn sample(number: &str, rule: &str, amount: i64, vouchers: &[&str]) -> Finding {
        Finding {
            number: number.to_owned(),
            fingerprint: number.to_owned(),
            content: "c".to_owned(),
            rule: rule.to_owned(),
            rule_version: 1,
            title: String::new(),
            family: String::new(),
            kind: FindingKind::Violation,
            severity: FindingSeverity::High,
            organisation: "A".to_owned(),
            organisation_name: String::new(),
            subject: String::new(),
            key: Vec::new(),
            occurred_on: None,
            amount: Some(Money(amount)),
            vouchers: vouchers.iter().map(|v| (*v).to_owned()).collect(),
            message: String::new(),
            evidence: Vec::new(),
            voucher_lines: Vec::new(),
            register_lines: Vec::new(),
            citations: Vec::new(),
            params: Vec::new(),
            placeholder: false,
            advice: String::new(),
            false_positives: Vec::new(),
            state: DiffState::New,
            score: 0,
            matter: String::new(),
        }
    }

    #[test]
    fn agreeing_rules_and_amounts_come_first() {
        let mut findings = vec![
            sample("a", "R-1", 100_000, &["v1"]),
            sample("b", "R-1", 100_000, &["v2"]),
            sample("c", "R-2", 50_000, &["v2"]),
            sample("d", "R-1", 100_000_000, &["v3"]),
        ];
        rank(&mut findings);
        let order: Vec<&str> = findings.iter().map(|f| f.number.as_str()).collect();
        assert_eq!(order, ["d", "b", "c", "a"]);
        assert_eq!(findings[2].matter, "b");
        assert_eq!(findings[3].matter, "a");
        assert!(findings.iter().all(|f| f.score > 0 && f.score <= 10_000));
    }

    #[test]
    fn kinds_weigh() {
        let strong = sample("a", "R-1", 100_000, &[]);
        let mut weak = strong.clone();
        weak.kind = FindingKind::RedFlag;
        assert!(score(&strong, 1) > score(&weak, 1));
    }
}
