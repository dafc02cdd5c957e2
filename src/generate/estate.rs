//! Assets and parcels, counted in every inventory, with the contracts on them.

use chrono::NaiveDate;

use super::GenerateError;
use super::account::A;
use super::book::Book;
use super::calendar::{month_of, months_before, plus};
use super::disposal;
use super::inventory::{self, Counted};
use super::lease::Lease;
use super::plan;
use crate::model::Money;

/// Office, shops on lease and one parcel of land. Larger books have more shops.
pub fn build(book: &mut Book, per_month: u64) -> Result<(), GenerateError> {
    let office = Card {
        name: "办公楼",
        category: "房屋",
        cost: 240_000_000,
        life: 480,
        area: 860,
        status: "自用",
        ..Card::shop("ZC-0000", 0)
    };
    office.write(book)?;
    let shops = (per_month / 40).clamp(4, 200) as u32;
    for n in 1..=shops {
        shop(book, n)?;
    }
    land(book)?;
    disposal::generator(book)
}

/// A shop and its lease. The fourth one was let before the books began and is let again when that ends.
fn shop(book: &mut Book, n: u32) -> Result<(), GenerateError> {
    let (card, no) = (format!("ZC-{n:04}"), format!("HT-{n:04}"));
    let area = book.rng.between(40, 300);
    Card::shop(&card, area).write(book)?;
    // Neighbours pay much the same for a square metre.
    let rent = area * book.rng.between(64, 72) * 1_200;
    let mut start = plus(month_of(book.first, n % 3), i64::from(n % 18));
    if n == 4 {
        start = plus(months_before(book.first, 20), 8);
        let end = plus(month_of(start, 24), -1);
        let mut old = Lease::new(&no, &card, (start, end), area, rent);
        old.expired = end < book.last();
        old.write(book)?;
        start = plus(end, 1);
    }
    let end = plus(month_of(start, 36 * (1 + book.months / 36)), -1);
    let mut lease = Lease::new(&no, &card, (start, end), area, rent);
    if n == 4 {
        lease.renewal_of = std::mem::replace(&mut lease.no, "HT-0804".to_owned());
    }
    if n % 4 == 1 {
        // The tenant was found in his shop, of the size that the contract says.
        let (day, found) = (plus(lease.start, 12), (lease.party.as_str(), ""));
        site_check(book, &lease.subject, day, found, lease.area)?;
    }
    if n % 4 == 2 {
        lease.deposit = rent / 12;
    }
    lease.write(book)
}

/// Somebody was found on an asset or a parcel; `area` as the subject's unit has it, 0 where it was not measured.
pub fn site_check(
    book: &mut Book,
    subject: &str,
    date: NaiveDate,
    found: (&str, &str),
    area: i64,
) -> Result<(), GenerateError> {
    let checker = book.staff("监事");
    let area = match area {
        0 => String::new(),
        _ => area.to_string(),
    };
    book.folder.row(
        "site_check",
        &[
            ("subject_no", &subject),
            ("date", &date),
            ("actual_user", &found.0),
            ("actual_use", &found.1),
            ("area", &area),
            ("checker", &checker),
        ],
    )
}

/// How a card is depreciated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depreciation {
    /// Month by month until the cost is used up.
    Straight,
    Never,
    /// On and on, past the cost.
    Endless,
}

/// Months from July 2019 to December 2023.
const USED: i64 = 54;

/// An asset card, in service since July 2019.
pub struct Card<'a> {
    pub no: &'a str,
    pub name: &'a str,
    pub category: &'a str,
    /// 分.
    pub cost: i64,
    /// Months.
    pub life: i64,
    /// Square metres.
    pub area: i64,
    pub status: &'a str,
    pub user: &'a str,
    pub nature: &'a str,
    pub idle_since: &'a str,
    pub depreciation: Depreciation,
}

impl<'a> Card<'a> {
    /// A shop that is let.
    pub fn shop(no: &'a str, area: i64) -> Card<'a> {
        Card {
            no,
            name: "商铺",
            category: "商铺",
            cost: area * 600_000,
            life: 360,
            area,
            status: "出租",
            user: "",
            nature: "经营性",
            idle_since: "",
            depreciation: Depreciation::Straight,
        }
    }

    /// 分 depreciated before the books begin, and of every month of them. A life is either over by then or longer than any book.
    fn charges(&self) -> (i64, i64) {
        let month = self.cost / self.life;
        match self.depreciation {
            Depreciation::Never => (0, 0),
            Depreciation::Straight if self.life <= USED => (self.cost, 0),
            _ => (month * USED, month),
        }
    }

    /// Writes the card and its line of the inventory, opens cost and depreciation, adds to the depreciation of a month.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let (before, month) = self.charges();
        book.depreciation += month;
        book.open(A::Fixed, self.cost, "");
        book.open(A::AccDep, -before, "");
        let total = before + month * i64::from(book.months);
        let account = A::Fixed.code(book.village);
        let (lon, lat) = match self.category {
            "车辆" | "机器" => Default::default(),
            _ => plan::premises(book),
        };
        book.folder.row(
            "asset",
            &[
                ("asset_no", &self.no),
                ("name", &self.name),
                ("category", &self.category),
                ("nature", &self.nature),
                ("source", &"自建"),
                ("area", &self.area),
                ("cost", &Money(self.cost)),
                ("acc_dep", &Money(total)),
                ("life_months", &self.life),
                ("in_service_on", &"2019-06-15"),
                ("booked_on", &"2019-06-15"),
                ("account", &account),
                ("status", &self.status),
                ("idle_since", &self.idle_since),
                ("user", &self.user),
                ("lon", &lon),
                ("lat", &lat),
            ],
        )?;
        let line = Counted::asset(self.no, self.cost).gone(self.status == "处置");
        inventory::count(book, &line)
    }
}

/// A parcel of land; areas in hundredths of a 亩.
pub struct Parcel<'a> {
    pub no: &'a str,
    pub name: &'a str,
    pub kind: &'a str,
    pub book: i64,
    pub survey: i64,
    pub status: &'a str,
}

impl Parcel<'_> {
    /// Writes the parcel as the certificate and the inventory have it too.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let (area, survey) = (Money(self.book), Money(self.survey));
        let geometry = plan::parcel(book, self.survey);
        let zoning = if self.kind.contains("建设用地") {
            "商服用地"
        } else {
            "农业"
        };
        book.folder.row(
            "resource_parcel",
            &[
                ("parcel_no", &self.no),
                ("name", &self.name),
                ("kind", &self.kind),
                ("area_book", &area),
                ("area_survey", &survey),
                ("area_title", &area),
                ("status", &self.status),
                ("planning_use", &zoning),
                ("geometry", &geometry),
                ("bounds", &"东至路,南至渠,西至塘,北至界"),
            ],
        )?;
        inventory::count(book, &Counted::parcel(self.no, self.book))
    }
}

/// A pond contracted out as a whole.
fn land(book: &mut Book) -> Result<(), GenerateError> {
    let area = book.rng.between(1_200, 6_000);
    let pond = Parcel {
        no: "DK-0001",
        name: "东塘",
        kind: "水面",
        book: area,
        survey: area,
        status: "发包",
    };
    pond.write(book)?;
    let rent = area / 100 * 90_000;
    let start = plus(month_of(book.first, 0), 9);
    let end = plus(month_of(start, 36 * (1 + book.months / 36)), -1);
    let mut lease = Lease::new("HT-0901", pond.no, (start, end), area, rent);
    lease.land = true;
    lease.party = format!("东塘养殖户{}", book.digits());
    lease.write(book)
}
