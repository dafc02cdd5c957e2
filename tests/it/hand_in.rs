//! Hand-ins end to end, on each database: whole or not at all, twice as once, more and changed vouchers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sanzi::import::commit::{self, Defects, Receipt};
use sanzi::import::handin::HandIn;
use sanzi::import::{self, IdHasher, ReadOptions};
use sanzi::ledger::trial_balance::trial_balance;
use sanzi::ledger::verify;
use sanzi::model::{Money, PeriodRange};
use sanzi::pack::Pack;
use sanzi::store::Store;
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{TestStore, now, stores};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

pub fn read(path: &Path, org: Option<&str>) -> HandIn {
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

pub async fn write(store: &Store, hand_in: &HandIn, defects: Defects) -> Receipt {
    commit::commit(store, hand_in, defects, now(), |_| {})
        .await
        .unwrap()
}

async fn count(store: &Store, sql: &str) -> i64 {
    let statement = Statement::from_string(store.db().get_database_backend(), sql);
    store
        .db()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap()
}

async fn sound(store: &Store) {
    for report in verify::verify(store, None, |_| {}).await.unwrap() {
        assert_eq!(report.fault, None, "{}", report.organisation);
    }
}

#[tokio::test]
async fn a_street_comes_in_once_however_often_it_is_handed_in() {
    let hand_in = read(&fixture("jiufeng"), None);
    for TestStore { store, .. } in &stores().await {
        let first = write(store, &hand_in, Defects::Quarantine).await;
        assert_eq!(first.companies.len(), 4);
        assert!(
            first
                .companies
                .iter()
                .all(|c| c.posted.added > 300 && c.posted.revised == 0)
        );
        let entries = count(store, "SELECT COUNT(*) FROM entry").await;
        let again = write(store, &read(&fixture("jiufeng"), None), Defects::Quarantine).await;
        assert_eq!(again.batch, None, "{again:?}");
        assert_eq!(count(store, "SELECT COUNT(*) FROM batch").await, 1);
        assert_eq!(count(store, "SELECT COUNT(*) FROM entry").await, entries);
        sound(store).await;
    }
}

#[tokio::test]
async fn both_databases_give_the_same_chains() {
    let hand_in = read(&fixture("jiufeng"), None);
    let mut heads = Vec::new();
    for TestStore { store, .. } in &stores().await {
        write(store, &hand_in, Defects::Quarantine).await;
        let reports = verify::verify(store, None, |_| {}).await.unwrap();
        heads.push(reports.into_iter().map(|r| r.head).collect::<Vec<_>>());
    }
    assert!(heads.windows(2).all(|w| w[0] == w[1]));
}

#[tokio::test]
async fn a_book_with_a_defect_is_refused_whole_and_the_others_come_in() {
    let hand_in = read(&fixture("jiufeng"), None);
    for TestStore { store, .. } in &stores().await {
        let receipt = write(store, &hand_in, Defects::Refuse).await;
        let refused: Vec<&str> = receipt
            .companies
            .iter()
            .filter(|c| c.refused)
            .map(|c| c.organisation.as_str())
            .collect();
        assert_eq!(refused, ["JF03"]);
        assert_eq!(
            count(
                store,
                "SELECT COUNT(*) FROM voucher WHERE organisation = 'JF03'"
            )
            .await,
            0
        );
        assert_eq!(
            count(store, "SELECT COUNT(*) FROM contract WHERE owner = 'JF03'").await,
            0
        );
        assert_eq!(count(store, "SELECT COUNT(*) FROM held_voucher").await, 0);
        // With quarantine the sound rest comes in and the defective voucher is kept aside.
        let receipt = write(store, &hand_in, Defects::Quarantine).await;
        assert_eq!(receipt.companies.iter().map(|c| c.held).sum::<u64>(), 1);
        assert!(
            count(
                store,
                "SELECT COUNT(*) FROM voucher WHERE organisation = 'JF03'"
            )
            .await
                > 300
        );
        sound(store).await;
    }
}

/// The neutral company's folder in a temporary place, its vouchers as lines.
pub struct Copy {
    pub folder: tempfile::TempDir,
    pub lines: Vec<String>,
}

impl Copy {
    pub fn new() -> Copy {
        let folder = tempfile::tempdir().unwrap();
        {
            let file = "单位.csv";
            fs::copy(fixture("jiufeng").join(file), folder.path().join(file)).unwrap();
        }
        let company = folder.path().join("JF01");
        fs::create_dir(&company).unwrap();
        for file in ["科目.csv", "期初余额.csv", "合同.csv"] {
            fs::copy(fixture("jiufeng/JF01").join(file), company.join(file)).unwrap();
        }
        let text = fs::read_to_string(fixture("jiufeng/JF01/凭证.csv")).unwrap();
        let lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .map(str::to_owned)
            .collect();
        Copy { folder, lines }
    }

    pub fn hand_in(&self, lines: &[String]) -> HandIn {
        fs::write(
            self.folder.path().join("JF01/凭证.csv"),
            lines.join("\n") + "\n",
        )
        .unwrap();
        read(self.folder.path(), None)
    }

    /// Lines up to the end of a month, whose dates begin so.
    pub fn until(&self, before: &str) -> Vec<String> {
        let data = self.lines[1..].iter().filter(|l| l.as_str() < before);
        std::iter::once(&self.lines[0])
            .chain(data)
            .cloned()
            .collect()
    }
}

#[tokio::test]
async fn a_later_export_adds_only_what_is_new() {
    let copy = Copy::new();
    for TestStore { store, .. } in &stores().await {
        let first = write(
            store,
            &copy.hand_in(&copy.until("2025-07")),
            Defects::Refuse,
        )
        .await;
        let second = write(store, &copy.hand_in(&copy.lines), Defects::Refuse).await;
        let (a, b) = (&first.companies[0].posted, &second.companies[0].posted);
        assert!(a.added > 200 && b.added > 50, "{a:?} {b:?}");
        assert_eq!((b.unchanged, b.revised), (a.added, 0));
        sound(store).await;
    }
}

#[tokio::test]
async fn a_changed_voucher_stands_beside_the_old_one() {
    let copy = Copy::new();
    for TestStore { store, .. } in &stores().await {
        write(store, &copy.hand_in(&copy.lines), Defects::Refuse).await;
        let mut changed = copy.lines.clone();
        let line = changed
            .iter_mut()
            .skip(40)
            .find(|l| l.contains("打印") || l.contains("购办公用品"))
            .unwrap();
        *line = line
            .replacen("打印", "复印", 1)
            .replacen("购办公用品", "购日用品", 1);
        let receipt = write(store, &copy.hand_in(&changed), Defects::Refuse).await;
        assert_eq!(
            (
                receipt.companies[0].posted.added,
                receipt.companies[0].posted.revised
            ),
            (0, 1)
        );
        assert_eq!(
            count(store, "SELECT COUNT(*) FROM voucher WHERE revision = 2").await,
            1
        );
        sound(store).await;
    }
}

/// The trial balance of the posted book against sums taken straight from the CSV, without any of our readers.
#[tokio::test]
async fn the_trial_balance_equals_the_files() {
    let copy = Copy::new();
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let header: Vec<&str> = copy.lines[0].split(',').collect();
    let at = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let fen = |text: &str| {
        text.replace('.', "").parse::<i64>().unwrap_or(0) * if text.contains('.') { 1 } else { 100 }
    };
    for record in csv::Reader::from_reader((copy.lines.join("\n")).as_bytes()).records() {
        let record = record.unwrap();
        *sums.entry(record[at("科目编码")].to_owned()).or_default() +=
            fen(&record[at("借方金额")]) - fen(&record[at("贷方金额")]);
    }
    for TestStore { store, .. } in &stores().await {
        write(store, &copy.hand_in(&copy.lines), Defects::Refuse).await;
        let balance = trial_balance(
            store.db(),
            "JF01",
            PeriodRange::parse("2024-01..2025-12").unwrap(),
        )
        .await
        .unwrap();
        let movement = |account: &str| {
            balance
                .rows
                .iter()
                .find(|r| r.account == account)
                .map_or(Money::ZERO, |r| r.debit - r.credit)
        };
        assert!(sums.len() > 10);
        for (account, sum) in &sums {
            let leaf = balance
                .rows
                .iter()
                .any(|r| &r.account == account && r.is_leaf)
                || *sum == 0;
            assert!(leaf, "{account}");
            assert_eq!(movement(account).0, *sum, "{account}");
        }
    }
}

#[test]
fn every_row_of_every_file_is_accounted_for() {
    for fixture in ["jiufeng", "cases"] {
        let folder = self::fixture(fixture);
        let folders = if fixture == "cases" {
            fs::read_dir(&folder)
                .unwrap()
                .map(|e| e.unwrap().path())
                .filter(|p| p.is_dir())
                .collect()
        } else {
            vec![folder]
        };
        for folder in folders {
            for file in read(&folder, None).files {
                assert_eq!(
                    file.rows,
                    file.heads + file.taken + file.set_aside.len() as u32 + file.refused,
                    "{}: {}",
                    folder.display(),
                    file.place
                );
            }
        }
    }
}
