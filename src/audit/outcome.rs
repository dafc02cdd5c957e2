//! What an audit run found: plain data that is stored, compared with the run before, and handed to the report writers.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::timing::Step;
use crate::model::{Money, PeriodRange};

/// What a rule may say (design §2.5). The three are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// 违规事实: the data alone show a breach; still 疑似 until a person confirms.
    Violation,
    /// 疑点线索: a pattern worth a look.
    RedFlag,
    /// 数据质量: for the accountant, not the inspector.
    DataQuality,
}

impl FindingKind {
    pub fn code(self) -> &'static str {
        match self {
            FindingKind::Violation => "violation",
            FindingKind::RedFlag => "red_flag",
            FindingKind::DataQuality => "data_quality",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            FindingKind::Violation => "疑似违规事实",
            FindingKind::RedFlag => "疑点线索",
            FindingKind::DataQuality => "数据质量",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingSeverity {
    High,
    Medium,
    Low,
}

impl FindingSeverity {
    pub fn code(self) -> &'static str {
        match self {
            FindingSeverity::High => "high",
            FindingSeverity::Medium => "medium",
            FindingSeverity::Low => "low",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            FindingSeverity::High => "高",
            FindingSeverity::Medium => "中",
            FindingSeverity::Low => "低",
        }
    }
}

/// How a finding stands against the run before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffState {
    New,
    Same,
    Changed,
    /// Only in the run before.
    Gone,
}

impl DiffState {
    pub fn label(self) -> &'static str {
        match self {
            DiffState::New => "新增",
            DiffState::Same => "仍在",
            DiffState::Changed => "有变化",
            DiffState::Gone => "已消失",
        }
    }
}

/// One cell of evidence: result column, its Chinese label, its value as shown (personal identifiers masked).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub name: String,
    pub label: String,
    pub value: String,
}

/// A voucher line that a finding rests on, with the place it was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherLine {
    /// `2024-03-记-0012`.
    pub voucher: String,
    pub line: u32,
    pub date: NaiveDate,
    pub summary: String,
    pub account: String,
    pub account_name: String,
    pub debit: Money,
    pub credit: Money,
    pub counterparty: String,
    pub file: String,
    pub sheet: String,
    pub row: u32,
}

/// A register row that a finding points at, with the place it was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterLine {
    /// English table name, e.g. `contract`.
    pub table: String,
    /// Chinese file name, e.g. `合同`.
    pub title: String,
    pub key: String,
    pub file: String,
    pub sheet: String,
    pub row: u32,
}

/// An article cited by a finding, the version in force on the day of the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// `民法典#705`.
    pub reference: String,
    /// `《民法典》第705条`.
    pub title: String,
    /// What it says, in our words.
    pub gist: String,
    /// `read` article read, `excerpt`, `peer` (another region's, not binding), `background`, `uncertain`.
    pub checked: String,
    pub in_force_from: Option<NaiveDate>,
    pub in_force_to: Option<NaiveDate>,
}

/// A parameter as a rule used it for one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedParam {
    pub rule: String,
    pub organisation: String,
    pub name: String,
    pub label: String,
    pub value: String,
    pub unit: String,
    /// `statute` 法定, `practice` 惯例, `placeholder` 占位(街道尚未设定), `street` 街道设定.
    pub source: String,
    /// Legal or local basis of the value.
    pub basis: String,
}

/// One finding. Everything but `state`, `score` and `matter` is a function of data, rules and parameters alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// 编号: rule id and the first eight hex digits of the fingerprint; the same in every run.
    pub number: String,
    /// Hex SHA-256 over rule id, organisation and natural key.
    pub fingerprint: String,
    /// Hex SHA-256 over all shown content: same fingerprint, other content = changed.
    pub content: String,
    pub rule: String,
    pub rule_version: u32,
    pub title: String,
    /// Family folder: `contract`, `finance` …
    pub family: String,
    pub kind: FindingKind,
    pub severity: FindingSeverity,
    pub organisation: String,
    pub organisation_name: String,
    /// What the finding points at: `contract`, `voucher`, `counterparty` …
    pub subject: String,
    /// Natural key: column and value, in the rule's order.
    pub key: Vec<(String, String)>,
    pub occurred_on: Option<NaiveDate>,
    pub amount: Option<Money>,
    pub vouchers: Vec<String>,
    /// The fact in one sentence.
    pub message: String,
    pub evidence: Vec<Evidence>,
    pub voucher_lines: Vec<VoucherLine>,
    pub register_lines: Vec<RegisterLine>,
    pub citations: Vec<Citation>,
    pub params: Vec<ResolvedParam>,
    /// A parameter still holds its placeholder: printed as 按占位值,街道尚未设定.
    pub placeholder: bool,
    pub advice: String,
    pub false_positives: Vec<String>,
    pub state: DiffState,
    /// 0 to 10 000: severity × amount × kind × agreeing rules; larger comes first.
    pub score: u32,
    /// Number of the strongest finding of the same matter (its own, when it is the strongest or alone).
    pub matter: String,
}

impl Finding {
    /// `HT-001` or `甲商贸|2024-03`: key values joined by `|`.
    pub fn key_text(&self) -> String {
        self.key
            .iter()
            .map(|(_, v)| v.as_str())
            .collect::<Vec<_>>()
            .join("|")
    }
}

/// A rule that did not run for an organisation, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotRun {
    pub rule: String,
    pub title: String,
    pub organisation: String,
    /// In Chinese: `缺「银行流水」`, `不在适用范围` …
    pub reason: String,
    /// Missing tables, by Chinese file name; empty for other reasons.
    pub missing: Vec<String>,
}

/// A rule that failed while running: time, memory or a fault in its query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedRule {
    pub rule: String,
    pub title: String,
    pub reason: String,
}

/// A finding of the run before that is no longer there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoneFinding {
    pub number: String,
    pub fingerprint: String,
    pub rule: String,
    pub title: String,
    pub organisation: String,
    pub key: String,
    pub amount: Option<Money>,
    pub message: String,
}

/// Why a finding was set aside, on what document, to which day, by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suppression {
    pub id: i64,
    pub reason: String,
    pub document: String,
    /// The last day on which it holds.
    pub until: NaiveDate,
    pub at: NaiveDateTime,
    pub by: String,
    pub approved_by: String,
}

/// A finding that two persons set aside for a time: recorded and listed by itself, not counted among the findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuppressedFinding {
    #[serde(flatten)]
    pub finding: Finding,
    pub suppression: Suppression,
}

/// A voucher kept outside the books (待纠正 or 作废).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldSummary {
    pub organisation: String,
    pub voucher: String,
    /// 待纠正 or 作废.
    pub reason: String,
    pub debit: Money,
    pub credit: Money,
    pub problems: Vec<String>,
    pub file: String,
    pub sheet: String,
    pub row: u32,
}

/// One organisation as it was audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditedOrganisation {
    pub code: String,
    pub name: String,
    /// 村改制公司, 村级联合公司 …
    pub kind: String,
    pub standard: String,
    pub regime: String,
    /// First and last month with vouchers, `2023-01`.
    pub first_period: String,
    pub last_period: String,
    pub vouchers: u64,
    pub entries: u64,
    /// Hash of the last sealed voucher, hex.
    pub chain_head: String,
    pub chain_length: u64,
}

/// A rule as it stood in this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleSummary {
    pub id: String,
    pub version: u32,
    pub title: String,
    pub family: String,
    pub kind: FindingKind,
    pub severity: FindingSeverity,
    pub hits: usize,
    pub citations: Vec<Citation>,
    pub false_positives: Vec<String>,
}

/// Everything an audit run produced. Findings are ranked, strongest first; ties by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditRun {
    /// Hex SHA-256 over chain heads, register digests, rule pack and parameters.
    pub digest: String,
    pub data_digest: String,
    pub pack_digest: String,
    /// Digest of the street's overlay over the pack, if there was one.
    pub overlay_digest: Option<String>,
    pub program: String,
    /// The day up to which dues are counted: by default the last day of the last month with vouchers.
    pub as_of: NaiveDate,
    pub organisations: Vec<AuditedOrganisation>,
    pub rules: Vec<RuleSummary>,
    pub params: Vec<ResolvedParam>,
    pub findings: Vec<Finding>,
    /// In the order of number and organisation; no figure counts them but the one of their own.
    pub suppressed: Vec<SuppressedFinding>,
    pub gone: Vec<GoneFinding>,
    pub not_run: Vec<NotRun>,
    pub failed: Vec<FailedRule>,
    pub held: Vec<HeldSummary>,
    /// The months whose events alone were looked for; none: all.
    #[serde(skip)]
    pub period: Option<PeriodRange>,
    /// Digest of the run that this one was compared with, if there was one.
    pub compared_with: Option<String>,
    /// What each mart and rule took; never part of a digest or of the JSON findings.
    #[serde(skip)]
    pub steps: Vec<Step>,
}
