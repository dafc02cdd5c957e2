//! The file's own total rows (合计, 小计 …) tied out with the entries above them.

use crate::model::{Money, Place, Problems};

use super::codes;
use super::profile::Profile;
use super::words::Role;

/// Amount cells of a total row, as handed in.
pub struct TotalRow<'a> {
    pub debit: &'a str,
    pub credit: &'a str,
    pub amount: &'a str,
    /// `Some(true)`: debit.
    pub side: Option<bool>,
}

/// Debit and credit.
type Sums = (Money, Money);

/// Sums of the entries, since the beginning and since the last total row.
#[derive(Debug, Default)]
pub struct Totals {
    all: Sums,
    part: Sums,
    /// Sums since the last total row that was not directly below another: a month's total above the year's.
    before: Sums,
    /// What the first page carried over from before the file.
    carried_in: Sums,
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

    /// Compares a total row. It may total everything so far or only what came since the last total row; what is carried
    /// from page to page also includes what the first page brought along.
    pub fn check(
        &mut self,
        row: &TotalRow<'_>,
        kind: &str,
        role: Role,
        place: Place,
        profile: &Profile,
    ) {
        let mut candidates = vec![self.all];
        if role == Role::Carried {
            candidates.extend(add(self.all, self.carried_in));
            candidates.push(self.part);
        } else {
            if self.part != Sums::default() {
                self.before = self.part;
            }
            candidates.extend([self.part, self.before]);
            self.part = Sums::default();
        }
        if self.spoiled {
            return;
        }
        let texts = [row.debit, row.credit, row.amount];
        let found: Vec<&str> = texts.into_iter().filter(|t| !t.is_empty()).collect();
        let found = found.join(" / ");
        if found.is_empty() {
            return;
        }
        let [Ok(debit), Ok(credit), Ok(amount)] = texts.map(|text| profile.money(text)) else {
            let message = format!("{kind}行的金额无法识别");
            self.problems
                .push(codes::MONEY_BAD.at(place, message, &found));
            return;
        };
        // The first page of a print-out in parts brings along what the pages before it came to.
        if role == Role::Carried && self.all == Sums::default() {
            self.carried_in = (debit, credit);
            return;
        }
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
            // Where a page ends is the printer's business: what is carried is worth a look, a wrong total is an error.
            let code = match role {
                Role::Carried => codes::CARRIED_DIFFERS,
                _ => codes::TOTAL_DIFFERS,
            };
            self.problems.push(code.at(place, message, &found));
        }
    }
}

fn add(a: Sums, b: Sums) -> Option<Sums> {
    Some((a.0.checked_add(b.0)?, a.1.checked_add(b.1)?))
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

    fn agrees(totals: &mut Totals, row: &TotalRow<'_>, role: Role) -> bool {
        let before = totals.problems.len();
        totals.check(row, "合计", role, Place::default(), &Profile::neutral());
        totals.problems.len() == before
    }

    #[test]
    fn what_is_carried_includes_what_came_before_the_file() {
        let mut totals = Totals::default();
        let check =
            |totals: &mut Totals, text| agrees(totals, &row(text, text, "", None), Role::Carried);
        assert!(check(&mut totals, "50.00"));
        totals.add(Money(100), Money(100));
        assert!(check(&mut totals, "51.00"));
        assert!(check(&mut totals, "1.00"));
        assert!(!check(&mut totals, "2.00"));
        assert_eq!(totals.problems[0].code, codes::CARRIED_DIFFERS.code);
    }

    #[test]
    fn totals_of_parts_and_of_all_agree_and_others_do_not() {
        let mut totals = Totals::default();
        let check = |totals: &mut Totals, row| agrees(totals, &row, Role::Total);
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
