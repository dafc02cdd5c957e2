//! Taking batches back, on each database: nothing is left but the trail, and the same files come in again as if new.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use datafusion::arrow::record_batch::RecordBatch;
use sanzi::audit::load;
use sanzi::audit::rule::RulePack;
use sanzi::generate::{GenerateOptions, generate};
use sanzi::import::commit::Defects;
use sanzi::import::handin::HandIn;
use sanzi::ledger::trial_balance::{Row, trial_balance};
use sanzi::ledger::undo::{self, Undo, Undone};
use sanzi::ledger::{LedgerError, lock, read as books, reverse, verify};
use sanzi::model::{Period, PeriodRange};
use sanzi::pack::Pack;
use sanzi::store::batch::{self, State};
use sanzi::store::{Store, segments};

use crate::hand_in::{Copy, fixture, read, write};
use crate::support::{TestStore, now, stores};

/// Everything that rules, balances and registers say; the trail of what was undone is apart.
#[derive(Debug, PartialEq)]
struct Everything {
    tables: BTreeMap<String, Vec<RecordBatch>>,
    balances: BTreeMap<String, Vec<Row>>,
}

async fn everything(store: &Store) -> Everything {
    let pack = RulePack::load(&Pack::embedded());
    let snapshot = load::load(store, &pack, None, |_| {}).await.unwrap();
    let mut tables = snapshot.tables;
    tables.remove("undone_voucher");
    let mut balances = BTreeMap::new();
    for book in books::books(store.db()).await.unwrap() {
        let mut rows = Vec::new();
        for year in [2024, 2025] {
            let range = PeriodRange::parse(&format!("{year}-01..{year}-12")).unwrap();
            let balance = trial_balance(store.db(), &book.organisation, range).await;
            rows.extend(balance.unwrap().rows);
        }
        if !rows.is_empty() {
            balances.insert(book.organisation, rows);
        }
    }
    for report in verify::verify(store, None, |_| {}).await.unwrap() {
        assert_eq!(report.fault, None, "{}", report.organisation);
    }
    Everything { tables, balances }
}

async fn undo(store: &Store, batch_id: i64) -> Result<Undone, LedgerError> {
    let undo = Undo {
        batch_id,
        by: "会计甲",
        reason: "导错账套",
        at: now(),
    };
    undo::undo(store, &undo).await
}

async fn import(store: &Store, hand_in: &HandIn) -> i64 {
    let receipt = write(store, hand_in, Defects::Quarantine).await;
    receipt.batch.unwrap()
}

fn street(folder: &Path, seed: u64, months: u32) -> HandIn {
    let options = GenerateOptions {
        companies: 2,
        postings: 0,
        months,
        seed,
        inject_ppm: 500_000,
        out: folder.join(format!("{seed}-{months}")),
    };
    generate(&options, &|_, _| {}).unwrap();
    read(&options.out, None)
}

#[tokio::test]
async fn what_is_undone_leaves_nothing_and_comes_in_again_as_if_new() {
    let folder = tempfile::tempdir().unwrap();
    for seed in [1, 2] {
        let hand_in = street(folder.path(), seed, 3);
        for TestStore { store, .. } in &stores().await {
            let nothing = everything(store).await;
            let first = write(store, &hand_in, Defects::Quarantine).await;
            let once = everything(store).await;
            assert!(once.balances.len() == 2 && nothing.balances.is_empty());
            let undone = undo(store, first.batch.unwrap()).await.unwrap();
            let taken: u64 = undone.books.iter().map(|b| b.reversed).sum();
            let posted: u64 = first.companies.iter().map(|c| c.posted.added).sum();
            assert_eq!(taken, posted);
            let gone = everything(store).await;
            for (name, rows) in &nothing.tables {
                assert_eq!(&gone.tables[name], rows, "{name}");
            }
            assert_eq!(gone.balances, nothing.balances);
            let again = write(store, &hand_in, Defects::Quarantine).await;
            assert_eq!(again.companies, first.companies);
            let second = everything(store).await;
            for (name, rows) in &once.tables {
                assert_eq!(&second.tables[name], rows, "{name}");
            }
            assert_eq!(second.balances, once.balances);
            let _ = fs::remove_dir_all(segments::folder(store).unwrap());
        }
    }
}

/// Three hand-ins of one company that overlap: the first half, everything, everything with a changed voucher and contract.
fn overlapping() -> [HandIn; 3] {
    let copy = Copy::new();
    let half = copy.hand_in(&copy.until("2024-07"));
    let whole = copy.hand_in(&copy.lines);
    let mut changed = copy.lines.clone();
    for line in changed.iter_mut().skip(1).step_by(50) {
        *line = line.replacen("收", "代收", 1).replacen("付", "代付", 1);
    }
    let contracts = copy.folder.path().join("JF01/合同.csv");
    let text = fs::read_to_string(&contracts).unwrap();
    fs::write(&contracts, text.replace("履行", "终止")).unwrap();
    [half, whole, copy.hand_in(&changed)]
}

#[tokio::test]
async fn the_latest_batch_undone_gives_back_what_was_before() {
    let [half, whole, changed] = overlapping();
    for TestStore { store, .. } in &stores().await {
        let mut before = Vec::new();
        let mut batches = Vec::new();
        for hand_in in [&half, &whole, &changed] {
            before.push(everything(store).await);
            batches.push(import(store, hand_in).await);
        }
        let undone = undo(store, batches[2]).await.unwrap();
        assert!(undone.books[0].restored > 3 && undone.books[0].reversed == 0);
        assert!(undone.registers.0 > 0 && undone.registers.0 == undone.registers.1);
        assert_eq!(everything(store).await, before[2]);
        undo(store, batches[1]).await.unwrap();
        assert_eq!(everything(store).await, before[1]);
        undo(store, batches[0]).await.unwrap();
        assert_eq!(everything(store).await.tables, before[0].tables);
        let _ = fs::remove_dir_all(segments::folder(store).unwrap());
    }
}

#[tokio::test]
async fn in_whatever_order_all_batches_are_undone_nothing_is_left() {
    let hand_ins = overlapping();
    for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1]] {
        for TestStore { store, .. } in &stores().await {
            let nothing = everything(store).await;
            let mut batches = Vec::new();
            for hand_in in &hand_ins {
                batches.push(import(store, hand_in).await);
            }
            let all = everything(store).await;
            for at in order {
                undo(store, batches[at]).await.unwrap();
            }
            assert_eq!(everything(store).await.tables, nothing.tables, "{order:?}");
            import(store, &hand_ins[2]).await;
            let again = everything(store).await;
            assert_eq!(again.balances, all.balances, "{order:?}");
            assert_eq!(again.tables["contract"], all.tables["contract"]);
            let _ = fs::remove_dir_all(segments::folder(store).unwrap());
        }
    }
}

/// The first of two batches is undone: what the second replaced stays as it is, and the record says so.
#[tokio::test]
async fn what_a_later_batch_replaced_is_not_touched() {
    let [_, whole, changed] = overlapping();
    for TestStore { store, .. } in &stores().await {
        let first = import(store, &whole).await;
        let second = import(store, &changed).await;
        let kept = |e: &Everything| {
            e.tables["voucher_revision"]
                .iter()
                .map(|b| b.num_rows())
                .sum::<usize>()
        };
        let replaced = kept(&everything(store).await);
        assert!(replaced > 3);
        let undone = undo(store, first).await.unwrap();
        assert_eq!(undone.later, [second]);
        let after = everything(store).await;
        // The old forms stood in the first batch only.
        assert_eq!(kept(&after), 0);
        let rows: usize = after.tables["voucher"].iter().map(|b| b.num_rows()).sum();
        assert_eq!(rows, replaced);
        let _ = fs::remove_dir_all(segments::folder(store).unwrap());
    }
}

#[tokio::test]
async fn a_closed_month_keeps_its_batch() {
    let hand_in = read(&fixture("jiufeng"), None);
    for TestStore { store, .. } in &stores().await {
        let batch_id = import(store, &hand_in).await;
        let before = everything(store).await;
        let closing = lock::Closing {
            by: "主管甲",
            at: now(),
            explained: None,
        };
        let january = Period {
            year: 2025,
            month: 1,
        };
        lock::lock(store.db(), "JF02", january, closing)
            .await
            .unwrap();
        let refused = undo(store, batch_id).await.unwrap_err();
        let LedgerError::PeriodLocked { period, vouchers } = refused else {
            panic!("{refused}");
        };
        assert!(period == "2025-01" && vouchers.contains("2025-01-"));
        let after = everything(store).await;
        assert_eq!(after.balances, before.balances);
        assert_eq!(after.tables["entry"], before.tables["entry"]);
        assert_eq!(batch::list(store.db()).await.unwrap().len(), 1);
        let _ = fs::remove_dir_all(segments::folder(store).unwrap());
    }
}

#[tokio::test]
async fn a_voucher_reversed_by_hand_is_not_taken_back_twice() {
    let hand_in = Copy::new();
    let hand_in = hand_in.hand_in(&hand_in.until("2024-03"));
    for TestStore { store, .. } in &stores().await {
        let batch_id = import(store, &hand_in).await;
        let before = everything(store).await;
        let id = hand_in.companies[0].vouchers[0].id.clone();
        let reversal = reverse::Reversal {
            organisation: "JF01",
            voucher: &id,
            date: chrono::NaiveDate::from_ymd_opt(2024, 6, 1).unwrap(),
            maker: "会计乙",
            reason: "记错科目",
        };
        reverse::reverse(store, &reversal, now()).await.unwrap();
        let refused = undo(store, batch_id).await.unwrap_err();
        assert!(
            matches!(&refused, LedgerError::ReversedSince { vouchers, .. } if *vouchers == id.to_string()),
            "{refused}"
        );
        // The reversal is a batch too.
        let batches = batch::list(store.db()).await.unwrap();
        assert_eq!(batches[0].by.as_deref(), Some("会计乙"));
        undo(store, batches[0].id).await.unwrap();
        assert_eq!(everything(store).await, before);
        // Its voucher can be reversed again, under a new number.
        let number = reverse::reverse(store, &reversal, now()).await.unwrap();
        assert_eq!(number.to_string(), "2024-06-红冲-0002");
        let _ = fs::remove_dir_all(segments::folder(store).unwrap());
    }
}

#[tokio::test]
async fn the_list_says_what_became_of_each_batch() {
    let hand_in = read(&fixture("jiufeng"), None);
    for TestStore { store, .. } in &stores().await {
        let batch_id = import(store, &hand_in).await;
        let undone = undo(store, batch_id).await.unwrap();
        let list = batch::list(store.db()).await.unwrap();
        assert_eq!(list[0].state, State::Undo { of: batch_id });
        assert!(
            matches!(&list[1].state, State::Undone { by, reason, .. } if by == "会计甲" && reason == "导错账套")
        );
        assert_eq!(list[1].organisations, ["JF01", "JF02", "JF03", "JF04"]);
        assert_eq!(list[1].files as usize, hand_in.files.len());
        assert!(list[1].rows > 1000 && list[1].vouchers == list[0].vouchers);
        let twice = undo(store, batch_id).await.unwrap_err();
        assert!(
            matches!(twice, LedgerError::AlreadyUndone { .. }),
            "{twice}"
        );
        let of_undo = undo(store, undone.recorded_in).await.unwrap_err();
        assert!(matches!(of_undo, LedgerError::UndoOfUndo(_)), "{of_undo}");
        assert!(matches!(
            undo(store, 99).await,
            Err(LedgerError::UnknownBatch(99))
        ));
        let trail = undo::vouchers(store).await.unwrap();
        assert_eq!(trail.len() as i64, list[1].vouchers);
        assert!(
            trail
                .iter()
                .all(|v| v.by == "会计甲" && v.batch_id == batch_id)
        );
    }
}

/// A voucher put right by a later hand-in is held again when that hand-in is taken back.
#[tokio::test]
async fn a_defect_that_was_put_right_is_open_again() {
    let copy = Copy::new();
    let lines = copy.until("2024-03");
    let mut broken = lines.clone();
    let at = broken
        .iter()
        .skip(1)
        .position(|l| l.contains("银行存款"))
        .unwrap()
        + 1;
    broken[at] = broken[at].replacen("10", "11", 3);
    let (bad, good) = (copy.hand_in(&broken), copy.hand_in(&lines));
    assert!(!bad.companies[0].held.is_empty());
    for TestStore { store, .. } in &stores().await {
        let first = import(store, &bad).await;
        let held = everything(store).await;
        let second = import(store, &good).await;
        assert_ne!(everything(store).await, held);
        let undone = undo(store, second).await.unwrap();
        assert_eq!(undone.held, (0, 1));
        assert_eq!(everything(store).await, held);
        let undone = undo(store, first).await.unwrap();
        assert_eq!(undone.held, (1, 0));
        let _ = fs::remove_dir_all(segments::folder(store).unwrap());
    }
}

/// The store refuses to forget an undo.
#[tokio::test]
async fn the_trail_stays_whatever_the_program_does() {
    use sea_orm::ConnectionTrait;
    let copy = Copy::new();
    let hand_in = copy.hand_in(&copy.until("2024-02"));
    for TestStore { store, .. } in &stores().await {
        let batch_id = import(store, &hand_in).await;
        undo(store, batch_id).await.unwrap();
        for table in ["batch_undo", "chart_year", "account_version"] {
            let delete = format!("DELETE FROM {table}");
            assert!(store.db().execute_unprepared(&delete).await.is_err());
        }
        assert!(!undo::vouchers(store).await.unwrap().is_empty());
    }
}

/// Posted first, handed in voided later: it leaves the books, the trail is kept; with that batch undone it is back.
#[tokio::test]
async fn what_is_voided_later_leaves_the_books() {
    let folder = tempfile::tempdir().unwrap();
    let book = |void: &str| {
        let text = format!(
            "日期,凭证字,凭证号,摘要,科目编码,借方金额,贷方金额,作废\n\
             2024-01-05,记,1,收租金,1001,100,,否\n2024-01-05,记,1,收租金,5001,,100,否\n\
             2024-01-06,记,2,购用品,5602,30.01,,{void}\n2024-01-06,记,2,购用品,1001,,30.01,{void}\n"
        );
        fs::write(folder.path().join("凭证.csv"), text).unwrap();
        read(folder.path(), Some("C01"))
    };
    let cash = |all: &Everything| {
        let rows = all.balances["C01"].iter().filter(|r| r.account == "1001");
        rows.map(|r| r.credit.0).sum::<i64>()
    };
    let vouchers = |all: &Everything| {
        let batches = all.tables["voucher"].iter();
        batches.map(RecordBatch::num_rows).sum::<usize>()
    };
    for TestStore { store, .. } in &stores().await {
        import(store, &book("否")).await;
        let posted = everything(store).await;
        assert_eq!((cash(&posted), vouchers(&posted)), (3001, 2));
        let receipt = write(store, &book("是"), Defects::Refuse).await;
        let ids: Vec<String> = receipt.companies[0]
            .voided
            .iter()
            .map(|id| id.to_string())
            .collect();
        assert_eq!(ids, ["2024-01-记-0002"]);
        let voided = everything(store).await;
        assert_eq!((cash(&voided), vouchers(&voided)), (0, 1));
        assert_eq!(write(store, &book("是"), Defects::Refuse).await.batch, None);
        undo(store, receipt.batch.unwrap()).await.unwrap();
        let back = everything(store).await;
        assert_eq!((cash(&back), vouchers(&back)), (3001, 2));
        // Voided again, and used after all.
        import(store, &book("是")).await;
        let used = write(store, &book("否"), Defects::Refuse).await;
        assert_eq!(used.companies[0].posted.added, 1);
        let used = everything(store).await;
        assert_eq!((cash(&used), vouchers(&used)), (3001, 2));
        // Nothing leaves a locked month.
        let closing = lock::Closing {
            by: "会计甲",
            at: now(),
            explained: None,
        };
        let january = Period::new(2024, 1).unwrap();
        lock::lock(store.db(), "C01", january, closing)
            .await
            .unwrap();
        let locked = write(store, &book("是"), Defects::Quarantine).await;
        assert_eq!(locked.companies[0].voided, []);
        assert_eq!(locked.companies[0].locked[0].code, "账本-2003");
        assert_eq!(everything(store).await.balances, used.balances);
        let _ = fs::remove_dir_all(segments::folder(store).unwrap());
    }
}
