//! One small book in every layout that packages, platforms, audit software and banks export: recognised without being told,
//! and the same trial balance to the fen. `scripts/make_exports.py` writes the files.

use std::collections::BTreeMap;

use sanzi::import::commit::Defects;
use sanzi::import::gates::Outcome;
use sanzi::import::handin::{CompanyHandIn, HandIn};
use sanzi::import::{self, IdHasher, Known, ReadOptions};
use sanzi::ledger::trial_balance::trial_balance;
use sanzi::model::{HeldReason, PeriodRange, Value};
use sanzi::pack::Pack;
use sanzi::store::Store;

use crate::hand_in::{fixture, read, write};
use crate::support::{sqlite, stores};

/// Account without dots → opening, debit, credit in 分: the book of `scripts/make_exports.py`.
const BOOK: [(&str, [i64; 3]); 9] = [
    ("1001", [50_000, 0, 30_030]),
    ("100201", [10_000_000, 12_421_111, 183_000]),
    ("1122", [350_000, 60_000, 80_000]),
    ("22210101", [0, 13_000, 0]),
    ("2241", [-400_000, 100_000, 0]),
    ("3001", [-10_000_000, 0, 0]),
    ("5001", [0, 0, 12_401_111]),
    ("560201", [0, 30, 0]),
    ("560202", [0, 100_000, 0]),
];

/// Layout, rows taken, rows set aside.
type File = (&'static str, u32, usize);

/// What a folder of fixtures/exports holds. `opened`: opening balances are among it; `parties`: who owes what is.
struct Export {
    folder: &'static str,
    opened: bool,
    parties: bool,
    files: &'static [File],
}

const fn of(folder: &'static str, opened: bool, parties: bool, files: &'static [File]) -> Export {
    Export {
        folder,
        opened,
        parties,
        files,
    }
}

const U8: &str = "用友 U8/T3 序时账";
const U8_BALANCE: &str = "用友 U8/T3 科目余额表";
const NC: &str = "用友 NC 序时账";
const NC_BALANCE: &str = "用友 NC 科目辅助余额表";
const KIS: &str = "金蝶 KIS/K3 序时簿";
const KIS_BALANCE: &str = "金蝶 KIS/K3 科目余额表";
const REGISTER: &str = "手工账 凭证登记簿(只有凭证头)";

#[rustfmt::skip]
const EXPORTS: [Export; 17] = [
    of("u8", true, false, &[("用友 科目表", 13, 0), (U8, 16, 2), (U8_BALANCE, 13, 5)]),
    of("u8-accounts", false, false, &[(U8, 16, 2), ("用友 科目表", 13, 0)]),
    of("u8-parts", true, false, &[(U8, 11, 2), (U8, 5, 7), (U8_BALANCE, 9, 5), (U8_BALANCE, 13, 5)]),
    of("u8-text", false, true, &[("用友 U8 凭证文本", 16, 0)]),
    of("u8-sheet", false, true, &[("用友 U8 凭证表", 16, 2)]),
    of("u8-table", false, true, &[("用友 U8 凭证库表(GL_accvouch)", 16, 2)]),
    of("nc", false, true, &[(NC, 16, 1), (NC_BALANCE, 5, 0)]),
    of("nc-codes", false, true, &[(NC, 16, 1), (NC_BALANCE, 5, 0)]),
    of("tplus", false, false, &[("畅捷通 T+ 凭证", 16, 0)]),
    of("kis", true, false, &[(KIS, 16, 1), (KIS_BALANCE, 13, 1), ("金蝶 科目表", 13, 0)]),
    of("kingdee-cloud", false, false, &[("金蝶云 凭证查询", 16, 2)]),
    of("jdy", false, true, &[("金蝶精斗云 凭证", 16, 0)]),
    of("days", false, false, &[("通用序时账(月、日分列)", 16, 0)]),
    of("saas", false, true, &[("代账平台 凭证(借贷两栏)", 16, 0)]),
    of("template-kingdee", true, false, &[("凭证导入模板(金蝶式)", 16, 0), ("期初余额(方向与余额)", 5, 1)]),
    of("template-yonyou", true, false, &[("凭证导入模板(用友式)", 16, 0), ("期初余额(借贷两栏)", 5, 2)]),
    of("hand", true, false, &[("通用序时账", 16, 0), ("手工账 期初余额", 5, 0), (REGISTER, 7, 0)]),
];

fn export(folder: &str) -> HandIn {
    read(&fixture(&format!("exports/{folder}")), Some("C01"))
}

fn company(hand_in: &HandIn) -> &CompanyHandIn {
    let company = &hand_in.companies[0];
    assert!(
        !company.has_errors(),
        "{}: {:#?}",
        hand_in.label,
        company.problems
    );
    company
}

/// Opening, debit, credit by account without dots.
async fn balances(store: &Store) -> BTreeMap<String, [i64; 3]> {
    let range = PeriodRange::parse("2026-01..2026-02").unwrap();
    let balance = trial_balance(store.db(), "C01", range).await.unwrap();
    let rows = balance.rows.into_iter().filter(|r| r.is_leaf);
    rows.map(|r| {
        let opening = r.opening_debit.0 - r.opening_credit.0;
        (r.account.replace('.', ""), [opening, r.debit.0, r.credit.0])
    })
    .collect()
}

fn expected(opened: bool) -> BTreeMap<String, [i64; 3]> {
    let rows = BOOK.map(|(account, [opening, debit, credit])| {
        (
            account.to_owned(),
            [if opened { opening } else { 0 }, debit, credit],
        )
    });
    rows.into_iter().filter(|(_, row)| *row != [0; 3]).collect()
}

#[tokio::test]
async fn every_layout_is_recognised_and_gives_the_same_book() {
    for Export {
        folder,
        files,
        opened,
        parties,
    } in EXPORTS
    {
        let hand_in = export(folder);
        let company = company(&hand_in);
        let found: Vec<(&str, u32, usize)> = hand_in
            .files
            .iter()
            .map(|f| (f.layout.as_str(), f.taken, f.set_aside.len()))
            .collect();
        assert_eq!(found, files, "{folder}");
        for file in &hand_in.files {
            let rows = file.heads + file.taken + file.set_aside.len() as u32 + file.refused;
            assert_eq!((file.rows, file.refused), (rows, 0), "{folder}: {file:?}");
        }
        let owes = company.vouchers.iter().flat_map(|v| &v.entries);
        let owes = owes
            .filter(|e| e.counterparty.as_deref() == Some("甲商贸"))
            .count();
        assert_eq!(owes, if parties { 2 } else { 0 }, "{folder}");
        let test = sqlite().await;
        let receipt = write(&test.store, &hand_in, Defects::Refuse).await;
        assert!(!receipt.companies[0].refused, "{folder}");
        assert_eq!(balances(&test.store).await, expected(opened), "{folder}");
    }
}

/// A gate's outcome and what it says.
fn gate(company: &CompanyHandIn, number: u8) -> (Outcome, &str) {
    let gate = company.gates.iter().find(|g| g.number == number).unwrap();
    (gate.outcome, &gate.detail)
}

fn codes<'c>(company: &'c CompanyHandIn, code: &str) -> Vec<&'c str> {
    let of_code = company.problems.iter().filter(|p| p.code == code);
    of_code.map(|p| p.message.as_str()).collect()
}

#[test]
fn what_can_be_tied_out_is_and_what_cannot_says_why() {
    use Outcome::{Failed, NotPossible, Passed};
    for (folder, outcomes) in [
        // The voided voucher is in none of these, so that its number is missing.
        (
            "u8",
            [
                Passed, Passed, Passed, Passed, Passed, Passed, Failed, Passed, Passed, Passed,
            ],
        ),
        (
            "u8-parts",
            [
                Passed, Passed, Passed, Passed, Passed, Passed, Failed, Passed, Passed, Passed,
            ],
        ),
        (
            "kis",
            [
                Passed, Passed, Passed, Passed, Passed, Passed, Failed, Passed, Passed, Passed,
            ],
        ),
        // Parties only: nothing to open the year with.
        (
            "nc",
            [
                Passed,
                Passed,
                NotPossible,
                Passed,
                NotPossible,
                Passed,
                Failed,
                Passed,
                Passed,
                Passed,
            ],
        ),
        (
            "kingdee-cloud",
            [
                Passed,
                NotPossible,
                NotPossible,
                NotPossible,
                NotPossible,
                Passed,
                Passed,
                Passed,
                Passed,
                Passed,
            ],
        ),
        (
            "template-yonyou",
            [
                Passed,
                Passed,
                Passed,
                NotPossible,
                NotPossible,
                Passed,
                Failed,
                Passed,
                Passed,
                Passed,
            ],
        ),
    ] {
        let hand_in = export(folder);
        let company = company(&hand_in);
        let found: Vec<Outcome> = company.gates.iter().map(|g| g.outcome).collect();
        assert_eq!(found, outcomes, "{folder}: {:#?}", company.gates);
    }
    let hand_in = export("u8");
    let u8 = company(&hand_in);
    assert_eq!(gate(u8, 7).1, "2026-02 记:缺 2");
    assert_eq!(
        codes(u8, "导入-1052"),
        ["2026 年没有交期初余额,按科目余额表一月期初记 5 行"]
    );
    let hand_in = export("kingdee-cloud");
    assert_eq!(
        gate(company(&hand_in), 7).1,
        "没有缺号、重号;作废 1 张,占号"
    );
}

#[test]
fn every_difference_to_the_stated_balances_is_listed_by_account() {
    let from = fixture("exports/kis");
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        from.join("科目余额表.xlsx"),
        folder.path().join("科目余额表.xlsx"),
    )
    .unwrap();
    // The journal without its last voucher: 2241, 1001 and 1002 differ.
    let journal = "日期,凭证字号,摘要,科目编码,科目名称,借方,贷方\n\
        2026-01-05,记-1,a,1002.01,银行存款 - 基本户,124210.11,\n2026-01-05,记-1,a,5001,主营业务收入,,124210.11\n\
        2026-01-08,记-2,a,5602.01,管理费用 - 办公费,0.30,\n2026-01-08,记-2,a,1001,库存现金,,0.30\n\
        2026-02-03,付-1,a,5602.02,管理费用 - 修理费,1000,\n2026-02-03,付-1,a,2221.01.01,进项税额,130,\n\
        2026-02-03,付-1,a,1002.01,银行存款 - 基本户,,1130\n2026-02-10,记-1,a,1122,应收账款,600,\n\
        2026-02-10,记-1,a,5001,主营业务收入,,600\n2026-02-11,记-2,a,1405,库存商品,5,\n2026-02-11,记-2,a,5001,主营业务收入,,5\n";
    std::fs::write(folder.path().join("凭证明细.csv"), journal).unwrap();
    let hand_in = read(folder.path(), Some("C01"));
    let company = company(&hand_in);
    let listed = codes(company, "导入-1032");
    let of = |account: &str| {
        let head = format!("科目 {account} ");
        listed.iter().find(|m| m.starts_with(&head)).copied()
    };
    assert_eq!(
        of("2241"),
        Some(
            "科目 2241 2026-01..2026-02 本期借方表上 1,000.00,按凭证算出 0.00,相差 1,000.00;\
             期末余额表上 -3,000.00,按凭证算出 -4,000.00,相差 1,000.00"
        )
    );
    assert!(of("1122").is_some_and(|m| m.contains("本期贷方表上 800.00,按凭证算出 0.00")));
    assert!(of("1405").is_some_and(|m| m.contains("表上没有这个科目")));
    assert!(of("3001").is_none() && of("2221").is_none());
    assert_eq!(gate(company, 4).0, Outcome::Failed);
    assert_eq!(gate(company, 5).0, Outcome::Passed);
}

#[tokio::test]
async fn one_file_of_many_books_goes_to_those_whose_books_they_are() {
    let hand_in = read(&fixture("exports/nc-street"), None);
    let vouchers: Vec<(&str, usize)> = hand_in
        .companies
        .iter()
        .map(|c| (&*c.organisation, c.vouchers.len()))
        .collect();
    assert_eq!(vouchers, [("C01", 7), ("C02", 3)]);
    for file in &hand_in.files {
        let rows = file.heads + file.taken + file.set_aside.len() as u32 + file.refused;
        assert_eq!((file.rows, file.refused), (rows, 0), "{file:?}");
    }
    let whole: u32 = hand_in
        .files
        .iter()
        .filter(|f| f.place.file.contains("序时账"))
        .map(|f| f.rows)
        .sum();
    assert_eq!(whole, 5 + 16 + 6 + 2);
    let test = sqlite().await;
    write(&test.store, &hand_in, Defects::Refuse).await;
    assert_eq!(balances(&test.store).await, expected(false));
    // The same file in the folder of one of them: the other's book is refused, and named.
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("C02");
    std::fs::create_dir(&own).unwrap();
    for (from, to) in [("单位.csv", folder.path()), ("全部序时账.xls", &own)] {
        std::fs::copy(fixture("exports/nc-street").join(from), to.join(from)).unwrap();
    }
    let hand_in = read(folder.path(), None);
    let company = &hand_in.companies[0];
    assert_eq!(company.vouchers.len(), 3);
    assert_eq!(
        codes(company, "导入-1050"),
        ["「甲枫实业有限公司-基准账簿」是 C01 的账簿,不是 C02 的"]
    );
}

/// Organisations handed in once are known: their books need no 单位 beside them again.
#[tokio::test]
async fn books_of_organisations_in_the_store_find_their_way_alone() {
    let file = fixture("exports/nc-street").join("全部序时账.xls");
    let (pack, ids) = (Pack::embedded(), IdHasher::new(b"test"));
    for test in &stores().await {
        let reading = |known: Known| {
            let options = ReadOptions {
                org: None,
                rules: &pack,
                ids: &ids,
                known,
                progress: None,
            };
            import::read(&file, &options).unwrap()
        };
        let strangers = reading(Known::load(&test.store).await.unwrap());
        assert!(strangers.companies.is_empty());
        let refused = strangers.problems.iter().filter(|p| p.code == "导入-1050");
        assert_eq!(refused.count(), 2);
        let street = read(&fixture("exports/nc-street"), None);
        write(&test.store, &street, Defects::Refuse).await;
        let known = reading(Known::load(&test.store).await.unwrap());
        let vouchers: Vec<(&str, usize)> = known
            .companies
            .iter()
            .map(|c| (&*c.organisation, c.vouchers.len()))
            .collect();
        assert_eq!(vouchers, [("C01", 7), ("C02", 3)]);
    }
}

#[test]
fn heads_fill_in_persons_and_explain_voided_numbers() {
    let hand_in = export("dingxinnuo");
    let company = company(&hand_in);
    let layouts: Vec<&str> = hand_in.files.iter().map(|f| f.layout.as_str()).collect();
    assert_eq!(layouts, ["云代账 凭证列表(只有凭证头)", "鼎信诺 凭证明细"]);
    assert_eq!(
        (hand_in.files[0].taken, hand_in.files[0].set_aside.len()),
        (7, 1)
    );
    let first = &company.vouchers[0];
    let persons = [&first.maker, &first.checker, &first.poster].map(|p| p.as_deref());
    assert_eq!(persons, [Some("钱制单"), Some("孙审核"), Some("李记账")]);
    assert_eq!(first.attachments, Some(2));
    assert_eq!(company.held.len(), 1);
    assert_eq!(company.held[0].reason, HeldReason::Void);
    assert_eq!(
        gate(company, 7),
        (Outcome::Passed, "没有缺号、重号;作废 1 张,占号")
    );
}

#[tokio::test]
async fn heads_alone_are_said_to_be_no_book() {
    let hand_in = export("heads-only");
    let company = company(&hand_in);
    assert!(company.vouchers.is_empty());
    assert_eq!(
        codes(company, "导入-1057"),
        ["这是凭证列表,8 张凭证都没有分录,不能记账"]
    );
    assert_eq!(hand_in.files[0].set_aside.len(), 8);
    assert_eq!(gate(company, 7), (Outcome::NotPossible, "没有交来凭证"));
    // The voided head keeps its number in the store.
    let test = sqlite().await;
    let receipt = write(&test.store, &hand_in, Defects::Refuse).await;
    assert_eq!(
        (receipt.companies[0].posted.added, receipt.companies[0].held),
        (0, 1)
    );
}

#[test]
fn banks_write_from_their_own_side() {
    for (folder, layout, aside) in [
        ("bank-signed", "银行流水(带正负号的金额)", 0),
        ("bank-two-sides", "银行流水(借贷或收支两栏)", 1),
        ("bank-direction", "银行流水(金额加收支标志)", 0),
    ] {
        let hand_in = export(folder);
        let company = company(&hand_in);
        assert!(
            company.problems.is_empty(),
            "{folder}: {:?}",
            company.problems
        );
        let file = &hand_in.files[0];
        assert_eq!(
            (file.layout.as_str(), file.taken, file.set_aside.len()),
            (layout, 5, aside),
            "{folder}"
        );
        let table = &company.registers[0];
        assert_eq!(table.table.name, "bank_txn");
        let cell = |row: usize, column: &str| {
            table.rows[row].values[table.table.position(column).unwrap()].clone()
        };
        let account = cell(0, "account_hash");
        assert!(account.text().unwrap().ends_with(":5678"), "{folder}");
        let mut lines: Vec<(String, Value, Value, Value)> = (0..5)
            .map(|i| {
                (
                    cell(i, "date").date().unwrap().to_string(),
                    cell(i, "credit_in"),
                    cell(i, "debit_out"),
                    cell(i, "balance"),
                )
            })
            .collect();
        lines.sort_by(|a, b| a.0.cmp(&b.0));
        let money = |value: &Value| value.int().unwrap_or(0);
        let amounts: Vec<(i64, i64, i64)> = lines
            .iter()
            .map(|(_, i, o, b)| (money(i), money(o), money(b)))
            .collect();
        assert_eq!(
            amounts,
            [
                (12_345_678, 0, 22_345_678),
                (0, 4_567, 22_341_111),
                (80_000, 0, 22_421_111),
                (0, 113_000, 22_308_111),
                (0, 70_000, 22_238_111)
            ],
            "{folder}"
        );
        assert_eq!(lines[0].0, "2026-01-05", "{folder}");
    }
}

/// Accounts of one bank statement have one number whatever the bank calls its columns.
#[tokio::test]
async fn a_statement_handed_in_twice_counts_once() {
    let test = sqlite().await;
    let first = write(&test.store, &export("bank-signed"), Defects::Refuse).await;
    assert_eq!(first.companies[0].registers.added, 5);
    assert_eq!(
        write(&test.store, &export("bank-signed"), Defects::Refuse)
            .await
            .batch,
        None
    );
}

#[tokio::test]
async fn an_opening_handed_in_outranks_one_read_off_a_balance_table() {
    let test = sqlite().await;
    write(&test.store, &export("template-yonyou"), Defects::Refuse).await;
    let before = balances(&test.store).await;
    let receipt = write(&test.store, &export("u8"), Defects::Refuse).await;
    assert!(!receipt.companies[0].refused);
    let revised = &receipt.companies[0].posted.revised_ids;
    assert!(revised.iter().all(|id| !id.is_opening()), "{revised:?}");
    assert_eq!(balances(&test.store).await, before);
}
