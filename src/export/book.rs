//! One organisation's book on its way out: what every format needs to know of it.

use chrono::Timelike as _;

use super::{ExportError, ExportOptions};
use crate::ledger::{charts, read};
use crate::model::{Chart, ChartHistory, ColumnType, Period, PeriodRange, Voucher, catalogue};
use crate::store::entities::book;
use crate::store::{Store, registers};

/// See the module.
pub struct BookExport<'e> {
    pub store: &'e Store,
    pub options: &'e ExportOptions<'e>,
    pub organisation: &'e str,
    pub history: ChartHistory,
    /// Every account of every chart of the book.
    pub chart: Chart,
    /// The name in 单位, else the code.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: Option<String>,
    /// All months with vouchers, those outside the period among them.
    pub months: Vec<Period>,
}

impl<'e> BookExport<'e> {
    pub async fn new(
        store: &'e Store,
        book: &'e book::Model,
        options: &'e ExportOptions<'e>,
    ) -> Result<BookExport<'e>, ExportError> {
        let organisation = book.organisation.as_str();
        let (name, uscc) = known_as(store, organisation).await?;
        let history = charts::history(store.db(), organisation).await?;
        Ok(BookExport {
            store,
            options,
            organisation,
            chart: history.charts().merged(),
            history,
            name,
            uscc,
            months: read::months(store, organisation).await?,
        })
    }

    /// The months to be written, the first and last of them, or why there are none.
    pub fn span(&self) -> Result<PeriodRange, ExportError> {
        let inside = |m: &&Period| match self.options.period {
            Some(range) => (range.first..=range.last).contains(*m),
            None => true,
        };
        let mut months = self.months.iter().filter(inside);
        let first = months.next().copied();
        match (first, months.next_back().copied().or(first)) {
            (Some(first), Some(last)) => Ok(PeriodRange { first, last }),
            _ => Err(ExportError::Nothing(format!(
                "单位 {} 在所要的期间没有凭证",
                self.organisation
            ))),
        }
    }

    /// The vouchers of a month, the opening balances of the year apart.
    pub async fn month(
        &self,
        month: Period,
    ) -> Result<(Option<Voucher>, Vec<Voucher>), ExportError> {
        let mut all = read::current(self.store, self.organisation, month).await?;
        let opening = all.iter().position(|v| v.id.is_opening());
        let opening = opening.map(|at| all.remove(at));
        Ok((opening, all))
    }
}

/// Name and 统一社会信用代码 in 单位; of several spans the last.
async fn known_as(store: &Store, code: &str) -> Result<(String, Option<String>), ExportError> {
    let mut found = (code.to_owned(), None);
    let Some(table) = catalogue().table("organisation") else {
        return Ok(found);
    };
    let position = |name: &str| table.position(name);
    let mut take = |row: registers::StoredRow| {
        let text = |name: &str| {
            let value = row.row.values.get(position(name)?);
            value.and_then(|v| v.text()).map(str::to_owned)
        };
        if text("code").as_deref() == Some(code) {
            found = (
                text("name").unwrap_or_else(|| code.to_owned()),
                text("uscc"),
            );
        }
        Ok(())
    };
    registers::each_as_handed_in(store, table, "", &mut take).await?;
    Ok(found)
}

/// The Chinese word of a code of the voucher table's enumerations; other texts as they are.
pub fn word<'v>(column: &str, text: &'v str) -> &'v str {
    let table = catalogue().table("voucher");
    match table.and_then(|t| t.column(column)).map(|c| &c.kind) {
        Some(ColumnType::Enum { values, .. }) => values
            .iter()
            .find(|(_, code)| code == text)
            .map_or(text, |(word, _)| word),
        _ => text,
    }
}

/// A number as it is shown: at least four digits where it is one. What stands for a missing number is left out.
pub fn number(text: &str) -> String {
    match text.starts_with('?') {
        true => String::new(),
        false if text.bytes().all(|b| b.is_ascii_digit()) => format!("{text:0>4}"),
        false => text.to_owned(),
    }
}

/// A moment without needless seconds.
pub fn time(at: chrono::NaiveDateTime) -> String {
    let form = if at.second() == 0 {
        "%Y-%m-%d %H:%M"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    at.format(form).to_string()
}
