//! Entries of vouchers → rows of the voucher table: heads that stand apart, words for codes, auxiliary items in their columns.

use super::archives::column_name;
use super::{Builder, field, fits, period};
use crate::import::formats::collect::Record;
use crate::import::formats::profile::Kind;
use crate::import::refusal::Refusal;
use crate::model::{Table, VoucherId, catalogue};

/// The columns of a voucher sheet and the record field of each.
pub(super) struct VoucherColumns {
    table: Option<&'static Table>,
    fields: Vec<Option<usize>>,
}

impl VoucherColumns {
    pub(super) fn new() -> VoucherColumns {
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

impl Builder<'_> {
    pub(super) fn voucher(&mut self, number: u32, record: &Record<'_>) -> Result<(), Refusal> {
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
        self.totals.add(get("debit"), get("credit"));
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

    pub(super) fn head(&mut self, section: usize, record: &Record<'_>) {
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
    pub(super) fn column_of<'i>(
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
}

/// Auxiliary items with their numbers; one text without a number may name several, apart by semicolons.
pub(super) fn items<'r>(record: &Record<'r>) -> Vec<(u32, &'r str)> {
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

fn head_key(period: &str, word: &str, number: &str) -> String {
    format!("{period}\u{1f}{word}\u{1f}{number}")
}
