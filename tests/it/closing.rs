//! Closing and re-opening months, on each database.

use sanzi::closing::{Outcome, close};
use sanzi::ledger::LedgerError;
use sanzi::ledger::lock::{self, Closing, Reopening};
use sanzi::ledger::post::post;
use sanzi::model::{Period, PeriodRange, Voucher};
use sanzi::pack::Pack;
use sanzi::store::{Store, StoreError, batch};
use sea_orm::ConnectionTrait;

use crate::support::{TestStore, chart, now, stores, voucher};

async fn post_all(store: &Store, vouchers: &[Voucher]) -> Result<(), LedgerError> {
    let transaction = store.begin().await.unwrap();
    let batch_id = batch::open(&transaction, "test", now()).await?;
    let vouchers: Vec<&Voucher> = vouchers.iter().collect();
    post(&transaction, batch_id, "A01", &chart(), "测试", &vouchers).await?;
    transaction.commit().await.unwrap();
    Ok(())
}

fn months(text: &str) -> PeriodRange {
    PeriodRange::parse(text).unwrap()
}

fn month(text: &str) -> Period {
    months(text).first
}

async fn close_as(store: &Store, range: &str, explained: Option<&str>) -> Vec<(Period, Outcome)> {
    let closing = Closing {
        by: "主管甲",
        at: now(),
        explained,
    };
    close(store, &Pack::embedded(), "A01", months(range), closing)
        .await
        .unwrap()
}

async fn try_close(store: &Store, range: &str) -> Vec<(Period, Outcome)> {
    close_as(store, range, None).await
}

/// The codes of what stands in the way of the last month tried.
fn refused(outcomes: &[(Period, Outcome)]) -> Vec<String> {
    match outcomes.last() {
        Some((_, Outcome::Refused(obstacles))) => obstacles
            .iter()
            .map(|o| o.to_string().split(' ').next().unwrap().to_owned())
            .collect(),
        other => panic!("not refused: {other:?}"),
    }
}

async fn reopen_as(
    store: &Store,
    range: &str,
    by: &str,
    approved_by: &str,
    reason: &str,
) -> Result<(), LedgerError> {
    let transaction = store.begin().await.unwrap();
    let range = months(range);
    let mut periods = vec![range.first];
    while *periods.last().unwrap() < range.last {
        periods.push(periods.last().unwrap().next());
    }
    let reopening = Reopening {
        by,
        approved_by,
        reason,
        at: now(),
    };
    lock::reopen(&transaction, "A01", &periods, reopening).await?;
    transaction.commit().await.unwrap();
    Ok(())
}

#[tokio::test]
async fn a_month_is_closed_once_on_the_head_of_the_chain() {
    for TestStore { store, .. } in &stores().await {
        post_all(
            store,
            &[voucher(2024, 1, 1, &[("1001", 100, 0), ("5001", 0, 100)])],
        )
        .await
        .unwrap();
        let first = try_close(store, "2024-01").await;
        let Outcome::Closed { head, length } = &first[0].1 else {
            panic!("{first:?}")
        };
        let events = lock::events(store.db(), Some("A01")).await.unwrap();
        assert_eq!((events.len(), *length, events[0].length), (1, 1, 1));
        let hex: String = events[0].head.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(*head, hex);
        assert_eq!(
            try_close(store, "2024-01").await[0].1,
            Outcome::AlreadyClosed
        );
        let late = [voucher(2024, 1, 2, &[("1001", 1, 0), ("5001", 0, 1)])];
        assert!(matches!(
            post_all(store, &late).await,
            Err(LedgerError::PeriodLocked { .. })
        ));
    }
}

#[tokio::test]
async fn what_is_not_in_order_is_named_and_nothing_is_closed() {
    for TestStore { store, .. } in &stores().await {
        let vouchers = [
            voucher(2024, 11, 1, &[("1001", 100, 0), ("5001", 0, 100)]),
            voucher(2024, 12, 1, &[("1001", 50, 0), ("5001", 0, 50)]),
            voucher(2024, 12, 4, &[("1001", 50, 0), ("5001", 0, 50)]),
        ];
        post_all(store, &vouchers).await.unwrap();
        // November open, numbers 2 and 3 missing, income not carried over at the end of the year.
        let outcomes = try_close(store, "2024-12").await;
        assert_eq!(refused(&outcomes), ["结账-1002", "结账-1004", "结账-1006"]);
        let Outcome::Refused(obstacles) = &outcomes[0].1 else {
            panic!()
        };
        let text = obstacles
            .iter()
            .map(ToString::to_string)
            .collect::<String>();
        for words in ["2024-11", "记字 2—3", "5001 租金收入"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        // A range is closed whole or not at all.
        let outcomes = close_as(store, "2024-11..2024-12", Some("空号")).await;
        assert_eq!(refused(&outcomes), ["结账-1006"]);
        assert!(
            lock::locked_periods(store.db(), "A01")
                .await
                .unwrap()
                .is_empty()
        );
        let closing = voucher(2024, 12, 5, &[("5001", 200, 0), ("5602", 0, 200)]);
        post_all(store, &[closing]).await.unwrap();
        let still = close_as(store, "2024-11..2024-12", Some("空号")).await;
        assert_eq!(refused(&still), ["结账-1006"], "5602 now stands in credit");
    }
}

#[tokio::test]
async fn opening_again_takes_two_people_and_stays_on_record() {
    for TestStore { store, .. } in &stores().await {
        let vouchers = [
            voucher(2024, 1, 1, &[("1001", 100, 0), ("5001", 0, 100)]),
            voucher(2024, 2, 1, &[("1001", 100, 0), ("5001", 0, 100)]),
        ];
        post_all(store, &vouchers).await.unwrap();
        try_close(store, "2024-01..2024-02").await;
        for (by, second, reason) in [("甲", "甲", "补记"), ("甲", " ", "补记"), ("甲", "乙", " ")]
        {
            assert!(matches!(
                reopen_as(store, "2024-02", by, second, reason).await,
                Err(LedgerError::SecondPerson)
            ));
        }
        assert!(matches!(
            reopen_as(store, "2024-01", "甲", "乙", "补记").await,
            Err(LedgerError::LaterClosed { .. })
        ));
        assert!(matches!(
            reopen_as(store, "2024-03", "甲", "乙", "补记").await,
            Err(LedgerError::NotClosed(_))
        ));
        reopen_as(store, "2024-01..2024-02", "甲", "乙", "补记")
            .await
            .unwrap();
        let late = [voucher(2024, 1, 2, &[("1001", 1, 0), ("5001", 0, 1)])];
        post_all(store, &late).await.unwrap();
        assert!(matches!(
            try_close(store, "2024-01").await[0].1,
            Outcome::Closed { length: 3, .. }
        ));
        let events = lock::events(store.db(), Some("A01")).await.unwrap();
        let seen: Vec<(String, bool)> = events
            .iter()
            .map(|e| (e.period.to_string(), e.reopened))
            .collect();
        let expected = [
            ("2024-01", false),
            ("2024-02", false),
            ("2024-02", true),
            ("2024-01", true),
            ("2024-01", false),
        ];
        assert_eq!(seen, expected.map(|(p, r)| (p.to_owned(), r)));
        assert_eq!(events[2].approved_by.as_deref(), Some("乙"));
    }
}

#[tokio::test]
async fn the_database_keeps_the_record_whatever_the_program_does() {
    for TestStore { store, .. } in &stores().await {
        post_all(
            store,
            &[voucher(2024, 1, 1, &[("1001", 100, 0), ("5001", 0, 100)])],
        )
        .await
        .unwrap();
        try_close(store, "2024-01").await;
        let insert = "INSERT INTO period_event (organisation, year, month, event, at, by_whom, approved_by, reason, length, head) \
                      SELECT organisation, year, month, 'closed', at, by_whom, NULL, NULL, length, head FROM period_event";
        for (sql, code) in [
            ("UPDATE period_event SET by_whom = 'x'", 2001),
            ("DELETE FROM period_event", 2002),
            (insert, 2007),
            ("DELETE FROM period_lock", 2008),
            ("UPDATE period_lock SET month = 2", 2008),
            (
                "INSERT INTO period_lock (organisation, year, month, locked_at, locked_by) SELECT organisation, year, 2, locked_at, locked_by FROM period_lock",
                2008,
            ),
        ] {
            let error = StoreError::from(store.db().execute_unprepared(sql).await.unwrap_err());
            assert!(
                matches!(error, StoreError::Refused { code: c, .. } if c == code),
                "{sql}: {error}"
            );
        }
        let alone = insert.replace("'closed'", "'reopened'");
        assert!(
            store.db().execute_unprepared(&alone).await.is_err(),
            "no second person"
        );
        assert!(
            lock::locked_periods(store.db(), "A01")
                .await
                .unwrap()
                .contains(&month("2024-01"))
        );
    }
}

/// As typed: by position or by option, with what the street planted in the way.
#[test]
fn closing_from_the_command_line() {
    use crate::command_line::{sanzi, stderr};
    let folder = tempfile::tempdir().unwrap();
    let street = crate::hand_in::fixture("jiufeng").display().to_string();
    let db = ["--db", "sqlite://x.db"];
    let run = |args: &[&str], code: i32, words: &str| {
        let output = sanzi(folder.path(), &[args, &db].concat());
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            stderr(&output)
        );
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(words), "{args:?}: {text}");
    };
    run(&["import", &street, "--quarantine"], 0, "");
    let by = ["--by", "主管甲"];
    run(
        &[&["close", "JF02", "2024-01..2025-02"][..], &by].concat(),
        0,
        "2025-02 已结账",
    );
    run(
        &[&["close", "JF02", "2025-02"][..], &by].concat(),
        0,
        "早已结账",
    );
    run(
        &[&["close", "--org", "JF02", "--period", "2025-03"][..], &by].concat(),
        3,
        "记字 7",
    );
    run(
        &[
            &["close", "JF02", "2025-03", "--explain", "作废未留底"][..],
            &by,
        ]
        .concat(),
        0,
        "2025-03 已结账",
    );
    run(
        &[&["close", "JF03", "2024-01..2025-09"][..], &by].concat(),
        3,
        "结账-1003",
    );
    let reopen = [
        "reopen",
        "JF02",
        "2025-03",
        "--reason",
        "补记",
        "--approved-by",
    ];
    run(&[&reopen[..], &["主管甲"], &by].concat(), 3, "账本-3003");
    run(
        &[&reopen[..], &["主管乙"], &by].concat(),
        0,
        "2025-03 已反结账",
    );
    run(&["close", "JF02"], 2, "缺少");
}
