//! The file's own total rows (合计, 小计 …) tied out with the entries above them.

use crate::model::{Money, Place, Problems};

use super::cell::money;
use super::codes;
use super::journal::TotalRow;

/// Debit and credit.
type Sums = (Money, Money);

/// Sums of the entries, since the beginning and since the last total row.
#[derive(Debug, Default)]
pub struct Totals {
    all: Sums,
    part: Sums,
    /// Sums since the last total row that was not directly below another: a month's total above the year's.
    before: Sums,
    spoiled: bool,
    pub problems: Problems,
}

impl Totals {
    pub fn add(&mut self, debit: Money, credit: Money) {
        for sums in [&mut self.all, &mut self.part] {
            sums.0 = sums.0.checked_add(debit).unwrap_or(sums.0);
            sums.1 = sums.1.checked_add(credit).unwrap_or(sums.1);
        }
    }

    /// An amount could not be read: no total can be checked any more, and that amount is a problem already.
    pub fn spoil(&mut self) {
        self.spoiled = true;
    }

    /// Compares a total row. It may total everything so far or only what came since the last total row.
    pub fn check(&mut self, row: &TotalRow<'_>, kind: &str, place: Place) {
        if self.part != Sums::default() {
            self.before = self.part;
        }
        let candidates = [self.all, self.part, self.before];
        self.part = Sums::default();
        if self.spoiled {
            return;
        }
        let found = [row.debit, row.credit, row.amount]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" / ");
        if found.is_empty() {
            return;
        }
        let (Ok(debit), Ok(credit), Ok(amount)) =
            (money(row.debit), money(row.credit), money(row.amount))
        else {
            let message = format!("{kind}行的金额无法识别");
            self.problems
                .push(codes::MONEY_BAD.at(place, message, &found));
            return;
        };
        let agrees = |sums: &Sums| match (row.amount.is_empty(), row.side) {
            (true, _) => {
                (row.debit.is_empty() || debit == sums.0)
                    && (row.credit.is_empty() || credit == sums.1)
            }
            (false, Some(true)) => amount == sums.0,
            (false, Some(false)) => amount == sums.1,
            // One amount for both sides: either of them, or both together.
            (false, None) => {
                amount == sums.0 || amount == sums.1 || sums.0.checked_add(sums.1) == Some(amount)
            }
        };
        if !candidates.iter().any(agrees) {
            let (debit, credit) = candidates[0];
            let message = format!(
                "{kind}与明细不符:明细借方 {}、贷方 {}",
                debit.grouped(),
                credit.grouped()
            );
            self.problems
                .push(codes::TOTAL_DIFFERS.at(place, message, &found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(
        debit: &'a str,
        credit: &'a str,
        amount: &'a str,
        side: Option<bool>,
    ) -> TotalRow<'a> {
        TotalRow {
            debit,
            credit,
            amount,
            side,
        }
    }

    #[test]
    fn totals_of_parts_and_of_all_agree_and_others_do_not() {
        let mut totals = Totals::default();
        let check = |totals: &mut Totals, row: TotalRow<'_>| {
            let before = totals.problems.len();
            totals.check(&row, "合计", Place::default());
            totals.problems.len() == before
        };
        totals.add(Money(100), Money(0));
        totals.add(Money(0), Money(100));
        assert!(check(&mut totals, row("1.00", "1.00", "", None)));
        totals.add(Money(300), Money(300));
        assert!(check(&mut totals, row("3.00", "3.00", "", None)));
        assert!(check(&mut totals, row("4.00", "4.00", "", None)));
        assert!(!check(&mut totals, row("4.00", "4.01", "", None)));
        assert!(check(&mut totals, row("", "", "4.00", Some(false))));
        assert!(check(&mut totals, row("", "", "8.00", None)));
        assert!(!check(&mut totals, row("", "", "5.00", Some(true))));
        totals.spoil();
        assert!(check(&mut totals, row("9.99", "", "", None)));
    }
}
