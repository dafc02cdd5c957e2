//! A cell of a register row, typed by its column.

use chrono::{NaiveDate, NaiveDateTime};

use super::money::{format_scaled, parse_scaled};
use super::{Column, ColumnType, Text};

/// A typed cell. Numbers are integers of the column's scale ([`ColumnType::scale`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    Null,
    Text(Text),
    Int(i64),
    Bool(bool),
    Date(NaiveDate),
    Time(NaiveDateTime),
}

/// One row of a register table, cells in the order of [`super::Table::columns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterRow {
    pub values: Vec<Value>,
    /// Row in the file or sheet, from 1.
    pub source_row: u32,
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn int(&self) -> Option<i64> {
        match self {
            Value::Int(n) => Some(*n),
            _ => None,
        }
    }

    pub fn date(&self) -> Option<NaiveDate> {
        match self {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The cell as text: plain numbers with the decimals of the column, ISO dates, `true`/`false`, empty for none.
    pub fn display(&self, kind: &ColumnType) -> String {
        match self {
            Value::Null => String::new(),
            Value::Text(text) => text.to_string(),
            Value::Int(n) => format_scaled(*n, kind.scale()),
            Value::Bool(b) => b.to_string(),
            Value::Date(date) => date.to_string(),
            Value::Time(time) => time.format("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }

    /// The cell as people hand it in: Chinese words, no needless zeros but in money.
    pub fn hand_in(&self, kind: &ColumnType) -> String {
        match (self, kind) {
            (Value::Text(text), ColumnType::Enum { values, .. }) => {
                let word = values.iter().find(|(_, code)| **code == **text);
                word.map_or_else(|| text.to_string(), |(word, _)| word.clone())
            }
            (Value::Bool(yes), _) => if *yes { "是" } else { "否" }.to_owned(),
            (Value::Int(_), ColumnType::Money) => self.display(kind),
            (Value::Int(_), kind) if kind.is_decimal() => {
                let text = self.display(kind);
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            _ => self.display(kind),
        }
    }

    /// Reads the machine form that [`Value::display`] writes (English enumeration codes): rule tests are written in it.
    /// The error is what was wrong, in Chinese.
    pub fn parse(text: &str, column: &Column) -> Result<Value, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Value::Null);
        }
        let bad = |what: &str| format!("列 {} 的「{text}」不是{what}", column.name);
        Ok(match &column.kind {
            ColumnType::Date => {
                Value::Date(super::date::parse_date(text).ok_or_else(|| bad("日期"))?)
            }
            ColumnType::Time => {
                Value::Time(super::date::parse_date_time(text).ok_or_else(|| bad("时间"))?)
            }
            ColumnType::YesNo => match text {
                "true" | "是" => Value::Bool(true),
                "false" | "否" => Value::Bool(false),
                _ => return Err(bad("是/否")),
            },
            ColumnType::Text
            | ColumnType::Id
            | ColumnType::List
            | ColumnType::Geometry
            | ColumnType::Enum { .. } => Value::Text(text.into()),
            kind => Value::Int(
                parse_scaled(text, kind.scale()).map_err(|e| format!("{}:{e}", bad("数字")))?,
            ),
        })
    }
}
