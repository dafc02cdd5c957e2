//! What a layout holds. Each kind has its own fields and ends in its own table of the catalogue.

use serde::Deserialize;

use super::field::Field;
use crate::model::{Table, catalogue};

/// What the rows of a layout are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Lines of vouchers.
    #[default]
    Journal,
    /// Heads of vouchers without their lines.
    Heads,
    /// 科目余额表: balances and turnover stated by the package.
    Balance,
    /// 科目表.
    Accounts,
    /// Opening balances.
    Opening,
    /// Lines of a bank statement.
    Bank,
}

impl Kind {
    /// All but lists of heads, which are read beside a journal only.
    pub const TABLES: [Kind; 5] = [
        Kind::Journal,
        Kind::Balance,
        Kind::Accounts,
        Kind::Opening,
        Kind::Bank,
    ];

    /// The kind that people call so.
    pub fn from_label(label: &str) -> Option<Kind> {
        Kind::TABLES.into_iter().find(|kind| kind.label() == label)
    }

    /// The table of the catalogue that the rows go into; `None`: into the books.
    pub fn table(self) -> Option<&'static Table> {
        let name = match self {
            Kind::Journal | Kind::Heads => return None,
            Kind::Balance => "stated_balance",
            Kind::Accounts => "account",
            Kind::Opening => "opening_balance",
            Kind::Bank => "bank_txn",
        };
        catalogue().table(name)
    }

    /// Its name in a profile.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Journal => "journal",
            Kind::Heads => "heads",
            Kind::Balance => "balance",
            Kind::Accounts => "accounts",
            Kind::Opening => "opening",
            Kind::Bank => "bank",
        }
    }

    /// What it is, for people.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Journal => "凭证明细",
            Kind::Heads => "凭证列表",
            Kind::Balance => "科目余额表",
            Kind::Accounts => "科目表",
            Kind::Opening => "期初余额",
            Kind::Bank => "银行流水",
        }
    }

    /// Whether a layout of this kind may name a field. Tables have the fields of the catalogue and a few that are
    /// worked into them.
    pub fn has_field(self, name: &str) -> bool {
        match self.table() {
            None => Field::from_name(name).is_some(),
            Some(table) => table.column(name).is_some() || self.worked_in().contains(&name),
        }
    }

    /// Fields that only packages have.
    fn worked_in(self) -> &'static [&'static str] {
        match self {
            Kind::Journal | Kind::Heads => &[],
            // `period`: a month or a span of months in one text. `account_full`: code and name in one cell.
            // `opening` and `closing`: one amount, its side in a column of its own. `aux`: the item of a detail row.
            Kind::Balance => &[
                "account_full",
                "period",
                "opening",
                "opening_side",
                "closing",
                "closing_side",
                "aux",
            ],
            Kind::Accounts => &["account_full"],
            // `balance` with `side`; turnover of the year before the books begin.
            Kind::Opening => &[
                "account_full",
                "balance",
                "side",
                "year_debit",
                "year_credit",
            ],
            // `amount`: signed, or with `direction`.
            Kind::Bank => &["amount", "direction"],
        }
    }

    /// What a title above the header may say.
    pub fn may_stand_in_title(self, name: &str) -> bool {
        match self {
            Kind::Journal | Kind::Heads => matches!(name, "year" | "period" | "book"),
            _ => self.has_field(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_table_and_of_the_kind() {
        assert!(Kind::Journal.has_field("voucher") && !Kind::Journal.has_field("closing"));
        assert!(Kind::Balance.has_field("closing") && Kind::Balance.has_field("closing_debit"));
        assert!(Kind::Bank.has_field("balance") && !Kind::Bank.has_field("account"));
        assert!(Kind::Journal.may_stand_in_title("year"));
        assert!(!Kind::Journal.may_stand_in_title("summary"));
    }
}
