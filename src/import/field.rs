//! The fields of a journal line, whatever its layout calls them. Names are those of the `voucher` table in `bundle.toml`,
//! and a few that only packages have.

use super::matching::Places;

/// A field of a journal line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Field {
    Date,
    Word,
    Number,
    /// Word and number in one cell: `记 - 79`.
    Voucher,
    Period,
    Year,
    Month,
    /// With year and month where the date is split.
    Day,
    Line,
    Summary,
    Account,
    AccountName,
    /// Code and name in one cell: `1002\银行存款`.
    AccountFull,
    Debit,
    Credit,
    /// One amount column with a direction column.
    Amount,
    Direction,
    Counterparty,
    ContractNo,
    AssetNo,
    Project,
    /// Auxiliary items of several kinds in one cell: `【客商:甲商贸】【部门:行政部】`.
    Aux,
    Fund,
    InvoiceNo,
    ReceiptNo,
    BankTxnNo,
    Settlement,
    Attachments,
    Maker,
    Checker,
    Poster,
    Cashier,
    EnteredAt,
    Reverses,
    Origin,
    /// A mark that the voucher was voided.
    Void,
    /// The book a line belongs to, where one file holds several.
    Book,
}

/// Number of fields.
pub const COUNT: usize = Field::Book as usize + 1;

const NAMES: [(&str, Field); COUNT] = [
    ("date", Field::Date),
    ("word", Field::Word),
    ("number", Field::Number),
    ("voucher", Field::Voucher),
    ("period", Field::Period),
    ("year", Field::Year),
    ("month", Field::Month),
    ("day", Field::Day),
    ("line", Field::Line),
    ("summary", Field::Summary),
    ("account", Field::Account),
    ("account_name", Field::AccountName),
    ("account_full", Field::AccountFull),
    ("debit", Field::Debit),
    ("credit", Field::Credit),
    ("amount", Field::Amount),
    ("direction", Field::Direction),
    ("counterparty", Field::Counterparty),
    ("contract_no", Field::ContractNo),
    ("asset_no", Field::AssetNo),
    ("project", Field::Project),
    ("aux", Field::Aux),
    ("fund", Field::Fund),
    ("invoice_no", Field::InvoiceNo),
    ("receipt_no", Field::ReceiptNo),
    ("bank_txn_no", Field::BankTxnNo),
    ("settlement", Field::Settlement),
    ("attachments", Field::Attachments),
    ("maker", Field::Maker),
    ("checker", Field::Checker),
    ("poster", Field::Poster),
    ("cashier", Field::Cashier),
    ("entered_at", Field::EnteredAt),
    ("reverses", Field::Reverses),
    ("source", Field::Origin),
    ("void", Field::Void),
    ("book", Field::Book),
];

impl Field {
    pub fn from_name(name: &str) -> Option<Field> {
        NAMES.iter().find(|(n, _)| *n == name).map(|(_, f)| *f)
    }
}

/// Which columns of a sheet hold which field: [`Places`] made ready for a million rows. A field may have several columns:
/// the first that is filled counts.
#[derive(Debug, Clone)]
pub struct Columns<'p> {
    columns: [&'p [usize]; COUNT],
    pub places: &'p Places,
}

impl<'p> Columns<'p> {
    pub fn of(places: &'p Places) -> Columns<'p> {
        Columns {
            columns: NAMES.map(|(name, _)| places.columns(name)),
            places,
        }
    }

    pub fn has(&self, field: Field) -> bool {
        !self.columns[field as usize].is_empty()
    }

    /// The field's text in a row.
    pub fn get<'a>(&self, row: &super::table::Row<'a>, field: Field) -> &'a str {
        match self.columns[field as usize] {
            [] => "",
            [one] => row.cell(*one),
            many => many
                .iter()
                .map(|&c| row.cell(c))
                .find(|t| !t.is_empty())
                .unwrap_or(""),
        }
    }

    /// The header of a field's (first) column, for messages.
    pub fn header(&self, field: Field) -> Option<&str> {
        let column = *self.columns[field as usize].first()?;
        self.places.headers.get(column).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_name_in_order() {
        for (i, (name, field)) in NAMES.iter().enumerate() {
            assert_eq!(*field as usize, i, "{name}");
        }
        let voucher = crate::model::catalogue().table("voucher").unwrap();
        for column in &voucher.columns {
            assert!(Field::from_name(&column.name).is_some(), "{}", column.name);
        }
    }
}
