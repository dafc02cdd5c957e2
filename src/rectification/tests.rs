//! What is filled in is what is read back, and everything wrong with a workbook is told at once.

use rust_xlsxwriter::Workbook;

use super::*;
use crate::import::workbook::read_xlsx;
use crate::model::Money;
use crate::review::event::{Amounts, MeasureKind, Payload, Plan};

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn plan() -> Plan {
    Plan {
        measure: "重新签订合同".into(),
        kind: MeasureKind::Staged,
        lead: "张三".into(),
        due: day("2026-05-20"),
        target: "租期不超过二十年".into(),
    }
}

fn line(number: &str) -> Line {
    Line {
        number: number.into(),
        seen: 7,
        organisation: "甲公司".into(),
        title: "租赁期限超过二十年".into(),
        message: "=1+1 合同HT-1".into(),
        amount: Some(Money(12_345)),
        state: "整改中".into(),
        due: Some(day("2026-05-31")),
        plan: Some(plan()),
        amounts: Some(Amounts {
            recovered: Money(100),
            booked: Money(0),
            unrecoverable: Money(0),
        }),
    }
}

/// The workbook of `lines` with cells changed: row from 0 below the header, column, text.
fn filled(lines: &[Line], changes: &[(usize, &str, &str)]) -> Vec<u8> {
    let sheets = read_xlsx(&render(lines).unwrap()).unwrap();
    let grid = &sheets[0].grid;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (index, row) in grid.rows().enumerate() {
        let mut cells: Vec<&str> = row.cells().collect();
        cells.resize(COLUMNS.len(), "");
        for (_, name, text) in changes.iter().filter(|c| c.0 + 2 == index) {
            let column = COLUMNS.iter().position(|c| c.name == *name).unwrap();
            cells[column] = text;
        }
        for (column, text) in (0u16..).zip(cells) {
            sheet.write_string(row.number - 1, column, text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn codes(bytes: &[u8], lines: &[Line]) -> Vec<(String, u32, String)> {
    let problems = read("台账.xlsx", bytes, lines).unwrap_err();
    let told = problems.into_iter().map(|p| {
        let (row, column) = (p.place.row.unwrap_or(0), p.place.column.unwrap_or_default());
        (p.code.into_owned(), row, column)
    });
    told.collect()
}

#[test]
fn what_was_not_touched_is_no_change() {
    let bare = Line {
        plan: None,
        amounts: None,
        ..line("C-002-A01")
    };
    let lines = [line("C-001-A01"), bare];
    assert_eq!(
        read("a.xlsx", &render(&lines).unwrap(), &lines).unwrap(),
        []
    );
    assert_eq!(read("a.xlsx", &filled(&lines, &[]), &lines).unwrap(), []);
}

#[test]
fn what_was_filled_in_is_told_from_what_is_on_record() {
    let lines = [line("C-001-A01")];
    let bytes = filled(
        &lines,
        &[
            (0, DUE, "46160"),
            (0, RECOVERED, "1,234.50"),
            (0, PROGRESS_ON, "2026年3月2日"),
            (0, PROGRESS, "已约谈"),
        ],
    );
    let changes = read("a.xlsx", &bytes, &lines).unwrap();
    let moved = Plan {
        due: day("2026-05-18"),
        ..plan()
    };
    let amounts = Amounts {
        recovered: Money(123_450),
        booked: Money(0),
        unrecoverable: Money(0),
    };
    let progress = Payload::Progress {
        on: day("2026-03-02"),
        text: "已约谈".into(),
    };
    assert_eq!(
        changes,
        [Change {
            number: "C-001-A01".into(),
            seen: 7,
            row: 3,
            payloads: vec![Payload::Planned(moved), Payload::Amounts(amounts), progress],
        }]
    );
}

#[test]
fn everything_wrong_is_told_at_once() {
    let lines = [line("A-1"), line("A-2"), line("A-3"), line("A-4")];
    let bytes = filled(
        &lines,
        &[
            (0, DUE, "明天"),
            (0, KIND, "以后再说"),
            (0, BOOKED, "1.234"),
            (1, MEASURE, ""),
            (1, RECOVERED, ""),
            (1, BOOKED, ""),
            (1, UNRECOVERABLE, ""),
            (1, PROGRESS, "有进展"),
            (2, NUMBER, "A-1"),
            (3, NUMBER, "Z-9"),
        ],
    );
    let want = [
        ("整改-1004", 3, KIND),
        ("整改-1004", 3, DUE),
        ("整改-1004", 3, BOOKED),
        ("整改-1005", 4, MEASURE),
        ("整改-1005", 4, RECOVERED),
        ("整改-1005", 4, PROGRESS_ON),
        ("整改-1003", 5, NUMBER),
        ("整改-1002", 6, NUMBER),
    ];
    let want = want.map(|(code, row, column)| (code.to_owned(), row, column.to_owned()));
    assert_eq!(codes(&bytes, &lines), want);
}

#[test]
fn a_file_that_is_no_ledger_is_refused() {
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "编号").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(codes(&bytes, &[])[0].0, "整改-1001");
    assert!(read("a.xlsx", b"PK\x03\x04 broken", &[]).is_err());
}

#[test]
fn texts_stay_texts() {
    let sheets = read_xlsx(&render(&[line("A-1")]).unwrap()).unwrap();
    assert_eq!(sheets[0].grid.row(2).cell(4), "=1+1 合同HT-1");
}
