//! Segments are a cache: with them, without them or with damaged ones an audit sees the same rows.

use std::fs;

use sanzi::audit::load;
use sanzi::audit::rule::RulePack;
use sanzi::audit::snapshot::Snapshot;
use sanzi::ledger::reverse;
use sanzi::ledger::undo::{self, Undo};
use sanzi::model::VoucherId;
use sanzi::store::{Store, segments};
use sea_orm::ConnectionTrait;

use crate::hand_in::{fixture, read, write};
use crate::support::{TestStore, now, stores};
use sanzi::import::commit::Defects;

async fn snapshot(store: &Store) -> Snapshot {
    let pack = RulePack::load(&sanzi::pack::Pack::embedded());
    load::load(store, &pack, None, |_| {}).await.unwrap()
}

/// Segments whose bytes are those recorded.
async fn good_segments(store: &Store) -> usize {
    let mut good = 0;
    let sql = "SELECT organisation, name, made_of FROM segment";
    let statement = sea_orm::Statement::from_string(store.db().get_database_backend(), sql);
    for row in store.db().query_all_raw(statement).await.unwrap() {
        let text = |i| row.try_get_by_index::<String>(i).unwrap();
        let bytes = segments::read(store, &text(0), &text(1), &text(2)).await;
        good += usize::from(bytes.unwrap().is_some());
    }
    good
}

#[tokio::test]
async fn an_audit_sees_the_same_rows_with_and_without_segments() {
    for TestStore { store, .. } in &stores().await {
        write(store, &read(&fixture("jiufeng"), None), Defects::Quarantine).await;
        let fresh = snapshot(store).await;
        // Books and registers of four companies.
        assert_eq!(good_segments(store).await, 8);
        let cached = snapshot(store).await;
        assert_eq!(fresh.data_digest, cached.data_digest);
        assert_eq!(fresh.tables, cached.tables);
        assert_eq!(fresh.rows, cached.rows);
        assert_eq!(fresh.organisations, cached.organisations);

        // Somebody changes a file: it is not read, and made anew.
        let folder = segments::folder(store).unwrap();
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(&path, bytes).unwrap();
        }
        assert_eq!(good_segments(store).await, 0);
        assert_eq!(snapshot(store).await.tables, fresh.tables);
        assert_eq!(good_segments(store).await, 8);

        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(snapshot(store).await.tables, fresh.tables);
        fs::remove_dir_all(&folder).unwrap();
    }
}

#[tokio::test]
async fn a_longer_chain_makes_a_new_segment() {
    for TestStore { store, .. } in &stores().await {
        write(store, &read(&fixture("jiufeng"), None), Defects::Quarantine).await;
        let before = snapshot(store).await;
        let organisation = before.organisations[0].code.clone();
        let sql = format!(
            "SELECT year, month, word, number FROM voucher WHERE organisation = '{organisation}' AND word <> '期初' ORDER BY position LIMIT 1"
        );
        let statement = sea_orm::Statement::from_string(store.db().get_database_backend(), sql);
        let row = store.db().query_one_raw(statement).await.unwrap().unwrap();
        let text = |i| row.try_get_by_index::<String>(i).unwrap();
        let int = |i| row.try_get_by_index::<i64>(i).unwrap();
        let id = format!("{}-{:02}-{}-{}", int(0), int(1), text(2), text(3));
        let reversal = reverse::Reversal {
            organisation: &organisation,
            voucher: &VoucherId::parse(&id).unwrap(),
            date: chrono::NaiveDate::from_ymd_opt(2026, 1, 5).unwrap(),
            maker: "会计甲",
            reason: "记错科目",
        };
        reverse::reverse(store, &reversal, now()).await.unwrap();
        let after = snapshot(store).await;
        let vouchers = |s: &Snapshot| s.rows["voucher"][&organisation];
        assert_eq!(vouchers(&after), vouchers(&before) + 1);
        fs::remove_dir_all(segments::folder(store).unwrap()).unwrap();
    }
}

/// What a batch brings into a register is seen by the next audit, and so is its undo.
#[tokio::test]
async fn a_register_that_changed_is_read_anew() {
    for TestStore { store, .. } in &stores().await {
        write(store, &read(&fixture("jiufeng"), None), Defects::Quarantine).await;
        let before = snapshot(store).await;
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("JF01");
        fs::create_dir(&later).unwrap();
        let rows = "收据号,本号,日期,缴款人,金额\n99999901,B9,2025-12-30,甲某,10.00\n";
        fs::write(later.join("收据.csv"), rows).unwrap();
        let receipt = write(store, &read(folder.path(), None), Defects::Quarantine).await;
        let after = snapshot(store).await;
        let receipts = |s: &Snapshot| s.rows["receipt"]["JF01"];
        assert_eq!(receipts(&after), receipts(&before) + 1);
        assert_ne!(after.data_digest, before.data_digest);
        let others = |s: &Snapshot| s.rows["receipt"].get("JF02").copied();
        assert_eq!(others(&after), others(&before));
        let undo = Undo {
            batch_id: receipt.batch.unwrap(),
            by: "监管员甲",
            reason: "交错了",
            at: now(),
        };
        undo::undo(store, &undo).await.unwrap();
        let undone = snapshot(store).await;
        assert_eq!(undone.data_digest, before.data_digest);
        assert_eq!(undone.tables["receipt"], before.tables["receipt"]);
        fs::remove_dir_all(segments::folder(store).unwrap()).unwrap();
    }
}
