//! Finding the header row: titles may stand above it, so every one of the first rows is scored by the words it holds.

use unicode_normalization::UnicodeNormalization;

use super::table::{Grid, Sheet};

/// How many rows may stand above the data, header included.
pub const SEARCHED_ROWS: usize = 15;
/// Most columns of a table: as many as a spreadsheet has.
pub const WIDEST: usize = 16_384;
/// Characters of a cell that are looked at; no header or title is longer.
const LONGEST: usize = 512;
/// Between the two rows of a header: `借方|本币`.
pub const JOINT: char = '|';

/// The header of a grid for one set of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Index of its (lower) row in the grid.
    pub index: usize,
    /// Normalised header texts by column.
    pub cells: Vec<String>,
    /// The rows that it was printed in, one or two, normalised.
    pub printed: Vec<Vec<String>>,
    /// How many cells are known words.
    pub score: usize,
}

/// What stands at the top of a sheet, normalised, to be searched for several sets of words.
#[derive(Debug)]
pub struct Top<'s> {
    /// The sheet's name, or the file's.
    pub name: &'s str,
    pub file: &'s str,
    pub rows: Vec<Vec<String>>,
    /// The same rows with no more changed than width and blanks.
    texts: Vec<Vec<String>>,
}

/// The beginning of a cell.
fn begin(cell: &str) -> &str {
    let end = cell.char_indices().nth(LONGEST);
    end.map_or(cell, |(end, _)| &cell[..end])
}

/// A header without what does not matter: blanks, line breaks, width, a star, a colon, the unit of money.
pub fn normalise(text: &str) -> String {
    let mut clean = squeeze(text);
    clean.retain(|c| !matches!(c, '*' | '\u{feff}' | '\''));
    for ending in [":", "(元)", "(人民币)", "(人民币元)"] {
        if let Some(short) = clean.strip_suffix(ending) {
            clean = short.to_owned();
        }
    }
    clean
}

/// Without blanks and differences of width.
fn squeeze(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

impl<'s> Top<'s> {
    pub fn of(sheet: &'s Sheet) -> Top<'s> {
        let file = sheet.file.rsplit('/').next().unwrap_or_default();
        Top::of_grid(sheet.name(), file, &sheet.grid)
    }

    fn of_grid(name: &'s str, file: &'s str, grid: &Grid) -> Top<'s> {
        let rows = |change: fn(&str) -> String| {
            let rows = grid.rows().take(SEARCHED_ROWS);
            rows.map(|row| row.cells().take(WIDEST).map(|c| change(begin(c))).collect())
                .collect()
        };
        Top {
            name,
            file,
            rows: rows(normalise),
            texts: rows(squeeze),
        }
    }

    /// The header with most known words, in one row or two; the first of equals. `None`: no row has one.
    pub fn best(&self, known: impl Fn(&str) -> bool) -> Option<Header> {
        let score = |cells: &[String]| cells.iter().filter(|c| !c.is_empty() && known(c)).count();
        let mut best: Option<Header> = None;
        let mut offer = |cells: &[String], index: usize, printed: &[Vec<String>]| {
            let score = score(cells);
            if score > best.as_ref().map_or(0, |b| b.score) {
                best = Some(Header {
                    index,
                    cells: cells.to_vec(),
                    printed: printed.to_vec(),
                    score,
                });
            }
        };
        for (i, row) in self.rows.iter().enumerate() {
            offer(row, i, &self.rows[i..=i]);
            if let Some(lower) = self.rows.get(i + 1) {
                offer(&joined(row, lower), i + 1, &self.rows[i..=i + 1]);
            }
        }
        best
    }

    /// The titles above a header, then the names of sheet and file: where packages write year, book and account.
    pub fn titles(&self, header: &Header) -> Vec<String> {
        let above = header.index + 1 - header.printed.len();
        let rows = self.texts.iter().take(above);
        let names = [self.name, self.file].map(squeeze);
        let pairs = rows.clone().flat_map(|row| labelled(row));
        let cells = rows.flatten().cloned();
        cells.chain(pairs).chain(names).collect()
    }
}

/// `账号:6222…` where the label stands in one cell and what it says in the next one that is filled.
fn labelled(row: &[String]) -> Vec<String> {
    let filled: Vec<&String> = row.iter().filter(|cell| !cell.is_empty()).collect();
    let pairs = filled.windows(2);
    pairs
        .filter(|pair| !pair[0].contains(|c: char| c.is_ascii_digit()))
        .map(|pair| format!("{}:{}", pair[0].trim_end_matches(':'), pair[1]))
        .collect()
}

/// A header in two rows as one. The upper cells span the lower ones, so a blank upper cell means the one to its left;
/// a blank lower cell means that the upper one spans both rows.
pub fn joined(upper: &[String], lower: &[String]) -> Vec<String> {
    let mut above = "";
    (0..upper.len().max(lower.len()))
        .map(|i| {
            let (top, bottom) = (text_at(upper, i), text_at(lower, i));
            if !top.is_empty() {
                above = top;
            }
            match (above, bottom) {
                (_, "") => top.to_owned(),
                ("", bottom) => bottom.to_owned(),
                (above, bottom) => format!("{above}{JOINT}{bottom}"),
            }
        })
        .collect()
}

fn text_at(row: &[String], index: usize) -> &str {
    row.get(index).map_or("", String::as_str)
}

/// The top of a sheet with these rows, for tests.
#[cfg(test)]
pub(super) fn top(rows: &[&[&str]]) -> Top<'static> {
    let mut grid = Grid::default();
    for (number, row) in (1..).zip(rows) {
        grid.push(number, row.iter().copied());
    }
    Top::of_grid("Sheet1", "导出.csv", &grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_below_titles_and_whatever_their_dress() {
        let top = top(&[
            &["甲村序时账"],
            &["期间:2024-01", "日期"],
            &["日 期", "借方金额（元）", "＊摘要", "贷方\n金额"],
            &["2024-01-01", "1", "日期", ""],
        ]);
        let known = |c: &str| ["日期", "借方金额", "摘要", "贷方金额"].contains(&c);
        let header = top.best(known).unwrap();
        assert_eq!((header.index, header.score), (2, 4));
        assert_eq!(top.titles(&header)[..2], ["甲村序时账", "期间:2024-01"]);
        assert_eq!(top.best(|_| false), None);
    }

    #[test]
    fn a_label_and_what_it_says_may_stand_in_two_cells() {
        let top = top(&[
            &["账号：", "", "6222 0000 1234", "户名", "甲公司"],
            &["日期", "金额"],
        ]);
        let header = top.best(|c| c == "日期" || c == "金额").unwrap();
        let titles = top.titles(&header);
        for title in ["账号:622200001234", "户名:甲公司"] {
            assert!(titles.contains(&title.to_owned()), "{titles:?}");
        }
    }

    #[test]
    fn endless_rows_and_cells_are_looked_at_as_far_as_headers_go() {
        let (long, many) = ("日".repeat(100_000), vec!["期"; WIDEST + 5]);
        let top = top(&[&[&long], &many]);
        assert_eq!(top.rows[0][0].chars().count(), LONGEST);
        assert_eq!(top.rows[1].len(), WIDEST);
    }

    #[test]
    fn a_header_in_two_rows_is_one() {
        let top = top(&[
            &["月", "日", "借方", "", "贷方", ""],
            &["", "", "原币", "本币", "原币", "本币"],
            &["1", "5", "2", "2", "", ""],
        ]);
        let known = |c: &str| ["月", "日", "借方|本币", "贷方|本币"].contains(&c);
        let header = top.best(known).unwrap();
        assert_eq!((header.index, header.score), (1, 4));
        assert_eq!(header.cells[2..4], ["借方|原币", "借方|本币"]);
        assert_eq!(header.printed.len(), 2);
    }
}
