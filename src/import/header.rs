//! Finding the header row: titles may stand above it, so every one of the first rows is scored by the words it holds.

use unicode_normalization::UnicodeNormalization;

use super::table::Grid;

/// How many rows may stand above the data, header included.
const SEARCHED_ROWS: usize = 15;

/// The header row of a grid for one set of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Index of the row in the grid.
    pub index: usize,
    /// Normalised header texts by column.
    pub cells: Vec<String>,
    /// How many cells are known words.
    pub score: usize,
}

/// A header without what does not matter: blanks, line breaks, width, a star, a colon, the unit of money.
pub fn normalise(text: &str) -> String {
    let mut clean: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '\u{feff}' | '\''))
        .collect();
    for ending in [":", "(元)", "(人民币)", "(人民币元)"] {
        if let Some(short) = clean.strip_suffix(ending) {
            clean = short.to_owned();
        }
    }
    clean
}

/// The normalised first rows of a grid, to be searched for several sets of words.
pub fn first_rows(grid: &Grid) -> Vec<Vec<String>> {
    grid.rows()
        .take(SEARCHED_ROWS)
        .map(|row| row.cells().map(normalise).collect())
        .collect()
}

/// The row with most known words; the first of equals. `None`: no row has one.
pub fn best(rows: &[Vec<String>], known: impl Fn(&str) -> bool) -> Option<Header> {
    let mut best: Option<Header> = None;
    for (index, cells) in rows.iter().enumerate() {
        let score = cells.iter().filter(|c| !c.is_empty() && known(c)).count();
        if score > best.as_ref().map_or(0, |b| b.score) {
            let cells = cells.clone();
            best = Some(Header {
                index,
                cells,
                score,
            });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_below_titles_and_whatever_their_dress() {
        let mut grid = Grid::default();
        for (i, row) in [
            vec!["甲村序时账"],
            vec!["期间:2024-01", "日期"],
            vec!["日 期", "借方金额（元）", "＊摘要", "贷方\n金额"],
            vec!["2024-01-01", "1", "日期", ""],
        ]
        .into_iter()
        .enumerate()
        {
            grid.push(i as u32 + 1, row.into_iter());
        }
        let known = |c: &str| ["日期", "借方金额", "摘要", "贷方金额"].contains(&c);
        let header = best(&first_rows(&grid), known).unwrap();
        assert_eq!((header.index, header.score), (2, 4));
        assert_eq!(best(&first_rows(&grid), |_| false), None);
    }
}
