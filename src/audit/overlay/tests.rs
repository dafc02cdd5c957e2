use super::*;
use crate::audit::params::{Trial, resolve, span_at};
use crate::audit::rule::load::parse_rule;
use crate::model::date::parse_date;
use crate::pack::Pack;

const RULES: &str = r#"
id = "X-001"
version = 1
title = "样例"
kind = "red_flag"
severity = "low"
subject = "contract"
key = ["contract_no"]
[params.limit]
type = "money"
default = "5000.00"
source = "placeholder"
[params.years]
type = "integer"
default = 20
source = "statute"
[query]
sql = "SELECT organisation, contract_no FROM contract"
message = ""
"#;

fn pack() -> RulePack {
    let mut pack = RulePack::load(&Pack::embedded());
    pack.rules = vec![parse_rule("audit/a/X-001_x.toml", RULES).unwrap()];
    pack
}

fn applied(text: &str) -> RulePack {
    apply_texts(pack(), &[("s.toml".to_owned(), text.to_owned())]).unwrap()
}

fn faults(text: &str) -> Vec<String> {
    match apply_texts(pack(), &[("s.toml".to_owned(), text.to_owned())]) {
        Err(OverlayError::Faulty(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

const GOOD: &str = r#"
[[parameter]]
rule = "X-001"
name = "limit"
value = "6000"
from = 2024-01-01
basis = "街道〔2024〕3号"

[[parameter]]
rule = "X-001"
name = "limit"
value = 7000
organisation = "A"
basis = "街道〔2024〕4号"

[[rule]]
id = "X-001"
severity = "high"
reason = "专项整治"
"#;

#[test]
fn values_come_between_the_streets_own_and_the_default() {
    let pack = applied(GOOD);
    let rule = &pack.rules[0];
    let value = |settings: &[Setting], organisation: &str, day: &str| {
        let spans = resolve(rule, settings, &Trial::new(), organisation);
        let span = span_at(&spans, parse_date(day).unwrap()).unwrap();
        span.values["limit"].0.shown()
    };
    assert_eq!(value(&[], "A", "2024-06-01"), "7,000.00");
    assert_eq!(value(&[], "B", "2024-06-01"), "6,000.00");
    assert_eq!(value(&[], "B", "2023-06-01"), "5,000.00");
    let street = Setting {
        approver: String::new(),
        value: "8000".to_owned(),
        organisation: None,
        overlay: false,
        ..rule.overlay.settings[0].clone()
    };
    assert_eq!(
        value(&[street], "A", "2024-06-01"),
        "8,000.00",
        "the database first"
    );
    assert_eq!(rule.overlay.settings[0].basis, "s.toml:街道〔2024〕3号");
}

#[test]
fn a_severity_and_a_rule_switched_off_keep_their_reason() {
    let pack = applied(GOOD);
    let severity = pack.rules[0].overlay.severity.as_ref().unwrap();
    assert_eq!(pack.rules[0].file.severity, FindingSeverity::High);
    assert_eq!(severity.was, FindingSeverity::Low);
    assert_eq!(severity.basis, "s.toml:专项整治");
    let off = "[[rule]]\nid = \"X-001\"\nenabled = false\nreason = \"没有此类业务\"\n";
    let rule = &applied(off).rules[0];
    assert_eq!(
        rule.overlay.disabled.as_deref(),
        Some("s.toml:没有此类业务")
    );
    assert_eq!(rule.file.severity, FindingSeverity::Low);
}

#[test]
fn the_digest_names_the_files() {
    let first = applied(GOOD).overlay_digest;
    assert!(first.is_some());
    assert_ne!(applied(&GOOD.replace("6000", "6001")).overlay_digest, first);
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let parameter = |lines: &str| format!("[[parameter]]\n{lines}\nbasis = \"文\"\n");
    let good = "rule = \"X-001\"\nname = \"limit\"\nvalue = 1";
    for (text, line, message) in [
        (
            parameter(&good.replace("X-001", "X-01")),
            2,
            "没有编号为「X-01」的规则",
        ),
        (
            parameter(&good.replace("limit", "limt")),
            3,
            "没有参数「limt」。可用:limit、years",
        ),
        (
            parameter(&good.replace("limit", "years")),
            4,
            "由法律规定,不能调整",
        ),
        (parameter(&good.replace("= 1", "= 1.5")), 4, "小数请加引号"),
        (
            parameter(&good.replace("= 1", "= \"一\"")),
            4,
            "「一」不是金额",
        ),
        (
            parameter(&format!("{good}\nform = 2024-01-01")),
            5,
            "不认识的键「form」",
        ),
        (
            parameter(&format!("{good}\nfrom = \"2024\"")),
            5,
            "「from」应为日期",
        ),
        (
            parameter(&format!("{good}\nfrom = 2024-02-01\nto = 2024-01-01")),
            6,
            "止日早于起日",
        ),
        (
            parameter("rule = \"X-001\"\nname = \"limit\""),
            1,
            "缺少「value」",
        ),
        (format!("[[parameter]]\n{good}\n"), 1, "缺少「basis」"),
        (
            "[[rules]]\nid = \"X-001\"\n".to_owned(),
            1,
            "不认识的键「rules」",
        ),
        ("[rule]\nid = \"X-001\"\n".to_owned(), 1, "应写成 [[rule]]"),
        (
            "[[rule]]\nid = \"X-001\"\nseverity = \"hihg\"\nreason = \"文\"\n".to_owned(),
            3,
            "不认识的严重程度「hihg」",
        ),
        (
            "[[rule]]\nid = \"X-001\"\nenabled = \"no\"\nreason = \"文\"\n".to_owned(),
            3,
            "应为 true 或 false",
        ),
        (
            "[[rule]]\nid = \"X-001\"\nenabled = false\n".to_owned(),
            1,
            "缺少「reason」",
        ),
        (
            "[[rule]]\nid = \"X-001\"\nreason = \"文\"\n".to_owned(),
            1,
            "没有写要改什么",
        ),
        ("[[rule]]\nid = \"X-001\nreason\"\n".to_owned(), 2, ""),
    ] {
        let found = faults(&text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let place = format!("s.toml 第{line}行:");
        assert!(found[0].starts_with(&place), "{text}: {found:?}");
        assert!(found[0].contains(message), "{text}: {found:?}");
    }
}

#[test]
fn all_mistakes_of_all_files_are_told_at_once() {
    let wrong = GOOD
        .replace("\"6000\"", "\"x\"")
        .replace("\"high\"", "\"x\"");
    let texts = [
        ("a.toml".to_owned(), wrong),
        ("b.toml".to_owned(), GOOD.replace("X-001", "X-9")),
    ];
    let Err(OverlayError::Faulty(faults)) = apply_texts(pack(), &texts) else {
        panic!("no faults");
    };
    assert_eq!(faults.len(), 5, "{faults:?}");
    let twice = [
        ("a.toml".to_owned(), GOOD.to_owned()),
        ("b.toml".to_owned(), GOOD.to_owned()),
    ];
    let Err(OverlayError::Faulty(faults)) = apply_texts(pack(), &twice) else {
        panic!("no faults");
    };
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(
        faults[0].message.contains("与 a.toml 第2行 的设定重复"),
        "{faults:?}"
    );
}

#[test]
fn a_folder_without_files_is_a_mistake_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("说明.txt"), "x").unwrap();
    for path in [folder.path().to_owned(), folder.path().join("nowhere")] {
        let error = apply(pack(), &path).unwrap_err();
        assert!(error.to_string().starts_with("规则-1006 "), "{error}");
    }
}
