//! The reader from outside: every code has a broken hand-in, layouts are recognised, rows are accounted for, damage is no
//! panic.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::model::{HeldReason, Money, Severity};

mod traps;

fn options<'a>(rules: &'a Pack, ids: &'a IdHasher, org: Option<&str>) -> ReadOptions<'a> {
    ReadOptions {
        org: org.map(str::to_owned),
        rules,
        ids,
        known: Default::default(),
        progress: None,
    }
}

fn read_at(path: &Path, org: Option<&str>) -> Result<HandIn, ImportError> {
    let (rules, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    read(path, &options(&rules, &ids, org))
}

/// Reads files given as (name, bytes) as the hand-in of C01.
fn read_files(files: &[(&str, &[u8])]) -> HandIn {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    read_at(folder.path(), Some("C01")).unwrap()
}

/// A full sheet ends in the middle of a voucher, and the next one goes on with it.
#[test]
fn a_voucher_that_two_sheets_share_is_one() {
    let header = [
        "凭证字号",
        "日期",
        "摘要",
        "科目编码",
        "借方金额",
        "贷方金额",
    ];
    let rows = [
        ["记-1", "2024-03-01", "收租金", "1001", "100", ""],
        ["记-1", "2024-03-01", "收租金", "5001", "", "100"],
        ["记-2", "2024-03-02", "购用品", "1001", "", "30"],
        ["记-2", "2024-03-02", "购用品", "5602", "10", ""],
        ["记-2", "2024-03-02", "购用品", "5602", "20", ""],
    ];
    let cut_at = |cut: usize| {
        let mut book = rust_xlsxwriter::Workbook::new();
        for part in [&rows[..cut], &rows[cut..]] {
            let sheet = book.add_worksheet();
            for (row, cells) in (0u32..).zip([&header].into_iter().chain(part)) {
                sheet.write_row(row, 0, *cells).unwrap();
            }
        }
        read_files(&[("序时账.xlsx", &book.save_to_buffer().unwrap())])
    };
    for cut in [2, 3, 4] {
        let hand_in = cut_at(cut);
        let company = &hand_in.companies[0];
        let found: Vec<(String, u32, usize)> = company
            .vouchers
            .iter()
            .map(|v| (v.id.to_string(), v.source.row, v.entries.len()))
            .collect();
        let second = if cut == 2 { 2 } else { 4 };
        let want = [
            ("2024-03-记-0001".to_owned(), 2, 2),
            ("2024-03-记-0002".to_owned(), second, 3),
        ];
        assert_eq!(found, want, "cut at {cut}: {:?}", company.problems);
    }
}

/// Everything that a reading found, in words.
fn told(read: Result<folder::Found, ImportError>) -> String {
    match read {
        Ok(found) => format!("{:#?}", found.hand_in()),
        Err(error) => error.to_string(),
    }
}

/// All files that are read in blocks are found to hold what a whole reading finds: sound and broken ones, every layout.
#[test]
fn in_blocks_as_in_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (rules, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    let pieces = [Pieces::default(), Pieces::default()];
    for kind in [
        "broken",
        "cases",
        "chart_change",
        "exports",
        "interfaces",
        "layouts",
        "mapping",
    ] {
        let folders = fs::read_dir(root.join(kind))
            .unwrap()
            .map(|f| f.unwrap().path());
        for path in folders.chain([root.join("jiufeng")]).filter(|p| p.is_dir()) {
            let read = |long, pieces| {
                let mut options = options(&rules, &ids, None);
                options.progress = Some(pieces);
                let mut context = Context::new(&options, None).unwrap();
                context.long = long;
                told(folder::read(&path, &context))
            };
            let whole = read(
                long::Long {
                    from: u64::MAX,
                    block: 0,
                },
                &pieces[0],
            );
            let blocks = read(
                long::Long {
                    from: 0,
                    block: 300,
                },
                &pieces[1],
            );
            assert_eq!(blocks, whole, "{}", path.display());
        }
    }
    let [whole, blocks] = pieces.map(|p| p.0.into_inner());
    assert!(blocks > 5 * whole, "{blocks} pieces, {whole} files");
}

/// How many pieces were read.
#[derive(Default)]
struct Pieces(std::sync::atomic::AtomicU64);

impl Progress for Pieces {
    fn rows(&self, _: u64) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// The same for what people and disks do to files.
#[test]
fn in_blocks_as_in_whole_when_damaged() {
    let (rules, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    let options = options(&rules, &ids, Some("C01"));
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let text = journal();
    let quote = text.replacen(",b,5602", ",\"b,5602", 1);
    let wide = format!("{text}{}\n", "1,".repeat(20_000));
    let files = [
        text.clone().into_bytes(),
        gbk(&text),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [text.as_bytes(), b"\xff\xff\n"].concat(),
        [gbk(&text).as_slice(), b"\xff\xff\n"].concat(),
        [b"\xef\xbb\xbf", text.as_bytes(), b"\xff\n"].concat(),
        quote.clone().into_bytes(),
        gbk(&quote),
        wide.into_bytes(),
        format!("{text}\u{1a}").into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for bytes in files {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("序时账.csv"), &bytes).unwrap();
        let read = |long| {
            let mut context = Context::new(&options, None).unwrap();
            context.long = long;
            told(folder::read(folder.path(), &context))
        };
        let whole = read(long::Long {
            from: u64::MAX,
            block: 0,
        });
        assert_eq!(
            read(long::Long {
                from: 0,
                block: 100
            }),
            whole
        );
    }
}

fn codes_in(hand_in: &HandIn) -> BTreeSet<&str> {
    let companies = hand_in.companies.iter().flat_map(|c| &c.problems);
    companies
        .chain(&hand_in.problems)
        .map(|p| p.code.as_ref())
        .collect()
}

fn rows_are_accounted_for(hand_in: &HandIn) -> bool {
    hand_in
        .files
        .iter()
        .all(|f| f.rows == f.heads + f.taken + f.set_aside.len() as u32 + f.refused)
}

#[test]
fn a_row_of_endless_columns_is_refused_where_it_stands() {
    let head = "日期,凭证字,凭证号,摘要,科目编码,借方金额,贷方金额\n";
    let wide = format!("{head}{}", "1,".repeat(20_000));
    let hand_in = read_files(&[("凭证.csv", wide.as_bytes())]);
    let problems = hand_in.companies.iter().flat_map(|c| &c.problems);
    let huge: Vec<_> = problems
        .filter(|p| p.code == codes::FILE_HUGE.code)
        .collect();
    assert_eq!(huge.len(), 1);
    assert_eq!(huge[0].place.row, Some(2));
    assert!(rows_are_accounted_for(&hand_in));
    assert_eq!(hand_in.files[0].taken, 0);
}

#[test]
fn every_code_has_a_broken_hand_in_that_yields_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/broken");
    let mut seen = BTreeSet::new();
    for folder in fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap();
        let code = folder.file_name().to_string_lossy().into_owned();
        let mut path = folder.path();
        if let Ok(open) = fs::read_to_string(path.join("open.txt")) {
            path = path.join(open.trim());
        }
        let pack = match folder.path().join("rules") {
            rules if rules.is_dir() => Pack::from_dir(&rules).unwrap(),
            _ => Pack::embedded(),
        };
        let ids = IdHasher::new(b"test");
        match read(&path, &options(&pack, &ids, None)) {
            Ok(hand_in) => {
                let found = codes_in(&hand_in);
                assert!(found.contains(code.as_str()), "{code}: found {found:?}");
                assert!(
                    rows_are_accounted_for(&hand_in),
                    "{code}: {:?}",
                    hand_in.files
                );
            }
            Err(error) => assert_eq!(error.code(), code),
        }
        seen.insert(code);
    }
    let all: BTreeSet<String> = codes::ALL.iter().map(|c| c.code.to_owned()).collect();
    assert_eq!(seen, all);
}

const KIS: &str = "审核,复核,过账,日期,会计期间,凭证字号,摘要,科目代码,科目名称,币别,汇率,原币金额,借方,贷方,制单,审核人,\
出纳人,核准,过账人,经办,批注,结算方式,结算号,数量,单价,参考信息,业务日期,往来业务,附件数,序号,系统模块,业务描述";

/// A line of the KIS layout from the columns that matter.
fn kis(cells: [&str; 8]) -> String {
    let [date, period, no, summary, code, name, debit, credit] = cells;
    format!(
        ",,,{date},{period},{no},{summary},{code},{name},人民币,1,,{debit},{credit},张某,李某,,,王某,,,,,,,,2024-09-09,,,,,"
    )
}

#[test]
fn reads_kis_with_heads_on_first_lines_and_ties_out() {
    let text = [
        "甲公司 会计分录序时簿".to_owned(),
        KIS.to_owned(),
        kis([
            "2024-05-06",
            "2024.5",
            "记 - 79",
            "收\"",
            "1002.13.09",
            "银行存款 - 农商行",
            "100.5",
            "",
        ]),
        kis(["", "", "", "", "5001", "主营业务收入", "", "100.5"]),
        kis([
            "2024-10-08",
            "2024.1",
            "记 - 80",
            "红冲",
            "5602.01",
            "管理费用 - 办公费",
            "-7",
            "",
        ]),
        kis(["", "", "", "", "1002.13.09", "银行存款 - 农商行", "", "-7"]),
        kis(["", "", "", "合计", "", "", "93.50", "93.50"]),
    ]
    .join("\r\n");
    let hand_in = read_files(&[("随便.csv", text.replace("收\"", "收").as_bytes())]);
    let company = &hand_in.companies[0];
    assert!(!company.has_errors(), "{:?}", company.problems);
    assert_eq!(hand_in.files[0].layout, "金蝶 KIS/K3 序时簿");
    let ids: Vec<String> = company.vouchers.iter().map(|v| v.id.to_string()).collect();
    assert_eq!(ids, ["2024-05-记-0079", "2024-10-记-0080"]);
    assert_eq!(company.vouchers[1].entries[0].debit, Money(-700));
    assert_eq!(company.vouchers[0].maker.as_deref(), Some("张某"));
    assert_eq!(company.vouchers[0].checker.as_deref(), Some("李某"));
    assert_eq!(company.vouchers[0].date.to_string(), "2024-05-06");
    assert_eq!(
        company.chart.account("1002.13.09").unwrap().name.as_str(),
        "农商行"
    );
    assert!(company.chart_evidence.contains("小企业"));
    assert!(rows_are_accounted_for(&hand_in));
    assert_eq!(hand_in.files[0].set_aside.len(), 1);
}

#[test]
fn reads_yonyou_in_gbk_with_line_breaks_and_refuses_a_wrong_total() {
    let text = "日期,凭证号数,科目编码,科目名称,摘要,方向,数量,外币,金额\r\n\
        2026.01.05,记-0001,1002,银行存款,\"收\r\n租金\",借,,,100.00\r\n\
        2026.01.05,记-0001,5001,主营业务收入,收租金,贷,,,100.00\r\n\
        ,,,,合计,借,,,100.00\r\n,,,,合计,贷,,,100.00\r\n";
    let gbk = |t: &str| encoding_rs::GB18030.encode(t).0.into_owned();
    let hand_in = read_files(&[("导出.csv", &gbk(text))]);
    let company = &hand_in.companies[0];
    assert!(!company.has_errors(), "{:?}", company.problems);
    assert_eq!(hand_in.files[0].encoding, "GB18030");
    assert_eq!(hand_in.files[0].layout, "用友 U8/T3 序时账");
    assert_eq!(
        company.vouchers[0].entries[0].summary.as_deref(),
        Some("收 租金")
    );
    let wrong = text.replace(",,,,合计,贷,,,100.00", ",,,,合计,贷,,,100.01");
    let hand_in = read_files(&[("导出.csv", &gbk(&wrong))]);
    assert!(codes_in(&hand_in).contains(codes::TOTAL_DIFFERS.code));
}

const NEUTRAL: &str = "日期,凭证字,凭证号,分录号,摘要,科目编码,借方金额,贷方金额\n";

#[test]
fn row_order_does_not_matter_when_heads_and_lines_are_complete() {
    let rows = [
        "2024-01-05,记,1,1,a,1002,60,",
        "2024-01-05,记,1,2,a,1001,40,",
        "2024-01-05,记,1,3,a,5001,,100",
        "2024-01-06,记,2,1,b,5602,9,",
        "2024-01-06,记,2,2,b,1001,,9",
    ];
    let straight = format!("{NEUTRAL}{}", rows.join("\n"));
    let mut turned = rows;
    turned.reverse();
    turned.swap(0, 3);
    let turned = format!("{NEUTRAL}{}", turned.join("\n"));
    let strip = |text: &str| {
        let mut vouchers = read_files(&[("凭证.csv", text.as_bytes())])
            .companies
            .remove(0)
            .vouchers;
        for voucher in &mut vouchers {
            voucher.source.row = 0;
            voucher.entries.iter_mut().for_each(|e| e.source_row = 0);
        }
        vouchers
    };
    assert_eq!(strip(&straight).len(), 2);
    assert_eq!(strip(&straight), strip(&turned));
}

#[test]
fn a_defective_voucher_is_held_as_handed_in_and_the_rest_is_read() {
    let text = format!(
        "{NEUTRAL}2024-02-30,记,1,1,a,1002,60,\n2024-02-30,记,1,2,a,5001,,60\n\
         2024-02-28,记,2,1,a,1002,5,\n2024-02-28,记,2,2,a,5001,,5\n"
    );
    let hand_in = read_files(&[("凭证.csv", text.as_bytes())]);
    let company = &hand_in.companies[0];
    assert_eq!(company.vouchers.len(), 1);
    let held = &company.held[0];
    assert_eq!(
        (held.reason, &*held.date_text),
        (HeldReason::Defective, "2024-02-30")
    );
    assert_eq!(held.voucher.date.to_string(), "2024-02-01");
    assert_eq!(held.voucher.debit(), Money(6_000));
    assert!(
        company
            .problems
            .iter()
            .any(|p| p.severity == Severity::Error)
    );
    assert!(rows_are_accounted_for(&hand_in));
}

#[test]
fn workbook_and_csv_give_the_same_book() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("凭证").unwrap();
    let text =
        format!("{NEUTRAL}2024-01-05,记,1,1,a,1002,60.25,\n2024-01-05,记,1,2,a,5001,,60.25\n");
    for (r, line) in text.lines().enumerate() {
        for (c, cell) in line.split(',').enumerate() {
            let (r, c) = (r as u32, c as u16);
            match cell.parse::<f64>() {
                Ok(n) => sheet.write_number(r, c, n).unwrap(),
                Err(_) => sheet.write_string(r, c, cell).unwrap(),
            };
        }
    }
    let mut from_book = read_files(&[("账套.xlsx", &book.save_to_buffer().unwrap())]);
    let mut from_csv = read_files(&[("凭证.csv", text.as_bytes())]);
    let take = |h: &mut HandIn| h.companies.remove(0).vouchers.remove(0).entries;
    assert_eq!(take(&mut from_book), take(&mut from_csv));
}

fn journal() -> String {
    format!(
        "{NEUTRAL}2024-01-05,记,1,1,\"收,租\",1002,60.25,\n2024-01-05,记,1,2,a,5001,,60.25\n\
         ,,,,合计,,60.25,60.25\n2024-01-06,记,2,1,b,5602,9,\n2024-01-06,记,2,2,b,1001,,9\n"
    )
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("凭证").unwrap();
    for (r, line) in journal().lines().enumerate() {
        for (c, cell) in line.split(',').enumerate() {
            sheet.write_string(r as u32, c as u16, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

const EXPORTS: [&[u8]; 9] = [
    include_bytes!("../../fixtures/layouts/u8-xls/序时账.xls"),
    include_bytes!("../../fixtures/layouts/u8-xls-biff5-bytes-936/序时账.xls"),
    include_bytes!("../../fixtures/layouts/u8-xls-html/序时账.xls"),
    include_bytes!("../../fixtures/layouts/u8-xls-tabs/序时账.xls"),
    include_bytes!("../../fixtures/exports/nc/NC序时账.xls"),
    include_bytes!("../../fixtures/exports/nc/科目辅助余额表.xls"),
    include_bytes!("../../fixtures/exports/u8-text/凭证.txt"),
    include_bytes!("../../fixtures/exports/bank-two-sides/对账单.csv"),
    include_bytes!("../../fixtures/exports/kis/科目余额表.xlsx"),
];

fn damage(mut bytes: Vec<u8>, cut: usize, flips: &[(usize, u8)]) -> Vec<u8> {
    for (at, value) in flips {
        let at = at % bytes.len();
        bytes[at] ^= value;
    }
    bytes.truncate(bytes.len() - cut % bytes.len());
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_text_is_no_panic_and_loses_no_row(
        cut in 0usize..200, flips in proptest::collection::vec((0usize..9999, 0u8..=255), 0..6)
    ) {
        let bytes = damage(journal().into_bytes(), cut, &flips);
        prop_assert!(rows_are_accounted_for(&read_files(&[("凭证.csv", &bytes)])));
    }

    #[test]
    fn damaged_workbooks_are_no_panic(
        cut in 0usize..400, flips in proptest::collection::vec((0usize..99_999, 0u8..=255), 0..6)
    ) {
        let bytes = damage(workbook(), cut, &flips);
        prop_assert!(rows_are_accounted_for(&read_files(&[("账套.xlsx", &bytes)])));
    }

    #[test]
    fn damaged_exports_are_no_panic(
        kind in 0usize..EXPORTS.len(), cut in 0usize..400, flips in proptest::collection::vec((0usize..9999, 0u8..=255), 0..6)
    ) {
        let bytes = damage(EXPORTS[kind].to_vec(), cut, &flips);
        prop_assert!(rows_are_accounted_for(&read_files(&[("序时账.xls", &bytes)])));
    }
}

/// Prints what is read of a folder: `SANZI_LOOK=… cargo test look -- --ignored --nocapture`.
#[test]
#[ignore = "a tool for looking at a folder"]
fn look() {
    let Ok(path) = std::env::var("SANZI_LOOK") else {
        return;
    };
    let hand_in = read_at(Path::new(&path), None).unwrap();
    for file in &hand_in.files {
        let aside = file.set_aside.len();
        println!(
            "{} {} {} {}={}+{}+{aside}+{}",
            file.place, file.layout, file.encoding, file.rows, file.heads, file.taken, file.refused
        );
    }
    for c in &hand_in.companies {
        println!(
            "{} {} vouchers {} held {} openings {}",
            c.organisation,
            c.chart_evidence,
            c.vouchers.len(),
            c.held.len(),
            c.openings.len()
        );
    }
    let companies = hand_in.companies.iter().flat_map(|c| &c.problems);
    for problem in companies.chain(&hand_in.problems) {
        println!("{problem}");
    }
    assert!(rows_are_accounted_for(&hand_in));
}
