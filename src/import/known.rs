//! What the store already knows of the organisations whose books are handed in.

use std::collections::{BTreeMap, HashMap};

use crate::ledger::{LedgerError, charts, read};
use crate::model::{Standard, Text, Value, catalogue};
use crate::store::{Store, registers};

/// What was handed in before. A 单位 table handed in now outranks it.
#[derive(Debug, Default)]
pub struct Known {
    /// Accounting standards by 单位编码 and year.
    pub standards: HashMap<String, BTreeMap<i32, Standard>>,
    /// 单位编码 and 单位名称; books of which 单位 says nothing have no name.
    pub organisations: Vec<(Text, Option<Text>)>,
}

impl Known {
    /// # Errors
    /// [`LedgerError::Store`].
    pub async fn load(store: &Store) -> Result<Known, LedgerError> {
        let mut known = Known::default();
        for book in read::books(store.db()).await? {
            let years = charts::years(store.db(), &book.organisation).await?;
            let standards = years.into_iter().map(|y| (y.year, y.standard)).collect();
            known
                .organisations
                .push((book.organisation.as_str().into(), None));
            known.standards.insert(book.organisation, standards);
        }
        let Some(table) = catalogue().table("organisation") else {
            return Ok(known);
        };
        let text = |values: &[Value], column: &str| {
            let at = table.position(column)?;
            values.get(at)?.text().map(Text::from)
        };
        for stored in registers::load(store, table, None).await? {
            let values = &stored.row.values;
            if let Some(code) = text(values, "code") {
                known.organisations.push((code, text(values, "name")));
            }
        }
        Ok(known)
    }
}
