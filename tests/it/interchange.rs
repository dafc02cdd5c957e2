//! Books on their way out and back in: the hand-in folder is the identity, data interfaces keep the books.
//! `scripts/make_interfaces.py` writes fixtures/interfaces: one small book in every data interface.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sanzi::export::{self, ExportOptions, Exported, Interface};
use sanzi::generate::{GenerateOptions, generate};
use sanzi::import::commit::{self, Defects};
use sanzi::import::handin::HandIn;
use sanzi::import::{self, IdHasher, ReadOptions};
use sanzi::ledger::trial_balance::{Row, trial_balance};
use sanzi::ledger::{charts, read, verify};
use sanzi::model::{Chart, ChartHistory, Money, PeriodRange, Severity, Standard, Voucher};
use sanzi::pack::Pack;

use crate::command_line::{sanzi, stderr};
use crate::hand_in::fixture;
use crate::support::{TestStore, now, sqlite, stores};

fn read_in(path: &Path, org: Option<&str>) -> HandIn {
    let (pack, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    let options = ReadOptions {
        org: org.map(str::to_owned),
        rules: &pack,
        ids: &ids,
        known: Default::default(),
        progress: None,
    };
    import::read(path, &options).unwrap()
}

async fn bring_in(test: &TestStore, path: &Path) {
    let hand_in = read_in(path, None);
    let written = commit::commit(&test.store, &hand_in, Defects::Quarantine, now(), |_| {});
    written.await.unwrap();
}

async fn take_out(test: &TestStore, interface: Interface, out: &Path) -> Exported {
    take_out_of(test, interface, out, None, None).await
}

async fn take_out_of(
    test: &TestStore,
    interface: Interface,
    out: &Path,
    org: Option<&str>,
    period: Option<&str>,
) -> Exported {
    let (pack, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    let options = ExportOptions {
        interface,
        org: org.map(str::to_owned),
        period: period.map(|p| PeriodRange::parse(p).unwrap()),
        rules: &pack,
        ids: &ids,
    };
    export::export(&test.store, &options, out, |_| {})
        .await
        .unwrap()
}

/// Every file below a folder with its bytes.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn visit(root: &Path, folder: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                visit(root, &path, out);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    visit(root, root, &mut out);
    out
}

/// The first difference, in lines.
fn difference(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let names: Vec<_> = a.keys().filter(|n| !b.contains_key(*n)).collect();
    let more: Vec<_> = b.keys().filter(|n| !a.contains_key(*n)).collect();
    if !names.is_empty() || !more.is_empty() {
        return Some(format!("only here {names:?}, only there {more:?}"));
    }
    let (name, one, other) = a
        .iter()
        .find_map(|(n, x)| (b[n] != *x).then_some((n, x, &b[n])))?;
    let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
    let mut lines = one.lines().zip(other.lines()).enumerate();
    let differing = lines.find(|(_, (x, y))| x != y);
    Some(format!("{name}: {differing:?}"))
}

/// Bundle → import → bundle on every database; the databases agree with each other.
async fn bundle_is_the_identity(source: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for (n, test) in stores().await.into_iter().enumerate() {
        bring_in(&test, source).await;
        let first = folder.path().join(format!("first{n}"));
        take_out(&test, Interface::Bundle, &first).await;
        for (m, second) in stores().await.into_iter().enumerate() {
            bring_in(&second, &first).await;
            let out = folder.path().join(format!("second{n}{m}"));
            take_out(&second, Interface::Bundle, &out).await;
            assert_eq!(difference(&files(&first), &files(&out)), None);
            same_books(&test, &second).await;
        }
        all.push(files(&first));
    }
    for other in &all[1..] {
        assert_eq!(difference(&all[0], other), None);
    }
    all.swap_remove(0)
}

/// Vouchers without where they stood in a file.
async fn vouchers(test: &TestStore, organisation: &str) -> Vec<Voucher> {
    let mut out = Vec::new();
    for month in read::months(&test.store, organisation).await.unwrap() {
        out.extend(
            read::current(&test.store, organisation, month)
                .await
                .unwrap(),
        );
    }
    for voucher in &mut out {
        voucher.source = Default::default();
        voucher.entries.iter_mut().for_each(|e| e.source_row = 0);
    }
    out
}

async fn same_books(a: &TestStore, b: &TestStore) {
    let books = read::books(a.store.db()).await.unwrap();
    let others = read::books(b.store.db()).await.unwrap();
    let codes = |books: &[sanzi::store::entities::book::Model]| -> Vec<String> {
        books.iter().map(|b| b.organisation.clone()).collect()
    };
    assert_eq!(codes(&books), codes(&others));
    for (book, other) in books.iter().zip(&others) {
        let org = &book.organisation;
        assert_eq!(book.standard, other.standard);
        assert_eq!(vouchers(a, org).await, vouchers(b, org).await, "{org}");
        let chart = charts::history(a.store.db(), org).await.unwrap();
        let again = charts::history(b.store.db(), org).await.unwrap();
        assert_eq!(chart.latest, again.latest, "{org}");
        let charts = |history: &ChartHistory| -> Vec<(i32, Chart)> {
            let earlier = history.earlier.iter();
            earlier.map(|e| (e.last_year, e.chart.clone())).collect()
        };
        assert_eq!(charts(&chart), charts(&again), "{org}");
        let years = |years: Vec<charts::ChartYear>| -> Vec<(i32, Standard)> {
            years.into_iter().map(|y| (y.year, y.standard)).collect()
        };
        let (of, of_again) = (
            charts::years(a.store.db(), org),
            charts::years(b.store.db(), org),
        );
        assert_eq!(
            years(of.await.unwrap()),
            years(of_again.await.unwrap()),
            "{org}"
        );
        let chains = verify::verify(&b.store, Some(org), |_| {}).await.unwrap();
        assert!(chains.iter().all(|c| c.fault.is_none()), "{org}");
    }
}

fn generated(folder: &Path, seed: u64, inject_ppm: u32) -> PathBuf {
    let out = folder.join(format!("street{seed}"));
    let options = GenerateOptions {
        companies: 3,
        postings: 3_000,
        months: 14,
        seed,
        inject_ppm,
        out: out.clone(),
    };
    generate(&options, &|_, _| {}).unwrap();
    out
}

/// A book that changed its chart carries the charts of both, each with the details that only its years have.
#[tokio::test]
async fn a_bundle_carries_the_chart_of_every_year() {
    let bundle = bundle_is_the_identity(&fixture("chart_change")).await;
    let text = |name: &str| String::from_utf8(bundle[name].clone()).unwrap();
    for org in ["CC01", "CC02"] {
        let (now, before) = (
            text(&format!("{org}/科目.csv")),
            text(&format!("{org}/科目2023.csv")),
        );
        assert!(
            now.contains("153,在建工程") && !now.contains("村集体2004"),
            "{now}"
        );
        assert!(before.contains("153,固定资产清理"), "{before}");
        assert!(
            before.lines().skip(1).all(|l| l.ends_with(",村集体2004")),
            "{before}"
        );
    }
}

#[tokio::test]
async fn bundle_import_bundle_is_the_identity_for_generated_streets() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, inject) in [(1, 0), (7, 1_000_000), (42, 300_000)] {
        let street = generated(folder.path(), seed, inject);
        let bundle = bundle_is_the_identity(&street).await;
        // Of what was generated, every table without personal identifiers comes out as it went in.
        let handed_in = files(&street);
        let mut same = 0;
        for (name, bytes) in &handed_in {
            let text = String::from_utf8_lossy(bytes);
            let table = Path::new(name)
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let table = sanzi::model::catalogue().by_file(&table);
            let hashed = |t: &sanzi::model::Table| {
                t.columns
                    .iter()
                    .any(|c| c.kind == sanzi::model::ColumnType::Id)
            };
            let Some(table) = table.filter(|t| !hashed(t) && t.name != "account") else {
                continue;
            };
            // Areas are written without needless zeros.
            if ["resource_parcel", "contract", "inventory_count"].contains(&table.name.as_str()) {
                continue;
            }
            // Vouchers that break a rule of the ledger are kept with fewer columns.
            if table.name == "voucher" && inject > 0 {
                continue;
            }
            let out = bundle.get(name).map(|b| String::from_utf8_lossy(b));
            let differing = out
                .as_ref()
                .and_then(|o| text.lines().zip(o.lines()).find(|(a, b)| a != b));
            assert_eq!(differing, None, "{name}");
            assert_eq!(out.as_deref(), Some(&*text), "{name}");
            same += 1;
        }
        assert!(same > 40, "{same}");
    }
}

#[tokio::test]
async fn bundle_import_bundle_is_the_identity_for_jiufeng() {
    let bundle = bundle_is_the_identity(&fixture("jiufeng")).await;
    for name in [
        "单位.csv",
        "JF01/凭证.csv",
        "JF02/期初余额.csv",
        "JF03/科目.csv",
        "JF04/合同.csv",
    ] {
        assert!(bundle.contains_key(name), "{name}: {:?}", bundle.keys());
    }
    let accounts = String::from_utf8_lossy(&bundle["JF01/银行账户.csv"]);
    assert!(accounts.contains("id:"), "{accounts}");
    assert!(!accounts.contains("8200010001"));
}

#[tokio::test]
async fn defective_void_and_double_vouchers_stand_in_the_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let company = folder.path().join("in/C01");
    fs::create_dir_all(&company).unwrap();
    let head = "日期,凭证字,凭证号,分录号,摘要,科目编码,借方金额,贷方金额,作废,会计期间\n";
    let rows = "\
        2024-01-05,记,1,1,收,1001,60,,,\n2024-01-05,记,1,2,收,5051,,60,,\n\
        2024-01-06,记,2,1,差一元,1001,9,,,\n2024-01-06,记,2,2,差一元,5051,,8,,\n\
        2024-01-08,,,1,没有字号,1001,5,,,\n,,,2,没有字号,5051,,5,,\n\
        2024-01-07,记,3,1,作废了,1001,7,,是,\n2024-01-07,记,3,2,作废了,5051,,7,是,\n\
        2024-02-30,记,4,1,没有这一天,1001,3,,,\n2024-02-30,记,4,2,没有这一天,5051,,3,,\n\
        2024-03-02,记,5,1,期间不符,1001,3,,,2024-02\n2024-03-02,记,5,2,期间不符,5051,,3,,2024-02\n";
    fs::write(company.join("凭证.csv"), format!("{head}{rows}")).unwrap();
    let again = "2024-01-05,记,9,1,甲,1001,1,,,\n2024-01-05,记,9,2,甲,5051,,1,,\n";
    fs::write(company.join("凭证_1.csv"), format!("{head}{again}")).unwrap();
    let other = again.replace("甲", "乙").replace(",1,", ",2,");
    let other = other.replace("记,9,2,乙,1001", "记,9,1,乙,1001");
    fs::write(company.join("凭证_2.csv"), format!("{head}{other}")).unwrap();
    let test = sqlite().await;
    bring_in(&test, &folder.path().join("in")).await;
    let first = folder.path().join("first");
    let exported = take_out(&test, Interface::Bundle, &first).await;
    assert_eq!((exported.vouchers, exported.left_out), (1, 0));
    assert_eq!(exported.held, 7);
    let bundle = bundle_is_the_identity(&first).await;
    assert_eq!(difference(&files(&first), &bundle), None);
    assert!(
        bundle.contains_key("C01/凭证2.csv"),
        "two vouchers of one number"
    );
    let text = String::from_utf8_lossy(&bundle["C01/凭证.csv"]);
    assert!(text.contains("2024-02-30,记,0004"), "{text}");
    assert_eq!(text.matches("作废了").count(), 2);
}

/// The names of `make_interfaces.py`'s folders, and whether the interface holds opening balances and void vouchers.
const INTERFACES: [(&str, &str, bool, bool); 6] = [
    ("gbt24589-2010", "GB/T 24589.1-2010", true, true),
    ("gbt24589-2024-json", "GB/T 24589.1-2024", true, true),
    ("gbt24589-2024-xml", "GB/T 24589.1-2024", true, true),
    ("gbt19581-2004", "GB/T 19581-2004", true, true),
    ("saft", "SAF-T Financial", true, false),
    ("kis-dbf", "金蝶 KIS 凭证(DBF)", false, false),
];

async fn balance_of(hand_in: &HandIn) -> Vec<Row> {
    let test = sqlite().await;
    let written = commit::commit(&test.store, hand_in, Defects::Refuse, now(), |_| {});
    let receipt = written.await.unwrap();
    assert!(
        !receipt.companies[0].refused,
        "{}: {:?}",
        hand_in.label, hand_in.companies[0].problems
    );
    let period = PeriodRange::parse("2024-01..2024-02").unwrap();
    let balance = trial_balance(test.store.db(), "C01", period).await.unwrap();
    balance.rows
}

#[tokio::test]
async fn every_data_interface_gives_the_same_book() {
    let root = fixture("interfaces");
    let neutral = read_in(&root.join("neutral"), Some("C01"));
    let reference = balance_of(&neutral).await;
    let cash = reference.iter().find(|r| r.account == "1001").unwrap();
    let moved = (
        cash.opening_debit,
        cash.debit,
        cash.credit,
        cash.closing_debit,
    );
    assert_eq!(
        moved,
        (Money(80_000), Money(120_000), Money(30_000), Money(170_000))
    );
    for (name, layout, opens, voids) in INTERFACES {
        let hand_in = read_in(&root.join(name), Some("C01"));
        let company = &hand_in.companies[0];
        let doubts: Vec<_> = company
            .problems
            .iter()
            .filter(|p| p.severity != Severity::Note)
            .collect();
        assert!(doubts.is_empty(), "{name}: {doubts:?}");
        let vouchers = hand_in
            .files
            .iter()
            .find(|f| f.taken >= 8 && f.layout.starts_with(layout));
        assert!(vouchers.is_some(), "{name}: {:?}", hand_in.files);
        for file in &hand_in.files {
            let counted = file.heads + file.taken + file.set_aside.len() as u32 + file.refused;
            assert_eq!(file.rows, counted, "{name}: {file:?}");
        }
        assert_eq!(company.held.len(), usize::from(voids), "{name}");
        let rent = &company.vouchers[0].entries[1];
        let party = if opens { Some("甲商贸") } else { None };
        assert_eq!(rent.counterparty.as_deref(), party, "{name}");
        let balance = balance_of(&hand_in).await;
        if opens {
            assert_eq!(balance, reference, "{name}");
            let openings = &company.openings[0].entries;
            let parties = openings.iter().filter(|e| e.counterparty.is_some()).count();
            assert_eq!(parties, if name == "saft" { 0 } else { 2 }, "{name}");
        } else {
            let moved = |rows: &[Row]| -> Vec<(String, Money, Money)> {
                let moved = rows
                    .iter()
                    .filter(|r| !(r.debit.is_zero() && r.credit.is_zero()));
                moved
                    .map(|r| (r.account.clone(), r.debit, r.credit))
                    .collect()
            };
            assert_eq!(moved(&balance), moved(&reference), "{name}");
        }
    }
}

#[test]
fn balances_that_do_not_follow_from_the_vouchers_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = fixture("interfaces").join("gbt24589-2024-json");
    let text = fs::read_to_string(root.join("数据.json")).unwrap();
    let wrong = text.replace(
        "\"期末本币余额\": \"1700.00\"",
        "\"期末本币余额\": \"1700.01\"",
    );
    assert_ne!(text, wrong);
    fs::write(folder.path().join("数据.json"), wrong).unwrap();
    let hand_in = read_in(folder.path(), Some("C01"));
    let told: Vec<_> = hand_in.companies[0]
        .problems
        .iter()
        .filter(|p| p.code == "导入-1032")
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].message.contains("1,700.01"), "{}", told[0]);
}

/// What an interface has no place for.
fn without(vouchers: &mut [Voucher], saft: bool) {
    for voucher in vouchers {
        voucher.entered_at = None;
        voucher.reverses = None;
        if saft {
            voucher.attachments = None;
            voucher.checker = None;
            voucher.poster = None;
            voucher.cashier = None;
            voucher.origin = None;
        }
        for entry in &mut voucher.entries {
            entry.account_name = None;
        }
    }
}

#[tokio::test]
async fn data_interfaces_keep_vouchers_accounts_and_balances() {
    let folder = tempfile::tempdir().unwrap();
    let street = generated(folder.path(), 5, 0);
    let test = sqlite().await;
    bring_in(&test, &street).await;
    for (interface, name) in [
        (Interface::Gbt24589Xml, "xml"),
        (Interface::Gbt24589Json, "json"),
        (Interface::Saft, "saft"),
    ] {
        let out = folder.path().join(name);
        let exported = take_out(&test, interface, &out).await;
        assert_eq!(exported.organisations, 3);
        // The interfaces do not know 单位: the folder of the street gives it.
        fs::copy(street.join("单位.csv"), out.join("单位.csv")).unwrap();
        let hand_in = read_in(&out, None);
        for company in &hand_in.companies {
            let doubts: Vec<_> = company
                .problems
                .iter()
                .filter(|p| p.severity != Severity::Note)
                .collect();
            assert!(doubts.is_empty(), "{name}: {doubts:?}");
        }
        let back = sqlite().await;
        let written = commit::commit(&back.store, &hand_in, Defects::Refuse, now(), |_| {});
        written.await.unwrap();
        for book in read::books(test.store.db()).await.unwrap() {
            let org = &book.organisation;
            let mut there = vouchers(&test, org).await;
            let mut here = vouchers(&back, org).await;
            // A later year's opening balances only repeat where the year before ended.
            let openings = |v: &[Voucher]| v.iter().filter(|v| v.id.is_opening()).count();
            assert_eq!((openings(&there), openings(&here)), (2, 1));
            there.retain(|v| !v.id.is_opening());
            here.retain(|v| !v.id.is_opening());
            without(&mut there, interface == Interface::Saft);
            without(&mut here, interface == Interface::Saft);
            assert_eq!(there.len(), here.len(), "{name} {org}");
            for (x, y) in there.iter().zip(&here) {
                assert_eq!(x, y, "{name} {org}");
            }
            let names = |chart: sanzi::model::Chart| -> Vec<(String, String)> {
                let accounts = chart.accounts.into_values();
                accounts
                    .map(|a| (a.code.to_string(), a.name.to_string()))
                    .collect()
            };
            let chart = charts::history(test.store.db(), org).await.unwrap();
            let again = charts::history(back.store.db(), org).await.unwrap();
            assert_eq!(names(chart.latest), names(again.latest), "{name} {org}");
            for period in ["2024-01..2024-12", "2025-01..2025-02", "2024-07"] {
                let period = PeriodRange::parse(period).unwrap();
                let before = trial_balance(test.store.db(), org, period).await.unwrap();
                let after = trial_balance(back.store.db(), org, period).await.unwrap();
                assert_eq!(before.rows, after.rows, "{name} {org} {period}");
            }
        }
    }
}

#[tokio::test]
async fn part_of_a_book_begins_where_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    let street = generated(folder.path(), 3, 0);
    let test = sqlite().await;
    bring_in(&test, &street).await;
    let org = read::books(test.store.db())
        .await
        .unwrap()
        .remove(0)
        .organisation;
    let period = PeriodRange::parse("2024-05..2024-08").unwrap();
    let whole = trial_balance(test.store.db(), &org, period).await.unwrap();
    for (interface, name) in [
        (Interface::Bundle, "bundle"),
        (Interface::Gbt24589Xml, "xml"),
    ] {
        let out = folder.path().join(name);
        let exported =
            take_out_of(&test, interface, &out, Some(&org), Some("2024-05..2024-08")).await;
        assert_eq!(exported.organisations, 1);
        let back = sqlite().await;
        if name == "xml" {
            fs::copy(street.join("单位.csv"), out.join("单位.csv")).unwrap();
        }
        bring_in(&back, &out).await;
        let part = trial_balance(back.store.db(), &org, period).await.unwrap();
        assert_eq!(whole.rows, part.rows, "{name}");
        let months = read::months(&back.store, &org).await.unwrap();
        let first = months.iter().find(|m| m.month != 1).unwrap();
        assert_eq!(
            (first.month, months.last().unwrap().month),
            (5, 8),
            "{name}"
        );
    }
}

#[test]
fn parquet_holds_what_arrow_holds() {
    use datafusion::arrow::array::RecordBatch;
    use datafusion::arrow::compute::concat_batches;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let folder = tempfile::tempdir().unwrap();
    let street = fixture("jiufeng").display().to_string();
    for form in ["arrow", "parquet"] {
        let args = [
            "export",
            &street,
            "--out",
            form,
            "--format",
            form,
            "--db",
            "sqlite://x.db",
        ];
        let output = sanzi(folder.path(), &args);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let at = |form: &str, name: &str| folder.path().join(form).join(format!("{name}.{form}"));
    for name in [
        "table/entry",
        "table/contract",
        "table/organisation",
        "mart/payment",
    ] {
        let arrow = fs::File::open(at("arrow", name)).unwrap();
        let arrow = datafusion::arrow::ipc::reader::FileReader::try_new(arrow, None).unwrap();
        let schema = arrow.schema();
        let arrow: Vec<RecordBatch> = arrow.map(Result::unwrap).collect();
        let parquet = fs::File::open(at("parquet", name)).unwrap();
        let parquet = ParquetRecordBatchReaderBuilder::try_new(parquet)
            .unwrap()
            .build()
            .unwrap();
        let parquet: Vec<RecordBatch> = parquet.map(Result::unwrap).collect();
        assert!(
            parquet.iter().map(RecordBatch::num_rows).sum::<usize>() > 0,
            "{name}"
        );
        let arrow = concat_batches(&schema, &arrow).unwrap();
        let parquet = concat_batches(&parquet[0].schema(), &parquet).unwrap();
        assert_eq!(arrow, parquet, "{name}");
    }
}

#[test]
fn an_export_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let street = fixture("jiufeng").display().to_string();
    let args = ["export", &street, "--out", "账套", "--format", "bundle"];
    let output = sanzi(at, &args);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(at.join("账套/JF01/凭证.csv").exists());
    let names: Vec<_> = fs::read_dir(at)
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    assert_eq!(names, ["账套"], "no database, no folder under way");
    let args = [
        "export", &street, "--out", "一家", "--format", "saft", "--org", "JF02",
    ];
    let output = sanzi(at, &args);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(files(&at.join("一家")).len(), 1);
}
