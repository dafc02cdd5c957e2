//! Our own layout as DOCX, after the manner of official papers (GB/T 9704): A4 with its margins, title 小标宋 22 pt, body 仿宋 16 pt,
//! tables 仿宋 10.5 pt, page numbers `— 1 —`. The fonts are named, not embedded: their licences do not allow it.

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, LineSpacing, LineSpacingType, PageMargin, PageNum,
    PageOrientationType, Paragraph, Run, RunFonts, SpecialIndentType, Table, TableCell,
    TableLayoutType, TableRow, VAlignType, WidthType,
};

use super::blocks::{Align, Block, Column, Document};
use super::{DocumentError, package};

/// Twentieths of a point to a millimetre, times 100.
const TWIPS_PER_100_MM: u32 = 5669;
/// Half points.
const TITLE: usize = 44;
const BODY: usize = 32;
const TABLE: usize = 21;
/// Width of the page less its margins, in twips: 210 − 28 − 26 mm, and 297 − 37 − 35 mm on its side.
const WIDTH: usize = 8844;
const WIDTH_LANDSCAPE: usize = 12755;

/// The bytes of the document. The same document gives the same bytes.
///
/// # Errors
/// [`DocumentError::Write`].
pub fn render(document: &Document) -> Result<Vec<u8>, DocumentError> {
    let width = if document.landscape {
        WIDTH_LANDSCAPE
    } else {
        WIDTH
    };
    let mut docx = page(document.landscape).add_paragraph(title(&document.title));
    for block in &document.blocks {
        docx = match block {
            Block::Heading(text) => docx.add_paragraph(heading(text)),
            Block::Text(text) => text
                .lines()
                .fold(docx, |d, line| d.add_paragraph(body(line))),
            Block::Fields { columns, pairs } => docx
                .add_table(fields(*columns, pairs, width))
                .add_paragraph(gap()),
            Block::Table { columns, rows } => docx
                .add_table(table(columns, rows, width))
                .add_paragraph(gap()),
            Block::Sign(lines) => lines
                .iter()
                .fold(docx, |d, line| d.add_paragraph(signature(line))),
            Block::PageBreak => {
                docx.add_paragraph(Paragraph::new().add_run(Run::new().add_break(BreakType::Page)))
            }
        };
    }
    package::pack(docx.build())
}

fn mm(length: u32) -> i32 {
    (length * TWIPS_PER_100_MM / 100).cast_signed()
}

fn page(landscape: bool) -> Docx {
    let (short, long) = (mm(210).unsigned_abs(), mm(297).unsigned_abs());
    let margin = PageMargin::new()
        .top(mm(37))
        .bottom(mm(35))
        .left(mm(28))
        .right(mm(26))
        .footer(mm(25));
    let number = Paragraph::new()
        .align(AlignmentType::Center)
        .add_run(run("— ", TABLE))
        .add_page_num(PageNum::new())
        .add_run(run(" —", TABLE));
    let docx = Docx::new()
        .default_fonts(fonts("仿宋"))
        .default_size(BODY)
        .page_margin(margin)
        .footer(Footer::new().add_paragraph(number));
    match landscape {
        true => docx
            .page_size(long, short)
            .page_orient(PageOrientationType::Landscape),
        false => docx.page_size(short, long),
    }
}

fn fonts(east_asia: &str) -> RunFonts {
    RunFonts::new()
        .ascii("Times New Roman")
        .hi_ansi("Times New Roman")
        .east_asia(east_asia)
        .hint("eastAsia")
}

fn run(text: &str, size: usize) -> Run {
    Run::new().add_text(text).size(size).fonts(fonts("仿宋"))
}

/// 28 points from line to line: 22 lines a page.
fn spacing() -> LineSpacing {
    LineSpacing::new()
        .line_rule(LineSpacingType::Exact)
        .line(560)
}

fn title(text: &str) -> Paragraph {
    let run = Run::new()
        .add_text(text)
        .size(TITLE)
        .fonts(fonts("方正小标宋简体"));
    let spacing = LineSpacing::new().after(320);
    Paragraph::new()
        .align(AlignmentType::Center)
        .line_spacing(spacing)
        .add_run(run)
}

fn heading(text: &str) -> Paragraph {
    let run = Run::new().add_text(text).size(BODY).fonts(fonts("黑体"));
    // Not left alone at the foot of a page.
    Paragraph::new()
        .line_spacing(spacing())
        .keep_next(true)
        .add_run(run)
}

fn body(text: &str) -> Paragraph {
    let two_characters = Some(SpecialIndentType::FirstLine(640));
    Paragraph::new()
        .line_spacing(spacing())
        .indent(None, two_characters, None, None)
        .add_run(run(text, BODY))
}

fn signature(text: &str) -> Paragraph {
    Paragraph::new()
        .line_spacing(spacing())
        .indent(Some(4200), None, None, None)
        .add_run(run(text, BODY))
}

/// Between a table and what follows.
fn gap() -> Paragraph {
    Paragraph::new().add_run(run("", TABLE))
}

fn fields(columns: usize, pairs: &[(String, String)], width: usize) -> Table {
    let pair = width / columns;
    let (label, value) = (pair * 3 / 10, pair - pair * 3 / 10);
    let rows = pairs.chunks(columns).map(|chunk| {
        let last = chunk.len() - 1;
        let cells = chunk.iter().enumerate().flat_map(|(at, (name, text))| {
            // The last pair of a short row runs to the edge.
            let missing = if at == last { columns - chunk.len() } else { 0 };
            let wide = cell(text, value + missing * pair, Align::Left).grid_span(1 + 2 * missing);
            [cell(name, label, Align::Left), wide]
        });
        TableRow::new(cells.collect())
    });
    let grid = [label, value].repeat(columns);
    Table::new(rows.collect())
        .set_grid(grid)
        .layout(TableLayoutType::Fixed)
        .width(width, WidthType::Dxa)
}

fn table(columns: &[Column], rows: &[Vec<String>], width: usize) -> Table {
    let shares: u32 = columns.iter().map(|c| c.share).sum();
    let widths: Vec<usize> = columns
        .iter()
        .map(|c| width * c.share as usize / shares.max(1) as usize)
        .collect();
    let head = columns.iter().zip(&widths).map(|(column, width)| {
        let run = Run::new()
            .add_text(&column.heading)
            .size(TABLE)
            .fonts(fonts("黑体"));
        let text = Paragraph::new().align(AlignmentType::Center).add_run(run);
        TableCell::new()
            .width(*width, WidthType::Dxa)
            .vertical_align(VAlignType::Center)
            .add_paragraph(text)
    });
    let mut all = vec![package::head_row(TableRow::new(head.collect()))];
    for row in rows {
        let cells = row.iter().zip(columns).zip(&widths);
        all.push(TableRow::new(
            cells
                .map(|((text, column), width)| cell(text, *width, column.align))
                .collect(),
        ));
    }
    Table::new(all)
        .set_grid(widths)
        .layout(TableLayoutType::Fixed)
        .width(width, WidthType::Dxa)
}

fn cell(text: &str, width: usize, align: Align) -> TableCell {
    let align = match align {
        Align::Left => AlignmentType::Left,
        Align::Right => AlignmentType::Right,
    };
    let empty = TableCell::new()
        .width(width, WidthType::Dxa)
        .vertical_align(VAlignType::Center);
    // An empty cell needs a paragraph too.
    let lines = if text.is_empty() {
        vec![""]
    } else {
        text.lines().collect()
    };
    lines.into_iter().fold(empty, |cell, line| {
        cell.add_paragraph(Paragraph::new().align(align).add_run(run(line, TABLE)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Document {
        Document {
            title: "审计取证单".into(),
            landscape: false,
            blocks: vec![
                Block::Fields {
                    columns: 2,
                    pairs: vec![
                        ("编号".into(), "C-001".into()),
                        ("单位".into(), "甲<公司>".into()),
                        ("金额".into(), String::new()),
                    ],
                },
                Block::Heading("一、事实".into()),
                Block::Text("第一行\n第二行".into()),
                Block::Table {
                    columns: vec![
                        Column {
                            heading: "凭证".into(),
                            share: 2,
                            align: Align::Left,
                        },
                        Column {
                            heading: "金额".into(),
                            share: 1,
                            align: Align::Right,
                        },
                    ],
                    rows: vec![vec!["2024-03-记-0012".into(), "1.00".into()]; 60],
                },
                Block::Sign(vec!["审计人员:".into()]),
            ],
        }
    }

    #[test]
    fn the_same_document_gives_the_same_bytes_and_its_text_is_there() {
        let bytes = render(&sample()).unwrap();
        assert_eq!(bytes, render(&sample()).unwrap());
        let xml = package::part(&bytes, "word/document.xml").unwrap();
        assert!(xml.contains("甲&lt;公司&gt;"), "{xml}");
        assert_eq!(xml.matches("2024-03-记-0012").count(), 60);
        assert_eq!(
            xml.matches("<w:tblHeader/>").count(),
            1,
            "the head of the table is repeated"
        );
    }
}
