//! Which row, or which two, are the header of a sheet whose words we may not know.

use super::vocabulary::Word;
use crate::import::header::{Header, Top, joined, normalise};

/// Columns that a header must have.
const NARROWEST: usize = 3;
/// Known words that make a row the header.
const KNOWN: usize = 3;

/// The row with most headers that we know; failing that the first texts, in one row or two, above rows that hold numbers.
pub fn header(top: &Top<'_>, fields: &[Word]) -> Option<Header> {
    let words: Vec<String> = fields
        .iter()
        .flat_map(|f| &f.headers)
        .map(|h| normalise(h))
        .collect();
    let known = top.best(|cell| words.iter().any(|w| w == cell));
    let shown = (0..top.rows.len()).find_map(|index| by_looks(top, index));
    match (known, shown) {
        // A header in two rows repeats 借方 and 贷方 below names that we may not know.
        (Some(known), Some(shown)) if shown.printed.len() > 1 && known.index == shown.index => {
            Some(shown)
        }
        (Some(known), _) if known.score >= KNOWN && filled(&known.cells) > NARROWEST => Some(known),
        (_, Some(shown)) => Some(shown),
        (known, None) => known.filter(|h| h.score >= 2 && filled(&h.cells) >= 2),
    }
}

fn filled(cells: &[String]) -> usize {
    cells.iter().filter(|c| !c.is_empty()).count()
}

fn numeric(cells: &[String]) -> bool {
    cells.iter().any(|t| t.chars().any(|c| c.is_ascii_digit()))
}

/// A header that begins in a row: texts above numbers.
fn by_looks(top: &Top<'_>, index: usize) -> Option<Header> {
    let row = |i: usize| top.rows.get(i);
    let upper = row(index).filter(|r| filled(r) >= NARROWEST && !numeric(r))?;
    let lower = row(index + 1)?;
    if numeric(lower) {
        return Some(found(index, upper.clone(), &top.rows[index..=index]));
    }
    let below = row(index + 2).is_some_and(|r| numeric(r));
    (below && divides(upper, lower)).then(|| {
        let cells = joined(upper, lower);
        found(index + 1, cells, &top.rows[index..=index + 1])
    })
}

fn found(index: usize, cells: Vec<String>, printed: &[Vec<String>]) -> Header {
    Header {
        index,
        cells,
        printed: printed.to_vec(),
        score: 0,
    }
}

/// Whether the lower row divides cells of the upper one: it is blank below a cell that spans both, and filled where the upper
/// one is blank because the cell to its left spans more than one column.
fn divides(upper: &[String], lower: &[String]) -> bool {
    let width = upper.len().max(lower.len());
    let at = |row: &[String], i: usize| row.get(i).is_some_and(|c| !c.is_empty());
    let spans_down = (0..width).any(|i| at(upper, i) && !at(lower, i));
    let spans_right = (0..width).any(|i| !at(upper, i) && at(lower, i));
    spans_down && spans_right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::header::top;

    #[test]
    fn unknown_words_in_one_row_or_two() {
        let one = top(&[
            &["甲村的账", ""],
            &["入账日", "事由", "借记"],
            &["2024-01-04", "x", "5"],
        ]);
        assert_eq!(header(&one, &[]).unwrap().index, 1);
        let two = top(&[
            &["甲村余额", "", "", "", ""],
            &["编制单位:甲村", "", "", "", "单位:元"],
            &["代号", "名目", "年初数", "", "本年"],
            &["", "", "借", "贷", "借"],
            &["101", "库存现金", "5", "", ""],
        ]);
        let found = header(&two, &[]).unwrap();
        assert_eq!((found.index, found.printed.len()), (3, 2));
        assert_eq!(
            found.cells,
            ["代号", "名目", "年初数|借", "年初数|贷", "本年|借"]
        );
        assert!(header(&top(&[&["说明"], &["甲"]]), &[]).is_none());
    }
}
