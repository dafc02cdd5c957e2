//! Posts, signatures, votes, tenders and disclosure.

use super::super::book::Book;
use super::super::business::purchase_as;
use super::super::calendar::{month_of, plus};
use super::super::estate::Card;
use super::super::lease::Lease;
use super::super::papers::{self, Decision};
use super::super::street::{IN_CHARGE, SPOUSE, person};
use super::{GenerateError, Injection, day, other_way, repair};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    // The quarter, the days for disclosing it, and the end of that month.
    Injection::new("D-001", 4, not_disclosed),
    Injection::new("G-001", 3, cashier_keeps_the_books),
    Injection::new("G-002", 3, checked_by_the_maker),
    Injection::new("G-003", 2, own_claim),
    Injection::new("G-004", 2, spouse_keeps_the_books),
    // Votes of a board are judged from July 2024 on.
    Injection::new("G-005", 7, too_few_votes),
    // The law on collectives is in force from May 2025 on.
    Injection::new("G-006", LAW_ON_COLLECTIVES, decided_below),
    Injection::new("G-007", 2, minutes_made_up),
    Injection::new("G-008", LAW_ON_COLLECTIVES, voted_all_the_same),
    Injection::new("G-009", 2, party_asked_last),
    Injection::new("G-010", 2, one_telephone),
];

/// Months until the law on collectives is in force: the books begin in January 2024.
const LAW_ON_COLLECTIVES: u32 = 17;

fn not_disclosed(book: &mut Book) -> Result<(), GenerateError> {
    book.hidden_quarter = Some(0);
    book.label("D-001", "2024Q1");
    Ok(())
}

fn cashier_keeps_the_books(book: &mut Book) -> Result<(), GenerateError> {
    let (no, name) = (person(book.index, 2), book.staff("出纳"));
    book.folder.row(
        "staff_role",
        &[
            ("person", &no),
            ("name", &name),
            ("duty", &"会计"),
            ("start_date", &"2024-03-01"),
            ("end_date", &"2024-08-31"),
        ],
    )?;
    book.label("G-001", name);
    Ok(())
}

fn checked_by_the_maker(book: &mut Book) -> Result<(), GenerateError> {
    let (fen, party) = (book.rng.odd_money(600, 9_000), "丁管道疏通队");
    let mut draft = repair(day(book, 2, 15), "付管道疏通款", fen, party);
    draft.same_person = true;
    purchase_as(book, draft, fen, party)?;
    let maker = book.staff("会计");
    book.label("G-002", format!("制审同人|{maker}|2024"));
    Ok(())
}

/// Five of nine came and four agreed: no quorum of representatives, no majority of a board. A council is not the place to
/// show it, because before the 2025 law no statute told how it votes.
fn too_few_votes(book: &mut Book) -> Result<(), GenerateError> {
    let level = if book.village {
        "代表会"
    } else {
        "董事会"
    };
    let decision = Decision {
        no: "JD-9999",
        level,
        date: day(book, 6, 9),
        votes: (9, 5, 4),
        matter: "资产出租事项",
        kind: "合同",
        subject: "",
    };
    decision.write(book)?;
    book.label("G-005", decision.no);
    Ok(())
}

/// The officer in charge claims a journey and signs for it himself.
fn own_claim(book: &mut Book) -> Result<(), GenerateError> {
    let (no, chair, on) = ("BX-9303", book.staff("负责"), day(book, 1, 9));
    let fen = book.rng.odd_money(300, 900);
    book.folder.row(
        "expense_claim",
        &[
            ("no", &no),
            ("claimant", &chair),
            ("matter", &"外出对接招商"),
            ("kind", &"其他"),
            ("start_date", &on),
            ("end_date", &on),
            ("place", &"邻区"),
            ("persons", &1),
            ("amount", &Money(fen)),
        ],
    )?;
    let handler = book.staff("会计");
    papers::approval(book, no, "经办", &handler, plus(on, 3))?;
    papers::approval(book, no, "负责人", &chair, plus(on, 4))?;
    book.label("G-003", no);
    Ok(())
}

/// The spouse of the officer in charge keeps books from February on.
fn spouse_keeps_the_books(book: &mut Book) -> Result<(), GenerateError> {
    let no = format!("{}A", person(book.index, IN_CHARGE));
    let (name, chair) = (format!("眷属{}", book.digits()), book.staff("负责"));
    book.folder.row(
        "staff_role",
        &[
            ("person", &no),
            ("name", &name),
            ("duty", &"会计"),
            ("start_date", &"2024-02-01"),
        ],
    )?;
    book.label("G-004", format!("{chair}|{name}|负责人-会计"));
    Ok(())
}

/// A collective's council decides who is a member. Companies have no such matter.
fn decided_below(book: &mut Book) -> Result<(), GenerateError> {
    if !book.village {
        return Ok(());
    }
    let decision = Decision {
        no: "JD-9406",
        level: "理事会",
        date: day(book, LAW_ON_COLLECTIVES - 1, 20),
        votes: (7, 7, 7),
        matter: "成员身份确认办法",
        kind: "其他",
        subject: "",
    };
    decision.write(book)?;
    book.label("G-006", decision.no);
    Ok(())
}

/// Registered seven weeks after the meeting, or with more people present than there are.
fn minutes_made_up(book: &mut Book) -> Result<(), GenerateError> {
    let (no, met) = ("JD-9407", day(book, 1, 6));
    let (level, heads) = if book.village {
        ("理事会", 7)
    } else {
        ("董事会", 5)
    };
    let (present, later) = if other_way(book) {
        (heads + 1, 1)
    } else {
        (heads, 49)
    };
    let registered = plus(met, later);
    book.folder.row(
        "decision",
        &[
            ("decision_no", &no),
            ("level", &level),
            ("meeting_date", &met),
            ("notice_date", &plus(met, -6)),
            ("due", &heads),
            ("present", &present),
            ("agree", &heads),
            ("matter", &"环境整治分工"),
            ("matter_kind", &"其他"),
            ("registered_at", &format_args!("{registered} 16:00:00")),
            ("filed_on", &plus(registered, 3)),
        ],
    )?;
    book.label("G-007", no);
    Ok(())
}

/// A shop goes to a firm with the telephone of the spouse of the officer in charge, who sat and voted with the others. The
/// contract itself is a matter for C-022.
fn voted_all_the_same(book: &mut Book) -> Result<(), GenerateError> {
    let card = "ZC-9408";
    Card::shop(card, 90).write(book)?;
    let start = day(book, LAW_ON_COLLECTIVES - 1, 27);
    let end = plus(month_of(start, 24), -1);
    let mut lease = Lease::new("HT-9408", card, (start, end), 90, 5_832_000);
    lease.party = format!("癸商贸行{}", book.digits());
    lease.phone = Some(papers::phone(book.index, SPOUSE));
    lease.write(book)?;
    book.label("G-008", format!("JD-{}", lease.no));
    book.label("C-022", &lease.no);
    if !book.village {
        book.label("J-005", &lease.no);
    }
    Ok(())
}

/// The party organisation is asked when the assembly has decided already.
fn party_asked_last(book: &mut Book) -> Result<(), GenerateError> {
    let (level, votes) = if book.village {
        ("代表会", (35, 33, 31))
    } else {
        ("股东会", (100, 100, 100))
    };
    let mut decision = Decision {
        no: "JD-9409",
        level,
        date: day(book, 1, 8),
        votes,
        matter: "村湾停车场建设方案",
        kind: "投资",
        subject: "SX-9409",
    };
    decision.write(book)?;
    book.label("G-009", decision.no);
    decision.no = "JD-9410";
    decision.level = "党组织";
    decision.votes = (9, 9, 9);
    decision.date = day(book, 1, 14);
    decision.write(book)
}

/// Of three bidders two left one telephone number.
fn one_telephone(book: &mut Book) -> Result<(), GenerateError> {
    let no = "CG-9410";
    let fen = book.rng.odd_money(51_000, 90_000);
    let winner = ("壬照明设备公司", fen);
    papers::tender(
        book,
        no,
        "公开招标",
        day(book, 1, 26),
        fen + 210_000,
        winner,
    )?;
    papers::bids(book, no, winner, true)?;
    book.label("G-010", format!("ZB-{no}"));
    Ok(())
}
