//! Stores to test on: SQLite always, PostgreSQL when `SANZI_TEST_POSTGRES` names a server (scripts/test starts one).

use std::sync::atomic::{AtomicU32, Ordering};

use sanzi::model::{
    Account, Chart, Entry, Money, Period, Side, Source, Standard, Voucher, VoucherId,
};
use sanzi::store::Store;
use sea_orm::{ConnectionTrait, Database};

/// A store that goes away with the test.
pub struct TestStore {
    pub store: Store,
    pub url: String,
    _folder: tempfile::TempDir,
}

/// Fresh stores, one per database that is there.
pub async fn stores() -> Vec<TestStore> {
    let mut stores = vec![sqlite().await];
    match std::env::var("SANZI_TEST_POSTGRES") {
        Ok(server) => stores.push(postgres(&server).await),
        Err(_) => assert!(
            std::env::var_os("CI").is_none(),
            "CI must test PostgreSQL too"
        ),
    }
    stores
}

pub async fn sqlite() -> TestStore {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    TestStore {
        store: Store::open(&url).await.unwrap(),
        url,
        _folder: folder,
    }
}

async fn postgres(server: &str) -> TestStore {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "t{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let admin = Database::connect(server).await.unwrap();
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let (base, query) = server
        .split_once('?')
        .map_or((server, String::new()), |(b, q)| (b, format!("?{q}")));
    let base = base.rsplit_once('/').unwrap().0;
    let url = format!("{base}/{name}{query}");
    TestStore {
        store: Store::open(&url).await.unwrap(),
        url,
        _folder: tempfile::tempdir().unwrap(),
    }
}

pub fn now() -> chrono::NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(2025, 1, 5)
        .unwrap()
        .and_hms_opt(9, 0, 0)
        .unwrap()
}

/// A small chart: 1001 cash, 1002 bank with a detail, 5001 income, 5602 expense.
pub fn chart() -> Chart {
    let rows = [
        ("1001", "库存现金", Side::Debit, None, true, "资产", "cash"),
        ("1002", "银行存款", Side::Debit, None, false, "资产", "bank"),
        (
            "1002.01",
            "基本户",
            Side::Debit,
            Some("1002"),
            true,
            "资产",
            "bank",
        ),
        (
            "5001",
            "租金收入",
            Side::Credit,
            None,
            true,
            "损益",
            "rent_income",
        ),
        (
            "5602",
            "管理费用",
            Side::Debit,
            None,
            true,
            "损益",
            "admin_expense",
        ),
    ];
    let accounts = rows
        .into_iter()
        .map(|(code, name, side, parent, is_leaf, category, tag)| {
            let account = Account {
                code: code.into(),
                name: name.into(),
                side,
                parent: parent.map(Into::into),
                is_leaf,
                category: category.into(),
                tag: Some(tag.into()),
                active_from: None,
                active_to: None,
            };
            (account.code.clone(), account)
        });
    Chart {
        standard: Standard::SmallEnterprise,
        accounts: accounts.collect(),
    }
}

/// A voucher with every field filled, so that each column has something to be tampered with.
pub fn voucher(year: i32, month: u32, number: u32, entries: &[(&str, i64, i64)]) -> Voucher {
    let text = |t: &str| Some(t.into());
    let date = chrono::NaiveDate::from_ymd_opt(year, month, 15).unwrap();
    let entries = entries
        .iter()
        .enumerate()
        .map(|(i, &(account, debit, credit))| Entry {
            line: i as u32 + 1,
            summary: text("收房租"),
            account: account.into(),
            account_name: text("名称"),
            debit: Money(debit),
            credit: Money(credit),
            counterparty: text("甲商贸"),
            contract_no: text("HT-1"),
            asset_no: text("ZC-1"),
            project: text("XM-1"),
            fund: text("ZJ-1"),
            invoice_no: text("FP-1"),
            receipt_no: text("SJ-1"),
            bank_txn_no: text("LS-1"),
            settlement: text("transfer"),
            source_row: i as u32 + 2,
        });
    Voucher {
        id: VoucherId::new(Period { year, month }, "记".into(), &number.to_string()),
        date,
        attachments: Some(2),
        maker: text("制单甲"),
        checker: text("审核乙"),
        poster: text("记账丙"),
        cashier: text("出纳丁"),
        entered_at: date.and_hms_opt(10, 30, 0),
        reverses: text("2024-01-记-0009"),
        origin: text("manual"),
        source: Source {
            file: "凭证.csv".into(),
            sheet: Some("凭证".into()),
            row: number * 10,
        },
        entries: entries.collect(),
    }
}
