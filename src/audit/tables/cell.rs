//! Result rows of a query as plain cells. No float is let through: a rule that yields one has failed.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampSecondType,
};
use datafusion::arrow::record_batch::RecordBatch;

use super::build::date_of;
use crate::model::Money;

/// One cell of a result row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Null,
    Text(String),
    Int(i64),
    Bool(bool),
    Date(NaiveDate),
    Time(NaiveDateTime),
    Decimal { raw: i128, scale: i8 },
    List(Vec<String>),
}

impl Cell {
    /// Plain form: ISO dates, decimals with all their places and no separators, lists joined by `;`. Used in keys,
    /// digests and tests.
    pub fn machine(&self) -> String {
        match self {
            Cell::Null => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Int(n) => n.to_string(),
            Cell::Bool(b) => b.to_string(),
            Cell::Date(date) => date.to_string(),
            Cell::Time(time) => time.format("%Y-%m-%d %H:%M:%S").to_string(),
            Cell::Decimal { raw, scale } => decimal_text(*raw, *scale),
            Cell::List(items) => items.join(";"),
        }
    }

    /// As shown to people: money grouped, 是/否, personal identifiers masked, lists joined by `、`.
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) => mask_identifiers(text),
            Cell::Bool(b) => if *b { "是" } else { "否" }.to_owned(),
            Cell::Decimal { raw, scale: 2 } => match i64::try_from(*raw) {
                Ok(fen) => Money(fen).grouped(),
                Err(_) => decimal_text(*raw, 2),
            },
            Cell::Decimal { raw, scale } => trim_decimals(&decimal_text(*raw, *scale)),
            Cell::Time(time) => time.format("%Y-%m-%d %H:%M").to_string(),
            Cell::List(items) => items
                .iter()
                .map(|i| mask_identifiers(i))
                .collect::<Vec<_>>()
                .join("、"),
            other => other.machine(),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }

    pub fn date(&self) -> Option<NaiveDate> {
        match self {
            Cell::Date(date) => Some(*date),
            Cell::Time(time) => Some(time.date()),
            _ => None,
        }
    }

    /// As an amount: integers are whole 元; more than two decimals are rounded half away from zero.
    pub fn money(&self) -> Option<Money> {
        let fen = match self {
            Cell::Int(n) => i128::from(*n).checked_mul(100)?,
            Cell::Decimal { raw, scale } if *scale <= 2 => {
                raw.checked_mul(10i128.checked_pow(u32::try_from(2 - i32::from(*scale)).ok()?)?)?
            }
            Cell::Decimal { raw, scale } => {
                let unit = 10i128.checked_pow(u32::try_from(i32::from(*scale) - 2).ok()?)?;
                let (whole, rest) = (raw / unit, raw % unit);
                whole
                    + if rest.abs() * 2 >= unit {
                        raw.signum()
                    } else {
                        0
                    }
            }
            _ => return None,
        };
        i64::try_from(fen).ok().map(Money)
    }
}

/// `id:<hash>:1234` → `尾号1234`; any other text as it is.
pub fn mask_identifiers(text: &str) -> String {
    let mut parts = text
        .strip_prefix("id:")
        .into_iter()
        .flat_map(|rest| rest.splitn(2, ':'));
    match (parts.next(), parts.next()) {
        (Some(hash), Some(last))
            if !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            format!("尾号{last}")
        }
        _ => text.to_owned(),
    }
}

/// `raw / 10^scale` with all its places.
pub fn decimal_text(raw: i128, scale: i8) -> String {
    let Ok(places) = usize::try_from(scale) else {
        return format!("{raw}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    let digits = format!("{:0>width$}", raw.unsigned_abs(), width = places + 1);
    let (whole, rest) = digits.split_at(digits.len() - places);
    let sign = if raw < 0 { "-" } else { "" };
    if places == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest}")
    }
}

/// Without trailing zeros behind the point.
pub fn trim_decimals(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

/// Columns and rows of a result.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == column)
    }

    /// # Errors
    /// A sentence naming the column whose type a rule may not yield.
    pub fn read(columns: Vec<String>, batches: &[RecordBatch]) -> Result<Rows, String> {
        let mut rows = Vec::new();
        for batch in batches {
            let start = rows.len();
            rows.resize_with(start + batch.num_rows(), || {
                Vec::with_capacity(columns.len())
            });
            for (array, name) in batch.columns().iter().zip(&columns) {
                let cells = read_column(array)
                    .map_err(|kind| format!("结果列「{name}」的类型 {kind} 不可用"))?;
                for (row, cell) in rows[start..].iter_mut().zip(cells) {
                    row.push(cell);
                }
            }
        }
        Ok(Rows { columns, rows })
    }
}

fn read_column(array: &ArrayRef) -> Result<Vec<Cell>, String> {
    let kind = array.data_type().clone();
    let fail = |_| kind.to_string();
    let map = |f: &dyn Fn(usize) -> Cell, array: &ArrayRef| -> Vec<Cell> {
        (0..array.len())
            .map(|i| if array.is_null(i) { Cell::Null } else { f(i) })
            .collect()
    };
    Ok(match &kind {
        DataType::Null => vec![Cell::Null; array.len()],
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            let plain = cast(array, &DataType::Utf8).map_err(fail)?;
            let texts = plain.as_string::<i32>();
            map(&|i| Cell::Text(texts.value(i).to_owned()), &plain)
        }
        DataType::Boolean => {
            let values = array.as_boolean();
            map(&|i| Cell::Bool(values.value(i)), array)
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>();
            map(
                &|i| date_of(values.value(i)).map_or(Cell::Null, Cell::Date),
                array,
            )
        }
        DataType::Timestamp(..) => {
            let plain = cast(array, &DataType::Timestamp(TimeUnit::Second, None)).map_err(fail)?;
            let values = plain.as_primitive::<TimestampSecondType>();
            let time = |i| DateTime::from_timestamp(values.value(i), 0);
            map(
                &|i| time(i).map_or(Cell::Null, |t| Cell::Time(t.naive_utc())),
                &plain,
            )
        }
        DataType::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            map(
                &|i| Cell::Decimal {
                    raw: values.value(i),
                    scale: *scale,
                },
                array,
            )
        }
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal256(p, s) => {
            let plain = cast(array, &DataType::Decimal128((*p).clamp(18, 38), *s)).map_err(fail)?;
            return read_column(&plain);
        }
        kind if kind.is_integer() => {
            let plain = cast(array, &DataType::Int64).map_err(fail)?;
            let values = plain.as_primitive::<Int64Type>();
            map(&|i| Cell::Int(values.value(i)), &plain)
        }
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            let items = read_column(lists.values())?;
            let offsets = lists.value_offsets();
            let range = |i: usize| offsets[i] as usize..offsets[i + 1] as usize; // offsets are never negative
            map(
                &|i| {
                    let texts = items[range(i)].iter().filter(|c| !c.is_null());
                    Cell::List(texts.map(Cell::machine).collect())
                },
                array,
            )
        }
        other => return Err(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_to_fen_and_show_their_places() {
        let cell = |raw, scale| Cell::Decimal { raw, scale };
        assert_eq!(cell(12_345, 4).money(), Some(Money(123)));
        assert_eq!(cell(12_350, 4).money(), Some(Money(124)));
        assert_eq!(cell(-12_350, 4).money(), Some(Money(-124)));
        assert_eq!(Cell::Int(3).money(), Some(Money(300)));
        assert_eq!(cell(5, 2).machine(), "0.05");
        assert_eq!(cell(-123_456_789, 2).shown(), "-1,234,567.89");
        assert_eq!(cell(5_000_000, 6).shown(), "5");
    }

    #[test]
    fn identifiers_are_masked() {
        assert_eq!(mask_identifiers("id:0a1b2c3d4e5f6071:1234"), "尾号1234");
        assert_eq!(mask_identifiers("idea: x"), "idea: x");
        assert_eq!(mask_identifiers("id::"), "id::");
    }
}
