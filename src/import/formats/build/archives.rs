//! What codes of a data interface mean: words, names of parties and items, sides of accounts; shared by the files of a hand-in.

use std::collections::{BTreeMap, HashMap};

use super::field;
use crate::import::formats::collect::Record;
use crate::import::formats::profile::{FormatProfile, Kind};
use crate::model::catalogue;

/// Names by code, of words and of what auxiliary items point at; shared by the files of a hand-in.
#[derive(Debug, Clone, Default)]
pub struct Archives {
    pub(super) words: HashMap<String, String>,
    /// Voucher column (`counterparty`, …) → code → name.
    pub(super) items: BTreeMap<&'static str, HashMap<String, String>>,
    /// Accounts that stand on the debit side, where balances are given as seen from there.
    pub(super) debit_accounts: HashMap<String, bool>,
    /// Year of the book, where balances do not name theirs.
    pub year: Option<i32>,
}

impl Archives {
    /// The side of an account, or of the nearest above it by its code.
    pub(super) fn side_of(&self, account: &str) -> Option<bool> {
        let ends = (1..=account.len()).rev();
        let mut codes = ends.filter_map(|end| account.get(..end));
        codes
            .find_map(|code| self.debit_accounts.get(code))
            .copied()
    }

    /// Keeps what a record says of a code. `element`: what the interface calls such records.
    pub(super) fn keep(
        &mut self,
        kind: Kind,
        element: &str,
        record: &Record<'_>,
        profile: &FormatProfile,
    ) {
        let (code, name) = (field(record, kind, "code"), field(record, kind, "name"));
        if code.is_empty() || name.is_empty() {
            return;
        }
        let (code, name) = (code.to_owned(), name.to_owned());
        match kind {
            Kind::Word => {
                self.words.insert(code, name);
            }
            Kind::Party => self.add("counterparty", code, name),
            _ => {
                if let Some(column) = profile.aux_column(element).and_then(column_name) {
                    self.add(column, code, name);
                }
            }
        }
    }

    fn add(&mut self, column: &'static str, code: String, name: String) {
        self.items.entry(column).or_default().insert(code, name);
    }
}

/// The catalogue's own spelling of a column, which lives as long as the program.
pub(super) fn column_name(column: &str) -> Option<&'static str> {
    let table = catalogue().table("voucher")?;
    table.column(column).map(|c| c.name.as_str())
}
