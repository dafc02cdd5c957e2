//! Patterns among payments.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::business::{purchase, purchase_as};
use super::super::calendar::plus;
use super::{GenerateError, Injection, day, other_way, repair};

pub const ALL: &[Injection] = &[
    Injection::new("T-001", 3, high_digits),
    Injection::new("T-002", 3, invented_endings),
    Injection::new("T-003", 3, round_amount),
    Injection::new("T-004", 3, one_amount_again_and_again),
    Injection::new("T-005", 3, paid_twice),
    Injection::new("T-006", 3, paid_again),
    Injection::new("T-007", 3, far_larger),
    Injection::new("T-008", 3, below_gate),
    Injection::new("T-009", 2, split_payment),
    Injection::new("T-015", 3, one_account_or_money_back),
];

/// A list of small works of one firm, paid in one sum.
fn work_list(book: &mut Book, nth: u32, amounts: &[i64]) -> Result<(), GenerateError> {
    let party = format!("{}号零修服务点", nth + 1);
    let total = amounts.iter().sum();
    let mut lines: Vec<_> = amounts
        .iter()
        .map(|fen| dr(A::Repair, *fen, &party))
        .collect();
    lines.push(cr(A::Bank, total, &party));
    let date = day(book, nth % 3, 4 + nth / 3);
    purchase_as(book, Draft::new(date, "付零修清单款", lines), total, &party)?;
    Ok(())
}

/// So many works that their first digits can be judged, none of which begins with a digit below five.
fn high_digits(book: &mut Book) -> Result<(), GenerateError> {
    for nth in 0..21 {
        let amounts: Vec<_> = (0..26).map(|_| book.rng.odd_money(50, 99)).collect();
        work_list(book, nth, &amounts)?;
    }
    book.label("T-001", "2024");
    Ok(())
}

/// A thousand works of every size, whose 角 and 分 somebody thought of.
fn invented_endings(book: &mut Book) -> Result<(), GenerateError> {
    for nth in 21..61 {
        let amounts: Vec<_> = (0..26)
            .map(|k| {
                book.rng.log_money(10_000, 1) / 100 * 100 + [17, 23, 37, 46, 68, 73, 89][k % 7]
            })
            .collect();
        work_list(book, nth, &amounts)?;
    }
    book.label("T-002", "角分");
    Ok(())
}

/// Twenty tickets of one price, each from another seller.
fn one_amount_again_and_again(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(81, 96);
    for k in 0..20 {
        let (date, party) = (day(book, k % 3, 4 + k), format!("{}号票务点", k + 1));
        purchase(book, date, "付市内交通票款", A::Travel, fen, &party)?;
    }
    let account = A::Travel.code(book.village);
    book.label("T-004", format!("{account}|2024"));
    Ok(())
}

fn round_amount(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.between(5, 19) * 100_000;
    book.post(repair(day(book, 2, 11), "付维修费", fen, "辛维修部"));
    let account = A::Repair.code(book.village);
    book.label("T-003", format!("{account}|2024"));
    Ok(())
}

fn paid_twice(book: &mut Book) -> Result<(), GenerateError> {
    let fen = book.rng.odd_money(500, 9_000);
    let payment = repair(day(book, 2, 12), "付宣传栏制作款", fen, "丙广告部");
    book.post(payment.clone().after(After::Label("T-005")));
    book.post(payment);
    Ok(())
}

/// The same once more six days later.
fn paid_again(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(500, 9_000), "丁凉亭维修队");
    book.post(repair(day(book, 2, 5), "付凉亭维修款", fen, party));
    let again = repair(day(book, 2, 11), "付凉亭维修款", fen, party);
    book.post(again.after(After::Label("T-006")));
    Ok(())
}

/// Five small signs and one that costs many times as much, without a contract.
fn far_larger(book: &mut Book) -> Result<(), GenerateError> {
    let party = "己标识制作部";
    for (month, on) in [(0, 9), (0, 18), (1, 9), (1, 18), (2, 9)] {
        let fen = book.rng.odd_money(300, 900);
        let date = day(book, month, on);
        purchase(book, date, "付标识制作款", A::Office, fen, party)?;
    }
    let (date, fen) = (day(book, 2, 15), book.rng.odd_money(11_000, 18_000));
    purchase(book, date, "付入口标识款", A::Office, fen, party)?;
    book.label("T-007", party);
    Ok(())
}

/// Ten works for ten parties, each a little below the amount that needs two signatures: enough to tell, even if an ordinary
/// payment lies just above it.
fn below_gate(book: &mut Book) -> Result<(), GenerateError> {
    for (k, trade) in [
        "门窗", "水泵", "围墙", "路灯", "屋面", "沟渠", "护栏", "井盖", "台阶", "雨棚",
    ]
    .into_iter()
    .enumerate()
    {
        let fen = book.rng.odd_money(19_100, 19_900);
        let date = day(book, k as u32 % 3, 10 + k as u32);
        let (what, party) = (format!("付{trade}维修款"), format!("{trade}维修工程队"));
        purchase(book, date, &what, A::Repair, fen, &party)?;
    }
    book.label("T-008", "approval|2024");
    Ok(())
}

/// One repair paid in three within a week, each below the amount that needs two signatures.
fn split_payment(book: &mut Book) -> Result<(), GenerateError> {
    let (first, party) = (day(book, 1, 12), "癸防腐工程队");
    for later in [0, 2, 3] {
        let fen = book.rng.odd_money(7_000, 19_000);
        purchase(
            book,
            plus(first, later),
            "付钢结构防腐款",
            A::Repair,
            fen,
            party,
        )?;
    }
    book.label("T-009", format!("{party}|{first}"));
    Ok(())
}

/// Two firms are paid into one account; or most of what a firm is paid comes back from its legal representative.
fn one_account_or_money_back(book: &mut Book) -> Result<(), GenerateError> {
    let (account, boss) = (
        format!("8177{}0015", book.digits()),
        format!("洪某{}", book.digits()),
    );
    let names: &[&str] = if other_way(book) {
        &["甲沟渠疏浚队"]
    } else {
        &["甲沟渠疏浚队", "乙沟渠疏浚队"]
    };
    for name in names {
        book.folder.row(
            "counterparty",
            &[
                ("name", name),
                ("kind", &"单位"),
                ("legal_rep", &boss),
                ("account_hash", &account),
            ],
        )?;
    }
    let date = day(book, 1, 21);
    let fen = book.rng.odd_money(6_000, 9_000);
    let draft = repair(date, "付沟渠疏浚款", fen, names[0]);
    if !other_way(book) {
        purchase_as(book, draft, fen, names[0])?;
        book.label("T-015", "共用账户|乙沟渠疏浚队等(尾号0015)");
        return Ok(());
    }
    let draft = draft.after(After::LabelUnder("T-015", "资金回流".to_owned()));
    purchase_as(book, draft, fen, names[0])?;
    let back = fen / 10 * 8;
    let lines = vec![dr(A::Bank, back, &boss), cr(A::Fees, back, &boss)];
    book.post(Draft::new(plus(date, 8), "收场地使用费", lines));
    Ok(())
}
