//! The header row and, for each column, the field of one kind of table that its header and its cells speak for.

use std::collections::HashMap;

use super::header::header;
use super::shape::Seen;
use super::vocabulary::{Need, Shape, Vocabulary, Word};
use super::{Column, Sure, Titled, same};
use crate::import::chart::Charts;
use crate::import::header::{Header, Top};
use crate::import::table::Sheet;

/// A sheet seen as a table of one kind.
pub struct Guess {
    pub header: Header,
    pub columns: Vec<Column>,
    pub titled: Vec<Titled>,
    /// What such a table needs and nothing was found for.
    pub lacking: Vec<Need>,
    /// How well it fits, to be compared with other kinds.
    pub score: i64,
}

/// What a missing need, and a name that speaks for the kind, weigh against columns of up to 191 each.
const LACKING: i64 = -120;
const NAMED: i64 = 60;

/// A field offered for a column.
struct Offer {
    score: u32,
    column: usize,
    field: usize,
    sure: Sure,
    why: &'static str,
}

/// Looks at a sheet as a table of the vocabulary's kind. `None`: no row looks like a header.
pub fn guess(
    sheet: &Sheet,
    top: &Top<'_>,
    vocabulary: &Vocabulary,
    charts: &Charts,
) -> Option<Guess> {
    let header = header(top, &vocabulary.field)?;
    let cells = numbered(&header.cells);
    let below = || sheet.grid.rows().skip(header.index + 1);
    let words = vocabulary.debit_words.iter();
    let sides: Vec<&String> = words.chain(&vocabulary.credit_words).collect();
    let seen: Vec<Seen> = (0..cells.len())
        .map(|column| Seen::of(below(), column, sheet.container, charts, &sides))
        .collect();
    let taken = best(offers(&cells, &seen, &vocabulary.field), vocabulary, &cells);
    let columns = cells.into_iter().zip(seen).zip(&taken);
    let columns = columns.map(|((header, seen), offer)| Column {
        header,
        samples: seen.samples,
        field: offer.as_ref().map(|offer| {
            let word = &vocabulary.field[offer.field];
            (word.name.clone(), word.title.clone(), offer.sure, offer.why)
        }),
    });
    let columns: Vec<Column> = columns.filter(|c| !c.header.is_empty()).collect();
    let titles = top.titles(&header);
    let titled = titled(vocabulary, &columns, &titles);
    let lacking = lacking(vocabulary, &columns, &titled);
    let sure = taken.iter().flatten().filter(|o| o.sure > Sure::Low);
    let named = |title: &String| vocabulary.names.iter().any(|n| title.contains(n.as_str()));
    let score = sure.map(|o| i64::from(o.score)).sum::<i64>()
        + LACKING * i64::try_from(lacking.len()).unwrap_or(i64::MAX / 200)
        + NAMED * i64::from(titles.iter().any(named));
    Some(Guess {
        header,
        columns,
        titled,
        lacking,
        score,
    })
}

/// Columns of one name are told apart as a profile does: `方向`, `方向#2`.
fn numbered(cells: &[String]) -> Vec<String> {
    let mut times: HashMap<&str, u32> = HashMap::new();
    cells
        .iter()
        .map(|cell| {
            let nth = times.entry(cell).or_default();
            *nth += 1;
            match (*nth, cell.is_empty()) {
                (1, _) | (_, true) => cell.clone(),
                (nth, false) => format!("{cell}#{nth}"),
            }
        })
        .collect()
}

fn offers(cells: &[String], seen: &[Seen], fields: &[Word]) -> Vec<Offer> {
    let mut offers = Vec::new();
    for (column, (cell, seen)) in cells.iter().zip(seen).enumerate() {
        for (field, word) in fields.iter().enumerate() {
            if let Some((score, sure, why)) = score(cell, seen, word) {
                offers.push(Offer {
                    score,
                    column,
                    field,
                    sure,
                    why,
                });
            }
        }
    }
    // The best offers first; of equal ones the column further left, the field named first.
    offers.sort_by_key(|o| (u32::MAX - o.score, o.column, o.field));
    offers
}

/// Of all offers one for each column, no field twice, nothing said in two ways.
fn best(offers: Vec<Offer>, vocabulary: &Vocabulary, cells: &[String]) -> Vec<Option<Offer>> {
    let mut taken: Vec<Option<Offer>> = cells.iter().map(|_| None).collect();
    let mut given: Vec<&str> = Vec::new();
    for offer in offers {
        let name = vocabulary.field[offer.field].name.as_str();
        let free = taken[offer.column].is_none() && !given.contains(&name);
        if free && !vocabulary.contradicts(name, &given) {
            given.push(name);
            let column = offer.column;
            taken[column] = Some(offer);
        }
    }
    taken
}

/// Fields that stand above the header or in the file's name, and in no column.
fn titled(vocabulary: &Vocabulary, columns: &[Column], titles: &[String]) -> Vec<Titled> {
    let in_column = |name: &str| columns.iter().any(|c| c.name() == Some(name));
    let absent = vocabulary
        .titles
        .iter()
        .filter(|(name, _)| !in_column(name));
    absent
        .filter_map(|(name, patterns)| {
            let found = patterns
                .iter()
                .find_map(|p| titles.iter().find_map(|title| p.find(title)))?;
            let word = vocabulary.field.iter().find(|w| w.name == *name);
            Some(Titled {
                field: name.clone(),
                title: word.map_or_else(|| name.clone(), |w| w.title.clone()),
                sample: found.to_owned(),
                patterns: patterns.iter().map(|p| p.text().to_owned()).collect(),
            })
        })
        .collect()
}

fn lacking(vocabulary: &Vocabulary, columns: &[Column], titled: &[Titled]) -> Vec<Need> {
    let there = |name: &String| {
        columns.iter().any(|c| c.name() == Some(name)) || titled.iter().any(|t| t.field == *name)
    };
    let met = |need: &&Need| need.any.iter().any(|fields| fields.iter().all(there));
    let needs = vocabulary.need.iter();
    needs.filter(|need| !met(need)).cloned().collect()
}

/// How much a column's header and cells speak for a field, out of 200. `None`: not at all, or the cells speak against it.
fn score(header: &str, seen: &Seen, field: &Word) -> Option<(u32, Sure, &'static str)> {
    let exact = field.headers.iter().position(|h| same(h, header));
    let fits = seen.fits(field.shape);
    let looks = fits.is_some_and(|share| share >= 70);
    // Columns that are empty speak by their header only.
    let against = fits.is_some_and(|share| share < 30);
    match (exact, likely(header, field)) {
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
        (None, Some(parts)) if !against => {
            let sure = if looks { Sure::Medium } else { Sure::Low };
            let why = if looks {
                "列名相近,内容相符"
            } else {
                "列名相近"
            };
            // The more parts, the more particular: 期末 and 借 say more than 借 alone.
            let parts = 10 * u32::try_from(parts).unwrap_or(1).min(3);
            Some((90 + parts + fits.unwrap_or(0) / 2, sure, why))
        }
        (None, None) if looks && telling(field, seen) => {
            Some((fits.unwrap_or(0) / 2, Sure::Low, "内容相符,列名不认识"))
        }
        _ => None,
    }
}

/// How many parts of the longest likely word a header holds, if it holds them all.
fn likely(header: &str, field: &Word) -> Option<usize> {
    let words = field.likely.iter();
    let held = words.filter(|w| w.split(' ').all(|part| header.contains(part)));
    held.map(|w| w.split(' ').count()).max()
}

/// Shapes that a field of that name cannot do without.
fn strict(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Date
            | Shape::Money
            | Shape::Code
            | Shape::Full
            | Shape::Account
            | Shape::Card
            | Shape::Side
            | Shape::Voucher
            | Shape::Number
    )
}

/// Cells that say by themselves what they are.
fn telling(field: &Word, seen: &Seen) -> bool {
    match field.shape {
        Shape::Date | Shape::Code | Shape::Side | Shape::Word | Shape::Voucher => true,
        Shape::Name | Shape::Full => true,
        Shape::Text => field.name == "summary" && seen.wordy(),
        _ => false,
    }
}
