//! Compensation for land taken, and money given for a purpose.

use super::super::account::A;
use super::super::book::{After, Book, Draft, cr, dr};
use super::super::compensation::Project;
use super::super::grant::{Grant, YEARLY};
use super::super::papers;
use super::{GenerateError, Injection, day};

pub const ALL: &[Injection] = &[
    Injection::new("S-001", 2, outside_the_account),
    // The households are due theirs after thirty days.
    Injection::new("S-002", 4, withheld),
    Injection::new("S-003", 2, decided_by_the_council),
    Injection::new("S-004", 2, paid_to_an_outsider),
    Injection::new("S-005", 3, wages_from_a_grant),
    Injection::new("S-006", 2, gone_at_once),
    Injection::new("S-007", 3, made_up_sheet),
];

/// The basic account takes in what belongs in the special one.
fn outside_the_account(book: &mut Book) -> Result<(), GenerateError> {
    let project = Project {
        account: A::Bank,
        ..Project::paid_out("BC-9001", "泵站扩建征地", day(book, 1, 5))
    };
    project.write(book)?;
    book.label("S-001", project.no);
    Ok(())
}

fn withheld(book: &mut Book) -> Result<(), GenerateError> {
    let project = Project {
        paid_out: false,
        ..Project::paid_out("BC-9002", "轨道站点征地", day(book, 1, 7))
    };
    project.write(book)?;
    book.label("S-002", project.no);
    Ok(())
}

/// A collective's council decides what is the members' to decide.
fn decided_by_the_council(book: &mut Book) -> Result<(), GenerateError> {
    if !book.village {
        return Ok(());
    }
    let project = Project {
        by_council: true,
        ..Project::paid_out("BC-9003", "变电站用地", day(book, 1, 9))
    };
    project.write(book)?;
    book.label("S-003", project.no);
    Ok(())
}

/// Someone who is no member gets compensation for land.
fn paid_to_an_outsider(book: &mut Book) -> Result<(), GenerateError> {
    let project = Project {
        outsider: true,
        ..Project::paid_out("BC-9004", "公交场站用地", day(book, 1, 12))
    };
    project.write(book)?;
    let key = format!("{}|非成员领取|赵某{}", project.no, book.digits());
    book.label("S-004", key);
    Ok(())
}

fn wages_from_a_grant(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(2_000, 6_000), "文书人员(代发)");
    let lines = vec![dr(A::Salary, fen, party), cr(A::Bank, fen, party)];
    book.post(Draft::new(day(book, 2, 13), "付文书人员工资", lines).fund(YEARLY));
    book.label("S-005", format!("{YEARLY}|用于工资"));
    Ok(())
}

/// The whole grant leaves for one firm four days after it came.
fn gone_at_once(book: &mut Book) -> Result<(), GenerateError> {
    let (total, party) = (book.rng.odd_money(31_000, 44_000), "丙园林公司");
    papers::party(book, party)?;
    let grant = Grant {
        no: "ZX-9001",
        name: "绿化带补植补助",
        received: day(book, 1, 13),
        total,
        party,
        payments: &[(4, total)],
    };
    grant.write(book)?;
    book.label("S-006", format!("{}|整额转出", grant.no));
    Ok(())
}

/// Six persons get one amount in cash though one of them worked two days.
fn made_up_sheet(book: &mut Book) -> Result<(), GenerateError> {
    let (date, fen) = (day(book, 2, 21), 12_000);
    let drawn = vec![dr(A::Cash, 6 * fen, ""), cr(A::Bank, 6 * fen, "本单位")];
    book.post(Draft::new(date, "提取现金", drawn));
    let mut slips = Vec::new();
    for (k, family) in ["吕", "施", "张", "孔", "曹", "严"].into_iter().enumerate() {
        let (person, name) = (
            format!("L{}7{k}", book.digits()),
            format!("{family}某{}", book.digits()),
        );
        let days = if k == 0 { 2 } else { 1 };
        for n in 0..days {
            let on = day(book, 2, 4 + n + 2 * k as u32);
            slips.push((
                on.to_string(),
                person.clone(),
                name.clone(),
                fen / i64::from(days),
            ));
        }
    }
    let party = "误工人员(现金)";
    let lines = vec![dr(A::LostWork, 6 * fen, party), cr(A::Cash, 6 * fen, party)];
    let draft = Draft::new(date, "付村湾清理误工补贴", lines).rank(1);
    book.post(
        draft
            .after(After::Label("S-007"))
            .after(After::Labour(slips)),
    );
    Ok(())
}
