//! The ledger: posting, chain, balances, locks, on each database.

use proptest::prelude::*;
use sanzi::ledger::post::{Posted, post};
use sanzi::ledger::trial_balance::trial_balance;
use sanzi::ledger::{LedgerError, account_ledger, charts, lock, reverse, verify};
use sanzi::model::{Chart, Money, Period, PeriodRange, Voucher, VoucherId};
use sanzi::store::{Store, StoreError, batch};
use sea_orm::ConnectionTrait;

use crate::support::{TestStore, chart, now, stores, voucher};

async fn post_all(
    store: &Store,
    organisation: &str,
    vouchers: &[Voucher],
) -> Result<Posted, LedgerError> {
    post_with(store, organisation, vouchers, &chart()).await
}

async fn post_with(
    store: &Store,
    organisation: &str,
    vouchers: &[Voucher],
    chart: &Chart,
) -> Result<Posted, LedgerError> {
    let transaction = store.begin().await.unwrap();
    let batch_id = batch::open(&transaction, "test", now()).await?;
    let vouchers: Vec<&Voucher> = vouchers.iter().collect();
    let posted = post(
        &transaction,
        batch_id,
        organisation,
        chart,
        "测试",
        &vouchers,
    )
    .await?;
    transaction.commit().await.unwrap();
    Ok(posted)
}

fn sample() -> Vec<Voucher> {
    vec![
        voucher(2024, 1, 1, &[("1002.01", 100_000, 0), ("5001", 0, 100_000)]),
        voucher(2024, 1, 2, &[("1001", 30_000, 0), ("1002.01", 0, 30_000)]),
        voucher(2024, 2, 1, &[("5602", 10_050, 0), ("1001", 0, 10_050)]),
    ]
}

fn range(text: &str) -> PeriodRange {
    PeriodRange::parse(text).unwrap()
}

async fn fault(store: &Store) -> Option<verify::ChainFault> {
    verify::verify(store, None, |_| {})
        .await
        .unwrap()
        .into_iter()
        .find_map(|r| r.fault)
}

#[tokio::test]
async fn posting_twice_changes_nothing() {
    for TestStore { store, .. } in &stores().await {
        let first = post_all(store, "A01", &sample()).await.unwrap();
        assert_eq!((first.added, first.entries), (3, 6));
        let head = verify::verify(store, None, |_| {}).await.unwrap();
        let again = post_all(store, "A01", &sample()).await.unwrap();
        assert_eq!((again.added, again.unchanged, again.revised), (0, 3, 0));
        assert_eq!(verify::verify(store, None, |_| {}).await.unwrap(), head);
    }
}

#[tokio::test]
async fn a_changed_voucher_becomes_a_revision_and_counts_once() {
    for TestStore { store, .. } in &stores().await {
        post_all(store, "A01", &sample()).await.unwrap();
        let mut changed = sample();
        changed[1].entries[0].debit = Money(20_000);
        changed[1].entries[1].credit = Money(20_000);
        let posted = post_all(store, "A01", &changed).await.unwrap();
        assert_eq!((posted.unchanged, posted.revised), (2, 1));
        let balance = trial_balance(store.db(), "A01", range("2024-02"))
            .await
            .unwrap();
        let cash = balance.rows.iter().find(|r| r.account == "1001").unwrap();
        assert_eq!(
            (cash.opening_debit, cash.credit, cash.closing_debit),
            (Money(20_000), Money(10_050), Money(9_950))
        );
        assert_eq!(fault(store).await, None);
        // Back to the first form: a third revision, not a return to the first.
        let posted = post_all(store, "A01", &sample()).await.unwrap();
        assert_eq!(posted.revised, 1);
        assert_eq!(fault(store).await, None);
    }
}

#[tokio::test]
async fn balances_by_level_and_running() {
    for TestStore { store, .. } in &stores().await {
        post_all(store, "A01", &sample()).await.unwrap();
        let balance = trial_balance(store.db(), "A01", range("2024-01..2024-02"))
            .await
            .unwrap();
        let bank = balance.rows.iter().find(|r| r.account == "1002").unwrap();
        assert_eq!(
            (bank.level, bank.debit, bank.credit, bank.closing_debit),
            (1, Money(100_000), Money(30_000), Money(70_000))
        );
        let totals = balance.totals();
        assert_eq!((totals[2], totals[4]), (totals[3], totals[5]));
        let ledger = account_ledger::account_ledger(store.db(), "A01", "1002", range("2024-01"))
            .await
            .unwrap();
        let running: Vec<i64> = ledger.lines.iter().map(|l| l.balance.0).collect();
        assert_eq!(running, [100_000, 70_000]);
        let unknown =
            account_ledger::account_ledger(store.db(), "A01", "9999", range("2024-01")).await;
        assert!(matches!(unknown, Err(LedgerError::UnknownAccount { .. })));
    }
}

/// A later hand-in names fewer details: what an earlier one put below an account still makes it no leaf.
#[tokio::test]
async fn a_leaf_is_what_no_hand_in_divided() {
    for TestStore { store, .. } in &stores().await {
        let first = voucher(2024, 1, 1, &[("1002.01", 500, 0), ("5001", 0, 500)]);
        post_all(store, "C01", &[first]).await.unwrap();
        let mut fewer = chart();
        fewer.accounts.remove("1002.01");
        fewer.mark_leaves();
        assert!(fewer.account("1002").unwrap().is_leaf);
        let second = voucher(2024, 2, 1, &[("1001", 300, 0), ("5001", 0, 300)]);
        post_with(store, "C01", &[second], &fewer).await.unwrap();
        let chart = charts::history(store.db(), "C01").await.unwrap().latest;
        assert!(!chart.account("1002").unwrap().is_leaf);
        assert!(chart.account("1002.01").unwrap().is_leaf);
        let sql = "SELECT is_leaf FROM account WHERE organisation = 'C01' AND code = '1002'";
        let row = store.db().query_one_raw(sea_orm::Statement::from_string(
            store.db().get_database_backend(),
            sql,
        ));
        let stored: bool = row.await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert!(!stored);
    }
}

#[tokio::test]
async fn openings_carry_into_later_years() {
    for TestStore { store, .. } in &stores().await {
        let mut opening = voucher(2024, 1, 0, &[("1001", 5_000, 0), ("5001", 0, 5_000)]);
        opening.id.word = "期初".into();
        post_all(store, "A01", &[vec![opening], sample()].concat())
            .await
            .unwrap();
        let balance = trial_balance(store.db(), "A01", range("2025-03"))
            .await
            .unwrap();
        let cash = balance.rows.iter().find(|r| r.account == "1001").unwrap();
        assert_eq!(
            (cash.opening_debit, cash.debit, cash.closing_debit),
            (Money(24_950), Money(0), Money(24_950))
        );
    }
}

#[tokio::test]
async fn the_database_refuses_changes_of_posted_rows() {
    for TestStore { store, .. } in &stores().await {
        post_all(store, "A01", &sample()).await.unwrap();
        for (sql, code) in [
            ("UPDATE voucher SET maker = 'x'", 2001),
            ("UPDATE entry SET debit = debit + 1", 2001),
            ("DELETE FROM voucher", 2002),
            ("DELETE FROM entry", 2002),
            ("DELETE FROM book", 2002),
            ("UPDATE book SET length = 1", 2005),
        ] {
            let error = StoreError::from(store.db().execute_unprepared(sql).await.unwrap_err());
            assert!(
                matches!(error, StoreError::Refused { code: c, .. } if c == code),
                "{sql}: {error}"
            );
        }
        // The keys leave no place under the seal: neither for a line more nor for a voucher.
        for sql in [
            "INSERT INTO entry (organisation, position, line, lines, account, debit, credit, source_row) VALUES ('A01', 1, 3, 2, '1001', 1, 0, 1)",
            "INSERT INTO entry (organisation, position, line, lines, account, debit, credit, source_row) VALUES ('A01', 1, 3, 3, '1001', 1, 0, 1)",
            "INSERT INTO entry (organisation, position, line, lines, account, debit, credit, source_row) VALUES ('A01', 1, 2, 2, '1001', 1, 0, 1)",
            "INSERT INTO entry (organisation, position, line, lines, account, debit, credit, source_row) VALUES ('A01', 1, 0, 2, '1001', 1, 0, 1)",
            "INSERT INTO voucher SELECT * FROM voucher WHERE position = 1",
        ] {
            assert!(store.db().execute_unprepared(sql).await.is_err(), "{sql}");
        }
        assert_eq!(fault(store).await, None);
    }
}

#[tokio::test]
async fn the_database_refuses_to_seal_an_unbalanced_voucher() {
    for TestStore { store, .. } in &stores().await {
        let result = post_all(
            store,
            "A01",
            &[voucher(2024, 1, 1, &[("1001", 100, 0), ("5001", 0, 99)])],
        )
        .await;
        assert!(
            matches!(
                result,
                Err(LedgerError::Store(StoreError::Refused { code: 2006, .. }))
            ),
            "{result:?}"
        );
        assert!(matches!(
            verify::verify(store, Some("A01"), |_| {}).await,
            Err(LedgerError::UnknownOrganisation(_))
        ));
    }
}

fn by(name: &str) -> lock::Closing<'_> {
    lock::Closing {
        by: name,
        at: now(),
        explained: None,
    }
}

#[tokio::test]
async fn a_locked_month_takes_nothing_more() {
    for TestStore { store, .. } in &stores().await {
        post_all(store, "A01", &sample()).await.unwrap();
        let january = Period {
            year: 2024,
            month: 1,
        };
        assert!(
            lock::lock(store.db(), "A01", january, by("主管甲"))
                .await
                .unwrap()
        );
        assert!(
            !lock::lock(store.db(), "A01", january, by("主管甲"))
                .await
                .unwrap()
        );
        assert_eq!(
            post_all(store, "A01", &sample()).await.unwrap().unchanged,
            3
        );
        let late = [voucher(2024, 1, 3, &[("1001", 1, 0), ("5001", 0, 1)])];
        assert!(matches!(
            post_all(store, "A01", &late).await,
            Err(LedgerError::PeriodLocked { .. })
        ));
        // The database refuses too, whatever the program does.
        let transaction = store.begin().await.unwrap();
        for sql in [
            "INSERT INTO voucher (organisation, position, lines, year, month, word, number, revision, date, source_file, source_row, content, format, previous_hash, hash) \
             SELECT organisation, 4, lines, year, month, word, '77', 1, date, source_file, source_row, content, format, previous_hash, hash FROM voucher WHERE position = 1",
            "INSERT INTO entry (organisation, position, line, lines, account, debit, credit, source_row) \
             SELECT organisation, 4, line, lines, account, debit, credit, source_row FROM entry WHERE position = 1",
        ] {
            transaction.execute_unprepared(sql).await.unwrap();
        }
        let sql = "UPDATE book SET length = 4, head = previous_hash FROM voucher v WHERE v.organisation = book.organisation AND v.position = 1";
        let error = StoreError::from(transaction.execute_unprepared(sql).await.unwrap_err());
        assert!(
            matches!(error, StoreError::Refused { code: 2003, .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_reversal_takes_the_amounts_back_once() {
    for TestStore { store, .. } in &stores().await {
        post_all(store, "A01", &sample()).await.unwrap();
        let id = VoucherId::parse("2024-02-记-0001").unwrap();
        let date = chrono::NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
        let reversal = reverse::Reversal {
            organisation: "A01",
            voucher: &id,
            date,
            maker: "会计甲",
            reason: "记错科目",
        };
        assert_eq!(
            reverse::reverse(store, &reversal, now())
                .await
                .unwrap()
                .to_string(),
            "2024-03-红冲-0001"
        );
        assert!(matches!(
            reverse::reverse(store, &reversal, now()).await,
            Err(LedgerError::AlreadyReversed(_))
        ));
        let balance = trial_balance(store.db(), "A01", range("2024-03"))
            .await
            .unwrap();
        let cash = balance.rows.iter().find(|r| r.account == "1001").unwrap();
        assert_eq!(
            (cash.credit, cash.closing_debit),
            (Money(-10_050), Money(30_000))
        );
        assert_eq!(fault(store).await, None);
    }
}

/// Every column of both sealed tables, changed by hand with all guards off, is found, and the voucher is named.
#[tokio::test]
async fn every_tampered_column_is_found() {
    for TestStore { store, url, .. } in &stores().await {
        post_all(store, "A01", &sample()).await.unwrap();
        post_all(store, "A02", &sample()).await.unwrap();
        let tamper = sea_orm::Database::connect(
            sea_orm::ConnectOptions::new(url.clone())
                .max_connections(1)
                .to_owned(),
        )
        .await
        .unwrap();
        disable_guards(&tamper, store.is_sqlite()).await;
        for (table, column, kind) in columns(&tamper, store.is_sqlite()).await {
            let change = if kind.contains("int") || kind.contains("INT") {
                format!("\"{column}\" + 1")
            } else if kind.contains("bytea") || kind.contains("BLOB") {
                if store.is_sqlite() {
                    "zeroblob(32)".into()
                } else {
                    "decode(repeat('00', 32), 'hex')".into()
                }
            } else if kind.contains("date") || column == "date" {
                "'2024-01-16'".into()
            } else if kind.contains("timestamp") || column == "entered_at" {
                "'2024-01-15 10:30:01'".into()
            } else {
                format!("\"{column}\" || 'x'")
            };
            // A copy of the original row is kept aside to put everything back.
            let row = if table == "entry" {
                "organisation = 'A01' AND position = 2 AND line = 1"
            } else {
                "organisation = 'A01' AND position = 2"
            };
            tamper
                .execute_unprepared(&format!(
                    "CREATE TABLE kept AS SELECT * FROM {table} WHERE organisation = 'A01'"
                ))
                .await
                .unwrap();
            let sql = format!("UPDATE {table} SET \"{column}\" = {change} WHERE {row}");
            // Moving a row onto a taken key is impossible by itself; a free key is used instead.
            if tamper.execute_unprepared(&sql).await.is_err() {
                let free =
                    format!("UPDATE {table} SET \"{column}\" = \"{column}\" + 90 WHERE {row}");
                tamper
                    .execute_unprepared(&free)
                    .await
                    .unwrap_or_else(|e| panic!("{sql}: {e}"));
            }
            let found = fault(store)
                .await
                .unwrap_or_else(|| panic!("{table}.{column}: not found"));
            assert_eq!(found.position, 2, "{table}.{column}: {found:?}");
            tamper
                .execute_unprepared(&format!(
                    "DELETE FROM {table} WHERE organisation NOT IN ('A02')"
                ))
                .await
                .unwrap();
            tamper
                .execute_unprepared(&format!("INSERT INTO {table} SELECT * FROM kept"))
                .await
                .unwrap();
            tamper.execute_unprepared("DROP TABLE kept").await.unwrap();
            assert_eq!(fault(store).await, None, "{table}.{column} put back");
        }
        tamper.execute_unprepared("UPDATE account_balance SET debit = debit + 1 WHERE organisation = 'A01' AND account = '1001' AND month = 1").await.unwrap();
        assert!(fault(store).await.unwrap().reason.contains("1001"));
    }
}

pub async fn disable_guards(db: &sea_orm::DatabaseConnection, sqlite: bool) {
    if !sqlite {
        db.execute_unprepared("SET session_replication_role = replica")
            .await
            .unwrap();
        let checks = "SELECT conrelid::regclass::text, conname::text FROM pg_constraint WHERE contype = 'c' AND conrelid IN ('voucher'::regclass, 'entry'::regclass, 'review_event'::regclass, 'review_attachment'::regclass, 'review_head'::regclass, 'finding'::regclass, 'plan_event'::regclass, 'plan_attachment'::regclass, 'policy_document'::regclass)";
        for check in db
            .query_all_raw(sea_orm::Statement::from_string(
                sea_orm::DbBackend::Postgres,
                checks,
            ))
            .await
            .unwrap()
        {
            let (table, name): (String, String) = (
                check.try_get_by_index(0).unwrap(),
                check.try_get_by_index(1).unwrap(),
            );
            db.execute_unprepared(&format!("ALTER TABLE {table} DROP CONSTRAINT \"{name}\""))
                .await
                .unwrap();
        }
        return;
    }
    db.execute_unprepared("PRAGMA foreign_keys = OFF")
        .await
        .unwrap();
    db.execute_unprepared("PRAGMA ignore_check_constraints = ON")
        .await
        .unwrap();
    let triggers = db
        .query_all_raw(sea_orm::Statement::from_string(
            sea_orm::DbBackend::Sqlite,
            "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        ))
        .await
        .unwrap();
    for trigger in triggers {
        let name: String = trigger.try_get_by_index(0).unwrap();
        db.execute_unprepared(&format!("DROP TRIGGER \"{name}\""))
            .await
            .unwrap();
    }
}

async fn columns(db: &sea_orm::DatabaseConnection, sqlite: bool) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    for table in ["voucher", "entry"] {
        let sql = if sqlite {
            format!("SELECT name, type FROM pragma_table_info('{table}')")
        } else {
            format!(
                "SELECT column_name::text, data_type::text FROM information_schema.columns WHERE table_name = '{table}'"
            )
        };
        for row in db
            .query_all_raw(sea_orm::Statement::from_string(
                db.get_database_backend(),
                sql,
            ))
            .await
            .unwrap()
        {
            out.push((
                table.to_owned(),
                row.try_get_by_index(0).unwrap(),
                row.try_get_by_index(1).unwrap(),
            ));
        }
    }
    assert_eq!(out.len(), 24 + 19, "{out:?}");
    out
}

fn arbitrary_vouchers() -> impl Strategy<Value = Vec<Voucher>> {
    let accounts = ["1001", "1002.01", "5001", "5602"];
    let one = (
        1u32..=12,
        0usize..4,
        1usize..4,
        1i64..1_000_000,
        proptest::bool::ANY,
    );
    proptest::collection::vec(one, 1..25).prop_map(move |items| {
        let build =
            |(i, (month, a, step, amount, red)): (usize, (u32, usize, usize, i64, bool))| {
                let amount = if red { -amount } else { amount };
                voucher(
                    2024,
                    month,
                    i as u32 + 1,
                    &[
                        (accounts[a], amount, 0),
                        (accounts[(a + step) % 4], 0, amount),
                    ],
                )
            };
        items.into_iter().enumerate().map(build).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// opening + movement = closing per account; closing of a month = opening of the next; debits = credits.
    #[test]
    fn balances_add_up(vouchers in arbitrary_vouchers()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let test = crate::support::sqlite().await;
            post_all(&test.store, "A01", &vouchers).await.unwrap();
            let mut before: std::collections::BTreeMap<String, i64> = Default::default();
            for month in 1..=12 {
                let period = Period { year: 2024, month };
                let balance = trial_balance(test.store.db(), "A01", PeriodRange { first: period, last: period }).await.unwrap();
                for row in &balance.rows {
                    let opening = row.opening_debit.0 - row.opening_credit.0;
                    let closing = row.closing_debit.0 - row.closing_credit.0;
                    assert_eq!(opening + row.debit.0 - row.credit.0, closing);
                    assert_eq!(opening, before.get(&row.account).copied().unwrap_or(0));
                    before.insert(row.account.clone(), closing);
                }
                let totals = balance.totals();
                assert_eq!(totals[2], totals[3]);
                assert_eq!(totals[4], totals[5]);
            }
        });
    }
}
