//! Charts of accounts: which accounts there are, on which side they normally stand, and what they are for.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Text;

/// 会计制度: the accounting standard an organisation follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standard {
    /// 农村集体经济组织会计制度, 财会〔2023〕14号, from 2024-01-01.
    #[serde(rename = "village_2023")]
    Village2023,
    /// 村集体经济组织会计制度, 财会〔2004〕12号, until 2023-12-31.
    #[serde(rename = "village_2004")]
    Village2004,
    /// 小企业会计准则.
    SmallEnterprise,
    /// 企业会计准则.
    Enterprise,
}

impl Standard {
    pub const ALL: [Standard; 4] = [
        Standard::Village2023,
        Standard::Village2004,
        Standard::SmallEnterprise,
        Standard::Enterprise,
    ];

    /// The code used in the store and as file name in `ledger_rules/charts/`.
    pub fn code(self) -> &'static str {
        match self {
            Standard::Village2023 => "village_2023",
            Standard::Village2004 => "village_2004",
            Standard::SmallEnterprise => "small_enterprise",
            Standard::Enterprise => "enterprise",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Standard::Village2023 => "农村集体经济组织会计制度(2023)",
            Standard::Village2004 => "村集体经济组织会计制度(2004)",
            Standard::SmallEnterprise => "小企业会计准则",
            Standard::Enterprise => "企业会计准则",
        }
    }

    pub fn from_code(code: &str) -> Option<Standard> {
        Standard::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// 余额方向.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Debit,
    Credit,
    /// 借或贷: two-sided accounts, never netted across counterparties in statements.
    Either,
}

impl Side {
    pub fn code(self) -> &'static str {
        match self {
            Side::Debit => "debit",
            Side::Credit => "credit",
            Side::Either => "either",
        }
    }

    pub fn from_code(code: &str) -> Option<Side> {
        [Side::Debit, Side::Credit, Side::Either]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

/// What an account is for, in one word that rules use: `cash`, `bank`, `rent_income` … (see `ledger_rules/charts/README.md`).
pub type AccountTag = Text;

/// One account of an organisation's chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub code: Text,
    pub name: Text,
    pub side: Side,
    pub parent: Option<Text>,
    pub is_leaf: bool,
    /// 资产 负债 所有者权益 成本 损益.
    pub category: Text,
    pub tag: Option<AccountTag>,
    pub active_from: Option<NaiveDate>,
    pub active_to: Option<NaiveDate>,
}

/// The accounts of one organisation, by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    pub standard: Standard,
    pub accounts: BTreeMap<Text, Account>,
}

impl Chart {
    /// An account is a leaf if none names it as its parent.
    pub fn mark_leaves(&mut self) {
        let accounts = self.accounts.values();
        let parents: HashSet<Text> = accounts.filter_map(|a| a.parent.clone()).collect();
        for account in self.accounts.values_mut() {
            account.is_leaf = !parents.contains(&account.code);
        }
    }

    pub fn account(&self, code: &str) -> Option<&Account> {
        self.accounts.get(code)
    }

    /// The account of which `code` is a detail by prefix (`1020101` → `10201` → `102`), the nearest that exists.
    pub fn nearest(&self, code: &str) -> Option<&Account> {
        (1..=code.len())
            .rev()
            .filter(|&n| code.is_char_boundary(n))
            .find_map(|n| self.accounts.get(code[..n].trim_end_matches(['.', '-'])))
    }
}

/// A chart that was followed up to the end of a year, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierChart {
    pub last_year: i32,
    pub chart: Chart,
    pub evidence: String,
}

/// The charts of one organisation's books over the years. Most have one; a book that went from one standard to another has
/// the earlier ones too, and the same code may mean two things.
#[derive(Debug, Clone, Copy)]
pub struct Charts<'a> {
    pub latest: &'a Chart,
    pub evidence: &'a str,
    /// In the order of their years.
    pub earlier: &'a [EarlierChart],
}

impl<'a> Charts<'a> {
    /// The chart of a year.
    pub fn of(&self, year: i32) -> &'a Chart {
        let earlier = self.earlier.iter().find(|e| e.last_year >= year);
        earlier.map_or(self.latest, |e| &e.chart)
    }

    /// The chart of a year and how it was found.
    pub fn with_evidence(&self, year: i32) -> (&'a Chart, &'a str) {
        let earlier = self.earlier.iter().find(|e| e.last_year >= year);
        earlier.map_or((self.latest, self.evidence), |e| (&e.chart, &e.evidence))
    }

    /// Every code of every chart once, with its latest meaning; a code that only earlier charts have ends with them.
    pub fn merged(&self) -> Chart {
        let mut merged = self.latest.clone();
        for earlier in self.earlier.iter().rev() {
            let end = NaiveDate::from_ymd_opt(earlier.last_year, 12, 31);
            for (code, account) in &earlier.chart.accounts {
                merged
                    .accounts
                    .entry(code.clone())
                    .or_insert_with(|| Account {
                        active_to: account.active_to.or(end),
                        ..account.clone()
                    });
            }
        }
        merged
    }
}

/// [`Charts`] as read from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartHistory {
    pub latest: Chart,
    pub evidence: String,
    /// In the order of their years.
    pub earlier: Vec<EarlierChart>,
}

impl ChartHistory {
    pub fn charts(&self) -> Charts<'_> {
        Charts {
            latest: &self.latest,
            evidence: &self.evidence,
            earlier: &self.earlier,
        }
    }

    /// The chart of a year.
    pub fn of(&self, year: i32) -> &Chart {
        self.charts().of(year)
    }

    /// The first year of the chart of a year; `i32::MIN` for the first chart.
    pub fn first_year(&self, year: i32) -> i32 {
        let before = self.earlier.iter().rev().find(|e| e.last_year < year);
        before.map_or(i32::MIN, |e| e.last_year + 1)
    }

    /// Whether two years are kept under one chart.
    pub fn same(&self, one: i32, other: i32) -> bool {
        self.first_year(one) == self.first_year(other)
    }
}
