//! One small book of a 用友 U8 序时账 in every kind of file that it arrives in: the trial balance is the same to the fen.
//! `scripts/make_workbooks.py` writes the files.

use std::path::Path;

use sanzi::import::commit::{self, Defects};
use sanzi::import::handin::HandIn;
use sanzi::import::{self, IdHasher, ReadOptions};
use sanzi::ledger::trial_balance::{TrialBalance, trial_balance};
use sanzi::model::{Money, PeriodRange};
use sanzi::pack::Pack;

use crate::support::{now, sqlite};

fn read(path: &Path) -> HandIn {
    let (pack, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    let options = ReadOptions {
        org: Some("C01".into()),
        rules: &pack,
        ids: &ids,
        known: Default::default(),
        progress: None,
    };
    import::read(path, &options).unwrap()
}

async fn balance(hand_in: &HandIn) -> TrialBalance {
    let test = sqlite().await;
    let written = commit::commit(&test.store, hand_in, Defects::Refuse, now(), |_| {});
    let receipt = written.await.unwrap();
    assert!(!receipt.companies[0].refused, "{}", hand_in.label);
    let period = PeriodRange::parse("2026-01..2026-02").unwrap();
    trial_balance(test.store.db(), "C01", period).await.unwrap()
}

#[tokio::test]
async fn a_u8_journal_is_the_same_book_in_every_kind_of_file() {
    let root = crate::hand_in::fixture("layouts");
    let reference = balance(&read(&root.join("u8-csv"))).await;
    let cash = reference.rows.iter().find(|r| r.account == "1002").unwrap();
    assert_eq!(
        (cash.debit, cash.credit),
        (Money(12_345_678 - 4_567), Money(113_000))
    );
    let mut kinds = Vec::new();
    for folder in std::fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let hand_in = read(&folder);
        let company = &hand_in.companies[0];
        assert!(!company.has_errors(), "{name}: {:?}", company.problems);
        assert_eq!(hand_in.files.len(), 1, "{name}");
        let file = &hand_in.files[0];
        assert_eq!(file.layout, "用友 U8/T3 序时账", "{name}");
        let counts = (
            file.rows,
            file.heads,
            file.taken,
            file.set_aside.len(),
            file.refused,
        );
        assert_eq!(counts, (15, 4, 9, 2, 0), "{name}");
        let summary = company.vouchers[0].entries[0].summary.as_deref();
        assert_eq!(summary, Some("收 一季度租金"), "{name}");
        assert!(
            company
                .vouchers
                .iter()
                .flat_map(|v| &v.entries)
                .any(|e| e.summary.as_deref() == Some("付修理费<屋面>&门窗")),
            "{name}"
        );
        assert_eq!(balance(&hand_in).await.rows, reference.rows, "{name}");
        kinds.push((name, file.encoding.clone()));
    }
    kinds.sort();
    let kinds: Vec<(&str, &str)> = kinds
        .iter()
        .map(|(n, e)| (n.as_str(), e.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("u8-csv", "GB18030"),
            ("u8-xls", "xls"),
            ("u8-xls-biff5-bytes-1252", "xls"),
            ("u8-xls-biff5-bytes-936", "xls"),
            ("u8-xls-biff5-bytes-none", "xls"),
            ("u8-xls-biff8-bytes-1252", "xls"),
            ("u8-xls-biff8-bytes-936", "xls"),
            ("u8-xls-biff8-bytes-none", "xls"),
            ("u8-xls-html", "HTML GB18030"),
            ("u8-xls-tabs", "GB18030"),
            ("u8-xls-xlsx", "xlsx"),
        ]
    );
}

/// Files that only other programs can make: each is refused, or read with a warning, for the right reason.
#[test]
fn broken_workbooks_are_told_apart() {
    for (file, code, words) in [
        ("1001/断了.xlsx", "导入-1001", "不完整"),
        ("1044/合同.xlsx", "导入-1044", "打开密码"),
        ("1044/序时账.xls", "导入-1044", "打开密码"),
        ("1045/合同.xlsx", "导入-1045", "解压"),
        ("1046/合同.xlsx", "导入-1046", "2 个公式"),
        ("1047/合同.xlsx", "导入-1047", "第3至4行"),
    ] {
        let path = crate::hand_in::fixture(&format!("broken/导入-{file}"));
        let hand_in = read(&path);
        let of_companies = hand_in.companies.iter().flat_map(|c| &c.problems);
        let problems: Vec<_> = of_companies.chain(&hand_in.problems).collect();
        assert_eq!(problems.len(), 1, "{file}: {problems:?}");
        assert_eq!(problems[0].code, code, "{file}");
        assert!(problems[0].message.contains(words), "{}", problems[0]);
    }
}
