//! Lettings that went past a procedure, on paper or in the books. As in `contract`, each has a thing of its own.

use super::super::account::A;
use super::super::book::{Book, Draft, cr, dr};
use super::super::calendar::{month_of, months_before, plus};
use super::super::estate::{Card, Parcel};
use super::super::lease::{Decided, Lease, Paid};
use super::contract::{AREA, shop, write};
use super::{GenerateError, Injection, day, other_way};
use crate::model::Money;

pub const ALL: &[Injection] = &[
    Injection::new("C-002", 1, waste_land_too_long),
    Injection::new("C-003", 1, long_without_owners),
    // Rent without a contract shows by the seventh month.
    Injection::new("C-004", 7, oral),
    Injection::new("C-006", 1, signed_by_nobody),
    Injection::new("C-007", 1, undecided),
    Injection::new("C-008", 1, not_tendered),
    Injection::new("C-010", 1, below_the_neighbours),
    Injection::new("C-011", 1, never_rises),
    Injection::new("C-017", 5, sublet),
    // The deposit may come in up to thirty days after the lease began.
    Injection::new("C-018", 3, deposit_missing),
    Injection::new("C-019", 1, years_at_once),
    Injection::new("C-021", 3, wrong_account),
    Injection::new("C-023", 1, again_and_again),
];

/// The end of a lease of so many years.
fn end_after(lease: &Lease, years: u32) -> chrono::NaiveDate {
    plus(month_of(lease.start, 12 * years), -1)
}

/// So many years, and more where the books run longer: no injected lease but that of C-014 ends within them.
fn at_least(book: &Book, years: u32) -> u32 {
    years + book.months / 12
}

/// Waste land contracted out, duly decided and tendered, for longer than fifty years.
fn waste_land_too_long(book: &mut Book) -> Result<(), GenerateError> {
    let area = book.rng.between(900, 4_000);
    let slope = Parcel {
        no: "DK-9002",
        name: "南坡荒地",
        kind: "四荒",
        book: area,
        survey: area,
        status: "发包",
    };
    slope.write(book)?;
    let start = plus(book.first, 4);
    let rent = area / 100 * 12_000;
    let mut lease = Lease::new("HT-9002", slope.no, (start, start), area, rent);
    lease.land = true;
    lease.end = end_after(&lease, 50 + book.index % 9 + 1);
    write(book, "C-002", &lease)
}

fn long_without_owners(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9003)?;
    lease.end = end_after(&lease, at_least(book, 6));
    lease.decided = Decided::ByBoard;
    write(book, "C-003", &lease)
}

/// A lease by word of mouth, or a stall that pays month by month and has none at all.
fn oral(book: &mut Book) -> Result<(), GenerateError> {
    if other_way(book) {
        let party = format!("桥头小吃{}", book.digits());
        for month in 0..book.months {
            let fen = 90_000;
            let lines = vec![dr(A::Bank, fen, &party), cr(A::Rent, fen, &party)];
            book.post(Draft::new(day(book, month, 6), "收摊位租金", lines));
        }
        book.label("C-004", format!("无合同:{party}"));
        return Ok(());
    }
    let mut lease = shop(book, 9004)?;
    lease.change = vec![
        ("written", "否".to_owned()),
        ("signed_us", String::new()),
        ("signed_them", String::new()),
    ];
    write(book, "C-004", &lease)
}

/// The tenant never signed, or the accountant signed for the company.
fn signed_by_nobody(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9006)?;
    lease.change = vec![if other_way(book) {
        ("signed_us", book.staff("会计"))
    } else {
        ("signed_them", String::new())
    }];
    write(book, "C-006", &lease)
}

fn undecided(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9007)?;
    lease.decided = Decided::Never;
    write(book, "C-007", &lease)
}

fn not_tendered(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9008)?;
    lease.floor = None;
    write(book, "C-008", &lease)
}

/// Half of what a square metre brings elsewhere.
fn below_the_neighbours(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9010)?;
    lease.rent = AREA * book.rng.between(28, 36) * 1_200;
    lease.floor = Some(lease.rent / 10 * 9);
    write(book, "C-010", &lease)
}

/// Five years or more at the first year's rent: the total says so.
fn never_rises(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9011)?;
    let years = at_least(book, 5);
    lease.end = end_after(&lease, years);
    let total = Money(i64::from(years) * lease.rent);
    lease.change = vec![("total_amount", total.to_string())];
    write(book, "C-011", &lease)
}

/// Somebody else was found in the shop, or pays the rent.
fn sublet(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9017)?;
    let user = format!("丁面馆{}", book.digits());
    if other_way(book) {
        lease.payer = Some(user);
    } else {
        let checker = book.staff("监事");
        book.folder.row(
            "site_check",
            &[
                ("subject_no", &lease.subject),
                ("date", &day(book, 2, 17)),
                ("actual_user", &user),
                ("area", &lease.area),
                ("checker", &checker),
            ],
        )?;
    }
    write(book, "C-017", &lease)
}

/// Agreed and never received, or taken to income.
fn deposit_missing(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9018)?;
    let deposit = lease.rent / 12;
    lease.change = vec![("deposit", Money(deposit).to_string())];
    if other_way(book) {
        let lines = vec![
            dr(A::Bank, deposit, &lease.party),
            cr(A::Rent, deposit, &lease.party),
        ];
        let draft = Draft::new(lease.start, "收租赁押金", lines);
        book.post(draft.contract(&lease.no, &lease.subject));
    }
    write(book, "C-018", &lease)
}

/// The rent of three years or more in one sum, all of it income of the first.
fn years_at_once(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = shop(book, 9019)?;
    let years = at_least(book, 3);
    lease.end = end_after(&lease, years);
    let total = i64::from(years) * lease.rent;
    lease.change = vec![
        ("cycle", "一次性".to_owned()),
        ("total_amount", Money(total).to_string()),
    ];
    lease.odd = vec![(0, Paid::Short(lease.rent / 4 - total))];
    lease.odd.extend((1..4 * years).map(|k| (k, Paid::Nothing)));
    write(book, "C-019", &lease)
}

/// What a tenant pays for the forecourt is booked as interest.
fn wrong_account(book: &mut Book) -> Result<(), GenerateError> {
    let lease = shop(book, 9021)?;
    let fen = book.rng.odd_money(600, 2_000);
    let lines = vec![
        dr(A::Bank, fen, &lease.party),
        cr(A::Interest, fen, &lease.party),
    ];
    let draft = Draft::new(day(book, 1, 18), "收门前场地占用费", lines);
    book.post(draft.contract(&lease.no, &lease.subject));
    lease.write(book)?;
    let account = A::Interest.code(book.village);
    book.label("C-021", format!("{account}|{}", lease.no));
    Ok(())
}

/// A kiosk let to one tenant for two years at a time, again and again, without a tender. Companies of the other way sign
/// works just below a gate instead; see `works`.
fn again_and_again(book: &mut Book) -> Result<(), GenerateError> {
    if other_way(book) {
        return super::works::below_the_gate(book);
    }
    const KIOSK: i64 = 30;
    let card = "ZC-9023";
    Card::shop(card, KIOSK).write(book)?;
    let party = format!("子报刊亭{}", book.digits());
    let rent = KIOSK * book.rng.between(64, 72) * 1_200;
    let mut start = months_before(book.first, 46);
    let mut before = String::new();
    for k in 1.. {
        let end = plus(month_of(start, 24), -1);
        let no = format!("HT-9023{k}");
        let mut lease = Lease::new(&no, card, (start, end), KIOSK, rent);
        lease.party.clone_from(&party);
        lease.floor = None;
        lease.renewal_of = before;
        lease.expired = end < book.last();
        lease.write(book)?;
        if k > 2 && !lease.expired {
            break;
        }
        start = plus(end, 1);
        before = no;
    }
    book.label("C-023", "HT-90231|连续短租");
    Ok(())
}
