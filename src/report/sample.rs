//! A run to test the writers with: 20 findings over four companies, a fifth without any, and every nasty text we know.

use chrono::{NaiveDate, NaiveDateTime};

use crate::audit::outcome::*;
use crate::model::Money;

/// What must reach every file as plain text.
pub const NASTY: &str =
    "=HYPERLINK(\"http://x\",\"点\") </script><script>alert(1)</script> & 'a' \"b\" <!-- \u{2028}";

pub fn generated_at() -> NaiveDateTime {
    day(2025, 1, 15).and_hms_opt(9, 30, 0).unwrap()
}

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn hex(seed: usize) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(seed.to_le_bytes());
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

struct Pattern {
    rule: &'static str,
    title: &'static str,
    family: &'static str,
    kind: FindingKind,
    severity: FindingSeverity,
    subject: &'static str,
    key: (&'static str, &'static str),
    message: &'static str,
    law: Option<&'static str>,
}

const PATTERNS: [Pattern; 6] = [
    Pattern {
        rule: "C-001",
        title: "租赁期限超过二十年",
        family: "contract",
        kind: FindingKind::Violation,
        severity: FindingSeverity::High,
        subject: "contract",
        key: ("contract_no", "HT-2021-00"),
        message: "合同HT-2021-001（承租方甲商贸）自2021-03-01至2046-02-28，超过20年。",
        law: Some("read"),
    },
    Pattern {
        rule: "F-001",
        title: "坐支现金",
        family: "finance",
        kind: FindingKind::Violation,
        severity: FindingSeverity::Medium,
        subject: "voucher",
        key: ("voucher", "2024-03-记-001"),
        message: "2024-03-12收到现金租金12,000.00元，次一工作日未送存银行，当日以现金支付8,600.00元。",
        law: Some("excerpt"),
    },
    Pattern {
        rule: "G-002",
        title: "大额支出未见集体决议",
        family: "governance",
        kind: FindingKind::RedFlag,
        severity: FindingSeverity::High,
        subject: "voucher",
        key: ("voucher", "2024-06-付-002"),
        message: "2024-06-18向乙工程队支付工程款258,000.00元，未查到金额、事项相符的集体决议。",
        law: Some("peer"),
    },
    Pattern {
        rule: "C-012",
        title: "租金逾期未收",
        family: "contract",
        kind: FindingKind::RedFlag,
        severity: FindingSeverity::Medium,
        subject: "contract",
        key: ("contract_no", "HT-2022-01"),
        message: "合同HT-2022-012（承租方丙餐饮店）截至2024-12-31有3期租金未收，共45,000.00元，最早一期应收日为2024-04-01。",
        law: None,
    },
    Pattern {
        rule: "A-001",
        title: "资产长期闲置",
        family: "asset",
        kind: FindingKind::RedFlag,
        severity: FindingSeverity::Low,
        subject: "asset",
        key: ("asset_no", "ZC-03"),
        message: "商铺ZC-031自2023-05-01起闲置，截至2024-12-31已20个月，建筑面积86.5平方米。",
        law: None,
    },
    Pattern {
        rule: "L-001",
        title: "凭证不平或断号",
        family: "ledger",
        kind: FindingKind::DataQuality,
        severity: FindingSeverity::Low,
        subject: "voucher",
        key: ("voucher", "2024-09-记-003"),
        message: "2024年9月记字凭证第30号至第32号缺号。",
        law: Some("background"),
    },
];

const COMPANIES: [(&str, &str); 5] = [
    ("V01", "东湾村改制公司"),
    ("V02", "南坡村改制公司"),
    ("V03", "西桥村级联合公司"),
    ("V04", "北塘村改制公司"),
    ("V05", "中岗村改制公司"),
];

pub fn run() -> AuditRun {
    run_of(20)
}

/// The same with `count` findings.
pub fn run_of(count: usize) -> AuditRun {
    let mut findings: Vec<Finding> = (0..count).map(finding).collect();
    if let [first, second, third, ..] = findings.as_mut_slice() {
        first.message = NASTY.into();
        first.evidence[0].value = NASTY.into();
        second.message = format!("{}。", "很长的说明文字".repeat(60));
        second.voucher_lines[0].summary = "=SUM(A1:A9)".into();
        second.key[0].1 = "+86甲\"乙\",丙".into();
        third.amount = Some(Money(-1_234_567));
        third.matter = first.number.clone();
    }
    let rules = PATTERNS.iter().map(rule).collect();
    AuditRun {
        digest: hex(9_001),
        data_digest: hex(9_002),
        pack_digest: hex(9_003),
        overlay_digest: Some(hex(9_005)),
        program: "sanzi 0.1.0".into(),
        as_of: day(2024, 12, 31),
        organisations: COMPANIES.iter().enumerate().map(organisation).collect(),
        rules,
        params: params(),
        findings,
        suppressed: vec![suppressed(1), suppressed(2)],
        gone: vec![GoneFinding {
            number: "C-012-0badcafe".into(),
            fingerprint: hex(7),
            rule: "C-012".into(),
            title: "租金逾期未收".into(),
            organisation: "V02".into(),
            key: "HT-2020-007".into(),
            amount: Some(Money(1_200_000)),
            message: "合同HT-2020-007有1期租金未收。".into(),
        }],
        not_run: ["V01", "V02", "V05"].map(not_run).to_vec(),
        failed: vec![FailedRule {
            rule: "T-009".into(),
            title: "短期内密集付款".into(),
            reason: "运行超过60秒，已停止".into(),
        }],
        held: ["待纠正", "作废"].map(held).to_vec(),
        period: None,
        compared_with: Some(hex(9_004)),
        steps: vec![],
    }
}

fn finding(i: usize) -> Finding {
    let pattern = &PATTERNS[i % PATTERNS.len()];
    let (organisation, organisation_name) = COMPANIES[i * 7 / 3 % 4];
    let number = format!("{}-{}", pattern.rule, &hex(i)[..8]);
    let placeholder = pattern.rule == "G-002" || pattern.rule == "A-001";
    let lines = if pattern.subject == "asset" {
        0
    } else {
        2 + i % 3
    };
    let vouchers: Vec<String> = (0..lines)
        .map(|l| format!("2024-{:02}-记-{:04}", 1 + i % 12, 10 + i + l))
        .collect();
    Finding {
        fingerprint: hex(i),
        content: hex(i + 100_000),
        rule: pattern.rule.into(),
        rule_version: 1,
        title: pattern.title.into(),
        family: pattern.family.into(),
        kind: pattern.kind,
        severity: pattern.severity,
        organisation: organisation.into(),
        organisation_name: organisation_name.into(),
        subject: pattern.subject.into(),
        key: vec![(pattern.key.0.into(), format!("{}{i}", pattern.key.1))],
        occurred_on: (i % 5 != 4).then(|| day(2024, 1 + i as u32 % 12, 12)),
        amount: (pattern.rule != "L-001").then(|| Money(25_800_000 - (i as i64 % 997) * 123_457)),
        message: pattern.message.into(),
        evidence: evidence(i),
        voucher_lines: vouchers
            .iter()
            .enumerate()
            .map(|(l, v)| voucher_line(l, v))
            .collect(),
        register_lines: register_line(pattern, i),
        vouchers,
        citations: pattern.law.map(citation).into_iter().collect(),
        params: params()
            .into_iter()
            .filter(|p| p.rule == pattern.rule)
            .collect(),
        placeholder,
        advice: "核对原件与审批、决议资料；属实的，限期整改并补齐手续。".into(),
        false_positives: vec![
            "分段另签、期限不连续的续租".into(),
            "决议以其他名称归档，补交后可排除".into(),
        ],
        state: [DiffState::New, DiffState::Same, DiffState::Changed][i % 3],
        score: 10_000u32.saturating_sub(i as u32 * 37),
        matter: number.clone(),
        number,
    }
}

/// A finding of no other list: its number is its own.
fn suppressed(i: usize) -> SuppressedFinding {
    SuppressedFinding {
        finding: finding(50_000 + i),
        suppression: Suppression {
            id: i as i64,
            reason: "=已另案处理，租金由法院执行".into(),
            document: "街道〔2025〕3号会议纪要".into(),
            until: day(2025, 6, 30),
            at: generated_at(),
            by: "张甲".into(),
            approved_by: "李乙".into(),
        },
    }
}

fn evidence(i: usize) -> Vec<Evidence> {
    [
        ("counterparty", "相对方", "甲商贸".to_owned()),
        ("start_date", "起始日期", "2021-03-01".to_owned()),
        (
            "account",
            "收款账号",
            format!("尾号{:04}", 1_000 + i % 9_000),
        ),
    ]
    .map(|(name, label, value)| Evidence {
        name: name.into(),
        label: label.into(),
        value,
    })
    .to_vec()
}

fn voucher_line(l: usize, voucher: &str) -> VoucherLine {
    VoucherLine {
        voucher: voucher.into(),
        line: 1 + l as u32,
        date: day(2024, 3, 12),
        summary: "收甲商贸一季度租金".into(),
        account: ["1001", "1002", "4301"][l % 3].into(),
        account_name: ["库存现金", "银行存款", "租赁收入"][l % 3].into(),
        debit: if l.is_multiple_of(2) {
            Money(1_200_000)
        } else {
            Money::ZERO
        },
        credit: if l.is_multiple_of(2) {
            Money::ZERO
        } else {
            Money(1_200_000)
        },
        counterparty: "甲商贸".into(),
        file: "V01/凭证.csv".into(),
        sheet: String::new(),
        row: 120 + l as u32,
    }
}

fn register_line(pattern: &Pattern, i: usize) -> Vec<RegisterLine> {
    if pattern.subject == "voucher" {
        return Vec::new();
    }
    vec![RegisterLine {
        table: pattern.subject.into(),
        title: if pattern.subject == "asset" {
            "资产"
        } else {
            "合同"
        }
        .into(),
        key: format!("{}{i}", pattern.key.1),
        file: "V01/账套.xlsx".into(),
        sheet: "合同".into(),
        row: 8 + i as u32,
    }]
}

fn citation(checked: &str) -> Citation {
    Citation {
        reference: "民法典#705".into(),
        title: "《民法典》第705条".into(),
        gist: "租赁期限不得超过二十年，超过的部分无效".into(),
        checked: checked.into(),
        in_force_from: Some(day(2021, 1, 1)),
        in_force_to: None,
    }
}

fn params() -> Vec<ResolvedParam> {
    [
        (
            "C-001",
            "max_years",
            "最长租期",
            "20",
            "年",
            "statute",
            "《民法典》第705条",
        ),
        (
            "G-002",
            "min_amount",
            "大额支出标准",
            "50000.00",
            "元",
            "placeholder",
            "待街道确定",
        ),
        (
            "A-001",
            "idle_months",
            "闲置月数",
            "12",
            "月",
            "placeholder",
            "待街道确定",
        ),
        (
            "C-012",
            "grace_days",
            "宽限工作日",
            "3",
            "日",
            "practice",
            "行业惯例",
        ),
    ]
    .map(
        |(rule, name, label, value, unit, source, basis)| ResolvedParam {
            rule: rule.into(),
            organisation: "V01".into(),
            name: name.into(),
            label: label.into(),
            value: value.into(),
            unit: unit.into(),
            source: source.into(),
            basis: basis.into(),
        },
    )
    .to_vec()
}

fn rule(pattern: &Pattern) -> RuleSummary {
    RuleSummary {
        id: pattern.rule.into(),
        version: 1,
        title: pattern.title.into(),
        family: pattern.family.into(),
        kind: pattern.kind,
        severity: pattern.severity,
        hits: 3,
        citations: pattern.law.map(citation).into_iter().collect(),
        false_positives: vec!["分段另签、期限不连续的续租".into()],
    }
}

fn organisation((i, (code, name)): (usize, &(&str, &str))) -> AuditedOrganisation {
    AuditedOrganisation {
        code: (*code).into(),
        name: (*name).into(),
        kind: "village_company".into(),
        standard: "小企业".into(),
        regime: "company".into(),
        first_period: "2023-01".into(),
        last_period: "2024-12".into(),
        vouchers: 480 + i as u64,
        entries: 1_600 + i as u64,
        chain_head: hex(5_000 + i),
        chain_length: 480 + i as u64,
    }
}

fn not_run(organisation: &str) -> NotRun {
    NotRun {
        rule: "F-009".into(),
        title: "银行对账差异".into(),
        organisation: organisation.into(),
        reason: "缺「银行流水」".into(),
        missing: vec!["银行流水".into()],
    }
}

fn held(reason: &str) -> HeldSummary {
    HeldSummary {
        organisation: "V04".into(),
        voucher: "2024-05-记-0044".into(),
        reason: reason.into(),
        debit: Money(500_000),
        credit: Money(499_999),
        problems: vec!["借贷不平，差0.01元".into(), NASTY.into()],
        file: "V04/凭证.csv".into(),
        sheet: String::new(),
        row: 231,
    }
}
