//! One cell's text → a typed value, by its column's type in the catalogue.

use crate::model::date::{from_excel_serial, parse_date, parse_date_time};
use crate::model::money::{NumberError, parse_scaled};
use crate::model::{ColumnType, Geometry, Interner, Money, Value};

use super::codes::{self, Code};
use super::identifier::IdHasher;
use super::table::Container;

/// What is wrong with a cell.
#[derive(Debug)]
pub struct BadCell {
    pub code: &'static Code,
    pub message: String,
}

fn bad(code: &'static Code, message: impl Into<String>) -> BadCell {
    BadCell {
        code,
        message: message.into(),
    }
}

/// Reads a cell. Empty text is [`Value::Null`] whatever the type.
pub fn read(
    text: &str,
    kind: &ColumnType,
    container: Container,
    ids: &IdHasher,
    texts: &mut Interner,
) -> Result<Value, BadCell> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(match kind {
        ColumnType::Text => Value::Text(texts.text(text)),
        ColumnType::Date => Value::Date(
            date(text, container).ok_or_else(|| bad(codes::DATE_BAD, "不是日期,或没有这一天"))?,
        ),
        ColumnType::Time => {
            Value::Time(parse_date_time(text).ok_or_else(|| bad(codes::TIME_BAD, "不是时间"))?)
        }
        ColumnType::Year => Value::Int(year(text)?),
        ColumnType::Int => Value::Int(whole(text)?),
        ColumnType::YesNo => Value::Bool(yes_no(text)?),
        ColumnType::Money => Value::Int(money(text)?.0),
        ColumnType::Area | ColumnType::Rate | ColumnType::Coord | ColumnType::Number => {
            let text = text.trim_end_matches(['%', '\u{ff05}']);
            let scaled = parse_scaled(text, kind.scale());
            Value::Int(scaled.map_err(|e| match e {
                NumberError::TooManyDecimals => {
                    let message = format!("小数最多 {} 位", kind.scale());
                    bad(codes::NUMBER_BAD, message)
                }
                e => bad(codes::NUMBER_BAD, e.to_string()),
            })?)
        }
        ColumnType::List => Value::Text(texts.text(&list(text))),
        ColumnType::Geometry => {
            Geometry::parse(text).map_err(|e| bad(codes::GEOMETRY_BAD, e.to_string()))?;
            Value::Text(texts.text(text))
        }
        ColumnType::Id => Value::Text(texts.text(&ids.hash(text))),
        ColumnType::Enum { values, open } => Value::Text(texts.text(word(text, values, *open)?)),
    })
}

/// A date in any of the forms that people write; in a workbook also Excel's serial number.
pub fn date(text: &str, container: Container) -> Option<chrono::NaiveDate> {
    parse_date(text).or_else(|| match container {
        Container::Workbook if text.len() == 5 => from_excel_serial(text.parse().ok()?),
        _ => None,
    })
}

/// An amount in 元.
pub fn money(text: &str) -> Result<Money, BadCell> {
    Money::parse(text).map_err(|error| {
        bad(
            codes::MONEY_BAD,
            match error {
                NumberError::NotANumber => "金额不是数字".to_owned(),
                NumberError::TooManyDecimals => "金额小数超过两位".to_owned(),
                NumberError::OutOfRange => "金额超过 1000 亿元".to_owned(),
            },
        )
    })
}

/// `2024`, `2024年`, `2024年度`.
pub fn year(text: &str) -> Result<i64, BadCell> {
    let digits = text.trim_end_matches('度').trim_end_matches('年');
    let year = whole(digits)?;
    if (1900..=2999).contains(&year) {
        Ok(year)
    } else {
        Err(bad(codes::NUMBER_BAD, "不是年份"))
    }
}

fn whole(text: &str) -> Result<i64, BadCell> {
    parse_scaled(text.trim_start_matches('\''), 0).map_err(|e| {
        let message = match e {
            NumberError::TooManyDecimals => "应为整数".to_owned(),
            e => e.to_string(),
        };
        bad(codes::NUMBER_BAD, message)
    })
}

/// A month column: `3`, `3月`, `第3期`, `2024-03`.
pub fn month(text: &str) -> Result<i64, BadCell> {
    if let Ok(period) = crate::model::Period::parse(text) {
        return Ok(i64::from(period.month));
    }
    let digits = text
        .trim_start_matches('第')
        .trim_end_matches(['月', '期', '份']);
    match whole(digits)? {
        month @ 1..=12 => Ok(month),
        _ => Err(bad(codes::PERIOD_BAD, "月份应为 1 至 12")),
    }
}

fn yes_no(text: &str) -> Result<bool, BadCell> {
    match text {
        "是" | "有" | "√" | "Y" | "y" | "true" | "TRUE" | "1" => Ok(true),
        "否" | "无" | "×" | "N" | "n" | "false" | "FALSE" | "0" => Ok(false),
        _ => Err(bad(codes::YESNO_BAD, "既不是「是」也不是「否」")),
    }
}

/// The code of a word; codes themselves are accepted too.
fn word<'a>(text: &'a str, values: &'a [(String, String)], open: bool) -> Result<&'a str, BadCell> {
    match values.iter().find(|(zh, en)| zh == text || en == text) {
        Some((_, code)) => Ok(code),
        None if open => Ok(text),
        None => {
            let allowed: Vec<&str> = values.iter().map(|(zh, _)| zh.as_str()).collect();
            let message = format!("只允许:{}", allowed.join("、"));
            Err(bad(codes::WORD_BAD, message))
        }
    }
}

/// `;`-separated, whatever the width of the separator.
fn list(text: &str) -> String {
    let items = text.split([';', '\u{ff1b}']).map(str::trim);
    items
        .filter(|i| !i.is_empty())
        .collect::<Vec<_>>()
        .join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, kind: &ColumnType) -> Result<Value, &'static str> {
        let ids = IdHasher::new(b"k");
        read(
            text,
            kind,
            Container::Workbook,
            &ids,
            &mut Interner::default(),
        )
        .map_err(|e| e.code.code)
    }

    #[test]
    fn every_type_reads_its_forms_and_refuses_others() {
        let day = chrono::NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
        let kinds = ColumnType::Enum {
            values: vec![("租赁".into(), "lease".into())],
            open: false,
        };
        let text = |t: &str| Ok(Value::Text(t.into()));
        for (cell, kind, want) in [
            ("", &ColumnType::Money, Ok(Value::Null)),
            ("45352", &ColumnType::Date, Ok(Value::Date(day))),
            ("2024年3月1日", &ColumnType::Date, Ok(Value::Date(day))),
            ("2024-02-30", &ColumnType::Date, Err("导入-1013")),
            ("1,234.5", &ColumnType::Money, Ok(Value::Int(123_450))),
            ("1.234", &ColumnType::Money, Err("导入-1014")),
            ("12.3456", &ColumnType::Area, Ok(Value::Int(123_456))),
            ("5.5%", &ColumnType::Rate, Ok(Value::Int(5_500_000))),
            ("x", &ColumnType::Number, Err("导入-1015")),
            ("2024年", &ColumnType::Year, Ok(Value::Int(2024))),
            ("24", &ColumnType::Year, Err("导入-1015")),
            ("1.5", &ColumnType::Int, Err("导入-1015")),
            ("'3", &ColumnType::Int, Ok(Value::Int(3))),
            ("否", &ColumnType::YesNo, Ok(Value::Bool(false))),
            ("也许", &ColumnType::YesNo, Err("导入-1016")),
            ("租赁", &kinds, text("lease")),
            ("借用", &kinds, Err("导入-1017")),
            ("甲；乙 ;", &ColumnType::List, text("甲;乙")),
            ("昨天", &ColumnType::Time, Err("导入-1018")),
            ("东至路", &ColumnType::Geometry, Err("导入-1075")),
        ] {
            assert_eq!(value(cell, kind), want, "{cell}");
        }
    }

    #[test]
    fn serial_dates_only_in_workbooks_and_months_in_every_form() {
        assert_eq!(date("45352", Container::Text), None);
        for text in ["3", "03", "3月", "第3期", "2024-03"] {
            assert_eq!(month(text).ok(), Some(3), "{text}");
        }
        assert!(month("13").is_err());
    }
}
