//! A form filled with values.

use super::blocks::{Block, Column, Document};
use super::form::{Form, FormBlock};
use super::values::{GIVEN, Row, Values};

/// Stands in running text where a value is to be written by hand.
const BLANK: &str = "＿＿＿＿";

/// A filled form, and which of its names had no value: they are left blank, to be written by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub document: Document,
    /// In the order of the form, each once.
    pub blank: Vec<String>,
}

/// Fills `form`.
pub fn fill(form: &Form, values: &Values) -> Filled {
    let mut blank = Vec::new();
    let blocks = form
        .block
        .iter()
        .map(|b| block(b, values, &mut blank))
        .collect();
    Filled {
        document: Document {
            title: form.title.clone(),
            landscape: form.landscape,
            blocks,
        },
        blank,
    }
}

fn block(form: &FormBlock, values: &Values, blank: &mut Vec<String>) -> Block {
    let mut plain = |text: &str| text_of(text, values, None, blank, "");
    if let Some(heading) = &form.heading {
        Block::Heading(plain(heading))
    } else if let Some(text) = &form.text {
        Block::Text(text_of(text, values, None, blank, BLANK))
    } else if let Some(pairs) = &form.fields {
        let pairs = pairs
            .iter()
            .map(|[label, value]| (plain(label), plain(value)));
        Block::Fields {
            pairs: pairs.collect(),
            columns: form.columns.unwrap_or(1).max(1),
        }
    } else if let Some(lines) = &form.sign {
        Block::Sign(lines.iter().map(|line| plain(line)).collect())
    } else if let Some(name) = &form.table {
        table(form, values.rows(name), values, blank)
    } else {
        Block::PageBreak
    }
}

fn table(form: &FormBlock, rows: &[Row], values: &Values, blank: &mut Vec<String>) -> Block {
    if rows.is_empty() {
        return Block::Text(form.empty.clone().unwrap_or_else(|| "(无)".into()));
    }
    let columns = form.cells.iter().map(|c| Column {
        heading: c.heading.clone(),
        share: c.share,
        align: c.align(),
    });
    let rows = rows.iter().map(|row| {
        let cells = form.cells.iter();
        cells
            .map(|c| text_of(&c.cell, values, Some(row), blank, ""))
            .collect()
    });
    let rows = rows.collect();
    Block::Table {
        columns: columns.collect(),
        rows,
    }
}

/// `text` with each `{name}` replaced: by the row's value, else by the document's, else, if people are to give it, by `gap`.
fn text_of(
    text: &str,
    values: &Values,
    row: Option<&Row>,
    blank: &mut Vec<String>,
    gap: &str,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        rest = tail;
        let of_row = row.and_then(|r| r.get(name)).map(String::as_str);
        let value = of_row.or_else(|| values.get(name)).unwrap_or_default();
        if value.is_empty() && GIVEN.contains(&name) {
            if !blank.iter().any(|b| b == name) {
                blank.push(name.to_owned());
            }
            out.push_str(gap);
        }
        out.push_str(value);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_value_is_blank_and_named_once() {
        let form: Form = toml::from_str(
            r#"
            id = "x"
            title = "甲"
            purpose = "乙"
            per = "organisation"
            [[block]]
            text = "{被审计单位}:{文号}"
            [[block]]
            fields = [["文号", "{文号}"]]
            [[block]]
            table = "疑点"
            cells = [{ heading = "甲", cell = "{编号}", share = 1 }]
            empty = "没有疑点"
            "#,
        )
        .unwrap();
        let mut values = Values::default();
        values.set("被审计单位", "甲公司");
        let filled = fill(&form, &values);
        assert_eq!(filled.blank, ["文号"]);
        assert_eq!(
            filled.document.blocks[0],
            Block::Text(format!("甲公司:{BLANK}"))
        );
        assert_eq!(filled.document.blocks[2], Block::Text("没有疑点".into()));
    }

    #[test]
    fn a_value_with_braces_is_not_filled_again() {
        let mut values = Values::default();
        values.set("事实", "{金额}");
        values.set("金额", "1.00");
        let mut blank = Vec::new();
        assert_eq!(text_of("{事实}", &values, None, &mut blank, ""), "{金额}");
    }
}
