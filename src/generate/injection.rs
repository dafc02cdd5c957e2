//! Injected violations. For every company and every rule of [`RULES`] one violation is put in with the chance that the
//! options give, where the span of the books allows; what was put in is labelled by the key that the rule declares.

use super::account::A;
use super::book::{After, Book, Draft, cr, dr};
use super::business::{purchase, purchase_as};
use super::calendar::{month_of, plus, working_day};
use super::estate::{asset, decision_row, lease};
use super::rng::Rng;
use super::{GenerateError, GenerateOptions};

/// Rules whose violations the generator can put in.
pub const RULES: [&str; 18] = [
    "C-001", "C-005", "C-012", "D-001", "F-002", "F-003", "F-007", "F-009", "F-014", "F-019",
    "F-023", "G-001", "G-005", "L-001", "L-002", "L-003", "T-003", "T-005",
];

/// What a company gets.
pub struct Plan {
    pub index: u32,
    pub rules: Vec<&'static str>,
    /// Quarter of the books (0 is the first) without disclosure.
    pub hidden_quarter: Option<u32>,
}

/// Draws the rules that one company violates.
pub fn plan(options: &GenerateOptions, index: u32) -> Plan {
    let mut rng = Rng::new(options.seed ^ 0x494E_4A45_4354, u64::from(index));
    let rules = RULES
        .into_iter()
        .filter(|_| rng.chance(options.inject_ppm))
        .collect();
    Plan {
        index,
        rules,
        hidden_quarter: None,
    }
}

/// Puts the planned violations into queue and registers. Books of less than a year take none: most need time to show.
pub fn apply(
    plan: &mut Plan,
    book: &mut Book,
    options: &GenerateOptions,
    _index: u32,
) -> Result<(), GenerateError> {
    if options.months < 12 {
        return Ok(());
    }
    for rule in plan.rules.clone() {
        match rule {
            "C-001" | "C-005" | "C-012" => contract(book, rule)?,
            "D-001" => {
                plan.hidden_quarter = Some(1);
                book.label("D-001", "2024Q2");
            }
            "F-002" | "F-003" | "F-019" => cash(book, rule),
            "F-007" | "F-014" | "G-001" | "G-005" => paper(book, rule, plan.index)?,
            _ => voucher(book, rule)?,
        }
    }
    Ok(())
}

fn contract(book: &mut Book, rule: &'static str) -> Result<(), GenerateError> {
    let n = 9_000 + book.serial() % 900;
    let (no, card) = (format!("HT-{n}"), format!("ZC-{n}"));
    // In service on the last day: its depreciation stays out of the books of the span.
    asset(book, &card, "商铺", "商铺", 0, 360, 90, "出租")?;
    let start = plus(month_of(book.first, 1), 4);
    let years = if rule == "C-001" {
        25
    } else {
        1 + book.months / 12
    };
    let end = plus(month_of(start, 12 * years), -1);
    let signed = if rule == "C-005" {
        plus(start, 40)
    } else {
        start
    };
    let unpaid: &[u32] = if rule == "C-012" { &[2] } else { &[] };
    lease(
        book,
        &no,
        &card,
        (start, end),
        90,
        4_866_000,
        signed,
        unpaid,
    )?;
    book.label(rule, no);
    Ok(())
}

fn cash(book: &mut Book, rule: &'static str) {
    let start = month_of(book.first, 4);
    let date = working_day(start, 8);
    match rule {
        "F-002" => {
            let lines = vec![dr(A::Cash, 465_050, ""), cr(A::Bank, 465_050, "本单位")];
            book.post(Draft::new(date, "提取现金", lines));
            let lines = vec![
                dr(A::Repair, 465_050, "癸瓦工队"),
                cr(A::Cash, 465_050, "癸瓦工队"),
            ];
            book.post(
                Draft::new(date, "付围墙修补款", lines)
                    .rank(1)
                    .after(After::Label(rule)),
            );
        }
        "F-003" => {
            let first = working_day(month_of(book.first, 6), 8);
            let lines = vec![dr(A::Cash, 1_800_000, ""), cr(A::Bank, 1_800_000, "本单位")];
            book.post(Draft::new(first, "提取现金备用", lines));
            let lines = vec![dr(A::Bank, 1_800_000, "本单位"), cr(A::Cash, 1_800_000, "")];
            book.post(Draft::new(plus(first, 14), "余款存回银行", lines));
            book.label(rule, first.to_string());
        }
        _ => {
            let party = format!("何某{}", &book.code[1..]);
            let lines = vec![dr(A::Petty, 438_000, &party), cr(A::Bank, 438_000, &party)];
            book.post(Draft::new(date, "借支备用金", lines));
            let key = format!("{}|{party}", A::Petty.code(book.village));
            book.label(rule, key);
        }
    }
}

fn paper(book: &mut Book, rule: &'static str, index: u32) -> Result<(), GenerateError> {
    match rule {
        "F-007" => {
            let (no, holder) = (format!("6228{}7777", &book.code[1..]), book.staff("出纳"));
            book.folder.row(
                "bank_account",
                &[
                    ("account_hash", &no),
                    ("holder_name", &holder),
                    ("holder_kind", &"个人"),
                    ("purpose", &"一般户"),
                    ("opened_on", &"2024-02-01"),
                ],
            )?;
            book.label(rule, format!("个人名义账户|{holder}(尾号7777)"));
        }
        "F-014" => {
            let name = format!("尤某{}", &book.code[1..]);
            let person = format!("L{}9", &book.code[1..]);
            let date = working_day(month_of(book.first, 3), 12);
            let lines = vec![dr(A::LostWork, 12_000, &name), cr(A::Bank, 12_000, &name)];
            let slip = ("2024-02-30".to_owned(), person.clone(), name, 12_000);
            book.post(Draft::new(date, "付误工补贴", lines).after(After::Labour(vec![slip])));
            book.label(rule, format!("{person}|2024-02-30"));
        }
        "G-001" => {
            let name = book.staff("出纳");
            let cells: [(&str, &dyn std::fmt::Display); 5] = [
                ("person", &super::street::person(index, 2)),
                ("name", &name),
                ("duty", &"会计"),
                ("start_date", &"2024-03-01"),
                ("end_date", &"2024-08-31"),
            ];
            book.folder.row("staff_role", &cells)?;
            book.label(rule, name);
        }
        _ => {
            let level = if book.village {
                "理事会"
            } else {
                "董事会"
            };
            decision_row(
                book,
                "JD-9999",
                level,
                working_day(month_of(book.first, 9), 9),
                (9, 5, 4),
                "",
            )?;
            book.label(rule, "JD-9999");
        }
    }
    Ok(())
}

fn voucher(book: &mut Book, rule: &'static str) -> Result<(), GenerateError> {
    let start = month_of(book.first, 7);
    let date = working_day(start, 11);
    let village = book.village;
    let pay = |what: &str, fen, party: &str| {
        Draft::new(
            date,
            what,
            vec![dr(A::Repair, fen, party), cr(A::Bank, fen, party)],
        )
    };
    match rule {
        "F-009" => {
            let mut draft =
                pay("付屋面维修款", 3_684_217, "己防水工程队").after(After::Label(rule));
            draft.unsigned = true;
            purchase_as(book, draft, 3_684_217, "己防水工程队")?;
        }
        "F-023" => {
            let no = purchase(book, date, "付门窗款", A::Repair, 523_640, "丙门窗店")?;
            let mut again = pay("付门窗款", 523_640, "丙门窗店").invoice(&no);
            again.date = plus(date, 33);
            book.post(again);
            book.label(rule, no);
        }
        "L-001" => {
            let lines = vec![dr(A::Salary, 120_000, ""), cr(A::Wages, 119_000, "")];
            let mut draft = Draft::new(date, "分摊值班费", lines).after(After::Label(rule));
            draft.bad = true;
            book.post(draft);
        }
        "L-002" => {
            let mut draft = pay("付五金款", 31_415, "辛五金店");
            draft.skip_number = true;
            book.post(draft);
            book.label(rule, format!("{}|记", date.format("%Y-%m")));
        }
        "L-003" => {
            let mut draft = pay("补记绿化费", 386_240, "乙绿化队").after(After::Label(rule));
            draft.entered = Some(plus(date, 60));
            purchase_as(book, draft, 386_240, "乙绿化队")?;
        }
        "T-003" => {
            book.post(pay("付维修费", 900_000, "辛维修部"));
            book.label(rule, format!("{}|2024", A::Repair.code(village)));
        }
        _ => {
            book.post(pay("付宣传栏制作款", 231_860, "丙广告部").after(After::Label(rule)));
            book.post(pay("付宣传栏制作款", 231_860, "丙广告部"));
        }
    }
    Ok(())
}
