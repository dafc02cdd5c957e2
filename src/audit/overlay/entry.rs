//! One table of an overlay file: its values by key, each mistake noted with its line.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::audit::rule::RuleError;
use crate::audit::rule::file::{parse_toml_date, plain_text};
use crate::audit::rule::load::{fault, line_of};

pub type Node<'a> = Spanned<DeValue<'a>>;

/// What was wrong in one file so far.
pub struct Complaints<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub faults: Vec<RuleError>,
}

impl Complaints<'_> {
    pub fn at(&mut self, offset: usize, message: &str) {
        let line = line_of(self.text, offset);
        self.faults.push(fault(self.file, Some(line), message));
    }
}

/// A table with its place.
pub struct Entry<'a> {
    pub table: &'a DeTable<'a>,
    /// Where it begins in the file.
    pub offset: usize,
}

impl<'a> Entry<'a> {
    pub fn new(node: &'a Node<'a>) -> Option<Entry<'a>> {
        Some(Entry {
            table: node.get_ref().as_table()?,
            offset: node.span().start,
        })
    }

    /// Where a value stands; the table's own place when it is not there.
    pub fn place(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.offset, |n| n.span().start)
    }

    /// Notes every key that is none of these.
    pub fn only(&self, known: &[&str], complaints: &mut Complaints<'_>) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let message = format!("不认识的键「{name}」。可用:{}", known.join("、"));
                complaints.at(key.span().start, &message);
            }
        }
    }

    pub fn required_text(&self, key: &str, complaints: &mut Complaints<'_>) -> Option<String> {
        if !self.table.contains_key(key) {
            complaints.at(self.offset, &format!("缺少「{key}」。请补上"));
            return None;
        }
        self.text(key, complaints)
    }

    /// A text that is not empty, if the key is there.
    pub fn text(&self, key: &str, complaints: &mut Complaints<'_>) -> Option<String> {
        let node = self.table.get(key)?;
        let text = node.get_ref().as_str().map(str::trim);
        let text = text.filter(|t| !t.is_empty());
        if text.is_none() {
            let message = format!("「{key}」应为不空的文字,加引号");
            complaints.at(node.span().start, &message);
        }
        text.map(str::to_owned)
    }

    pub fn flag(&self, key: &str, complaints: &mut Complaints<'_>) -> Option<bool> {
        let node = self.table.get(key)?;
        let flag = node.get_ref().as_bool();
        if flag.is_none() {
            complaints.at(
                node.span().start,
                &format!("「{key}」应为 true 或 false,不加引号"),
            );
        }
        flag
    }

    pub fn date(&self, key: &str, complaints: &mut Complaints<'_>) -> Option<NaiveDate> {
        let node = self.table.get(key)?;
        let date = node.get_ref().as_datetime().and_then(parse_toml_date);
        if date.is_none() {
            let message = format!("「{key}」应为日期,如 2024-12-31,不加引号");
            complaints.at(node.span().start, &message);
        }
        date
    }

    /// A value of a parameter as the text that a row of the 参数 table would have.
    pub fn required_value(&self, key: &str, complaints: &mut Complaints<'_>) -> Option<String> {
        let Some(node) = self.table.get(key) else {
            complaints.at(self.offset, &format!("缺少「{key}」。请补上"));
            return None;
        };
        let value = toml::Value::deserialize(ValueDeserializer::from(node.clone())).ok();
        let text = value.as_ref().and_then(plain_text);
        if text.is_none() {
            let message =
                format!("「{key}」应为整数、文字、日期、是否或文字列表;小数请加引号,如 \"0.05\"");
            complaints.at(node.span().start, &message);
        }
        text
    }
}
