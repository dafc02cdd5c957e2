//! The header row and, for each column, the field that its header and its cells speak for.

use super::shape::Seen;
use super::{Column, Shape, Sure, Synonyms, same};
use crate::import::chart::Charts;
use crate::import::header::{Top, normalise};
use crate::import::table::Sheet;

/// Columns that a header must have.
const NARROWEST: usize = 4;

/// Index of the header row and the columns. `None`: no row looks like a header.
pub fn guess(sheet: &Sheet, fields: &[Synonyms], charts: &Charts) -> Option<(usize, Vec<Column>)> {
    let (index, cells) = header(sheet, fields)?;
    let below = || sheet.grid.rows().skip(index + 1);
    let seen: Vec<Seen> = (0..cells.len())
        .map(|column| Seen::of(below(), column, sheet.container, charts))
        .collect();
    let mut offers: Vec<(u32, usize, usize, Sure, &'static str)> = Vec::new();
    for (column, (cell, seen)) in cells.iter().zip(&seen).enumerate() {
        for (field, synonyms) in fields.iter().enumerate() {
            if let Some((score, sure, why)) = score(cell, seen, synonyms) {
                offers.push((score, column, field, sure, why));
            }
        }
    }
    // The best offers first; of equal ones the column further left, the field named first.
    offers.sort_by_key(|(score, column, field, ..)| (u32::MAX - score, *column, *field));
    let mut taken: Vec<Option<(usize, Sure, &'static str)>> = vec![None; cells.len()];
    let mut given = vec![false; fields.len()];
    for (_, column, field, sure, why) in offers {
        if taken[column].is_none() && !given[field] && !contradicts(&fields[field], fields, &given)
        {
            taken[column] = Some((field, sure, why));
            given[field] = true;
        }
    }
    let columns = cells.into_iter().zip(seen).zip(taken);
    let columns = columns.map(|((header, seen), taken)| Column {
        header,
        samples: seen.samples,
        field: taken.map(|(field, sure, why)| {
            let synonyms = &fields[field];
            (synonyms.name.clone(), synonyms.title.clone(), sure, why)
        }),
    });
    let columns = columns.filter(|c| !c.header.is_empty()).collect();
    Some((index, columns))
}

/// Fields that say the same in another way: a voucher's number stands in one column, amounts stand in two columns or in
/// one with its side.
fn contradicts(field: &Synonyms, fields: &[Synonyms], given: &[bool]) -> bool {
    let others: &[&str] = match field.name.as_str() {
        "voucher" => &["number", "word"],
        "number" | "word" => &["voucher"],
        "debit" | "credit" => &["amount", "direction"],
        "amount" | "direction" => &["debit", "credit"],
        _ => &[],
    };
    let mut there = fields.iter().zip(given).filter(|(_, given)| **given);
    there.any(|(f, _)| others.contains(&f.name.as_str()))
}

/// The row with most headers that we know; failing that the first row of at least [`NARROWEST`] texts above rows that
/// hold numbers.
fn header(sheet: &Sheet, fields: &[Synonyms]) -> Option<(usize, Vec<String>)> {
    let top = Top::of(sheet);
    let words: Vec<String> = fields
        .iter()
        .flat_map(|f| &f.headers)
        .map(|h| normalise(h))
        .collect();
    let known = top.best(|cell| words.iter().any(|w| w == cell));
    let filled = |cells: &[String]| cells.iter().filter(|c| !c.is_empty()).count();
    if let Some(header) = known.filter(|h| h.score >= 3 && filled(&h.cells) >= NARROWEST) {
        return Some((header.index, header.cells));
    }
    let numeric = |text: &String| text.chars().any(|c| c.is_ascii_digit());
    let index = top.rows.iter().enumerate().position(|(i, row)| {
        let below = top.rows.get(i + 1);
        filled(row) >= NARROWEST
            && !row.iter().any(numeric)
            && below.is_some_and(|b| b.iter().any(numeric))
    })?;
    Some((index, top.rows[index].clone()))
}

/// How much a column's header and cells speak for a field, out of 200. `None`: not at all, or the cells speak against it.
fn score(header: &str, seen: &Seen, field: &Synonyms) -> Option<(u32, Sure, &'static str)> {
    let exact = field.headers.iter().position(|h| same(h, header));
    let likely = field.likely.iter().any(|w| header.contains(w.as_str()));
    let fits = seen.fits(field.shape);
    let looks = fits.is_some_and(|share| share >= 70);
    // Columns that are empty speak by their header only.
    let against = fits.is_some_and(|share| share < 30);
    match (exact, likely) {
        (Some(_), _) if against && strict(field.shape) => None,
        (Some(rank), _) => {
            let sure = if looks { Sure::High } else { Sure::Medium };
            let rank = u32::try_from(rank).unwrap_or(9).min(9);
            let why = if looks {
                "列名和内容都相符"
            } else {
                "列名相符"
            };
            Some((190 - rank + u32::from(looks), sure, why))
        }
        (None, true) if !against => {
            let sure = if looks { Sure::Medium } else { Sure::Low };
            let why = if looks {
                "列名相近,内容相符"
            } else {
                "列名相近"
            };
            Some((100 + fits.unwrap_or(0) / 2, sure, why))
        }
        (None, false) if looks && telling(field, seen) => {
            Some((fits.unwrap_or(0) / 2, Sure::Low, "内容相符,列名不认识"))
        }
        _ => None,
    }
}

/// Shapes that a field of that name cannot do without.
fn strict(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Date | Shape::Money | Shape::Code | Shape::Side | Shape::Voucher | Shape::Number
    )
}

/// Cells that say by themselves what they are.
fn telling(field: &Synonyms, seen: &Seen) -> bool {
    match field.shape {
        Shape::Date | Shape::Code | Shape::Side | Shape::Word | Shape::Voucher => true,
        Shape::Name => true,
        Shape::Text => field.name == "summary" && seen.wordy(),
        _ => false,
    }
}
