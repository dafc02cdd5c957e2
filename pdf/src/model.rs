//! The document as Sanzi sends it. What is read here is written there by `src/document/blocks.rs`; `tests/model.json` is that
//! program's own output and holds the two together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::PdfError;

/// The only form of the model that this program knows.
const VERSION: u32 = 1;

/// A filled document.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub version: u32,
    /// The same for each making of one document; goes into the identifier of the file.
    pub ident: String,
    pub title: String,
    pub landscape: bool,
    pub blocks: Vec<Block>,
}

/// One thing on the page.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case")]
pub enum Block {
    Heading(String),
    Text(String),
    Fields(Fields),
    Table(Table),
    Sign(Vec<String>),
    PageBreak,
}

/// Labels with their values, `columns` pairs to a row.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    pub columns: usize,
    pub pairs: Vec<(String, String)>,
}

/// Rows under a head that is repeated on every page.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub heading: String,
    /// Parts of the table's width.
    pub share: u32,
    pub align: Align,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    Left,
    Right,
}

impl Document {
    /// Reads and checks: the layout relies on what is checked here.
    ///
    /// # Errors
    /// [`PdfError::Model`].
    pub fn read(bytes: &[u8]) -> Result<Document, PdfError> {
        let mut document: Document = serde_json::from_slice(bytes).map_err(|e| {
            // One line, whatever stands in the input.
            PdfError::model(e.to_string().replace(['\n', '\r'], " "))
        })?;
        if document.version != VERSION {
            let found = document.version;
            let reason = format!("版本是 {found},本程序只认 {VERSION}");
            return Err(PdfError::model(reason));
        }
        for (number, block) in (1..).zip(&document.blocks) {
            let problem = block.problem();
            if let Some(what) = problem {
                return Err(PdfError::model(format!("第 {number} 块:{what}")));
            }
        }
        document.each_text(clean);
        Ok(document)
    }

    /// Every character that stands in it.
    pub fn characters(&self) -> BTreeSet<char> {
        let mut characters = BTreeSet::new();
        // A copy, because what walks the texts may change them.
        self.clone()
            .each_text(|text| characters.extend(text.chars()));
        characters
    }

    fn each_text(&mut self, mut change: impl FnMut(&mut String)) {
        change(&mut self.title);
        for block in &mut self.blocks {
            for text in block.texts() {
                change(text);
            }
        }
    }
}

impl Block {
    fn problem(&self) -> Option<&'static str> {
        match self {
            Block::Fields(fields) if !(1..=8).contains(&fields.columns) => {
                Some("每行的组数应为 1 至 8")
            }
            Block::Table(table) if table.columns.is_empty() => Some("表没有列"),
            Block::Table(table) if table.columns.iter().any(|c| !(1..=1000).contains(&c.share)) => {
                Some("列的宽度份数应为 1 至 1000")
            }
            Block::Table(table) => {
                let width = table.columns.len();
                let uneven = table.rows.iter().any(|row| row.len() != width);
                uneven.then_some("有一行的格数与列数不同")
            }
            _ => None,
        }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Block::Heading(text) | Block::Text(text) => vec![text],
            Block::Fields(fields) => fields.pairs.iter_mut().flat_map(|(a, b)| [a, b]).collect(),
            Block::Table(table) => {
                let heads = table.columns.iter_mut().map(|c| &mut c.heading);
                heads.chain(table.rows.iter_mut().flatten()).collect()
            }
            Block::Sign(lines) => lines.iter_mut().collect(),
            Block::PageBreak => Vec::new(),
        }
    }
}

/// Line ends become `\n`, other control characters a space: no font draws them.
fn clean(text: &mut String) {
    if text.contains(|c: char| c.is_control() && c != '\n') {
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        *text = lines.replace(|c: char| c.is_control() && c != '\n', " ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> String {
        Document::read(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_laid_out_is_refused_with_its_place() {
        let with = |block: &str| {
            refused(&format!(
                r#"{{"version":1,"ident":"x","title":"甲","landscape":false,"blocks":[{{"kind":"page_break"}},{block}]}}"#
            ))
        };
        let none = r#"{"kind":"table","content":{"columns":[],"rows":[]}}"#;
        assert!(with(none).contains("第 2 块:表没有列"), "{}", with(none));
        let column = r#"{"heading":"甲","share":SHARE,"align":"left"}"#;
        let table = r#"{"kind":"table","content":{"columns":[COLUMN],"rows":[["甲","乙"]]}}"#;
        let uneven = table.replace("COLUMN", &column.replace("SHARE", "1"));
        assert!(with(&uneven).contains("格数与列数不同"));
        let thin = table.replace("COLUMN", &column.replace("SHARE", "0"));
        assert!(with(&thin).contains("宽度份数"));
        let fields = r#"{"kind":"fields","content":{"columns":0,"pairs":[]}}"#;
        assert!(with(fields).contains("组数"));
        let unknown = r#"{"kind":"picture","content":""}"#;
        assert!(with(unknown).starts_with("排版-1001 "));
        let newer = r#"{"version":2,"ident":"","title":"","landscape":false,"blocks":[]}"#;
        assert!(refused(newer).contains("版本是 2"));
    }

    #[test]
    fn control_characters_become_spaces_and_line_ends_stay() {
        let mut text = "甲\r\n乙\u{7}丙\t丁".to_owned();
        clean(&mut text);
        assert_eq!(text, "甲\n乙 丙 丁");
    }
}
