//! The fields of a journal line, whatever its layout calls them. Names are those of the `voucher` table in `bundle.toml`,
//! and a few that only packages have.

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
    Line,
    Summary,
    Account,
    AccountName,
    Debit,
    Credit,
    /// One amount column with a direction column.
    Amount,
    Direction,
    Counterparty,
    ContractNo,
    AssetNo,
    Project,
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
}

/// Number of fields.
pub const COUNT: usize = Field::Void as usize + 1;

const NAMES: [(&str, Field); COUNT] = [
    ("date", Field::Date),
    ("word", Field::Word),
    ("number", Field::Number),
    ("voucher", Field::Voucher),
    ("period", Field::Period),
    ("year", Field::Year),
    ("month", Field::Month),
    ("line", Field::Line),
    ("summary", Field::Summary),
    ("account", Field::Account),
    ("account_name", Field::AccountName),
    ("debit", Field::Debit),
    ("credit", Field::Credit),
    ("amount", Field::Amount),
    ("direction", Field::Direction),
    ("counterparty", Field::Counterparty),
    ("contract_no", Field::ContractNo),
    ("asset_no", Field::AssetNo),
    ("project", Field::Project),
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
];

impl Field {
    pub fn from_name(name: &str) -> Option<Field> {
        NAMES.iter().find(|(n, _)| *n == name).map(|(_, f)| *f)
    }
}

/// Which columns of a sheet hold which field. A field may have several columns: the first that is filled counts.
#[derive(Debug, Clone)]
pub struct Columns {
    columns: [Vec<usize>; COUNT],
    /// Header texts as handed in, by column.
    pub headers: Vec<String>,
}

impl Columns {
    pub fn new(headers: Vec<String>) -> Columns {
        Columns {
            columns: [const { Vec::new() }; COUNT],
            headers,
        }
    }

    pub fn add(&mut self, field: Field, column: usize) {
        self.columns[field as usize].push(column);
    }

    pub fn has(&self, field: Field) -> bool {
        !self.columns[field as usize].is_empty()
    }

    /// The field's text in a row.
    pub fn get<'a>(&self, row: &super::table::Row<'a>, field: Field) -> &'a str {
        match self.columns[field as usize].as_slice() {
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
        self.headers.get(column).map(String::as_str)
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
