//! Assets and parcels, counted at the end of 2023, with the contracts on them.

use super::GenerateError;
use super::account::A;
use super::book::Book;
use super::calendar::{month_of, months_before, plus};
use super::lease::Lease;
use crate::model::Money;

/// The inventory that counted everything before the books begin.
pub const INVENTORY: &str = "QC-2023";

/// Office, shops on lease and one parcel of land. Larger books have more shops.
pub fn build(book: &mut Book, per_month: u64) -> Result<(), GenerateError> {
    inventory(book)?;
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
    land(book)
}

fn inventory(book: &mut Book) -> Result<(), GenerateError> {
    book.folder.row(
        "inventory_batch",
        &[
            ("batch_no", &INVENTORY),
            ("base_date", &"2023-12-31"),
            ("scope", &"资产;资源"),
            ("started_on", &"2024-01-02"),
            ("completed_on", &"2024-01-20"),
        ],
    )
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
        site_check(book, &lease)?;
    }
    if n % 4 == 2 {
        lease.deposit = rent / 12;
    }
    lease.write(book)
}

/// The tenant was found in his shop, of the size that the contract says.
fn site_check(book: &mut Book, lease: &Lease) -> Result<(), GenerateError> {
    let checker = book.staff("监事");
    book.folder.row(
        "site_check",
        &[
            ("subject_no", &lease.subject),
            ("date", &plus(lease.start, 12)),
            ("actual_user", &lease.party),
            ("area", &lease.area),
            ("checker", &checker),
        ],
    )
}

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
        }
    }

    /// Writes the card and its line of the inventory, opens cost and depreciation, adds to the depreciation of a month.
    pub fn write(&self, book: &mut Book) -> Result<(), GenerateError> {
        let month = self.cost / self.life;
        book.depreciation += month;
        book.open(A::Fixed, self.cost, "");
        // July 2019 to December 2023.
        book.open(A::AccDep, -month * 54, "");
        let total = month * (54 + i64::from(book.months));
        let account = A::Fixed.code(book.village);
        book.folder.row(
            "asset",
            &[
                ("asset_no", &self.no),
                ("name", &self.name),
                ("category", &self.category),
                ("nature", &"经营性"),
                ("source", &"自建"),
                ("area", &self.area),
                ("cost", &Money(self.cost)),
                ("acc_dep", &Money(total)),
                ("life_months", &self.life),
                ("in_service_on", &"2019-06-15"),
                ("booked_on", &"2019-06-15"),
                ("account", &account),
                ("status", &self.status),
                ("user", &self.user),
            ],
        )?;
        book.folder.row(
            "inventory_count",
            &[
                ("batch_no", &INVENTORY),
                ("kind", &"资产"),
                ("subject_no", &self.no),
                ("qty_book", &1),
                ("qty_counted", &1),
                ("amount_book", &Money(self.cost)),
                ("amount_counted", &Money(self.cost)),
            ],
        )
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
            ],
        )?;
        book.folder.row(
            "inventory_count",
            &[
                ("batch_no", &INVENTORY),
                ("kind", &"资源"),
                ("subject_no", &self.no),
                ("area_book", &area),
                ("area_counted", &area),
            ],
        )
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
