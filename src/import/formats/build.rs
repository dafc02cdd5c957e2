//! Records of a data interface → tables of the hand-in folder: sheets with our own headers, so that recognition, typing and
//! every check are those of all other files. The row number of a sheet's row is the number of its record, from 1.

use std::collections::{BTreeMap, HashMap};

use crate::import::codes;
use crate::import::handin::SetAside;
use crate::import::refusal::Refusal;
use crate::import::table::{Container, Grid, Sheet};
use crate::model::{Money, Period, Place, Problem, Table, Text, VoucherId, catalogue};

use super::balance::{self, Balances, Detail};
use super::collect::{Record, Sink};
use super::profile::{FormatProfile, Kind};

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

impl Archives {
    /// The side of an account, or of the nearest above it by its code.
    fn side_of(&self, account: &str) -> Option<bool> {
        let ends = (1..=account.len()).rev();
        let mut codes = ends.filter_map(|end| account.get(..end));
        codes
            .find_map(|code| self.debit_accounts.get(code))
            .copied()
    }
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

/// Names by code, of words and of what auxiliary items point at; shared by the files of a hand-in.
#[derive(Debug, Clone, Default)]
pub struct Archives {
    words: HashMap<String, String>,
    /// Voucher column (`counterparty`, …) → code → name.
    items: BTreeMap<&'static str, HashMap<String, String>>,
    /// Accounts that stand on the debit side, where balances are given as seen from there.
    debit_accounts: HashMap<String, bool>,
    /// Year of the book, where balances do not name theirs.
    pub year: Option<i32>,
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

/// Sums over the entries beside what the file says they are.
#[derive(Default)]
struct Totals {
    debit: i128,
    credit: i128,
    spoilt: bool,
    lines: u64,
    contexts: HashMap<String, u64>,
    stated: Option<[String; 3]>,
}

/// The columns of a voucher sheet and the record field of each.
struct VoucherColumns {
    table: Option<&'static Table>,
    fields: Vec<Option<usize>>,
}

impl VoucherColumns {
    fn new() -> VoucherColumns {
        let table = catalogue().table("voucher");
        let columns = table.map(|t| t.columns.as_slice()).unwrap_or_default();
        VoucherColumns {
            table,
            fields: columns
                .iter()
                .map(|c| Kind::Voucher.field(&c.name))
                .collect(),
        }
    }

    fn position(&self, column: &str) -> Option<usize> {
        self.table?.position(column)
    }
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

    /// The tables. `unread`: groups that belong to no table of ours, with their number.
    pub fn finish(mut self, unread: &BTreeMap<String, u32>) -> Built {
        let mut built = Built {
            problems: self.unknown_fields(),
            ..Built::default()
        };
        built.problems.extend(self.totals_differ());
        built.problems.extend(self.unplaced_items());
        let explaining = self.count(|k| k == Kind::Aux) + self.head_count;
        let accounts = std::mem::take(&mut self.accounts);
        if !accounts.is_empty() {
            built.tables.push(self.extracted("科目", accounts));
        }
        let year = self.archives.year.or(self.balances.voucher_year);
        let balances = std::mem::take(&mut self.balances);
        let made = balance::tables(balances, year, &self.place("科目余额"));
        built.problems.extend(made.problems);
        if made.opening.len() > 1 {
            built.tables.push(self.extracted("期初余额", made.opening));
        }
        if !made.stated.is_empty() || !made.aside.is_empty() {
            let mut table = self.extracted("科目余额", made.stated);
            table.aside = made.aside;
            built.tables.push(table);
        }
        let vouchers = std::mem::take(&mut self.vouchers);
        if !vouchers.is_empty() || explaining > 0 {
            let mut table = self.extracted("凭证", vouchers);
            table.explaining = explaining;
            built.tables.push(table);
        }
        built.tables.extend(self.rest(unread, &built.tables));
        built
    }

    fn count(&self, of: impl Fn(Kind) -> bool) -> u32 {
        let counts = self.counts.iter();
        counts
            .filter(|(section, _)| of(self.profile.sections[**section].kind))
            .map(|(_, n)| n)
            .sum()
    }

    fn sheet(&self, name: &str, grid: Grid) -> Sheet {
        Sheet {
            file: self.origin.file.clone(),
            sheet: Some(name.into()),
            container: Container::Text,
            encoding: self.origin.encoding,
            digest: self.origin.digest.clone(),
            grid,
            merged: Vec::new(),
        }
    }

    fn extracted(&self, name: &str, grid: Grid) -> Extracted {
        Extracted {
            sheet: self.sheet(name, grid),
            layout: format!("{} {name}", self.profile.title),
            explaining: 0,
            aside: Vec::new(),
        }
    }

    /// What explains codes, and what no table of ours takes: counted, so that nobody thinks that it was read.
    fn rest(&self, unread: &BTreeMap<String, u32>, tables: &[Extracted]) -> Option<Extracted> {
        let archives =
            self.count(|k| matches!(k, Kind::Book | Kind::Word | Kind::Party | Kind::Item));
        if archives == 0 && unread.is_empty() && !tables.is_empty() {
            return None;
        }
        let mut rest = self.extracted("编号对照", Grid::default());
        rest.explaining = archives;
        rest.aside = (1..)
            .zip(unread)
            .map(|(row, (name, count))| SetAside {
                row,
                kind: "没有对应的表".to_owned(),
                text: format!("{name} {count} 条"),
            })
            .collect();
        Some(rest)
    }

    fn place(&self, sheet: &str) -> Place {
        Place {
            file: self.origin.file.to_string(),
            sheet: Some(sheet.to_owned()),
            ..Place::default()
        }
    }

    fn unknown_fields(&self) -> Vec<Problem> {
        let problem = |((section, name), row): (&(usize, String), &u32)| {
            let element = &self.profile.sections[*section].elements[0];
            let place = Place {
                file: self.origin.file.to_string(),
                sheet: Some(element.clone()),
                row: Some(*row),
                column: Some(name.clone()),
            };
            let message = format!("{}里没有「{name}」这个字段", self.profile.title);
            codes::COLUMN_UNKNOWN.at(place, message, name)
        };
        self.unknown.iter().map(problem).collect()
    }

    fn unplaced_items(&self) -> Vec<Problem> {
        let problem = |(what, (first, count)): (&String, &(u32, u32))| {
            let place = Place {
                row: Some(*first),
                ..self.place("凭证")
            };
            let message = format!("{count} 条分录的{what}没有对应的列");
            codes::AUX_UNPLACED.at(place, message, "")
        };
        self.unplaced.iter().map(problem).collect()
    }

    /// The control totals of the file against its entries.
    fn totals_differ(&self) -> Vec<Problem> {
        let totals = &self.totals;
        let Some([entries, debit, credit]) = &totals.stated else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut differ = |what: &str, stated: &str, counted: String| {
            let message = format!("文件写的{what}是 {stated},按明细算出 {counted}");
            out.push(codes::CONTROL_TOTAL.at(self.place("凭证"), message, stated));
        };
        // Some programs count transactions, others lines.
        let counts = totals.contexts.values().chain([&totals.lines]);
        if !entries.is_empty() && !counts.clone().any(|n| n.to_string() == *entries) {
            differ("笔数", entries, format!("{} 条分录", totals.lines));
        }
        if totals.spoilt {
            return out;
        }
        for (what, stated, sum) in [
            ("借方合计", debit, totals.debit),
            ("贷方合计", credit, totals.credit),
        ] {
            let same = Money::parse(stated).is_ok_and(|m| i128::from(m.0) == sum);
            if !stated.is_empty() && !same {
                let counted =
                    i64::try_from(sum).map_or_else(|_| sum.to_string(), |n| Money(n).grouped());
                differ(what, stated, counted);
            }
        }
        out
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

    fn voucher(&mut self, number: u32, record: &Record<'_>) -> Result<(), Refusal> {
        let Some(table) = self.columns.table else {
            return Ok(());
        };
        if self.vouchers.is_empty() {
            let header = table.columns.iter().map(|c| c.headers[0].as_str());
            self.vouchers.push(0, header);
        }
        let mut row: Vec<String> = self
            .columns
            .fields
            .iter()
            .map(|f| f.map_or(String::new(), |f| record.get(f).to_owned()))
            .collect();
        let get = |name: &str| field(record, Kind::Voucher, name);
        let period = period(get("year"), get("month"));
        self.fill_from_head(&mut row, &period, record);
        self.set(&mut row, "period", period);
        self.translate(&mut row);
        self.place_items(number, &mut row, record);
        self.add_totals(get("debit"), get("credit"));
        if self.balances.voucher_year.is_none() {
            let date = self.columns.position("date").map(|at| row[at].as_str());
            let year = date.and_then(|d| d.get(..4)).and_then(|y| y.parse().ok());
            self.balances.voucher_year = year;
        }
        fits(self.vouchers.push(number, row.iter().map(String::as_str)))
    }

    fn set(&self, row: &mut [String], column: &str, text: String) {
        if let Some(cell) = self.columns.position(column).and_then(|at| row.get_mut(at)) {
            *cell = text;
        }
    }

    /// Words by their archive, marks of void vouchers by the profile's words.
    fn translate(&self, row: &mut [String]) {
        let cell = |row: &[String], column: &str| {
            let at = self.columns.position(column);
            at.and_then(|at| row.get(at)).cloned().unwrap_or_default()
        };
        if let Some(word) = self.archives.words.get(&cell(row, "word")) {
            self.set(row, "word", word.clone());
        }
        for (column, names) in &self.archives.items {
            if let Some(name) = names.get(&cell(row, column)) {
                self.set(row, column, name.clone());
            }
        }
        // Where numbers must be unique in a file they may be whole identities: 2024-03-记-0012.
        if let Some(id) = VoucherId::parse(&cell(row, "number"))
            && *id.word == *cell(row, "word")
            && id.period.to_string() == cell(row, "period")
        {
            self.set(row, "number", id.number.to_string());
        }
        let void = self.profile.void_words.contains(&cell(row, "void"));
        self.set(row, "void", if void { "是" } else { "" }.to_owned());
    }

    /// What an entry leaves to the head that stands apart.
    fn fill_from_head(&self, row: &mut [String], period: &str, record: &Record<'_>) {
        if self.heads.is_empty() {
            return;
        }
        let get = |name: &str| field(record, Kind::Voucher, name);
        let number = get("number");
        let keys = [
            head_key(period, get("word"), number),
            head_key(period, "", number),
        ];
        let Some(head) = keys.iter().find_map(|key| self.heads.get(key)) else {
            return;
        };
        for (at, own) in self.columns.fields.iter().zip(row) {
            if let Some(at) = at.filter(|_| own.is_empty()) {
                own.clone_from(&head[at]);
            }
        }
    }

    fn head(&mut self, section: usize, record: &Record<'_>) {
        let get = |name: &str| field(record, Kind::Voucher, name);
        let period = period(get("year"), get("month"));
        let fields: Vec<String> = (0..Kind::Voucher.fields().len())
            .map(|f| record.get(f).to_owned())
            .collect();
        for word in [get("word"), ""] {
            let key = head_key(&period, word, get("number"));
            self.heads.insert(key, fields.clone());
        }
        // Heads are counted apart: the numbers of entries are those of entries.
        self.head_count += 1;
        if let Some(count) = self.counts.get_mut(&section) {
            *count -= 1;
        }
    }

    /// Puts auxiliary items into their columns.
    fn place_items(&mut self, number: u32, row: &mut [String], record: &Record<'_>) {
        let account = field(record, Kind::Voucher, "account");
        for (index, item) in items(record) {
            let (column, code) = self.column_of(account, index, item);
            let Some(column) = column else {
                let what = match index {
                    0 => "辅助核算".to_owned(),
                    n => format!("辅助项{n}"),
                };
                let slot = self.unplaced.entry(what).or_insert((number, 0));
                slot.1 += 1;
                continue;
            };
            let name = self.archives.items.get(column).and_then(|a| a.get(code));
            let name = name.map_or(code, String::as_str).to_owned();
            if let Some(cell) = self.columns.position(column).and_then(|at| row.get_mut(at))
                && cell.is_empty()
            {
                *cell = name;
            }
        }
    }

    /// The column of an item, and its code: told by the account's items, by a word before the code, or by the archive
    /// that has the code.
    fn column_of<'i>(
        &self,
        account: &str,
        index: u32,
        item: &'i str,
    ) -> (Option<&'static str>, &'i str) {
        if index == 0
            && let Some((what, code)) = item.split_once([':', '：'])
        {
            let column = self.profile.aux_column(what).and_then(column_name);
            return (column, code.trim());
        }
        let of = |account: &str| self.aux.get(&(account.to_owned(), index)).copied();
        let told = if self.aux.is_empty() {
            None
        } else {
            of(account).or_else(|| of(""))
        };
        let archive = || {
            let holding = self
                .archives
                .items
                .iter()
                .find(|(_, a)| a.contains_key(item));
            holding.map(|(column, _)| *column)
        };
        (told.or_else(archive), item)
    }

    fn add_totals(&mut self, debit: &str, credit: &str) {
        let totals = &mut self.totals;
        totals.lines += 1;
        for (text, sum) in [(debit, &mut totals.debit), (credit, &mut totals.credit)] {
            match Money::parse(text) {
                Ok(amount) => *sum += i128::from(amount.0),
                Err(_) if text.is_empty() => {}
                Err(_) => totals.spoilt = true,
            }
        }
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

    fn archive(&mut self, kind: Kind, element: &str, record: &Record<'_>) {
        let (code, name) = (field(record, kind, "code"), field(record, kind, "name"));
        if code.is_empty() || name.is_empty() {
            return;
        }
        let (code, name) = (code.to_owned(), name.to_owned());
        match kind {
            Kind::Word => {
                self.archives.words.insert(code, name);
            }
            Kind::Party => self.add_item("counterparty", code, name),
            _ => {
                let column = self.profile.aux_column(element).and_then(column_name);
                if let Some(column) = column {
                    self.add_item(column, code, name);
                }
            }
        }
    }

    fn add_item(&mut self, column: &'static str, code: String, name: String) {
        self.archives
            .items
            .entry(column)
            .or_default()
            .insert(code, name);
    }
}

impl Sink for Builder<'_> {
    fn record(&mut self, section: usize, record: Record<'_>) -> Result<(), Refusal> {
        let number = self.counts.get(&section).map_or(1, |n| n + 1);
        self.record_at(section, number, record)
    }

    fn context(&mut self, name: &str) {
        *self.totals.contexts.entry(name.to_owned()).or_default() += 1;
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
                self.archive(spec.kind, &spec.elements[0], &record);
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

/// Auxiliary items with their numbers; one text without a number may name several, apart by semicolons.
fn items<'r>(record: &Record<'r>) -> Vec<(u32, &'r str)> {
    let mut out = Vec::new();
    for (index, text) in &record.aux {
        match index {
            0 => out.extend(text.split([';', '；', '|']).map(|item| (0, item.trim()))),
            index => out.push((*index, *text)),
        }
    }
    out.retain(|(_, item)| !item.is_empty());
    out
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

fn head_key(period: &str, word: &str, number: &str) -> String {
    format!("{period}\u{1f}{word}\u{1f}{number}")
}

fn fits(pushed: bool) -> Result<(), Refusal> {
    match pushed {
        true => Ok(()),
        false => Err(Refusal::new(codes::FILE_HUGE, "文件的内容超过 4 GB")),
    }
}

/// The catalogue's own spelling of a column, which lives as long as the program.
fn column_name(column: &str) -> Option<&'static str> {
    let table = catalogue().table("voucher")?;
    table.column(column).map(|c| c.name.as_str())
}
