//! One consistent view of books and registers as Arrow tables: sorted by organisation, complete (a table without rows is
//! there and empty), independent of the order in which rows were handed over, and named by a digest.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use datafusion::arrow::record_batch::RecordBatch;

use crate::audit::outcome::{AuditedOrganisation, HeldSummary};
use crate::audit::params::Setting;

mod builder;
mod freeze;
mod part;

pub use builder::SnapshotBuilder;
pub use part::{Part, Placed};

/// Regime of an organisation over a span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegimeSpan {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// `collective` or `company`.
    pub regime: String,
}

/// What an audit runs on.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Batches of every table by name, sorted by organisation (the books by date within it).
    pub tables: BTreeMap<String, Vec<RecordBatch>>,
    /// Rows per table and organisation; rows of no organisation under the empty text.
    pub rows: BTreeMap<String, BTreeMap<String, u64>>,
    /// In order of code.
    pub organisations: Vec<AuditedOrganisation>,
    pub regimes: BTreeMap<String, Vec<RegimeSpan>>,
    pub settings: Vec<Setting>,
    /// The folder's own 日历: date, is it off, name.
    pub calendar: Vec<(NaiveDate, bool, String)>,
    pub held: Vec<HeldSummary>,
    /// Hex SHA-256 over chain heads and all register rows.
    pub data_digest: String,
    /// Last day of the last month with vouchers.
    pub last_day: Option<NaiveDate>,
}

impl Snapshot {
    /// Whether a table holds rows that concern an organisation: its own, or ones of the whole street.
    pub fn holds(&self, table: &str, organisation: &str) -> bool {
        self.rows.get(table).is_some_and(|counts| {
            counts.get(organisation).is_some_and(|n| *n > 0)
                || counts.get("").is_some_and(|n| *n > 0)
        })
    }

    /// Organisation codes, in order.
    pub fn codes(&self) -> BTreeSet<String> {
        self.organisations.iter().map(|o| o.code.clone()).collect()
    }

    pub fn organisation(&self, code: &str) -> Option<&AuditedOrganisation> {
        self.organisations
            .binary_search_by(|o| o.code.as_str().cmp(code))
            .ok()
            .map(|i| &self.organisations[i])
    }

    /// The regime of an organisation on a day. Outside all spans the nearest known one is taken: the register often
    /// begins later than the books.
    pub fn regime(&self, organisation: &str, day: NaiveDate) -> Option<&str> {
        let spans = self.regimes.get(organisation)?;
        let covers = |s: &&RegimeSpan| {
            s.from.is_none_or(|from| from <= day) && s.to.is_none_or(|to| day <= to)
        };
        let before = |s: &&RegimeSpan| s.from.is_none_or(|from| from <= day);
        spans
            .iter()
            .rev()
            .find(covers)
            .or_else(|| spans.iter().rev().find(before))
            .or_else(|| spans.first())
            .map(|s| s.regime.as_str())
    }
}
