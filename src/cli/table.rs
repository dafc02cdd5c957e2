//! Plain text tables for the terminal: a Chinese character is two columns wide.

use unicode_width::UnicodeWidthStr;

use super::output::Failure;

/// On which side a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Lays out a table with a header line and a rule under it.
pub fn layout(headers: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headers.iter().map(|(h, _)| h.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let line = |cells: Vec<&str>| {
        let mut out = String::new();
        for ((cell, width), (_, align)) in cells.iter().zip(&widths).zip(headers) {
            if !out.is_empty() {
                out.push_str("  ");
            }
            let blanks = " ".repeat(width - cell.width());
            match align {
                Align::Left => out.extend([*cell, blanks.as_str()]),
                Align::Right => out.extend([blanks.as_str(), *cell]),
            }
        }
        out.trim_end().to_owned() + "\n"
    };
    let mut out = line(headers.iter().map(|(h, _)| *h).collect());
    out.push_str(&"─".repeat(widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)));
    out.push('\n');
    for row in rows {
        out.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    out
}

/// A table as CSV with a header line.
pub fn csv_text<R, C>(
    headers: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<String, Failure>
where
    R: IntoIterator<Item = C>,
    C: AsRef<[u8]>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = Failure::unwritable::<csv::Error>;
    writer.write_record(headers).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(Failure::unwritable)?;
    String::from_utf8(bytes).map_err(Failure::unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_with_chinese_cells() {
        let table = layout(
            &[("科目", Align::Left), ("金额", Align::Right)],
            &[
                vec!["库存现金".into(), "1.00".into()],
                vec!["A".into(), "10.00".into()],
            ],
        );
        assert_eq!(
            table,
            "科目       金额\n───────────────\n库存现金   1.00\nA         10.00\n"
        );
    }
}
