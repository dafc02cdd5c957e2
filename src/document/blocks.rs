//! A document before it is written: what stands on the page, in order. Writers add no text of their own.
//! Its JSON is what the program that makes PDF reads (`pdf/src/model.rs`).

use serde::Serialize;

/// A filled document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    pub title: String,
    /// Paper lying on its side, for wide lists.
    pub landscape: bool,
    pub blocks: Vec<Block>,
}

/// One thing on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case")]
pub enum Block {
    Heading(String),
    Text(String),
    /// Labels with their values, `columns` pairs to a row of the grid.
    Fields {
        columns: usize,
        pairs: Vec<(String, String)>,
    },
    /// The head is repeated on every page.
    Table {
        columns: Vec<Column>,
        rows: Vec<Vec<String>>,
    },
    /// Lines to sign on, at the right.
    Sign(Vec<String>),
    PageBreak,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    pub heading: String,
    /// Parts of the table's width; the sum over all columns is the whole.
    pub share: u32,
    pub align: Align,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    Left,
    Right,
}
