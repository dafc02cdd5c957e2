//! The report model: every figure that a report prints, counted once from the run. The writers add nothing up.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;

use super::words;
use crate::audit::outcome::{AuditRun, DiffState, Finding, FindingKind, FindingSeverity};
use crate::model::Money;

pub const KINDS: [FindingKind; 3] = [
    FindingKind::Violation,
    FindingKind::RedFlag,
    FindingKind::DataQuality,
];
pub const SEVERITIES: [FindingSeverity; 3] = [
    FindingSeverity::High,
    FindingSeverity::Medium,
    FindingSeverity::Low,
];
pub const STATES: [DiffState; 4] = [
    DiffState::New,
    DiffState::Changed,
    DiffState::Same,
    DiffState::Gone,
];

/// A run with its figures, ready to be written.
#[derive(Debug)]
pub struct Report<'a> {
    pub run: &'a AuditRun,
    pub generated_at: NaiveDateTime,
    pub figures: Figures,
}

/// How many, and how much in 元 where a finding names an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub count: u64,
    pub amount: Money,
}

/// Findings of one company, one family, or one company in one family.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    pub organisation: String,
    pub organisation_name: String,
    pub family: String,
    pub tally: Tally,
    /// Counts in the order of [`KINDS`].
    pub kinds: [u64; 3],
    /// Counts in the order of [`SEVERITIES`].
    pub severities: [u64; 3],
}

/// All figures of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    pub total: Tally,
    /// The same by matter: several findings on one matter count once, with the largest amount among them.
    pub matters: Tally,
    /// In the order of [`KINDS`].
    pub kinds: [Tally; 3],
    /// In the order of [`SEVERITIES`].
    pub severities: [Tally; 3],
    /// In the order of [`STATES`]; the last counts the run's gone findings.
    pub states: [u64; 4],
    /// Findings that rest on a placeholder.
    pub placeholders: u64,
    /// Findings set aside; they are in no other figure.
    pub suppressed: Tally,
    /// One per organisation, audited ones first in the run's order, also those without findings.
    pub organisations: Vec<Group>,
    /// One per family with findings, in the order of [`words::FAMILIES`].
    pub families: Vec<Group>,
    /// Company × family, only where there are findings; ordered as the two lists above.
    pub cells: Vec<Group>,
    pub held: u64,
    pub not_run: u64,
    pub failed: u64,
}

impl<'a> Report<'a> {
    pub fn new(run: &'a AuditRun, generated_at: NaiveDateTime) -> Report<'a> {
        Report {
            run,
            generated_at,
            figures: Figures::of(run),
        }
    }

    /// Name of an organisation by code; the code itself when it was not among the audited ones.
    pub fn organisation_name<'b>(&'b self, code: &'b str) -> &'b str {
        self.figures
            .organisations
            .iter()
            .find(|o| o.organisation == code)
            .map_or(code, |o| o.organisation_name.as_str())
    }

    /// Whether there was a run before to compare with.
    pub fn compared(&self) -> bool {
        self.run.compared_with.is_some()
    }
}

impl Tally {
    fn add(&mut self, amount: Option<Money>) {
        self.count += 1;
        if let Some(amount) = amount {
            // Amounts are bounded by MAX_FEN: saturation needs 900 000 findings at that bound.
            self.amount = Money(self.amount.0.saturating_add(amount.0));
        }
    }
}

impl Group {
    fn add(&mut self, finding: &Finding) {
        self.tally.add(finding.amount);
        self.kinds[kind_index(finding.kind)] += 1;
        self.severities[severity_index(finding.severity)] += 1;
    }
}

impl Figures {
    /// Counts a run.
    pub fn of(run: &AuditRun) -> Figures {
        let mut figures = Figures {
            organisations: organisations(run),
            held: run.held.len() as u64,
            not_run: run.not_run.len() as u64,
            failed: run.failed.len() as u64,
            ..Figures::default()
        };
        let place: HashMap<String, usize> = figures
            .organisations
            .iter()
            .enumerate()
            .map(|(i, o)| (o.organisation.clone(), i))
            .collect();
        let mut families: BTreeMap<(usize, &str), Group> = BTreeMap::new();
        let mut cells: BTreeMap<(usize, (usize, &str)), Group> = BTreeMap::new();
        for finding in &run.findings {
            figures.count(finding);
            let order = words::family_order(&finding.family);
            let organisation = place[&finding.organisation];
            figures.organisations[organisation].add(finding);
            families
                .entry(order)
                .or_insert_with(|| Group {
                    family: finding.family.clone(),
                    ..Group::default()
                })
                .add(finding);
            cells
                .entry((organisation, order))
                .or_insert_with(|| Group {
                    organisation: finding.organisation.clone(),
                    organisation_name: figures.organisations[organisation]
                        .organisation_name
                        .clone(),
                    family: finding.family.clone(),
                    ..Group::default()
                })
                .add(finding);
        }
        for aside in &run.suppressed {
            figures.suppressed.add(aside.finding.amount);
        }
        figures.states[3] = run.gone.len() as u64;
        figures.families = families.into_values().collect();
        figures.cells = cells.into_values().collect();
        figures.matters = matters(run);
        figures
    }

    fn count(&mut self, finding: &Finding) {
        self.total.add(finding.amount);
        self.kinds[kind_index(finding.kind)].add(finding.amount);
        self.severities[severity_index(finding.severity)].add(finding.amount);
        if let Some(i) = STATES.iter().position(|s| *s == finding.state) {
            self.states[i] += 1;
        }
        self.placeholders += u64::from(finding.placeholder);
    }

    pub fn kind(&self, kind: FindingKind) -> Tally {
        self.kinds[kind_index(kind)]
    }

    pub fn severity(&self, severity: FindingSeverity) -> Tally {
        self.severities[severity_index(severity)]
    }

    /// The group of a company and family, if it has findings.
    pub fn cell(&self, organisation: &str, family: &str) -> Option<&Group> {
        self.cells
            .iter()
            .find(|c| c.organisation == organisation && c.family == family)
    }
}

fn kind_index(kind: FindingKind) -> usize {
    KINDS.iter().position(|k| *k == kind).unwrap_or_default()
}

fn severity_index(severity: FindingSeverity) -> usize {
    SEVERITIES
        .iter()
        .position(|s| *s == severity)
        .unwrap_or_default()
}

fn organisations(run: &AuditRun) -> Vec<Group> {
    let audited = run.organisations.iter().map(|o| (&o.code, &o.name));
    // A finding may name an organisation without books of its own, such as the street.
    let found = run
        .findings
        .iter()
        .map(|f| (&f.organisation, &f.organisation_name));
    let mut seen = std::collections::HashSet::new();
    audited
        .chain(found)
        .filter(|(code, _)| seen.insert(code.as_str()))
        .map(|(code, name)| Group {
            organisation: code.clone(),
            organisation_name: name.clone(),
            ..Group::default()
        })
        .collect()
}

fn matters(run: &AuditRun) -> Tally {
    let mut largest: BTreeMap<&str, Option<Money>> = BTreeMap::new();
    for finding in &run.findings {
        let slot = largest.entry(&finding.matter).or_default();
        *slot = (*slot).max(finding.amount);
    }
    let mut tally = Tally::default();
    largest.into_values().for_each(|amount| tally.add(amount));
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_breakdown_adds_up_to_the_total() {
        let run = sample::run();
        let figures = Figures::of(&run);
        assert_eq!(figures.total.count, run.findings.len() as u64);
        let sums = [
            figures.kinds.to_vec(),
            figures.severities.to_vec(),
            figures.organisations.iter().map(|g| g.tally).collect(),
            figures.families.iter().map(|g| g.tally).collect(),
            figures.cells.iter().map(|g| g.tally).collect(),
        ];
        for tallies in sums {
            let amount: Money = tallies.iter().map(|t| t.amount).sum();
            assert_eq!(
                tallies.iter().map(|t| t.count).sum::<u64>(),
                figures.total.count
            );
            assert_eq!(amount, figures.total.amount);
        }
        assert_eq!(
            figures.states[..3].iter().sum::<u64>(),
            figures.total.count,
            "gone findings are no findings"
        );
    }

    #[test]
    fn what_is_set_aside_is_in_its_own_figure_only() {
        let mut run = sample::run();
        let with = Figures::of(&run);
        assert_eq!(with.suppressed.count, 2);
        run.suppressed.clear();
        let suppressed = Tally::default();
        assert_eq!(Figures { suppressed, ..with }, Figures::of(&run));
    }

    #[test]
    fn one_matter_counts_once_with_its_largest_amount() {
        let mut run = sample::run();
        run.findings.truncate(3);
        for (finding, fen) in run.findings.iter_mut().zip([100, 700, 300]) {
            finding.amount = Some(Money(fen));
        }
        run.findings[1].matter = run.findings[0].number.clone();
        run.findings[0].matter = run.findings[0].number.clone();
        run.findings[2].matter = run.findings[2].number.clone();
        let figures = Figures::of(&run);
        assert_eq!(figures.total.amount, Money(1_100));
        assert_eq!(
            figures.matters,
            Tally {
                count: 2,
                amount: Money(1_000)
            }
        );
    }

    #[test]
    fn a_company_without_findings_is_still_listed() {
        let run = sample::run();
        let figures = Figures::of(&run);
        let quiet = figures
            .organisations
            .iter()
            .find(|o| o.tally.count == 0)
            .unwrap();
        assert_eq!(quiet.organisation, "V05");
        assert_eq!(figures.organisations.len(), 5);
    }
}
