//! The readers of data interfaces on sound, odd and damaged files.

use std::fs;

use proptest::prelude::*;

use crate::import::handin::HandIn;
use crate::import::{IdHasher, ReadOptions, codes, read};
use crate::model::{Money, Problem};
use crate::pack::Pack;

fn read_file(name: &str, bytes: &[u8]) -> HandIn {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let (rules, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    let options = ReadOptions {
        org: Some("C01".into()),
        rules: &rules,
        ids: &ids,
        known: Default::default(),
        progress: None,
    };
    read(folder.path(), &options).unwrap()
}

fn problem<'h>(hand_in: &'h HandIn, code: &codes::Code) -> Option<&'h Problem> {
    let mut problems = hand_in.companies.iter().flat_map(|c| &c.problems);
    problems.find(|p| p.code == code.code)
}

fn rows_are_accounted_for(hand_in: &HandIn) -> bool {
    hand_in
        .files
        .iter()
        .all(|f| f.rows == f.heads + f.taken + f.set_aside.len() as u32 + f.refused)
}

/// A document with two accounts and one voucher, its entries given.
fn document(entries: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><总账>\
         <会计科目><科目编号>1001</科目编号><科目名称>库存现金</科目名称><余额方向>借</余额方向></会计科目>\
         <会计科目><科目编号>5602</科目编号><科目名称>管理费用</科目名称><余额方向>借</余额方向></会计科目>\
         {entries}</总账>"
    )
}

fn entry(fields: &str) -> String {
    format!(
        "<记账凭证><记账凭证日期>20240105</记账凭证日期><会计年度>2024</会计年度><会计期间号>1</会计期间号>\
         <记账凭证类型编号>记</记账凭证类型编号><记账凭证编号>0001</记账凭证编号>{fields}</记账凭证>"
    )
}

fn debit_and_credit(amount: &str) -> String {
    let debit = format!("<科目编号>5602</科目编号><借方本币金额>{amount}</借方本币金额>");
    let credit = format!("<科目编号>1001</科目编号><贷方本币金额>{amount}</贷方本币金额>");
    entry(&debit) + &entry(&credit)
}

#[test]
fn references_and_sections_are_read_and_amounts_are_exact() {
    let text = "<![CDATA[甲&乙]]>&lt;&#20013;&#x4e2d;&gt;";
    let more = format!("<记账凭证摘要>{text}</记账凭证摘要>");
    let entries = debit_and_credit("0.29").replacen("<借方", &format!("{more}<借方"), 1);
    let hand_in = read_file("总账.xml", document(&entries).as_bytes());
    let company = &hand_in.companies[0];
    assert!(!company.has_errors(), "{:?}", company.problems);
    let entry = &company.vouchers[0].entries[0];
    assert_eq!(entry.summary.as_deref(), Some("甲&乙<中中>"));
    assert_eq!(entry.debit, Money(29));
}

#[test]
fn fields_are_found_by_their_number_where_names_differ() {
    let entries = debit_and_credit("1.00")
        .replace("<借方本币金额>", "<Debit locID=\"020509\">")
        .replace("</借方本币金额>", "</Debit>");
    let hand_in = read_file("x.xml", document(&entries).as_bytes());
    assert_eq!(
        hand_in.companies[0].vouchers[0].entries[0].debit,
        Money(100)
    );
    assert!(problem(&hand_in, codes::COLUMN_UNKNOWN).is_none());
}

#[test]
fn what_is_not_known_is_told_once_and_counted() {
    let entries = debit_and_credit("1.00").replace("<科目编号>", "<颜色>红</颜色><科目编号>");
    let other = "<报表集><报表编号>1</报表编号></报表集>".repeat(3);
    let hand_in = read_file("x.xml", document(&(entries + &other)).as_bytes());
    let unknown = problem(&hand_in, codes::COLUMN_UNKNOWN).unwrap();
    assert_eq!(unknown.place.column.as_deref(), Some("颜色"));
    let rest = hand_in
        .files
        .iter()
        .find(|f| f.layout.ends_with("编号对照"))
        .unwrap();
    assert_eq!(rest.set_aside[0].text, "报表集 3 条");
    assert!(rows_are_accounted_for(&hand_in));
}

#[test]
fn damage_names_its_line_and_takes_nothing() {
    let text = document(&debit_and_credit("1.00")).replace("<会计科目>", "\n<会计科目>");
    for (wrong, code, line) in [
        (text.replace("</总账>", ""), codes::MARKUP_BROKEN, 3),
        (
            text.replacen("</科目名称>", "</科目名>", 1),
            codes::MARKUP_BROKEN,
            2,
        ),
        (text.replace("库存现金", "&xxe;"), codes::MARKUP_REFUSED, 2),
        (
            text.replace("<总账>", "<!DOCTYPE a [<!ENTITY b \"c\">]><总账>"),
            codes::MARKUP_REFUSED,
            1,
        ),
        (
            text.replace("库存现金", &"长".repeat(30_000)),
            codes::MARKUP_REFUSED,
            2,
        ),
        (
            text.replace("<总账>", &format!("<总账>{}", "<a>".repeat(100))),
            codes::MARKUP_REFUSED,
            1,
        ),
    ] {
        let hand_in = read_file("x.xml", wrong.as_bytes());
        let found = problem(&hand_in, code);
        let found = found.unwrap_or_else(|| panic!("{:?}", hand_in.companies[0].problems));
        assert_eq!(found.place.row, Some(line), "{found}");
        assert!(hand_in.companies[0].vouchers.is_empty());
    }
}

#[test]
fn json_numbers_are_read_as_written() {
    let entries = r#"{"总账": {"记账凭证": [
        {"记账凭证日期": "20240105", "记账凭证类型编号": "记", "记账凭证编号": 1, "科目编号": "5602", "借方本币金额": 90071992547409.93},
        {"记账凭证日期": "20240105", "记账凭证类型编号": "记", "记账凭证编号": 1, "科目编号": "1001", "贷方本币金额": 90071992547409.93}
    ]}}"#;
    let hand_in = read_file("a.json", entries.as_bytes());
    let too_large = problem(&hand_in, codes::MONEY_BAD).unwrap();
    assert_eq!(too_large.found, "90071992547409.93");
    let fine = entries.replace("90071992547409.93", "12345678901.23");
    let hand_in = read_file("a.json", fine.as_bytes());
    let entries = &hand_in.companies[0].vouchers[0].entries;
    assert_eq!(entries[0].debit, Money(1_234_567_890_123));
    for (wrong, line) in [
        (fine.replace("]}}", "]}"), 4),
        (fine.replacen("\"记\"", "\"记", 1), 4),
        (
            fine.replacen("\"科目编号\": \"5602\"", "\"科目编号\": \\u00", 1),
            2,
        ),
        (format!("{fine} x"), 4),
        (format!("{}{}", "[".repeat(200), fine), 1),
    ] {
        let hand_in = read_file("a.json", wrong.as_bytes());
        let found = problem(&hand_in, codes::MARKUP_BROKEN);
        let found = found
            .or_else(|| problem(&hand_in, codes::MARKUP_REFUSED))
            .unwrap();
        assert!(found.place.row.is_some_and(|row| row <= line), "{found}");
    }
}

/// Wherever a piece of the file ends: inside a name, an escape, a Chinese character.
#[test]
fn json_in_pieces_is_json_in_one() {
    let line = |n: u32, side: &str, account: &str| {
        format!(
            r#"{{"记账凭证日期":"20240105","记账凭证类型编号":"\u8bb0","记账凭证编号":{n},"记账凭证摘要":"收\"\ud83c\udfe0租金\n","科目编号":"{account}","{side}":1.25}}"#
        )
    };
    let lines: Vec<String> = (1..=400)
        .flat_map(|n| {
            [
                line(n, "借方本币金额", "5602"),
                line(n, "贷方本币金额", "1001"),
            ]
        })
        .collect();
    let text = format!("{{\"总账\":{{\"记账凭证\":[{}]}}}}", lines.join(","));
    let vouchers = |before: usize| {
        let shifted = " ".repeat(before) + &text;
        let hand_in = read_file("a.json", shifted.as_bytes());
        format!("{:?}", hand_in.companies[0].vouchers)
    };
    let whole = vouchers(0);
    assert!(
        whole.contains("收\\\"🏠租金") && whole.matches("Voucher {").count() == 400,
        "{whole}"
    );
    for before in 1..lines[0].len() {
        assert_eq!(vouchers(before), whole, "{before}");
    }
}

#[test]
fn balances_become_openings_and_years_that_do_not_join_get_their_own() {
    let balance = |year: u32,
                   month: u32,
                   account: &str,
                   side: &str,
                   opening: &str,
                   closing: &str| {
        format!(
            "<科目余额及发生额><科目编号>{account}</科目编号><会计年度>{year}</会计年度><会计期间号>{month}</会计期间号>\
             <期初余额方向>{side}</期初余额方向><期初本币余额>{opening}</期初本币余额><期末余额方向>{side}</期末余额方向>\
             <期末本币余额>{closing}</期末本币余额></科目余额及发生额>"
        )
    };
    let pair = |year, month, amount: &str| {
        balance(year, month, "1001", "借", amount, amount)
            + &balance(year, month, "3001", "贷", amount, amount)
    };
    let joined = pair(2023, 12, "5.00") + &pair(2024, 1, "5.00") + &pair(2024, 2, "5.00");
    let hand_in = read_file("x.xml", document(&joined).as_bytes());
    let years = |h: &HandIn| -> Vec<i32> {
        h.companies[0]
            .openings
            .iter()
            .map(|v| v.id.period.year)
            .collect()
    };
    assert_eq!(years(&hand_in), [2023]);
    let apart = pair(2023, 12, "5.00") + &pair(2024, 1, "7.00");
    assert_eq!(
        years(&read_file("x.xml", document(&apart).as_bytes())),
        [2023, 2024]
    );
    let unreadable = balance(2024, 1, "1001", "上", "5.00", "5.00");
    let hand_in = read_file("x.xml", document(&unreadable).as_bytes());
    assert!(problem(&hand_in, codes::SIDE_BAD).is_some());
    assert!(rows_are_accounted_for(&hand_in));
}

const FILES: [(&str, &[u8]); 6] = [
    (
        "总账.xml",
        include_bytes!("../../../fixtures/interfaces/gbt24589-2010/总账.xml"),
    ),
    (
        "数据.json",
        include_bytes!("../../../fixtures/interfaces/gbt24589-2024-json/数据.json"),
    ),
    (
        "数据.xml",
        include_bytes!("../../../fixtures/interfaces/gbt24589-2024-xml/数据.xml"),
    ),
    (
        "saft.xml",
        include_bytes!("../../../fixtures/interfaces/saft/saft.xml"),
    ),
    (
        "凭证.dbf",
        include_bytes!("../../../fixtures/interfaces/kis-dbf/凭证.dbf"),
    ),
    (
        "JZPZ.txt",
        include_bytes!("../../../fixtures/interfaces/gbt19581-2004/JZPZ.txt"),
    ),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn damaged_files_are_no_panic_and_lose_no_row(
        file in 0usize..6, cut in 0usize..9999,
        flips in proptest::collection::vec((0usize..99_999, 1u8..=255), 0..6), whole in proptest::bool::ANY
    ) {
        let (name, bytes) = FILES[file];
        let mut bytes = bytes.to_vec();
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] ^= value;
        }
        if !whole {
            bytes.truncate(cut % bytes.len());
        }
        prop_assert!(rows_are_accounted_for(&read_file(name, &bytes)));
    }
}

#[test]
fn heads_whose_entries_stand_under_a_strange_name_are_told_of() {
    let nested = |name: &str| {
        let line = |account: &str, side: &str| {
            format!(
                "<{name}><科目编号>{account}</科目编号><{side}本币金额>5</{side}本币金额></{name}>"
            )
        };
        document(&entry(&(line("5602", "借方") + &line("1001", "贷方"))))
    };
    let hand_in = read_file("总账.xml", nested("分录").as_bytes());
    assert_eq!(hand_in.companies[0].vouchers.len(), 1);
    assert!(problem(&hand_in, codes::HEAD_ONLY).is_none());
    let hand_in = read_file("总账.xml", nested("某某").as_bytes());
    assert!(hand_in.companies[0].vouchers.is_empty());
    let told = problem(&hand_in, codes::HEAD_ONLY).unwrap();
    assert_eq!(told.message, "1 张凭证都没有分录,不能记账");
}
