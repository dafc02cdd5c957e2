//! Every value ever recorded, with who, when, and what came in its place.

use chrono::NaiveDateTime;
use sea_orm::{ConnectionTrait, QueryResult};

use crate::audit::params::Setting;
use crate::store::bulk::statement;
use crate::store::{Store, StoreError};

/// A value as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub setting: Setting,
    pub batch: i64,
    pub at: NaiveDateTime,
    pub by: Option<String>,
    /// The file that was handed in, or the command.
    pub source: String,
    /// The batch that replaced it or took it back, and when.
    pub replaced: Option<(i64, NaiveDateTime)>,
    /// It was taken back with its batch.
    pub undone: bool,
}

const COLUMNS: [&str; 8] = [
    "rule",
    "name",
    "organisation",
    "value",
    "valid_from",
    "valid_to",
    "basis",
    "approver",
];

/// Everything recorded of one parameter (none: of all), in the order in which it was recorded.
///
/// # Errors
/// What the database says.
pub async fn history(
    store: &Store,
    parameter: Option<(&str, &str)>,
) -> Result<Vec<Recorded>, StoreError> {
    let columns = COLUMNS.map(|c| format!("p.\"{c}\"")).join(", ");
    let condition = match parameter {
        Some(_) => " WHERE p.rule = ? AND p.name = ?",
        None => "",
    };
    let sql = format!(
        "SELECT {columns}, p.batch_id, b.received_at, b.by_whom, p.source_file, p.retired_in, r.received_at, u.undone_in \
         FROM parameter p JOIN batch b ON b.id = p.batch_id LEFT JOIN batch r ON r.id = p.retired_in \
         LEFT JOIN batch_undo u ON u.batch_id = p.batch_id\
         {condition} ORDER BY p.row_id"
    );
    let values = parameter.into_iter().flat_map(|(rule, name)| [rule, name]);
    let query = statement(store.db(), &sql, values.map(Into::into));
    let rows = store.db().query_all_raw(query).await?;
    rows.iter().map(recorded).collect()
}

fn recorded(row: &QueryResult) -> Result<Recorded, StoreError> {
    let text = |at: usize| row.try_get_by_index::<Option<String>>(at);
    let plain = |at: usize| text(at).map(Option::unwrap_or_default);
    let setting = Setting {
        overlay: false,
        rule: plain(0)?,
        name: plain(1)?,
        organisation: text(2)?,
        value: plain(3)?,
        from: row.try_get_by_index(4)?,
        to: row.try_get_by_index(5)?,
        basis: plain(6)?,
        approver: plain(7)?,
    };
    let replaced_in: Option<i64> = row.try_get_by_index(12)?;
    let replaced_at: Option<NaiveDateTime> = row.try_get_by_index(13)?;
    Ok(Recorded {
        setting,
        batch: row.try_get_by_index(8)?,
        at: row.try_get_by_index(9)?,
        by: text(10)?,
        source: plain(11)?,
        replaced: replaced_in.zip(replaced_at),
        undone: row.try_get_by_index::<Option<i64>>(14)?.is_some(),
    })
}
