//! What a company does every month: wages, utilities, petty cash, lost work, taxes, interest, depreciation, closing, and
//! the market fees and small purchases that fill a large book.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::GenerateError;
use super::account::A;
use super::book::{After, Book, Draft, cr, dr};
use super::calendar::{month_end, month_of, plus, working_day, working_days};
use super::compensation::Project;
use super::rng::log_spread;
use super::works::Works;
use super::{papers, registers};

/// Paid every month, quarter or now and then, beside the shops.
const SUPPLIERS: [&str; 6] = [
    "区供电所",
    "区自来水厂",
    "甲通信营业厅",
    "乙物业服务部",
    "丁房屋维修队",
    "辛照明工程公司",
];

const SHOPS: [&str; 7] = [
    "甲文具店",
    "乙打印社",
    "丙百货店",
    "丁五金店",
    "戊快递点",
    "己桶装水站",
    "庚清洁用品店",
];

/// The wage owed at the beginning.
pub fn opening_wage(book: &Book) -> i64 {
    -book.total(A::Wages)
}

/// Parties, land taken and works, which come once.
pub fn once(book: &mut Book) -> Result<(), GenerateError> {
    for name in SUPPLIERS.into_iter().chain(SHOPS) {
        papers::party(book, name)?;
    }
    let received = working_day(book.first, 10);
    let land = Project::paid_out("BC-2024", "环湖路拓宽征地", received);
    land.write(book)?;
    let total = book.rng.odd_money(101_000, 139_000);
    let works = Works {
        contract: "HT-0951",
        project: "GC-0001",
        name: "文化广场照明改造",
        place: "文化广场",
        party: "辛照明工程公司",
        signed: working_day(book.first, 22),
        total,
        tendered: true,
        payments: &[(38, total / 10 * 7), (81, total - total / 10 * 7)],
        ..Works::default()
    };
    works.write(book)
}

/// Queues everything ordinary of a month and fills the book up to `target` entries.
pub fn month(
    book: &mut Book,
    month: u32,
    wage: &mut i64,
    target: u64,
) -> Result<(), GenerateError> {
    let start = month_of(book.first, month);
    let end = month_end(start);
    pay_wages(book, month, wage);
    for (day, account, low, high, party, what) in [
        (16, A::Power, 1_500, 3_800, "区供电所", "付电费"),
        (19, A::Power, 260, 700, "区自来水厂", "付水费"),
        (8, A::Office, 300, 340, "甲通信营业厅", "付网络通信费"),
    ] {
        let fen = book.rng.odd_money(low, high);
        purchase(book, working_day(start, day), what, account, fen, party)?;
    }
    petty_cash(book, month);
    match start.month() % 3 {
        1 => {
            let fen = book.rng.odd_money(7_200, 8_900);
            purchase(
                book,
                working_day(start, 22),
                "付季度保洁费",
                A::Cost,
                fen,
                "乙物业服务部",
            )?;
            pay_tax(book, month);
        }
        2 => {
            let fen = book.rng.odd_money(2_100, 8_800);
            purchase(
                book,
                working_day(start, 24),
                "付房屋零星维修费",
                A::Repair,
                fen,
                "丁房屋维修队",
            )?;
            journey(book, month)?;
        }
        _ => {
            let fen = book.rng.odd_money(180, 620);
            let lines = vec![
                dr(A::Bank, fen, "开户银行"),
                cr(A::Interest, fen, "开户银行"),
            ];
            book.post(Draft::new(working_day(start, 21), "存款利息", lines));
            lost_work(book, month);
            accrue_tax(book, month);
        }
    }
    let depreciation = book.depreciation;
    if depreciation > 0 {
        let lines = vec![
            dr(A::DepCost, depreciation, ""),
            cr(A::AccDep, depreciation, ""),
        ];
        book.post(
            Draft::new(end, "计提本月折旧", lines)
                .rank(5)
                .source("系统"),
        );
    }
    fill(book, month, target)?;
    close(book, month);
    registers::month(book, month)
}

fn pay_wages(book: &mut Book, month: u32, wage: &mut i64) {
    let start = month_of(book.first, month);
    let lines = vec![
        dr(A::Wages, *wage, "职工工资(代发)"),
        cr(A::Bank, *wage, "职工工资(代发)"),
    ];
    book.post(Draft::new(working_day(start, 10), "发放上月工资", lines));
    *wage = book.rng.odd_money(20_200, 29_000);
    let lines = vec![dr(A::Salary, *wage, ""), cr(A::Wages, *wage, "")];
    book.post(Draft::new(month_end(start), "计提本月工资", lines).rank(5));
}

/// A payment by bank against an invoice that passed the check. Returns the invoice number.
pub fn purchase(
    book: &mut Book,
    date: chrono::NaiveDate,
    what: &str,
    account: A,
    fen: i64,
    party: &str,
) -> Result<String, GenerateError> {
    let draft = Draft::new(
        date,
        what,
        vec![dr(account, fen, party), cr(A::Bank, fen, party)],
    );
    purchase_as(book, draft, fen, party)
}

/// [`purchase`] with a voucher of the caller's own.
pub fn purchase_as(
    book: &mut Book,
    draft: Draft,
    fen: i64,
    party: &str,
) -> Result<String, GenerateError> {
    let no = papers::invoice_no(book);
    let buyer = book.name.clone();
    let invoice = papers::Invoice {
        no: &no,
        date: plus(draft.date, -2),
        seller: party,
        buyer: &buyer,
        amount: fen,
        checked: "通过",
    };
    invoice.write(book)?;
    book.post(draft.invoice(&no));
    Ok(no)
}

/// Small purchases in cash, paid out of a withdrawal that covers them; less than 200 元 stay in the box.
fn petty_cash(book: &mut Book, month: u32) {
    let start = month_of(book.first, month);
    let buys: Vec<i64> = (0..book.rng.between(3, 4))
        .map(|_| book.rng.odd_money(70, 290))
        .collect();
    let total: i64 = buys.iter().sum();
    // Whole hundreds that lift the box to at least what is spent: what stays is below 100 元.
    let need = total - book.total(A::Cash);
    let drawn = (need.max(0) + 9_999) / 10_000 * 10_000;
    if drawn > 0 {
        let lines = vec![dr(A::Cash, drawn, ""), cr(A::Bank, drawn, "本单位")];
        book.post(Draft::new(working_day(start, 3), "提取备用现金", lines));
    }
    for (k, fen) in buys.into_iter().enumerate() {
        let shop = SHOPS[(month as usize + 2 * k) % SHOPS.len()];
        let what = ["购办公用品", "打印复印费", "购清洁用品", "购五金耗材"][k % 4];
        let date = working_day(start, 4 + 4 * k as u32);
        let lines = vec![dr(A::Office, fen, shop), cr(A::Cash, fen, shop)];
        book.post(Draft::new(date, what, lines).rank(1));
    }
}

/// House tax of 12 % on the rent of the quarter, and small ones beside it.
fn accrue_tax(book: &mut Book, month: u32) {
    let rent = book.rent_with(month);
    let on_rent = match book.taxes_rent {
        true => (rent - book.rent_taxed) * 12 / 100,
        false => 0,
    };
    book.rent_taxed = rent;
    let due = on_rent + 123_456 + book.rng.between(0, 199_999);
    let lines = vec![dr(A::Surtax, due, ""), cr(A::Tax, due, "")];
    let end = month_end(month_of(book.first, month));
    book.post(Draft::new(end, "计提本季度税金", lines).rank(5));
}

/// A day's journey to a training, approved before it and paid by bank against the claim.
fn journey(book: &mut Book, month: u32) -> Result<(), GenerateError> {
    let first = working_day(month_of(book.first, month), 17);
    let claimant = format!("卫某{}", book.digits());
    let fen = book.rng.odd_money(120, 480);
    let claim = papers::Claim {
        no: format!("BX-{:04}", book.serial()),
        claimant: claimant.clone(),
        matter: "参加业务培训",
        kind: "差旅",
        place: "市内",
        span: (first, first),
        amount: fen,
    };
    for (step, duty) in [("经办", "会计"), ("负责人", "负责")] {
        let who = book.staff(duty);
        papers::approval(book, &claim.no, step, &who, plus(first, -1))?;
    }
    let lines = vec![dr(A::Travel, fen, &claimant), cr(A::Bank, fen, &claimant)];
    let draft = Draft::new(plus(first, 4), "报销差旅费", lines);
    book.post(draft.after(After::Claim(claim)));
    Ok(())
}

fn pay_tax(book: &mut Book, month: u32) {
    let due = -book.total(A::Tax);
    if due > 0 {
        let date = working_day(month_of(book.first, month), 14);
        let lines = vec![dr(A::Tax, due, "税务局"), cr(A::Bank, due, "税务局")];
        book.post(Draft::new(date, "缴纳上季度税费", lines));
    }
}

/// Villagers' work of the quarter, slip by slip, paid by bank to each person.
fn lost_work(book: &mut Book, month: u32) {
    for k in 0..3u32 {
        let name = format!("{}某{}", ["冯", "陈", "褚"][k as usize], &book.code[1..]);
        let slips: Vec<_> = (0..3u32)
            .filter(|j| month + j >= 2)
            .map(|j| {
                let date = working_day(month_of(book.first, month + j - 2), 6 + 4 * k);
                let person = format!("L{}{k}", &book.code[1..]);
                (
                    date.to_string(),
                    person,
                    name.clone(),
                    12_000 + 500 * i64::from(k),
                )
            })
            .collect();
        let fen = slips.iter().map(|s| s.3).sum();
        let date = working_day(month_of(book.first, month), 26);
        let lines = vec![dr(A::LostWork, fen, &name), cr(A::Bank, fen, &name)];
        book.post(Draft::new(date, format!("付{name}误工补贴"), lines).after(After::Labour(slips)));
    }
}

/// Money between a village company and the joint company; positive goes out of this book.
pub fn internal(book: &mut Book, month: u32, fen: i64, party: &str) {
    if month >= book.months {
        return;
    }
    let date = working_day(month_of(book.first, month), 20);
    let draft = if fen > 0 {
        let lines = vec![dr(A::Internal, fen, party), cr(A::Bank, fen, party)];
        Draft::new(date, "统筹款划出", lines)
    } else {
        let lines = vec![dr(A::Bank, -fen, party), cr(A::Internal, -fen, party)];
        Draft::new(date, "统筹款划入", lines)
    };
    book.post(draft);
}

/// Market fees received by bank (two of three) and small purchases from a wide circle of suppliers, none of which gets
/// 10 000 元 in thirty days or the same amount twice.
fn fill(book: &mut Book, month: u32, target: u64) -> Result<(), GenerateError> {
    let closing = 3 + book.result_with(month).len() as u64;
    let have = book.entries + book.queued(month) + closing;
    let count = target.saturating_sub(have) / 2;
    let days = working_days(month_of(book.first, month));
    let suppliers = count / 30 + 12;
    for k in 0..count {
        let date = days[(k * days.len() as u64 / count.max(1)) as usize];
        if k % 3 == 2 {
            let supplier = k / 3 % suppliers;
            // Steps of the golden ratio, two decades wide: spread as Benford's law has it, and hardly an amount twice.
            let step = (book.entries / 2 + k).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let fen = log_spread(1_000, 2, (step >> 32) as u32);
            let account = [A::Office, A::Cost, A::Repair][(k / 3 % 3) as usize];
            let party = format!("{}号供应商", supplier + 1);
            purchase(book, date, "付零星采购款", account, fen, &party)?;
        } else {
            let fen = book.rng.log_money(2_000, 2);
            let party = format!("{}号摊位", k % 997 + 1);
            let lines = vec![dr(A::Bank, fen, &party), cr(A::Fees, fen, &party)];
            book.post(Draft::new(date, "收市场服务费", lines));
        }
    }
    Ok(())
}

/// Income and expense go to the profit account (companies: monthly; collectives: in December), in December that goes to
/// retained earnings.
fn close(book: &mut Book, month: u32) {
    let start = month_of(book.first, month);
    let (end, december) = (month_end(start), start.month() == 12);
    if book.village && !december {
        return;
    }
    let sums = book.result_with(month);
    let gain = -sums.values().sum::<i64>();
    let (income, expense) = split(&sums);
    for (lines, what) in [(income, "结转本期收入"), (expense, "结转本期支出")] {
        if !lines.is_empty() {
            book.post(Draft::new(end, what, lines).rank(8).source("结转"));
        }
    }
    if december {
        let year = gain - book.total(A::Profit);
        let lines = if year >= 0 {
            vec![dr(A::Profit, year, ""), cr(A::Retained, year, "")]
        } else {
            vec![dr(A::Retained, -year, ""), cr(A::Profit, -year, "")]
        };
        if year != 0 {
            book.post(
                Draft::new(end, "结转全年收益", lines)
                    .rank(9)
                    .source("结转"),
            );
        }
    }
}

/// Lines that empty the income accounts, and those that empty the expense accounts, each against the profit account.
fn split(sums: &BTreeMap<A, i64>) -> (Vec<super::book::Line>, Vec<super::book::Line>) {
    let (mut income, mut expense) = (Vec::new(), Vec::new());
    let (mut earned, mut spent) = (0, 0);
    for (&account, &net) in sums.iter().filter(|s| *s.1 != 0) {
        if account.is_credit() {
            earned -= net;
            income.push(dr(account, -net, ""));
        } else {
            spent += net;
            expense.push(cr(account, net, ""));
        }
    }
    if !income.is_empty() {
        income.push(cr(A::Profit, earned, ""));
    }
    if !expense.is_empty() {
        expense.insert(0, dr(A::Profit, spent, ""));
    }
    (income, expense)
}

/// After a month is written: closed results start from nothing.
pub fn closed(book: &mut Book, month: u32) {
    if !book.village || month_of(book.first, month).month() == 12 {
        book.open_result.clear();
    }
}
