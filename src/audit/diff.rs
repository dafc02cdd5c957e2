//! A run against the run before: new, same, changed, gone.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::{DiffState, Finding, GoneFinding};

/// What is kept of a run for the next comparison.
#[derive(Debug, Clone, Default)]
pub struct PreviousRun {
    /// Its digest.
    pub digest: String,
    /// Each finding as it would be listed if it were gone, with the hash of its content.
    pub findings: Vec<(GoneFinding, String)>,
}

/// Sets the state of every finding and lists those that are gone. A finding of a rule that did not run this time for its
/// organisation is not gone: nobody looked.
pub fn compare(
    findings: &mut [Finding],
    previous: &PreviousRun,
    ran: &BTreeSet<(String, String)>,
) -> Vec<GoneFinding> {
    let before: BTreeMap<&str, &str> = previous
        .findings
        .iter()
        .map(|(gone, content)| (gone.fingerprint.as_str(), content.as_str()))
        .collect();
    for finding in findings.iter_mut() {
        finding.state = match before.get(finding.fingerprint.as_str()) {
            None => DiffState::New,
            Some(content) if *content == finding.content => DiffState::Same,
            Some(_) => DiffState::Changed,
        };
    }
    let now: BTreeSet<&str> = findings.iter().map(|f| f.fingerprint.as_str()).collect();
    let mut gone: Vec<GoneFinding> = previous
        .findings
        .iter()
        .map(|(gone, _)| gone)
        .filter(|g| !now.contains(g.fingerprint.as_str()))
        .filter(|g| ran.contains(&(g.rule.clone(), g.organisation.clone())))
        .cloned()
        .collect();
    gone.sort_by(|a, b| (&a.number, &a.fingerprint).cmp(&(&b.number, &b.fingerprint)));
    gone
}

/// A finding as the next run may have to list it.
pub fn remember(finding: &Finding) -> (GoneFinding, String) {
    let gone = GoneFinding {
        number: finding.number.clone(),
        fingerprint: finding.fingerprint.clone(),
        rule: finding.rule.clone(),
        title: finding.title.clone(),
        organisation: finding.organisation.clone(),
        key: finding.key_text(),
        amount: finding.amount,
        message: finding.message.clone(),
    };
    (gone, finding.content.clone())
}

#[cfg(test)]
mod tests {
    use super::super::rank::tests::sample;
    use super::*;

    #[test]
    fn four_states() {
        let old = [
            sample("same", "R-1", 1, &[]),
            sample("changed", "R-1", 1, &[]),
            sample("gone", "R-1", 1, &[]),
            sample("unseen", "R-2", 1, &[]),
        ];
        let previous = PreviousRun {
            digest: "x".to_owned(),
            findings: old.iter().map(remember).collect(),
        };
        let mut now = vec![
            sample("same", "R-1", 1, &[]),
            sample("changed", "R-1", 1, &[]),
            sample("new", "R-1", 1, &[]),
        ];
        now[1].content = "other".to_owned();
        let ran = BTreeSet::from([("R-1".to_owned(), "A".to_owned())]);
        let gone = compare(&mut now, &previous, &ran);
        let states: Vec<DiffState> = now.iter().map(|f| f.state).collect();
        assert_eq!(
            states,
            [DiffState::Same, DiffState::Changed, DiffState::New]
        );
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0].number, "gone");
    }
}
