//! Records of a data interface → tables of the hand-in folder: sheets with our own headers, so that recognition, typing and
//! every check are those of all other files. The row number of a sheet's row is the number of its record, from 1.

mod archives;
mod entries;
mod finish;
mod totals;

use std::collections::{BTreeMap, HashMap};

use super::balance::{Balances, Detail};
use super::collect::{Record, Sink};
use super::profile::{FormatProfile, Kind};
use crate::import::codes;
use crate::import::handin::SetAside;
use crate::import::refusal::Refusal;
use crate::import::table::{Grid, Sheet};
use crate::model::{Period, Problem, Text};
pub use archives::Archives;
use archives::column_name;
use entries::{VoucherColumns, items};
use totals::Totals;

/// A table made of records.
#[derive(Debug)]
pub struct Extracted {
    pub sheet: Sheet,
    /// What it is, for people.
    pub layout: String,
    /// Records that only explain others.
    pub explaining: u32,
    /// Records that are no rows of the table.
    pub aside: Vec<SetAside>,
}

/// Everything made of one file.
#[derive(Debug, Default)]
pub struct Built {
    pub tables: Vec<Extracted>,
    pub problems: Vec<Problem>,
}

impl From<Sheet> for Extracted {
    fn from(sheet: Sheet) -> Extracted {
        Extracted {
            sheet,
            layout: String::new(),
            explaining: 0,
            aside: Vec::new(),
        }
    }
}

/// Where a file came from.
#[derive(Debug, Clone)]
pub struct Origin {
    pub file: Text,
    pub encoding: &'static str,
    pub digest: Text,
}

/// Takes the records of one file.
pub struct Builder<'p> {
    profile: &'p FormatProfile,
    origin: Origin,
    pub archives: Archives,
    /// Account and number of the item → column of the vouchers. Account `""`: all accounts.
    aux: HashMap<(String, u32), &'static str>,
    accounts: Grid,
    vouchers: Grid,
    balances: Balances,
    counts: HashMap<usize, u32>,
    /// Heads whose entries stand apart, by period, word and number.
    heads: HashMap<String, Vec<String>>,
    head_count: u32,
    /// First record of each unknown field, by section and name.
    unknown: BTreeMap<(usize, String), u32>,
    /// First entry and number of entries with an auxiliary item that has no column, by what it is.
    unplaced: BTreeMap<String, (u32, u32)>,
    totals: Totals,
    columns: VoucherColumns,
}

impl<'p> Builder<'p> {
    pub fn new(profile: &'p FormatProfile, origin: Origin, archives: Archives) -> Builder<'p> {
        Builder {
            profile,
            origin,
            archives,
            aux: HashMap::new(),
            accounts: Grid::default(),
            vouchers: Grid::default(),
            balances: Balances::default(),
            counts: HashMap::new(),
            heads: HashMap::new(),
            head_count: 0,
            unknown: BTreeMap::new(),
            unplaced: BTreeMap::new(),
            totals: Totals::default(),
            columns: VoucherColumns::new(),
        }
    }

    fn account(&mut self, number: u32, record: &Record<'_>) -> Result<(), Refusal> {
        let get = |name: &str| field(record, Kind::Account, name);
        if self.accounts.is_empty() {
            let header = ["科目编码", "科目名称", "余额方向", "上级编码"];
            self.accounts.push(0, header.into_iter());
        }
        let side = match self.profile.side(get("side")) {
            Some(true) => "借",
            Some(false) => "贷",
            None => "",
        };
        let row = [get("code"), get("name"), side, get("parent")];
        if !side.is_empty() {
            let code = get("code").to_owned();
            self.archives.debit_accounts.insert(code, side == "借");
        }
        fits(self.accounts.push(number, row.into_iter()))?;
        self.balances.of_account(number, record);
        Ok(())
    }

    fn balance(&mut self, number: u32, record: &Record<'_>) {
        let account = field(record, Kind::Balance, "account");
        let items = items(record);
        let party = items.iter().find_map(|(index, item)| {
            let (column, code) = self.column_of(account, *index, item);
            let known = self.archives.items.get("counterparty");
            let name = known.and_then(|a| a.get(code)).map_or(code, String::as_str);
            (column == Some("counterparty")).then(|| name.to_owned())
        });
        let of = Detail {
            is_detail: !items.is_empty(),
            party,
            account_side: self.archives.side_of(account),
        };
        self.balances.add(number, record, of, self.profile);
    }

    fn aux(&mut self, record: &Record<'_>) {
        let get = |name: &str| field(record, Kind::Aux, name);
        let digits: String = get("index").chars().filter(char::is_ascii_digit).collect();
        let what = format!("{} {}", get("name"), get("archive"));
        let column = self.profile.aux_column(&what).and_then(column_name);
        if let (Ok(index), Some(column)) = (digits.parse(), column) {
            self.aux.insert((get("account").to_owned(), index), column);
        }
    }
}

impl Sink for Builder<'_> {
    fn record(&mut self, section: usize, record: Record<'_>) -> Result<(), Refusal> {
        let number = self.counts.get(&section).map_or(1, |n| n + 1);
        self.record_at(section, number, record)
    }

    fn context(&mut self, name: &str) {
        self.totals.context(name);
    }
}

impl Builder<'_> {
    /// A record that knows its row.
    pub fn record_at(
        &mut self,
        section: usize,
        number: u32,
        record: Record<'_>,
    ) -> Result<(), Refusal> {
        *self.counts.entry(section).or_default() += 1;
        let profile = self.profile;
        let spec = &profile.sections[section];
        for name in &record.unknown {
            self.unknown
                .entry((section, (*name).to_owned()))
                .or_insert(number);
        }
        match spec.kind {
            Kind::Book => {
                let year = field(&record, Kind::Book, "year");
                let year: Option<i32> = year.get(..4).and_then(|y| y.parse().ok());
                self.archives.year = self.archives.year.or(year);
                let get = |name: &str| field(&record, Kind::Book, name);
                self.balances.last = Period::parse(&period(get("end_year"), get("end_month"))).ok();
            }
            Kind::Account => self.account(number, &record)?,
            Kind::Aux => self.aux(&record),
            Kind::Word | Kind::Party | Kind::Item => {
                let element = &spec.elements[0];
                self.archives.keep(spec.kind, element, &record, profile);
            }
            Kind::Balance => self.balance(number, &record),
            Kind::Voucher => {
                let get = |name: &str| field(&record, Kind::Voucher, name);
                match ["account", "debit", "credit"]
                    .into_iter()
                    .all(|f| get(f).is_empty())
                {
                    true => self.head(section, &record),
                    false => self.voucher(number, &record)?,
                }
            }
            Kind::Totals => {
                let names = ["entries", "debit", "credit"];
                let stated = names.map(|n| field(&record, Kind::Totals, n).to_owned());
                self.totals.stated = Some(stated);
            }
        }
        Ok(())
    }
}

/// A field by its name.
pub fn field<'r>(record: &Record<'r>, kind: Kind, name: &str) -> &'r str {
    kind.field(name).map_or("", |f| record.get(f))
}

/// `2024-03` from a year and a month in whatever dress, or from a month that names its year. Else as handed in.
pub fn period(year: &str, month: &str) -> String {
    if month.is_empty() {
        return String::new();
    }
    if let Ok(period) = Period::parse(month) {
        return period.to_string();
    }
    let plain = match month.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => month,
    };
    match Period::parse(&format!("{year}-{plain}")) {
        Ok(period) => period.to_string(),
        Err(_) if year.is_empty() => String::new(),
        Err(_) => format!("{year}.{month}"),
    }
}

fn fits(pushed: bool) -> Result<(), Refusal> {
    match pushed {
        true => Ok(()),
        false => Err(Refusal::new(codes::FILE_HUGE, "文件的内容超过 4 GB")),
    }
}
