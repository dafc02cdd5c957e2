//! Parcels of land and what is contracted out of them. Every injected parcel has a number of its own.

use super::super::book::Book;
use super::super::calendar::{month_of, plus};
use super::super::estate::{Parcel, site_check};
use super::super::lease::{Decided, Lease};
use super::super::papers::Decision;
use super::{GenerateError, Injection, day};

pub const ALL: &[Injection] = &[
    Injection::new("R-001", 1, areas_differ),
    // Contracts are judged from the first disclosure on, which comes in May where the first quarter was not disclosed.
    Injection::new("R-002", 6, without_notice),
    Injection::new("R-003", 2, outsider),
    Injection::new("R-004", 2, construction_land),
    Injection::new("R-005", 1, against_zoning),
    Injection::new("R-006", 1, occupied),
];

/// A parcel as the register, the certificate and the survey agree on it.
fn parcel<'a>(no: &'a str, name: &'a str, kind: &'a str, status: &'a str) -> Parcel<'a> {
    Parcel {
        no,
        name,
        kind,
        book: 1_350,
        survey: 1_350,
        status,
    }
}

/// A small parcel contracted out for two years to a firm, from the books' month `month` (0 is the first) on.
fn contracted(
    book: &mut Book,
    no: &'static str,
    name: &str,
    kind: &str,
    month: u32,
) -> Result<Lease, GenerateError> {
    let card = no.replace("HT", "DK");
    let land = parcel(&card, name, kind, "发包");
    land.write(book)?;
    let start = day(book, month, 21);
    let end = plus(month_of(start, 24), -1);
    let mut lease = Lease::new(no, &card, (start, end), land.book, 1_080_000);
    lease.land = true;
    lease.party = format!("{name}农业公司{}", book.digits());
    Ok(lease)
}

/// The register has less land than was measured.
fn areas_differ(book: &mut Book) -> Result<(), GenerateError> {
    let area = book.rng.between(800, 4_000);
    let parcel = Parcel {
        no: "DK-9001",
        name: "北坡",
        kind: "林地",
        book: area,
        survey: area + area / 25 + book.rng.between(1, 300),
        status: "自营",
    };
    parcel.write(book)?;
    book.label("R-001", parcel.no);
    Ok(())
}

/// Not offered, and the vote, which is in order, was shown for three days only.
fn without_notice(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = contracted(book, "HT-9202", "西畈", "耕地", 5)?;
    lease.floor = None;
    lease.decided = Decided::Never;
    lease.write(book)?;
    let (level, votes) = if book.village {
        ("代表会", (35, 33, 31))
    } else {
        ("董事会", (5, 5, 5))
    };
    let decision = Decision {
        no: "JD-HT-9202",
        level,
        date: plus(lease.signed, -20),
        votes,
        matter: "土地发包事项",
        kind: "合同",
        subject: &lease.no,
    };
    let shown_until = plus(decision.date, 4).to_string();
    decision.write_but(book, &[("notice_to", shown_until)])?;
    book.label("R-002", &lease.no);
    Ok(())
}

/// A collective's farm land given to a firm by the council alone, without the street. Companies contract out no farm land.
fn outsider(book: &mut Book) -> Result<(), GenerateError> {
    if !book.village {
        return Ok(());
    }
    let mut lease = contracted(book, "HT-9203", "南畈", "耕地", 1)?;
    lease.decided = Decided::ByBoard;
    lease.write(book)?;
    book.label("R-003", &lease.no);
    Ok(())
}

/// Construction land given away by the board or council alone.
fn construction_land(book: &mut Book) -> Result<(), GenerateError> {
    let mut lease = contracted(book, "HT-9204", "老砖厂", "集体经营性建设用地", 1)?;
    lease.decided = Decided::ByBoard;
    lease.write(book)?;
    book.label("R-004", &lease.no);
    Ok(())
}

/// Sand and stone are piled up on farm land that the company works itself.
fn against_zoning(book: &mut Book) -> Result<(), GenerateError> {
    let land = parcel("DK-9205", "中畈", "耕地", "自营");
    land.write(book)?;
    site_check(book, land.no, day(book, 0, 17), ("", "砂石堆场"), 0)?;
    book.label("R-005", land.no);
    Ok(())
}

/// Somebody grows vegetables on idle land, and no contract is there.
fn occupied(book: &mut Book) -> Result<(), GenerateError> {
    let land = parcel("DK-9206", "外畈", "耕地", "闲置");
    land.write(book)?;
    let user = format!("散户{}", book.digits());
    site_check(book, land.no, day(book, 0, 18), (&user, "种菜"), 0)?;
    book.label("R-006", land.no);
    Ok(())
}
