//! The workbook read back.

use std::io::Cursor;

use calamine::{Data, DataType, Range, Reader, Xlsx};

use super::*;
use crate::report::sample;

fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn sample_bytes(capacity: usize) -> Vec<u8> {
    let run = sample::run();
    let report = Report::new(&run, sample::generated_at());
    workbook(&report, capacity)
        .unwrap()
        .save_to_buffer()
        .unwrap()
}

fn column(range: &Range<Data>, title: &str) -> Vec<Data> {
    let at = range
        .rows()
        .next()
        .unwrap()
        .iter()
        .position(|c| c.as_string().as_deref() == Some(title))
        .unwrap_or_else(|| panic!("{title}"));
    range.rows().skip(1).map(|r| r[at].clone()).collect()
}

#[test]
fn sheets_stand_in_order() {
    let names = open(sample_bytes(grid::CAPACITY)).sheet_names();
    assert_eq!(
        names,
        [
            COVER, SUMMARY, FINDINGS, EVIDENCE, RULES, PARAMS, SUPPRESSED, COMPARISON, NOT_RUN,
            DICTIONARY
        ]
    );
}

#[test]
fn handed_in_text_stays_text() {
    let mut book = open(sample_bytes(grid::CAPACITY));
    let range = book.worksheet_range(FINDINGS).unwrap();
    assert_eq!(
        column(&range, "事实说明")[0],
        Data::String(sample::NASTY.into())
    );
    assert_eq!(
        column(&range, "关键字")[1],
        Data::String("+86甲\"乙\",丙".into())
    );
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.is_empty(), "{name} holds a formula");
    }
}

#[test]
fn numbers_and_dates_are_numbers_and_dates() {
    let mut book = open(sample_bytes(grid::CAPACITY));
    let range = book.worksheet_range(FINDINGS).unwrap();
    assert_eq!(column(&range, "金额(元)")[2], Data::Float(-12_345.67));
    assert!(matches!(column(&range, "日期")[0], Data::DateTime(_)));
    assert_eq!(column(&range, "日期")[4], Data::Empty, "no date, no text");
    let proof = book.worksheet_range(EVIDENCE).unwrap();
    assert_eq!(column(&proof, "科目编码")[0], Data::String("1001".into()));
    assert_eq!(column(&proof, "行号")[0], Data::Float(120.0));
}

#[test]
fn every_voucher_and_register_line_has_its_row() {
    let run = sample::run();
    let mut book = open(sample_bytes(grid::CAPACITY));
    let range = book.worksheet_range(EVIDENCE).unwrap();
    let numbers: Vec<String> = column(&range, "编号").iter().map(Data::to_string).collect();
    let expected: Vec<String> = run
        .findings
        .iter()
        .flat_map(|f| vec![f.number.clone(); evidence::rows(f)])
        .collect();
    assert_eq!(numbers, expected);
}

#[test]
fn a_list_beyond_a_sheet_goes_on_and_says_so() {
    let mut book = open(sample_bytes(8));
    let names = book.sheet_names();
    assert!(names.contains(&"02 问题清单(续3)".to_owned()), "{names:?}");
    let first = book.worksheet_range(FINDINGS).unwrap();
    let last = first.rows().next_back().unwrap()[0].to_string();
    assert_eq!(last, "未完，续见工作表“02 问题清单(续2)”。");
    let run = sample::run();
    let second = book.worksheet_range("02 问题清单(续2)").unwrap();
    assert_eq!(
        column(&second, "编号")[0].to_string(),
        run.findings[8].number
    );
    let third = book.worksheet_range("02 问题清单(续3)").unwrap();
    assert_eq!(third.height(), 1 + 4);
}

#[test]
fn empty_lists_say_so() {
    let mut run = sample::run_of(0);
    (run.gone, run.failed, run.not_run) = (vec![], vec![], vec![]);
    (run.params, run.held, run.compared_with) = (vec![], vec![], None);
    run.suppressed.clear();
    let report = Report::new(&run, sample::generated_at());
    let mut book = open(render(&report).unwrap());
    for name in [
        SUMMARY, FINDINGS, EVIDENCE, PARAMS, SUPPRESSED, COMPARISON, NOT_RUN,
    ] {
        let range = book.worksheet_range(name).unwrap();
        assert_eq!(range.height(), 2, "{name}");
        assert!(
            range.get((1, 0)).unwrap().to_string().contains('。'),
            "{name}"
        );
    }
}

#[test]
fn same_run_and_time_give_the_same_bytes() {
    assert!(sample_bytes(grid::CAPACITY) == sample_bytes(grid::CAPACITY));
}
