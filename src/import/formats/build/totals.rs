//! The control totals that a file states against its entries.

use std::collections::HashMap;

use crate::import::codes;
use crate::model::{Money, Place, Problem};

/// Sums over the entries beside what the file says they are; sums in 分.
#[derive(Default)]
pub(super) struct Totals {
    debit: i128,
    credit: i128,
    spoilt: bool,
    lines: u64,
    /// How often each element that holds for what is inside it has ended: some programs count transactions, not lines.
    contexts: HashMap<String, u64>,
    /// Number of entries, debit and credit as handed in.
    pub(super) stated: Option<[String; 3]>,
}

impl Totals {
    pub(super) fn context(&mut self, name: &str) {
        match self.contexts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.contexts.insert(name.to_owned(), 1);
            }
        }
    }

    /// An entry's amounts as handed in.
    pub(super) fn add(&mut self, debit: &str, credit: &str) {
        self.lines += 1;
        for (text, sum) in [(debit, &mut self.debit), (credit, &mut self.credit)] {
            match Money::parse(text) {
                Ok(amount) => *sum += i128::from(amount.0),
                Err(_) if text.is_empty() => {}
                Err(_) => self.spoilt = true,
            }
        }
    }

    /// What differs. `place`: the table of the entries.
    pub(super) fn differences(&self, place: &Place) -> Vec<Problem> {
        let Some([entries, debit, credit]) = &self.stated else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut differ = |what: &str, stated: &str, counted: String| {
            let message = format!("文件写的{what}是 {stated},按明细算出 {counted}");
            out.push(codes::CONTROL_TOTAL.at(place.clone(), message, stated));
        };
        let mut counts = self.contexts.values().chain([&self.lines]);
        if !entries.is_empty() && !counts.any(|n| n.to_string() == *entries) {
            differ("笔数", entries, format!("{} 条分录", self.lines));
        }
        if self.spoilt {
            return out;
        }
        for (what, stated, sum) in [
            ("借方合计", debit, self.debit),
            ("贷方合计", credit, self.credit),
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_may_be_of_entries_or_of_transactions_and_sums_are_exact() {
        let mut totals = Totals::default();
        totals.add("0.10", "");
        totals.add("", "0.10");
        totals.context("Transaction");
        let mut told = |entries: &str, debit: &str| {
            totals.stated = Some([entries.into(), debit.into(), String::new()]);
            totals.differences(&Place::default()).len()
        };
        assert_eq!(told("2", "0.10"), 0);
        assert_eq!(told("1", "0.1"), 0);
        assert_eq!(told("3", "0.11"), 2);
    }

    #[test]
    fn an_amount_that_cannot_be_read_leaves_sums_alone() {
        let mut totals = Totals::default();
        totals.add("x", "");
        totals.stated = Some([String::new(), "5".into(), String::new()]);
        assert!(totals.differences(&Place::default()).is_empty());
    }
}
