//! Where an invented company's things lie, so that a map of it can be drawn: a ground for each company, premises in rows of twenty,
//! parcels north of them. Nothing here is drawn by chance: the same book has the same plan, and nothing else of it changes.

use super::book::Book;
use crate::model::money::format_scaled;

/// Ten-millionths of a degree a metre, eastward and northward, at the latitude of the plan.
const METRE: (i64, i64) = (104, 90);
const CORNER: (i64, i64) = (1_142_000_000, 302_000_000);
/// Grounds in a row, and how far apart they are in metres.
const GROUNDS: i64 = 10;
const APART: (i64, i64) = (1_800, 1_600);
const IN_ROW: i64 = 20;
const SHOP: i64 = 30;
/// Metres north of a ground's corner at which its parcels begin; each has a square of its own.
const LAND: i64 = 500;
const FIELD: i64 = 260;

/// A point of a company's ground, metres east and north of its corner, in degrees.
fn degrees(book: &Book, east: i64, north: i64) -> (String, String) {
    let index = i64::from(book.index);
    let east = east + index % GROUNDS * APART.0;
    let north = north + index / GROUNDS * APART.1;
    // As the hand-in folder is written: without needless zeros.
    let text = |corner: i64, metres: i64, unit: i64| {
        let text = format_scaled(corner + metres * unit, 7);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        text.to_owned()
    };
    (
        text(CORNER.0, east, METRE.0),
        text(CORNER.1, north, METRE.1),
    )
}

/// Longitude and latitude of the next premises.
pub fn premises(book: &mut Book) -> (String, String) {
    let place = i64::from(book.premises);
    book.premises += 1;
    degrees(book, place % IN_ROW * SHOP, place / IN_ROW * SHOP)
}

/// The next parcel, a square of its area in hundredths of a 亩, as GeoJSON.
pub fn parcel(book: &mut Book, area: i64) -> String {
    let place = i64::from(book.parcels);
    book.parcels += 1;
    // A 亩 is 2000/3 square metres.
    let side = (area.max(1) * 20 / 3).isqrt().max(1);
    let (west, south) = (place % 5 * FIELD, LAND + place / 5 * FIELD);
    let corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)];
    let points = corners.map(|(east, north)| {
        let (lon, lat) = degrees(book, west + east, south + north);
        format!("[{lon},{lat}]")
    });
    format!(
        r#"{{"type":"Polygon","coordinates":[[{}]]}}"#,
        points.join(",")
    )
}
