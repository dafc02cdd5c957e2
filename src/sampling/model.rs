//! What is sampled, how, and what came out. Amounts are integers of 分, in the file too.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::model::{Money, Side};

/// What one item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One entry with an amount on the side looked at.
    Entry,
    /// A voucher, with the sum of those of its entries that are looked at.
    Voucher,
}

impl Unit {
    pub fn label(self) -> &'static str {
        match self {
            Unit::Entry => "分录",
            Unit::Voucher => "凭证",
        }
    }
}

/// Which part of a book is the population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    pub organisation: String,
    /// `2024-01..2024-12`.
    pub period: String,
    /// With what is below them; none: all accounts.
    pub accounts: Vec<String>,
    pub side: Side,
    pub unit: Unit,
}

impl Filter {
    /// For people: `2024-01..2024-12 科目 5602 借方`.
    pub fn shown(&self) -> String {
        let accounts = match self.accounts.is_empty() {
            true => "全部科目".to_owned(),
            false => format!("科目 {}", self.accounts.join("、")),
        };
        format!("{} {accounts} {}", self.period, side_label(self.side))
    }
}

/// 借方 or 贷方.
pub fn side_label(side: Side) -> &'static str {
    match side {
        Side::Credit => "贷方",
        Side::Debit | Side::Either => "借方",
    }
}

/// How items are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method", deny_unknown_fields)]
pub enum Design {
    /// Every `interval`-th 分 of the items in the order of chance, beginning with `start` (1 to `interval`).
    MonetaryUnit { interval: Money, start: Money },
    /// By absolute amount: below the first bound, from bound to bound, from the last bound on; so many of each stratum.
    Stratified {
        bounds: Vec<Money>,
        sizes: Vec<usize>,
    },
    /// The greatest absolute amounts, and some of the rest.
    TopAndRandom { top: usize, random: usize },
}

impl Design {
    pub fn label(&self) -> &'static str {
        match self {
            Design::MonetaryUnit { .. } => "货币单位抽样",
            Design::Stratified { .. } => "分层抽样",
            Design::TopAndRandom { .. } => "大额全查加随机抽查",
        }
    }

    /// Whether a stored design can be carried out.
    pub fn is_sound(&self) -> bool {
        match self {
            Design::MonetaryUnit { interval, start } => start.0 >= 1 && start <= interval,
            Design::Stratified { bounds, sizes } => {
                sizes.len() == bounds.len() + 1
                    && bounds.first().is_some_and(|b| b.0 > 0)
                    && bounds.windows(2).all(|w| w[0] < w[1])
            }
            Design::TopAndRandom { .. } => true,
        }
    }
}

/// One member of the population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `2024-03-记-0012`.
    pub voucher: String,
    /// None when the item is a whole voucher.
    pub line: Option<u32>,
    pub date: NaiveDate,
    pub account: String,
    pub account_name: String,
    pub summary: String,
    pub counterparty: String,
    /// 分; red-ink items are negative.
    pub amount: Money,
}

impl Item {
    /// What it is called on paper: chance and comparison go by it.
    pub fn identity(&self) -> String {
        match self.line {
            Some(line) => format!("{}#{line}", self.voucher),
            None => self.voucher.clone(),
        }
    }
}

/// A stratum of the population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stratum {
    pub label: String,
    pub count: usize,
    /// 分.
    pub total: Money,
    pub sampled: usize,
}

/// An item that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// From 1, as in the working paper.
    pub number: usize,
    /// Position among the strata.
    pub stratum: usize,
    /// How many of the chosen 分 lie in it; 1 outside monetary-unit sampling.
    pub hits: u64,
    #[serde(flatten)]
    pub item: Item,
}

/// The population as it was on the day of the draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    pub count: usize,
    /// 分.
    pub total: Money,
    /// Items of no or a negative amount, which monetary-unit sampling cannot reach; 0 elsewhere.
    pub unreachable_count: usize,
    pub unreachable_total: Money,
    /// SHA-256 over every item and its amount.
    pub digest: String,
    /// Head and length of the organisation's voucher chain.
    pub chain_head: String,
    pub chain_length: i64,
}

/// `sample.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Version of this form and of the way chance is made.
    pub format: u32,
    pub program: String,
    pub drawn_at: NaiveDateTime,
    pub by: Option<String>,
    /// Of all amounts in this file.
    pub currency_unit: String,
    pub filter: Filter,
    pub design: Design,
    pub seed: String,
    pub population: Population,
    pub strata: Vec<Stratum>,
    pub items: Vec<Drawn>,
}

/// The version that this program writes and reads.
pub const FORMAT: u32 = 1;
