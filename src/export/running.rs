//! Balances by account and counterparty while the months of a book go by. A year that begins with opening balances of its
//! own begins with these, as in the trial balance; any other year begins where the last one ended.

use std::collections::BTreeMap;

use crate::model::{Chart, Text, Voucher};

/// Account, counterparty (empty for none).
pub type Key = (Text, Text);

/// Balances, positive on the debit side, and the movement since [`Running::begin`]. 分.
#[derive(Debug, Default)]
pub struct Running {
    lines: BTreeMap<Key, Line>,
}

/// One account and counterparty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line {
    pub opening: i64,
    pub debit: i64,
    pub credit: i64,
}

impl Line {
    pub fn closing(&self) -> i64 {
        self.opening + self.debit - self.credit
    }

    pub fn is_empty(&self) -> bool {
        self.opening == 0 && self.debit == 0 && self.credit == 0
    }

    fn add(&mut self, other: &Line) {
        self.opening += other.opening;
        self.debit += other.debit;
        self.credit += other.credit;
    }
}

impl Running {
    /// A new month: what was the closing is the opening.
    pub fn begin(&mut self) {
        self.lines.retain(|_, line| {
            *line = Line {
                opening: line.closing(),
                ..Line::default()
            };
            !line.is_empty()
        });
    }

    /// The opening balances of a year, in place of what there was.
    pub fn open(&mut self, opening: &Voucher) {
        self.lines.clear();
        for entry in &opening.entries {
            let line = self.line(&entry.account, &entry.counterparty);
            line.opening += entry.debit.0 - entry.credit.0;
        }
    }

    pub fn add(&mut self, voucher: &Voucher) {
        for entry in &voucher.entries {
            let line = self.line(&entry.account, &entry.counterparty);
            line.debit += entry.debit.0;
            line.credit += entry.credit.0;
        }
    }

    fn line(&mut self, account: &Text, party: &Option<Text>) -> &mut Line {
        let key = (account.clone(), party.clone().unwrap_or_default());
        self.lines.entry(key).or_default()
    }

    /// By account and counterparty.
    pub fn lines(&self) -> impl Iterator<Item = (&Key, &Line)> {
        self.lines.iter().filter(|(_, line)| !line.is_empty())
    }

    /// By account, details summed into the accounts above them. One whose counterparties cancel out is there with zeros.
    pub fn by_account(&self, chart: &Chart) -> BTreeMap<Text, Line> {
        let mut out: BTreeMap<Text, Line> = BTreeMap::new();
        for ((account, _), line) in self.lines() {
            let mut next = Some(account);
            // A circle of parents in a handed-in chart ends the walk.
            for _ in 0..16 {
                let Some(code) = next else { break };
                out.entry(code.clone()).or_default().add(line);
                next = chart.account(code).and_then(|a| a.parent.as_ref());
            }
        }
        out
    }
}
